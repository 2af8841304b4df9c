"""What becomes of a character that is read by itself: its letters in the normal form, or a border.

What the normal form reads in its context (words of two alphabets, letters in parts, readings in
brackets) is for whoever asks.
"""

from __future__ import annotations

import unicodedata

from monitor.text.characters import BREAK, DOT, FOLD, LONGER, NOTHING, expand_character


def fold_character_roughly(number: int) -> str | None:
    """Return what one character becomes by itself, by its code point: a letter or several, or None.

    A space stands for the border of a word, a line feed for the end of a line.
    """
    folded = FOLD[number]
    if folded == LONGER:
        return expand_character(chr(number)) or None
    if folded == NOTHING:
        return None
    if folded == BREAK:
        return "\n"
    if folded == DOT:
        return " "
    # Marks that are no accents are letters of their words: the vowels of Hindi and Thai.
    return folded if folded.isalnum() or unicodedata.category(folded)[0] == "M" else " "
