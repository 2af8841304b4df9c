"""What any match needs, as far as it can be looked for in a page that was not extracted.

    rules ─ concepts that give points ─ their literals ─ the words of these

All of it is necessary for a match, and not always enough: a page that lacks it can hold none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from monitor.match.conditions import Node
from monitor.match.literal_parts import Parts, take_apart
from monitor.match.matcher import Matcher
from monitor.text.words import count_words

# A concept with more literals is taken to be on every page.  Those that the program brings have
# 18,600 at most (`$abroad`): looking for them costs the filter 2 % more, and of the pages that it
# leaves for nothing half were left since such a one could have stood in the midst of others.
MOST_LITERALS = 30_000

LETTERS_A_WORD = 3
"""No distance of so many words holds more letters of those that are written without spaces."""

Languages = frozenset[str] | None
"""The languages that count; None for all."""


class Standing(NamedTuple):
    """The concepts that a literal stands for beside others, in some languages or (None) in any.

    Between it and the others are so many other words at most; with these, and its own words, it is
    so long.
    """

    holders: frozenset[int]
    others: frozenset[int]
    languages: Languages
    gap: int
    length: int


class Sieve:
    """The necessary conditions of one set of rules."""

    def __init__(self, matcher: Matcher) -> None:
        self._topics = matcher.topics
        weights = matcher.keywords.weights
        self._most = max(weights.title, weights.lead, weights.body)
        self._terms = matcher.table.terms
        self._holders = matcher.table.find_holders()
        sizes = self._count_literals()
        self._always = frozenset(number for number, size in sizes.items() if size > MOST_LITERALS)
        self._asked = self._find_asked()

    @property
    def asked(self) -> frozenset[int]:
        """The concepts that are looked for."""
        return self._asked

    @property
    def always(self) -> frozenset[int]:
        """The concepts that are taken to be on every page."""
        return self._always

    @property
    def longest(self) -> dict[int, int]:
        """Of each concept that is taken to be on every page, the length of its longest term.

        In letters of those that are written without spaces; a word is LETTERS_A_WORD of them.
        """
        longest: dict[int, int] = dict.fromkeys(self._always, 0)
        for term in self._terms.terms:
            counted = [count_words(run.literal) for run in term.runs]
            words = sum(words for words, _ in counted) + sum(term.gaps)
            letters = sum(letters for _, letters in counted)
            length = LETTERS_A_WORD * words + letters
            for holder in self._holders[term.concept] & longest.keys():
                longest[holder] = max(longest[holder], length)
        return longest

    @cached_property
    def parts(self) -> Parts:
        """The parts of all literals that are asked for."""
        return take_apart(self._choose_literals())

    @cached_property
    def standings(self) -> Sequence[Sequence[Standing]]:
        """What each literal stands for: concepts, beside what, in which languages."""
        return [self._gather(keys) for keys in self._terms.by_literal]

    @property
    def words(self) -> list[int]:
        """Of each literal how many words it has."""
        return [len(literal.split()) for literal in self._terms.literals]

    @property
    def scoring(self) -> list[list[tuple[Node, float]]]:
        """For each topic the conditions that give points, and how many at most."""
        return [
            [
                (one.node, one.rule.score * one.rule.at_most * self._most)
                for one in topic.rules
                if one.rule.score > 0 and not one.rule.after_strong
            ]
            for topic in self._topics
        ]

    @property
    def enough(self) -> list[float]:
        """For each topic the points with which it is mentioned."""
        return [topic.topic.mention_at for topic in self._topics]

    def _count_literals(self) -> Counter[int]:
        sizes: Counter[int] = Counter()
        for keys in self._terms.by_literal:
            for _, _, concept, _ in keys:
                sizes.update(self._holders[concept])
        return sizes

    def _find_asked(self) -> frozenset[int]:
        """Return the concepts that some scoring rule asks for, without those taken to be there."""
        asked: set[int] = set()
        for topic in self.scoring:
            for node, _ in topic:
                _collect(node, asked)
        return frozenset(asked - self._always)

    def _choose_literals(self) -> dict[str, int]:
        """Return the literals of all concepts that are asked for."""
        numbers: set[int] = set()
        for number, keys in enumerate(self._terms.by_literal):
            for _, _, concept, others in keys:
                if not self._asked.isdisjoint(self._holders[concept]):
                    numbers.update((number, *others))
        return {text: number for text, number in self._terms.literals.items() if number in numbers}

    def _gather(self, keys: Sequence[tuple[int, str, int, Sequence[int]]]) -> list[Standing]:
        """Return what a literal stands for, of its keys in the terms."""
        together: defaultdict[tuple[frozenset[int], str], set[int]] = defaultdict(set)
        gaps: Counter[frozenset[int]] = Counter()
        lengths: Counter[frozenset[int]] = Counter()
        for place, language, concept, beside in keys:
            others = frozenset(beside)
            together[others, language] |= self._holders[concept]
            term = self._terms.terms[place]
            gap = sum(term.gaps)
            gaps[others] = max(gaps[others], gap)
            words = sum(len(run.literal.split()) for run in term.runs)
            lengths[others] = max(lengths[others], gap + words)
        merged: defaultdict[tuple[frozenset[int], frozenset[int]], set[str]] = defaultdict(set)
        for (others, language), holders in together.items():
            merged[others, frozenset(holders)].add(language)
        return [
            Standing(
                holders,
                others,
                None if "any" in named else frozenset(named),
                gaps[others],
                lengths[others],
            )
            for (others, holders), named in merged.items()
        ]


def _collect(node: Node, asked: set[int]) -> None:
    if node.concept is not None:
        asked.add(node.concept)
    for part in (*node.any, *node.all, *node.near, *node.and_):
        _collect(part, asked)
