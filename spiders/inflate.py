"""Unpack deflate, zlib and gzip by zlib-ng where it is installed, else by zlib; knows no domain.

Both give the same bytes, the same leftovers and the same words for what is broken: zlib-ng is a
fork of zlib, and takes half its time.
"""

from __future__ import annotations

import zlib
from types import ModuleType
from typing import Protocol, cast

try:
    from zlib_ng import zlib_ng
except ImportError:  # no wheel for this platform: everything works, at the speed of zlib
    _library: ModuleType = zlib
else:
    _library = zlib_ng


class Unpacker(Protocol):
    """What `zlib.decompressobj` returns."""

    @property
    def eof(self) -> bool:
        """Say whether the stream's end was reached, its checksum being right."""
        ...

    @property
    def unconsumed_tail(self) -> bytes:
        """Return what is to be fed again, since the last piece was full."""
        ...

    @property
    def unused_data(self) -> bytes:
        """Return what was fed beyond the stream's end."""
        ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Return a piece of at most `max_length` bytes (0: any number); raises one of BROKEN."""
        ...


BROKEN: tuple[type[Exception], ...] = (zlib.error, cast("type[Exception]", _library.error))
"""What an unpacker raises: zlib-ng has an error of its own, which is no `zlib.error`."""


def new_unpacker(wbits: int) -> Unpacker:
    """Return what unpacks one stream; `wbits` as zlib counts them."""
    return cast("Unpacker", _library.decompressobj(wbits))
