"""The filter before extraction: which pages can hold no match, whatever they would come to.

    bytes → text (as extraction decodes it) → what the page could say → could any rule hold there?

What it rules out has no match; what it lets through is prepared like any other page.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from monitor.extract.decode import decode
from monitor.extract.kinds import declared_charset, find_other_kind
from monitor.extract.rough import Rough, read_rough
from monitor.extract.rough_data import without_markup
from monitor.extract.rough_lines import CannotTell, cut_sentences, plain, spaced
from monitor.extract.tree import LONGEST_PAGE
from monitor.match.matcher import Matcher
from monitor.match.sieve import Sieve
from monitor.model import Entry, Page
from monitor.text.rough import fold_lines_roughly
from monitor.text.sentences import split_sentences

LONG_LINE = 80
MUCH_PROSE = 1_500
"""Characters in lines of LONG_LINE and more; no page of so much prose gave trafilatura nothing."""


class PageSieve:
    """Rule pages out before they are extracted; never one that would match."""

    def __init__(self, matcher: Matcher) -> None:
        self._sieve = Sieve(matcher)

    def rules_out(self, page: Page, entry: Entry | None = None) -> bool:
        """Say whether nothing that extraction could make of the page can match.

        Not where it cannot be told: other kinds of files, pages that are too large, refusals.
        """
        if page.status >= 400 or find_other_kind(page):
            return False
        decoded = decode(page.body[: 4 * LONGEST_PAGE], charset=declared_charset(page))
        rough = read_rough(decoded.text)
        if rough is None:
            return False
        told = f"{entry.title}\n{entry.summary}" if entry is not None else ""
        try:
            return not self._may_match(rough, told)
        except CannotTell:
            return False

    def _may_match(self, rough: Rough, told: str) -> bool:
        """Say whether the page could match: any of its words, then its lines.

        What the source told fills in where the page is silent, so it stands beside both.
        """
        may_match, read = self._sieve.may_match, self._sieve.read_words
        own = set(told.split())
        shown, data = rough.read_words() | own, rough.read_data_words() | own
        if not may_match(read(shown | data)):
            return False
        lines = escape(told, quote=False).split("\n")
        return (may_match(read(shown)) and self._are_near_shown(rough, lines)) or (
            may_match(read(data)) and self._are_near_data(rough, lines)
        )

    def _are_near_shown(self, rough: Rough, told: list[str]) -> bool:
        """Ask the lines of what is shown, and where there is little prose, all of it as one line.

        That line is what trafilatura's last resort makes of such a page.
        """
        lines = [*rough.read_shown_lines(), *told]
        written = plain(lines).split("\n")
        if sum(len(x) for x in set(written) if len(x) >= LONG_LINE) >= MUCH_PROSE:
            return self._are_near(lines, [])
        return self._are_near(lines, [" ".join(written)])

    def _are_near_data(self, rough: Rough, told: list[str]) -> bool:
        """Ask the lines of what scripts carry, and each string as one line, as trafilatura has it.

        It drops the tags in it as if they were nothing.
        """
        is_empty = self._sieve.is_empty
        data = [
            part
            for part in dict.fromkeys(rough.data)
            if not is_empty(part) or ("<" in part and not is_empty(without_markup(part)))
        ]
        flats = [without_markup(part) for part in data if "<" in part or "\n" in part]
        return self._are_near([*rough.read_data_lines(data), *told], flats)

    def _are_near(self, lines: list[str], flats: list[str]) -> bool:
        """Say whether what must stand together does: in one line, then in one sentence.

        `flats` are texts that may also have become a single line each.
        """
        is_empty = self._sieve.is_empty
        telling = [
            number
            for number, (joined, apart) in enumerate(
                zip(plain(lines).split("\n"), spaced(lines).split("\n"), strict=True)
            )
            if not (is_empty(joined) and (joined == apart or is_empty(apart)))
        ]
        there = self._read_both(lines[number] for number in telling)
        whole: set[int] = set().union(*there)
        if self._sieve.may_match(whole, there):
            cuts = (cut for number in telling for cut in cut_sentences(lines[number]))
            if self._sieve.may_match(whole, self._read_both(cuts), by_sentence=True):
                return True
        sentences: list[str] = []
        for flat in (" ".join(each.split()) for each in flats):
            sentences += (flat[start:end] for start, end in split_sentences(flat))
        found = self._sieve.read_lines(fold_lines_roughly("\n".join(sentences)))
        return bool(flats) and self._sieve.may_match(whole.union(*found), found, by_sentence=True)

    def _read_both(self, lines: Iterable[str]) -> list[set[int]]:
        """Return the concepts of each line, with its tags as nothing and as a space."""
        lines = list(lines)
        tagged = [line for line in lines if "<" in line]
        return self._sieve.read_lines(fold_lines_roughly(f"{plain(lines)}\n{spaced(tagged)}"))
