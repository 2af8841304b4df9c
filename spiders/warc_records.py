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
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from spiders.inflate import BROKEN, new_unpacker

MAGIC = b"\x1f\x8b\x08"
RECORD = b"WARC/"
BLANK_LINE = b"\r\n\r\n"
READ = 256 * 1024
STEP = 4096
"""Bytes that a stream unpacks at least."""
MOST_HEADERS = 64 * 1024
MOST_BLOCK = 16 * 1024 * 1024
"""Bytes of one record that are kept; news pages have 2 MB at most."""

MOST_AT_ONCE = 4 * 1024 * 1024
"""Bytes that a member may have, packed and unpacked, to be unpacked in one step."""

MOST_MEMBER = 2 * 1024 * 1024 * 1024
"""Bytes that one gzip member may unpack to before the rest of it is given up."""

_DIGESTS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "md5": hashlib.md5}


class Place(NamedTuple):
    """Where a record begins: at which byte of the file, and of what is packed there.

    In a gzip member `offset` is where that begins, `within` the unpacked bytes before the record.
    """

    offset: int
    within: int = 0

    def __str__(self) -> str:
        behind = f", behind {self.within} unpacked bytes" if self.within else ""
        return f"byte {self.offset}{behind}"


@dataclass(frozen=True, kw_only=True)
class Record:
    """One WARC record, with its place in the file.

    `headers` are in lower case.  `block` is cut at MOST_BLOCK, which `is_cut` says; it is a view of
    the member where that was unpacked in one step, since a page is long enough to copy once only.
    """

    place: Place
    headers: dict[str, str]
    block: bytes | memoryview
    is_cut: bool = False

    @property
    def kind(self) -> str:
        """Return the record's type, as in `response` or `warcinfo`."""
        return self.headers.get("warc-type", "")

    def find_payload(self) -> int:
        """Return where in the block the body begins; without one, where the block ends."""
        for most in (4096, len(self.block)):
            end = bytes(self.block[:most]).find(BLANK_LINE)
            if end >= 0:
                return end + 4
        return len(self.block)


@dataclass(frozen=True, kw_only=True)
class Damage:
    """A place in a file that could not be read as it should."""

    offset: int
    problem: str


class _Window:
    """The unread bytes of one member, all of them at hand; `at` is the first one."""

    def __init__(self, data: bytes | bytearray) -> None:
        self.data = data
        self.at = 0
        self.gone = 0  # bytes before those that are at hand
        self.begun = 0  # where the record begins that is being read

    def fill(self, wanted: int) -> bool:
        """Have `wanted` bytes at hand; False where the member ends before."""
        return len(self.data) - self.at >= wanted

    def take(self, count: int) -> bytes:
        taken = bytes(self.data[self.at : self.at + count])
        self.at += len(taken)
        return taken

    def take_view(self, count: int) -> bytes | memoryview:
        """Take without copying where it can be done."""
        taken = memoryview(self.data)[self.at : self.at + count]
        self.at += len(taken)
        return taken

    def find_blank_line(self) -> int:
        """Return where the headers end, or -1; not less far than a stream looks that gives up."""
        return self.data.find(BLANK_LINE, self.at, self.at + MOST_HEADERS + STEP)


class _Stream(_Window):
    """The same of a member that is unpacked as its bytes are asked for."""

    def __init__(self, source: _Source, unpacker: zlib._Decompress | None) -> None:
        self._buffer = bytearray()
        super().__init__(self._buffer)
        self._source, self._unpacker = source, unpacker
        self._unpacked = 0

    def fill(self, wanted: int) -> bool:
        """Have `wanted` bytes at hand; False where the member ends before.  Raises zlib.error."""
        while (lacking := wanted - len(self.data) + self.at) > 0:
            piece = self._next(min(READ, max(lacking, STEP)))
            if not piece:
                return False
            del self._buffer[: self.at]
            self.gone += self.at
            self.at = 0
            self._buffer += piece
            self._unpacked += len(piece)
            if self._unpacked > MOST_MEMBER:
                raise zlib.error(f"a member unpacks to more than {MOST_MEMBER} bytes")
        return True

    def take_view(self, count: int) -> bytes | memoryview:
        """Take a copy: what is still to come moves the bytes at hand."""
        return self.take(count)

    def find_blank_line(self) -> int:
        """Return where the headers end, or -1, in what is at hand."""
        return self.data.find(BLANK_LINE, self.at)

    def _next(self, most: int) -> bytes:
        if self._unpacker is None:
            return self._source.take(most)
        while not self._unpacker.eof:
            raw = self._unpacker.unconsumed_tail or self._source.take(READ)
            if not raw:
                raise EOFError("the file ends within a record")
            piece = self._unpacker.decompress(raw, most)
            if self._unpacker.eof:
                self._source.give_back(self._unpacker.unused_data)
            if piece:
                return piece
        return b""


class _Source:
    """The file's own bytes with their offsets, some of them given back to be read again."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._back: list[bytes] = []
        self.offset = file.tell()

    def take(self, most: int) -> bytes:
        data = self._back.pop() if self._back else self._file.read(most)
        self.offset += len(data)
        return data

    def give_back(self, data: bytes) -> None:
        if data:
            self._back.append(data)
            self.offset -= len(data)

    def begins(self, start: bytes) -> bool | None:
        """Tell whether the next bytes are `start`; None where there are none any more."""
        data = self.take(READ)
        while 0 < len(data) < len(start) and (more := self.take(READ)):
            data += more  # a member's first byte may be the last that was read
        self.give_back(data)
        return data.startswith(start) if data else None

    def seek(self, offset: int) -> None:
        self._file.seek(offset)
        self._back, self.offset = [], offset


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
        packed = source.begins(MAGIC[:2])
        if packed is None:
            return
        window = _open(source, packed=packed)
        try:
            yield from _read_member(window, offset, packed=packed)
        except (zlib.error, EOFError, ValueError) as error:
            at = offset if packed else offset + window.begun
            yield Damage(offset=at, problem=str(error))
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
            if unpack_beginning(data[at : at + 4096]) == RECORD:
                source.seek(base + at)
                return True
            at = data.find(MAGIC, at + 1)
        base += max(0, len(data) - 2)
        carried = data[-2:] if len(data) >= 2 else data
    return False


def unpack_beginning(data: bytes) -> bytes | None:
    """Return the first bytes of the gzip member that begins here, None where none does."""
    try:
        return zlib.decompressobj(31).decompress(data, len(RECORD))
    except zlib.error:
        return None


def _open(source: _Source, *, packed: bool) -> _Window:
    """Return the bytes of the member that begins here.

    A member that is small and whole is unpacked in one step.  What is not is read piece by piece,
    and by zlib itself: whatever comes before a break is found, and nothing is lost to an error of
    another library.
    """
    if not packed:
        return _Stream(source, None)
    data = _unpack_small(source)
    return _Stream(source, zlib.decompressobj(31)) if data is None else _Window(data)


def _unpack_small(source: _Source) -> bytes | None:
    """Return all that a member unpacks to, and go past it; None where it is large or broken."""
    unpacker = new_unpacker(31)
    taken: list[bytes] = []
    pieces: list[bytes] = []
    left = most_raw = MOST_AT_ONCE
    while left > 0 and most_raw > 0 and (raw := source.take(READ)):
        taken.append(raw)
        try:
            pieces.append(unpacker.decompress(raw, left))
        except BROKEN:
            break
        if unpacker.eof:
            source.give_back(unpacker.unused_data)
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)
        left -= len(pieces[-1])
        most_raw -= len(raw)
    for raw in reversed(taken):
        source.give_back(raw)
    return None


def _read_member(window: _Window, offset: int, *, packed: bool) -> Iterator[Record | Damage]:
    while True:
        while window.fill(1) and window.data[window.at] in b"\r\n":
            window.take(1)
        if not window.fill(1):
            return
        window.begun = window.gone + window.at
        place = Place(offset, window.begun) if packed else Place(offset + window.begun)
        yield from _read_record(window, place)


def _read_record(window: _Window, place: Place) -> Iterator[Record | Damage]:
    headers = _read_headers(window)
    length = int(headers.get("content-length", "-1"))
    if length < 0:
        raise ValueError("a record without its length")
    kept = min(length, MOST_BLOCK)
    if not window.fill(kept):
        raise EOFError("a record is shorter than it says")
    block = window.take_view(kept)
    left = length - kept
    while left and window.fill(1):
        left -= len(window.take(min(left, READ)))
    record = Record(place=place, headers=headers, block=block, is_cut=length > kept)
    problem = None if record.is_cut else find_wrong_digest(record)
    if problem:
        yield Damage(offset=place.offset, problem=problem)
    yield record
    # Two line ends close a record; anything else means that its length is wrong.
    if window.fill(4) and window.take(4) != BLANK_LINE:
        raise ValueError("a record is longer than it says")


def _read_headers(window: _Window) -> dict[str, str]:
    size = 1024
    while (end := window.find_blank_line()) < 0:
        if size > MOST_HEADERS:
            raise ValueError(f"a record has more than {MOST_HEADERS} bytes of headers")
        if not window.fill(size) and window.find_blank_line() < 0:
            raise EOFError("the file ends within a record's headers")
        size *= 2
    lines = window.take(end - window.at + 4)[:-4].decode("utf-8", "replace").split("\r\n")
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
    for name in ("warc-payload-digest", "warc-block-digest"):
        algorithm, _, value = record.headers.get(name, "").partition(":")
        make = _DIGESTS.get(algorithm.lower().replace("-", ""))
        of_payload = name.startswith("warc-payload")
        if make is None or not value or (of_payload and record.kind != "response"):
            continue
        start = record.find_payload() if of_payload else 0
        # A view: copying a page costs as much as a tenth of its digest.
        found = make(memoryview(record.block)[start:], usedforsecurity=False).digest()
        if value.strip().lower() != found.hex() and _from_base32(value) != found:
            return f"the digest of a record is wrong ({name})"
        return None  # one is enough: both cover the page
    return None


def _from_base32(value: str) -> bytes | None:
    try:
        return base64.b32decode(value.strip().upper())
    except binascii.Error:
        return None
