"""A clock that runs as the machine's does, and may be set, moved on, or put to sleep."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self


class MovedClock:
    """The machine's clock with an offset, for both of its counts."""

    def __init__(self, ahead: float = 0.0) -> None:
        self.ahead = ahead
        self._counted = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def monotonic(self) -> float:
        return time.monotonic() + self._counted

    def move_on(self, seconds: float) -> None:
        """Let time pass."""
        self.ahead += seconds
        self._counted += seconds

    def set(self, seconds: float) -> None:
        """Set the clock, forward or back; or let the machine sleep: only the wall clock goes on."""
        self.ahead += seconds


def datetime_of(clock: MovedClock) -> type[datetime]:
    """Return `datetime` with the `now` of `clock`, for a library that takes no clock."""

    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp(clock.now().timestamp(), tz)

    return Moved
