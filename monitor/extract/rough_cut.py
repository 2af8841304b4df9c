"""A page cut down to the blocks in which some words stand, so that its lines cost less to read.

Text in a block never stands in one line with text outside of it, but for two cases, which are left
whole: rows of tables, and paragraphs behind whose end text goes on.
"""

from __future__ import annotations

import re
from html import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from monitor.extract.rough_lines import INLINE_NAMES, VOID_NAMES, CannotTell
from monitor.extract.rough_mixed import BLOCK_NAMES
from monitor.text.rough import TAG

_NAME = re.compile("[a-zA-Z][a-zA-Z0-9:_.-]*")
_DEEPEST = 200


def cut_to(tree: LexborHTMLParser, words: frozenset[str] | None) -> str:
    """Return the HTML of a page, attributes left out, blocks without any of the words emptied.

    With None for the words all is kept.  Raises CannotTell for a page nested too deep, or with
    elements whose names could hide something.
    """
    pieces: list[str] = []
    if tree.root is not None:
        _keep(tree.root, words, pieces, _DEEPEST)
    return "".join(pieces)


def _keep(node: LexborNode, words: frozenset[str] | None, pieces: list[str], deepest: int) -> None:
    """Add what stands in a node: of its blocks those with any of the words, or all of them."""
    if not deepest:
        raise CannotTell
    children = [
        child
        for child in node.iter(include_text=True)
        if child.is_element_node or child.is_text_node
    ]
    last_text = _find_last_text(node, children)
    for place, child in enumerate(children):
        if child.is_text_node:
            pieces.append(escape(child.text(), quote=False))
            continue
        tag = child.tag or ""
        if not _NAME.fullmatch(tag):
            raise CannotTell
        pieces.append(f"<{tag}>")
        if tag in VOID_NAMES:
            continue
        if words is None or tag not in BLOCK_NAMES or _holds(child, words):
            _keep(child, None if tag == "tr" else words, pieces, deepest - 1)
        elif tag == "p" and place < last_text:
            _keep(child, None, pieces, deepest - 1)
        pieces.append(f"</{tag}>")


def _find_last_text(node: LexborNode, children: list[LexborNode]) -> int:
    """Return the place of the last text in a node; another parser may see a paragraph go on there.

    In an element within lines, text may also follow behind the element.
    """
    if node.tag in INLINE_NAMES:
        return len(children)
    for place in reversed(range(len(children))):
        child = children[place]
        if child.tag in INLINE_NAMES or (child.is_text_node and child.text().strip()):
            return place
    return -1


def _holds(node: LexborNode, words: frozenset[str]) -> bool:
    text = node.text(deep=True, separator=TAG)
    return any(word in text for word in words)
