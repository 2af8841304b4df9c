"""One page → one article, in steps that each say what they gave."""

from __future__ import annotations

from trafilatura import bare_extraction
from trafilatura.settings import Document
from trafilatura.utils import decode_file

from monitor.extract.extraction import Extraction
from monitor.model import Article, Entry, Outcome, Page
from monitor.urls import canonical_url


def extract_article(page: Page, *, entry: Entry | None = None) -> Extraction:
    """Return what `page` says: an article, or why there is none.

    Pure: no network, no clock, no files. Never raises for what a page holds.
    `entry` is what the source offered; its title and summary fill in where the page is silent.
    """
    text = decode_file(page.body)
    found = bare_extraction(text, include_comments=False, with_metadata=True)
    url = page.final_url or page.url
    if not isinstance(found, Document):
        return Extraction(outcome=Outcome.EXTRACTION_FAILED, reason="no text was found")
    return Extraction(
        article=Article(
            url=url,
            canonical_url=canonical_url(url),
            title=(found.title or (entry.title if entry else "")).replace("\n", " "),
            text=found.text or "",
        ),
        visible_length=len(text),
    )
