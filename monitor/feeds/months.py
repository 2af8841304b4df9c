"""The months by their names in the languages of the press that is watched."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LANGUAGES = (
    "ar", "bg", "bs", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hr",
    "hu", "id", "it", "lt", "lv", "mk", "ms", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sq",
    "sr", "sr_Latn", "sv", "th", "tr", "uk", "vi",
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")


def find_month(text: str, language: str | None = None) -> int | None:
    """Return the month (1 to 12) that `text` names, or None.

    A name that means two months in two languages (listopad, srpen) counts only in `language`.
    """
    words = [_fold(word) for word in _WORD.findall(text)]
    if language is not None:
        primary = language.replace("_", "-").split("-")[0].lower()
        tables = (("sr", "sr_Latn") if primary in {"sr", "sh"} else (primary,),)
        own = _merge_names(*tables)
        for word in words:
            found = _look_up(word, own)
            if found is not None:
                return found
    everywhere = _merge_names(LANGUAGES)
    for word in words:
        found = _look_up(word, everywhere)
        if found is not None:
            return found
    return None


def _look_up(word: str, names: dict[str, frozenset[int]]) -> int | None:
    """Return the month of an exact name, or of the one month that a beginning of three fits."""
    months = names.get(word)
    if months is None and len(word) >= 3:
        months = frozenset().union(*(m for name, m in names.items() if name.startswith(word)))
    return next(iter(months)) if months and len(months) == 1 else None


@lru_cache(maxsize=64)
def _merge_names(languages: tuple[str, ...]) -> dict[str, frozenset[int]]:
    """Return folded name → the months it may mean, from CLDR."""
    # babel costs 30 ms and 8 MB to import, and most feeds write their dates in English.
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415

    names: dict[str, frozenset[int]] = {}
    for language in languages:
        if language not in LANGUAGES:
            continue
        try:
            months = Locale.parse(language).months
        except (UnknownLocaleError, ValueError):
            continue
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[context][width].items():
                    words = _WORD.findall(name)
                    folded = _fold(words[-1]) if words else ""  # "de gener": the last word
                    if len(folded) > 1:
                        names[folded] = names.get(folded, frozenset()) | {number}
    return names


def _fold(word: str) -> str:
    """Return a word in small case without accents."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
