"""RSS, RDF and Atom → entries: strictly while the XML holds, item by item where it breaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from lxml import etree

from monitor.feeds.elements import XML, Element, Fields, home_of, read_fields, read_key
from monitor.feeds.item import Surroundings, read_construct, read_item, read_language
from monitor.feeds.item_links import find_base, resolve_link
from monitor.feeds.markup import Prolog, swallows_items
from monitor.feeds.plain import LONGEST_TITLE, clean_text
from monitor.feeds.reading import FeedReading, Format
from monitor.feeds.salvage import Salvage
from monitor.feeds.stream import ItemStream, Source, open_source
from monitor.model import Entry
from monitor.text.counting import plural

ITEMS = ("item", "entry", "ITEM")  # in capitals: CDF, of 1997
MOST_PAGES = 50
LONGEST_TTL = 10 * 24 * 3600  # seconds; what asks for more is a mistake, not a wish


@dataclass
class _Harvest:
    """What has been read of a feed so far; `items` counts those that lead nowhere too.

    `fault` is what the XML was refused for; `torn` says that it could not be mended without a loss.
    """

    url: str
    language: str | None
    entries: list[Entry] = field(default_factory=list)
    items: int = 0
    head: Element | None = None
    around: Surroundings | None = None
    fault: str | None = None
    torn: bool = False


def read_xml_feed(body: bytes, prolog: Prolog, *, url: str, language: str | None) -> FeedReading:
    """Read UTF-8 `body` whose root is at `prolog`; `url` is where it was fetched from.

        as it is → from the fault on: item by item, repaired → field by field

    Items that lead nowhere are counted as `unusable`. Raises nothing on broken XML.
    """
    harvest = _Harvest(url=url, language=language)
    if not prolog.entities:
        _read_strictly(harvest, open_source(body, prolog.start))
    if harvest.fault is None and swallows_items(body, prolog.start):
        harvest = _Harvest(url=url, language=language, fault="CDATA that does not end")
    if prolog.entities or harvest.fault is not None:
        salvage = Salvage(body, prolog, ITEMS, skip=harvest.items)
        harvest.head = salvage.head
        _add_items(harvest, salvage)
        harvest.items += salvage.left
        harvest.torn = salvage.torn > 0 or salvage.left > 0 or not salvage.ended
    return _build_reading(harvest, prolog)


def _read_strictly(harvest: _Harvest, source: Source) -> None:
    stream = ItemStream(source, ITEMS)
    try:
        _add_items(harvest, stream)
    except etree.XMLSyntaxError as error:
        harvest.fault = clean_text(error.msg or "no reason given", 200)
    harvest.head = stream.head


def _add_items(harvest: _Harvest, items: Iterable[Element]) -> None:
    for item in items:
        if harvest.around is None:
            parent = item.getparent() if harvest.head is None else harvest.head
            harvest.around = _read_surroundings(parent, harvest)
        harvest.items += 1
        entry = read_item(item, harvest.around)
        if entry is not None:
            harvest.entries.append(entry)


def _read_surroundings(head: Element | None, harvest: _Harvest) -> Surroundings:
    """Return what items inherit, from as much of the head as stands before the first of them."""
    if head is None:
        return Surroundings(base=harvest.url, language=harvest.language)
    fields = _read_head_fields(head)
    base = harvest.url
    if not any(child.get("href") for child in fields.get("link", ())):  # RSS: the site's address
        links = [resolve_link(base, child.text) for child in fields.get("link", ())]
        base = next((link for link in links if link is not None), base)
    return Surroundings(base=base, language=_find_language(head, fields) or harvest.language)


def _read_head_fields(head: Element) -> Fields:
    """Return the fields of a feed, those of its `channel` among them."""
    home = home_of(head.tag)
    for child in head.iterchildren(etree.Element):
        if read_key(child.tag, home) == "channel":
            return read_fields(child)
    return read_fields(head)


def _find_language(head: Element, fields: Fields) -> str | None:
    for key in ("language", "dc:language"):
        for child in fields.get(key, ()):
            language = read_language(child.text)
            if language is not None:
                return language
    node: Element | None = head
    while node is not None:
        language = read_language(node.get(f"{{{XML}}}lang"))
        if language is not None:
            return language
        node = node.getparent()
    return None


def _build_reading(harvest: _Harvest, prolog: Prolog) -> FeedReading:
    fields = _read_head_fields(harvest.head) if harvest.head is not None else {}
    head = harvest.head
    return FeedReading(
        format={"feed": Format.ATOM, "rdf": Format.RDF}.get(prolog.root, Format.RSS),
        entries=tuple(harvest.entries),
        unusable=harvest.items - len(harvest.entries),
        salvaged=harvest.torn,
        problem=_say_torn(harvest) if harvest.torn else None,
        notes=() if harvest.fault is None else (f"its XML is faulty ({harvest.fault})",),
        title=_read_title(fields),
        language=(None if head is None else _find_language(head, fields)) or harvest.language,
        ttl=_read_ttl(fields),
        next_url=_find_next(head, fields, harvest.url),
    )


def _say_torn(harvest: _Harvest) -> str:
    return (
        f"the feed is broken XML ({harvest.fault or 'cut off'}); {len(harvest.entries)} of "
        f"{plural(harvest.items, 'item')} could be read: tell its publisher"
    )


def _read_title(fields: Fields) -> str:
    for key in ("title", "atom:title", "dc:title"):
        for child in fields.get(key, ()):
            title = read_construct(child, LONGEST_TITLE)
            if title:
                return title
    return ""


def _read_ttl(fields: Fields) -> int | None:
    """Return RSS's `ttl` in seconds (it is in minutes), or None where it is no number.

    The `sy:` module is not read: it stands in every WordPress feed and says one hour in all.
    """
    for child in fields.get("ttl", ()):
        digits = (child.text or "").strip()
        if digits.isascii() and digits.isdigit() and len(digits) < 9:
            return min(int(digits) * 60, LONGEST_TTL)
    return None


def _find_next(head: Element | None, fields: Fields, url: str) -> str | None:
    """Return the address of the next page of a paged feed (RFC 5005, 3 and 4)."""
    for key in ("link", "atom:link"):
        for child in fields.get(key, ()):
            if (child.get("rel") or "").lower() in {"next", "prev-archive"} and head is not None:
                found = resolve_link(find_base(child, url), child.get("href"))
                if found is not None and found != url:
                    return found
    return _find_next_of_wordpress(fields, url)


def _find_next_of_wordpress(fields: Fields, url: str) -> str | None:
    """Return the following page as WordPress numbers them, which no feed of its own names."""
    made_by = " ".join(child.text or "" for child in fields.get("generator", ()))
    if "wordpress" not in made_by.lower():
        return None
    parts = urlsplit(url)
    fields_of_url = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=50)
    number = next((value for name, value in fields_of_url if name == "paged"), "1")
    if not (number.isascii() and number.isdigit()) or int(number) >= MOST_PAGES:
        return None
    others = [(name, value) for name, value in fields_of_url if name != "paged"]
    return parts._replace(query=urlencode([*others, ("paged", str(int(number) + 1))])).geturl()
