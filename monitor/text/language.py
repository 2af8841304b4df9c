"""Which language a text is in, told by its script and its letters, never by what is claimed alone.

    script (Hangul, kana, Greek, …) → letters that only one language writes → py3langid on a sample

What a page declares decides only between languages that a text cannot tell apart (hr, sr, bs).
Without domain knowledge.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from monitor.text.chinese import telling_characters

# The thirty that keywords ship for, and neighbours that they would be taken for.
_LATIN = (
    "en it es pt fr de nl hu hr sr ro cs sk pl sv da no fi tr id sl ca bs gl et lt lv sq vi ms is"
)
LATIN_LANGUAGES = _LATIN.split()
CYRILLIC_LANGUAGES = ["bg", "uk", "ru", "sr", "mk", "be"]
# Every language that keywords may be listed in; `nb` and `nn` are `no`.
LANGUAGES = frozenset(
    {
        *LATIN_LANGUAGES,
        *CYRILLIC_LANGUAGES,
        "zh",
        "ja",
        "ko",
        "el",
        "ar",
        "fa",
        "ur",
        "he",
        "th",
        "hi",
    }
)
# Characters that are looked at: all of a text that is no longer, else so many of its first line and
# its longest, and so many at the end. More changes no answer, and costs time.
SAMPLE, FIRST, LAST = 300, 140, 80
TELLING = 2000  # characters in which words are looked for that tell Serbian from Croatian
MOST_LINES = 100_000  # characters in which the longest line is looked for

# Texts in one are read with the terms of the others: they share most words.
RELATED = {
    "hr": ("sr", "bs", "sl"),
    "sr": ("hr", "bs", "sl"),
    "bs": ("hr", "sr", "sl"),
    "sl": ("hr", "sr", "bs"),
    "da": ("no",),
    "no": ("da",),
    "cs": ("sk",),
    "sk": ("cs",),
    "es": ("ca", "gl"),
    "ca": ("es",),
    "gl": ("es", "pt"),
    "pt": ("gl",),
    "id": ("ms",),
    "ms": ("id",),
    "bg": ("mk",),
    "mk": ("bg", "sr"),
    "be": ("ru", "uk"),
}
# Languages whose texts the identifier mistakes for one another when they are short.
CONFUSED = {
    "es": ("pt",),
    "pt": ("es",),
    "gl": ("ca",),
    "sv": ("da", "no"),
    "da": ("sv",),
    "no": ("sv",),
    "uk": ("ru", "bg"),
    "ru": ("uk", "bg"),
    "bg": ("ru", "uk", "sr"),
    "it": ("es",),
    "nl": ("de",),
    "de": ("nl",),
    "et": ("fi",),
}
SHORT = 120

LATIN = re.compile("[a-zA-Z\u00c0-\u024f\u1e00-\u1eff]")
NOT_LATIN = re.compile("[\u0370-\u1dff\u1f00-\u1fff\u3040-\ud7ff]+")
BEYOND_LATIN = re.compile("[\u0370-\u1dff\u1f00-\u1fff\u3041-\ud7af\ufb50-\ufefe]")
CYRILLIC = re.compile("[\u0400-\u04ff]")
HAN = re.compile("[\u3400-\u9fff]")
KANA = re.compile("[\u3041-\u30fa\u30fc-\u30ff]")
HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7af]")
GREEK = re.compile("[\u0370-\u03ff\u1f00-\u1fff]")
ARABIC = re.compile("[\u0620-\u06ff\ufb50-\ufdff\ufe70-\ufefe]")
HEBREW = re.compile("[\u05d0-\u05ea]")
THAI = re.compile("[\u0e01-\u0e5b]")
DEVANAGARI = re.compile("[\u0900-\u097f]")
SCRIPTS = {
    "latin": LATIN,
    "cyrillic": CYRILLIC,
    "han": HAN,
    "kana": KANA,
    "hangul": HANGUL,
    "greek": GREEK,
    "arabic": ARABIC,
    "hebrew": HEBREW,
    "thai": THAI,
    "devanagari": DEVANAGARI,
}
# What hides letters from an identifier: full-width forms; soft hyphens, zero-width characters and
# lone surrogates inside words.
INVISIBLE = re.compile("[\x00\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
DISGUISED = re.compile(f"{INVISIBLE.pattern}|[\uff01-\uff5e]")
ONE_LANGUAGE = {"hangul": "ko", "greek": "el", "hebrew": "he", "thai": "th", "devanagari": "hi"}

# Letters that one Cyrillic alphabet has and its neighbours do not.
ONLY_SERBIAN = re.compile("[ђћЂЋ]")
SERBIAN_MACEDONIAN = re.compile("[јљњџЈЉЊЏ]")
ONLY_MACEDONIAN = re.compile("[ѓќѕЃЌЅ]")
ONLY_UKRAINIAN = re.compile("[їєґЇЄҐ]")
ONLY_BELARUSIAN = re.compile("[ўЎ]")
UKRAINIAN_I = re.compile("[іІ]")
ONLY_RUSSIAN = re.compile("[ыэёЫЭЁ]")
# Words of newspapers that Serbian and Croatian write differently: sounds (vreme, vrijeme), months,
# and choices of their own (hiljada, tisuća).  Stems, but for the short ones.
_SERBIAN = (
    "vreme mest reč ovde gde posle nedelj sednic predsedni saopšti bezbedn evrop hiljad juče utica"
    " takođe januar februar april avgust septembr oktobr novembr decembr spoljn saradnj pesm svet"
    " vest beleš zahtev primer uvek obezbe izveštaj sprečav opšt sopstven savet odelj učestv"
    " saobraća delimičn naselj reše ubeđen"
)
_CROATIAN = (
    "vrijeme mjest riječ ovdje gdje poslije tjed sjednic predsjedni priopći sigurn europ tisuć"
    " jučer utjeca također siječ veljač ožuj travnj svibnj lipnj srpnj kolovoz rujn listopad studen"
    " prosin vanjsk suradnj pjesm svijet vijest bilježi zahtjev primjer uvijek osigura izvješ"
    " sprječav opć vlastit savjet odjel sudjelov nogomet glazb promet djelomičn ophod"
    " rješe uvjeren"
)
_SERBIAN_SHORT, _CROATIAN_SHORT = "ko šta pre jul jun", "tko prije srpanj lipanj rujan"


def _words_of(stems: str, short: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(stems.split())}|(?:{'|'.join(short.split())})\b)")


SERBIAN_WORDS = _words_of(_SERBIAN, _SERBIAN_SHORT)
CROATIAN_WORDS = _words_of(_CROATIAN, _CROATIAN_SHORT)
PERSIAN = re.compile("[پچژگکی]")
URDU = re.compile("[ٹڈڑےں]")


@cache
def _identifier(languages: tuple[str, ...]) -> Any:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(languages))
    return identifier


def warm_up() -> None:
    """Load what the first call would load; half a second."""
    _identifier(tuple(LATIN_LANGUAGES)).classify("the quick brown fox")
    _identifier(tuple(CYRILLIC_LANGUAGES)).classify("быстрая лиса")
    telling_characters()


def identify(text: str, *, declared: str | None = None) -> str | None:
    """Return the BCP 47 tag of the text's language, or None when it holds no letters.

    Serbian and Chinese carry their script: `sr-Cyrl`, `sr-Latn`, `zh-Hans`, `zh-Hant`.
    `declared` is what the page claims; it decides only between close relatives.
    """
    return find_languages(text, declared=declared)[0]


def languages_for(text: str, language: str | None, *, declared: str | None = None) -> list[str]:
    """Return every language whose terms may stand in the text, `language` first."""
    return find_languages(text, language=language, declared=declared)[1]


def find_languages(
    text: str, *, language: str | None = None, declared: str | None = None
) -> tuple[str | None, list[str]]:
    """Return the tag of the text's language, and every language whose terms may stand in it.

    These are the languages of its stretches and their relatives, what a short text is mistaken
    for, what the page claims, and the languages of words in other scripts.
    `language`, when it is given, is believed, and the stretches add to it.
    """
    votes: dict[str, int] = {}
    for stretch in _stretches(text):
        tag = _identify_stretch(stretch, declared)
        if tag is not None:
            votes[tag] = votes.get(tag, 0) + len(stretch)
    main = language or max(votes, key=lambda tag: votes[tag], default=None)
    if language is None and main in {"hr", "bs", "sr-Latn"}:
        main = _tell_apart(text[:TELLING].casefold(), primary(declared), main)
    names: list[str] = []
    for tag in (main, *votes):
        found = primary(tag)
        if found:
            names += [found, *RELATED.get(found, ())]
            if len(text) < SHORT:
                names += CONFUSED.get(found, ())
    claimed = primary(declared)
    if claimed in LANGUAGES:
        names += [claimed, *RELATED.get(claimed, ())]
    names += _other_scripts(text, primary(main))
    return main, list(dict.fromkeys(names))


def _stretches(text: str) -> list[str]:
    """Return what of a text is looked at: all of a short one, parts of a long one.

    The first line (a title) and the longest stand apart from menus in another language.
    """
    if len(text) <= SAMPLE:
        return [text]
    lines = text[:MOST_LINES].split("\n")
    longest = max(lines[1:] or lines, key=len)
    return list(dict.fromkeys([lines[0][:FIRST], longest[:FIRST], text[-LAST:]]))


@lru_cache(maxsize=16)  # an article is asked about twice: when it is extracted, and when matched
def _identify_stretch(sample: str, declared: str | None) -> str | None:
    if DISGUISED.search(sample):
        sample = unicodedata.normalize("NFKC", INVISIBLE.sub("", sample))
    script = _main_script(sample)
    if script is None:
        return None
    if script in ONE_LANGUAGE:
        return ONE_LANGUAGE[script]
    if script in {"han", "kana"}:
        return _identify_han(sample, declared)
    claimed = primary(declared)
    if script == "arabic":
        return _identify_arabic(sample, claimed)
    if script == "cyrillic":
        return _identify_cyrillic(sample, claimed)
    return _identify_latin(sample, claimed)


def primary(tag: str | None) -> str | None:
    """Return the primary subtag in lower case (`pt` for `pt-BR`), with nb and nn as no."""
    if not tag:
        return None
    first = re.split("[-_]", tag.strip(), maxsplit=1)[0].casefold()
    return {"nb": "no", "nn": "no", "sh": "sr", "iw": "he", "in": "id"}.get(first, first)


def _main_script(sample: str) -> str | None:
    if sample.isascii():
        return "latin" if LATIN.search(sample) else None
    # Most texts are in Latin letters with a few others: found so without counting them all.
    if len(sample.encode("ascii", "ignore")) * 4 > len(sample) * 3 and LATIN.search(sample):
        return "latin"
    counts = {name: len(pattern.findall(sample)) for name, pattern in SCRIPTS.items()}
    # A character of these stands for about three letters; Japanese is told by its kana.
    for name in ("han", "kana", "hangul"):
        counts[name] *= 3
    if counts["kana"] * 5 > counts["han"] and counts["kana"]:
        counts["kana"] += counts["han"]
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else None


def _identify_han(sample: str, declared: str | None) -> str:
    kana, han = len(KANA.findall(sample)), len(HAN.findall(sample))
    if kana and (kana * 12 > han or primary(declared) == "ja"):
        return "ja"
    traditional, simple = telling_characters()
    balance = sum((one in traditional) - (one in simple) for one in sample)
    if balance:
        return "zh-Hant" if balance > 0 else "zh-Hans"
    if primary(declared) == "ja":
        return "ja"
    claims = (declared or "").casefold()
    is_traditional = any(part in claims for part in ("hant", "tw", "hk", "mo"))
    return "zh-Hant" if is_traditional else "zh-Hans"


def _identify_arabic(sample: str, claimed: str | None) -> str:
    letters = len(ARABIC.findall(sample))
    if len(URDU.findall(sample)) * 50 > letters:
        return "ur"
    if len(PERSIAN.findall(sample)) * 25 > letters and claimed != "ar":
        return "fa"
    return "ar"


def _identify_cyrillic(sample: str, claimed: str | None) -> str | None:
    def count(pattern: re.Pattern[str]) -> int:
        return len(pattern.findall(sample))

    serbian, macedonian = count(ONLY_SERBIAN), count(ONLY_MACEDONIAN)
    russian, ukrainian = count(ONLY_RUSSIAN), count(ONLY_UKRAINIAN) + count(UKRAINIAN_I)
    told = {
        "mk": macedonian > serbian,
        "sr-Cyrl": serbian + count(SERBIAN_MACEDONIAN) > russian + ukrainian,
        "be": count(ONLY_BELARUSIAN) > 0,
        "uk": ukrainian > russian,
        "ru": russian > 0,
    }
    for language, is_told in told.items():
        if is_told:
            return "mk" if claimed == "mk" and language == "sr-Cyrl" and not serbian else language
    if claimed in {"bg", "ru", "uk"} and len(sample) < SHORT:
        return claimed
    found: str = _identifier(tuple(CYRILLIC_LANGUAGES)).classify(sample.casefold())[0]
    return {"sr": "sr-Cyrl"}.get(found, found)


def _identify_latin(sample: str, claimed: str | None) -> str:
    if not sample.isascii():
        sample = NOT_LATIN.sub(" ", sample)
    identifier = _identifier(tuple(LATIN_LANGUAGES))
    found: str = identifier.classify(sample)[0]
    if claimed and claimed != found:
        likely = {name for name, weight in identifier.rank(sample)[:4] if weight > 0.02}
        if claimed in RELATED.get(found, ()) or (claimed in likely and len(sample) < SHORT):
            found = claimed
    return "sr-Latn" if found == "sr" else found


def _tell_apart(sample: str, claimed: str | None, found: str) -> str:
    """Return hr, sr-Latn or bs by words that only one of them writes; else what is claimed."""
    serbian, croatian = len(SERBIAN_WORDS.findall(sample)), len(CROATIAN_WORDS.findall(sample))
    if serbian != croatian and not (claimed == "bs" and croatian):
        return "sr-Latn" if serbian > croatian else "hr"
    if claimed in {"hr", "sr", "bs"}:
        return "sr-Latn" if claimed == "sr" else claimed
    return "hr" if found == "bs" else found


def _other_scripts(text: str, found: str | None) -> list[str]:
    """Return the languages of words in other scripts than the text's own."""
    names: list[str] = []
    if text.isascii() or (found in LATIN_LANGUAGES and not BEYOND_LATIN.search(text)):
        return names
    for pattern, languages in (
        (HAN, ("zh",)),
        (KANA, ("ja",)),
        (HANGUL, ("ko",)),
        (ARABIC, ("ar",)),
        (GREEK, ("el",)),
        (CYRILLIC, ("ru", "uk", "bg", "sr")),
    ):
        if found not in languages and pattern.search(text):
            names += languages
    return names
