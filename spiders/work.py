"""What workers are asked and what they answer, as bytes: JSON and the raw bodies beside it."""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from monitor.errors import FrameError
from monitor.feeds.reading import FeedReading
from monitor.model import (
    Entry,
    Header,
    Page,
    Prepared,
    SectionLinks,
    SiteBlocks,
    SourceKind,
)
from spiders.archive import ListForm, ListReading

T = TypeVar("T")
HEAD = struct.Struct(">II")
LARGEST_ANSWER = 64 * 1024 * 1024
LARGEST_BLOB = 256 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class WorkerSetup:
    """What a worker is made of; compiled once, before the workers are forked.

    `factory` is a `module:function` that is called with `arguments` and returns something with
    `prepare(page, entry, blocks) -> Prepared` and, if it has one, a `rules_version`.
    `reader` is a `module:function` with the signature of `monitor.feeds.read.read_entries`.
    """

    factory: str = "monitor.prepare:load_preparer"
    reader: str = "monitor.feeds.read:read_entries"
    arguments: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class PageWork:
    """Prepare one page."""

    page: Page
    entry: Entry | None = None
    blocks: SiteBlocks | None = None


@dataclass(frozen=True, kw_only=True)
class FeedWork:
    """Read the entries of one source's bytes; `url` is the final one."""

    body: bytes
    kind: SourceKind
    url: str
    headers: tuple[Header, ...] = ()
    links: SectionLinks | None = None
    language: str | None = None


@dataclass(frozen=True, kw_only=True)
class ListWork:
    """Read one list of an archive's addresses; `url` is the final one."""

    body: bytes
    form: ListForm
    url: str
    now: datetime
    headers: tuple[Header, ...] = ()
    links: SectionLinks | None = None
    language: str | None = None


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A worker's word on work that raised; `fatal` when the worker cannot go on (out of memory)."""

    error: str
    fatal: bool = False


Work = PageWork | FeedWork | ListWork
Answer = Prepared | FeedReading | ListReading | Failed

_WORK: TypeAdapter[Work] = TypeAdapter(Work)
_ANSWERS: dict[str, TypeAdapter[Any]] = {
    "Prepared": TypeAdapter(Prepared),
    "FeedReading": TypeAdapter(FeedReading),
    "ListReading": TypeAdapter(ListReading),
    "Failed": TypeAdapter(Failed),
}


def pack_work(work: Work) -> tuple[bytes, bytes]:
    """Return `work` as JSON and the raw bytes that go beside it."""
    if isinstance(work, FeedWork | ListWork):
        return _WORK.dump_json(replace(work, body=b"")), work.body
    page = work.page
    # A body that came uncompressed is its own wire body: sent once.
    wire = b"" if page.wire_body == page.body else page.wire_body
    bare = replace(work, page=replace(page, body=b"", wire_body=b""))
    return _WORK.dump_json(bare), struct.pack(">I", len(page.body)) + page.body + wire


def unpack_work(text: bytes, blob: bytes) -> Work:
    """Return the work that `pack_work` packed."""
    work = _WORK.validate_json(text)
    if isinstance(work, FeedWork | ListWork):
        return replace(work, body=blob)
    (length,) = struct.unpack_from(">I", blob)
    body, wire = blob[4 : 4 + length], blob[4 + length :]
    return replace(work, page=replace(work.page, body=body, wire_body=wire or body))


def pack_answer(answer: Answer) -> tuple[bytes, bytes]:
    """Return `answer` as JSON and its type's name; raises ValueError on what JSON cannot hold."""
    name = type(answer).__name__
    return _ANSWERS[name].dump_json(answer), name.encode()


def unpack_answer(text: bytes, name: bytes) -> Answer:
    """Return the answer in `text`, checked; raises FrameError when it is none."""
    try:
        answer: Answer = _ANSWERS[name.decode("ascii", "replace")].validate_json(text, strict=True)
    except (KeyError, ValidationError) as error:
        raise FrameError(f"while reading a worker's answer: {error}") from None
    return answer


def send_parts(sock: socket.socket, text: bytes, blob: bytes, *, timeout: float | None) -> None:
    """Send one message; `timeout` is for all of it. Raises OSError, TimeoutError among them."""
    sock.settimeout(timeout)
    sock.sendall(HEAD.pack(len(text), len(blob)) + text)
    if blob:
        sock.sendall(blob)


def receive_parts(
    sock: socket.socket, *, timeout: float | None, largest: int = LARGEST_ANSWER
) -> tuple[bytes, bytes] | None:
    """Return one message, or None when the other end has closed.

    Raises TimeoutError when it is not whole after `timeout` seconds, FrameError when it is larger
    than `largest`.
    """
    ends = None if timeout is None else time.monotonic() + timeout
    head = _receive_exactly(sock, HEAD.size, ends)
    if head is None:
        return None
    text_length, blob_length = HEAD.unpack(head)
    if text_length + blob_length > largest:
        raise FrameError(f"while reading a worker's answer: {text_length + blob_length} bytes")
    text = _receive_exactly(sock, text_length, ends)
    blob = _receive_exactly(sock, blob_length, ends)
    return None if text is None or blob is None else (text, blob)


def _receive_exactly(sock: socket.socket, length: int, ends: float | None) -> bytes | None:
    buffer = bytearray(length)
    view, got = memoryview(buffer), 0
    while got < length:
        if ends is not None:
            left = ends - time.monotonic()
            if left <= 0:
                raise TimeoutError("no whole message in time")
            sock.settimeout(left)
        else:
            sock.settimeout(None)
        try:
            count = sock.recv_into(view[got:])
        except ConnectionError:
            return None
        if count == 0:
            return None
        got += count
    return bytes(buffer)
