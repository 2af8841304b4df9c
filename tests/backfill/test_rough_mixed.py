"""Text beside blocks, items of lists, articles and quotations as one line (FAULTS G)."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import count

import pytest

from monitor.extract import extract_article
from monitor.extract.blocks import read_blocks
from monitor.extract.main_text import run_trafilatura
from monitor.extract.rough import read_rough
from monitor.extract.rough_last import read_last_lines
from monitor.extract.rough_lines import as_line, plain
from monitor.extract.rough_mixed import cut_at_blocks, find_mixed
from monitor.extract.tree import parse
from monitor.prepare import Preparer
from monitor.sieve import PageSieve
from tests.backfill.planting import FILLER, as_page

PROSE = f"<div>{'<p>' + FILLER * 3 + '</p>'}</div>" * 8


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<div>one <div>two</div></div>", ["one two"], id="text, then a box"),
        pytest.param("<div><p>one</p> two</div>", ["one two"], id="text behind a paragraph"),
        pytest.param("<div>one<div><p>two</p></div></div>", ["one two"], id="boxes in boxes"),
        pytest.param(
            "<div>one<div>two</div><div>three</div></div>", ["one two three"], id="a box leads"
        ),
        pytest.param("<li><h3>one</h3><p>two</p></li>", ["one two"], id="an item of a list"),
        pytest.param(
            "<blockquote><p>one</p><p>two</p></blockquote>", ["one two"], id="a quotation"
        ),
        pytest.param("<div>one<div> <br></div>two</div>", ["one two"], id="an empty box"),
        pytest.param(
            "<figcaption>one</figcaption><div>two</div>", ["one two"], id="a caption, then a box"
        ),
        pytest.param("<p>one</p><p>two</p>", [], id="paragraphs"),
        pytest.param("<div><b>one</b></div><div>two</div>", [], id="boxes side by side"),
        pytest.param("<ul><li>one</li><li>two</li></ul>", [], id="items of a list"),
        pytest.param(
            "<div>one<ul><li>two</li><li>three</li></ul></div>", ["one two"], id="a list in a box"
        ),
        pytest.param("<h2>one</h2><div><p>two</p></div>", [], id="a heading"),
    ],
)
def test_what_touches_a_block_is_joined_and_nothing_else(html: str, expected: list[str]) -> None:
    pieces = cut_at_blocks(html)
    assert pieces is not None
    lines = [as_line(" ".join(chain)) for chain in find_mixed(pieces)]
    assert [" ".join(plain([line]).split()) for line in lines] == expected


@pytest.mark.parametrize(
    "attribute",
    [
        'title="<div>"',
        'title="a > b"',
        'title="x <p"',
        "title='\">'",
        '"=""',
        'data-x="</div><div>"',
    ],
)
def test_tag_in_an_attribute_hides_nothing_and_breaks_nothing(attribute: str) -> None:
    rough = read_rough(f"<body><div>one <a {attribute}>two</a> <div>three</div></div></body>")
    assert rough is not None
    lines = rough.read_mixed_lines()
    assert len(plain(lines).split("\n")) == len(lines)
    assert any(" ".join(line.split()) == "one two three" for line in plain(lines).split("\n"))


SPLIT = (
    "The government of the city said on Monday that a secret Chinese police",
    "station in Dublin has to close by the end of the month, and people cheered.",
)


@pytest.mark.parametrize(
    "shape",
    [
        "<div>{} <div>{}</div></div>",
        "<div>{} <section>{}</section></div>",
        "<blockquote>{} <div>{}</div></blockquote>",
    ],
)
def test_sentence_across_the_border_of_a_box_is_let_through(
    preparer: Preparer, sieve: PageSieve, shape: str
) -> None:
    page = as_page(f"<html><title>News</title><body>{shape.format(*SPLIT)}{PROSE}</body></html>")
    analysis = preparer.prepare(page).analysis
    assert analysis is not None
    assert analysis.matches
    assert not sieve.rules_out(page)


def test_sentence_across_paragraphs_is_ruled_out(preparer: Preparer, sieve: PageSieve) -> None:
    """Without this the test above could not fail."""
    inside = "".join(f"<p>{part}</p>" for part in SPLIT)
    page = as_page(f"<html><title>News</title><body>{inside}{PROSE}</body></html>")
    analysis = preparer.prepare(page).analysis
    assert analysis is not None
    assert not analysis.matches
    assert sieve.rules_out(page)


def test_short_article_in_one_line_is_let_through(preparer: Preparer, sieve: PageSieve) -> None:
    """trafilatura finds next to nothing here, and takes the whole article as one paragraph."""
    inside = " ".join(f"<section>{part}</section>" for part in SPLIT)
    page = as_page(f"<html><title>News</title><body><article>{inside}</article></body></html>")
    analysis = preparer.prepare(page).analysis
    assert analysis is not None
    assert analysis.matches
    assert not sieve.rules_out(page)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param(
            "<article><h1>one</h1><p>two</p><aside>three</aside></article>four",
            {"one two"},
            id="an article",
        ),
        pytest.param(
            "<article>one<article>two</article></article><p>three</p>", {"one two"}, id="nested"
        ),
        pytest.param(
            "<blockquote><p>one</p><p>two</p></blockquote>", {"one two"}, id="a quotation"
        ),
        pytest.param(
            '<article>one<div class="comments-area">two</div></article>',
            {"one two", "one"},
            id="comments, which stay in a forum",
        ),
        pytest.param("<p>one <b>two</b></p><div>three</div>", set(), id="plain paragraphs"),
    ],
)
def test_last_resort_makes_lines_of_articles(html: str, expected: set[str]) -> None:
    assert set(read_last_lines(f"<html><body>{html}</body></html>")) == expected


_TAGS = "div div div p p ul section article blockquote figure figcaption header h2 table"
BLOCKS = tuple(_TAGS.split())
INLINE = ("a", "b", "i", "span", "em")
WORD = re.compile(r"w\d+z")


def make_inline(chance: random.Random, number: Iterator[int]) -> str:
    words = " ".join(f"w{next(number)}z" for _ in range(chance.randrange(1, 5)))
    tag = chance.choice([*INLINE, "", "", ""])
    return f"<{tag}>{words}</{tag}> " if tag else words + chance.choice(["", " ", ". "])


def make_tree(chance: random.Random, deepest: int, number: Iterator[int]) -> str:
    """Return HTML in which text and blocks stand side by side; every word is another."""
    pieces = []
    for _ in range(chance.randrange(1, 4)):
        tag = chance.choice(BLOCKS)
        if not deepest or chance.random() < 0.45:
            pieces.append(make_inline(chance, number))
        elif tag == "ul":
            items = [make_tree(chance, deepest - 1, number) for _ in range(chance.randrange(1, 3))]
            pieces.append("<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>")
        elif tag == "table":
            cells = [make_tree(chance, deepest - 1, number) for _ in range(2)]
            pieces.append("<table><tr>" + "".join(f"<td>{x}</td>" for x in cells) + "</tr></table>")
        elif tag in ("p", "h2"):
            pieces.append(f"<{tag}>{make_inline(chance, number)}</{tag}>")
        else:
            pieces.append(f"<{tag}>{make_tree(chance, deepest - 1, number)}</{tag}>")
    return "".join(pieces)


def find_apart(html: str) -> list[str]:
    """Return the lines that extraction makes of a page and that no line of the filter holds."""
    rough = read_rough(html)
    parsed = parse(html)
    assert rough is not None
    assert parsed is not None
    known = [
        set(WORD.findall(line)) for line in [*rough.read_shown_lines(), *rough.read_mixed_lines()]
    ]
    made = [block.text for block in read_blocks(parsed.root)]
    article = extract_article(as_page(html)).article
    made += article.text.split("\n") if article is not None else []
    made += run_trafilatura(parsed.root, quick=True)
    return [
        line
        for line in made
        if len(line) > 3 and not any(set(WORD.findall(line)) <= each for each in known)
    ]


@pytest.mark.parametrize("seed", range(24))
def test_line_that_extraction_makes_is_a_line_of_the_filter(seed: int) -> None:
    chance = random.Random(seed)
    inside = make_tree(chance, chance.randrange(1, 4), count())
    assert not find_apart(f"<html><body>{inside}{PROSE}</body></html>")
