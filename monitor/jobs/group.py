"""Group texts into articles and stories as commit does, in a database that is thrown away."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from monitor.clock import SystemClock
from monitor.grouping import Grouper
from monitor.match.matcher import Matcher
from monitor.model import (
    Analysis,
    Article,
    JoinEvidence,
    Level,
    Origin,
    RunKind,
    StoredArticle,
)
from monitor.stories.decide import Kind, Placement
from monitor.stories.fingerprint import make_fingerprint
from monitor.urls import canonical_url
from storage.database import Storage

Key = str | int | float


@dataclass(frozen=True, kw_only=True)
class GroupText:
    """One text to group; `key` is whatever the caller knows it by."""

    key: Key
    title: str
    text: str
    language: str | None = None
    published: datetime | None = None
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Grouped:
    """What a text is: the first near-duplicate, the first of its story, and why.

    `probably` is the first text of a story that tells of the same event by weak evidence.
    """

    key: Key
    article: Key
    story: Key
    because: tuple[str, ...] = ()
    probably: Key | None = None


def group_texts(texts: Iterable[GroupText], matcher: Matcher) -> Iterator[Grouped]:
    """Yield what each text is, in the order given; the same code decides as for a watch."""
    with (
        tempfile.TemporaryDirectory(prefix="stationwatch-group-") as folder,
        Storage.create(Path(folder) / "data", SystemClock()) as storage,
        # one transaction for all, and nothing of it is needed afterwards
        storage.transaction(),
    ):
        desk = _Desk(storage, matcher)
        for number, text in enumerate(texts):
            yield desk.group(text, number)


class _Desk:
    """Texts as they are placed, with the keys that stand for articles and stories."""

    def __init__(self, storage: Storage, matcher: Matcher) -> None:
        self._storage = storage
        self._matcher = matcher
        self._grouper = Grouper(storage, home=frozenset(matcher.keywords.home))
        self._run = storage.runs.begin(RunKind.POLL, command="group").id
        self._now = SystemClock().now()
        self._articles: dict[str, Key] = {}
        self._stories: dict[str, Key] = {}

    def group(self, text: GroupText, number: int) -> Grouped:
        """Place one text and keep it for those that follow."""
        analysis = self._matcher.match(text.title, text.text, declared=text.language, url=text.url)
        article = Article(
            url=text.url or f"urn:text:{number}",
            canonical_url=_canonical(text.url, number),
            title=text.title,
            text=text.text,
            published=text.published,
            language=text.language or analysis.language,
            declared_language=text.language,
        )
        fingerprint = make_fingerprint(text.title, text.text)
        placement = self._grouper.place(article, analysis, fingerprint, seen_at=None)
        known = placement.of
        if placement.kind in {Kind.UNCHANGED, Kind.UPDATED} and known is not None:
            return self._same(text, known, placement)
        commit = self._storage.next_commit(self._run)
        stored = self._storage.articles.add(
            article,
            fingerprint,
            Origin(run_id=self._run, commit=commit, fetched_at=self._now, outlet=str(text.key)),
        )
        self._grouper.keep(stored.id, placement)
        story = self._join(stored, placement, analysis, commit)
        self._stories.setdefault(story, text.key)
        copied = placement.kind is Kind.COPY and known is not None
        self._articles[stored.id] = (
            self._articles[known.id] if copied and known is not None else text.key
        )
        return self._answer(text, stored.id, story, placement)

    def _same(self, text: GroupText, known: StoredArticle, placement: Placement) -> Grouped:
        story = self._storage.stories.find_by_article(known.id)
        assert story is not None  # every text was put into one
        return self._answer(text, known.id, story.id, placement)

    def _answer(
        self, text: GroupText, article_id: str, story_id: str, placement: Placement
    ) -> Grouped:
        probably = placement.probably
        evidence = placement.evidence or (probably.evidence if probably else JoinEvidence(kind=""))
        return Grouped(
            key=text.key,
            article=self._articles[article_id],
            story=self._stories[story_id],
            because=evidence.because,
            probably=self._stories[probably.story_id] if probably else None,
        )

    def _join(
        self, stored: StoredArticle, placement: Placement, analysis: Analysis, commit: int
    ) -> str:
        """Put the article into its story, or begin one, and return the story's id."""
        story_id = placement.story_id
        if placement.kind is Kind.COPY and placement.of is not None:
            story = self._storage.stories.find_by_article(placement.of.id)
            story_id = story.id if story else None
        if story_id is None or placement.evidence is None:
            begun = self._storage.stories.add(
                stored, topics=(), countries=analysis.countries, level=Level.REPORT, commit=commit
            )
            return begun.id
        self._storage.stories.join(story_id, stored, evidence=placement.evidence, commit=commit)
        return story_id


def _canonical(url: str | None, number: int) -> str:
    """Return the canonical URL of a text, or an address of its own where it has none."""
    if not url:
        return f"urn:text:{number}"
    try:
        return canonical_url(url)
    except ValueError:
        return url
