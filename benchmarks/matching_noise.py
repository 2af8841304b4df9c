"""Surface noise as pages really carry it, at random; each kind leaves the words readable."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from functools import cache

import opencc

from monitor.text.serbian import to_cyrillic, to_latin

Noise = Callable[[str, random.Random], str]

_PINYIN = ("lián", "xún", "jǐng", "chá", "guó")
_BIDI = ("\u200e", "\u200f", "\u2067", "\u202b")
_HIDDEN = ("\u200b", "\u200d", "\u2060", "\ufeff")
_HYPHENS = ("\u2010", "\u2011", "\u2013")
_QUOTES = (("\u201e", "\u201c"), ("\u00ab", "\u00bb"), ("\u2018", "\u2019"), ('"', '"'))
_HARAKAT = ("\u064e", "\u064f", "\u0650", "\u0651")


def _into_words(text: str, chance: random.Random, marks: tuple[str, ...], rate: float) -> str:
    """Put a mark between two letters of a word, at a rate for each such place."""
    out: list[str] = []
    for at, letter in enumerate(text):
        out.append(letter)
        inside = letter.isalpha() and text[at + 1 : at + 2].isalpha()
        if inside and chance.random() < rate:
            out.append(chance.choice(marks))
    return "".join(out)


def soft_hyphens(text: str, chance: random.Random) -> str:
    return _into_words(text, chance, ("\u00ad",), 0.15)


def zero_width(text: str, chance: random.Random) -> str:
    return _into_words(text, chance, _HIDDEN, 0.1)


def bidi_controls(text: str, chance: random.Random) -> str:
    return _into_words(text, chance, _BIDI, 0.05)


def no_break_spaces(text: str, chance: random.Random) -> str:
    return "".join("\u00a0" if c == " " and chance.random() < 0.4 else c for c in text)


def quotes_inside(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    for at, word in enumerate(words):
        if word[:1].isalpha() and word[-1:].isalpha() and chance.random() < 0.08:
            opening, closing = chance.choice(_QUOTES)
            words[at] = opening + word + closing
    return " ".join(words)


def decomposed(text: str, chance: random.Random) -> str:
    return unicodedata.normalize("NFD", text)


def upper_case(text: str, chance: random.Random) -> str:
    # Turkish and Greek capitals lose more than case; a headline in capitals does so too.
    return text.upper()


def full_width(text: str, chance: random.Random) -> str:
    return "".join(
        chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and c.isalnum() and chance.random() < 0.5 else c
        for c in text
    )


def other_hyphens(text: str, chance: random.Random) -> str:
    return "".join(chance.choice(_HYPHENS) if c == "-" else c for c in text)


def other_apostrophes(text: str, chance: random.Random) -> str:
    return text.translate({ord("'"): "\u2019", ord("\u2019"): "'"})


def cedillas(text: str, chance: random.Random) -> str:
    return text.translate(str.maketrans("șțȘȚşţŞŢ", "şţŞŢșțȘȚ"))


def without_yo(text: str, chance: random.Random) -> str:
    return text.translate(str.maketrans("ёЁ", "еЕ"))


def without_accents(text: str, chance: random.Random) -> str:
    """Write Latin letters without accents, as many sites do in addresses and tickers."""
    plain = unicodedata.normalize("NFD", text)
    kept = [
        c
        for at, c in enumerate(plain)
        if not (unicodedata.combining(c) and at and plain[at - 1].isascii())
    ]
    return unicodedata.normalize("NFC", "".join(kept))


def other_alphabet(text: str, chance: random.Random) -> str:
    """Write Serbian in the other alphabet (applied to Serbian only)."""
    if any("\u0400" <= c <= "\u04ff" for c in text):
        return to_latin(text)
    return to_cyrillic(text)


@cache
def _converters() -> tuple[opencc.OpenCC, opencc.OpenCC]:
    return opencc.OpenCC("s2t"), opencc.OpenCC("t2s")


def other_hanzi(text: str, chance: random.Random) -> str:
    """Write Chinese in the other script (applied to Chinese only)."""
    to_traditional, to_simplified = _converters()
    turned: str = to_traditional.convert(text)
    return turned if turned != text else str(to_simplified.convert(text))


def pinyin(text: str, chance: random.Random) -> str:
    return "".join(
        f"{c}({chance.choice(_PINYIN)})"
        if "\u4e00" <= c <= "\u9fff" and chance.random() < 0.06
        else c
        for c in text
    )


def tatweel_and_harakat(text: str, chance: random.Random) -> str:
    marks = ("\u0640", *_HARAKAT)
    out: list[str] = []
    for at, c in enumerate(text):
        out.append(c)
        following = text[at + 1 : at + 2]
        if (
            "\u0620" <= c <= "\u064a"
            and "\u0620" <= following <= "\u064a"
            and chance.random() < 0.1
        ):
            out.append(chance.choice(marks))
    return "".join(out)


def middle_dots(text: str, chance: random.Random) -> str:
    return text.replace("l·l", chance.choice(("l.l", "l\u2022l", "l\u2027l", "ŀl")))


def controls(text: str, chance: random.Random) -> str:
    return _into_words(text, chance, ("\x00", "\ud800"), 0.02)


EVERYWHERE: tuple[Noise, ...] = (
    soft_hyphens,
    zero_width,
    bidi_controls,
    no_break_spaces,
    quotes_inside,
    decomposed,
    upper_case,
    full_width,
    other_hyphens,
    other_apostrophes,
    controls,
)
IN_LANGUAGE: dict[str, tuple[Noise, ...]] = {
    "zh": (other_hanzi, pinyin),
    "sr": (other_alphabet,),
    "ro": (cedillas,),
    "ru": (without_yo,),
    "ar": (tatweel_and_harakat,),
    "ca": (middle_dots,),
}
# Whole texts without accents: not in languages where an accent makes another word, as no site does.
_PLAIN_LATIN = "es pt fr it ro hr sr cs sk pl hu sl ca"
PLAIN_LATIN = frozenset(_PLAIN_LATIN.split())


def noises_for(language: str) -> tuple[Noise, ...]:
    """Return the kinds of noise that a text of the language can carry."""
    primary = language.split("-", maxsplit=1)[0]
    kinds = EVERYWHERE + IN_LANGUAGE.get(primary, ())
    return (*kinds, without_accents) if primary in PLAIN_LATIN and language != "sr-Cyrl" else kinds
