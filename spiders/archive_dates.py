"""Dates in addresses: when a page was published, or what time a list covers. Pure.

`/2019/03/05/title`, `/2019-03/`, `sitemap-201903.xml`, `?yyyy=2019&mm=03`: what most sites of the
press write. What could be something else is no date: a wrong one would lose pages.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from spiders.archive import FoundList, ListRow

FIRST_YEAR = 1995

MARGIN = timedelta(days=2)
"""A date in an address is of some time zone, and now and then of the day before it came out."""

_YEAR = r"(?:19[9]\d|20[0-4]\d)"
_PATTERNS = (
    re.compile(rf"(?<!\d)(?P<y>{_YEAR})(?P<sep>[-/_.])(?P<m>0?[1-9]|1[0-2])(?:(?P=sep)(?P<d>0?[1-9]|[12]\d|3[01]))?(?!\d)"),
    re.compile(rf"(?<!\d)(?P<y>{_YEAR})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])?(?!\d)"),
    re.compile(rf"[?&](?:yyyy|year|y)=(?P<y>{_YEAR})(?:&(?:mm|month|m)=(?P<m>0?[1-9]|1[0-2]))?(?:&(?:dd|day|d)=(?P<d>0?[1-9]|[12]\d|3[01]))?(?!\d)"),
    re.compile(rf"(?:^|[-/_=])(?P<y>{_YEAR})(?:\.xml(?:\.gz)?|/)?$"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Span:
    """A time that an address names; `end` is not included."""

    start: datetime
    end: datetime


def find_span(url: str, *, now: datetime) -> Span | None:
    """Return the day, month or year that `url` names, or None.

    A year alone counts at the very end of an address only, where it is no part of a title. A time
    that has not come yet is none.
    """
    rest = url.partition("://")[2].partition("#")[0]
    path = rest[rest.find("/") :] if "/" in rest else ""
    for pattern in _PATTERNS:
        for found in pattern.finditer(path):
            span = _build(found.groupdict())
            if span is not None and span.start.year >= FIRST_YEAR and span.start <= now + MARGIN:
                return span
    return None


def _build(parts: dict[str, str | None]) -> Span | None:
    year, month, day = int(parts["y"] or 0), parts.get("m"), parts.get("d")
    if month is None:
        return Span(start=_at(year, 1, 1), end=_at(year + 1, 1, 1))
    number = int(month)
    if day is None:
        following = (year + number // 12, number % 12 + 1)
        return Span(start=_at(year, number, 1), end=_at(*following, 1))
    if int(day) > calendar.monthrange(year, number)[1]:
        return None
    start = _at(year, number, int(day))
    return Span(start=start, end=start + timedelta(days=1))


def _at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def is_outside(span: Span, since: datetime | None, until: datetime | None) -> bool:
    """Say whether nothing of a period can be of that time."""
    early = since is not None and span.end + MARGIN <= since
    late = until is not None and span.start - MARGIN >= until
    return early or late


def why_not_row(
    row: ListRow, since: datetime | None, until: datetime | None, *, now: datetime
) -> str | None:
    """Return why a page cannot be of a period, or None where it may.

    What last changed before the period was published before it; what changed after it may still be
    of it. Captures are of the period already: the archive was asked for it.
    """
    if row.captured is not None:
        return None
    if since is not None and row.changed is not None and row.changed + MARGIN < since:
        return "last changed before the period"
    if row.published is not None and _is_sane(row.published, now):
        day = Span(start=row.published, end=row.published)
        return "published outside the period" if is_outside(day, since, until) else None
    span = find_span(row.url, now=now)
    if span is not None and is_outside(span, since, until):
        return "dated outside the period"
    return None


def why_not_list(
    found: FoundList, since: datetime | None, until: datetime | None, *, now: datetime
) -> str | None:
    """Return why a list of an index cannot hold anything of a period, or None where it may."""
    if found.following or found.form not in ("sitemap", "guess"):
        return None
    if since is not None and found.changed is not None and found.changed + MARGIN < since:
        return "last changed before the period"
    span = find_span(found.url, now=now)
    if span is not None and is_outside(span, since, until):
        return "dated outside the period"
    return None


def best_date(row: ListRow, *, now: datetime) -> datetime | None:
    """Return the best guess of when a page is from, for ordering and for counts by month."""
    if row.published is not None and _is_sane(row.published, now):
        return row.published
    span = find_span(row.url, now=now)
    if span is not None:
        return span.start
    return row.captured or row.changed


def _is_sane(moment: datetime, now: datetime) -> bool:
    return moment.year >= FIRST_YEAR and moment <= now + MARGIN
