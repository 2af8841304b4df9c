"""What a text is made of when it is held beside another: words, names, numbers.

Without domain knowledge.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache
from pathlib import Path

from monitor.stories.fingerprint import SERBIAN
from monitor.stories.skeleton import skeleton
from monitor.text.normal import normalise, normalise_word
from monitor.text.sentences import split_sentences
from monitor.text.serbian import to_latin

DATA = Path(__file__).parent / "data" / "common_words.txt"
STEM = 6  # letters: what is left of a word when its endings go, in the languages that have them
HAN = "\u3400-\u9fff\U00020000-\U0003ffff"
PIECE = re.compile(f"[{HAN}]+|[\u30a0-\u30ff]+|[\uac00-\ud7af]+|[^\\W\\d_\u3041-\u309f]+")
HAN_RUN = re.compile(f"[{HAN}]")
KATAKANA = re.compile("[\u30a1-\u30ff]{3,}")
HANGUL = re.compile("[\uac00-\ud7af]")
TITLE_WEIGHT = 2


@cache
def common_words(language: str) -> frozenset[str]:
    """Return the words that stand in any text of a language, in normal form."""
    words: set[str] = set()
    for line in DATA.read_text(encoding="utf-8").splitlines():
        name, _, listed = line.partition(":")
        if name.strip() == language and not line.startswith("#"):
            words.update(normalise_word(word) for word in listed.split())
    return frozenset(words)


def count_terms(title: str, text: str, language: str) -> Counter[str]:
    """Return stems, and pairs of characters where words are not spaced, with how often they stand.

    Stems are words cut after STEM letters; the title counts twice.
    """
    counts: Counter[str] = Counter()
    common = common_words(language)
    for written, weight in ((title, TITLE_WEIGHT), (text, 1)):
        folded = to_latin(written) if SERBIAN.search(written) else written
        for piece in PIECE.findall(normalise(folded).text):
            for term in _terms_of(piece, common):
                counts[term] += weight
    return counts


@lru_cache(maxsize=65536)
def terms_of(word: str) -> tuple[str, ...]:
    """Return what a word as written comes to among the terms."""
    pieces = PIECE.findall(normalise(word).text)
    return tuple(term for piece in pieces for term in _terms_of(piece, frozenset()))


def _terms_of(piece: str, common: frozenset[str]) -> list[str]:
    if HAN_RUN.match(piece) or HANGUL.match(piece):
        return [piece[at : at + 2] for at in range(len(piece) - 1)]
    if len(piece) < 3 or piece in common:
        return []
    return [piece if KATAKANA.fullmatch(piece) else piece[:STEM]]


CASED_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
NO_CASE = re.compile("[\u0590-\u06ff\u30a0-\u30ff\uac00-\ud7af]")
LONGEST_NAME = 24


def find_names(title: str, text: str) -> dict[str, str]:
    """Return the names of a text: {as written, in lower case: skeleton}.

    A word with a capital that does not open its sentence; runs of katakana; in scripts without
    capitals (Arabic, Hebrew, Hangul) every word of three letters, of which only those that another
    text writes in another script will count.
    A headline In Title Case names nothing by itself, nor does a word that stands without its
    capital, too.
    """
    inside: set[str] = set()
    for start, end in split_sentences(text):
        _read_names(text[start:end], inside)
    words = CASED_WORD.findall(title)
    capitals = sum(word[0].isupper() for word in words)
    if words and capitals <= 0.6 * len(words):
        _read_names(title, inside)
    small = {word for word in CASED_WORD.findall(text) if word[0].islower()}
    found: dict[str, str] = {}
    for word in inside:
        if word.casefold() in small:
            continue  # the Party, and a party: a title, no name
        bones = skeleton(word)
        if len(bones) >= 2 and len(word) <= LONGEST_NAME:
            found[word.casefold()] = bones
    return found


def _read_names(sentence: str, inside: set[str]) -> None:
    first = True
    for match in CASED_WORD.finditer(sentence):
        word = match[0]
        bare = word.split("'")[0].split("’")[0] if len(word.split("'")[0]) > 2 else word
        if NO_CASE.match(word):
            for run in KATAKANA.findall(word):
                inside.add(run)
            if not KATAKANA.search(word) and len(word) >= 3:
                inside.add(word)
        elif bare[0].isupper() and len(bare) > 2 and not first:
            inside.add(bare)
        first = False


NUMBER = re.compile(
    r"(?<![\w.,])\d{1,3}(?:[ \u00a0\u202f.,]\d{3})+(?!\d)|(?<![\d.,])\d+(?:[.,]\d+)?"
)
GROUPING = re.compile(r"[ \u00a0\u202f.,](?=\d{3}(?!\d))")
OTHER_DIGIT = re.compile(r"[^\D0-9]")
CLOCK = re.compile(r"\b\d{1,2}[:h]\d{2}(?::\d{2})?\b")


def find_numbers(text: str) -> frozenset[str]:
    """Return the numbers of a text as digits: 20 000, 20,000 and 20.000 are one.

    Times of day and years are left out, and numbers below 10: every text has some.
    """
    found: set[str] = set()
    for digits in read_numbers(CLOCK.sub(" ", text)):
        if digits.isdigit():
            value = int(digits) if len(digits) < 16 else 0
            if value < 10 or 1985 <= value <= 2045:
                continue
        found.add(digits)
    return frozenset(found)


def read_numbers(text: str) -> list[str]:
    """Return every number of a text in order, without what groups its digits."""
    return [
        GROUPING.sub("", number).replace(",", ".")
        for number in NUMBER.findall(normalise_digits(text))
    ]


def normalise_digits(text: str) -> str:
    """Return `text` with every decimal digit of any script as an ASCII one."""
    return text if text.isascii() else OTHER_DIGIT.sub(lambda found: str(int(found[0])), text)
