"""Where a rule's condition holds in a text; every step is bounded by the number of hits.

A condition is compiled once into nodes that name concepts by number.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from monitor.match.layout import Layout
from monitor.match.scan import Hit
from monitor.model.rules import Window
from monitor.text.words import count_words

CHARACTERS_A_WORD = 2.5  # 12 words are 30 characters where words are not spaced
LONGEST_WORD = 40  # characters; a window of N words is never looked for further than that
MOST_FOUND = 20_000  # places of one condition that are looked at
LONGEST_MEASURED = 4_000  # characters; a longer stretch is measured by its length alone


@dataclass(frozen=True, slots=True)
class Node:
    """A condition with its concepts as numbers; a leaf has a `concept` and nothing else."""

    concept: int | None = None
    any: tuple[Node, ...] = ()
    all: tuple[Node, ...] = ()
    near: tuple[Node, ...] = ()
    within: Window | None = None
    ordered: bool = False
    and_: tuple[Node, ...] = ()
    not_: tuple[Node, ...] = ()


class Found(NamedTuple):
    """One place where a condition holds: the stretch, the terms in it, and how far apart."""

    start: int
    end: int
    terms: tuple[tuple[int, Hit], ...]
    distance: int | None = None
    also: tuple[tuple[int, Hit], ...] = ()


class Evaluator:
    """Evaluate conditions over one text."""

    def __init__(self, layout: Layout, hits_of: Callable[[int], Sequence[Hit]]) -> None:
        self._layout = layout
        self._text = layout.normal.text
        self._hits_of = hits_of
        # By identity, which is fast; the node is kept, so that its identity is not given anew.
        self._known: dict[int, tuple[Node, list[Found]]] = {}

    def find(self, node: Node) -> list[Found]:
        """Return every place where the condition holds, in order."""
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = (node, self._find(node))
        return known[1]

    def _find(self, node: Node) -> list[Found]:
        if node.concept is not None:
            return [
                Found(hit.start, hit.end, ((node.concept, hit),))
                for hit in self._hits_of(node.concept)
            ]
        found = self._find_main(node)
        if not found:
            return []
        also: list[tuple[int, Hit]] = []
        for part in node.and_:
            there = self.find_in_prose(part)
            if there is None:
                return []
            also += there.terms
        if node.not_ and found:
            barred = {
                number for part in node.not_ for one in self.find(part) for number in self.span(one)
            }
            found = [one for one in found if barred.isdisjoint(self.span(one))]
        if also:
            found = [
                Found(one.start, one.end, one.terms, one.distance, (*one.also, *also))
                for one in found
            ]
        return found

    def find_in_prose(self, node: Node) -> Found | None:
        """Return the first place that is no menu, heading or link, nor a block that repeats."""
        for one in self.find(node):
            sentence = self._layout.sentences[self._layout.sentence_at(one.start)]
            if not sentence.is_line and not sentence.is_repeated:
                return one
        return None

    def span(self, found: Found) -> range:
        """Return the numbers of the sentences that a place touches."""
        first = self._layout.sentence_at(found.start)
        return range(first, self._layout.sentence_at(max(found.start, found.end - 1)) + 1)

    def _find_main(self, node: Node) -> list[Found]:
        if node.any:
            united = [one for part in node.any for one in self.find(part)]
            return sorted(united, key=lambda one: (one.start, one.end))
        parts = node.near or node.all
        places = [self.find(part) for part in parts]
        if not all(places):
            return []
        if node.all:
            smallest = _sweep(places, ordered=False, judge=lambda _: 0)
            return [min(smallest, key=lambda one: one.end - one.start)] if smallest else []
        window = node.within or Window(span="same sentence")
        if not _are_close(places, window):
            return []
        found: list[Found] = []
        for group in self._group(places, window):
            found += _sweep(
                group, ordered=node.ordered, judge=lambda some: self._measure(some, window)
            )
        return found

    def _group(self, places: list[list[Found]], window: Window) -> list[list[list[Found]]]:
        """Return the places by sentence or paragraph, those groups only that hold every part."""
        if window.span == "next sentence":
            return [places]
        number = self._sentence_of if window.span == "same sentence" else self._paragraph_of
        groups: dict[int, list[list[Found]]] = {}
        rarest = min(range(len(places)), key=lambda part: len(places[part]))
        for one in places[rarest]:
            groups.setdefault(number(one), [[] for _ in places])
        groups.pop(-1, None)
        for part, found in enumerate(places):
            for one in found:
                group = groups.get(number(one))
                if group is not None:
                    group[part].append(one)
        return [groups[key] for key in sorted(groups) if all(groups[key])]

    def _sentence_of(self, one: Found) -> int:
        """Return the number of the one sentence that holds a place, or -1."""
        first = self._layout.sentence_at(one.start)
        return first if one.end <= self._layout.end_of(first) else -1

    def _paragraph_of(self, one: Found) -> int:
        return self._layout.sentences[self._layout.sentence_at(one.start)].paragraph

    def _measure(self, some: Sequence[Found], window: Window) -> int | None:
        """Return the distance between the places, or None where the window does not hold them."""
        start = min(one.start for one in some)
        end = max(one.end for one in some)
        if not self._is_in_span(start, end, window):
            return None
        words = window.words
        if words is None and window.characters is None:
            return self._distance(some, start, end)
        limit = words if words is not None else window.characters or 0
        covered = sum(one.end - one.start for one in some)
        if end - start - covered > (limit + 1) * LONGEST_WORD:
            return None
        gaps = self._gaps(some, start, end)
        if words is None:
            distance = sum(len(gap.strip()) for gap in gaps)
            return distance if distance <= limit else None
        return fit(gaps, words, window.characters)

    def _distance(self, some: Sequence[Found], start: int, end: int) -> int:
        if end - start > LONGEST_MEASURED:
            return (end - start) // 6
        counted = [count_words(gap) for gap in self._gaps(some, start, end)]
        return sum(words for words, _ in counted) or sum(unspaced for _, unspaced in counted)

    def _gaps(self, some: Sequence[Found], start: int, end: int) -> list[str]:
        """Return what stands between the places, which may overlap."""
        gaps: list[str] = []
        at = start
        for one in sorted(some, key=lambda one: one.start):
            if one.start > at:
                gaps.append(self._text[at : one.start])
            at = max(at, one.end)
        return [*gaps, self._text[at:end]]

    def _is_in_span(self, start: int, end: int, window: Window) -> bool:
        first = self._layout.sentence_at(start)
        last = self._layout.sentence_at(max(start, end - 1))
        if first == last:
            return True
        sentences = self._layout.sentences
        if window.span == "same sentence":
            return False
        if window.span == "next sentence":
            apart = sentences[first].zone == "title" != sentences[last].zone
            return last - first <= 1 and not apart
        return sentences[first].paragraph == sentences[last].paragraph


def _are_close(places: Sequence[list[Found]], window: Window) -> bool:
    """Say whether any places of the first two parts could be within the window; never wrongly no.

    It spares most texts that hold both from being cut into sentences.
    """
    limit = window.words if window.words is not None else window.characters
    if limit is None:
        return True
    widest = max(one.end - one.start for found in places for one in found)
    reach = (limit + 1) * LONGEST_WORD + widest * len(places)
    few, many = sorted(places[:2], key=len)
    starts = [one.start for one in many]
    for one in few:
        at = bisect_left(starts, one.start - reach)
        if at < len(starts) and starts[at] <= one.end + reach:
            return True
    return False


def _sweep(
    places: list[list[Found]],
    *,
    ordered: bool,
    judge: Callable[[Sequence[Found]], int | None],
) -> list[Found]:
    """Return the smallest stretches that hold every part, judged one by one.

    Goes once through all places in order, with the last one of each part in hand.
    """
    events = sorted(
        (
            (one.start, one.end, number, one)
            for number, found in enumerate(places)
            for one in found[:MOST_FOUND]
        ),
        key=lambda event: event[:3],
    )
    last: list[Found | None] = [None] * len(places)
    kept: list[Found] = []
    for _, _, number, one in events:
        if ordered:
            if number and last[number - 1] is None:
                continue
            last[number + 1 :] = [None] * (len(places) - number - 1)
        last[number] = one
        chosen = [each for each in last if each is not None]
        if len(chosen) < len(places):
            continue
        distance = judge(chosen)
        if distance is None:
            continue
        joined = _join(chosen, distance)
        if not kept or kept[-1].start != joined.start:  # else no smaller than the one before
            kept.append(joined)
    return kept


def fit(gaps: Sequence[str], words: int, characters: int | None) -> int | None:
    """Return the distance where the gaps fit into the window, or None.

    Words and unspaced characters use up their own limits, each in proportion.
    """
    most = characters if characters is not None else round(words * CHARACTERS_A_WORD)
    counted = [count_words(gap) for gap in gaps]
    spaced = sum(one for one, _ in counted)
    unspaced = sum(one for _, one in counted)
    if not unspaced:
        return spaced if spaced <= words else None
    if not spaced:
        return unspaced if unspaced <= most else None
    share = spaced / words if words else 2.0
    rest = unspaced / most if most else 2.0
    return spaced + round(unspaced / CHARACTERS_A_WORD) if share + rest <= 1 else None


def _join(some: Sequence[Found], distance: int) -> Found:
    terms: list[tuple[int, Hit]] = []
    for one in some:
        terms += [term for term in one.terms if term not in terms]
    also = tuple(term for one in some for term in one.also)
    start, end = min(one.start for one in some), max(one.end for one in some)
    return Found(start, end, tuple(terms), distance, also)
