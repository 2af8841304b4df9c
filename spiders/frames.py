"""What the service and its crawl child say to each other: frames of JSON, capped and checked.

    service → child     Start, More, Fetch, ReadOn, Stop
    child → service     Looked, Listed, RobotsRead, PagePrepared, PageFailed, SourceDone, Done

A frame is four bytes of length (big-endian) and so many bytes of UTF-8 JSON.  Never pickle: the
child reads hostile bytes, and what comes from it is data that may be wrong, never code.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from monitor.errors import FrameError
from monitor.model import (
    Header,
    Look,
    Outcome,
    PendingEntry,
    Prepared,
    SiteBlocks,
    Source,
    Validators,
)
from spiders.archive import ListForm, Listing
from spiders.settings import FetchSettings

LARGEST_FRAME = 64 * 1024 * 1024
"""A look with 100,000 entries, or a page of the largest size in base64, fits."""

T = TypeVar("T")
HEAD = struct.Struct(">I")


class Message(BaseModel):
    """What every message has: it is frozen, and holds nothing that is not in the protocol."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, ser_json_bytes="base64", val_json_bytes="base64"
    )


class SourceTask(Message):
    """One source of a batch; with `look` off, only its pending entries are fetched.

    With a `form` it is one list of an archive's addresses: it is read, told, and that is all.
    """

    source: Source
    validators: Validators = Validators()
    look: bool = True
    form: ListForm | None = None


class RobotsRecord(Message):
    """What a site's robots.txt said, to be given back for as long as it is fresh.

    `verdict` is how it was read by RFC 9309: `rules` in `text`, `allow` all (a 4xx, or no rules),
    or `forbid` all (a 5xx, or no answer).
    """

    origin: str
    fetched_at: datetime
    status: int | None
    verdict: Literal["rules", "allow", "forbid"]
    reason: str = ""
    text: str = ""


class Start(Message):
    """Begin with these sources; the workers must prepare with the rules of this version.

    With `more`, further sources follow, until a More says that it is the last.
    """

    type: Literal["start"] = "start"
    more: bool = False
    tasks: tuple[SourceTask, ...]
    settings: FetchSettings = FetchSettings()
    rules_version: str = ""
    robots: tuple[RobotsRecord, ...] = ()


class More(Message):
    """Further sources for a crawl under way, none of which is in it now; `last`: no more follow."""

    type: Literal["more"] = "more"
    tasks: tuple[SourceTask, ...] = ()
    robots: tuple[RobotsRecord, ...] = ()
    last: bool = False


class Fetch(Message):
    """The answer to a look: which entries to fetch; `last` when no more follow for the source.

    `blocks` are snapshots by site; `validators`, by entry id, make a request conditional.
    """

    type: Literal["fetch"] = "fetch"
    source_id: str
    entries: tuple[PendingEntry, ...] = ()
    blocks: tuple[SiteBlocks, ...] = ()
    validators: dict[str, Validators] = {}
    robots: tuple[RobotsRecord, ...] = ()
    last: bool = True


class ReadOn(Message):
    """In place of an answer to a look: read this page of older entries, and tell it as a look."""

    type: Literal["read on"] = "read on"
    source_id: str
    url: str


class Stop(Message):
    """Begin nothing new and end."""

    type: Literal["stop"] = "stop"


class Looked(Message):
    """What one source offers; to be answered with a Fetch, empty or not."""

    type: Literal["looked"] = "looked"
    look: Look


class Listed(Message):
    """What one list of an archive holds, or why it could not be read; wants no answer."""

    type: Literal["listed"] = "listed"
    source_id: str
    listing: Listing


class RobotsRead(Message):
    """A robots.txt was fetched."""

    type: Literal["robots"] = "robots"
    record: RobotsRecord


class PagePrepared(Message):
    """One page, prepared.

    `body` is what came over the wire before content decoding, and `headers` as they came; both
    only when the page was flagged (the evidence keeps them). `size` is in bytes, as it came.
    """

    type: Literal["prepared"] = "prepared"
    source_id: str
    entry_id: str
    prepared: Prepared
    validators: Validators = Validators()
    truncated: bool = False
    size: int = 0
    body: bytes | None = None
    headers: tuple[Header, ...] = ()


class PageFailed(Message):
    """One page that could not be had or prepared.

    `outcome` is None when it is to be tried again (`retry`); `retry_after` is in seconds.
    `asked` is False when the page itself was not asked for (its host is left alone, robots.txt
    could not be had, the source's time in this crawl is over): that is no try of the page.
    """

    type: Literal["failed"] = "failed"
    source_id: str
    entry_id: str
    url: str
    reason: str
    outcome: Outcome | None = None
    retry: bool = False
    status: int | None = None
    retry_after: int | None = None
    asked: bool = True


class SourceDone(Message):
    """Every entry that was to be fetched for the source has been answered for."""

    type: Literal["source done"] = "source done"
    source_id: str


class Done(Message):
    """The child has nothing more to do; `problem` is why it could not begin, or None."""

    type: Literal["done"] = "done"
    problem: str | None = None


ToChild = Start | More | Fetch | ReadOn | Stop
FromChild = Looked | Listed | RobotsRead | PagePrepared | PageFailed | SourceDone | Done

_TO_CHILD: TypeAdapter[ToChild] = TypeAdapter(Annotated[ToChild, Field(discriminator="type")])
_FROM_CHILD: TypeAdapter[FromChild] = TypeAdapter(Annotated[FromChild, Field(discriminator="type")])


def write_frame(message: Message) -> bytes:
    """Return `message` as a frame; raises FrameError when it is too large or cannot be written."""
    try:
        # `model_dump_json` gives text, which would be one copy more of a page's bytes.
        payload = message.__pydantic_serializer__.to_json(message)
    except ValueError as error:
        raise FrameError(f"while writing a {type(message).__name__} frame: {error}") from error
    if len(payload) > LARGEST_FRAME:
        raise FrameError(
            f"while writing a {type(message).__name__} frame: {len(payload)} bytes are more than"
            f" {LARGEST_FRAME}"
        )
    return HEAD.pack(len(payload)) + payload


def read_to_child(payload: bytes) -> ToChild:
    """Return the message for the child in `payload`, or raise FrameError."""
    return _read(_TO_CHILD, payload)


def read_from_child(payload: bytes) -> FromChild:
    """Return the message from the child in `payload`, or raise FrameError."""
    return _read(_FROM_CHILD, payload)


def _read(adapter: TypeAdapter[T], payload: bytes) -> T:
    try:
        return adapter.validate_json(payload, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise FrameError(f"while reading a frame: {place}: {first['msg']}") from None


class FrameSplitter:
    """Cut a stream of bytes into the payloads of its frames; refuses one that is too large."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield every payload that `data` completes; raises FrameError on an absurd length."""
        self._buffer += data
        while len(self._buffer) >= HEAD.size:
            (length,) = HEAD.unpack_from(self._buffer)
            if length > LARGEST_FRAME:
                raise FrameError(f"while reading a frame: {length} bytes are announced")
            end = HEAD.size + length
            if len(self._buffer) < end:
                return
            payload = bytes(self._buffer[HEAD.size : end])
            del self._buffer[:end]
            yield payload

    @property
    def rest(self) -> int:
        """Return how many bytes of an unfinished frame have come."""
        return len(self._buffer)
