"""Which literals could stand in a text, each of its words looked up once for all texts.

    words of a text, as written ─ known? ─ parts of literals ─ literals whose parts are all there

More than an automaton over the folded text finds (whether the words of a phrase stand beside each
other is not asked), and never less, in a fraction of the time: the words of a language come again
on every page, so most are one look into a set, and nothing has to be folded.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

import ahocorasick

from monitor.text.rough import TAG, fold_each_roughly

MOST_KNOWN = 300_000
"""Words remembered: 30 MB."""

Spoken = dict[str, frozenset[int]]

LONGEST_KNOWN = 40
"""Characters; longer ones are addresses, code and lines without spaces, and do not come again."""


class Parts(NamedTuple):
    """Words of literals, a space at an end for a border of words; each is known by its place."""

    words: list[str]
    alone: list[list[int]]
    """Of each the literals that are no more than it."""
    together: list[list[int]]
    """Of each the literals that are found by it, beside others."""
    of_literal: list[list[int]]
    """Of each literal, by its number, all its parts."""


class WordTable:
    """The literals of one set of rules, taken apart into words.

    A word may hold TAG where markup stands within it: it is looked up as its pieces, and as what
    stands across the markup.
    """

    def __init__(self, literals: Mapping[str, int]) -> None:
        self._parts: dict[str, int] = {}
        self._keys: dict[int, int] = {}  # the part under which a literal is found
        self._alone: defaultdict[int, set[int]] = defaultdict(set)
        self._together: defaultdict[int, list[tuple[frozenset[int], int]]] = defaultdict(list)
        for literal, number in literals.items():
            parts = split_literal(literal)
            numbers = frozenset(self._parts.setdefault(part, len(self._parts)) for part in parts)
            if len(parts) == 1:
                self._keys[number] = next(iter(numbers))
                self._alone[self._keys[number]].add(number)
            else:
                self._keys[number] = self._parts[max(parts, key=len)]
                self._together[self._keys[number]].append((numbers, number))
        self._automaton = _build(self._parts.items())
        self._without_borders = self._build_without_borders()
        self._empty: set[str] = set()  # words that are part of no literal
        self._known: dict[str, frozenset[int]] = {}

    def _build_without_borders(self) -> ahocorasick.Automaton:
        bare: dict[str, list[tuple[bool, bool, int]]] = {}
        for part, number in self._parts.items():
            borders = (part[0] == " ", part[-1] == " ", number)
            bare.setdefault(part.strip(), []).append(borders)
        return _build((part, (len(part), tuple(each))) for part, each in bare.items())

    @property
    def parts(self) -> Parts:
        """The parts of the literals."""
        count = len(self._parts)
        of_literal: list[list[int]] = [[] for _ in range(max(self._keys, default=-1) + 1)]
        for part, literals in self._alone.items():
            for literal in literals:
                of_literal[literal] = [part]
        for entries in self._together.values():
            for parts, literal in entries:
                of_literal[literal] = sorted(parts)
        return Parts(
            list(self._parts),
            [sorted(self._alone.get(part, ())) for part in range(count)],
            [[literal for _, literal in self._together.get(part, ())] for part in range(count)],
            of_literal,
        )

    def find(self, words: set[str]) -> set[int]:
        """Return the literals that could stand in a text of these words, as written."""
        return self.find_literals(self.read(words))

    def read(self, words: set[str]) -> Spoken:
        """Return those of the words that are part of literals, each with the parts that it is."""
        words = words - self._empty
        known = self._known
        spoken = {word: known[word] for word in words & known.keys()}
        if len(spoken) < len(words) and self._parts:
            spoken |= self._look_up([word for word in words if word not in spoken])
        return spoken

    def find_literals(self, spoken: Spoken) -> set[int]:
        """Return the literals whose parts are all among the words read."""
        there: set[int] = set().union(*spoken.values())
        found: set[int] = set()
        for part in there & self._alone.keys():
            found |= self._alone[part]
        for part in there & self._together.keys():
            found.update(number for parts, number in self._together[part] if parts <= there)
        return found

    def find_words(self, literals: Iterable[int], spoken: Spoken) -> set[str]:
        """Return words, without TAG, of which one stands wherever any of the literals does."""
        parts = {self._keys[number] for number in literals}
        words: set[str] = set()
        for word, its in spoken.items():
            if not parts.isdisjoint(its):
                words |= self._take_apart(word, parts & its) if TAG in word else {word}
        return words

    def _take_apart(self, word: str, parts: set[int]) -> set[str]:
        """Return the pieces that hold the parts; all of them for a part that stands across."""
        pieces = {piece for piece in word.split(TAG) if piece}
        spoken = self.read(pieces)
        holding = {piece for piece, its in spoken.items() if not parts.isdisjoint(its)}
        return holding if parts <= set().union(*spoken.values()) else pieces

    def is_empty(self, words: Iterable[str]) -> bool:
        """Say whether these words are known to be part of no literal; a new one is not."""
        return self._empty.issuperset(words)

    def _look_up(self, words: list[str]) -> Spoken:
        """Return the same for words that are met for the first time."""
        if len(self._known) + len(self._empty) + len(words) > MOST_KNOWN:
            self._known.clear()
            self._empty.clear()
        forms = fold_each_roughly(words)
        ends = list(accumulate(len(form) + 1 for form in forms))
        found: defaultdict[int, set[int]] = defaultdict(set)
        for end, part in self._automaton.iter("\n".join(forms)):
            found[bisect_left(ends, end + 1)].add(part)
        glued = [number for number, word in enumerate(words) if TAG in word]
        for place, part in self._find_across([forms[number].split() for number in glued]):
            found[glued[place]].add(part)
        spoken: Spoken = {}
        for number, word in enumerate(words):
            if parts := found.get(number):
                spoken[word] = frozenset(parts)
            elif len(word) <= LONGEST_KNOWN:
                self._empty.add(word)
        self._known |= {word: its for word, its in spoken.items() if len(word) <= LONGEST_KNOWN}
        return spoken

    def _find_across(self, words: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
        """Yield what is there when neighbouring pieces of a word are joined: its place, the part.

        A literal's border has to be a border of pieces.
        """
        joints: list[int] = []
        ends: list[int] = []
        at = 0
        for pieces in words:
            joints += accumulate(map(len, pieces), initial=at)
            at = (joints[-1] if pieces else at) + 1
            ends.append(at)
        text = "\n".join("".join(pieces) for pieces in words)
        borders = set(joints)
        for last, (length, each) in self._without_borders.iter(text):
            start, end = last + 1 - length, last + 1
            inside = bisect_right(joints, start)
            if inside < len(joints) and joints[inside] < end:  # more than one piece
                for left, right, number in each:
                    if (not left or start in borders) and (not right or end in borders):
                        yield bisect_right(ends, last), number


def _build(words: Iterable[tuple[str, object]]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton(ahocorasick.STORE_ANY)
    for word, value in words:
        automaton.add_word(word, value)
    automaton.make_automaton()
    return automaton


def split_literal(literal: str) -> list[str]:
    """Return the words of a literal with the borders that each must have."""
    words = literal.split()
    last = len(words) - 1
    return [
        f"{' ' if number or literal[0] == ' ' else ''}{word}"
        f"{' ' if number < last or literal[-1] == ' ' else ''}"
        for number, word in enumerate(words)
    ]
