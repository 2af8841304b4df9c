"""An Atom feed of stories (RFC 4287), for those who live in a reader."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from monitor.clock import format_time
from monitor.render.clean import is_web_link, one_line, visible

ATOM = "http://www.w3.org/2005/Atom"
FEED_ID = uuid.UUID("b1a3c1de-64a5-4a0e-8f5e-3d8f0a9f2f3c")
TITLE = "Stationwatch: stories"


@dataclass(frozen=True, kw_only=True)
class AtomEntry:
    """One story in a feed; `id` is its UUID, and `updated` moves when it has something new."""

    id: str
    title: str
    updated: datetime
    summary: str
    link: str | None = None
    topics: tuple[str, ...] = ()
    published: datetime | None = None


def render_atom(entries: Iterable[AtomEntry], *, updated: datetime, title: str = TITLE) -> bytes:
    """Return the feed document; summaries are plain text, hidden characters are shown."""
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")
    _add(feed, "id", f"urn:uuid:{FEED_ID}")
    _add(feed, "title", one_line(title))
    _add(feed, "updated", format_time(updated))
    author = ET.SubElement(feed, f"{{{ATOM}}}author")
    _add(author, "name", "Stationwatch")
    for entry in entries:
        feed.append(entry_element(entry))
    document: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def entry_element(entry: AtomEntry) -> ET.Element:
    """Return one entry as an element."""
    element = ET.Element(f"{{{ATOM}}}entry")
    _add(element, "id", f"urn:uuid:{entry.id}")
    _add(element, "title", one_line(entry.title) or "(no title)")
    _add(element, "updated", format_time(entry.updated))
    if entry.published:
        _add(element, "published", format_time(entry.published))
    if entry.link and is_web_link(entry.link):
        ET.SubElement(element, f"{{{ATOM}}}link", {"rel": "alternate", "href": entry.link})
    for topic in entry.topics:
        ET.SubElement(element, f"{{{ATOM}}}category", {"term": one_line(topic)})
    _add(element, "summary", visible(entry.summary)).set("type", "text")
    return element


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{ATOM}}}{name}")
    child.text = text
    return child
