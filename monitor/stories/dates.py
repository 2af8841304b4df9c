"""The days and years that a text names, in any of thirty languages.

    17 июля, Dec. 18, 2024, 11月2日, 19.12.2024, 2022-11-02, ۲۰۲۲ → 2022-11-02 …

Names of months are CLDR's.  A day without a year is the one nearest to when the text was published.
Without domain knowledge.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache, lru_cache

from babel import Locale

from monitor.text.normal import normalise_word

LOCALES = (
    "en it es pt fr de nl hu hr sr sr_Latn el ro cs sk pl sv da nb fi bg uk ru tr id ar sl ca mk"
)
YEAR = re.compile(r"(?<![\d.,])(19[89]\d|20[0-4]\d)(?![\d.,]?\d)")
NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[./](\d{1,2})[./](20\d\d)(?!\d)")
ISO = re.compile(r"(?<!\d)(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
EAST = re.compile(r"(?:(20\d\d)\s*[年년]\s*)?(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日号號일]")
WORD = r"[^\W\d_]{3,}"
DAY_MONTH = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er|-?го|\.|º)?\s+(?:de\s+|d['’]|of\s+)?({WORD})\.?"
    r"(?:,?\s+(?:de\s+|del\s+)?(20\d\d))?",
    re.IGNORECASE,
)
MONTH_DAY = re.compile(
    rf"({WORD})\.?\s+(\d{{1,2}})(?:st|nd|rd|th|\.)?(?!\d|:|[.,]\d)(?:,?\s+(20\d\d))?", re.IGNORECASE
)


@cache
def month_names() -> dict[str, int]:
    """Return every name of a month, without accents, in lower case; ambiguous ones left out."""
    found: dict[str, set[int]] = {}
    for locale in LOCALES.split():
        months = Locale.parse(locale).months
        for context, width in (
            ("format", "wide"),
            ("stand-alone", "wide"),
            ("format", "abbreviated"),
        ):
            for number, name in months[context][width].items():
                word = normalise_word(name.strip("."))
                if len(word) >= 3:
                    found.setdefault(word, set()).add(number)
    return {word: numbers.pop() for word, numbers in found.items() if len(numbers) == 1}


@cache
def day_names() -> frozenset[str]:
    """Return the names of months and weekdays as they are written, in lower case: no names."""
    found: set[str] = set()
    for locale in LOCALES.split():
        known = Locale.parse(locale)
        for names in (known.months, known.days):
            for widths in names.values():
                for listed in widths.values():
                    found.update(name.casefold().strip(".") for name in listed.values())
    return frozenset(found)


@lru_cache(maxsize=4096)
def _month_of(word: str) -> int | None:
    return month_names().get(normalise_word(word))


def find_days(text: str, published: date | None) -> tuple[date, ...]:
    """Return the days that `text` names, each once, in order of the text."""
    found: dict[date, None] = {}
    for year, month, day in _written_days(text):
        made = _make_day(year, month, day, published)
        if made is not None:
            found[made] = None
    return tuple(found)


def find_years(text: str) -> tuple[int, ...]:
    """Return the years that `text` names, each once."""
    return tuple(dict.fromkeys(int(year) for year in YEAR.findall(text)))


def _written_days(text: str) -> list[tuple[int | None, int, int]]:
    found: list[tuple[int | None, int, int]] = [
        *((int(m[1]), int(m[2]), int(m[3])) for m in ISO.finditer(text)),
        *((int(m[3]), int(m[2]), int(m[1])) for m in NUMERIC.finditer(text)),
        *((_year(m[1]), int(m[2]), int(m[3])) for m in EAST.finditer(text)),
    ]
    for match in DAY_MONTH.finditer(text):
        month = _month_of(match[2])
        if month:
            found.append((_year(match[3]), month, int(match[1])))
    for match in MONTH_DAY.finditer(text):
        month = _month_of(match[1])
        if month:
            found.append((_year(match[3]), month, int(match[2])))
    return found


def _year(written: str | None) -> int | None:
    return int(written) if written else None


def _make_day(year: int | None, month: int, day: int, published: date | None) -> date | None:
    try:
        if year is not None:
            return date(year, month, day)
        if published is None:
            return None
        near = [date(published.year + shift, month, day) for shift in (-1, 0, 1)]
    except ValueError:
        return None
    return min(near, key=lambda each: abs(each - published))
