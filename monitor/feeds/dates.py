"""Dates as feeds write them → aware UTC times, implausible ones as claimed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from monitor.feeds.months import find_month

# What is claimed beyond is brought in: a year before 1000 is written with fewer digits and would
# break the order of times kept as text, and the last day of 9999 has no local time east of UTC.
EARLIEST = datetime(1000, 1, 2, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)

LONGEST_DATE = 120

# Hours east of UTC of the zone names that RFC 5322 does not know and feeds use. Names that mean
# two zones (IST, BST of Bangladesh) stand for what the press of the listed countries means.
ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "bst": 1, "cet": 1, "met": 1, "west": 1,
    "cest": 2, "mest": 2, "eet": 2, "sast": 2, "eest": 3, "msk": 3, "trt": 3, "msd": 4, "gst": 4,
    "pkt": 5, "ist": 5.5, "wib": 7, "ict": 7, "hkt": 8, "sgt": 8, "awst": 8, "wita": 8, "pht": 8,
    "jst": 9, "kst": 9, "acst": 9.5, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "est": -5,
    "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9,
    "hst": -10, "ast": -4, "adt": -3, "nst": -3.5, "art": -3, "brt": -3, "clt": -4,
}  # fmt: skip

_ZONE = (
    r"(?P<zone>z\b|[+-]\d{1,2}:?\d{2}\b|[+-]\d{1,2}\b"
    r"|(?:gmt|utc)\s*[+-]\d{1,2}(?::?\d{2})?|[a-z]{2,5}\b)?"
)
_CLOCK = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2})(?:\s*[:時时시h点點]\s*|\.)(?P<minute>\d{2})(?!\d)"
    r"(?:\s*[:.分분m]\s*(?P<second>\d{2}(?!\d))(?:[.,]\d+)?)?\s*[초秒分분]?\s*"
    r"(?P<half>[ap]\.?m\b\.?|μμ|πμ)?\s*" + _ZONE
)
_MAIL = re.compile(
    r"(?:[a-z]{2,9}\.?\s*,?\s*)?(\d{1,2})[\s-]+([a-z]{3})[a-z]{0,6}\.?,?[\s-]+(\d{4}|\d{2})(?!\d)"
)
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:[t ]?(\d\d)(\d\d)(\d\d)?)?\s*" + _ZONE + "$")
_YEAR_FIRST = re.compile(
    r"(?<!\d)(\d{4,6})(?:[-/]|\s*[.年년]\s*)(\d{1,2})(?:(?:[-/]|\s*[.月월]\s*)(\d{1,2}))?(?![\d:])"
)
_YEAR_ONLY = re.compile(r"(\d{4})")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})(?!\d)")
_NAMED_YEAR = re.compile(r"(?<!\d)(\d{4,6})(?!\d)")
_NAMED_DAY = re.compile(r"(?<![\d:.])(\d{1,2})(?:st|nd|rd|th)?(?![\d:])")
_EPOCH = re.compile(r"\d{9,13}")
_AFTERNOON = re.compile(r"下午|晚上|午後|오후|\bde la tarde\b")
_MORNING = re.compile(r"上午|午前|오전")

Stamp = tuple[int, int, int]


@lru_cache(maxsize=4096)
def read_date(text: str, language: str | None = None) -> datetime | None:
    """Return the moment that `text` claims, in UTC, or None where it names none; never raises.

    A date without a zone is UTC, one without a time is midnight. Month names are read in any of
    the languages of CLDR that matter here; `language` (a BCP 47 tag) decides where two disagree
    (listopad) and which of 3/4/2024 is the month. Claims outside EARLIEST and LATEST become these.
    """
    text = _simplify(text)
    if not text:
        return None
    readers: tuple[Callable[[str, str | None], datetime | None], ...] = (
        _read_mail,
        _read_compact,
        _read_numbers,
        _read_epoch,
        _read_named,
    )
    for reader in readers:
        try:
            moment = reader(text, language)
        except (ValueError, OverflowError):  # the 31st of June, hour 25
            continue
        if moment is not None:
            return moment
    return None


def bound_date(moment: datetime) -> datetime:
    """Return `moment` in UTC and between EARLIEST and LATEST; naive means UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        return EARLIEST if moment.year < 5000 else LATEST
    return min(max(moment, EARLIEST), LATEST)


def _simplify(text: str) -> str:
    """Return `text` in small case, with ASCII digits and single spaces."""
    text = " ".join(text[: LONGEST_DATE * 2].split())[:LONGEST_DATE].lower()
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.digit(letter)) if letter.isdecimal() else letter
        for letter in text
        if unicodedata.category(letter) != "Cf"
    )


def _build(stamp: Stamp, clock: tuple[int, int, int], offset: float) -> datetime:
    """Return the moment; raises ValueError where the calendar has none. `offset` is in hours."""
    year, month, day = stamp
    hour, minute, second = clock
    datetime(2000, month, day, tzinfo=UTC)  # 0000-00-00 is a database's way to say none
    if year > 9999:
        return LATEST
    if year < 1000:
        return EARLIEST
    extra = timedelta(days=1) if hour == 24 else timedelta()
    moment = datetime(year, month, day, 0 if extra else hour, minute, min(second, 59), tzinfo=UTC)
    try:
        return bound_date(moment + extra - timedelta(hours=offset))
    except OverflowError:
        return EARLIEST if year < 5000 else LATEST


def _read_mail(text: str, _language: str | None) -> datetime | None:
    """Read RFC 5322 and its relatives with English months, the most common form."""
    found = _MAIL.match(text)
    if found is None or found[2] not in _ENGLISH:
        return None
    year = int(found[3])
    if len(found[3]) == 2:
        year += 2000 if year < 70 else 1900
    stamp = (year, _ENGLISH.index(found[2]) + 1, int(found[1]))
    return _with_clock(stamp, text[found.end() :])


def _read_compact(text: str, _language: str | None) -> datetime | None:
    found = _COMPACT.match(text)
    if found is None:
        return _build((int(text), 1, 1), (0, 0, 0), 0) if _YEAR_ONLY.fullmatch(text) else None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    return _build((year, month, day), (hour, minute, second), _read_zone(found["zone"]))


def _read_numbers(text: str, language: str | None) -> datetime | None:
    """Read year-month-day (ISO 8601, W3C, 年月日) and day.month.year."""
    found = _YEAR_FIRST.search(text)
    if found is not None:
        stamp = (int(found[1]), int(found[2]), int(found[3] or 1))
        return _with_clock(stamp, text[found.end() :])
    found = _YEAR_LAST.search(text)
    if found is None:
        return None
    day, month, year = int(found[1]), int(found[3]), int(found[4])
    if month > 12 or (found[2] == "/" and day <= 12 and language in {"en-us", "en-US"}):
        day, month = month, day
    if len(found[4]) == 2:
        year += 2000 if year < 70 else 1900
    return _with_clock((year, month, day), text[found.end() :])


def _read_named(text: str, language: str | None) -> datetime | None:
    """Read a day, a month's name in some language, and a year, in any order."""
    month = find_month(text, language)
    year = _NAMED_YEAR.search(text)
    if month is None or year is None:
        return None
    rest = text[: year.start()] + " " + text[year.end() :]
    clock = _CLOCK.search(rest)
    before = rest if clock is None else rest[: clock.start()] + " " + rest[clock.end() :]
    day = _NAMED_DAY.search(before)
    if day is None:
        return None
    return _with_clock((int(year[1]), month, int(day[1])), rest)


def _read_epoch(text: str, _language: str | None) -> datetime | None:
    if not _EPOCH.fullmatch(text):
        return None
    seconds = int(text) / 1000 if len(text) > 11 else int(text)
    return bound_date(datetime.fromtimestamp(seconds, UTC))


def _with_clock(stamp: Stamp, text: str) -> datetime:
    found = _CLOCK.search(text)
    if found is None:
        return _build(stamp, (0, 0, 0), 0)
    hour = int(found["hour"])
    half = (found["half"] or "")[:1]
    if (half in {"p", "μ"} or _AFTERNOON.search(text)) and hour < 12:
        hour += 12
    elif (half in {"a", "π"} or _MORNING.search(text)) and hour == 12:
        hour = 0
    clock = (hour, int(found["minute"]), int(found["second"] or 0))
    return _build(stamp, clock, _read_zone(found["zone"]))


def _read_zone(zone: str | None) -> float:
    """Return the hours east of UTC that a zone means; 0 for none and for unknown names."""
    if not zone:
        return 0
    found = re.search(r"([+-])(\d{1,2}):?(\d{2})?$", zone)
    if found is None:
        return ZONES.get(zone, 0)
    hours = int(found[2]) + int(found[3] or 0) / 60
    return hours if found[1] == "+" else -hours
