"""One item or entry element → one entry, whichever dialect it is written in."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from monitor.feeds.dates import read_date
from monitor.feeds.elements import (
    RDF,
    XML,
    Element,
    Fields,
    home_of,
    read_fields,
    read_key,
    read_text,
)
from monitor.feeds.item_links import LONGEST_LINK, find_base, find_link
from monitor.feeds.plain import (
    LONGEST_NAME,
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    clean_text,
    read_html_text,
)
from monitor.model import Entry

MOST_PEOPLE = 20

_HTML_SIGNS = ("</", "<p>", "<br", "&lt;", "&amp;", "&quot;", "&#", "&nbsp;")


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What an item takes from its feed: the address links are relative to, and the language."""

    base: str
    language: str | None = None


def read_item(element: Element, around: Surroundings) -> Entry | None:
    """Return the entry in an RSS item or Atom entry, or None when it leads to no http(s) page."""
    fields = read_fields(element)
    base = find_base(element, around.base)
    guid = _read_guid(element, fields)
    url = find_link(element, fields, base)
    if url is None:
        return None
    language = _find_language(element, fields) or around.language
    published = _first_date(fields, _PUBLISHED, language)
    updated = _first_date(fields, _UPDATED, language)
    return Entry(
        url=url,
        guid=guid,
        title=_read_title(fields),
        summary=_read_summary(fields),
        author=_read_author(fields),
        published=published or updated,
        language=language,
        updated=updated,
        publisher=_read_publisher(fields),
    )


_PUBLISHED = ("pubdate", "published", "issued", "atom:published", "atom:issued", "dc:date",
              "dcterms:issued", "dcterms:created", "created", "?:pubdate", "date")  # fmt: skip
_UPDATED = ("updated", "modified", "atom:updated", "atom:modified", "dcterms:modified", "lastmod")
_TITLES = ("title", "atom:title", "dc:title", "media:title", "itunes:title", "?:title")
_TEXTS = ("content:encoded", "content", "atom:content", "description", "summary", "atom:summary",
          "dc:description", "dcterms:abstract", "xhtml:body", "xhtml:div", "media:description",
          "itunes:summary", "body", "fullitem", "tagline", "abstract")  # fmt: skip


def _read_guid(element: Element, fields: Fields) -> str | None:
    for key in ("guid", "id", "atom:id", "dc:identifier"):
        for child in fields.get(key, ()):
            guid = clean_text(child.text or "", LONGEST_LINK)
            if guid:
                return guid
    about = element.get(f"{{{RDF}}}about")
    return clean_text(about, LONGEST_LINK) or None if about else None


def _read_title(fields: Fields) -> str:
    for key in _TITLES:
        for child in fields.get(key, ()):
            title = read_construct(child, LONGEST_TITLE)
            if title:
                return title
    return ""


def _read_summary(fields: Fields) -> str:
    """Return the longest text that the item carries: it is all there is of a blocked page."""
    texts = [
        (len(child.text or "") + 200 * len(child), child)
        for key in _TEXTS
        for child in fields.get(key, ())
    ]
    for _, child in sorted(texts, key=lambda text: -text[0]):
        summary = read_construct(child, LONGEST_SUMMARY)
        if summary:
            return summary
    return ""


def read_construct(element: Element, longest: int) -> str:
    """Return an RSS text or Atom text construct (RFC 4287, 3.1) as plain text.

    RSS text is HTML. Atom text is what `type` says; without one it is HTML if it looks so.
    What is no text by its type is so in base64 (Atom 0.3 and RFC 4287, 4.1.3.3), or it is nothing.
    """
    kind = (element.get("type") or "").strip().lower()
    text = read_text(element)
    if element.get("mode") == "base64" or (kind and not _is_text_type(kind)):
        text = _decode_base64(text[: 4 * LONGEST_SUMMARY]) if "image" not in kind else ""
    if len(element):
        return read_html_text(text, longest)
    is_atom = "Atom" in element.tag or "/atom/" in element.tag
    plain = kind in {"text", "text/plain"} or (is_atom and not kind)
    if plain and not any(sign in text for sign in _HTML_SIGNS):
        return clean_text(text, longest)
    return read_html_text(text, longest)


def _is_text_type(kind: str) -> bool:
    return kind in {"text", "html", "xhtml", "plain"} or kind.startswith("text/") or "xml" in kind


def _decode_base64(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except (ValueError, UnicodeDecodeError):
        return ""


def _read_author(fields: Fields) -> str | None:
    names: list[str] = []
    for key in ("dc:creator", "author", "atom:author", "itunes:author", "?:author", "dc:author"):
        for child in fields.get(key, ())[:MOST_PEOPLE]:
            name = _read_person(child)
            if name and name not in names:
                names.append(name)
        if names:
            break
    return clean_text(", ".join(names), LONGEST_NAME) or None


def _read_person(element: Element) -> str:
    """Return a name: of `<name>` within, or before or behind an address (`a@b.c (Name)`)."""
    for child in element.iterchildren(etree.Element):
        if read_key(child.tag, home_of(element.tag)).endswith("name"):
            return read_html_text(read_text(child), LONGEST_NAME)
    text = read_html_text(element.text or "", LONGEST_NAME)
    address, bracket, name = text.partition("(")
    if bracket and "@" in address:
        return name.rstrip(") ").strip()
    name, bracket, address = text.partition("<")
    return name.strip() if bracket and "@" in address else text


def _read_publisher(fields: Fields) -> str | None:
    for key in ("source", "atom:source", "?:source", "dc:publisher"):
        for child in fields.get(key, ()):
            inner = next((c for c in child.iterchildren("{*}title")), None)
            name = read_html_text(read_text(child if inner is None else inner), LONGEST_NAME)
            if name and (inner is not None or len(child) == 0):
                return name
    return None


def _find_language(element: Element, fields: Fields) -> str | None:
    own = element.get(f"{{{XML}}}lang")
    for child in fields.get("dc:language", ()):
        own = own or child.text
    return read_language(own)


def read_language(text: str | None) -> str | None:
    """Return a language tag as written in the feed, or None when it is none (`english`, `N/A`)."""
    tag = (text or "").strip().replace("_", "-")
    primary = tag.split("-")[0]
    if not 2 <= len(primary) <= 3 or len(tag) > 20 or not tag.replace("-", "").isascii():
        return None
    return tag if tag.replace("-", "").isalnum() and primary.isalpha() else None


def _first_date(fields: Fields, keys: tuple[str, ...], language: str | None) -> datetime | None:
    for key in keys:
        for child in fields.get(key, ()):
            moment = read_date(child.text or "", language)
            if moment is not None:
                return moment
    return None
