"""Countries, languages and time zones as people write them in settings: checked, with the cure."""

from __future__ import annotations

import re
import zoneinfo
from functools import cache

from babel import Locale

from monitor.config.validation import WrongValue, suggest, suggestion_cure

# CLDR's two-letter codes that are no country: pseudo-locales, groups, unknown, small islands' own.
NO_COUNTRY = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
)
COMMON_WRONG = {"UK": "GB", "EL": "GR", "KOSOVO": "XK"}
# Of a name to a country's or language's: "Hungry" is 0.92 Hungary, "Atlantis" 0.67 Albania.
LEAST_LIKENESS = 0.75
# Where a person may take a country's or language's name from; read only to explain a mistake.
NAME_LOCALES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "hu", "hr", "ru", "zh")


@cache
def country_codes() -> frozenset[str]:
    """Return the ISO 3166-1 alpha-2 codes, with `EU` and `XK`, in upper case."""
    territories = map(str, Locale.parse("en").territories)
    return frozenset(code for code in territories if re.fullmatch("[A-Z]{2}", code)) - NO_COUNTRY


@cache
def language_codes() -> frozenset[str]:
    """Return the BCP 47 primary subtags of the languages that CLDR names."""
    return frozenset(code for code in map(str, Locale.parse("en").languages) if "_" not in code)


def check_country(written: str) -> str:
    """Return `written` when it is a country code; else raise WrongValue with the likely one."""
    if written in country_codes():
        return written
    upper = written.upper()
    likely = upper if upper in country_codes() else COMMON_WRONG.get(upper)
    cure = f"write {likely!r}" if likely else _cure_by_name(written, "territories", country_codes())
    cure = cure or "write its two letters, like 'HU' or 'IT' (ISO 3166)"
    raise WrongValue(f"unknown country {written!r}", cure)


def check_language(written: str) -> str:
    """Return `written` when it is a language code; else raise WrongValue with the likely one."""
    if written in language_codes():
        return written
    primary = re.split("[-_]", written.lower())[0]
    likely = primary if primary in language_codes() else None
    cure = f"write {likely!r}" if likely else _cure_by_name(written, "languages", language_codes())
    cure = cure or "write its code, like 'hu' or 'zh' (BCP 47)"
    raise WrongValue(f"unknown language {written!r}", cure)


def check_time_zone(written: str) -> str:
    """Return `written` when it is an IANA time zone; else raise WrongValue with the likely one."""
    try:
        zoneinfo.ZoneInfo(written)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        pass
    else:
        return written
    zones = zoneinfo.available_timezones()
    by_city = {zone.rpartition("/")[2].replace("_", " "): zone for zone in sorted(zones)}
    city = suggest(written.replace("_", " ").rpartition("/")[2], by_city)
    cure = f"did you mean {by_city[city]!r}?" if city else suggestion_cure(written, zones)
    raise WrongValue(f"unknown time zone {written!r}", cure)


def is_name_of(written: str, code: str) -> bool:
    """Say whether `written` means the country or language `code` beyond doubt, spelling apart."""
    wanted = written.strip().casefold()
    if wanted == code.casefold() or COMMON_WRONG.get(wanted.upper()) == code:
        return True
    names = "territories" if code.isupper() else "languages"
    return any(
        str(getattr(Locale.parse(locale), names).get(code, "")).casefold() == wanted
        for locale in NAME_LOCALES
    )


def _cure_by_name(written: str, names: str, codes: frozenset[str]) -> str | None:
    """Return what to write for a name; a question where the name is only like a known one."""
    wanted = written.strip().casefold()
    english: dict[str, str] = {}
    for locale in NAME_LOCALES:
        for code, name in getattr(Locale.parse(locale), names).items():
            if code in codes:
                if str(name).casefold() == wanted:
                    return f"write {str(code)!r}"
                english.setdefault(str(name), str(code)) if locale == "en" else None
    close = suggest(written, english, least=LEAST_LIKENESS)
    return f"did you mean {close} ({english[close]})?" if close else None
