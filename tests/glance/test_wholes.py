"""Elements that may become one line, against the tree that the parser makes of the same tags."""

from __future__ import annotations

import random

import pytest

from monitor.extract.tree import parse
from monitor.glance.first_look import FirstLook
from monitor.glance.steps import READ
from monitor.glance.wholes import find_wholes
from tests.glance.pages import Look

_BLOCKS = "article article p p p blockquote pre div div div section table tr td li ul form main h2"
_OTHERS = "code q b a font html head body title span fieldset x-y hr meta script"
TAGS = [*_BLOCKS.split(), *_OTHERS.split()]
WHOLE = {"article", "blockquote", "code", "p", "pre", "q", "quote"}
LETTERS, LINE = 32, 4


def draw(chance: random.Random) -> str:
    """Return tags, matched by chance only, and words with numbers."""
    parts = [chance.choice(("", "<html><body>", "<head><meta a=b>", "<title>t</title>"))]
    for number in range(chance.randrange(2, 40)):
        parts.append(f"<p>w{number}w</p>" if chance.random() < 0.2 else f" w{number}w ")
        for _ in range(chance.randrange(3)):
            end = "/" if chance.random() < 0.4 else ""
            way = chance.choice(("", "", "", "/", " class=x", " class=x/", " a='/'"))
            parts.append(f"<{end}{chance.choice(TAGS)}{way}>")
    return f"{''.join(parts)} {'z' * 1_600}"  # with less all of it would be one line


def find_lines(first_look: FirstLook, source: str) -> dict[str, int] | None:
    """Return the line of each word, or None for an odd page; the page is left in memory."""
    if first_look._read(source.encode()) != READ:
        return None
    shown = first_look._page["shown"]
    letters = shown["letters"][: shown["length"]].tolist()
    text = "".join(chr(x) if x > LETTERS else "\n" if x == LINE else " " for x in letters)
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n")):
        for word in line.split():
            lines.setdefault(word, number)
    return lines


@pytest.mark.parametrize("seed", [1, 2])
def test_words_of_one_element_are_in_lines_that_belong_together(look: Look, seed: int) -> None:
    first_look = look.first_look
    chance = random.Random(seed)
    joined = 0
    for _ in range(4_000):
        source = draw(chance)
        lines = find_lines(first_look, source)
        parsed = parse(source)
        if lines is None or parsed is None:
            continue
        page = first_look._page
        find_wholes(first_look._memory[0]["known"], page)
        shown = page["shown"]
        wholes = shown["wholes"][: shown["whole_count"]].tolist()
        for element in parsed.root.iter(*WHOLE):
            if any(around.tag in WHOLE for around in element.iterancestors()):
                continue
            words = "".join(element.itertext()).split()
            its = sorted({lines[word] for word in words if word in lines})
            if len(its) > 1:
                joined += 1
                assert any(first <= its[0] and its[-1] <= last for first, last in wholes), source
    assert joined > 100  # else this could not fail
