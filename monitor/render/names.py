"""Countries, languages and times as a reader says them, in English."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError

# What a page claims outside of these is a mistake: shown as a claim, never as a fact (FAULTS B4).
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
LATEST_AHEAD = timedelta(days=2)
UNKNOWN_COUNTRY = "country not known"


@cache
def _english() -> Locale:
    return Locale("en")


def country_name(code: str | None) -> str:
    """Return the English name of an ISO 3166-1 code, the code itself where CLDR has none."""
    if not code:
        return UNKNOWN_COUNTRY
    return str(_english().territories.get(code.upper(), code))


def country_names(codes: Sequence[str]) -> str:
    """Return several countries in one phrase."""
    return ", ".join(country_name(code) for code in codes) or UNKNOWN_COUNTRY


def language_name(tag: str | None) -> str:
    """Return the English name of a BCP 47 tag (`zh-Hant`: Traditional Chinese)."""
    if not tag:
        return "language not known"
    try:
        name = Locale.parse(tag, sep="-").get_display_name("en")
    except (ValueError, UnknownLocaleError):
        name = None
    primary = tag.split("-")[0].lower()
    return str(name or _english().languages.get(primary, tag))


def say_day(day: date) -> str:
    """Return `Saturday, 21 November 2026`."""
    return f"{day:%A}, {short_day(day)}"


def short_day(day: date) -> str:
    """Return `21 November 2026`."""
    return f"{day.day} {day:%B} {day.year}"


def say_time(moment: datetime | None, zone: str) -> str:
    """Return a moment of our own clock in the reader's zone: `21 November 2026, 14:05`."""
    if moment is None:
        return "never"
    local = moment.astimezone(ZoneInfo(zone))
    return f"{short_day(local.date())}, {local:%H:%M}"


def say_published(moment: datetime | None, zone: str, *, now: datetime) -> str:
    """Return when a page says it was published; a date that cannot be is called a claim.

    Midnight in UTC stands for a date without a time of day, and is shown as the date.
    """
    if moment is None:
        return "not given"
    if not EARLIEST <= moment <= now + LATEST_AHEAD:
        return f"not believable (the page claims {short_day(moment.date())})"
    if moment.astimezone(UTC).strftime("%H:%M:%S.%f") == "00:00:00.000000":
        return short_day(moment.astimezone(UTC).date())
    return say_time(moment, zone)
