"""Pages of random tags: what extraction and matching make a match of is never ruled out."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest

from monitor.prepare import Preparer
from tests.glance.pages import PROSE, Look, frame, is_flagged, script

PAIRS = (
    ("kestrel", "plover"),
    ("ibis zwam", "stork"),
    ("quiet harbour", " master"),
    ("otter zwam", " zwem badger"),
    ("otter a b", " c badger"),
    ("lantern a ", " keeper"),
    ("heron", "egret"),
    ("gannet", "puffin"),
    ("salt", "marsh"),
    ("feuer", "schiff"),
    ("海", "燕"),
)
IN_TWO = ("salt", "feuer", "海")  # beginnings of words
_BLOCKS = (
    "p div ul ol li h1 h2 h3 section article table tr td th tbody thead caption blockquote pre dl"
    " dt dd hr br figure figcaption aside nav form fieldset main header footer select option label"
    " button center details summary"
)
_INLINE = "a b i em strong u span wbr small mark x-y sup abbr font code time svg video img math q s"
BLOCKS, INLINE = _BLOCKS.split(), _INLINE.split()
ATTRIBUTES = ("class=x", "hidden", "class=share", "style=display:none", "id=ad", 'title="a>b"')
TEXTS = ("zwam", " zwam ", "zwem zwim ", "x", " ", "\n", "&nbsp;", "&shy;", "&lt;", "<", "&amp;")
WHOLE = ("<!-- x -->", "<script>a</script>", "<style>b</style>", "<hr/>", "<br><br>")


def draw_junk(chance: random.Random, most: int) -> str:
    """Return tags, matched by chance only, and a little text."""
    return "".join(_draw_one(chance) for _ in range(chance.randrange(most)))


def _draw_one(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.7:
        name = chance.choice(BLOCKS if kind < 0.45 else INLINE)
        tag = f"<{'/' * chance.randrange(2)}{name}>"
        return tag if chance.random() < 0.8 else _write(name, chance)
    return chance.choice(TEXTS if kind < 0.93 else WHOLE)


def _write(name: str, chance: random.Random) -> str:
    text = chance.choice(("", " ", "zwam"))
    return f"<{name} {chance.choice(ATTRIBUTES)}>{text}</{name}>"


def draw_page(chance: random.Random) -> str:
    one, other = chance.choice(PAIRS)
    between = draw_junk(chance, 6)
    body = f"{draw_junk(chance, 4)}{one}{between}{other}{draw_junk(chance, 3)}"
    if chance.random() < 0.2:
        return f"<html><body>{body}{PROSE}</body></html>"
    return frame(body)


def draw_data(chance: random.Random) -> str:
    """Return a page whose article is in its data."""
    one, other = chance.choice(PAIRS)
    inside = ("<b>", "</b>", "<i></i>", "&shy;", "\u200b", "<!-- x -->", "\u00ad", "&#8203;")
    if one not in IN_TWO:
        inside = (*inside, " ", "<p>", "</p><p>", "\n", "<br>", "&nbsp;", " zwam ", ". Zwam ", '"')
    text = f"Zwam {one}{''.join(chance.choices(inside, k=chance.randrange(5)))}{other} zwem."
    body = f"Zarnu koplet vendrim oskapu.{' Oluma nalvi dorumek falint.' * 8} {text}"
    data = json.dumps(
        {"@type": "NewsArticle", "articleBody": body}, ensure_ascii=chance.random() < 0.5
    )
    for way in ("<\\u003c", ">\\u003e", "&\\u0026"):
        if chance.random() < 0.3:
            data = data.replace(way[0], way[1:])
    return f"<html><head><title>x</title>{script(data, 'application/ld+json')}</head></html>"


@pytest.mark.parametrize("draw", [draw_page, draw_data], ids=["tags", "data"])
def test_page_that_is_flagged_is_not_ruled_out(
    look: Look, preparer: Preparer, draw: Callable[[random.Random], str]
) -> None:
    chance = random.Random(11)
    ruled_out = flagged = 0
    for number in range(1_000):
        source = draw(chance)
        if look.rules_out_source(source):
            ruled_out += 1
            assert not is_flagged(preparer, source), source.replace(PROSE, "")
        elif number < 200:
            flagged += is_flagged(preparer, source)
    # Without these the test could not fail.
    assert flagged > 20
    assert ruled_out > 20
