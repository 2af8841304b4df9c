"""How values become columns and come back: times, JSON of the model's values, hostile text.

What comes from outside must never make a statement fail at bind (FAULTS: NUL, lone surrogates,
integers from 2**63); it is mended here, and counted by the connection.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter

from monitor.clock import read_time

Value = str | int | float | bytes | None
Parameters = Mapping[str, Value]

LARGEST: Final = 2**63 - 1
REPLACEMENT: Final = "\ufffd"
_LATEST: Final = datetime.max.replace(tzinfo=UTC)
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)

_T = TypeVar("_T")


def binds(value: Value) -> bool:
    """Say whether SQLite can hold `value` as it is."""
    if isinstance(value, str):
        if "\x00" in value:
            return False
        return value.isascii() or _is_unicode(value)
    if isinstance(value, int):
        return -LARGEST - 1 <= value <= LARGEST
    return not isinstance(value, float) or not math.isnan(value)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def mend(value: Value) -> Value:
    """Return `value` as SQLite can hold it; the same object where nothing had to be mended.

    NUL, which hides text from `LIKE` and `length()`, and lone surrogates become U+FFFD.
    An integer beyond 64 bits becomes the nearest one inside; NaN becomes 0.
    """
    if binds(value):
        return value
    if isinstance(value, str):
        return _mend_text(value)
    return max(-LARGEST - 1, min(value, LARGEST)) if isinstance(value, int) else 0.0


def _mend_text(text: str) -> str:
    # surrogatepass would write bytes that no reader takes for UTF-8
    return "".join(REPLACEMENT if c == "\x00" or "\ud800" <= c <= "\udfff" else c for c in text)


def write_moment(moment: datetime | None) -> str | None:
    """Return `moment` as `monitor.clock.format_time` writes it, whatever year a page claims.

    A year before 1000 gets its zeros, and what leaves the calendar in UTC is put at its end
    (FAULTS B4); refuses a naive datetime with ValueError.
    """
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError(f"while storing a time: {moment!r} has no time zone")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        moment = _LATEST if moment.year > 5000 else _EARLIEST
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_moment(text: str | None) -> datetime | None:
    """Return what `write_moment` wrote."""
    return None if text is None else read_time(text)


def write_json(adapter: TypeAdapter[_T], value: _T) -> str:
    """Return `value` as compact JSON that `read_json` reads back equal."""
    plain = adapter.dump_python(value, mode="json", exclude_defaults=True)
    # not `ensure_ascii`: the texts are for people too, and `mend` must see a surrogate to mend it
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def read_json(adapter: TypeAdapter[_T], text: str) -> _T:
    """Return the value that `write_json` wrote."""
    return adapter.validate_json(text)


def hash_text(text: str) -> int:
    """Return a signed 64-bit hash of `text`, the same in every process: short in an index.

    Among the 100,000 entries of one source two collide with a chance below 1 in 3,000,000,000.
    """
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def to_signed(number: int) -> int:
    """Return an unsigned 64-bit number as the signed one with the same bits."""
    return number - 2**64 if number >= 2**63 else number


def as_list(items: Any) -> str:
    """Return `items` as a JSON array, for `json_each`."""
    return json.dumps(list(items), ensure_ascii=False)
