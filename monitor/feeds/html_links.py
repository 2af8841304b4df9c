"""The links of an HTML page, each with its text and where on the page it stands."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from monitor.feeds.elements import Element
from monitor.feeds.item_links import resolve_link
from monitor.feeds.plain import LONGEST_TITLE, clean_text, read_html_text

MOST_LINKS = 20_000
LONGEST_PAGE = 10_000_000
MOST_ANCESTORS = 40
MOST_INSIDE = 200

_INLINE = frozenset({"b", "em", "i", "strong", "mark", "sup", "sub", "wbr", "u", "font"})
_ANCHOR = re.compile(
    r"<a\s[^<>]*?href\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class PageLink:
    """One `a` element: where it leads, its text, and the names of what it stands in.

    `around` holds tags, ids and classes of its ancestors in small case, the nearest first.
    `headline` says that it is in a heading or holds one.
    """

    url: str
    text: str
    around: tuple[str, ...] = ()
    headline: bool = False


def parse_page(body: bytes) -> Element | None:
    """Return the tree of a UTF-8 page, or None where there is none; loads nothing."""
    parser = etree.HTMLParser(
        encoding="utf-8", recover=True, no_network=True, remove_comments=True, remove_pis=True,
        huge_tree=True,
    )  # fmt: skip
    try:
        return etree.fromstring(body[:LONGEST_PAGE].replace(b"\0", b""), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def find_page_base(root: Element, url: str) -> str:
    """Return what the page's links are relative to: its first `base`, or `url`."""
    for base in root.iter("base"):
        return resolve_link(url, base.get("href")) or url
    return url


def list_links(root: Element, url: str) -> Iterator[PageLink]:
    """Yield the http(s) links of a page in its order, those to the page itself left out."""
    base = find_page_base(root, url)
    for count, anchor in enumerate(root.iter("a")):
        if count >= MOST_LINKS:
            return
        link = read_link(anchor, base)
        if link is not None and link.url.partition("#")[0] != url.partition("#")[0]:
            yield link


def read_link(anchor: Element, base: str) -> PageLink | None:
    """Return the link in an `a` element, or None where it leads nowhere."""
    href = anchor.get("href")
    if not href or href.startswith("#"):
        return None
    url = resolve_link(base, href)
    if url is None:
        return None
    nodes = list(itertools.islice(anchor.iter(etree.Element), MOST_INSIDE))
    text = clean_text("".join(_list_texts(nodes)), LONGEST_TITLE)
    if not text:
        text = clean_text(anchor.get("title") or anchor.get("aria-label") or "", LONGEST_TITLE)
    around = tuple(_list_surroundings(anchor))
    names = {str(node.tag) for node in nodes} | set(around[:8])
    headline = not names.isdisjoint({"h1", "h2", "h3", "h4"})
    return PageLink(url=url.partition("#")[0], text=text, around=around, headline=headline)


def _list_texts(nodes: list[Element]) -> Iterator[str]:
    """Yield the texts in an element, given as itself and its descendants in order."""
    for position, node in enumerate(nodes):
        if node.tag not in {"script", "style", "svg", "noscript", "template", "title"}:
            yield node.text or ""
        if position:
            yield " " + (node.tail or "") if node.tag not in _INLINE else node.tail or ""


def _list_surroundings(anchor: Element) -> Iterator[str]:
    for depth, node in enumerate(anchor.iterancestors()):
        if depth >= MOST_ANCESTORS:
            return
        yield str(node.tag)
        for name in (node.get("id"), node.get("class"), node.get("role")):
            if name:
                yield from name.lower().split()[:10]


def list_bare_links(body: bytes, url: str) -> Iterator[PageLink]:
    """Yield links by their look alone: for pages that no parser makes a tree of."""
    markup = body[:LONGEST_PAGE].decode("utf-8", "replace")
    for count, found in enumerate(_ANCHOR.finditer(markup)):
        if count >= MOST_LINKS:
            return
        link = resolve_link(url, read_html_text(found[1] or found[2] or found[3] or "", 4096))
        end = markup.find("</a", found.end(), found.end() + 4000)
        inside = markup[found.end() : end].partition(">")[2] if end > 0 else ""
        if link is not None:
            yield PageLink(url=link.partition("#")[0], text=read_html_text(inside, LONGEST_TITLE))
