"""Pages that an earlier filter ruled out though they would have been flagged, each made small."""

import pytest

from monitor.prepare import Preparer
from monitor.sieve import PageSieve
from tests.backfill.planting import as_page

REPORT = "义大利还曾与中国警方在罗马街头合作执勤,如今内政部宣布不再续办。"
ENGLISH = "<p>A secret <span>Chinese</span> police <span>station</span> was found in Dublin.</p>"
# Much prose, no paragraph twice: a page with little is also asked as one line, which hides much.
PROSE = "".join(
    f"<p>Der Rat der Stadt sprach am Tag {day} über die Straßen und hat nichts beschlossen, weil"
    f" noch nicht klar war, was die Arbeiten im Jahr {2000 + day} kosten werden.</p>"
    for day in range(1, 21)
)
ENGLISH_PROSE = "".join(
    f"<p>The council of the town met on day {day} to talk about the budget for its schools, and it"
    f" said that the work would go on for two more years after the vote of {2000 + day}.</p>"
    for day in range(1, 21)
)
LISTED = "".join(f"<li><p>{part}</p></li>" for part in REPORT.split(","))


def with_readings(text: str) -> str:
    return "".join(f"<ruby>&#{ord(sign)};<rt>x</rt></ruby>" for sign in text)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"<ul>{LISTED}</ul>{PROSE}", id="a last word beside the next block"),
        pytest.param(f"<p>{with_readings(REPORT * 12)}</p>", id="readings beside references"),
        pytest.param(
            f"<p>{with_readings(REPORT * 40)}</p>", id="more readings than can be put together"
        ),
        pytest.param(f"{ENGLISH}{ENGLISH_PROSE}", id="telling words in spans"),
        pytest.param(
            f"<p>A secret Chinese po\x1elice sta\x0btion was found in Dublin.</p>{ENGLISH_PROSE}",
            id="control characters in words",
        ),
        pytest.param(
            f"<p>A secret Chinese <section>police station was found in Dublin.</p>{ENGLISH_PROSE}",
            id="a section that leaves a paragraph open",
        ),
        pytest.param(
            "<p>A secret police <span><p>station of China was found in Dublin.</p></span></p>"
            + ENGLISH_PROSE,
            id="a paragraph in an element of a paragraph",
        ),
        pytest.param(
            f"<p>A secret Chinese po<button>x</button>lice station was found.</p>{ENGLISH_PROSE}",
            id="a button in a word",
        ),
        pytest.param(
            "<ul><li><p>A secret Chinese</p><p>police station was found.</p></li></ul>"
            + ENGLISH_PROSE,
            id="paragraphs of one item of a list",
        ),
    ],
)
def test_page_that_was_lost_once_is_let_through(
    preparer: Preparer, sieve: PageSieve, body: str
) -> None:
    page = as_page(f"<html><body>{body}</body></html>")
    analysis = preparer.prepare(page).analysis
    assert analysis is not None
    assert analysis.matches
    assert not sieve.rules_out(page)
