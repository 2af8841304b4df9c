"""The filter before extraction: which pages can hold no match, whatever they would come to.

    bytes → text (as extraction decodes it) → what the page could say → could any rule hold there?

What it rules out has no match; what it lets through is prepared like any other page.
"""

from __future__ import annotations

from monitor.extract.decode import decode
from monitor.extract.kinds import declared_charset, find_other_kind
from monitor.extract.rough import Rough, read_rough
from monitor.extract.rough_lines import cut_sentences, plain
from monitor.extract.tree import LONGEST_PAGE
from monitor.match.matcher import Matcher
from monitor.match.sieve import Sieve
from monitor.model import Entry, Page
from monitor.text.rough import fold_lines_roughly, fold_roughly
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
        return not (self._may_match_shown(rough) or self._may_match_data(rough))

    def _may_match_told(self, entry: Entry) -> bool:
        told = fold_lines_roughly(f"{entry.title}\n{entry.summary}")
        return self._sieve.may_match(self._sieve.read(told), self._sieve.read_lines(told))

    def _may_match_shown(self, rough: Rough) -> bool:
        """Say whether the text between the tags could match: any of its words, then its lines."""
        apart = fold_roughly(rough.read_apart())
        whole = self._sieve.read(apart) if self._sieve.has_anchor(apart) else set()
        if not self._sieve.may_match(whole):
            joined = fold_roughly(rough.read_joined())
            if not (whole or self._sieve.has_anchor(joined)):
                return False
            whole = self._sieve.read(f"{apart}\n{joined}")
            if not self._sieve.may_match(whole):
                return False
        return self._are_near(whole, rough.read_shown_lines())

    def _may_match_data(self, rough: Rough) -> bool:
        if not rough.data:
            return False
        folded = fold_roughly("\n".join(rough.read_data()))
        if not self._sieve.has_anchor(folded):
            return False
        whole = self._sieve.read(folded)
        return self._sieve.may_match(whole) and self._are_near(whole, rough.read_data_lines())

    def _are_near(self, whole: set[int], lines: list[str]) -> bool:
        """Say whether what must stand together does: in one line, then in one sentence.

        Of a page with little prose trafilatura's last resort makes a single line.
        """
        read = self._sieve.read_lines
        text = plain(lines)
        there = read(fold_lines_roughly(text))
        whole = whole.union(*there)
        if self._sieve.may_match(whole, there):
            cuts = (cut for line in lines for cut in cut_sentences(line))
            if self._sieve.may_match(
                whole, read(fold_lines_roughly(plain(cuts))), by_sentence=True
            ):
                return True
        if sum(len(line) for line in set(text.split("\n")) if len(line) >= LONG_LINE) >= MUCH_PROSE:
            return False
        flat = " ".join(text.split())
        cut = "\n".join(flat[start:end] for start, end in split_sentences(flat))
        return self._sieve.may_match(whole, read(fold_lines_roughly(cut)), by_sentence=True)
