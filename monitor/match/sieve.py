"""Which pages can hold no match, told from their letters alone: the filter before extraction.

    rough text ─ literals ─ concepts ─ could any topic be mentioned?          nearly all end here
      lines of text ─ the same, and what must stand near each other in one line

Both are necessary conditions of the rules: what is ruled out can hold no match.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import ahocorasick

from monitor.match.anchors import Anchors, choose_anchors
from monitor.match.conditions import Node
from monitor.match.matcher import Matcher
from monitor.match.topics import CompiledRule, CompiledTopic
from monitor.match.word_table import Parts, Spoken, WordTable

# A concept with more literals (`$abroad`) is in nearly every page: looking for it costs more than
# it tells, so it is taken to be there.
MOST_LITERALS = 3_000

_BREAK = re.compile("\n")

There = set[int]
Languages = frozenset[str] | None
"""The languages that count; None for all."""


class Words(NamedTuple):
    """Words of a text that belong to literals, the literals they make, and their concepts."""

    spoken: Spoken
    literals: set[int]
    there: There
    languages: Languages


class Standing(NamedTuple):
    """The concepts that a literal stands for beside others, in some languages or (None) in any."""

    holders: frozenset[int]
    others: frozenset[int]
    languages: Languages


class _Scoring(NamedTuple):
    """A rule that gives points, the concepts of which it needs one each, and its points at most."""

    one: CompiledRule
    needs: list[frozenset[int]]
    most: float


class _Page(NamedTuple):
    """The concepts on a page, and in each of its lines or sentences where they are known.

    `known` holds what was found out of each condition for the page, by its identity.
    """

    whole: There
    lines: Sequence[There] | None
    by_sentence: bool
    known: dict[int, bool]


class Sieve:
    """The necessary conditions of one set of rules, on texts in rough form."""

    def __init__(self, matcher: Matcher) -> None:
        self._topics = matcher.topics
        weights = matcher.keywords.weights
        self._most = max(weights.title, weights.lead, weights.body)
        self._terms = matcher.table.terms
        self._holders = matcher.table.find_holders()
        self._sizes = self._count_literals()
        # Concepts that are not looked for, because they have too many words.
        self._always = {number for number, size in self._sizes.items() if size > MOST_LITERALS}
        self._asked = self._find_asked()
        literals = self._choose_literals()
        self._automaton = self._build(literals)
        self._words = WordTable(literals)
        self._by_literal = self._gather()
        self._scoring = {topic.topic.id: self._list_scoring(topic) for topic in self._topics}

    @property
    def parts(self) -> Parts:
        """The parts of all literals that are asked for."""
        return self._words.parts

    @property
    def asked(self) -> frozenset[int]:
        """The concepts that are looked for."""
        return frozenset(self._asked)

    @property
    def always(self) -> frozenset[int]:
        """The concepts that are taken to be on every page."""
        return frozenset(self._always)

    @property
    def longest(self) -> dict[int, int]:
        """Of each concept that is taken to be on every page, the words of its longest literal."""
        longest: dict[int, int] = dict.fromkeys(self._always, 0)
        for literal, keys in zip(self._terms.literals, self._terms.by_literal, strict=True):
            words = len(literal.split())
            for _, _, concept, _ in keys:
                for holder in self._holders[concept] & longest.keys():
                    longest[holder] = max(longest[holder], words)
        return longest

    @property
    def standings(self) -> Sequence[Sequence[Standing]]:
        """What each literal stands for."""
        return self._by_literal

    @property
    def scoring(self) -> list[list[tuple[Node, float]]]:
        """For each topic the conditions that give points, and how many at most."""
        return [
            [(each.one.node, each.most) for each in self._scoring[topic.topic.id]]
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

    def _find_asked(self) -> set[int]:
        """Return the concepts that some scoring rule asks for, without those taken to be there."""
        asked: set[int] = set()
        for topic in self._topics:
            for one in topic.rules:
                if one.rule.score > 0 and not one.rule.after_strong:
                    _collect(one.node, asked)
        return asked - self._always

    def _choose_literals(self) -> dict[str, int]:
        """Return the literals of all concepts that are asked for."""
        numbers: set[int] = set()
        for number, keys in enumerate(self._terms.by_literal):
            for _, _, concept, others in keys:
                if not self._asked.isdisjoint(self._holders[concept]):
                    numbers.update((number, *others))
        return {text: number for text, number in self._terms.literals.items() if number in numbers}

    def _build(self, literals: dict[str, int]) -> ahocorasick.Automaton | None:
        if not literals:
            return None
        automaton = ahocorasick.Automaton(ahocorasick.STORE_INTS)
        for literal, number in literals.items():
            automaton.add_word(literal, number)
        automaton.make_automaton()
        return automaton

    def read(self, words: set[str], languages: Languages = None) -> Words:
        """Return what can have a hit in a text of these words, in any of the languages."""
        spoken = self._words.read(words)
        literals = self._words.find_literals(spoken)
        return Words(spoken, literals, self._concepts_of(literals, languages), languages)

    def choose_anchors(self, words: Words) -> Anchors | None:
        """Return words of which one stands in each line that matters to a rule that could hold.

        None where a rule has no such words.
        """
        page = _Page(words.there, None, False, {})
        nodes = [
            one.node for topic in self._topics for one in topic.rules if _is_possible(one, page)
        ]
        literals: defaultdict[int, set[int]] = defaultdict(set)
        for number in words.literals:
            for concept in self._concepts_of({number}, words.languages, words.literals):
                literals[concept].add(number)
        find = self._words.find_words
        words_of = cache(lambda concept: frozenset(find(literals[concept], words.spoken)))
        return choose_anchors(nodes, self._always, words_of)

    def is_empty(self, line: str) -> bool:
        """Say whether a line's words are known to belong to no term of any rule."""
        return self._words.is_empty(line.split())

    def read_lines(self, rough: str, languages: Languages = None) -> list[There]:
        """Return the concepts of each line of a rough text that has any hit."""
        if self._automaton is None:
            return [set(self._always)]
        found: defaultdict[int, set[int]] = defaultdict(set)
        breaks = [each.start() for each in _BREAK.finditer(rough)]
        for end, number in self._automaton.iter(rough):
            found[bisect_left(breaks, end)].add(number)
        found.setdefault(-1, set())  # a line may hold what is in nearly every line
        return [self._concepts_of(numbers, languages) for numbers in found.values()]

    def _concepts_of(
        self, found: set[int], languages: Languages, beside: set[int] | None = None
    ) -> There:
        """Return the concepts of literals, with those that also need literals from `beside`."""
        there = set(self._always)
        beside = found if beside is None else beside
        for number in found:
            for one in self._by_literal[number]:
                if one.others <= beside and (
                    languages is None or one.languages is None or one.languages & languages
                ):
                    there |= one.holders
        return there

    def _gather(self) -> list[list[Standing]]:
        """Return what each literal stands for: concepts, beside what, in which languages."""
        gathered: list[list[Standing]] = []
        for keys in self._terms.by_literal:
            together: defaultdict[tuple[frozenset[int], str], set[int]] = defaultdict(set)
            for _, language, concept, beside in keys:
                together[frozenset(beside), language] |= self._holders[concept]
            merged: defaultdict[tuple[frozenset[int], frozenset[int]], set[str]] = defaultdict(set)
            for (others, language), holders in together.items():
                merged[others, frozenset(holders)].add(language)
            gathered.append(
                [
                    Standing(holders, others, None if "any" in named else frozenset(named))
                    for (others, holders), named in merged.items()
                ]
            )
        return gathered

    def may_match(
        self, whole: There, lines: Sequence[There] | None = None, *, by_sentence: bool = False
    ) -> bool:
        """Say whether any topic could be mentioned; never wrongly no.

        `whole` is what all that may become one article holds, `lines` what each of its lines does,
        or with `by_sentence` each of its sentences; without, anything may stand beside anything.
        """
        unique = None if lines is None else [set(one) for one in {frozenset(one) for one in lines}]
        page = _Page(whole, unique, by_sentence, {})
        return any(self._could_reach(topic, page) for topic in self._topics)

    def _could_reach(self, topic: CompiledTopic, page: _Page) -> bool:
        points = 0.0
        for one, needs, most in self._scoring[topic.topic.id]:
            for need in needs:
                if need.isdisjoint(page.whole):
                    break
            else:
                if _may_hold(one.node, page.whole, page):
                    points += most
                    if points >= topic.topic.mention_at:
                        return True
        return False

    def _list_scoring(self, topic: CompiledTopic) -> list[_Scoring]:
        """Return the rules that give points: what each needs, and its points at most."""
        return [
            _Scoring(
                one, sorted(one.needs, key=len), one.rule.score * one.rule.at_most * self._most
            )
            for one in topic.rules
            if one.rule.score > 0 and not one.rule.after_strong
        ]


def _is_possible(one: CompiledRule, page: _Page) -> bool:
    """Say whether a rule could give points for a page."""
    scores = one.rule.score > 0 and not one.rule.after_strong
    return scores and one.may_hold(page.whole) and _may_hold(one.node, page.whole, page)


def _collect(node: Node, asked: set[int]) -> None:
    if node.concept is not None:
        asked.add(node.concept)
    for part in (*node.any, *node.all, *node.near, *node.and_):
        _collect(part, asked)


def _may_hold(node: Node, here: There, page: _Page) -> bool:
    """Say whether a condition can hold where `here` is; never wrongly no.

    What must also be there may stand anywhere on the page.
    """
    if node.concept is not None:
        return node.concept in here
    if here is not page.whole:
        return _may_hold_here(node, here, page)
    known = page.known.get(id(node))
    if known is None:
        known = page.known[id(node)] = _may_hold_here(node, here, page) and (
            not node.near or _are_together(node, page)
        )
    return known


def _may_hold_here(node: Node, here: There, page: _Page) -> bool:
    for part in (*node.all, *node.near):
        if not _may_hold(part, here, page):
            return False
    if node.any and not any(_may_hold(part, here, page) for part in node.any):
        return False
    return all(_may_hold(part, page.whole, page) for part in node.and_)


def _are_together(node: Node, page: _Page) -> bool:
    """Say whether one line, or one sentence, could hold all that must be near."""
    span = node.within.span if node.within is not None else "same sentence"
    if page.lines is None or span == "next sentence":
        return True
    if page.by_sentence and span != "same sentence":
        return True  # it was asked for by lines before
    return any(all(_may_hold(part, line, page) for part in node.near) for line in page.lines)
