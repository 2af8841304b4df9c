"""Sources as the first look holds them."""

from __future__ import annotations

import numpy as np

from monitor.glance.records import BLOCK, Bytes


def as_source(source: str | bytes) -> Bytes:
    """Return a source as the room of a page holds it: with a block of other bytes behind."""
    data = source.encode() if isinstance(source, str) else source
    room = np.frombuffer(data + b"<\x01\xff>" * (BLOCK // 4), np.uint8).copy()
    return room[: len(data)]
