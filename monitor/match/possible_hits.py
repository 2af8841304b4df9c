"""Every hit that terms could have in lines of a page, whatever becomes of the tags in them.

    pieces of text between tags ─┬─ with a space for each tag ─┐
                                 └─ with nothing for each tag ─┴─ hits, in offsets of the first

Never fewer than the matcher finds in what becomes of the lines.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence

from monitor.match.compiled import Run
from monitor.match.concepts import ConceptTable
from monitor.match.scan import MOST_HITS, Scanner, TextHits
from monitor.text.disguise import READING
from monitor.text.normal import accented, normalise
from monitor.text.terms import CHARACTERS_A_WORD
from monitor.text.words import count_words

Span = tuple[int, int]
"""Offsets in the normal form of the lines with a space for each tag."""

Pieces = Sequence[str]
"""A stretch of a line, cut at its tags."""

MOST_LOOKS = 200_000  # places that are looked at for the rest of a term
# What would end a line of a text, and is white space in a line of a page.
_BREAKS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile("[\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


class TooMany(Exception):
    """The lines hold more of something than is looked at, or what cannot be told."""


class Form:
    """Lines written in one way: their normal form, and where each piece and each tag stands."""

    def __init__(self, lines: Sequence[Sequence[Pieces]], tag: str) -> None:
        """Take lines, each as stretches, each as pieces, and what stands for a tag."""
        written: list[str] = []
        tags: list[int] = []
        line_ends: list[int] = []
        self.pieces: list[int] = []
        self.stretches: list[int] = []
        at = 0
        for line in lines:
            for stretch in line:
                self.stretches.append(at)
                for number, piece in enumerate(stretch):
                    if number:
                        tags.append(at)
                        written.append(tag)
                        at += len(tag)
                    self.pieces.append(at)
                    written.append(piece)
                    at += len(piece)
            written.append("\n")
            line_ends.append(at)
            at += 1
        text = "".join(written)
        self.normal = normalise(text)
        self._tags = [self.normal.find_offset(place) for place in tags]
        self._line_ends = [self.normal.find_offset(place) for place in line_ends]
        self._touched = [
            (not text[place - 1 : place].isspace(), not text[place + len(tag)].isspace())
            for place in tags
        ]

    def find_tag(self, at: int) -> int:
        """Return where the first tag at or behind an offset stands, or the end of all."""
        place = bisect_left(self._tags, at)
        return self._tags[place] if place < len(self._tags) else len(self.normal.text)

    def line_end(self, at: int) -> int:
        """Return where the line at an offset ends, behind the border of its last word."""
        return self._line_ends[bisect_left(self._line_ends, at)] + 1

    def sure_between(self, at: int, end: int) -> list[str]:
        """Return what stands between two places, whatever extraction drops.

        It drops elements, with what follows them or without. So the text behind the first place is
        sure as far as the next tag, and that before the second back to the last one; but a word
        that touches a tag may be part of what stands beyond.
        """
        text = self.normal.text
        first, last = bisect_left(self._tags, at), bisect_right(self._tags, end) - 1
        if first > last:
            return [text[at:end]]
        before, behind = text[at : self._tags[first]], text[self._tags[last] : end]
        if self._touched[first][0]:
            before = before.rpartition(" ")[0]
        if self._touched[last][1]:
            behind = behind.lstrip(" ").partition(" ")[2]
        return [before, behind]


class LineText:
    """Lines as one text in both forms; the stretches of all lines are numbered through."""

    def __init__(self, lines: Sequence[Sequence[Pieces]]) -> None:
        """Take lines, each as stretches, each as pieces; raises TooMany for hidden readings."""
        lines = [[[_BREAKS.sub(" ", one) for one in each] for each in line] for line in lines]
        self.spaced = Form(lines, " ")
        _refuse_hidden_readings(self.spaced.normal.original)
        self.glued: Form | None = None
        if any(len(each) > 1 for line in lines for each in line):
            self.glued = Form([line if _is_tagged(line) else _blank(line) for line in lines], "")
            _refuse_hidden_readings(self.glued.normal.original)
        normal = self.spaced.normal
        self._ats = [normal.find_offset(start) for start in self.spaced.stretches]
        self._lines = [number for number, line in enumerate(lines) for _ in line]

    def stretch_at(self, offset: int) -> int:
        """Return the number of the stretch at an offset."""
        return max(0, bisect_right(self._ats, offset) - 1)

    def stretch(self, number: int) -> Span:
        """Return where a stretch begins and ends."""
        following = number + 1
        end = self._ats[following] if following < len(self._ats) else len(self.spaced.normal.text)
        return self._ats[number], end

    def line_of(self, number: int) -> int:
        """Return the number of the line that holds a stretch."""
        return self._lines[number]

    def from_glued(self, span: Span) -> Span:
        """Return where a stretch of the form without spaces stands in the one with them."""
        assert self.glued is not None
        here, there = self.glued.normal, self.spaced.normal
        start, last = here.start_of(span[0]), max(here.end_of(span[1]) - 1, 0)
        return there.find_offset(self._move(start)), there.find_offset(self._move(last) + 1)

    def _move(self, place: int) -> int:
        assert self.glued is not None
        piece = bisect_right(self.glued.pieces, place) - 1
        return place - self.glued.pieces[piece] + self.spaced.pieces[piece]


def _is_tagged(line: Sequence[Pieces]) -> bool:
    return any(len(each) > 1 for each in line)


def _blank(line: Sequence[Pieces]) -> list[Pieces]:
    return [[""] * len(each) for each in line]


def _refuse_hidden_readings(written: str) -> None:
    """Raise TooMany where a reading shows only once invisible characters are dropped."""
    if _INVISIBLE.search(written) and READING.search(_INVISIBLE.sub("", written)):
        raise TooMany


class PossibleHits:
    """The hits that each concept could have in lines; worked out when they are asked for."""

    def __init__(
        self,
        scanner: Scanner,
        table: ConceptTable,
        holders: dict[int, frozenset[int]],
        text: LineText,
        languages: frozenset[str],
    ) -> None:
        """Look for terms of the languages; raises TooMany."""
        self.text = text
        self._plans = table.plans
        self._known: dict[int, list[Span]] = {}
        self._spaced = _FormHits(scanner, text.spaced, languages)
        self._glued = None if text.glued is None else _FormHits(scanner, text.glued, languages)
        self._parts: defaultdict[int, set[int]] = defaultdict(set)
        for form in filter(None, (self._spaced, self._glued)):
            for concept in form.candidates:
                for holder in holders[concept]:
                    self._parts[holder].add(concept)

    def of(self, concept: int) -> list[Span]:
        """Return where a concept, or one that it includes, could have a hit; in order."""
        known = self._known.get(concept)
        if known is None:
            found = {span for part in self._parts.get(concept, ()) for span in self._of_one(part)}
            known = self._known[concept] = sorted(found)
        return known

    def _of_one(self, concept: int) -> Iterator[Span]:
        needs_capital = self._plans[concept].needs_capital
        yield from self._spaced.spans_of(concept, needs_capital=needs_capital)
        if self._glued is not None:
            for span in self._glued.spans_of(concept, needs_capital=needs_capital):
                yield self.text.from_glued(span)


class _FormHits(TextHits):
    """The hits of a text, with every way to go on where a term has gaps."""

    def __init__(self, scanner: Scanner, form: Form, languages: frozenset[str]) -> None:
        found = scanner.find(form.normal)
        if any(len(ends) >= MOST_HITS for ends in found.values()):
            raise TooMany
        super().__init__(scanner.table, form.normal, languages, found)
        self._form = form
        self._looks = 0

    def spans_of(self, concept: int, *, needs_capital: bool) -> list[Span]:
        """Return the places of a concept's own terms, each once."""
        hits = self.hits_of(concept)
        if len(hits) >= MOST_HITS:
            raise TooMany
        written, start_of = self.normal.original, self.normal.start_of
        return [
            (hit.start, hit.end)
            for hit in hits
            if not (needs_capital and written[start_of(hit.start)].islower())
        ]

    def _find_term(self, place: int) -> list[tuple[int, int]]:
        term = self._table.terms[place]
        first = term.runs[0]
        length = len(first.literal)
        spans: list[tuple[int, int]] = []
        for last in self._found[self._table.run_ids[place][0]]:
            span = self._check_run(first, last + 1 - length, last + 1)
            if span is None:
                continue
            ends = {span[1]}
            for gap, run in zip(term.gaps, term.runs[1:], strict=True):
                ends = {end for before in ends for end in self._find_all(run, before, gap)}
            spans += [(span[0], end) for end in ends]
        return spans

    def _find_all(self, run: Run, end: int, gap: int) -> Iterator[int]:
        """Yield the end of every hit of `run` behind `end` in the line, near enough."""
        text = self.normal.text
        line_end = self._form.line_end(end)
        tag = self._form.find_tag(end)
        at = text.find(run.literal, end, line_end)
        while at != -1:
            self._looks += 1
            if self._looks > MOST_LOOKS:
                raise TooMany
            span = self._check_run(run, at, at + len(run.literal))
            if span is not None and self._is_beside(end, span[0], gap):
                yield span[1]
            elif (
                span is not None and end < span[0] < tag and not self._is_within(end, span[0], gap)
            ):
                return  # what stands behind is further still
            at = text.find(run.literal, at + 1, line_end)

    def _is_within(self, end: int, start: int, gap: int) -> bool:
        words = 0.0
        for piece in self._form.sure_between(end, start):
            spaced, unspaced = count_words(piece)
            words += spaced + unspaced / CHARACTERS_A_WORD
        return words <= gap

    def _has_accents(self, run: Run, first: int, last: int) -> bool:
        normal = self.normal
        written = normal.original[normal.start_of(first) : normal.end_of(last)]
        return not unicodedata.is_normalized("NFC", written) or super()._has_accents(
            run, first, last
        )

    def _is_forgiven(self, word: str, listed: str, *, is_name: bool) -> bool:
        """Say whether a word could have the accents: the text may be one without any."""
        if not word.isprintable() or accented(word).isascii():
            return True
        return super()._is_forgiven(word, listed, is_name=is_name)
