"""Where things in a source end: compiled code that only looks.

Lower-case words given here stand for both cases.
"""

from __future__ import annotations

import numpy as np

from monitor.glance.compiled import (
    compiled,
    find_below,
    find_equal,
    find_first_bit,
    unchecked,
)
from monitor.glance.records import BLOCK, Bytes

_EQUALS, _LESS, _GREATER, _SLASH, _DASH = 61, 60, 62, 47, 45


def code(word: str) -> Bytes:
    """Return a lower-case word for `holds`."""
    return np.array(list(word.encode()), np.uint8)


COMMENT, COMMENT_END, ODD_COMMENT_END = code("<!--"), code("-->"), code("--!>")
CLOSES, CLOSES_TOO = code(">"), code("->")
TEXTAREA_END, IFRAME_END = code("</textarea"), code("</iframe")
SCRIPT, SCRIPT_END, STYLE_END, TITLE_END = (
    code("<script"),
    code("</script"),
    code("</style"),
    code("</title"),
)
CLAIMS, CONTENT, ESCAPED_LESS = code("ld+json"), code("content"), code("u003c")
CODE, COMMENTED, INNER = 0, 1, 2  # where one is in a script
DATA = code("data-preloaded")
HREF, TITLE, TARGET = code("href"), code("title"), code("target")
REL, LANG = code("rel"), code("lang")


@unchecked
def has_controls(source: Bytes) -> bool:
    """Say whether characters stand there that extraction deletes first."""
    at, end = 0, len(source)
    while at < end:
        is_white = find_equal(source, at, 9) | find_equal(source, at, 10)
        is_white |= find_equal(source, at, 13)
        found = (find_below(source, at, 32) & ~is_white) | find_equal(source, at, 127)
        if found and at + find_first_bit(found) < end:
            return True
        at += BLOCK
    return False


@compiled
def holds(source: Bytes, at: int, word: Bytes) -> bool:
    """Say whether a word, in either case, stands at a place."""
    if at + len(word) > len(source):
        return False
    for place in range(len(word)):
        number = int(source[at + place])
        if 65 <= number <= 90:
            number += 32
        if number != word[place]:
            return False
    return True


@unchecked
def find_either(source: Bytes, at: int, end: int, one: int, other: int) -> int:
    """Return where the first of two signs stands, or the end; a block is looked at in one step."""
    at, end = max(at, 0), min(end, len(source))
    if at >= end:
        return at
    while at < end:
        found = find_equal(source, at, one) | find_equal(source, at, other)
        if found:
            return min(at + find_first_bit(found), end)
        at += BLOCK
    return end


@compiled
def find(source: Bytes, at: int, number: int) -> int:
    """Return where a character stands first, or the end of all."""
    return find_either(source, at, len(source), number, number)


@compiled
def skip_comment(source: Bytes, at: int) -> int:
    """Return where a comment ends of which the text begins at a place."""
    if holds(source, at, CLOSES):
        return at + 1
    if holds(source, at, CLOSES_TOO):
        return at + 2
    while True:
        at = find(source, at, _DASH)
        if at >= len(source):
            return at
        if holds(source, at, COMMENT_END):
            return at + 3
        if holds(source, at, ODD_COMMENT_END):
            return at + 4
        at += 1


@compiled
def holds_tag(source: Bytes, at: int, tag: Bytes) -> bool:
    """Say whether a tag stands at a place: the name given with `<`, and nothing more of a name."""
    end = at + len(tag)
    if end >= len(source) or not holds(source, at, tag):
        return False
    after: int = source[end]
    return after <= 32 or after in (_SLASH, _GREATER)


@compiled
def find_end_tag(source: Bytes, at: int, tag: Bytes) -> int:
    """Return where the end tag of a style or a title begins, or the end of all."""
    at = find(source, at, _LESS)
    while at < len(source) and not holds_tag(source, at, tag):
        at = find(source, at + 1, _LESS)
    return at


@compiled
def find_end_of_script(source: Bytes, at: int) -> int:
    """Return where the end tag of a script begins, or the end of all.

    In a comment of a script, scripts have end tags of their own.
    """
    end, state = len(source), CODE
    while True:
        at = find_either(source, at, end, _LESS, _LESS if state == CODE else _DASH)
        if at >= end:
            return at
        if source[at] == _DASH:
            if holds(source, at, COMMENT_END):
                state = CODE
        elif holds_tag(source, at, SCRIPT_END):
            if state != INNER:
                return at
            state = COMMENTED
        elif state == COMMENTED and holds_tag(source, at, SCRIPT):
            state = INNER
        elif state == CODE and holds(source, at, COMMENT):
            state = COMMENTED
            at += 1  # its dashes may be those of its end
        at += 1


@compiled
def holds_end_of_script(source: Bytes, at: int, end: int) -> bool:
    """Say whether a script holds what other readers may take for its end."""
    at = find_either(source, at, end, _LESS, _LESS)
    while at < end:
        if holds(source, at, SCRIPT_END):
            return True
        at = find_either(source, at + 1, end, _LESS, _LESS)
    return False


@unchecked
def skip_space(source: Bytes, at: int) -> int:
    """Return where something else than white space stands."""
    at = max(at, 0)
    while at < len(source) and source[at] <= 32:
        at += 1
    return at


@unchecked
def skip_attributes(source: Bytes, at: int) -> tuple[int, bool]:
    """Return where a tag ends that goes on at a place; say whether extraction may read it.

    It reads the text of one attribute only, like a script.
    """
    has_data = False
    while True:
        at, name_start, name_end, _, _ = read_attribute(source, at)
        if name_start < 0:
            return at, has_data
        if name_end - name_start == len(DATA):
            has_data |= holds(source, name_start, DATA)


@unchecked
def read_attribute(source: Bytes, at: int) -> tuple[int, int, int, int, int]:
    """Return where an attribute ends, and the borders of its name and of its value.

    The name begins at -1 where the tag has ended.
    """
    at, end = max(at, 0), len(source)
    while at < end and (source[at] <= 32 or source[at] == _SLASH):
        at += 1
    if at >= end or source[at] == _GREATER:
        return min(at + 1, end), -1, -1, -1, -1
    name_start = at
    at += 1
    while at < end and not (source[at] <= 32 or source[at] in (_SLASH, _GREATER, _EQUALS)):
        at += 1
    name_end = at
    after = skip_space(source, at)
    if after >= end or source[after] != _EQUALS:
        return at, name_start, name_end, at, at
    at = skip_space(source, after + 1)
    if at < end and source[at] in (34, 39):
        quote = source[at]
        value_start = at + 1
        at = find_either(source, value_start, end, quote, quote)
        return min(at + 1, end), name_start, name_end, value_start, at
    value_start = at
    while at < end and source[at] > 32 and source[at] != _GREATER:
        at += 1
    return at, name_start, name_end, value_start, at
