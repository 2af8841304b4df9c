"""Text → a tree that no later step can choke on: bounded in depth, size and number of elements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

# Real news pages: 200 kB on average, 3 MB at most seen; live blogs reach 5 MB.
LONGEST_PAGE = 12_000_000
# libxml2 stops at this depth even with huge_tree; what follows is lost.
_PARSER_DEPTH = 2040

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
# Wrappers that carry nothing the steps after need once nesting is beyond reason.
_WRAPPERS = re.compile(
    r"</?(?:div|span|font|section|center|blockquote|b|i|u|em|strong|small|big|ul|ol|dl|li|dd|dt|"
    r"table|tbody|tr|td|form|a|nobr|tt|ins|del)\b[^<>]{0,2000}>",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class ParsedPage:
    """The tree of a page; `note` says what had to be cut or flattened to get it."""

    root: HtmlElement
    elements: int
    depth: int
    note: str | None = None


def parse(text: str) -> ParsedPage | None:
    """Return the tree of `text`, or None where it holds no element at all.

    Never raises. Comments and processing instructions are gone. A page longer than LONGEST_PAGE is
    cut; one nested deeper than the parser goes loses its wrappers instead of its text.
    """
    notes = []
    if len(text) > LONGEST_PAGE:
        text = text[:LONGEST_PAGE]
        notes.append(f"cut at {LONGEST_PAGE} characters")
    text = _CONTROLS.sub("", _XML_DECLARATION.sub("", text))
    root = _parse(text)
    if root is None:
        return None
    elements, depth = _measure(root)
    if depth >= _PARSER_DEPTH:
        notes.append("nested too deeply; wrappers were dropped")
        root = _parse(_WRAPPERS.sub("\n", text))
        if root is None:
            return None
        elements, depth = _measure(root)
    return ParsedPage(root=root, elements=elements, depth=depth, note="; ".join(notes) or None)


def _parse(text: str) -> HtmlElement | None:
    # A parser is not to be shared between threads, and costs microseconds.
    parser = HTMLParser(
        encoding="utf-8",
        collect_ids=False,
        default_doctype=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,  # without it, nesting beyond 256 and text beyond 10 MB are lost
    )
    try:
        return document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _measure(root: HtmlElement) -> tuple[int, int]:
    """Return the number of elements and the depth of a tree, without recursion."""
    count = depth = deepest = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            count += 1
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return count, deepest


def elements(root: HtmlElement, *tags: str) -> Iterator[HtmlElement]:
    """Yield the elements of `root` with one of `tags`, in document order."""
    yield from root.iter(*tags)


def text_of(element: HtmlElement) -> str:
    """Return the text inside `element` on one line."""
    return " ".join("".join(element.itertext()).split())
