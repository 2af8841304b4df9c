"""Well-formed XML, element by element, in memory that does not grow with their number."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Protocol

from lxml import etree

from monitor.feeds.elements import Element


class Source(Protocol):
    """What can be read from piece by piece."""

    def read(self, size: int = -1, /) -> bytes:
        """Return some bytes; none at the end."""
        ...


def open_source(body: bytes, start: int) -> Source:
    """Return `body` from `start` on, to be read piece by piece without a copy of it all."""
    source = io.BytesIO(body)
    source.seek(start)
    return source


class ItemStream:
    """Yield each element of one of `names`, whole and in its place, and forget it afterwards.

    `source` is a file of UTF-8 that starts with the root. Iterating raises lxml's XMLSyntaxError
    where the XML breaks, after what came before. An element inside another of `names` belongs to
    that one and is not yielded by itself. `head` is the root with what was not yielded, None before
    the end. Opens nothing: the document type is not among the bytes that are parsed.
    """

    def __init__(self, source: Source, names: tuple[str, ...]) -> None:
        self._names = names
        self._source = source
        self.head: Element | None = None

    def __iter__(self) -> Iterator[Element]:
        events = etree.iterparse(
            self._source,
            events=("end",),
            tag=[f"{{*}}{name}" for name in self._names],
            encoding="utf-8",
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        done: Element | None = None
        for _, element in events:
            if not _is_inside(element, self._names):
                _forget(done)
                yield element
                done = element
        _forget(done)
        self.head = events.root


def _is_inside(element: Element, names: tuple[str, ...]) -> bool:
    return any(_local_name(node.tag) in names for node in element.iterancestors())


def _local_name(tag: str) -> str:
    """Return a name without namespace or prefix; a prefix that is declared nowhere stays in it."""
    return tag.rpartition("}")[2].rpartition(":")[2]


def _forget(element: Element | None) -> None:
    if element is not None and element.getparent() is not None:
        element.getparent().remove(element)
