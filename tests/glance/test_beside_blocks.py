"""Text beside blocks, items of lists, articles and quotations as one line (FAULTS G).

Pages that an earlier filter took for several lines where extraction makes one of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import count

import pytest

from monitor.prepare import Preparer
from tests.glance.pages import PROSE, Look, frame, is_flagged

SPLIT = (
    "The keeper of the island said on Monday that she had seen a kestrel",
    "above the plover on its nest by the end of the month, and people cheered.",
)


def page(inside: str, *, prose: str = PROSE) -> str:
    return f"<html><title>News</title><body>{inside}{prose}</body></html>"


JOINED = (
    "<div>{} <div>{}</div></div>",
    "<div><p>{}</p> {}</div>",
    "<div>{}<div><p>{}</p></div></div>",
    "<div>{}<div>{}</div><div>three</div></div>",
    "<ul><li><h3>{}</h3><p>{}</p></li></ul>",
    "<blockquote><p>{}</p><p>{}</p></blockquote>",
    "<div>{}<div> <br></div>{}</div>",
    "<figcaption>{}</figcaption><div>{}</div>",
    "<div>{}<ul><li>{}</li><li>three</li></ul></div>",
    "<div>{} <section>{}</section></div>",
    "<blockquote>{} <div>{}</div></blockquote>",
    '<div>{} <a title="<div>">one</a> <div>{}</div></div>',
    '<div>{} <a title="a > b">one</a> <div>{}</div></div>',
    '<div>{} <a title="x <p">one</a> <div>{}</div></div>',
    "<div>{} <a title='\">'>one</a> <div>{}</div></div>",
    '<div>{} <a "="">one</a> <div>{}</div></div>',
    '<div>{} <a data-x="</div><div>">one</a> <div>{}</div></div>',
    "<div>{} <b>harbour</b> {}<p>elsewhere</p></div>",
    "<p>{}<p>elsewhere</p> {}",
    "<div>{} <figure>a boat</figure> {}</div>",
    "<table><tr><td><p>{}</p></td><td>{}</td></tr></table>",
    "<custom-part>{} <span>old</span> {}</custom-part>",
    "<p>{}</p><!-- x --> {}",
    "<b><p>{}</p></b> {}",
    "<div><p>{}</p><ul><li>x</li></ul> {}</div>",
    '<p>{} <a href="/x" "="">the old</a> {}</p>',
    "<p>" + "<i>" * 500 + "{} {}",
)


def pages_of(shape: str) -> list[str]:
    """Return pages on which a sentence is split over a shape: extraction joins it on some."""
    body = shape.format(*SPLIT)
    return [page(body), frame(body), page(body, prose=""), frame(f"<div>{body}</div>")]


@pytest.mark.parametrize("shape", JOINED)
def test_sentence_that_extraction_puts_together_is_let_through(
    preparer: Preparer, look: Look, shape: str
) -> None:
    for source in pages_of(shape):
        assert not (look.rules_out_source(source) and is_flagged(preparer, source))


def test_many_sentences_of_the_test_above_are_put_together(preparer: Preparer) -> None:
    """Without this it could not fail."""
    found = [any(is_flagged(preparer, each) for each in pages_of(shape)) for shape in JOINED]
    assert sum(found) >= len(found) / 2


@pytest.mark.parametrize(
    "shape",
    [
        "<p>{}</p><p>{}</p>",
        "<div><b>{}</b></div><div>{}</div>",
        "<ul><li>{}</li><li>{}</li></ul>",
        "<h2>{}</h2><div><p>{}</p></div>",
    ],
)
def test_sentence_across_paragraphs_is_ruled_out(
    preparer: Preparer, look: Look, shape: str
) -> None:
    """Without this the test above could not fail."""
    source = page(shape.format(*SPLIT))
    assert not is_flagged(preparer, source)
    assert look.rules_out_source(source)


@pytest.mark.parametrize(
    "shape",
    [
        "<article><section>{}</section> <section>{}</section></article>",
        "<article><h1>{}</h1><p>{}</p><aside>three</aside></article>four",
        "<article>{}<article>{}</article></article><p>three</p>",
        "<blockquote><p>{}</p><p>{}</p></blockquote>",
        '<article>{}<div class="comments-area">{}</div></article>',
    ],
)
def test_short_article_in_one_line_is_let_through(
    preparer: Preparer, look: Look, shape: str
) -> None:
    """trafilatura finds next to nothing here, and takes the whole article as one paragraph."""
    source = page(shape.format(*SPLIT), prose="")
    assert not look.rules_out_source(source)


_TAGS = "div div div p p ul section article blockquote figure figcaption header h2 table"
BLOCKS = tuple(_TAGS.split())
INLINE = ("a", "b", "i", "span", "em")


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


def put_pair(html: str, chance: random.Random) -> str:
    """Return a page with two words in place of two that stand within a few of each other."""
    number = html.count("z") - 1
    one = chance.randrange(max(1, number))
    other = min(number, one + chance.randrange(1, 5))
    return html.replace(f"w{one}z", "kestrel").replace(f"w{other}z", "plover")


def test_page_of_random_blocks_that_is_flagged_is_let_through(
    preparer: Preparer, look: Look
) -> None:
    flagged = ruled_out = 0
    for seed in range(400):
        chance = random.Random(seed)
        inside = put_pair(make_tree(chance, chance.randrange(1, 4), count()), chance)
        source = page(inside)
        if look.rules_out_source(source):
            ruled_out += 1
            assert not is_flagged(preparer, source), inside
        elif seed < 100:
            flagged += is_flagged(preparer, source)
    # Without these the test could not fail.
    assert flagged > 20
    assert ruled_out > 20
