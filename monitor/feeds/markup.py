"""XML from strangers: where it begins, what it declares, and its commonest faults repaired.

A document type declaration is cut away before any parser sees the bytes, so that there is nothing
left to expand or to load from elsewhere (FAULTS C9).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.entities import html5

LONGEST_ENTITY = 64  # of a feed's own entities; enough for a name, too little for a bomb
MOST_ENTITIES = 300
LONGEST_PROLOG = 1 << 20  # a document type with all of HTML's entities has 50 kB
MOST_PROLOG_PARTS = 200

_PROLOG_PART = re.compile(rb"\s+|<\?|<!--|<!DOCTYPE|<", re.IGNORECASE)
_ROOT = re.compile(rb"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)(?=[\s>/])")
_KNOWN_ROOT = re.compile(
    rb"<((?:[A-Za-z_][\w.-]*:)?)(rss|rdf|feed|urlset|sitemapindex|channel|opml)(?=[\s>])",
    re.IGNORECASE,
)
_DOCTYPE_PART = re.compile(rb"[\"'\[\]>]|<!--")
_ENTITY = re.compile(rb"<!ENTITY\s+([A-Za-z_][\w.-]{0,60})\s+(?:\"([^\"<]*)\"|'([^'<]*)')\s*>")
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
_NONCHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")
_REFERENCE = re.compile(rb"&(?:(#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z_][\w.-]*);)?|<(?![A-Za-z_/!?])")
_OF_XML = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})
# What browsers read for the numbers 128 to 159 (WHATWG HTML, 13.2.5.80).
_C1 = {n: bytes([n]).decode("cp1252", "ignore") or "\ufffd" for n in range(128, 160)}


@dataclass(frozen=True, kw_only=True)
class Prolog:
    """Where the root element starts, its name without prefix in small case, and what precedes it.

    `entities` are the feed's own, as text. `junk` says that something stands before that has no
    place in XML.
    """

    start: int
    root: str
    entities: dict[bytes, bytes] = field(default_factory=dict)
    junk: bool = False


def read_prolog(body: bytes) -> Prolog | None:
    """Find the root element of UTF-8 `body`, or None where there is none."""
    found, entities = _walk_prolog(body)
    if found is not None:
        root = _ROOT.match(body, found)
        if root is not None and _is_known(root[2]):
            return Prolog(start=found, root=root[2].decode().lower(), entities=entities)
    known = _KNOWN_ROOT.search(body, 0, 65_536)
    if known is not None:
        root_name = known[2].decode().lower()
        return Prolog(start=known.start(), root=root_name, entities=entities, junk=True)
    if found is None or root is None:
        return None
    return Prolog(start=found, root=root[2].decode().lower(), entities=entities)


def repair(markup: bytes, entities: dict[bytes, bytes] | None = None) -> bytes:
    """Return `markup` with bare ampersands, HTML's entities and forbidden characters set right.

    CDATA sections and comments are left alone but for characters that XML forbids everywhere.
    `entities` are further names and their texts.
    """
    own = entities or {}
    parts: list[bytes] = []
    for start, end, is_markup in find_sections(markup):
        piece = markup[start:end].translate(None, _CONTROLS)
        piece = _NONCHARACTER.sub(b"\xef\xbf\xbd", piece)
        if is_markup:
            piece = _REFERENCE.sub(lambda found: _resolve(found[0], found[1], own), piece)
        parts.append(piece)
    return b"".join(parts)


def find_sections(body: bytes, start: int = 0) -> Iterator[tuple[int, int, bool]]:
    """Yield stretches of `body`, and of each whether it is neither CDATA nor comment; linear.

    A section that does not end before the item it stands in is none: its opening is markup.
    """
    ends = {b"<![CDATA[": _Finder(body, b"]]>"), b"<!--": _Finder(body, b"-->")}
    items = _Finder(body, b"</item>", b"</entry>")
    position = start
    for opening in _SECTION.finditer(body, start):
        at = opening.start()
        if at < position:
            continue
        end = ends[opening[0]].after(opening.end() - (2 if opening[0] == b"<!--" else 0))
        if end < 0 or _crosses_items(body, items, at, end):
            continue
        yield position, at, True
        position = end + 3
        yield at, position, False
    yield position, len(body), True


def swallows_items(body: bytes, start: int) -> bool:
    """Say whether a CDATA section that was not closed runs on into the next item.

    That is well-formed XML, and hides the next item. An article that quotes a whole feed looks the
    same, and is rarer.
    """
    position = body.find(b"<![CDATA[", start)
    while position >= 0:
        end = body.find(b"]]>", position)
        if end < 0:
            return False
        border = body.find(b"</item>", position, end)
        if border >= 0 and _BORDER.match(body, border) and body.find(b"<![CDATA[", border, end) > 0:
            return True
        position = body.find(b"<![CDATA[", end)
    return False


def _crosses_items(body: bytes, items: _Finder, start: int, end: int) -> bool:
    """Say whether an item's end, with another's start right behind it, stands between the two."""
    border = items.after(start)
    return 0 <= border < end and _BORDER.match(body, border) is not None


_SECTION = re.compile(rb"<!\[CDATA\[|<!--")
_BORDER = re.compile(rb"</(item|entry)>\s{0,2000}<(?:/channel|/rss|/feed|\1[\s>])")


class _Finder:
    """Find the next of some byte strings, asked for growing positions, in linear time in all."""

    def __init__(self, markup: bytes, *wanted: bytes) -> None:
        self._markup = markup
        self._next = dict.fromkeys(wanted, -2)  # -2: not looked for yet, -1: no more

    def after(self, position: int) -> int:
        """Return the first position from `position` on, or -1."""
        best = -1
        for wanted, known in self._next.items():
            if known == -1:
                continue
            if known < position:
                known = self._markup.find(wanted, position)  # noqa: PLW2901
                self._next[wanted] = known
            if known >= 0 and (best < 0 or known < best):
                best = known
        return best


def _is_known(name: bytes) -> bool:
    return name.lower() in {b"rss", b"rdf", b"feed", b"urlset", b"sitemapindex", b"opml", b"html"}


def _walk_prolog(body: bytes) -> tuple[int | None, dict[bytes, bytes]]:
    """Return where the first element starts, past declarations and comments, and the entities."""
    entities: dict[bytes, bytes] = {}
    head = body[:LONGEST_PROLOG]
    position = 0
    for _ in range(MOST_PROLOG_PARTS):
        found = _PROLOG_PART.match(head, position)
        if found is None:  # text where none may be: a warning of the server's program, for one
            position = head.find(b"<", position)
            if position < 0:
                return None, entities
            continue
        part = found[0].upper()
        if part == b"<":
            if _ROOT.match(head, position):
                return position, entities
            position += 1
        elif part == b"<?":
            position = _find_end(head, b"?>", position)
        elif part == b"<!--":
            position = _find_end(head, b"-->", position)
        elif part == b"<!DOCTYPE":
            end = _find_doctype_end(head, found.end())
            entities.update(_read_entities(head[position:end]))
            position = end
        else:
            position = found.end()
    return None, entities


def _find_end(head: bytes, closing: bytes, position: int) -> int:
    """Return where `closing` has ended; right behind the opening when it never does."""
    end = head.find(closing, position)
    return position + 2 if end < 0 else end + len(closing)


def _find_doctype_end(head: bytes, position: int) -> int:
    depth = 0
    start = position
    while True:
        found = _DOCTYPE_PART.search(head, position)
        if found is None:
            return start  # it never ends: what follows is looked at as if it were not there
        part = found[0]
        position = found.end()
        if part in {b'"', b"'", b"<!--"}:
            closing = b"-->" if part == b"<!--" else part
            position = head.find(closing, position) + len(closing)
            if position < len(closing):
                return start
        elif part == b">" and depth <= 0:
            return position
        else:
            depth += {b"[": 1, b"]": -1}.get(part, 0)


def _read_entities(doctype: bytes) -> dict[bytes, bytes]:
    """Return the harmless of the entities that a document declares: short, and plain text."""
    entities: dict[bytes, bytes] = {}
    for found in _ENTITY.finditer(doctype):
        value = found[2] if found[2] is not None else found[3]
        if len(value) <= LONGEST_ENTITY and b"&" not in value and b"%" not in value:
            entities.setdefault(found[1], value)
        if len(entities) >= MOST_ENTITIES:
            break
    return entities


def _resolve(whole: bytes, name: bytes | None, own: dict[bytes, bytes]) -> bytes:
    """Return what stands for a reference, for a bare ampersand, or for a bare `<`."""
    if name is None:
        return b"&lt;" if whole == b"<" else b"&amp;"
    if name.startswith(b"#"):
        return _resolve_number(name[1:])
    if name in _OF_XML or name in own:
        return own.get(name, whole)
    letters = html5.get(name.decode("ascii", "replace") + ";")
    if letters is None:
        return b"&amp;" + whole[1:]
    return letters.replace("&", "&amp;").replace("<", "&lt;").encode()


def _resolve_number(digits: bytes) -> bytes:
    base = 10
    if digits[:1] in b"xX":
        base, digits = 16, digits[1:]
    digits = digits.lstrip(b"0")
    code = int(digits, base) if digits and len(digits) < 9 else 0
    if code in _C1:
        return _C1[code].encode()
    allowed = code in {9, 10, 13} or 32 <= code < 0xD800 or 0xE000 <= code <= 0x10FFFF
    if not allowed or code in {0xFFFE, 0xFFFF}:
        return b"\xef\xbf\xbd"
    return f"&#{code};".encode()
