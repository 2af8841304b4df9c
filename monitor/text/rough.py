"""A form of text in which every literal of its normal form is found, in a fraction of the time.

Letters are folded as in the normal form, and words stand one space apart; but punctuation parts no
phrases, and no offset leads back.  So what is not found here is not in the normal form, either.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from monitor.text.characters import APOSTROPHES, BREAK, DOT, FOLD, LONGER, NOTHING, expand_character
from monitor.text.disguise import MIXED, READING, unmask
from monitor.text.normal import HANGUL, HAS_COMPOSED, UNSPACED

TAG: Final = "\x02"
"""A control character that stands for markup between two letters; a border of words."""

_POSSESSIVE = re.compile(rf"'[sS](?<=[\w{TAG}]'.)(?![^\W_])")
_IN_CYRILLIC = re.compile(r"'(?<=\w')(?=[\u0400-\u052f])")
_OTHER_APOSTROPHES = APOSTROPHES - {"'"}
_DOTTED_L = re.compile("(?<=[lL])[·‧•∙⋅](?=[lL])")
_BORDER = re.compile(f"[a-z](?=[{UNSPACED}{HANGUL}])|[{UNSPACED}{HANGUL}](?=[a-z])")
_HAS_WIDE = re.compile(f"[{UNSPACED}{HANGUL}]")
_OTHER_ALPHABET = re.compile("[\u0370-\u052f]")
_LATIN = re.compile("[A-Za-z]")
# Letters of other scripts than Latin, and those that are read by what stands beside them: all of
# these go the slow way.
_HAS_RARE = re.compile(
    "[\u0300-\u036f\u0530-\u1dff\u2c00-\ua7ff\ua800-\ud7ff\uf900-\ufdff\ufe20-\uffef\U00020000-\U0003ffff]"
)


class _RoughTable(dict[int, str | None]):
    """The table for `str.translate`, filled as characters are met; None drops a character."""

    def __missing__(self, number: int) -> str | None:
        folded: str | None = FOLD[number]
        if folded == LONGER:
            folded = expand_character(chr(number)) or None
        elif folded == NOTHING:
            folded = None
        elif folded == BREAK:
            folded = "\n"
        elif folded == DOT or not (folded or "").isalnum():
            folded = " "
        self[number] = folded
        return folded


_ROUGH: Final = _RoughTable()
for _number in range(0x80):
    _ = _ROUGH[_number]
_ROUGH[ord(TAG)] = " "


def fold_character_roughly(number: int) -> str | None:
    """Return what one character becomes by itself, by its code point: a letter or several, or None.

    A space stands for the border of a word, a line feed for the end of a line.
    """
    return _ROUGH[number]


def fold_roughly(text: str) -> str:
    """Return the rough form of `text`, which begins and ends with a space.

    What the normal form reads in its context (words of two alphabets, letters in parts, readings
    in brackets) is there in both ways: as it stands, and behind it as it is read.
    """
    return f" {' '.join(_fold(' '.join(text.split())).split())} "


def fold_each_roughly(words: Sequence[str]) -> list[str]:
    """Return the rough form of each word by itself, each beginning and ending with a space.

    A word as written may become several. No word may hold white space.
    """
    slow = {word for word in words if not word.isascii() and _HAS_RARE.search(word)}
    if not slow:
        return _fold_each(words)
    rare = list(slow)  # a page in one alphabet that names another is folded the fast way
    forms = dict(zip(rare, _fold_each(rare), strict=True))
    others = iter(_fold_each([word for word in words if word not in slow]))
    return [forms[word] if word in slow else next(others) for word in words]


def _fold_each(words: Sequence[str]) -> list[str]:
    if not words:
        return []
    forms = _fold("\n".join(words)).split("\n")
    count = len(words)
    if len(forms) % count:  # a word holds what becomes the end of a line
        return [fold_roughly(word) for word in words]
    if len(forms) == count:
        return [f" {form.strip()} " if "  " not in form else _close(form) for form in forms]
    return [_close(" ".join(forms[number::count])) for number in range(count)]


def _close(text: str) -> str:
    return f" {' '.join(text.split())} "


def fold_lines_roughly(text: str) -> str:
    """Return the same, line by line; each line begins and ends with a space."""
    lines = [" ".join(line.split()) for line in _fold(text).split("\n")]
    return " " + " \n ".join(filter(None, lines)) + " "


def _fold(text: str) -> str:
    if text.isascii():
        return _drop_possessive(text).translate(_ROUGH)
    folded = None if _HAS_RARE.search(text) else fold_in_charset(text)
    if folded is not None:
        return folded
    return "\n".join(_fold_words(each) for each in (text, *_read_otherwise(text)))


_OTHERS = re.compile("[^\x00-\x7f]+")
_FEW_OTHERS = 16  # one character in so many; with more, translating all at once is faster
_CHARSETS = ("cp1252", "cp1250", "cp1254", "cp1257", "cp1251", "cp1253")
_NOT_LATIN = frozenset({"cp1251", "cp1253"})
_FOLD_HERE = "monitor-fold-roughly"


def fold_in_charset(text: str) -> str | None:
    """Return the text folded by way of a charset of single bytes; None if none fits.

    It is 20 times as fast. What stands not in the charset is folded by itself.
    """
    for sign in _OTHER_APOSTROPHES:
        if sign in text:
            text = text.replace(sign, "'")
    text = _DOTTED_L.sub("", text) if "·" in text else text
    for letter, longer in _LONGER_LATIN.items():
        if letter in text:
            text = text.replace(letter, longer)
    text = _drop_possessive(text)
    if "'" in text and _OTHER_ALPHABET.search(text):
        text = _IN_CYRILLIC.sub("", text)
    for name in _CHARSETS:
        if len(text) - len(text.encode(name, "ignore")) <= len(text) // 500:
            table, dropped = _table_of(name)
            try:
                folded = text.encode(name, _FOLD_HERE).translate(table, dropped).decode(name)
            except UnicodeError:
                return None
            # Words of two alphabets are read by what stands beside each letter.
            return None if name in _NOT_LATIN and MIXED.search(folded) else folded
    return None


@lru_cache(maxsize=8)
def _table_of(name: str) -> tuple[bytes, bytes]:
    """Return the table for `bytes.translate` of a charset, and the bytes that are dropped."""
    table, dropped = bytearray(256), bytearray()
    for byte in range(256):
        try:
            folded = _ROUGH[ord(bytes([byte]).decode(name))]
        except UnicodeDecodeError:
            folded = " "
        if not folded:
            dropped.append(byte)
        coded = (folded or " ").encode(name, "replace")
        table[byte] = coded[0] if len(coded) == 1 else 32
    return bytes(table), bytes(dropped)


def _fold_here(error: UnicodeError) -> tuple[str, int]:
    """Fold what a charset lacks; what does not become ASCII sends the whole text the slow way."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    folded = error.object[error.start : error.end].translate(_ROUGH)
    if not folded.isascii():
        raise error
    return folded, error.end


codecs.register_error(_FOLD_HERE, _fold_here)
_LONGER_LATIN = {
    chr(number): folded
    for number in (*range(0x80, 0x250), *range(0x2100, 0x2190))
    if (folded := _ROUGH[number]) and len(folded) > 1
}


def _drop_possessive(text: str) -> str:
    return _POSSESSIVE.sub("", text) if "'" in text else text


def _fold_words(text: str) -> str:
    """Return a text with other letters than ASCII, folded."""
    for sign in _OTHER_APOSTROPHES:
        if sign in text:
            text = text.replace(sign, "'")
    text = _drop_possessive(text)
    if _OTHER_ALPHABET.search(text):
        text = _IN_CYRILLIC.sub("", text)
    if "·" in text or "•" in text or "‧" in text or "∙" in text or "⋅" in text:
        text = _DOTTED_L.sub("", text)
    folded = _translate(text)
    return _BORDER.sub(r"\g<0> ", folded) if _HAS_WIDE.search(folded) else folded


def _read_otherwise(text: str) -> list[str]:
    others: list[str] = []
    if HAS_COMPOSED.search(text):
        others.append(unicodedata.normalize("NFKC", text))
    if READING.search(text):
        others.append(READING.sub("", text))
    if _OTHER_ALPHABET.search(text) and _LATIN.search(text):
        folded = text.translate(FOLD)
        if MIXED.search(folded):
            others.append(unmask(folded))
    return others


def _translate(text: str) -> str:
    """Return the text translated; what is mostly ASCII in two parts, which is ten times as fast."""
    if len(text.encode("ascii", "ignore")) * _FEW_OTHERS < len(text) * (_FEW_OTHERS - 1):
        return text.translate(_ROUGH)
    pieces: list[str] = []
    last = 0
    for found in _OTHERS.finditer(text):
        pieces.append(text[last : found.start()].translate(_ROUGH))
        pieces.append(found[0].translate(_ROUGH))
        last = found.end()
    pieces.append(text[last:].translate(_ROUGH))
    return "".join(pieces)
