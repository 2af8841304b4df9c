"""Gzip around a sitemap or feed, undone up to a cap."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

LONGEST_BODY = 50 * 1024 * 1024  # what the sitemap protocol allows uncompressed
MOST_LAYERS = 2  # `sitemap.xml.gz` is now and then sent with a second gzip around it
MAGIC = b"\x1f\x8b\x08"


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """What was in a body; `problem` says why it may not be all."""

    body: bytes
    problem: str | None = None


def unpack(body: bytes) -> Unpacked:
    """Undo gzip around `body`, at most MOST_LAYERS times; what is not gzip comes back as it is.

    Never holds more than LONGEST_BODY of any layer; a stream that is cut off or broken gives what
    came before.
    """
    problem = None
    for _ in range(MOST_LAYERS):
        if not body.startswith(MAGIC):
            return Unpacked(body=body, problem=problem)
        body, broken = _unpack_once(body)
        problem = problem or broken
    if body.startswith(MAGIC):
        return Unpacked(body=b"", problem="it is packed in gzip more than twice")
    return Unpacked(body=body, problem=problem)


def _unpack_once(body: bytes) -> tuple[bytes, str | None]:
    """Return what is in all members of one gzip file, and what is wrong with it if anything is."""
    parts: list[bytes] = []
    room = LONGEST_BODY
    rest = body
    while rest.startswith(MAGIC) and room > 0:
        inflater = zlib.decompressobj(wbits=31)
        try:
            part = inflater.decompress(rest, room)
        except zlib.error as error:
            return b"".join([*parts, _inflate_to_break(rest, room)]), f"broken gzip ({error})"
        parts.append(part)
        room -= len(part)
        if inflater.unconsumed_tail:
            return b"".join(parts), f"it holds more than {LONGEST_BODY:,} bytes: the rest was cut"
        if not inflater.eof:
            return b"".join(parts), "its gzip is cut off"
        rest = inflater.unused_data
    return b"".join(parts), None


def _inflate_to_break(packed: bytes, room: int) -> bytes:
    """Return what can be had of a gzip member before the byte that breaks it."""
    inflater = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    for start in range(0, len(packed), 4096):
        try:
            part = inflater.decompress(packed[start : start + 4096], max(room, 1))
        except zlib.error:
            break
        parts.append(part)
        room -= len(part)
        if room <= 0:
            break
    return b"".join(parts)
