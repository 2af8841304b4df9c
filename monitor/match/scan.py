"""Which terms stand in a text: one pass of one automaton, then a look at each candidate.

normal text → literals that occur → terms whose literals all occur → hits of a concept, on demand
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections import defaultdict
from functools import cached_property
from typing import NamedTuple

import ahocorasick

from monitor.match.compiled import (
    ARABIC_ENDINGS,
    ARABIC_PREFIXES,
    SHORT_WORD,
    Run,
    Term,
    TermTable,
)
from monitor.text.characters import is_accent
from monitor.text.disguise import MIXED
from monitor.text.normal import Normal, accented
from monitor.text.terms import CHARACTERS_A_WORD
from monitor.text.words import count_words

# No word is longer; what pretends to be is cut there, so that looking for its border is bounded.
LONGEST_WORD = 80
# Hits of one literal, and of one concept, that are looked at; no article has so many.
MOST_HITS = 20_000
NAME_ENDING = 2  # letters that a name without its accent may have more: Čína, Cinu


class Hit(NamedTuple):
    """A term found, in offsets of the normal text; `term` is its place in the table."""

    start: int
    end: int
    term: int


class Scanner:
    """The automaton over all literals of a table."""

    def __init__(self, table: TermTable) -> None:
        self.table = table
        self._automaton = ahocorasick.Automaton(ahocorasick.STORE_INTS)
        for literal, number in table.literals.items():
            self._automaton.add_word(literal, number)
        if table.literals:
            self._automaton.make_automaton()

    def scan(self, normal: Normal, languages: frozenset[str]) -> TextHits:
        """Return the hits of a text; terms of other languages are left out."""
        return TextHits(self.table, normal, languages, self.find(normal))

    def find(self, normal: Normal) -> dict[int, list[int]]:
        """Return where each literal that occurs in a text ends, in order."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        if self.table.literals:
            for end, number in self._automaton.iter(normal.text):
                found[number].append(end)
        return found


class TextHits:
    """The hits in one text, worked out for a concept when it is asked for."""

    def __init__(
        self,
        table: TermTable,
        normal: Normal,
        languages: frozenset[str],
        found: dict[int, list[int]],
    ) -> None:
        self.normal = normal
        self._table = table
        self._found = found
        self._known: dict[int, list[Hit]] = {}
        self.candidates: defaultdict[int, list[int]] = defaultdict(list)
        by_literal, there = table.by_literal, found.keys()
        for number in found:
            for place, language, concept, others in by_literal[number]:
                if language in languages and (not others or there >= set(others)):
                    self.candidates[concept].append(place)

    def hits_of(self, concept: int) -> list[Hit]:
        """Return the hits of the concept's own terms, in order of place, one for each span."""
        known = self._known.get(concept)
        if known is None:
            known = self._known[concept] = self._find(concept)
        return known

    def all_of(self, concept: int) -> list[Hit]:
        """Return every hit of every term of the concept, also several for one span."""
        return [
            Hit(start, end, place)
            for place in self.candidates.get(concept, ())
            for start, end in self._find_term(place)
        ]

    def _find(self, concept: int) -> list[Hit]:
        spans: dict[tuple[int, int], Hit] = {}
        for place in self.candidates.get(concept, ()):
            for start, end in self._find_term(place):
                spans.setdefault((start, end), Hit(start, end, place))
                if len(spans) >= MOST_HITS:
                    break
        return sorted(spans.values())

    def _find_term(self, place: int) -> list[tuple[int, int]]:
        term = self._table.terms[place]
        first = term.runs[0]
        length = len(first.literal)
        spans: list[tuple[int, int]] = []
        for last in self._found[self._table.run_ids[place][0]][:MOST_HITS]:
            span = self._check_run(first, last + 1 - length, last + 1)
            if span is None:
                continue
            end = self._follow(term, span[1])
            if end is not None:
                spans.append((span[0], end))
        return spans

    def _follow(self, term: Term, end: int) -> int | None:
        """Return where the rest of the term ends behind `end`, or None."""
        for gap, run in zip(term.gaps, term.runs[1:], strict=True):
            span = self._find_next(run, end, gap)
            if span is None:
                return None
            end = span[1]
        return end

    def _find_next(self, run: Run, end: int, gap: int) -> tuple[int, int] | None:
        """Return the nearest hit of `run` behind `end` with at most `gap` words between."""
        text = self.normal.text
        furthest = end + (gap + 1) * LONGEST_WORD + len(run.literal)
        at = text.find(run.literal, end, furthest)
        while at != -1:
            span = self._check_run(run, at, at + len(run.literal))
            if span is not None and self._is_beside(end, span[0], gap):
                return span
            if span is not None and span[0] > end and not self._is_within(end, span[0], gap):
                return None
            at = text.find(run.literal, at + 1, furthest)
        return None

    def _is_beside(self, end: int, start: int, gap: int) -> bool:
        if gap == 0:
            return self.normal.text[end:start] in {" ", ""}
        return start >= end and self._is_within(end, start, gap)  # `=`: scripts without spaces

    def _is_within(self, end: int, start: int, gap: int) -> bool:
        words, unspaced = count_words(self.normal.text[end:start])
        if words + unspaced / CHARACTERS_A_WORD > gap:
            return False
        between = self.normal.original[self.normal.end_of(end) : self.normal.start_of(start)]
        return "\n" not in between

    def _check_run(self, run: Run, start: int, end: int) -> tuple[int, int] | None:
        """Return the span of the words in which a literal stands, or None if it may not."""
        text = self.normal.text
        if run.left == "":
            first = start + 1
        elif run.left == "bare":
            first = start
        else:
            first = text.rfind(" ", max(0, start - LONGEST_WORD), start) + 1 or start
            if run.left == "arabic" and text[first:start] not in ARABIC_PREFIXES:
                return None
        if run.right == "":
            last = end - 1
        elif run.right == "bare":
            last = end
        else:
            last = text.find(" ", end, end + LONGEST_WORD)
            last = end if last == -1 else last
            if run.right == "arabic" and text[end:last] not in ARABIC_ENDINGS:
                return None
        if run.accents is not None and not self._has_accents(run, first, last):
            return None
        return first, last

    def _has_accents(self, run: Run, first: int, last: int) -> bool:
        """Say whether the words have the accents and capitals that the term asks for."""
        assert run.accents is not None
        normal = self.normal
        written = normal.original[normal.start_of(first) : normal.end_of(last)]
        if run.exact is None and written.isascii() and run.is_plain:
            return True
        at = first
        for place, listed in enumerate(run.accents):
            end = normal.text.find(" ", at, last)
            end = last if end == -1 else end
            word = normal.original[normal.start_of(at) : normal.end_of(end)]
            exact = run.exact[place] if run.exact is not None else None
            if exact is not None:
                is_right = _is_exactly(word, listed, exact)
            else:
                is_right = self._is_forgiven(word, listed, is_name=run.names[place])
            if not is_right:
                return False
            at = end + 1
        return True

    def _is_forgiven(self, word: str, listed: str, *, is_name: bool) -> bool:
        """Say whether a word has the accents that are listed, or may do without.

        It may when it is long, in capitals, in letters of two alphabets, a name, or in a text that
        uses no accents; a short word without its accent is another word (Çin, cin).
        """
        written = accented(word)
        if len(listed) >= SHORT_WORD or listed in written:
            return True
        if word.isupper() or MIXED.search(word.casefold()):
            return True
        if not written.isascii():
            return False
        is_short_name = is_name and word[:1].isupper() and len(written) <= len(listed) + NAME_ENDING
        return is_short_name or self._is_plain

    @cached_property
    def _is_plain(self) -> bool:
        """Say whether the text is written without accents: fewer than 1 in 250 letters has one."""
        sample = unicodedata.normalize("NFD", self.normal.original[:4000])
        return sum(map(is_accent, sample)) * 250 < len(sample)


def _is_exactly(word: str, listed: str, exact: str) -> bool:
    """Say whether a word is written with these accents, and these capitals if there are any."""
    letters = "".join(filter(str.isalnum, word))
    if exact != exact.lower():
        return exact in unicodedata.normalize("NFC", letters)
    return listed in accented(letters)


def drop_swallowed(hits: list[Hit], swallowers: list[Hit]) -> list[Hit]:
    """Return the hits that no swallower covers, nor overlaps and exceeds in length."""
    if not swallowers or not hits:
        return hits
    starts = [one.start for one in swallowers]
    longest = max(one.end - one.start for one in swallowers)
    return [hit for hit in hits if not _is_swallowed(hit, swallowers, starts, longest)]


def _is_swallowed(hit: Hit, swallowers: list[Hit], starts: list[int], longest: int) -> bool:
    length = hit.end - hit.start
    place = bisect_left(starts, hit.end) - 1
    while place >= 0 and swallowers[place].start > hit.start - longest - 1:
        one = swallowers[place]
        covers = one.start <= hit.start and one.end >= hit.end
        if covers or (one.end > hit.start and one.end - one.start > length):
            return True
        place -= 1
    return False
