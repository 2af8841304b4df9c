"""What each character becomes in a folded text, as a table that compiled code can look into.

The same folding as `monitor.text.rough`, filled as characters are met.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from monitor.glance.records import Language
from monitor.text.rough import fold_character_roughly

SPACE = 32
NOTHING = 0
JOINT = 1  # between letters that may belong to one word or to two: an apostrophe, a tag
UNKNOWN = -1  # met for the first time
LONGER = 1 << 24  # becomes several letters: LONGER + its place in `longer_first`
_JOINTS = "'’‘‛ʼʹʻ`´′＇\u02bd\u02c8·‧•∙⋅\x02"


class Letters:
    """Fill the tables of characters in a record: a letter, NOTHING, SPACE, JOINT, LONGER."""

    def __init__(self, known: Language) -> None:
        self._known = known
        self._longer = 0
        known["folded"][:] = UNKNOWN
        self.learn(range(0x250))

    def learn(self, numbers: Iterable[int]) -> None:
        """Add characters, by their code points."""
        for number in numbers:
            self._known["folded"][number] = self._fold(number)

    def fold(self, word: str) -> str:
        """Return a word as it is written in a stream, without what is no single letter there."""
        self.learn(map(ord, word))
        folded = [int(self._known["folded"][ord(letter)]) for letter in word]
        return "".join(chr(letter) for letter in folded if SPACE < letter < LONGER)

    def _fold(self, number: int) -> int:
        if chr(number) in _JOINTS:
            return JOINT
        folded = fold_character_roughly(number)
        if not folded or len(folded) == 1:
            return SPACE if folded == "\n" else ord(folded) if folded else NOTHING
        first, longer = self._known["longer_first"], self._known["longer"]
        start = first[self._longer]
        longer[start : start + len(folded)] = np.frombuffer(folded.encode("utf-32-le"), np.int32)
        self._longer += 1
        first[self._longer] = start + len(folded)
        return LONGER + self._longer - 1
