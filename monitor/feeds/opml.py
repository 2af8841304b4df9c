"""OPML in and out: the lists of feeds that readers exchange (OPML 2.0)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from monitor.errors import FeedError
from monitor.feeds.decode import decode_to_utf8
from monitor.feeds.elements import Element
from monitor.feeds.item import read_language
from monitor.feeds.item_links import resolve_link
from monitor.feeds.markup import read_prolog, repair
from monitor.feeds.plain import LONGEST_NAME, clean_text, unescape
from monitor.model import Source

MOST_FEEDS = 20_000
LONGEST_OPML = 20_000_000

_OUTLINE = re.compile(r"<outline\b([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")


@dataclass(frozen=True, kw_only=True)
class OpmlFeed:
    """One feed of a list; `folders` are the names of the outlines it stands in, outermost first."""

    url: str
    title: str = ""
    site: str | None = None
    language: str | None = None
    folders: tuple[str, ...] = ()


def read_opml(body: bytes) -> tuple[OpmlFeed, ...]:
    """Return the feeds of an OPML list in its order, each address once.

    A list that is broken XML gives what can be told of it, without folders. Raises FeedError for
    what is no OPML. Opens nothing.
    """
    markup = decode_to_utf8(body[:LONGEST_OPML]).body
    prolog = read_prolog(markup)
    if prolog is None or prolog.root != "opml":
        raise FeedError("while reading OPML: there is no <opml> in it; export the list once more")
    markup = repair(markup[prolog.start :], prolog.entities)
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        feeds = _walk(etree.fromstring(markup, parser))
    except etree.XMLSyntaxError:
        feeds = _scan(markup.decode("utf-8", "replace"))
    unique: dict[str, OpmlFeed] = {}
    for feed in feeds:
        unique.setdefault(feed.url, feed)
        if len(unique) >= MOST_FEEDS:
            break
    return tuple(unique.values())


def write_opml(sources: Iterable[Source], *, title: str, now: datetime) -> bytes:
    """Return the feeds among `sources` as OPML, in a folder for each country.

    Sitemaps and section pages are left out: no other program would know what to do with them.
    """
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = clean_text(title, LONGEST_NAME)
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = etree.SubElement(root, "body")
    folders: dict[str, Element] = {}
    for source in sources:
        if source.kind != "feed":
            continue
        country = source.country or "?"
        if country not in folders:
            folders[country] = etree.SubElement(body, "outline", text=country)
        etree.SubElement(folders[country], "outline", _build_attributes(source))
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written


def _build_attributes(source: Source) -> dict[str, str]:
    name = clean_text(source.outlet, LONGEST_NAME)
    attributes = {
        "type": "rss",
        "text": name,
        "title": name,
        "xmlUrl": clean_text(source.url, 4096),
    }
    if source.language is not None:
        attributes["language"] = clean_text(source.language, 20)
    return attributes


def _walk(root: Element) -> Iterator[OpmlFeed]:
    for outline in root.iter("outline", "{*}outline"):
        attributes = {str(name).lower(): str(value) for name, value in outline.attrib.items()}
        names = [
            clean_text(above.get("title") or above.get("text") or "", LONGEST_NAME)
            for above in outline.iterancestors("outline", "{*}outline")
        ]
        feed = _build_feed(attributes, tuple(name for name in reversed(names) if name))
        if feed is not None:
            yield feed


def _scan(markup: str) -> Iterator[OpmlFeed]:
    for outline in _OUTLINE.finditer(markup):
        attributes = {
            name.lower(): unescape(one or other)
            for name, one, other in _ATTRIBUTE.findall(outline[1])
        }
        feed = _build_feed(attributes, ())
        if feed is not None:
            yield feed


def _build_feed(attributes: dict[str, str], folders: tuple[str, ...]) -> OpmlFeed | None:
    link = attributes.get("xmlurl", "").strip()
    url = resolve_link(link, link)
    if url is None:
        return None
    return OpmlFeed(
        url=url,
        title=clean_text(attributes.get("title") or attributes.get("text") or "", LONGEST_NAME),
        site=resolve_link(url, attributes.get("htmlurl")),
        language=read_language(attributes.get("language")),
        folders=folders,
    )
