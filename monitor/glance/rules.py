"""The rules of all topics as bits and rows of numbers, for compiled code to judge by.

    parts of literals → literals → concepts (bits) ─ conditions of nearness, line by line (bits)
                                                   └ clauses of rules → points of topics

A rule is a conjunction of clauses, of each of which one concept or one nearness must be there.
All of it is necessary for a rule to hold, and not always enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf

import numpy as np

from monitor.glance.records import CONCEPT_WORDS, NEAR_WORDS, Judge, Longs, TooMuch, fill
from monitor.glance.words import starts
from monitor.match.conditions import Node
from monitor.match.sieve import Sieve, Standing

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
    compiler = _Compiler(sorted(sieve.asked | sieve.always))
    fill(judge["languages"], [_mask(one, languages) for one in standings])
    fill(judge["concepts"], compiler.concepts([one.holders for one in standings]))
    judge["always"][:] = compiler.concepts([sieve.always])[0]
    scoring = [(topic, *one) for topic, some in enumerate(sieve.scoring) for one in some]
    rules = [compiler.find_clauses(node) for _, node, _ in scoring]
    nears = compiler.near_clauses()
    judge["near_count"], judge["rule_count"] = len(nears), len(rules)
    fill(judge["near_first"], starts(nears))
    words = compiler.near_words()
    limits = sorted(set(words))
    by_limit = [[number for number, most in enumerate(words) if most == one] for one in limits]
    judge["limit_count"] = len(limits)
    fill(judge["limits"], limits)
    fill(judge["limit_first"], starts(by_limit))
    fill(judge["limit_nears"], [number for some in by_limit for number in some])
    fill(judge["near_clauses"], compiler.concepts([one for some in nears for one, _ in some]))
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


class _Compiler:
    """Turn conditions into clauses; conditions of nearness are numbered as they are met."""

    def __init__(self, concepts: Sequence[int]) -> None:
        self._places = {concept: place for place, concept in enumerate(concepts)}
        self._nears: dict[int, tuple[int, Node]] = {}

    def concepts(self, rows: Sequence[Iterable[int]]) -> Longs:
        """Return sets of concepts as bits; concepts that no rule asks for are left out."""
        places = [[self._places[one] for one in row if one in self._places] for row in rows]
        return _bits(places, CONCEPT_WORDS)

    def find_clauses(self, node: Node, *, in_line: bool = False) -> list[Clause]:
        """Return what a condition needs on a page, or of the line that all of it must be in."""
        if node.concept is not None:
            return [(frozenset({node.concept}), frozenset())]
        elsewhere = () if in_line else node.and_
        span = node.within.span if node.within is not None else "same sentence"
        is_near = bool(node.near) and not in_line and span != "next sentence"
        clauses = [
            clause
            for part in (*node.all, *elsewhere, *(() if is_near else node.near))
            for clause in self.find_clauses(part, in_line=in_line)
        ]
        if is_near:
            number, _ = self._nears.setdefault(id(node), (len(self._nears), node))
            clauses.append((frozenset(), frozenset({number})))
        if node.any:
            clauses += _either([self.find_clauses(part, in_line=in_line) for part in node.any])
        return clauses

    def near_clauses(self) -> list[list[Clause]]:
        """Return of each condition of nearness what its line needs."""
        return [
            [clause for part in node.near for clause in self.find_clauses(part, in_line=True)]
            for _, node in self._nears.values()
        ]

    def near_words(self) -> list[int]:
        """Return for each condition of nearness the plain words in it at most; -1 for any."""
        most = [
            _most_words(replace(node, any=(), all=(), and_=())) for _, node in self._nears.values()
        ]
        return [-1 if words == inf else int(words) for words in most]


def _most_words(node: Node) -> float:
    """Return how many plain words could stand between the ends of a condition, at most."""
    if node.concept is not None:
        return 0
    if node.all or node.and_:
        return inf
    inside = max(map(_most_words, node.any), default=0) + sum(map(_most_words, node.near))
    if not node.near:
        return inside
    words = node.within.words if node.within is not None else None
    return inf if words is None else words + inside


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
