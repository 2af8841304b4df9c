"""A page that is cut down to some words keeps every line in which one of them stands (FAULTS G)."""

import random
from itertools import islice
from pathlib import Path

import pytest

from monitor.extract.decode import decode
from monitor.extract.rough import Rough, read_rough
from monitor.extract.rough_lines import CannotTell, plain, spaced
from tests.extract.real_pages import read_fundus


def read(html: str) -> Rough:
    rough = read_rough(f"<html><body>{html}</body></html>")
    assert rough is not None
    rough.read_words()
    return rough


def as_text(lines: list[str]) -> set[str]:
    return {" ".join(line.split()) for way in (plain, spaced) for line in way(lines).split("\n")}


@pytest.mark.parametrize(
    ("html", "line"),
    [
        ("<div>a <b>harbour</b> wall<p>elsewhere</p></div>", "a harbour wall"),
        ("<p>the old<p>elsewhere</p> harbour", "elsewhere harbour"),
        ("<div>the <figure>a boat</figure> harbour</div>", "the harbour"),
        ("<table><tr><td><p>tides</p></td><td>harbour</td></tr></table>", "tides harbour"),
        ("<custom-part>the <span>old</span> harbour</custom-part>", "the old harbour"),
        ("<p>old</p><!-- x --> harbour", "old harbour"),
        ("<b><p>old</p></b> harbour", "old harbour"),
        ("<div><p>old</p><ul><li>x</li></ul> harbour</div>", "old harbour"),
        ("<ul><li>old<hr>harbour</ul>", "harbour"),
    ],
)
def test_line_with_a_word_is_kept_whole(html: str, line: str) -> None:
    rough = read(html)
    assert line in as_text(rough.read_shown_lines())
    kept = rough.read_lines_of(frozenset({"harbour"}))
    assert kept is not None
    assert line in as_text(kept)


def test_blocks_without_a_word_are_left_out() -> None:
    rough = read("<nav><ul><li>fish</li></ul></nav><p>the harbour</p><p>the lighthouse</p>")
    assert as_text(rough.read_lines_of(frozenset({"harbour"})) or []) <= {"", "the harbour"}


def test_word_across_a_dropped_element_cannot_be_cut_to() -> None:
    rough = read("<p>har<button>share</button>bour</p>")
    hidden = frozenset(word for word in rough.read_words() if word.startswith("har\x02bour"))
    assert hidden
    assert rough.read_lines_of(hidden) is None


def test_page_nested_without_end_cannot_be_told() -> None:
    rough = read("<i>" * 500 + "harbour")
    with pytest.raises(CannotTell):
        rough.read_lines_of(frozenset({"harbour"}))


def test_attribute_with_a_quotation_mark_in_its_name_hides_nothing() -> None:
    rough = read('<p><a href="/x" "="">the old</a> harbour</p>')
    assert "the old harbour" in as_text(rough.read_shown_lines())


@pytest.mark.shared
def test_real_page_keeps_every_line_with_a_word(shared: Path) -> None:
    chance = random.Random(5)
    looked_at = 0
    for page in islice(read_fundus(shared), 0, None, 6):
        rough = read_rough(decode(page.body).text)
        if rough is None:
            continue
        words = sorted(word for word in rough.read_words() if word.isalpha() and len(word) < 30)
        chosen = frozenset(chance.sample(words, min(2, len(words))))
        kept = rough.read_lines_of(chosen)
        if kept is None:
            continue
        whole = "\n".join(as_text(kept))
        for line in as_text(rough.read_shown_lines()):
            if not chosen.isdisjoint(line.split()):
                looked_at += 1
                assert line in whole
    assert looked_at > 100
