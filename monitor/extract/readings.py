"""Asking of one text what it holds of another, whatever signs stand between the words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_NO_LETTER = re.compile(r"[\W_]+")
# The same signs of ASCII; a byte of it is never part of another character in UTF-8.
_SIGNS = bytes(code for code in range(128) if not chr(code).isalnum())
_LONGEST_KNOWN = 1000
_SLICE = 40  # letters; long enough to be found by chance in no other paragraph


def fold(text: str) -> str:
    """Return the letters and digits of `text` in one case."""
    return _fold_line(text) if len(text) <= _LONGEST_KNOWN else _fold(text)


def _fold(text: str) -> str:
    letters = text.casefold().encode("utf-8", "surrogatepass").translate(None, _SIGNS)
    folded = letters.decode("utf-8", "surrogatepass")
    # Telling that nothing is left to do is five times as fast as the expression.
    return folded if folded.isalnum() else _NO_LETTER.sub("", folded)


_fold_line = lru_cache(maxsize=1024)(_fold)  # each line of a page is asked about some ten times


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One reading of a page's text, as lines and folded into one string."""

    lines: tuple[str, ...]
    folded: str

    def holds(self, line: str) -> bool:
        """Tell whether `line` stands in this reading: of a long one, two of three slices."""
        folded = fold(line)
        if len(folded) <= _SLICE + 8:
            return folded in self.folded
        middle = len(folded) // 2
        slices = (folded[:_SLICE], folded[middle : middle + _SLICE], folded[-_SLICE:])
        return sum(piece in self.folded for piece in slices) >= 2

    def share_of(self, other: Reading) -> float:
        """Return the share of `other`'s text that this reading holds, 0 where it is empty."""
        total = sum(map(len, other.lines))
        held = sum(len(line) for line in other.lines if self.holds(line))
        return held / total if total else 0.0

    def agreement(self, other: Reading) -> float:
        """Return the mean of what each of two readings holds of the other."""
        return (self.share_of(other) + other.share_of(self)) / 2

    @property
    def length(self) -> int:
        """Return the number of characters in the lines."""
        return sum(map(len, self.lines))


def read(lines: Sequence[str]) -> Reading:
    """Return `lines` as a reading."""
    return Reading(lines=tuple(lines), folded=fold("".join(lines)))
