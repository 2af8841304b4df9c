"""Pages that an earlier filter ruled out though they would have been flagged, each made small."""

import pytest

from monitor.prepare import Preparer
from monitor.sieve import PageSieve
from tests.backfill.planting import as_page

REPORT = "义大利还曾与中国警方在罗马街头合作执勤,如今内政部宣布不再续办。"
ENGLISH = "Ireland ordered China to close an overseas police station in Dublin."
FILLER = "<p>Der Rat der Stadt sprach über die Straßen und hat nichts beschlossen.</p>"
LISTED = "".join(f"<li><p>{part}</p></li>" for part in REPORT.split(","))


def with_readings(text: str) -> str:
    return "".join(f"<ruby>&#{ord(sign)};<rt>x</rt></ruby>" for sign in text)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"<ul>{LISTED}</ul>{FILLER * 4}", id="a last word beside the next block"),
        pytest.param(f"<p>{with_readings(REPORT * 12)}</p>", id="readings beside references"),
        pytest.param(
            f"<p>{with_readings(REPORT * 40)}</p>", id="more readings than can be put together"
        ),
        pytest.param(
            "<p>" + ENGLISH.replace("police", "<span>police</span>") + "</p>" + FILLER * 9,
            id="a word in a span",
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
