"""The rules of all topics as bits and rows of numbers, for compiled code to judge by.

    parts of literals → literals → concepts (bits) ─ conditions of nearness, line by line (bits)
                                                   └ clauses of rules → points of topics

A rule is a conjunction of clauses, of each of which one concept or one nearness must be there.
All of it is necessary for a rule to hold, and not always enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import inf
from typing import NamedTuple

import numpy as np

from monitor.glance.records import CONCEPT_WORDS, NEAR_WORDS, Judge, Longs, TooMuch, fill
from monitor.glance.words import STOP, WORD, starts
from monitor.match.conditions import Node
from monitor.match.sieve import Sieve, Standing
from monitor.model.rules import Window

MOST_CLAUSES = 100
ANY_LANGUAGE = -1  # all bits

Clause = tuple[frozenset[int], frozenset[int]]
"""Concepts, and numbers of conditions of nearness; one of them must be there."""


def fill_judge(judge: Judge, sieve: Sieve, languages: Sequence[str]) -> None:
    """Write the rules of a sieve; languages are numbered as they come.  Raises TooMuch."""
    if len(languages) > 62:
        raise TooMuch(f"{len(languages)} languages")
    parts = sieve.parts
    _fill_rows(judge, "alone", parts.alone)
    _fill_rows(judge, "together", parts.together)
    _fill_rows(judge, "needed", parts.of_literal)
    for some in parts.of_literal:
        judge["is_in_phrase"][some] |= len(some) > 1
    fill(judge["standing_first"], starts(sieve.standings))
    standings = [one for some in sieve.standings for one in some]
    _fill_rows(judge, "others", [sorted(one.others) for one in standings])
    fill(judge["lengths"], [WORD * one.length for one in standings])
    fill(judge["words"], sieve.words)
    judge["longest"] = WORD * max((one.length for one in standings), default=1)
    compiler = _Compiler(sorted(sieve.asked | sieve.always), sieve.longest)
    fill(judge["languages"], [_mask(one, languages) for one in standings])
    fill(judge["concepts"], compiler.concepts([one.holders for one in standings]))
    judge["always"][:] = compiler.concepts([sieve.always])[0]
    scoring = [(topic, *one) for topic, some in enumerate(sieve.scoring) for one in some]
    rules = [compiler.find_clauses(node) for _, node, _ in scoring]
    nears = compiler.nears
    judge["near_count"], judge["rule_count"] = len(nears), len(rules)
    fill(judge["near_first"], starts([one.clauses for one in nears]))
    needs = [clause for one in nears for clause in one.clauses]
    fill(judge["near_clauses"], compiler.concepts([concepts for concepts, _ in needs]))
    fill(judge["near_nears"], _bits([numbers for _, numbers in needs], NEAR_WORDS))
    fill(judge["limits"], [one.limit for one in nears])
    fill(judge["leaves"], [one.leaves for one in nears])
    fill(judge["counted"], [one.counted for one in nears])
    fill(judge["is_ordered"], [_begins_surely(one.node) for one in nears])
    inner = {number for _, numbers in needs for number in numbers}
    fill(judge["is_inner"], [number in inner for number in range(len(nears))])
    fill(judge["rule_first"], starts(rules))
    clauses = [clause for some in rules for clause in some]
    fill(judge["rule_clauses"], compiler.concepts([one for one, _ in clauses]))
    fill(judge["rule_nears"], _bits([numbers for _, numbers in clauses], NEAR_WORDS))
    fill(judge["topics"], [topic for topic, _, _ in scoring])
    fill(judge["points"], [points for _, _, points in scoring])
    fill(judge["enough"], sieve.enough)


def _fill_rows(judge: Judge, name: str, rows: Sequence[Sequence[int]]) -> None:
    fill(judge[f"{name}_first"], starts(rows))
    fill(judge[name], [value for row in rows for value in row])


def _mask(one: Standing, languages: Sequence[str]) -> int:
    if one.languages is None:
        return ANY_LANGUAGE
    return sum(1 << languages.index(language) for language in one.languages)


def _bits(rows: Sequence[Iterable[int]], width: int) -> Longs:
    """Return a row of bits for each set of numbers, 64 to a number."""
    bits = np.zeros((len(rows), width), np.uint64)
    for row, numbers in enumerate(rows):
        for number in numbers:
            if number >= 64 * width:
                raise TooMuch(f"{number} concepts or conditions")
            bits[row, number // 64] |= np.uint64(1 << (number % 64))
    return bits.view(np.int64)


class _Near(NamedTuple):
    """A condition of nearness: what its line needs, and how far what it needs may stand apart.

    `counted` are the bits of a distance that count: those of words, or those of ends of sentences
    too.  The limit is -1 where all may stand anywhere in the line.  It is without the words of what
    is looked for, of which there are so many `leaves`.
    """

    node: Node
    clauses: list[Clause]
    limit: int
    leaves: int
    counted: int


class _Compiler:
    """Turn conditions into clauses; conditions of nearness are numbered, those within others first.

    Clauses tell what a condition needs on a page, or of the line that all of it must be in.
    """

    def __init__(self, concepts: Sequence[int], longest: Mapping[int, int]) -> None:
        """Take the concepts that are asked for, and how long those not looked for may be."""
        self._longest = longest
        self._places = {concept: place for place, concept in enumerate(concepts)}
        self._numbers: dict[Node, int] = {}
        self.nears: list[_Near] = []

    def concepts(self, rows: Sequence[Iterable[int]]) -> Longs:
        """Return sets of concepts as bits; concepts that no rule asks for are left out."""
        places = [[self._places[one] for one in row if one in self._places] for row in rows]
        return _bits(places, CONCEPT_WORDS)

    def find_clauses(self, node: Node, *, in_line: bool = False) -> list[Clause]:
        """Return what a condition needs on a page, or of the line that all of it must be in."""
        if node.concept is not None:
            return [(frozenset({node.concept}), frozenset())]
        elsewhere = () if in_line else node.and_
        is_near = bool(node.near) and _span(node) != "next sentence"
        clauses = [
            clause
            for part in (*node.all, *elsewhere, *(() if is_near else node.near))
            for clause in self.find_clauses(part, in_line=in_line)
        ]
        if is_near:
            clauses.append((frozenset(), frozenset({self._number(node)})))
        elif node.near and not in_line:
            clauses += self._find_pairs(node)
        if node.any:
            clauses += _either([self.find_clauses(part, in_line=in_line) for part in node.any])
        return clauses

    def _number(self, node: Node) -> int:
        """Return the number of a condition of nearness."""
        known = self._numbers.get(node)
        if known is None:
            clauses = [one for part in node.near for one in self.find_clauses(part, in_line=True)]
            known = self._numbers[node] = len(self.nears)
            self.nears.append(_Near(node, clauses, *_find_limit(node, self._longest)))
        return known

    def _find_pairs(self, node: Node) -> list[Clause]:
        """Return what three parts in two sentences need: two of them stand in one line."""
        if len(node.near) != 3 or any(map(_is_far_reaching, node.near)):
            return []
        pairs = [
            Node(near=pair, within=Window(span="same paragraph"))
            for pair in combinations(node.near, 2)
        ]
        return [(frozenset(), frozenset(map(self._number, pairs)))]


def _span(node: Node) -> str | None:
    return node.within.span if node.within is not None else "same sentence"


def _is_far_reaching(node: Node) -> bool:
    """Say whether a part of a condition may reach beyond its line."""
    return (
        bool(node.all)
        or (bool(node.near) and _span(node) == "next sentence")
        or any(map(_is_far_reaching, (*node.any, *node.near)))
    )


def _begins_surely(node: Node) -> bool:
    """Say whether a condition is found first by what is named first in it: one of some concepts."""
    return node.ordered and not _is_composed(node.near[0])


def _is_composed(node: Node) -> bool:
    return bool(node.near) or bool(node.all) or any(map(_is_composed, node.any))


def _find_limit(node: Node, longest: Mapping[int, int]) -> tuple[int, int, int]:
    """Return how far parts may stand apart, how many they are, and which bits of it count."""
    most, leaves = _measure(replace(node, any=(), all=(), and_=()), longest)
    if _span(node) == "same sentence":
        return int(min(most, STOP - 1)), leaves, -1
    return (-1 if most == inf else int(most)), leaves, STOP - 1


def _measure(node: Node, longest: Mapping[int, int]) -> tuple[float, int]:
    """Return how much could stand between the ends of a condition, and the terms that it needs.

    At most, and without these terms: in windows, and in terms that are not looked for.
    """
    if node.concept is not None:
        length = longest.get(node.concept)
        return (0, 1) if length is None else (length, 0)
    if node.all:
        return inf, 0
    parts = [_measure(one, longest) for one in node.any]
    inside = max((most for most, _ in parts), default=0)
    leaves = max((count for _, count in parts), default=0)
    for one in node.near:
        most, count = _measure(one, longest)
        inside, leaves = inside + most, leaves + count
    return inside + (_measure_window(node.within) if node.near else 0), leaves


def _measure_window(window: Window | None) -> float:
    """Return how much a window holds, in letters of those that are written without spaces."""
    if window is None or window.words is None:
        return inf
    return max(WORD * window.words, window.characters or 0)


def _either(alternatives: Sequence[list[Clause]]) -> list[Clause]:
    """Return clauses that follow where all of any alternative do."""
    joined, *others = alternatives
    for some in others:
        both = {(one | a, other | b) for one, other in joined for a, b in some}
        joined = sorted(_without_weaker(both), key=_size)[:MOST_CLAUSES]
    return joined


def _without_weaker(clauses: set[Clause]) -> list[Clause]:
    """Return clauses without those that another one implies."""
    kept: list[Clause] = []
    for clause in sorted(clauses, key=_size):
        if not any(a <= clause[0] and b <= clause[1] for a, b in kept):
            kept.append(clause)
    return kept


def _size(clause: Clause) -> int:
    return len(clause[0]) + len(clause[1])
