"""Broken XML → the items that can be saved from it, each by itself.

One poisoned or cut-off item costs that item, or only the field that is broken (FAULTS C10, C13).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from lxml import etree

from monitor.feeds.elements import ATOM, USUAL, XML, Element
from monitor.feeds.markup import Prolog, find_sections, repair
from monitor.feeds.plain import unescape

GROUP = 50  # whole items that are parsed together: five times as fast as one by one
LONGEST_ITEM = 2_000_000  # of one item only so much is looked at; the others are not concerned
MOST_ITEMS = 150_000  # behind a break; a whole feed of any length is read by the stream
MOST_TORN = 20_000  # a flood of tags, not a feed

_FIELDS = (
    "title|link|guid|id|description|summary|content|encoded|pubdate|published|updated|issued|"
    "modified|date|creator|author|name|language|source|enclosure|origlink|loc|lastmod|"
    "publication_date|publication|news|subtitle|tagline|ttl"
)
_NAME = re.compile(r"<([^\s<>/]+)")
_CLOSED = re.compile(
    rb"</(?:[A-Za-z_][\w.-]*:)?(?:rss|rdf|feed|channel|urlset|sitemapindex)\s*>", re.IGNORECASE
)
_OPENING = re.compile(
    rf"<(?P<prefix>[A-Za-z_][\w.-]*:)?(?P<name>{_FIELDS})(?P<attributes>(?:\s[^<>]*)?)(?P<empty>/?)>",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"""([A-Za-z_][\w.-]*(?::[\w.-]+)?)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_DECLARATION = re.compile(
    r"""\s(xmlns(?::[A-Za-z_][\w.-]*)?|xml:base|xml:lang)\s*=\s*("[^"<]*"|'[^'<]*')"""
)
_FORBIDDEN = re.compile("[\ud800-\udfff\ufffe\uffff\x00-\x08\x0b\x0c\x0e-\x1f]")  # in XML 1.0
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|$)", re.DOTALL)
# Those that are looked at; any other might not even be a name.
_ATTRIBUTES = {
    **{name: name for name in ("href", "isPermaLink", "mode", "rel", "src", "type", "url")},
    "xml:base": f"{{{XML}}}base",
    "xml:lang": f"{{{XML}}}lang",
}
# A field that was cut off is of use only if its beginning is.
_USEFUL_WHEN_CUT = frozenset({"title", "description", "summary", "content", "encoded"})
# These hold fields of their own, which are looked for in them.
_CONTAINERS = frozenset({"author", "source", "news", "publication"})


class Salvage:
    """The items of a broken feed, one after the other: iterate it once.

    `names` are those of items, of which the first `skip` are left out; `body` is UTF-8.
    `head` holds the fields of the feed itself. `torn` counts items that had to be read field by
    field, the others being whole, and `left` roughly those that were not looked at any more, for
    being beyond MOST_ITEMS or MOST_TORN. `ended` says whether the root element is closed.
    """

    def __init__(
        self, body: bytes, prolog: Prolog, names: tuple[str, ...], *, skip: int = 0
    ) -> None:
        self._body = body
        self._names = tuple(name.lower() for name in names)
        self._entities = prolog.entities
        found = _find_starts(body, prolog.start, names)
        starts = list(itertools.islice(found, skip + MOST_ITEMS))
        full = next(found, len(body))
        self.left = sum(body.count(f"<{name}".encode(), full) for name in names)
        head = self._take(prolog.start, starts[0] if starts else len(body))
        self._chunks = list(itertools.pairwise([*starts, len(body)]))[skip:]
        self._wrapper = _build_wrapper(head)
        self.head = self._read_loosely(head)
        self.torn = 0
        self.ended = _CLOSED.search(body[-2000:]) is not None

    def __iter__(self) -> Iterator[Element]:
        for first in range(0, len(self._chunks), GROUP):
            if self.torn > MOST_TORN:
                self.left += len(self._chunks) - first
                return
            yield from self._read_group(self._chunks[first : first + GROUP])

    def _take(self, start: int, end: int) -> str:
        piece = self._body[start : min(end, start + LONGEST_ITEM)]
        return repair(piece, self._entities).decode("utf-8", "replace")

    def _read_group(self, borders: list[tuple[int, int]]) -> Iterator[Element]:
        """Yield some items: parsed together where all are whole, else each by itself."""
        chunks = [_cut_item(self._take(start, end)) for start, end in borders]
        if all(whole for _, whole in chunks):
            root = self._parse("".join(chunk for chunk, _ in chunks))
            if root is not None and len(root) == len(chunks):
                yield from root.iterchildren()
                return
        for chunk, whole in chunks:
            root = self._parse(chunk) if whole else None
            if root is None or len(root) != 1:
                self.torn += 1
                yield self._read_loosely(chunk)[-1]
            else:
                yield root[0]

    def _read_loosely(self, chunk: str) -> Element:
        """Return an element made of the fields that can be told in broken markup.

        It stands alone for a head, and is the last child of a root like the feed's for an item.
        """
        root = self._parse("")
        if root is None:
            root = etree.Element("salvaged")
        name = _NAME.match(chunk)
        kind = name[1].rpartition(":")[2].lower() if name else ""
        parent = etree.SubElement(root, "item") if kind in self._names else root
        _add_fields(parent, chunk, ATOM if kind in {"entry", "feed"} else "")
        return root

    def _parse(self, markup: str) -> Element | None:
        """Return an element around items parsed strictly, or None."""
        parser = etree.XMLParser(
            encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True,
            remove_comments=True, remove_pis=True,
        )  # fmt: skip
        start, end = self._wrapper
        try:
            return etree.fromstring(f"{start}{markup}{end}".encode(), parser)
        except (etree.XMLSyntaxError, ValueError):
            return None


def _cut_item(chunk: str) -> tuple[str, bool]:
    """Return an item without what follows it, and whether it ends at all."""
    name = _NAME.match(chunk)
    closings = re.finditer(rf"</{re.escape(name[1] if name else '')}\s*>", chunk)
    # At the last of them, for the item's own text may hold one in CDATA.
    last = max((closing.end() for closing in closings), default=None)
    return (chunk, False) if last is None else (chunk[:last], True)


def _find_starts(body: bytes, start: int, names: tuple[str, ...]) -> Iterator[int]:
    """Yield where items begin, those written inside CDATA and comments left out."""
    named = "|".join(names).encode()
    opening = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(?:%s)(?=[\s>])" % named, re.IGNORECASE)
    for begin, end, is_markup in find_sections(body, start):
        if is_markup:
            yield from (found.start() for found in opening.finditer(body, begin, end))


def _build_wrapper(head: str) -> tuple[str, str]:
    """Return the tags to put around an item: the namespaces, base and language of its feed."""
    root = head[: head.find(">") + 1]
    declared = dict(_DECLARATION.findall(root))
    for prefix, namespace in USUAL.items():
        declared.setdefault(f"xmlns:{prefix}", f'"{namespace}"')
    attributes = " ".join(f"{name}={value}" for name, value in declared.items())
    return f"<salvaged {attributes}>", "</salvaged>"


def _add_fields(parent: Element, chunk: str, home: str) -> None:
    position = 0
    unclosed: set[str] = set()
    while (found := _OPENING.search(chunk, position)) is not None:
        position = found.end()
        name = found["name"].lower()
        value, end = _cut_value(chunk, found, unclosed)
        if value is None:
            continue
        prefix = (found["prefix"] or "").rstrip(":").lower()
        namespace = USUAL.get(prefix, "unknown") if prefix else home
        field = etree.SubElement(parent, f"{{{namespace}}}{name}" if namespace else name)
        _add_attributes(field, found["attributes"])
        if name in _CONTAINERS:
            _add_fields(field, value, home)
        if len(field) == 0:
            field.text = _read_value(value)
            if "<" in _CDATA.sub("", value):
                field.set("type", "html")  # its tags were not escaped
        position = end


def _add_attributes(field: Element, attributes: str) -> None:
    for name, quoted, other in _ATTRIBUTE.findall(attributes):
        if name in _ATTRIBUTES:
            field.set(_ATTRIBUTES[name], _FORBIDDEN.sub("\ufffd", unescape(quoted or other)))


def _cut_value(chunk: str, opening: re.Match[str], unclosed: set[str]) -> tuple[str | None, int]:
    """Return what stands in a field and where it ends, or None for one that was cut off.

    `unclosed` gathers closing tags that do not come any more, so that none is looked for twice.
    """
    start = opening.end()
    name = opening["name"].lower()
    if opening["empty"] or (name == "link" and "href" in opening["attributes"]):
        return "", start
    closing = f"</{opening['prefix'] or ''}{opening['name']}"
    end = -1 if closing in unclosed else chunk.find(closing, start)
    if end >= 0:
        return chunk[start:end], end
    unclosed.add(closing)
    return (chunk[start:], len(chunk)) if name in _USEFUL_WHEN_CUT else (None, start)


def _read_value(value: str) -> str:
    """Return the text of a field, its references decoded once, CDATA taken as it is."""
    parts = []
    position = 0
    for section in _CDATA.finditer(value):
        parts += [unescape(value[position : section.start()]), section[1]]
        position = section.end()
    parts.append(unescape(value[position:]))
    return _FORBIDDEN.sub("\ufffd", "".join(parts))
