"""A real commit on a real database, fed with texts: what one article after another comes to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from monitor.commit import Arrival, Committed, Committer
from monitor.evidence.store import EvidenceStore
from monitor.match.matcher import Matcher
from monitor.model import Article, Change, FolderChannel, Prepared, RunKind, Story, Subscriber
from monitor.stories.fingerprint import make_fingerprint
from storage.database import Storage
from tests.storage.building import NOON, HeldClock, make_source

STATION = "An office at 12 Quay Street in Dublin called itself an overseas Chinese police station."


@dataclass
class Newsroom:
    """Commit articles one by one; what is not said of one is filled in."""

    storage: Storage
    clock: HeldClock
    matcher: Matcher
    folder: Path
    subscribers: Sequence[Subscriber] = ()
    committed: list[Committed] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sources: dict[str, object] = {}
        self.run_id = self.storage.runs.begin(RunKind.POLL).id
        if not self.subscribers:
            self.subscribers = (
                Subscriber(name="desk", channel=FolderChannel(path="out"), time_zone="UTC"),
            )
        self.committer = Committer(
            self.storage,
            EvidenceStore(self.folder / "evidence"),
            subscribers=self.subscribers,
            silent_topics=frozenset(),
            clock=self.clock,
        )

    def tell(
        self,
        title: str,
        text: str,
        *,
        outlet: str = "daily",
        language: str = "en",
        url: str | None = None,
        published: datetime | None = NOON,
        historic: bool = False,
        author: str | None = None,
    ) -> Committed:
        """Commit one article of an outlet, whose publisher is the outlet itself."""
        self.sources[outlet] = make_source(outlet, publisher=None)
        self.storage.sources.sync(list(self.sources.values()))  # type: ignore[arg-type]
        name = hashlib.sha256(f"{title}{text}".encode()).hexdigest()[:12]
        address = url or f"https://{outlet}.example/{name}"
        article = Article(
            url=address,
            canonical_url=address,
            title=title,
            text=text,
            author=author,
            language=language,
            published=published,
        )
        prepared = Prepared(
            url=address,
            final_url=address,
            fetched_at=self.clock.now(),
            status=200,
            body_sha256="ab" * 32,
            article=article,
            analysis=self.matcher.match(title, text, language=language),
            fingerprint=make_fingerprint(title, text),
            rules_version="rules-1",
        )
        done = self.committer.commit(
            Arrival(
                prepared=prepared,
                run_id=self.run_id,
                source=self.sources[outlet],  # type: ignore[arg-type]
                historic=historic,
            )
        )
        self.committed.append(done)
        self.clock.move(seconds=60)
        return done

    def story(self, done: Committed) -> Story:
        """Return the story that an article came into, as it stands now."""
        assert done.article_id is not None
        story = self.storage.stories.find_by_article(done.article_id)
        assert story is not None
        return story

    def changes(self, story: Story) -> list[str]:
        """Return what made a story speak, in order."""
        changes: Sequence[Change] = self.storage.stories.changes_of(story.id)
        return [change.kind.value for change in changes]


def days(count: float) -> datetime:
    """Return a moment so many days after the clock's first one."""
    return NOON + timedelta(days=count)
