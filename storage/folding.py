"""Text as the search index holds it: folded alike for what is stored and what is asked.

SQLite's own tokenizers find no word inside a run of Chinese, and fold neither Greek accents nor đ,
ł, ø, ß; folded like this, eighteen of eighteen queries were answered rightly (LIBRARIES.md).
Knows nothing of what is stored.
"""

from __future__ import annotations

import re
import unicodedata

# Letters that carry no mark to strip, but that people leave out when they type.
_PLAIN = str.maketrans({
    "đ": "d", "ð": "d", "ł": "l", "ø": "o", "ħ": "h", "ı": "i", "ŧ": "t", "ŋ": "n",
    "æ": "ae", "œ": "oe", "þ": "th",
})  # fmt: skip

# Scripts written without spaces: each character is a word of its own.
_UNSPACED = re.compile(
    "(["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Chinese characters
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff"
    "])"
)
_SPACES = re.compile(r"\s+")


def fold(text: str) -> str:
    """Return `text` without case, accents and width, a space around each unspaced character."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    folded = unicodedata.normalize("NFKD", folded)  # casefold may compose: ΰ, İ
    plain = "".join(_keep(character) for character in folded)
    # NFKD takes Hangul apart; put it together again, so that a query is whole syllables
    composed = unicodedata.normalize("NFC", plain).translate(_PLAIN)
    return _SPACES.sub(" ", _UNSPACED.sub(r" \1 ", composed)).strip()


def _keep(character: str) -> str:
    """Return a character of a word as it is, nothing for a mark, and a space for what parts words.

    Decided here and not by the tokenizer, whose tables are of another Unicode than Python's: what
    one took for a letter and the other for a sign would never be found.
    """
    category = unicodedata.category(character)
    # Mc: the vowel signs of Indic scripts are part of the word
    if category[0] in "LN" or category in {"Mc", "Co"}:
        return character
    return "" if category in {"Mn", "Me", "Cf"} else " "


def build_query(asked: str) -> str | None:
    """Return `asked` as an FTS5 query in which nothing is syntax, or None when no word is in it.

    Each word, and each "run in quotation marks", is a phrase, and all must be there; a `*` at the
    end of a word finds every word that begins so.
    """
    quoted = re.sub("[“”„«»「」『』＂]", '"', asked)
    phrases = []
    for position, part in enumerate(quoted.split('"')):
        pieces = [part] if position % 2 else part.split()
        phrases += [_build_phrase(piece) for piece in pieces]
    return " AND ".join(phrase for phrase in phrases if phrase) or None


def _build_phrase(piece: str) -> str:
    folded = fold(piece)
    if not folded:
        return ""
    begins = piece.rstrip().endswith("*") and not _UNSPACED.match(folded[-1])
    return f'"{folded}"{"*" if begins else ""}'
