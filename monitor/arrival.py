"""What commit is given and what it answers: one prepared page, and what became of it; pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.alerts.route import Route
from monitor.model import (
    Analysis,
    Article,
    ChangeKind,
    Fingerprint,
    Header,
    Level,
    Outcome,
    PageRecord,
    Prepared,
    Source,
    Validators,
)
from monitor.model.grouping import StoryFeatures


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One prepared page with where it came from.

    `body` and `headers` are what came over the wire; they are needed only where something matched.
    `historic` is set by a backfill or a rematch: stored and grouped, but nobody is alerted.
    `features` are what the article is held against others by, where a worker has found them.
    """

    prepared: Prepared
    run_id: str
    source: Source
    entry_id: str | None = None
    validators: Validators = field(default_factory=Validators)
    body: bytes | None = None
    headers: tuple[Header, ...] = ()
    historic: bool = False
    features: StoryFeatures | None = None


@dataclass(frozen=True, kw_only=True)
class Committed:
    """What became of one page; `routes` say for each subscriber what was done, and why.

    `reason` says why the story spoke, or why it had nothing to say.
    """

    outcome: Outcome
    article_id: str | None = None
    story_id: str | None = None
    change: ChangeKind | None = None
    routes: tuple[tuple[str, Route], ...] = ()
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """An arrival whose page is an article that matches something."""

    arrival: Arrival
    article: Article
    analysis: Analysis
    fingerprint: Fingerprint
    level: Level


def find_article(arrival: Arrival) -> Found | None:
    """Return the article in `arrival` with all that belongs to it, or None where there is none."""
    prepared = arrival.prepared
    if prepared.outcome is not None:
        return None
    if prepared.article is None or prepared.analysis is None or prepared.fingerprint is None:
        return None
    levels = {match.level for match in prepared.analysis.matches}
    return Found(
        arrival=arrival,
        article=prepared.article,
        analysis=prepared.analysis,
        fingerprint=prepared.fingerprint,
        level=Level.REPORT if Level.REPORT in levels else Level.MENTION,
    )


def topics_of(analysis: Analysis) -> tuple[str, ...]:
    """Return the topics that matched, the strongest first."""
    ordered = sorted(
        analysis.matches, key=lambda match: (match.level is not Level.REPORT, -match.score)
    )
    return tuple(dict.fromkeys(match.topic for match in ordered))


def record_page(arrival: Arrival, outcome: Outcome, *, article_id: str | None = None) -> PageRecord:
    """Return the row that the ledger counts."""
    prepared = arrival.prepared
    return PageRecord(
        run_id=arrival.run_id,
        source_id=arrival.source.id,
        entry_id=arrival.entry_id,
        url=prepared.url,
        final_url=prepared.final_url,
        fetched_at=prepared.fetched_at,
        outcome=outcome,
        status=prepared.status,
        reason=prepared.reason,
        body_sha256=prepared.body_sha256,
        body_bytes=len(arrival.body) if arrival.body is not None else 0,
        article_id=article_id,
        validators=arrival.validators,
    )
