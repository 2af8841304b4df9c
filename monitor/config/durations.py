"""Spans of time as people write them: `15 minutes`, `2 hours`, `1 day`.

Without domain knowledge.
"""

from __future__ import annotations

import re

from monitor.config.validation import WrongValue

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
SHORT = {"s": "second", "sec": "second", "min": "minute", "m": "minute", "h": "hour", "d": "day"}
FORM = re.compile(r"\s*([0-9]{1,6})\s*([a-z]+)\s*", re.IGNORECASE)


def read_duration(written: str, *, least: int, most: int) -> int:
    """Return the seconds of `written`; raise WrongValue outside of `least` to `most` seconds."""
    found = FORM.fullmatch(written)
    unit = found[2].lower() if found else ""
    unit = SHORT.get(unit, unit.removesuffix("s"))
    if found is None or unit not in SECONDS:
        raise WrongValue(
            f"{written!r} is no span of time", "write it like '15 minutes' or '2 hours'"
        )
    seconds = int(found[1]) * SECONDS[unit]
    if not least <= seconds <= most:
        allowed = f"write something from {say(least)} to {say(most)}"
        raise WrongValue(f"{written!r} is too {'short' if seconds < least else 'long'}", allowed)
    return seconds


def read_seconds(written: str) -> int:
    """Return the seconds of a span that was checked before."""
    return read_duration(written, least=0, most=10**9)


def say(seconds: int) -> str:
    """Return `seconds` as a person would write them."""
    for unit, size in reversed(SECONDS.items()):
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"
