"""WARC files record by record, whatever state they are in (ISO 28500; FAULTS G1, G2).

    bytes ─ gzip member by member (or none) ─ record ─ digest ─ HTTP response

A member that is broken costs itself: reading goes on at the next one.  Nothing is ever held beyond
the caps, however much a member unpacks to.  Without a network, and without knowledge of pages.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

MAGIC = b"\x1f\x8b\x08"
READ = 256 * 1024
MOST_HEADERS = 64 * 1024
MOST_BLOCK = 16 * 1024 * 1024
"""Bytes of one record that are kept; news pages have 2 MB at most."""

MOST_MEMBER = 2 * 1024 * 1024 * 1024
"""Bytes that one gzip member may unpack to before the rest of it is given up."""

_DIGESTS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "md5": hashlib.md5}


@dataclass(frozen=True, kw_only=True)
class Record:
    """One WARC record; `offset` is where its gzip member begins in the file.

    `headers` are in lower case.  `block` is cut at MOST_BLOCK, which `is_cut` says.
    """

    offset: int
    headers: dict[str, str]
    block: bytes
    is_cut: bool = False

    @property
    def kind(self) -> str:
        """Return the record's type, as in `response` or `warcinfo`."""
        return self.headers.get("warc-type", "")


@dataclass(frozen=True, kw_only=True)
class Damage:
    """A place in a file that could not be read as it should."""

    offset: int
    problem: str


@dataclass
class _Window:
    """The unread bytes of one member, unpacked as they are asked for."""

    source: _Source
    unpacker: zlib._Decompress | None
    data: bytearray = field(default_factory=bytearray)
    unpacked: int = 0

    def fill(self, wanted: int) -> bool:
        """Have `wanted` bytes at hand; False where the member ends before.  Raises zlib.error."""
        while len(self.data) < wanted:
            piece = self._next(min(READ, max(wanted - len(self.data), 4096)))
            if not piece:
                return False
            self.data += piece
            self.unpacked += len(piece)
            if self.unpacked > MOST_MEMBER:
                raise zlib.error(f"a member unpacks to more than {MOST_MEMBER} bytes")
        return True

    def _next(self, most: int) -> bytes:
        if self.unpacker is None:
            return self.source.take(most)
        while not self.unpacker.eof:
            raw = self.unpacker.unconsumed_tail or self.source.take(READ)
            if not raw:
                raise EOFError("the file ends within a record")
            piece = self.unpacker.decompress(raw, most)
            if self.unpacker.eof:
                self.source.give_back(self.unpacker.unused_data)
            if piece:
                return piece
        return b""

    def take(self, count: int) -> bytes:
        taken = bytes(self.data[:count])
        del self.data[:count]
        return taken


class _Source:
    """The file's own bytes with their offsets, some of them given back to be read again."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._back = b""
        self.offset = file.tell()

    def take(self, most: int) -> bytes:
        data, self._back = (self._back, b"") if self._back else (self._file.read(most), b"")
        self.offset += len(data)
        return data

    def give_back(self, data: bytes) -> None:
        self._back = data + self._back
        self.offset -= len(data)

    def seek(self, offset: int) -> None:
        self._file.seek(offset)
        self._back, self.offset = b"", offset


def read_records(
    file: BinaryIO, *, start: int = 0, end: int | None = None
) -> Iterator[Record | Damage]:
    """Yield the records whose gzip members begin from `start` up to, not including, `end`.

    Between any two offsets of a file of many members exactly the same records are found as in the
    whole; of an uncompressed file, or one that is a single member, the first part has all.
    """
    file.seek(start)
    source = _Source(file)
    if start and not _seek_member(source, start):
        return
    while end is None or source.offset < end:
        offset = source.offset
        head = source.take(READ)
        source.give_back(head)
        if not head:
            return
        try:
            yield from _read_member(source, offset, packed=head.startswith(MAGIC[:2]))
        except (zlib.error, EOFError, ValueError) as error:
            yield Damage(offset=offset, problem=str(error))
            if not _seek_member(source, offset + 1):
                return
            continue


def _seek_member(source: _Source, offset: int) -> bool:
    """Go to the first offset from `offset` on where a member with a record begins."""
    source.seek(offset)
    carried, base = b"", offset
    while data := source.take(READ):
        data = carried + data
        at = data.find(MAGIC)
        while at >= 0:
            if len(data) - at < 1024 and (more := source.take(READ)):
                data += more
            if _begins_record(data[at : at + 4096]):
                source.seek(base + at)
                return True
            at = data.find(MAGIC, at + 1)
        base += max(0, len(data) - 2)
        carried = data[-2:] if len(data) >= 2 else data
    return False


def _begins_record(data: bytes) -> bool:
    try:
        return zlib.decompressobj(31).decompress(data, 5) == b"WARC/"
    except zlib.error:
        return False


def _read_member(source: _Source, offset: int, *, packed: bool) -> Iterator[Record | Damage]:
    window = _Window(source, zlib.decompressobj(31) if packed else None)
    while True:
        while window.fill(1) and window.data[0] in b"\r\n":
            window.take(1)
        if not window.fill(1):
            return
        yield from _read_record(window, offset)


def _read_record(window: _Window, offset: int) -> Iterator[Record | Damage]:
    headers = _read_headers(window)
    length = int(headers.get("content-length", "-1"))
    if length < 0:
        raise ValueError("a record without its length")
    kept = min(length, MOST_BLOCK)
    if not window.fill(kept):
        raise EOFError("a record is shorter than it says")
    block = window.take(kept)
    left = length - kept
    while left and window.fill(1):
        left -= len(window.take(min(left, READ)))
    record = Record(offset=offset, headers=headers, block=block, is_cut=length > kept)
    problem = None if record.is_cut else find_wrong_digest(record)
    if problem:
        yield Damage(offset=offset, problem=problem)
    yield record
    # Two line ends close a record; anything else means that its length is wrong.
    if window.fill(4) and window.take(4) != b"\r\n\r\n":
        raise ValueError("a record is longer than it says")


def _read_headers(window: _Window) -> dict[str, str]:
    size = 1024
    while (end := window.data.find(b"\r\n\r\n")) < 0:
        if size > MOST_HEADERS:
            raise ValueError(f"a record has more than {MOST_HEADERS} bytes of headers")
        if not window.fill(size) and window.data.find(b"\r\n\r\n") < 0:
            raise EOFError("the file ends within a record's headers")
        size *= 2
    lines = window.take(end + 4)[:-4].decode("utf-8", "replace").split("\r\n")
    if not lines[0].startswith("WARC/"):
        raise ValueError("what should be a record is none")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    return headers


def find_wrong_digest(record: Record) -> str | None:
    """Return what is wrong with a record's digest, or None; one that is not known is not wrong."""
    for name, data in (
        ("warc-payload-digest", record.block.partition(b"\r\n\r\n")[2]),
        ("warc-block-digest", record.block),
    ):
        algorithm, _, value = record.headers.get(name, "").partition(":")
        make = _DIGESTS.get(algorithm.lower().replace("-", ""))
        if (
            make is None
            or not value
            or (name.startswith("warc-payload") and record.kind != "response")
        ):
            continue
        found = make(data, usedforsecurity=False).digest()
        if value.strip().lower() != found.hex() and _from_base32(value) != found:
            return f"the digest of a record is wrong ({name})"
        return None  # one is enough: both cover the page
    return None


def _from_base32(value: str) -> bytes | None:
    try:
        return base64.b32decode(value.strip().upper())
    except binascii.Error:
        return None
