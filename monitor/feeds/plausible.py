"""Tell a text that was decoded rightly from bytes read in the wrong charset.

Knows how scripts are written, and nothing of feeds.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from functools import lru_cache

from monitor.feeds.letters import ALPHABETS, EXPECTED, FREQUENT, SCRIPTS

_WORD = re.compile(r"[^\W\d_]+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
# Symbols glued to letters: what UTF-8 read as a single-byte charset is full of (Ã©, Ð¿), and
# ISO 8859-2 read as windows-1250 (mi±sto). m² and l·l are writing.
_GLUED = re.compile(
    r"[^\x00-\x7f\W\d_][\x80-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\u2018-\u203a\u20ac\u2122]"
    r"|[^\W\d_][\xa1-\xa6\xa8\xac\xaf\xb1\xb4\xb6\xb8\xb9\xbc-\xbf]"
    # Turkish read as windows-1256: Arabic marks and directions inside Latin words.
    r"|[a-zA-Z][\u200e\u200f\u064b-\u0652]|[\u200e\u200f\u064b-\u0652][a-zA-Z]"
)
_BROKEN = re.compile(r"[\x80-\x84\x86-\x9f\ufffd\ue000-\uf8ff\u2500-\u259f]")
_TOGETHER = frozenset({"han", "kana", "latin", "hangul", "other"})


def judge_text(text: str, language: str | None = None) -> float:
    """Return how far the letters beyond ASCII are used as their scripts use them, from 0 to 1.

    1 for a text in ASCII only. `language` (a BCP 47 tag) sharpens it where ALPHABETS knows it.
    Costs about a second for a million letters: hand it a sample.
    """
    primary = (language or "").split("-")[0].lower()
    alphabet = ALPHABETS.get(primary)
    own = SCRIPTS.get(primary)
    good = 0.0
    total = len(_GLUED.findall(text)) + 2 * len(_BROKEN.findall(text))
    counts: dict[str, list[str]] = {}
    for word in _WORD.findall(text):
        letters = _NOT_ASCII.findall(word)
        total += len(letters)
        if not letters or not _is_written(word, letters, alphabet):
            continue
        for letter in letters:
            counts.setdefault(_script_of(letter), []).append(letter)
    for script, letters in counts.items():
        rated = _rate_letters(script, letters)
        good += rated if own is None or script in own or script == "latin" else rated / 2
    return good / total if total else 1.0


def _rate_letters(script: str, letters: list[str]) -> float:
    """Return how many of the letters of one script count as used in its way."""
    if script not in FREQUENT:
        return len(letters)
    frequent = FREQUENT[script]
    hits = sum(letter in frequent or letter.lower() in frequent for letter in letters)
    return min(hits / EXPECTED[script], len(letters))


def _is_written(word: str, letters: list[str], alphabet: frozenset[str] | None) -> bool:
    """Say whether the scripts, the case and the alphabet of a word go together."""
    scripts = {_script_of(letter) for letter in letters}
    if len(letters) < len(word):
        scripts.add("latin")
    if "odd" in scripts or _has_odd_case(word):
        return False
    if len(scripts) > 1:
        return scripts <= _TOGETHER
    return "latin" not in scripts or _is_latin_word(word, letters, alphabet)


def _is_latin_word(word: str, letters: list[str], alphabet: frozenset[str] | None) -> bool:
    if alphabet is not None and any(
        letter.lower() not in alphabet and letter not in alphabet for letter in letters
    ):
        return False
    # Czech and Vietnamese come near, nothing passes it: "řeč" and "đầu" stay, "Ïîëèöèÿ" goes.
    return len(word) < 4 or len(letters) / len(word) <= 0.67


def _has_odd_case(word: str) -> bool:
    """Say whether a small letter is followed by a capital, as in KOI8-R read as windows-1251."""
    if word[1:].islower() or word.isupper() or word.islower():
        return False
    return any(
        one.islower() and other.isupper() and not (one + other).isascii()
        for one, other in itertools.pairwise(word)
    )


@lru_cache(maxsize=16384)
def _script_of(letter: str) -> str:
    name = unicodedata.name(letter, "")
    first, _, rest = name.partition(" ")
    if first == "CJK":
        return "han"
    if first in {"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}:
        return "kana"
    # Half-width and presentation forms hardly occur in news, and often in misread bytes.
    if first == "HALFWIDTH" or "ISOLATED FORM" in rest or "FINAL FORM" in rest:
        return "odd"
    return first.lower() if first.lower() in FREQUENT or first == "LATIN" else "other"
