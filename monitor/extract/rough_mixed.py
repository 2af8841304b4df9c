"""Text that stands beside blocks in one element: extraction may write all of that as one line.

    <div>Police <div>of China</div> in Rome</div>  →  Police of China in Rome

trafilatura writes an element that begins with text as one paragraph, boxes inside of it and all,
and its balanced mode does so wherever text touches a box.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum

_WORDS = (
    "p div ul ol li dl dt dd h1 h2 h3 h4 h5 h6 table caption thead tbody tfoot tr section "
    "article aside header footer nav main figure figcaption blockquote pre form fieldset hr "
    "body html head title option select menu dialog details summary center"
)
BLOCKS = tuple(_WORDS.split())
"""Elements that always begin a line of their own; all others, unknown ones too, may not."""
BLOCK_NAMES = frozenset(BLOCKS)
# Elements within which trafilatura writes no line ends of its own.
_BOXES = (
    "div article section aside header footer nav main figure figcaption form fieldset body html "
    "details summary center dialog"
)
_SOFT = frozenset({*_BOXES.split(), "blockquote"})
UNKNOWN = _SOFT - {"div", "section", "body", "html", "blockquote"}
"""Boxes whose text readability makes no paragraph of."""
ITEMS = frozenset({"li", "dt", "dd", "blockquote"})
_LISTED = frozenset({"ul", "ol", "dl", "li", "dt", "dd"})
_BORDER = re.compile(rf"<(/?)({'|'.join(BLOCKS)})(?: [^\s=\">]+=\"[^\"]*\")*+>")
_COMMENT = re.compile("<!--.*?-->", re.DOTALL)
_EMPTY = re.compile(r"(?:\s|<[^<>\"]*(?:\"[^\"]*\"[^<>\"]*)*>)*+")


def cut_at_blocks(html: str) -> list[str] | None:
    """Return a serialized page cut at the tags of blocks: text, `/` if it ends, name, text, ...

    None where an attribute holds a `<` or `>`, which is written as such: a tag may hide in it.
    """
    pieces = _BORDER.split(_COMMENT.sub("", html) if "<!--" in html else html)
    if any(text.count("<") != text.count(">") for text in pieces[::3]):
        return None
    return pieces


def find_mixed(pieces: list[str]) -> Iterator[list[str]]:
    """Yield what may become one line because text stands beside a block, in pieces of HTML."""
    chain: list[str] = []
    walk = _Walk()
    for place in range(0, len(pieces), 3):
        text = pieces[place]
        if text and text not in {" ", "\n"} and not _EMPTY.fullmatch(text):
            if chain and not walk.is_joined():
                if len(chain) > 1:
                    yield chain
                chain = []
            chain.append(text)
            walk.note_text()
        if place + 2 < len(pieces):
            walk.step(pieces[place + 2], is_end=bool(pieces[place + 1]))
    if len(chain) > 1:
        yield chain


class _Joins(IntEnum):
    """Which borders inside of an element may vanish."""

    NONE = 0
    SOFT = 1  # those of boxes: text stands at its beginning
    ITEM = 2  # all but those of lists: an item of a list, or a quotation, is one line


class _Walk:
    """Where a pass over the borders of a page stands, and the borders since the last text."""

    def __init__(self) -> None:
        self._open = [_Joins.NONE]
        self._since: list[tuple[str, bool]] = []  # the names of borders, and whether they end
        self._lowest = 1  # how many elements that were open at the last text still are

    def step(self, name: str, *, is_end: bool) -> None:
        """Pass a border; a box with nothing in it leaves none."""
        if name == "hr":
            return
        if not is_end:
            self._since.append((name, False))
            self._open.append(_joins_in(name, self._open[-1]))
        elif len(self._open) > 1:
            self._open.pop()
            if self._since and not self._since[-1][1]:
                self._since.pop()
            else:
                self._since.append((name, True))
                self._lowest = len(self._open)

    def note_text(self) -> None:
        """Note that text stands here: the borders that follow are looked at by themselves."""
        if self._since and self._open[-1] is _Joins.NONE:
            name, is_end = self._since[-1]
            if not is_end and name in _SOFT:
                self._open[-1] = _Joins.SOFT
        self._since = []
        self._lowest = len(self._open)

    def is_joined(self) -> bool:
        """Say whether the text before the last borders may be in one line with what follows."""
        if not self._since or not self._since[0][1] or self._since[-1][1]:
            return True  # text touches a box from outside
        around = self._open[self._lowest - 1]
        names = {name for name, _ in self._since}
        is_loose = self._since[0][0] in UNKNOWN or self._since[-1][0] in UNKNOWN
        if (around is _Joins.SOFT or is_loose) and names <= _SOFT:
            return True
        return around is _Joins.ITEM and names.isdisjoint(_LISTED)


def _joins_in(name: str, around: _Joins) -> _Joins:
    if name in ITEMS:
        return _Joins.ITEM
    if around is _Joins.ITEM:
        return _Joins.NONE if name in _LISTED else _Joins.ITEM
    return around if name in _SOFT else _Joins.NONE
