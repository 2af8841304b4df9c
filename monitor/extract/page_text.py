"""What is read of a page before it is extracted, each thing once, whoever asks for it."""

from __future__ import annotations

from functools import cached_property

from monitor.extract.decode import Decoded, decode, find_sure_charset
from monitor.extract.kinds import declared_charset, find_other_kind
from monitor.extract.page_words import PageWords, read_page_words
from monitor.extract.tree import LONGEST_PAGE, is_cut
from monitor.model import Page


class PageText:
    """The text of one page; what nobody asks for is not read.

    To be handed from a filter to what prepares the page, for as long as that takes.
    """

    def __init__(self, page: Page) -> None:
        self._page = page

    @cached_property
    def kind(self) -> str | None:
        """Return what the body is, in words for a person, where it is no web page; else None."""
        return find_other_kind(self._page)

    @cached_property
    def undecoded(self) -> bytes | None:
        """Return bytes that are the page's text as it is, if they are UTF-8; None if they are not.

        Whether they are is not looked at.
        """
        body = self._page.body[: 4 * LONGEST_PAGE]
        return None if find_sure_charset(body) else body

    @cached_property
    def decoded(self) -> Decoded:
        """Return the page's text, as much as may be read of it, and its charset."""
        page = self._page
        return decode(page.body[: 4 * LONGEST_PAGE], charset=declared_charset(page))

    @property
    def is_cut(self) -> bool:
        """Say whether the page is too large to be read to its end."""
        return is_cut(self.decoded.text)

    @cached_property
    def words(self) -> PageWords | None:
        """Return the words that the page could show or carry; None where that cannot be told."""
        return None if self.kind else read_page_words(self.decoded.text)
