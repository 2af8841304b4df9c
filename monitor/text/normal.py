"""One normal form for terms and texts, with every offset leading back to the original.

    original → translate (character for character) → mend what changes length → normal text

The normal text holds words in lower case without accents, one space between two words that stand
beside each other, and two or more where punctuation or the end of a paragraph stands between them.
It begins and ends with a space, so that a space in a literal is the border of a word.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache

from monitor.text.characters import (
    APOSTROPHE,
    BREAK,
    DOT,
    FOLD,
    GAP,
    LONGER,
    NOTHING,
    expand_character,
    is_accent,
)
from monitor.text.disguise import drop_readings, unmask

UNSPACED = "\u2e80-\u2fdf\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\U00020000-\U0003ffff"
HANGUL = "\uac00-\ud7af"

# Possessive 's; apostrophes; runs that hold a quote, bracket or invisible character, and runs of
# white space; ends of paragraphs; characters that become longer; middle dots.
# Each alternative begins with a character of its own, so that the search is linear.
_MEND = (
    rf"{APOSTROPHE}s(?![^\W_])|{APOSTROPHE}|{NOTHING}[{NOTHING} ]*| [{NOTHING} ]+"
    rf"|{BREAK}[{BREAK} {NOTHING}{GAP}]*|{LONGER}|{DOT}"
)
MEND = re.compile(_MEND)
# The same in texts with letters that are composed here (Hangul jamo, voiced kana), or with Latin
# words among characters that are written without spaces.
COMPOSED = "[\u1100-\u115f][\u1160-\u11a7][\u11a8-\u11ff]?|[\u3041-\u30ff][\u3099\u309a]"
BORDER = f"[a-z](?={NOTHING}*[{UNSPACED}{HANGUL}])|[{UNSPACED}{HANGUL}](?={NOTHING}*[a-z])"
MEND_COMPOSED = re.compile(f"{COMPOSED}|{BORDER}|{_MEND}")

HAS_COMPOSED = re.compile("[\u1160-\u11ff\u3099\u309a]")
HAS_UNSPACED = re.compile(f"[{UNSPACED}{HANGUL}]")
NEIGHBOURHOOD = 16  # characters in which a neighbour is looked for behind invisible ones
NOT_ASCII = re.compile("[^\x00-\x7f]+")
FEW_OTHERS = 16  # one character in so many; with more, translating all at once is faster
BEYOND_LATIN = re.compile("[\u0370-\U0010ffff]")
HAS_LATIN = re.compile("[a-z]")


@dataclass(frozen=True, slots=True)
class Normal:
    """A text in normal form; `start_of` and `end_of` lead from its offsets to the original's.

    The three lists hold, for each place where lengths differ, in order: where the original begins
    to differ, where it has ended, and where the normal text has ended.
    """

    original: str
    text: str
    _begins: list[int] = field(repr=False)
    _ends: list[int] = field(repr=False)
    _at: list[int] = field(repr=False)

    def start_of(self, offset: int) -> int:
        """Return where in the original the character at `offset` of the normal text begins."""
        place = bisect_right(self._at, offset) - 1
        start = self._ends[place] + offset - self._at[place]
        following = place + 1
        if following < len(self._begins):
            start = min(start, self._begins[following])
        return min(start, len(self.original))

    def end_of(self, offset: int) -> int:
        """Return where in the original the text before `offset` of the normal text ends.

        Accents that were dropped behind the last letter belong to it.
        """
        place = bisect_right(self._at, offset - 1) - 1
        end = self._ends[place] + offset - self._at[place]
        following = place + 1
        if following < len(self._begins) and end > self._begins[following]:
            end = self._ends[following]
        end = min(end, len(self.original))
        while end < len(self.original) and is_accent(self.original[end]):
            end += 1
        return end

    def find_offset(self, original_offset: int) -> int:
        """Return the first offset of the normal text that does not lie before the original's."""
        place = bisect_right(self._ends, original_offset) - 1
        following = place + 1
        if following < len(self._begins) and original_offset > self._begins[following]:
            return min(self._at[following], len(self.text))
        return min(self._at[place] + original_offset - self._ends[place], len(self.text))


def normalise(original: str) -> Normal:
    """Return the normal form of a text or a term.

    Bounded by the length of the text, whatever is in it; never raises.
    """
    plain = original.isascii()
    translated = original.translate(FOLD) if plain else _translate(drop_readings(original))
    mend = MEND
    if not plain and BEYOND_LATIN.search(translated):
        translated = unmask(translated)
        mend = _choose(translated)
    begins, ends, at, pieces = [0], [0], [1], [" "]
    last, shift = 0, 1
    for found in mend.finditer(translated):
        start, end = found.span()
        written = found[0]
        mended = _mend(written, translated, start, original)
        pieces.append(translated[last:start])
        pieces.append(mended)
        shift += len(mended) - (end - start)
        begins.append(start)
        ends.append(end)
        at.append(end + shift)
        last = end
    pieces.append(translated[last:])
    pieces.append(" ")
    return Normal(original, "".join(pieces).replace(GAP, " "), begins, ends, at)


def _translate(text: str) -> str:
    """Return the text folded character for character.

    Python translates ASCII ten times as fast as other text; where most of a text is ASCII, the
    rest is translated apart and put in its place.
    """
    if len(text.encode("ascii", "ignore")) * FEW_OTHERS < len(text) * (FEW_OTHERS - 1):
        return text.translate(FOLD)
    folded = text.encode("ascii", "replace").decode("ascii").translate(FOLD)
    pieces: list[str] = []
    last = 0
    for found in NOT_ASCII.finditer(text):
        pieces.append(folded[last : found.start()])
        pieces.append(found[0].translate(FOLD))
        last = found.end()
    pieces.append(folded[last:])
    return "".join(pieces)


def fold_simple(word: str) -> str | None:
    """Return the normal form of a word whose every letter keeps its place, or None for others."""
    if not word.isalnum():
        return None
    folded = word.translate(FOLD)
    if not folded.isalnum():
        return None
    is_mixed = not folded.isascii() and HAS_LATIN.search(folded)
    return None if is_mixed or HAS_COMPOSED.search(folded) else folded


@lru_cache(maxsize=65536)
def normalise_word(word: str) -> str:
    """Return one word in normal form, without the spaces around it."""
    return normalise(word).text.strip()


def accented(text: str) -> str:
    """Return the text in lower case with its accents, composed, and nothing but letters and digits.

    It is what is compared where an accent tells two words apart.
    """
    lower = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text.casefold())
    return lower if lower.isalnum() else "".join(filter(str.isalnum, lower))


def _choose(translated: str) -> re.Pattern[str]:
    if HAS_COMPOSED.search(translated):
        return MEND_COMPOSED
    if HAS_UNSPACED.search(translated) and HAS_LATIN.search(translated):
        return MEND_COMPOSED
    return MEND


def _mend(written: str, translated: str, start: int, original: str) -> str:
    """Return what stands in the normal text for a place that changes its length."""
    first = written[0]
    if first in {NOTHING, " "}:
        return " " if " " in written else ""
    if first == BREAK:
        return "  "
    if first == APOSTROPHE:
        return _mend_apostrophe(written, translated, start)
    if first == LONGER:
        return _mend_longer(original, translated, start)
    return _mend_dot(translated, start) if first == DOT else _mend_letters(written)


def _mend_longer(original: str, translated: str, start: int) -> str:
    """Return what one character becomes, apart from neighbours that are written without spaces."""
    longer = expand_character(original[start])
    left = translated[max(0, start - NEIGHBOURHOOD) : start].rstrip(NOTHING)[-1:]
    right = translated[start + 1 : start + NEIGHBOURHOOD].lstrip(NOTHING)[:1]
    before = longer[:1].isascii() and HAS_UNSPACED.match(left)
    behind = longer[-1:].isascii() and HAS_UNSPACED.match(right)
    return f"{' ' if before else ''}{longer}{' ' if behind else ''}"


def _mend_dot(translated: str, start: int) -> str:
    """Return nothing for the dot of the Catalan l·l, else a border."""
    between_l = translated[start - 1 : start] == "l" == translated[start + 1 : start + 2]
    return "" if between_l else " "


def _mend_letters(written: str) -> str:
    """Return letters composed; a single one stands beside a script without spaces."""
    return written + " " if len(written) == 1 else unicodedata.normalize("NFC", written)


def _mend_apostrophe(written: str, translated: str, start: int) -> str:
    before = translated[start - 1 : start] if start else ""
    if not before.isalnum():
        return written[1:]  # an opening quotation mark
    if len(written) > 1:
        return ""  # China's
    after = translated[start + 1 : start + 2]
    if not after.isalnum():
        return ""  # a closing quotation mark, or a plural's apostrophe
    return "" if "\u0400" <= after <= "\u052f" else " "  # зв'язок is one word, l'ambassade two
