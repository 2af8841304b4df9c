"""The filter before extraction: which pages can hold no match, whatever they would come to.

    bytes → text (as extraction decodes it) ─ first look: could any rule hold there?

What it rules out has no match; what it lets through is prepared like any other page.
"""

from __future__ import annotations

from typing import Protocol, Self

from monitor.extract.page_languages import told_by
from monitor.extract.page_text import PageText
from monitor.glance.loading import find_home, load_first_look
from monitor.match.matcher import Matcher
from monitor.model import Entry, Page


class FirstLook(Protocol):
    """What rules pages out by their source, in a fraction of the time of reading them."""

    def rules_out(self, page: PageText) -> bool:
        """Say whether nothing that could be made of a page can match."""
        ...


class PageSieve:
    """Rule pages out before they are extracted; never one that would match."""

    def __init__(self, first_look: FirstLook) -> None:
        self._first_look = first_look

    @classmethod
    def load(cls, matcher: Matcher, cache: str | None = None) -> Self:
        """Return the filter for a matcher's rules; raises FilterMissing where there is none.

        `cache` is where what is compiled is kept if not beside the packages.
        """
        return cls(load_first_look(matcher, find_home(cache)))

    def rules_out(
        self, page: Page, entry: Entry | None = None, *, text: PageText | None = None
    ) -> bool:
        """Say whether nothing that extraction could make of the page can match.

        Not where it cannot be told: refusals, other kinds of files, pages that are too large, and
        whatever the source says of a page beside the page itself.
        """
        if page.status >= 400 or told_by(entry).strip():
            return False
        text = text or PageText(page)
        return not text.kind and self._first_look.rules_out(text)
