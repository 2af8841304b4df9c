"""The clock that is passed in: aware UTC times for people, a monotonic count for intervals."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tell the time; tests hold one still."""

    def now(self) -> datetime:
        """Return the present time, aware and in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds since some fixed moment; never goes back."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present time, aware and in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since some fixed moment; never goes back."""
        return time.monotonic()


def format_time(moment: datetime) -> str:
    """Return `moment` as RFC 3339 in UTC with microseconds and a `Z`; equal widths sort as text.

    Refuses a naive datetime with ValueError.
    """
    if moment.tzinfo is None:
        raise ValueError(
            f"while writing a time: {moment!r} has no time zone; use an aware datetime"
        )
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_time(text: str) -> datetime:
    """Return the aware UTC datetime that `format_time` wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)
