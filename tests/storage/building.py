"""Values to store, with whatever a test does not care about filled in; and a clock to hold."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from monitor.model import (
    Analysis,
    Article,
    Change,
    ChangeKind,
    Entry,
    Fingerprint,
    Level,
    Look,
    Match,
    Mention,
    OfferedEntry,
    Origin,
    Outcome,
    PageRecord,
    Passage,
    RuleHit,
    RunKind,
    Source,
    StoredArticle,
    Story,
    TermHit,
    Validators,
)
from storage.database import Storage

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass
class HeldClock:
    """A clock that stands still until it is moved."""

    moment: datetime = NOON
    elapsed: float = 0.0

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.elapsed

    def move(self, *, days: float = 0, seconds: float = 0) -> None:
        self.moment += timedelta(days=days, seconds=seconds)
        self.elapsed += days * 86400 + seconds


def make_source(source_id: str = "daily", **changes: object) -> Source:
    source = Source(
        id=source_id,
        kind="feed",
        url=f"https://{source_id}.example/feed",
        outlet=source_id.title(),
        country="IE",
        language="en",
        publisher="Example Press",
    )
    return replace(source, **changes)  # type: ignore[arg-type]


def make_entry(number: int | str = 1, **changes: object) -> Entry:
    entry = Entry(
        url=f"https://daily.example/{number}",
        guid=f"guid-{number}",
        title=f"Report number {number}",
        summary="What happened.",
        published=NOON,
    )
    return replace(entry, **changes)  # type: ignore[arg-type]


def make_offer(entry: Entry, *, key: str | None = None, aliases: bool = True) -> OfferedEntry:
    return OfferedEntry(
        entry=entry,
        key=key or entry.url,
        aliases=(f"guid:{entry.guid}",) if aliases and entry.guid else (),
    )


def make_look(*entries: Entry, source_id: str = "daily", **changes: object) -> Look:
    look = Look(
        source_id=source_id,
        looked_at=NOON,
        status=200,
        entries=entries,
        validators=Validators(etag='"1"', last_modified="Sun, 01 Mar 2026 12:00:00 GMT"),
    )
    return replace(look, **changes)  # type: ignore[arg-type]


def make_page(run_id: str, number: int | str = 1, **changes: object) -> PageRecord:
    page = PageRecord(
        run_id=run_id,
        source_id="daily",
        url=f"https://daily.example/{number}",
        fetched_at=NOON,
        outcome=Outcome.NO_MATCH,
        status=200,
        body_sha256="ab" * 32,
        body_bytes=1000,
    )
    return replace(page, **changes)  # type: ignore[arg-type]


def make_article(number: int | str = 1, **changes: object) -> Article:
    article = Article(
        url=f"https://daily.example/{number}?from=feed",
        canonical_url=f"https://daily.example/{number}",
        title=f"Police station number {number} closes",
        text=f"The office number {number} in the old town was closed.\nNobody answered the door.",
        author="A. Reporter",
        published=NOON - timedelta(hours=2),
        published_precision="minute",
        language="en",
    )
    return replace(article, **changes)  # type: ignore[arg-type]


def make_fingerprint(article: Article, hashes: Sequence[int] = ()) -> Fingerprint:
    said = f"{article.title}\n{article.text}".casefold()
    return Fingerprint(
        text_hash=hashlib.sha256(said.encode("utf-8", "replace")).hexdigest(), hashes=tuple(hashes)
    )


def make_match(topic: str = "overseas-stations", **changes: object) -> Match:
    term = TermHit(
        concept="police-station",
        listed="police station*",
        written="Police station",
        field="title",
        start=0,
        end=14,
    )
    passage = Passage(
        field="title", start=0, end=14, text="Police station", rule="named outright", terms=(term,)
    )
    match = Match(
        topic=topic,
        level=Level.REPORT,
        score=12.5,
        report_at=10.0,
        mention_at=4.0,
        hits=(RuleHit(rule="named outright", score=12.5, zone="title", passages=(passage,)),),
        tags=("closed",),
    )
    return replace(match, **changes)  # type: ignore[arg-type]


def make_analysis(*matches: Match, countries: Sequence[str] = ("IE",)) -> Analysis:
    return Analysis(
        language="en",
        languages=("en",),
        matches=matches or (make_match(),),
        mentions=(
            Mention(entity="some office", kind="organisation", field="text", start=4, end=10),
        ),
        countries=tuple(countries),
    )


@dataclass
class Desk:
    """A storage with a run and a source, and the steps of a commit in a few words."""

    storage: Storage
    clock: HeldClock
    run_id: str = field(init=False)

    def __post_init__(self) -> None:
        self.storage.sources.sync([make_source(), make_source("weekly", country="HU")])
        self.run_id = self.storage.runs.begin(RunKind.POLL).id

    def origin(self, **changes: object) -> Origin:
        origin = Origin(
            run_id=self.run_id,
            commit=self.storage.next_commit(self.run_id),
            fetched_at=self.clock.now(),
            outlet="Daily",
            source_id="daily",
            country="IE",
            publisher="Example Press",
            rules_version="rules-1",
        )
        return replace(origin, **changes)  # type: ignore[arg-type]

    def flag(
        self,
        article: Article | None = None,
        *,
        hashes: Sequence[int] = (),
        analysis: Analysis | None = None,
        **origin: object,
    ) -> StoredArticle:
        """Store an article with its matches."""
        article = article or make_article()
        with self.storage.transaction():
            made = self.origin(**origin)
            stored = self.storage.articles.add(article, make_fingerprint(article, hashes), made)
            self.storage.matches.add(
                stored, analysis or make_analysis(), commit=made.commit, rules_version="rules-1"
            )
        return stored

    def tell(self, article: Article | None = None, **origin: object) -> tuple[Story, Change]:
        """Store an article, begin a story with it, and record the change."""
        with self.storage.transaction():
            stored = self.flag(article, **origin)  # type: ignore[arg-type]
            commit = self.storage.last_commit()
            story = self.storage.stories.add(
                stored,
                topics=("overseas-stations",),
                countries=("IE",),
                level="report",
                commit=commit,
            )
            change = self.storage.stories.add_change(
                story.id, stored.id, ChangeKind.FIRST_REPORT, commit=commit
            )
        return story, change

    def owe(self, number: int = 1, subscriber: str = "desk", channel: str = "email") -> str:
        """Tell a story and owe it; return the alert's id."""
        _, change = self.tell(make_article(number))
        alert_id = self.storage.outbox.add_alert(change, subscriber=subscriber, channel=channel)
        assert alert_id is not None
        return alert_id
