"""Whether what must stand near each other does, measured in words: the filter's last look.

    lines, cut at their tags → one text → hits that could be → places where a rule could hold

Everything is asked as the matcher asks it, but for what the matcher knows and a page before
extraction does not tell; there the answer is yes.  The README of this room lists each such thing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise, product
from typing import NamedTuple

import ahocorasick

from monitor.match.conditions import Node, fit
from monitor.match.matcher import Matcher
from monitor.match.possible_hits import LineText, PossibleHits, Span, TooMany
from monitor.match.sieve import Languages
from monitor.match.topics import CompiledRule
from monitor.match.word_table import split_literal
from monitor.model.rules import Window
from monitor.text.normal import normalise

MOST_COMBINATIONS = 20_000  # of places of the parts of one condition in one sentence
MOST_TEXT = 400_000  # characters of lines; more are not measured
_SPACES = re.compile(r"\s+")


class Stretch(NamedTuple):
    """A sentence, or several: its text in pieces between tags, in the order of the page.

    `loose` are concepts that may stand anywhere in it, whatever its pieces say.
    """

    pieces: tuple[str, ...]
    loose: frozenset[int] = frozenset()


class Windows:
    """The conditions of nearness of one set of rules, on lines of pages not extracted yet."""

    def __init__(self, matcher: Matcher) -> None:
        self._topics = matcher.topics
        self._scanner = matcher.scanner
        self._literals = tuple(matcher.table.terms.literals)
        self._table = matcher.table
        self._holders = matcher.table.find_holders()
        weights = matcher.keywords.weights
        self._most = max(weights.title, weights.lead, weights.body)
        self._languages = frozenset(term.language for term in matcher.table.terms.terms)

    @cached_property
    def _phrases(self) -> ahocorasick.Automaton:
        """The literals that are not all of a term, or more than a word, by their longest word."""
        terms = self._table.terms
        parts_of: defaultdict[str, list[tuple[int, list[str]]]] = defaultdict(list)
        several = {
            number
            for term, ids in zip(terms.terms, terms.run_ids, strict=True)
            if len(term.runs) > 1
            for number in ids
        }
        for number, literal in enumerate(self._literals):
            parts = split_literal(literal)
            if len(parts) > 1 or number in several:
                parts_of[max(parts, key=len)].append((number, parts))
        automaton = ahocorasick.Automaton(ahocorasick.STORE_ANY)
        for part, each in parts_of.items():
            automaton.add_word(part, each)
        automaton.make_automaton()
        return automaton

    def find_loose(self, pieces: Sequence[str], languages: Languages) -> frozenset[int]:
        """Return the concepts of phrases that pieces could hold once others between are dropped.

        Where two pieces become neighbours, the last word of one stands before the first of another.
        """
        if not len(self._phrases):
            return frozenset()
        forms = (normalise(tag.join(pieces)).text.split() for tag in (" ", ""))
        text = f" {'  '.join(' '.join(words) for words in forms)} "
        found = {
            number
            for _, each in self._phrases.iter(text)
            for number, parts in each
            if all(part in text for part in parts)
        }
        if not found:
            return frozenset()
        terms, meets = self._table.terms, _find_meetings(pieces)
        return frozenset[int]().union(
            *(
                self._holders[concept]
                for number in found
                for _, language, concept, others in terms.by_literal[number]
                if found.issuperset(others)
                and (others or meets is None or _meet(self._literals[number], *meets))
                and (languages is None or language == "any" or language in languages)
            )
        )

    def may_match(
        self,
        lines: Sequence[Sequence[Stretch]],
        languages: Languages,
        *,
        elsewhere: Set[int] = frozenset(),
        anywhere: Set[int] = frozenset(),
    ) -> bool:
        """Say whether any topic could be mentioned; never wrongly no.

        A line is what may become one paragraph, as stretches that no sentence leaves.  `elsewhere`
        are concepts that may also stand in lines that are not here, beside none that matters;
        `anywhere` those that may stand beside one another in such lines.
        """
        if sum(len(piece) for line in lines for each in line for piece in each.pieces) > MOST_TEXT:
            return True
        known = self._languages if languages is None else languages | {"any"}
        try:
            text = LineText([[one.pieces for one in line] for line in lines])
            stretches = [one for line in lines for one in line]
            hits = PossibleHits(self._scanner, self._table, self._holders, text, known)
            page = _Page(hits, stretches, elsewhere, anywhere)
            return any(
                self._could_reach(topic.rules, topic.topic.mention_at, page)
                for topic in self._topics
            )
        except TooMany:
            return True

    def _could_reach(self, rules: Iterable[CompiledRule], enough: float, page: _Page) -> bool:
        points = 0.0
        for one in rules:
            if one.rule.score > 0 and not one.rule.after_strong and page.holds(one.node):
                points += one.rule.score * one.rule.at_most * self._most
            if points >= enough:
                return True
        return False


@dataclass(eq=False)
class _Page:
    """Where conditions could hold on one page; what was found out is kept by a node's identity."""

    hits: PossibleHits
    stretches: Sequence[Stretch]
    elsewhere: Set[int]
    anywhere: Set[int]
    _holds: dict[int, bool] = field(default_factory=dict)
    _places: dict[int, list[Span]] = field(default_factory=dict)

    def holds(self, node: Node) -> bool:
        """Say whether a condition could hold on the page."""
        known = self._holds.get(id(node))
        if known is None:
            known = self._holds[id(node)] = self._find_out(node)
        return known

    def _find_out(self, node: Node) -> bool:
        if node.concept is not None:
            return (
                node.concept in self.elsewhere
                or node.concept in self.anywhere
                or bool(self._find_places(node))
            )
        if not all(map(self.holds, (*node.all, *node.near, *node.and_))):
            return False
        if node.any and not any(map(self.holds, node.any)):
            return False
        if not node.near or _is_far_reaching(node):
            return True
        if _span(node) == "next sentence":
            return self._are_in_two(node)
        return _needs_only(node, self.anywhere) or bool(self._find_places(node))

    def _are_in_two(self, node: Node) -> bool:
        """Say whether two stretches could hold all parts: any two may become neighbours.

        What is not here, and what may stand anywhere, may be the whole of one of them.
        """
        all_parts = (1 << len(node.near)) - 1
        here = [0] * len(self.stretches)
        unseen = 0
        for part, one in enumerate(node.near):
            unseen |= _needs_only(one, self.elsewhere | self.anywhere) << part
            for start, end in self._find_places(one):
                for number in {
                    self.hits.text.stretch_at(start),
                    self.hits.text.stretch_at(end - 1),
                }:
                    here[number] |= 1 << part
        kinds = {*here, unseen}
        return any(one | other == all_parts for one in kinds for other in kinds)

    def _find_places(self, node: Node) -> list[Span]:
        """Return every place in the lines where a condition could hold."""
        known = self._places.get(id(node))
        if known is None:
            known = self._places[id(node)] = self._search(node)
        return known

    def _search(self, node: Node) -> list[Span]:
        if node.concept is not None:
            return sorted({*self.hits.of(node.concept), *self._find_loose(node.concept)})
        if node.any:
            return sorted({place for part in node.any for place in self._find_places(part)})
        found = [self._find_places(part) for part in node.near]
        if not all(found):
            return []
        window = node.within or Window(span="same sentence")
        found_here: set[Span] = set()
        for group in self._group(found, window):
            found_here.update(self._find_close(group, window, node.ordered))
        return sorted(found_here)

    def _find_loose(self, concept: int) -> Iterator[Span]:
        for number, one in enumerate(self.stretches):
            if concept in one.loose:
                yield self.hits.text.stretch(number)

    def _group(self, found: Sequence[Sequence[Span]], window: Window) -> Iterator[list[list[Span]]]:
        """Yield the places by sentence, or by line, those groups only that hold every part."""
        text = self.hits.text
        by_line = window.span != "same sentence"
        groups: dict[int, list[list[Span]]] = {}
        for part, places in enumerate(found):
            for place in places:
                first, last = text.stretch_at(place[0]), text.stretch_at(place[1] - 1)
                if first == last or by_line:
                    key = text.line_of(first) if by_line else first
                    groups.setdefault(key, [[] for _ in found])[part].append(place)
        yield from (group for group in groups.values() if all(group))

    def _find_close(
        self, group: Sequence[Sequence[Span]], window: Window, ordered: bool
    ) -> Iterator[Span]:
        """Yield the stretches of all ways to take one place of each part that fit the window."""
        ways = 1
        for places in group:
            ways *= len(places)
        if ways > MOST_COMBINATIONS:
            raise TooMany
        for some in product(*group):
            start, end = min(one[0] for one in some), max(one[1] for one in some)
            stretch = self.stretches[self.hits.text.stretch_at(start)]
            is_told = ordered and not stretch.loose
            if is_told and any(one[0] > other[0] for one, other in pairwise(some)):
                continue
            if self._fits(some, window):
                yield start, end

    def _fits(self, some: Sequence[Span], window: Window) -> bool:
        if window.words is None and window.characters is None:
            return True
        gaps: list[str] = []
        at = min(one[0] for one in some)
        for start, end in sorted(some):
            if start > at:
                gaps += self.hits.text.spaced.sure_between(at, start)
            at = max(at, end)
        return _fits_in(gaps, window)


def _fits_in(gaps: Sequence[str], window: Window) -> bool:
    """Say whether what stands between places is no more than a window with a limit allows."""
    if window.words is None:
        return sum(len(gap.strip()) for gap in gaps) <= (window.characters or 0)
    return fit(gaps, window.words, window.characters) is not None


def _span(node: Node) -> str:
    return (node.within.span if node.within is not None else "same sentence") or "same paragraph"


def _is_far_reaching(node: Node) -> bool:
    """Say whether a part of a condition may reach beyond its line: it cannot be measured here."""
    parts = (*node.any, *node.near)
    return any(
        part.all or (part.near and _span(part) == "next sentence") or _is_far_reaching(part)
        for part in parts
    )


def _needs_only(node: Node, concepts: Set[int]) -> bool:
    """Say whether a condition could hold where nothing but these concepts stands."""
    if node.concept is not None:
        return node.concept in concepts
    if not all(_needs_only(part, concepts) for part in (*node.near, *node.all)):
        return False
    return not node.any or any(_needs_only(part, concepts) for part in node.any)


def _find_meetings(pieces: Sequence[str]) -> tuple[str, str] | None:
    """Return the last and the first words of pieces; None where words stand across them."""
    lasts, firsts = [], []
    for number, piece in enumerate(pieces):
        following = pieces[number + 1] if number + 1 < len(pieces) else " "
        if piece[-1:].strip() and following[:1].strip():
            return None
        if words := normalise(piece).text.split():
            lasts.append(words[-1])
            firsts.append(words[0])
    return f" {' '.join(lasts)} ", f" {' '.join(firsts)} "


def _meet(literal: str, lasts: str, firsts: str) -> bool:
    """Say whether a phrase could begin where one piece ends and go on where another begins."""
    parts = split_literal(literal)
    return any(one in lasts and other in firsts for one, other in pairwise(parts))
