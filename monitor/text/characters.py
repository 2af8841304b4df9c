"""What each character is to a matcher: a letter to compare, a gap, or nothing.

`FOLD` maps every code point to exactly one character, so that translating a text never moves an
offset; what must change its length (ß, runs of white space) is marked and left to `normal`.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from monitor.text.chinese import simplified_characters

# Marks that FOLD leaves for `normal`; in a text from outside they are control characters, and go.
NOTHING: Final = "\x00"  # quotes, brackets, invisible characters, accents: inside a phrase, nothing
GAP: Final = "\x02"  # other punctuation: a border of words
LONGER: Final = "\x03"  # becomes more than one character
DOT: Final = "\x04"  # a middle dot: part of l·l, else a border
BREAK: Final = "\n"  # the end of a paragraph
APOSTROPHE: Final = "'"

APOSTROPHES = frozenset("'’‘‛ʼʹʻ`´′＇\u02bd\u02c8")
QUOTES = frozenset('"“”„‟«»‹›「」『』〝〞〟＂〈〉《》❝❞❮❯⹂‚')
BRACKETS = frozenset("()[]{}（）［］｛｝〔〕【】〖〗⟨⟩⦅⦆｟｠｢｣﴾﴿")
DOTS = frozenset("·‧•∙⋅")
BREAKS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")

# Accents of alphabets that are read without them: Latin, Greek, Cyrillic, Hebrew, Arabic, and
# variation selectors.  Marks of other scripts (Devanagari, Thai) carry the vowels and stay.
ACCENT_RANGES = (
    (0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05BD), (0x05BF, 0x05C7), (0x0610, 0x061A),
    (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06ED), (0x08D3, 0x08FF), (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F),
)  # fmt: skip

ACCENTS = frozenset(
    chr(number) for first, last in ACCENT_RANGES for number in range(first, last + 1)
)

# Letters that Unicode does not take apart, and Arabic letters that are typed one for another.
SAME_LETTER = {
    "đ": "d", "ð": "d", "ł": "l", "ø": "o", "ħ": "h", "ı": "i", "ŧ": "t", "ŀ": "l", "ƶ": "z",
    "ς": "σ", "ё": "е",
    "آ": "ا", "أ": "ا", "إ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ئ": "ي", "ؤ": "و",
    "ة": "ه", "ۀ": "ه", "ہ": "ه", "ە": "ه", "ک": "ك", "گ": "ك", "ڪ": "ك",
}  # fmt: skip

TATWEEL = "\u0640"

SPECIAL: Final = {
    **dict.fromkeys(BREAKS, BREAK),
    **dict.fromkeys(APOSTROPHES, APOSTROPHE),
    **dict.fromkeys(QUOTES | BRACKETS | {TATWEEL}, NOTHING),
    **dict.fromkeys(DOTS, DOT),
}


def is_accent(character: str) -> bool:
    """Say whether the character is a mark that reading without accents drops."""
    return character in ACCENTS


def fold_character(character: str) -> str:
    """Return the one character that stands for this one in a folded text, or a mark for `normal`.

    Letters lose case, accents and width; Traditional characters become Simplified.
    """
    special = _fold_special(character)
    if special is not None:
        return special
    folded = expand_character(character)
    if len(folded) == 1:
        return folded
    return LONGER if folded else NOTHING


def _fold_special(character: str) -> str | None:
    known = SPECIAL.get(character)
    if known is not None:
        return known
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category in {"Cc", "Cf", "Cs", "Cn"} or is_accent(character):
        return NOTHING
    if category[0] in "PZ" or category in {"Sm", "Sc", "So", "Sk", "Co"}:
        return _fold_symbol(character)
    return None


def _fold_symbol(character: str) -> str:
    """Return the letter or digit that a symbol stands for (Ⓐ), or a gap."""
    folded = unicodedata.normalize("NFKC", character).casefold()
    return folded if len(folded) == 1 and folded.isalnum() else GAP


def expand_character(character: str) -> str:
    """Return all that a letter or digit becomes: usually one character, `ss` for ß."""
    same = SAME_LETTER.get(character)
    if same is not None:
        return same
    composed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())
    return "".join(_fold_letter(letter) for letter in composed if letter not in "\u2044\u00b7.,()")


def _fold_letter(letter: str) -> str:
    same = SAME_LETTER.get(letter)
    if same is not None:
        return same
    number = ord(letter)
    if number < 0x80:
        return letter if letter.isalnum() else ""
    if number >= 0x2E80:
        return simplified_characters().get(letter, letter)
    digit = unicodedata.decimal(letter, None)
    if digit is not None:
        return str(digit)
    bare = "".join(part for part in unicodedata.normalize("NFD", letter) if not is_accent(part))
    return "".join(SAME_LETTER.get(part, part) for part in bare)


class FoldTable(dict[int, str]):
    """The table for `str.translate`, filled as characters are met."""

    def __missing__(self, number: int) -> str:
        folded = fold_character(chr(number))
        self[number] = folded
        return folded


FOLD: Final = FoldTable({number: fold_character(chr(number)) for number in range(0x250)})
