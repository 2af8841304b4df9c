"""Text → a tree that no later step can choke on: bounded in depth, size and number of elements."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

# One class for all elements: lxml asks Python code for the class of each, a form's or any other's,
# each time that it is met, and no step asks for what a form's class can do.
_ELEMENTS = etree.ElementDefaultClassLookup(element=HtmlElement)

# Real news pages have 180,000 characters and 870 elements in the median, 2.2 million (data for
# scripts) and 4,100 at most, of 439.
LONGEST_PAGE = 8_000_000
MOST_TAGS = 200_000

# Bytes of control characters but tab and line ends; in UTF-8 they are never part of another.
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
# The parser begins another tree behind it, where browsers go on with the page.
_PAGE_END = re.compile(r"</html(?![^\s/>])[^<>]{0,2000}>", re.IGNORECASE)
# Wrappers that carry nothing the steps after need once nesting is beyond reason.
_WRAPPERS = re.compile(
    r"</?(?:div|span|font|section|center|blockquote|b|i|u|em|strong|small|big|ul|ol|dl|li|dd|dt|"
    r"table|tbody|tr|td|form|a|nobr|tt|ins|del)\b[^<>]{0,2000}>",
    re.IGNORECASE,
)


# A tag with thousands of attributes costs the square of their number in every step.
_LONGEST_TAG = 20_000
_LONG_TAG = re.compile(r"<(?P<tag>[a-zA-Z][a-zA-Z0-9-]{0,40})\s[^<>]{20000,}")
_MOST_ATTRIBUTES = 1_000


@dataclass(frozen=True, kw_only=True)
class ParsedPage:
    """The tree of a page; `note` says what had to be cut or flattened to get it."""

    root: HtmlElement
    elements: int
    note: str | None = None


def parse(text: str) -> ParsedPage | None:
    """Return the tree of `text`, or None where it holds no element at all.

    Never raises. Comments and processing instructions are gone. A page longer than LONGEST_PAGE or
    with more tags than MOST_TAGS is cut; one nested deeper than the parser goes loses its wrappers
    instead of its text; one that goes on behind `</html>` is read to its end.
    """
    notes = []
    cut = _cut(text)
    if len(cut) < len(text):
        notes.append(f"only the first {len(cut)} characters of the page were read")
    cut = _without_long_tags(_XML_DECLARATION.sub("", cut))
    root, too_deep = _parse(cut)
    if too_deep:
        notes.append("the page is nested too deeply; its wrappers were dropped")
        cut = _WRAPPERS.sub("\n", cut)
        root, _ = _parse(cut)
    if root is not None and root.getnext() is not None:
        root, _ = _parse(_PAGE_END.sub("", cut))
    if root is None:
        return None
    return ParsedPage(
        root=root, elements=int(root.xpath("count(//*)")), note="; ".join(notes) or None
    )


def _without_long_tags(text: str) -> str:
    return _LONG_TAG.sub(_without_attributes, text) if _may_have_long_tag(text) else text


def _may_have_long_tag(text: str) -> bool:
    """Tell whether more than _LONGEST_TAG characters stand behind a `<`, before any `<` or `>`.

    From the last `>` within reach on and on: a hundred times as fast as the expression.
    """
    start = 0
    while len(text) - start > _LONGEST_TAG:
        end = text.rfind(">", start, start + _LONGEST_TAG + 1)
        if end < 0:  # a long script, mostly
            end = text.find(">", start + _LONGEST_TAG)
            end = end if end >= 0 else len(text)
            if max(map(len, text[start:end].split("<")[1:]), default=0) > _LONGEST_TAG:
                return True
        start = end + 1
    return False


def _without_attributes(found: re.Match[str]) -> str:
    """Return a tag bare where it has more attributes than any page needs."""
    return f"<{found['tag']} " if found[0].count("=") > _MOST_ATTRIBUTES else found[0]


def is_cut(text: str) -> bool:
    """Say whether a page is longer, or has more tags, than may be parsed."""
    return len(text) > LONGEST_PAGE or (len(text) > MOST_TAGS and text.count("<") > MOST_TAGS)


def _cut(text: str) -> str:
    """Return as much of a page as may be parsed."""
    text = text[:LONGEST_PAGE]
    if not is_cut(text):
        return text
    low, high = 0, len(text)
    while high - low > 1000:  # where the last tag that is allowed begins, to within 1,000
        middle = (low + high) // 2
        low, high = (middle, high) if text.count("<", 0, middle) <= MOST_TAGS else (low, middle)
    return text[:low]


def _parse(text: str) -> tuple[HtmlElement | None, bool]:
    """Return the tree, if there is one, and whether the parser gave up on its depth."""
    # A parser is not to be shared between threads, and costs microseconds.
    parser = HTMLParser(
        encoding="utf-8",
        collect_ids=False,
        default_doctype=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,  # without it, nesting beyond 256 and text beyond 10 MB are lost
    )
    parser.set_element_class_lookup(_ELEMENTS)
    try:
        root = document_fromstring(as_bytes(text), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        root = None
    fatal = parser.error_log.filter_from_fatals()
    return root, any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in fatal)


def as_bytes(text: str) -> bytes:
    """Return a text as it is parsed: without halves of characters, and what would end its parsing.

    Surrogates cannot be encoded, and control characters end the parsing of a text.
    """
    return without_controls(text.encode("utf-8", "ignore"))


def without_controls(source: bytes) -> bytes:
    """Return UTF-8 without control characters but tab and line ends."""
    return source.translate(None, _CONTROLS)


def text_of(element: HtmlElement) -> str:
    """Return the text inside `element` on one line."""
    return " ".join("".join(element.itertext()).split())
