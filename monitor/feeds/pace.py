"""What response headers ask for about when to come again; any nonsense reads as nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from monitor.model import Header

LONGEST_WAIT = 24 * 3600  # a server that asks for more is asked again after a day (FAULTS C4)


def read_retry_after(value: str | None, *, now: datetime) -> int | None:
    """Return the seconds that a `Retry-After` asks for (RFC 9110, 10.2.3), at most a day.

    A date in the past and a negative number read as 0; what is neither reads as None.
    """
    if value is None:
        return None
    value = value.strip()
    if re.fullmatch(r"[+-]?[0-9]{1,400}(\.[0-9]*)?", value, re.ASCII):
        digits = value.lstrip("+-").split(".")[0].lstrip("0")
        if value.startswith("-"):
            return 0
        return LONGEST_WAIT if len(digits) > 9 else min(int(digits or 0), LONGEST_WAIT)
    moment = _read_http_date(value)
    if moment is None:
        return None
    return max(0, min(int((moment - now).total_seconds()), LONGEST_WAIT))


def read_fresh_for(headers: Iterable[Header], *, now: datetime) -> int | None:
    """Return for how many seconds `Cache-Control` or `Expires` calls the answer fresh.

    `no-store`, `no-cache` and a stale `Expires` read as 0; without either header, None.
    `Age` is taken off; `s-maxage` is for shared caches and not for us (RFC 9111, 5.2.2).
    """
    found = {name.lower(): value for name, value in headers}
    directives = found.get("cache-control", "").lower()
    if re.search(r"\bno-(store|cache)\b", directives):
        return 0
    ages = re.findall(r'(?<![\w-])max-age\s*=\s*"?([0-9]{1,9})', directives, re.ASCII)
    if ages:
        age = re.fullmatch(r"[0-9]{1,9}", found.get("age", "").strip(), re.ASCII)
        return min(max(0, int(ages[0]) - (int(age[0]) if age else 0)), LONGEST_WAIT)
    if "expires" not in found:
        return None
    expires = _read_http_date(found["expires"])
    if expires is None:
        return 0  # RFC 9111, 5.3: an invalid date, "0" above all, has expired
    sent = _read_http_date(found.get("date", "")) or now
    return max(0, min(int((expires - sent).total_seconds()), LONGEST_WAIT))


def _read_http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
