"""Which languages a page could hold, told from all its words, not only from its article's."""

from __future__ import annotations

from monitor.extract.page_text import PageText
from monitor.model import Entry, Page
from monitor.text.shown_languages import find_shown_languages


def told_by(entry: Entry | None) -> str:
    """Return what the source says of a page: it fills in where the page is silent."""
    return f"{entry.title}\n{entry.summary}" if entry is not None else ""


def find_page_languages(
    page: Page, entry: Entry | None = None, *, text: PageText | None = None
) -> frozenset[str] | None:
    """Return the languages that an article on the page could be in, or None where all could be.

    An article is never in another one: neither the small words of that language stand on the page,
    nor does the page claim it.  `text` is the page as it was read before, if it was.
    """
    found = (text or PageText(page)).words
    if found is None:
        return None
    return find_shown_languages(found.words | set(told_by(entry).split()), found.declared)
