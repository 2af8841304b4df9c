"""How a script writes words: with spaces, without, with particles behind, with articles before.

Without domain knowledge.
"""

from __future__ import annotations

import re
from typing import Literal

Script = Literal["spaced", "unspaced", "hangul", "arabic"]

# Han, kana, Thai, Lao, Burmese, Khmer; half-width kana and full-width letters are folded before.
UNSPACED_RANGES = (
    "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff"
    "\u3400-\u9fff\U00020000-\U0003ffff"
)
UNSPACED = re.compile(f"[{UNSPACED_RANGES}]")
HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7af]")
ARABIC = re.compile("[\u0620-\u06ff]")


def script_of(word: str) -> Script:
    """Return how a word (in normal form) stands among its neighbours."""
    if word.isascii():
        return "spaced"
    if UNSPACED.search(word):
        return "unspaced"
    if HANGUL.search(word):
        return "hangul"
    return "arabic" if ARABIC.search(word) else "spaced"


def count_words(normal: str) -> tuple[int, int]:
    """Return how many spaced words, and how many unspaced characters, a normal text holds."""
    if normal.isascii():
        return len(normal.split()), 0
    unspaced = len(UNSPACED.findall(normal))
    if not unspaced:
        return len(normal.split()), 0
    return len(UNSPACED.sub(" ", normal).split()), unspaced
