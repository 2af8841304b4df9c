"""Undo content codings piece by piece, never past a cap (FAULTS C8). Without domain knowledge."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]  # ships none

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from spiders.inflate import BROKEN, new_unpacker

MOST_CODINGS = 2
"""RFC 9110 (8.4) lets codings be piled up; nobody honest needs more than two."""

STEP = 64 * 1024
WINDOW_LOG = 23
"""8 MB: what RFC 9659 lets zstd ask for as a content coding."""


class Undecodable(Exception):
    """A content coding that is unknown, piled too high, or whose bytes are broken."""


class TooLarge(Exception):
    """More bytes than the cap came, or came out."""


class Coding(Protocol):
    """One content coding being undone."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` comes to, in pieces of at most STEP bytes."""
        ...


class _Zlib:
    """gzip, also of several members, and deflate with or without its wrapper."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._stream = new_unpacker(wbits)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            try:
                piece = self._stream.decompress(data, STEP)
            except BROKEN:
                if self._begun or self._wbits != zlib.MAX_WBITS:
                    raise
                # deflate without the zlib wrapper, as some servers send it
                self._wbits = -zlib.MAX_WBITS
                self._stream = new_unpacker(self._wbits)
                continue
            self._begun = True
            data = self._stream.unconsumed_tail
            if self._stream.eof:
                data = self._stream.unused_data
                if self._wbits != 16 + zlib.MAX_WBITS or not data.startswith(b"\x1f\x8b"):
                    data = b""  # what follows the end of the stream is not part of it
                self._stream = new_unpacker(self._wbits)
            if piece:
                yield piece
        while piece := self._stream.decompress(b"", STEP):
            yield piece


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream.is_finished():
            return
        piece = self._stream.process(data, output_buffer_limit=STEP)
        while piece:
            yield piece
            if self._stream.is_finished():
                return
            piece = self._stream.process(b"", output_buffer_limit=STEP)


class _Zstd:
    def __init__(self) -> None:
        self._stream = self._new()

    @staticmethod
    def _new() -> zstd.ZstdDecompressor:
        return zstd.ZstdDecompressor(
            options={zstd.DecompressionParameter.window_log_max: WINDOW_LOG}
        )

    def feed(self, data: bytes) -> Iterator[bytes]:
        piece = self._stream.decompress(data, STEP)
        while True:
            if piece:
                yield piece
            if self._stream.eof:
                data = self._stream.unused_data
                self._stream = self._new()
                if not data:
                    return
                piece = self._stream.decompress(data, STEP)
            elif self._stream.needs_input or not piece:
                return
            else:
                piece = self._stream.decompress(b"", STEP)


CODINGS: dict[str, Callable[[], Coding]] = {
    "gzip": lambda: _Zlib(16 + zlib.MAX_WBITS),
    "x-gzip": lambda: _Zlib(16 + zlib.MAX_WBITS),
    "deflate": lambda: _Zlib(zlib.MAX_WBITS),
    "br": _Brotli,
    "zstd": _Zstd,
}
ACCEPTED = "gzip, deflate, br, zstd"


class Decoder:
    """Undo the codings of one body; `cap` holds for what comes out of each of them."""

    def __init__(self, header: str, *, cap: int) -> None:
        names = [name.strip().lower() for name in header.split(",")]
        names = [name for name in names if name not in ("", "identity")]
        if len(names) > MOST_CODINGS:
            raise Undecodable(f"{len(names)} content codings are piled up")
        unknown = [name for name in names if name not in CODINGS]
        if unknown:
            raise Undecodable(f"unknown content coding {unknown[0][:40]!r}")
        self._codings: list[Coding] = [CODINGS[name]() for name in reversed(names)]
        self._counts = [0] * len(self._codings)
        self._cap = cap

    @property
    def active(self) -> bool:
        """Say whether there is anything to undo."""
        return bool(self._codings)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` comes to; raises TooLarge and Undecodable."""
        try:
            yield from self._through(data, 0)
        except (*BROKEN, brotli.error, zstd.ZstdError, EOFError, OSError) as error:
            raise Undecodable(f"broken content coding: {error}") from error

    def _through(self, data: bytes, stage: int) -> Iterator[bytes]:
        if stage == len(self._codings):
            yield data
            return
        for piece in self._codings[stage].feed(data):
            self._counts[stage] += len(piece)
            if self._counts[stage] > self._cap:
                raise TooLarge(f"more than {self._cap} bytes come out of a content coding")
            yield from self._through(piece, stage + 1)
