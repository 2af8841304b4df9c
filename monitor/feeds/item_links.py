"""Where an item leads: the address of its article among all the links that it carries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from monitor.feeds.elements import RDF, XML, Element, Fields
from monitor.urls import join

LONGEST_LINK = 2048  # what browsers show and sitemaps allow

# An absolute address that `join` would give back as it is; most are, and it takes 20 times as long.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_FINISHED = re.compile(
    rf"https?://(?:{_LABEL}\.)+[a-z]{{2,63}}/[!-\"$->@-\[\]-~]*(?:\?[!-\"$-\[\]-~]+)?(?:#[!-\[\]-~]+)?"
)


def find_base(element: Element, base: str) -> str:
    """Return the address that the links in `element` are relative to (XML Base)."""
    bases = []
    node = element
    while node is not None:
        own = node.get(f"{{{XML}}}base")
        if own:
            bases.append(own)
        node = node.getparent()
    for own in reversed(bases[-20:]):
        base = join(base, own) or base
    return base


def resolve_link(base: str, link: str | None) -> str | None:
    """Return a link made absolute, or None where it is empty, too long, or not http(s)."""
    link = (link or "").strip().replace("&amp;", "&")  # escaped twice; no address has that
    if not link or len(link) > 2 * LONGEST_LINK:
        return None
    if len(link) <= LONGEST_LINK and _FINISHED.fullmatch(link) and "/." not in link:
        return link
    if link[:4].lower() == "www.":
        link = f"http://{link}"
    url = join(base, link)
    return url if url is not None and len(url) <= LONGEST_LINK else None


def find_link(element: Element, fields: Fields, base: str) -> str | None:
    """Return the address of the article, or None where the item has none that is http(s)."""
    for link, at in _list_links(element, fields, base):
        url = resolve_link(at, link)
        if url is not None:
            return url
    return None


def _list_links(element: Element, fields: Fields, base: str) -> Iterator[tuple[str | None, str]]:
    """Yield what may be the address of the article, the best first, and what it is relative to."""
    for child in fields.get("feedburner:origlink", ()):
        yield child.text, base
    for key in ("link", "atom:link"):
        yield from _list_link_elements(fields.get(key, ()), base)
    for identifier in _list_identifiers(element, fields):
        yield identifier, base
    for key, attribute in _ATTRIBUTES:
        for child in fields.get(key, ()):
            yield child.get(attribute), base
    yield element.get("href") or element.get("HREF"), base  # CDF
    for child in fields.get("link", ()):
        if child.get("rel") == "enclosure":
            yield child.get("href"), base


# An Atom entry may have its text elsewhere; an item may be nothing but a recording.
_ATTRIBUTES = (("content", "src"), ("atom:content", "src"), ("enclosure", "url"),
               ("media:content", "url"))  # fmt: skip


def _list_identifiers(element: Element, fields: Fields) -> Iterator[str | None]:
    """Yield the identifiers that are or may be addresses."""
    for child in fields.get("guid", ()):
        # A WordPress guid says that it is no permalink, and leads to the article all the same.
        text = (child.text or "").strip()
        permanent = (child.get("isPermaLink") or "true").strip().lower() != "false"
        yield text if permanent and text.startswith("/") else _absolute_only(text)
    yield _absolute_only(element.get(f"{{{RDF}}}about"))
    for child in [*fields.get("id", ()), *fields.get("atom:id", ())]:
        yield _absolute_only(child.text)


def _list_link_elements(elements: Any, base: str) -> Iterator[tuple[str | None, str]]:
    """Yield RSS links by their text and Atom links by their relation, HTML before other types."""
    others = []
    for child in elements:
        href = child.get("href")
        if href is None:
            yield child.text, base
            continue
        relation = (child.get("rel") or "alternate").rpartition("/")[2].lower()
        at = find_base(child, base) if child.get(f"{{{XML}}}base") else base
        if relation == "alternate" and "html" in (child.get("type") or "html"):
            yield href, at
        elif relation in {"alternate", "via", "self"}:
            others.append((("alternate", "via", "self").index(relation), href, at))
    for _, href, at in sorted(others, key=lambda other: other[0]):
        yield href, at


def _absolute_only(text: str | None) -> str | None:
    text = (text or "").strip()
    return text if text[:8].lower().startswith(("http://", "https://")) else None
