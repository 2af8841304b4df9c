"""What one page comes to, before anything is known of the past: pure.

No network, no database, no clock.  The same page, rules and snapshot give the same answer, in a
worker that may be killed, in a cluster, or in a test.
"""

from __future__ import annotations

import hashlib
from collections.abc import Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, Protocol

from monitor.collector import collecting_nothing
from monitor.config.keywords import read_keywords
from monitor.extract.article import draft_article
from monitor.extract.page_languages import find_page_languages
from monitor.extract.page_text import PageText
from monitor.match.matcher import Matcher
from monitor.model import (
    Analysis,
    Article,
    Entry,
    ExtractionMethod,
    Outcome,
    Page,
    Prepared,
    SiteBlocks,
)
from monitor.stories.fingerprint import make_fingerprint
from monitor.urls import canonical_url
from monitor.urls.search_feeds import is_wrapped

FEED_ONLY = "read in the feed only: the page itself could not be had"


class Matching(Protocol):
    """What prepare needs of a matcher."""

    @property
    def version(self) -> str:
        """Return the name of the rules in force."""
        ...

    def match(
        self,
        title: str,
        text: str,
        *,
        language: str | None = None,
        declared: str | None = None,
        url: str | None = None,
        blocks: SiteBlocks = ...,
        shown: Set[str] | None = None,
    ) -> Analysis:
        """Return all that the rules say of one article."""
        ...


class _Given(NamedTuple):
    """What is prepared; with `only_matches`, a page without one is not read to the end."""

    page: Page
    entry: Entry | None
    blocks: SiteBlocks
    text: PageText
    only_matches: bool = False


@dataclass(frozen=True, kw_only=True)
class Preparer:
    """Turn pages into prepared values with one set of rules."""

    matcher: Matching

    @property
    def rules_version(self) -> str:
        """Return the name of the rules that pages are matched with."""
        return self.matcher.version

    def begin(self, page: Page) -> PageText:
        """Return what is read of a page once, for a filter and for what prepares it."""
        return PageText(page)

    def prepare(
        self,
        page: Page,
        entry: Entry | None = None,
        blocks: SiteBlocks | None = None,
        *,
        text: PageText | None = None,
    ) -> Prepared:
        """Extract, match and fingerprint one page.

            bytes → article (trafilatura → JSON-LD → visible text → what the feed says)
                  → matches, mentions, countries
                  → fingerprint

        Where extraction fails, what there is (a title, the feed's summary) is matched all the same:
        `outcome` stays EXTRACTION_FAILED unless something was found, so that a broken page can
        never pass for one without a match (FAULTS D2).  Of a page that answers 400 or more, or that
        is a search company's and not the publisher's, only what the feed said is matched, marked as
        such.  `text` is the page as a filter has read it.
        """
        return self._prepare(_Given(page, entry, blocks or SiteBlocks(), text or PageText(page)))

    def prepare_match(self, page: Page, *, text: PageText | None = None) -> Prepared:
        """Return what `prepare` returns of a page that matches; of any other less, and sooner.

        Of that only the outcome and the analysis are the same: nobody asks for its author, its
        dates and its fingerprint.
        """
        given = _Given(page, None, SiteBlocks(), text or PageText(page), only_matches=True)
        return self._prepare(given)

    def _prepare(self, given: _Given) -> Prepared:
        page, entry = given.page, given.entry
        if page.status >= 400:
            return self._prepare_blocked(page, entry, f"the page answers {page.status}")
        if is_wrapped(page.final_url):
            return self._prepare_blocked(page, entry, "a search company does not say where it is")
        draft = draft_article(page, entry=entry, text=given.text)
        extraction = draft.extraction
        article = extraction.article
        if article is None and extraction.outcome is Outcome.EXTRACTION_FAILED:
            article = article_from_entry(page, entry)
        known = self._frame(page, reason=extraction.reason)
        if article is None:
            return replace(known, outcome=extraction.outcome or Outcome.EXTRACTION_FAILED)
        analysis = self._match_page(article, given)
        known = replace(known, outcome=extraction.outcome)
        if given.only_matches and not analysis.matches:
            return replace(known, article=article, analysis=analysis)
        return _conclude(known, draft.finish().article or article, analysis, given.blocks)

    def _prepare_blocked(self, page: Page, entry: Entry | None, why: str) -> Prepared:
        reason = f"{why}; this is what the feed says of it"
        frame = self._frame(page, reason=reason)
        article = article_from_entry(page, entry)
        if article is None:
            return replace(frame, outcome=Outcome.FETCH_FAILED)
        frame = replace(frame, outcome=Outcome.FETCH_FAILED)
        return _conclude(frame, article, self._match(article, SiteBlocks()), SiteBlocks())

    def _frame(self, page: Page, *, reason: str | None) -> Prepared:
        return Prepared(
            url=page.url,
            final_url=page.final_url,
            fetched_at=page.fetched_at,
            status=page.status,
            body_sha256=hashlib.sha256(page.wire_body).hexdigest(),
            reason=reason,
            rules_version=self.matcher.version,
        )

    def _match_page(self, article: Article, given: _Given) -> Analysis:
        """Match an article; what matches is asked again in the languages that its page can hold."""
        analysis = self._match(article, given.blocks)
        if analysis.matches:
            shown = find_page_languages(given.page, given.entry, text=given.text)
            if shown is not None and not shown.issuperset(analysis.languages):
                analysis = self._match(article, given.blocks, shown)
        return analysis

    def _match(
        self, article: Article, blocks: SiteBlocks, shown: Set[str] | None = None
    ) -> Analysis:
        return self.matcher.match(
            article.title,
            article.text,
            language=article.language,
            declared=article.declared_language,
            url=article.canonical_url,
            blocks=blocks,
            shown=shown,
        )


def _conclude(
    known: Prepared, article: Article, analysis: Analysis, blocks: SiteBlocks
) -> Prepared:
    """Return what is known of a page with its article; what matched has no outcome yet."""
    if article.method is ExtractionMethod.FEED:
        analysis = mark_feed_only(analysis)
    if article.language is None and analysis.language:
        article = replace(article, language=analysis.language)
    return replace(
        known,
        article=article,
        analysis=analysis,
        fingerprint=make_fingerprint(article.title, article.text),
        outcome=None if analysis.matches else known.outcome,
        blocks=analysis.blocks,
        blocks_version=blocks.version,
    )


def mark_feed_only(analysis: Analysis) -> Analysis:
    """Return `analysis` with every match saying that the page itself was not read."""
    return replace(
        analysis,
        matches=tuple(
            replace(match, hits=tuple(replace(hit, note=FEED_ONLY) for hit in match.hits))
            for match in analysis.matches
        ),
    )


def article_from_entry(page: Page, entry: Entry | None) -> Article | None:
    """Return an article made of what the source itself said, or None when it said nothing.

    Its address is the one that was asked for, wherever that led.
    """
    if entry is None or not (entry.title or entry.summary):
        return None
    return Article(
        url=page.url,
        canonical_url=canonical_url(page.url),
        title=entry.title,
        text=entry.summary,
        author=entry.author,
        published=entry.published,
        declared_language=entry.language,
        method=ExtractionMethod.FEED,
    )


def load_preparer(keywords: str, cache: str | None = None) -> Preparer:
    """Return the preparer for the keywords file at the path `keywords`; what a worker starts with.

    `cache` is a folder where the checked file may be kept in a form that is read faster.
    Raises ConfigError when the file is not in order.
    """
    folder = Path(cache) if cache is not None and Path(cache).parent.is_dir() else None
    with collecting_nothing():
        return Preparer(matcher=Matcher.load(read_keywords(Path(keywords), cache=folder)))
