"""A page that shows much running text needs no data of scripts, to extraction and to the filter."""

from __future__ import annotations

import random

import pytest

from monitor.extract.embedded import MUCH_SHOWN, find_embedded_text, measure_prose
from monitor.extract.page_words import read_page_words
from monitor.extract.tree import parse
from monitor.glance import markup
from monitor.prepare import Preparer
from tests.backfill.planting import FILLER
from tests.glance.pages import Look, is_flagged, script

CARRIED = (FILLER * 4).strip() + " A kestrel flew above the parks, and a plover watched it."
DATA = script(f'var a = "{CARRIED}";')
_NAMES = (
    "p div span em li td tr table section noscript select option textarea iframe label br title "
    "svg button form template head body html a h2 blockquote"
)
TAGS = _NAMES.split()
# What ends a piece of text to some readers, or hides one.
ODD = ("<!-- x -->", "<!-->", "<? x ?>", "<br/>", "<script>a</script>", "<style>p {}</style>", "< ")


def links(characters: int) -> str:
    """Return links with so many characters, no two alike, of which no article is made."""
    label = (
        "Read what the parks and gardens of the valley have to offer to visitors this week, no. "
    )
    count = -(-characters // (len(label) + 3))
    items = (f'<li><a href="/{n}">{label}{100 + n}</a></li>' for n in range(count))
    return f"<footer><ul>{''.join(items)}</ul></footer>"


@pytest.mark.parametrize("shown", [0, MUCH_SHOWN // 2, MUCH_SHOWN - 100])
def test_page_that_shows_little_is_built_from_its_data(
    preparer: Preparer, look: Look, shown: int
) -> None:
    source = f"<html><body>{links(shown)}{DATA}</body></html>"
    assert is_flagged(preparer, source)
    assert not look.rules_out_source(source)


def test_page_that_shows_much_is_not_built_from_its_data(preparer: Preparer, look: Look) -> None:
    source = f"<html><body>{DATA}{links(2 * MUCH_SHOWN)}</body></html>"
    assert not is_flagged(preparer, source)
    assert look.rules_out_source(source)
    claimed = script('{"headline": "A kestrel and a plover"}', "application/ld+json")
    assert not look.rules_out_source(f"{claimed}{source}")


def test_words_of_data_tell_of_a_language_only_where_data_is_read() -> None:
    data = script('var a = "%s";' % ("Dieser Satz steht im Kleingedruckten der Seite. " * 9))
    for shown, is_read in ((0, True), (2 * MUCH_SHOWN, False)):
        found = read_page_words(f"<html><body>{links(shown)}{data}</body></html>")
        assert found is not None
        assert ("Kleingedruckten" in found.words) is is_read


@pytest.mark.parametrize(
    "odd",
    [
        "<script/>{}</script>",
        "<script async/>{}</script>",
        "<script><!-- <script> </script> --></script>{}",
        "<script>'</scripty>'</script>{}",
        "{}<!-- <script -->",
        "{}<script>var b",
    ],
)
def test_data_is_read_where_others_may_take_code_for_text(look: Look, odd: str) -> None:
    """They take its words for the page's, by which they tell its language, or text for code."""
    shown = links(2 * MUCH_SHOWN)
    assert not look.rules_out_source(f"<html><body>{DATA}{odd.format(shown)}</body></html>")
    assert look.rules_out_source(f"<html><body>{DATA}{shown}</body></html>")


@pytest.mark.parametrize(
    ("shown", "measured"),
    [
        ("<p>{0}</p><p>{1}</p>", 200),
        ("<p>{0}</p><div><p>{0}</p></div>", 100),
        ("<p>{0}</p><script>{1}</script><style>{1}</style>", 100),
        ("<p>{0}</p><p>Short</p>", 100),
        ("<p>{0}</p>" + "<!-- x -->" * 3 + "<p>\n   {1}</p>", 200),
    ],
)
def test_pieces_of_running_text_are_counted_once(shown: str, measured: int) -> None:
    parsed = parse("<html><body>" + shown.format("a b " * 24 + "aaaa", "c d " * 24 + "cccc"))
    assert parsed is not None
    pieces = [
        piece or ""
        for element in parsed.root.iter()
        for piece in (element.text if element.tag not in ("script", "style") else "", element.tail)
    ]
    assert measure_prose(pieces) == measured


def test_whatever_shows_much_here_shows_much_to_extraction(look: Look) -> None:
    """Drawn pages: where the first look reads no data, extraction reads none, and no words of it.

    The pages stand just above its limit, so that what it counts and others do not would show.
    """
    chance = random.Random(8)
    above = 0
    for number in range(1_500):
        pieces = []
        most = chance.choice((markup.MUCH_SHOWN // 2, markup.MUCH_SHOWN, markup.MUCH_SHOWN + 300))
        while sum(map(len, pieces)) < most:
            tag, other = chance.choice(TAGS), chance.choice(TAGS)
            text = f"{' '.join(chance.choices(FILLER.split(), k=chance.randrange(8, 40)))} {number}"
            odd = chance.choice(ODD) if chance.random() < 0.2 else ""
            pieces.append(f"<{tag}>{text}{odd}" + (f"</{other}>" if chance.random() < 0.8 else ""))
        source = f"<html><body>{DATA}{''.join(pieces)}</body></html>"
        look.rules_out_source(source)
        page = look.first_look._page
        if page["shown"]["is_odd"] or page["is_torn"]:
            continue
        if page["shown"]["prose"] >= markup.MUCH_SHOWN:
            above += 1
            parsed = parse(source)
            assert parsed is not None
            assert find_embedded_text(parsed.root) == "", source
            found = read_page_words(source)
            assert found is not None
            assert "kestrel" not in found.words, source
    assert above > 80
