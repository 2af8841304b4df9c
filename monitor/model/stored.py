"""What storage is told and tells, beyond the values that the other rooms make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from monitor.model.digest import DigestPeriod
from monitor.model.matches import Match
from monitor.model.pages import Article, Outcome
from monitor.model.sources import Entry, PendingEntry, SourceRhythm, Validators


@dataclass(frozen=True, kw_only=True)
class SourceState:
    """What is remembered of a source between two looks.

    `rhythm` is as the schedule last made it, None before that.
    `failures` and `not_modified` count looks in a row; `failing_since` is None while it works.
    `last_offered` and `last_new` are of the last look that could be read (a 304 leaves them).
    `removed_at` is when it left the configuration; its past is kept.
    """

    source_id: str
    added_at: datetime
    validators: Validators = field(default_factory=Validators)
    rhythm: SourceRhythm | None = None
    looks: int = 0
    looked_at: datetime | None = None
    succeeded_at: datetime | None = None
    new_entry_at: datetime | None = None
    failing_since: datetime | None = None
    failures: int = 0
    not_modified: int = 0
    problem: str | None = None
    status: int | None = None
    moved_to: str | None = None
    moved_times: int = 0
    last_offered: int = 0
    last_new: int = 0
    removed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class OfferedEntry:
    """One entry of a look with what it is known by.

    `key` is the canonical URL: an entry with it is the same one, whichever source offers it.
    `aliases` are further keys within this source (its GUID, its content), each unlike those of the
    other entries of the look; an entry with any of them is the same one. All are short texts.
    """

    entry: Entry
    key: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SourceChanges:
    """What a configuration changed in the list of sources, by id."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LookRecord:
    """One look as remembered, with what came of it."""

    source_id: str
    run_id: str | None
    looked_at: datetime
    status: int | None
    problem: str | None
    not_modified: bool
    salvaged: bool
    offered: int
    new: int
    changed: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class Offered:
    """What became of the entries of one look.

    `new` were never seen; `known` were; `changed` of the known ones say something else than before
    and are pending again; `repeated` stood in the look more than once; `refused` could not be
    stored (no key, an address of over 8,192 characters, broken text).
    `pending` is what this source has to fetch now, oldest first, older entries included;
    `pending_left` counts those beyond the limit.
    """

    new: int = 0
    known: int = 0
    changed: int = 0
    repeated: int = 0
    refused: int = 0
    pending: tuple[PendingEntry, ...] = ()
    pending_left: int = 0


@dataclass(frozen=True, kw_only=True)
class PageRecord:
    """How one page ended: the row that the ledger counts.

    `status` is None when no answer came; `body_sha256` is of the bytes as received.
    `entry_id` is None for a page that no source offered.
    """

    run_id: str
    source_id: str | None
    url: str
    fetched_at: datetime
    outcome: Outcome
    entry_id: str | None = None
    final_url: str | None = None
    status: int | None = None
    reason: str | None = None
    body_sha256: str | None = None
    body_bytes: int = 0
    article_id: str | None = None
    validators: Validators = field(default_factory=Validators)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a stored version of an article came from.

    `outlet`, `country` and `publisher` are the source's, as they stood then.
    `historic` says that a backfill or rematch found it.
    `evidence` is its number in the chain of kept bytes, if they are kept.
    """

    run_id: str
    commit: int
    fetched_at: datetime
    outlet: str
    source_id: str | None = None
    country: str | None = None
    publisher: str | None = None
    historic: bool = False
    body_sha256: str | None = None
    evidence: int | None = None
    rules_version: str = ""
    blocks_version: int = 0


@dataclass(frozen=True, kw_only=True)
class StoredArticle:
    """An article in its newest version.

    `article.canonical_url` is the one it was first stored under; `version` counts from 1.
    """

    id: str
    article: Article
    version: int
    text_hash: str
    first_seen: datetime
    fetched_at: datetime
    outlet: str
    source_id: str | None = None
    country: str | None = None
    publisher: str | None = None
    historic: bool = False
    body_sha256: str | None = None
    evidence: int | None = None
    rules_version: str = ""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An article that shares kept shingle hashes with a text: a near-duplicate, perhaps.

    `shared` counts the hashes both have; `kept` all those stored for the article.
    """

    article_id: str
    shared: int
    kept: int


@dataclass(frozen=True, kw_only=True)
class StoredText:
    """The article of a page that matched nothing, kept for later keywords."""

    id: str
    article: Article
    fetched_at: datetime
    source_id: str | None = None
    text_hash: str = ""
    body_sha256: str | None = None
    rules_version: str = ""


@dataclass(frozen=True, kw_only=True)
class LeftOutPage:
    """A page that a backfill flagged and left out, and what of what was asked it is outside of.

    `origin` names the file and record that it lies in, where it was not fetched.
    """

    url: str
    canonical_url: str
    title: str
    why: str
    published: datetime | None = None
    language: str | None = None
    origin: str = ""


@dataclass(frozen=True, kw_only=True)
class StoryFilter:
    """Which stories or articles are asked for; None and empty mean all.

    `since` and `until` bound when a story was first seen (`until` is excluded), `published_since`
    and `published_until` when an article of it was published, or had where that is not known.
    `historic` None means both.
    """

    since: datetime | None = None
    until: datetime | None = None
    published_since: datetime | None = None
    published_until: datetime | None = None
    topics: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    historic: bool | None = None
    limit: int | None = None


@dataclass(frozen=True, kw_only=True)
class ExportRow:
    """One article in one topic, with everything a researcher asks for.

    `countries` are the host countries that the text names; `outlet_country` is the outlet's own.
    `passage` is the first one of the best rule.
    """

    story_id: str
    story_title: str
    article_id: str
    version: int
    url: str
    canonical_url: str
    title: str
    author: str | None
    outlet: str
    publisher: str | None
    source_id: str | None
    outlet_country: str | None
    countries: tuple[str, ...]
    language: str | None
    published: datetime | None
    published_precision: str | None
    modified: datetime | None
    first_seen: datetime
    topic: str
    level: str
    score: float
    report_at: float
    rules: tuple[str, ...]
    tags: tuple[str, ...]
    passage: str
    passages: tuple[str, ...]
    historic: bool
    weak: bool
    method: str
    body_sha256: str | None
    rules_version: str


@dataclass(frozen=True, kw_only=True)
class SearchHit:
    """One article that holds what was searched for; offsets are found on the original outside."""

    article_id: str
    story_id: str | None
    title: str
    text: str
    url: str
    outlet: str
    country: str | None
    language: str | None
    published: datetime | None
    first_seen: datetime
    historic: bool


@dataclass(frozen=True, kw_only=True)
class FlaggedArticle:
    """An article with its matches, as a digest or a page shows it."""

    stored: StoredArticle
    matches: tuple[Match, ...]
    countries: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DigestRow:
    """What one digest covers: every commit after `after_commit` up to `to_commit`, both known.

    `created` is True for the call that made it, False when it stood already.
    """

    id: str
    subscriber: str
    period: DigestPeriod
    local_date: date
    after_commit: int
    to_commit: int
    created_at: datetime
    created: bool = False


@dataclass(frozen=True, kw_only=True)
class OwedDigest:
    """One digest owed over one channel; `id` is the idempotency key that every retry carries."""

    id: str
    subscriber: str
    channel: str
    digest: DigestRow
    created_at: datetime
    attempts: int = 0
    first_attempt_at: datetime | None = None
    next_try_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class OutboxCounts:
    """How the outbox stands; `oldest_owed` is when the oldest unsent message was made."""

    owed: int = 0
    claimed: int = 0
    delivered: int = 0
    dead: int = 0
    oldest_owed: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class DayLedger:
    """One UTC day: pages by outcome, and what was suppressed by reason.

    `outcomes` are those of the watch, `backfilled` those of pages that backfills read.
    """

    day: date
    outcomes: Mapping[Outcome, int]
    suppressed: Mapping[str, int]
    backfilled: Mapping[Outcome, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StorageHealth:
    """What `status` says of the database; each `…_problem` is None or one sentence with its cure.

    Sizes are in bytes. `mended` counts values from outside that had to be cleaned to be stored.
    """

    database_bytes: int
    texts_bytes: int
    wal_bytes: int
    free_bytes: int
    sqlite_version: str
    schema: int
    mended: int = 0
    disk_problem: str | None = None
    wal_problem: str | None = None
    sqlite_problem: str | None = None
    rights_problem: str | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """Return every problem there is, the most urgent first."""
        found = (self.disk_problem, self.wal_problem, self.rights_problem, self.sqlite_problem)
        return tuple(problem for problem in found if problem)
