"""The filter before extraction: which pages can hold no match, whatever they would come to.

    bytes → text (as extraction decodes it) → what the page could say → could any rule hold there?

What it rules out has no match; what it lets through is prepared like any other page.
"""

from __future__ import annotations

from collections.abc import Set
from html import escape
from typing import Protocol

from monitor.extract.page_languages import told_by
from monitor.extract.page_text import PageText
from monitor.extract.rough import Rough
from monitor.extract.rough_data import without_markup
from monitor.extract.rough_lines import CannotTell
from monitor.line_asker import LineAsker
from monitor.match.matcher import Matcher
from monitor.match.sieve import Languages, Sieve, Words
from monitor.match.windows import Windows
from monitor.model import Entry, Page
from monitor.text.shown_languages import find_shown_languages

LONG_LINE = 80
MUCH_PROSE = 1_500
"""Characters in lines of LONG_LINE and more; where there are so many, trafilatura finds an article:
its last resort gave the text of none of 439 real pages."""


class FirstLook(Protocol):
    """What rules most pages out by their source, in a fraction of the time."""

    def rules_out(self, text: str) -> bool:
        """Say whether nothing that could be made of a decoded page can match."""
        ...


class PageSieve:
    """Rule pages out before they are extracted; never one that would match."""

    def __init__(self, matcher: Matcher, first_look: FirstLook | None = None) -> None:
        self._first_look = first_look
        self._sieve = Sieve(matcher)
        self._windows = Windows(matcher)
        self._unread = frozenset(self._sieve.read(set()).there)

    def rules_out(
        self, page: Page, entry: Entry | None = None, *, text: PageText | None = None
    ) -> bool:
        """Say whether nothing that extraction could make of the page can match.

        Not where it cannot be told: other kinds of files, pages that are too large, refusals.
        """
        if page.status >= 400:
            return False
        text = text or PageText(page)
        told = told_by(entry)
        if self._is_ruled_out_by_first_look(text, told):
            return True
        rough = text.rough
        if rough is None:
            return False
        try:
            return not self._may_match(rough, told)
        except CannotTell:
            return False

    def _is_ruled_out_by_first_look(self, text: PageText, told: str) -> bool:
        """Say whether the first look, if there is one, rules out a page that nothing is told of."""
        first = self._first_look
        return (
            first is not None
            and not told.strip()
            and not text.kind
            and first.rules_out(text.decoded.text)
        )

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
        """Ask the lines of what is shown, then those that only some ways of extracting make.

        That is text beside blocks, and where there is little prose, trafilatura's last resort.
        """
        anchors = self._sieve.choose_anchors(words)
        some = None if anchors is None else anchors.words
        beside: Set[int] = set() if anchors is None else words.there - anchors.concepts
        lines = None if some is None else rough.read_lines_of(some)
        if lines is None:
            lines, beside = rough.read_shown_lines(), set()
        asked = self._asker(words.languages, beside)
        if asked.may_match([*lines, *told]):
            return True
        more = rough.read_mixed_lines(some) + rough.read_open_lines()
        if rough.prose_length(LONG_LINE) < MUCH_PROSE:
            more += rough.read_last_lines()
        return bool(more) and asked.may_match(more)

    def _are_near_data(self, rough: Rough, told: list[str], words: Words) -> bool:
        """Ask the lines of what scripts carry."""
        anchors = self._sieve.choose_anchors(words)
        data = [each for each in dict.fromkeys(rough.data) if self._may_tell(each.text)]
        beside: Set[int] = set()
        if anchors is not None:
            data = [each for each in data if _holds_any(each.text, anchors.words)]
            beside = words.there - anchors.concepts
        lines = [*rough.read_data_lines(data), *told]
        return self._asker(words.languages, beside).may_match(lines)

    def _asker(self, languages: Languages, beside: Set[int]) -> LineAsker:
        return LineAsker(
            self._sieve, self._windows, languages=languages, beside=beside, anywhere=self._unread
        )

    def _may_tell(self, part: str) -> bool:
        """Say whether a string of a script holds words that may belong to a term."""
        is_empty = self._sieve.is_empty
        return not is_empty(part) or ("<" in part and not is_empty(without_markup(part)))


def _holds_any(part: str, words: Set[str]) -> bool:
    """Say whether a string of a script holds any of the words, with its markup or without."""
    if any(word in part for word in words):
        return True
    bare = without_markup(part) if "<" in part else ""
    return any(word in bare for word in words)
