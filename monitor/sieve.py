"""The filter before extraction: which pages can hold no match, whatever they would come to.

    bytes → text (as extraction decodes it) → what the page could say → could any rule hold there?

What it rules out has no match; what it lets through is prepared like any other page.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from html import escape
from typing import NamedTuple

from monitor.extract.page_languages import read_source, told_by
from monitor.extract.rough import Rough
from monitor.extract.rough_data import cut_markup, without_markup
from monitor.extract.rough_lines import (
    CannotTell,
    as_pieces,
    cut_sentences,
    cut_tags,
    drop_written_tags,
    may_be_dropped_in,
    plain,
    spaced,
    tagged,
)
from monitor.match.matcher import Matcher
from monitor.match.sieve import Languages, Sieve, Words
from monitor.match.windows import Stretch, Windows, cut_flat
from monitor.model import Entry, Page
from monitor.text.rough import TAG, fold_lines_roughly
from monitor.text.sentences import split_sentences
from monitor.text.shown_languages import find_shown_languages

LONG_LINE = 80
MUCH_PROSE = 1_500
"""Characters in lines of LONG_LINE and more; no page of so much prose gave trafilatura nothing."""


class Flat(NamedTuple):
    """A text that may also have become one line, cut at its tags; `is_ordered`: as on the page."""

    pieces: tuple[str, ...]
    is_ordered: bool


class PageSieve:
    """Rule pages out before they are extracted; never one that would match."""

    def __init__(self, matcher: Matcher) -> None:
        self._sieve = Sieve(matcher)
        self._windows = Windows(matcher)
        self._unread = frozenset(self._sieve.read(set()).there)

    def rules_out(self, page: Page, entry: Entry | None = None) -> bool:
        """Say whether nothing that extraction could make of the page can match.

        Not where it cannot be told: other kinds of files, pages that are too large, refusals.
        """
        rough = read_source(page) if page.status < 400 else None
        if rough is None:
            return False
        try:
            return not self._may_match(rough, told_by(entry))
        except CannotTell:
            return False

    def _may_match(self, rough: Rough, told: str) -> bool:
        """Say whether the page could match: any of its words, then its lines.

        What the source told fills in where the page is silent, so it stands beside both; where the
        page gives nothing at all it is read by itself, in any language.
        """
        sieve, own = self._sieve, set(told.split())
        if own and sieve.may_match(sieve.read(own).there):
            return True
        shown, data = rough.read_words() | own, rough.read_data_words() | own
        languages = find_shown_languages(shown | data, rough.declared)
        lines = escape(told, quote=False).split("\n")
        words = sieve.read(shown, languages)
        if sieve.may_match(words.there) and self._are_near_shown(rough, lines, words):
            return True
        words = sieve.read(data, languages)
        return sieve.may_match(words.there) and self._are_near_data(rough, lines, words)

    def _are_near_shown(self, rough: Rough, told: list[str], words: Words) -> bool:
        """Ask the lines of what is shown, and where there is little prose, all of it as one line.

        That line is what trafilatura's last resort makes of such a page.
        """
        if rough.prose_length(LONG_LINE) >= MUCH_PROSE:
            anchors = self._sieve.choose_anchors(words)
            some = None if anchors is None else rough.read_lines_of(anchors.words)
            if anchors is not None and some is not None:
                beside = words.there - anchors.concepts
                return self._are_near([*some, *told], [], words.languages, beside)
            return self._are_near([*rough.read_shown_lines(), *told], [], words.languages)
        lines = [*rough.read_shown_lines(), *told]
        return self._are_near(lines, [Flat(as_pieces(lines), False)], words.languages)

    def _are_near_data(self, rough: Rough, told: list[str], words: Words) -> bool:
        """Ask the lines of what scripts carry, and each string as one line, as trafilatura has it.

        It drops the tags in it as if they were nothing.
        """
        anchors = self._sieve.choose_anchors(words)
        is_empty = self._sieve.is_empty
        data = [
            part
            for part in dict.fromkeys(rough.data)
            if not is_empty(part) or ("<" in part and not is_empty(without_markup(part)))
        ]
        if anchors is not None:
            data = [part for part in data if _holds_any(part, anchors.words)]
            beside = words.there - anchors.concepts
        else:
            beside = set()
        flats = [Flat(cut_markup(part), True) for part in data if "<" in part or "\n" in part]
        return self._are_near([*rough.read_data_lines(data), *told], flats, words.languages, beside)

    def _are_near(
        self,
        lines: list[str],
        flats: list[Flat],
        languages: Languages,
        beside: Set[int] = frozenset(),
    ) -> bool:
        """Say whether what must stand together does: in one line, then in one sentence.

        `flats` are texts that may also have become a single line each; `beside` are concepts that
        may stand in lines that are not here.
        """
        is_empty = self._sieve.is_empty
        telling = [
            number
            for number, (joined, apart) in enumerate(
                zip(plain(lines).split("\n"), spaced(lines).split("\n"), strict=True)
            )
            if not (is_empty(joined) and (joined == apart or is_empty(apart)))
        ]
        there = self._read_both((lines[number] for number in telling), languages)
        whole: set[int] = set(beside).union(*there)
        if self._sieve.may_match(whole, there):
            cuts = (cut for number in telling for cut in cut_sentences(lines[number]))
            there = self._read_both(cuts, languages)
            if self._sieve.may_match(whole, there, by_sentence=True):
                return self._are_within(
                    [lines[number] for number in telling], flats, languages, beside
                )
        sentences: list[str] = []
        for flat in (" ".join("".join(each.pieces).split()) for each in flats):
            sentences += (flat[start:end] for start, end in split_sentences(flat))
        found = self._sieve.read_lines(fold_lines_roughly("\n".join(sentences)), languages)
        return (
            bool(flats)
            and self._sieve.may_match(whole.union(*found), found, by_sentence=True)
            and self._are_within([lines[number] for number in telling], flats, languages, beside)
        )

    def _are_within(
        self, lines: Iterable[str], flats: list[Flat], languages: Languages, beside: Set[int]
    ) -> bool:
        """Say whether what must be near stands near enough in lines and flats, in words."""
        lines = list(lines)
        lines += [drop_written_tags(line) for line in lines if "&lt;" in line]
        stretches = [[self._cut(each, languages) for each in cut_sentences(line)] for line in lines]
        stretches += [cut_flat(each.pieces, is_ordered=each.is_ordered) for each in flats]
        return self._windows.may_match(
            stretches, languages, elsewhere=beside, anywhere=self._unread
        )

    def _cut(self, part: str, languages: Languages) -> Stretch:
        """Return a sentence cut at its tags, and where a `<` may be taken for one.

        Where something may be dropped, the words of a phrase need not be neighbours.
        """
        loose: frozenset[int] = frozenset()
        if ("<" in part and may_be_dropped_in(part)) or "&lt;" in part:
            loose = self._windows.find_loose(cut_tags(part), languages)
            words = tagged(part).split()
            across = {word for word in words if len(list(filter(None, word.split(TAG)))) > 2}
            loose |= self._sieve.read(across, languages).there if across else set()
        return Stretch(cut_tags(part), loose)

    def _read_both(self, lines: Iterable[str], languages: Languages) -> list[set[int]]:
        """Return the concepts of each line, with its tags as nothing and as a space.

        Where an element may be dropped, its words need not be neighbours to make a phrase.
        """
        lines = list(lines)
        loose = [line for line in lines if "<" in line and may_be_dropped_in(line)]
        with_tags = [line for line in lines if "<" in line]
        there = self._sieve.read_lines(
            fold_lines_roughly(f"{plain(lines)}\n{spaced(with_tags)}"), languages
        )
        return there + [self._sieve.read(set(tagged(x).split()), languages).there for x in loose]


def _holds_any(part: str, words: Set[str]) -> bool:
    """Say whether a string of a script holds any of the words, with its markup or without."""
    if any(word in part for word in words):
        return True
    bare = without_markup(part) if "<" in part else ""
    return any(word in bare for word in words)
