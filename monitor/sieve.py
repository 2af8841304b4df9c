"""The filter before extraction: which pages can hold no match, whatever they would come to.

    bytes → text (as extraction decodes it) → what the page could say → could any rule hold there?

What it rules out has no match; what it lets through is prepared like any other page.
"""

from __future__ import annotations

from collections.abc import Iterable

from monitor.extract.decode import decode
from monitor.extract.kinds import declared_charset, find_other_kind
from monitor.extract.rough import Rough, read_rough
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
        if entry is not None and self._may_match_told(entry):
            return False
        decoded = decode(page.body[: 4 * LONGEST_PAGE], charset=declared_charset(page))
        rough = read_rough(decoded.text)
        if rough is None:
            return False
        try:
            return not self._may_match(rough)
        except CannotTell:
            return False

    def _may_match(self, rough: Rough) -> bool:
        """Say whether the page could match: any of its words, then its lines."""
        shown, data = rough.read_words(), rough.read_data_words()
        if not self._sieve.may_match(self._sieve.read_words(shown | data)):
            return False
        if self._sieve.may_match(self._sieve.read_words(shown)) and self._are_near(
            rough.read_shown_lines(), is_flat=True
        ):
            return True
        return self._sieve.may_match(self._sieve.read_words(data)) and self._are_near(
            rough.read_data_lines()
        )

    def _may_match_told(self, entry: Entry) -> bool:
        told = f"{entry.title}\n{entry.summary}"
        there = self._sieve.read_lines(fold_lines_roughly(told))
        return self._sieve.may_match(self._sieve.read_words(set(told.split())), there)

    def _are_near(self, lines: list[str], *, is_flat: bool = False) -> bool:
        """Say whether what must stand together does: in one line, then in one sentence.

        With `is_flat` a page with little prose is also read as the single line that trafilatura's
        last resort makes of it.
        """
        read = self._sieve.read_lines
        written = plain(lines).split("\n")
        telling = [
            number
            for number, (joined, apart) in enumerate(
                zip(written, spaced(lines).split("\n"), strict=True)
            )
            if not (
                self._sieve.is_empty(joined) and (joined == apart or self._sieve.is_empty(apart))
            )
        ]
        there = self._read_both(lines[number] for number in telling)
        whole: set[int] = set().union(*there)
        if self._sieve.may_match(whole, there):
            cuts = (cut for number in telling for cut in cut_sentences(lines[number]))
            if self._sieve.may_match(whole, self._read_both(cuts), by_sentence=True):
                return True
        if not is_flat or sum(len(x) for x in set(written) if len(x) >= LONG_LINE) >= MUCH_PROSE:
            return False
        flat = " ".join(" ".join(written).split())
        sentences = read(
            fold_lines_roughly("\n".join(flat[start:end] for start, end in split_sentences(flat)))
        )
        return self._sieve.may_match(whole.union(*sentences), sentences, by_sentence=True)

    def _read_both(self, lines: Iterable[str]) -> list[set[int]]:
        """Return the concepts of each line, with its tags as nothing and as a space."""
        lines = list(lines)
        tagged = [line for line in lines if "<" in line]
        return self._sieve.read_lines(fold_lines_roughly(f"{plain(lines)}\n{spaced(tagged)}"))
