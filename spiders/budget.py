"""How many bytes a crawl holds at once, under way and in hand. Without domain knowledge."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

SMALL = 512 * 1024
"""Nine pages of ten are smaller, and never wait for a turn; one that drips never gets so far."""

LARGE_AT_ONCE = 12


class TooMuchAtOnce(Exception):
    """More bytes are under way than can be held; to be tried again later."""


class Budget:
    """Bytes that are being downloaded, and bytes in hand: fetched, not yet prepared and told.

    Over `most`, downloads pause until what is in hand has gone its way.  It goes without the
    network, so a site that hangs can never keep others waiting here.  With nothing in hand,
    downloads go on, up to `limit`; those beyond SMALL bytes by turns.
    """

    def __init__(self, *, most: int, limit: int) -> None:
        self._most = most
        self._limit = limit
        self.turns = asyncio.Semaphore(LARGE_AT_ONCE)
        self._arriving = 0
        self._in_hand = 0
        self._room = asyncio.Event()
        self._room.set()

    @property
    def full(self) -> bool:
        """Say whether a download has to pause."""
        return not self._room.is_set()

    async def wait(self) -> None:
        """Wait until there is room."""
        await self._room.wait()

    def arrive(self, count: int) -> None:
        """Note that so many bytes have arrived, or, negative, that they are none of ours now.

        Raises TooMuchAtOnce over the limit.
        """
        self._arriving += count
        self._judge()
        if count > 0 and self._arriving + self._in_hand > self._limit:
            raise TooMuchAtOnce("too many large answers are under way at once")

    @contextmanager
    def hold(self, count: int) -> Iterator[None]:
        """Have so many bytes in hand for a while."""
        self._in_hand += count
        self._judge()
        try:
            yield
        finally:
            self._in_hand -= count
            self._judge()

    def _judge(self) -> None:
        if self._in_hand and self._arriving + self._in_hand > self._most:
            self._room.clear()
        else:
            self._room.set()
