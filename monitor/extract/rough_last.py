"""The lines of trafilatura's last resort: where it finds next to nothing, each article as one line.

    page ─ each outermost <article> ─────────────────────────┐
         └ quotations and paragraphs that hold blocks ───────┴ what it drops dropped → one line each

Read from the tree that extraction reads, by the functions that trafilatura uses.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from html import unescape

from lxml.html import HtmlElement
from trafilatura.baseline import basic_cleaning, block_text
from trafilatura.htmlprocessing import prune_unwanted_nodes
from trafilatura.xpaths import RAW_TREE_PRUNE_XPATH, REMOVE_COMMENTS_AND_LISTS_XPATH

from monitor.extract.clean import clean_line
from monitor.extract.tree import parse

_PARAGRAPHS = frozenset({"blockquote", "code", "p", "pre", "q", "quote"})
_PLAIN = " or ".join(
    f"self::{name}"
    for name in ["a", "b", "i", "u", "em", "strong", "br", "img", "span", "font", "sup", "sub"]
)
_OTHERS = f"({'|'.join(f'.//{name}' for name in sorted(_PARAGRAPHS))})[.//*[not({_PLAIN})]]"


def read_last_lines(text: str) -> list[str]:
    """Return what the last resort could make of a decoded page, each element as one line.

    The text of the whole page, which it takes where even those are missing, keeps its lines.
    """
    parsed = parse(text)
    if parsed is None:
        return []
    lines: dict[str, None] = {}
    for element in _find_elements(parsed.root):
        for pruned in (False, True):
            line = _read(element, pruned=pruned)
            lines |= dict.fromkeys((line, unescape(line)) if "&" in line else (line,))
    return [clean_line(line, longest=len(line)) for line in lines if line]


def _find_elements(root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the elements that could be a line, those of a kind that hold none but text apart."""
    yield from root.xpath(".//article[not(ancestor::article)]")
    for element in root.xpath(_OTHERS):
        if not any(around.tag in _PARAGRAPHS for around in element.iterancestors()):
            yield element


def _read(element: HtmlElement, *, pruned: bool) -> str:
    """Return the text of an element; trafilatura drops comments of readers, but not in forums."""
    copy = deepcopy(element)
    copy.tail = None
    if pruned:
        copy = prune_unwanted_nodes(copy, RAW_TREE_PRUNE_XPATH)
        copy = prune_unwanted_nodes(copy, REMOVE_COMMENTS_AND_LISTS_XPATH)
    text: str = block_text(basic_cleaning(copy))
    return text
