"""What a page comes to, given all that is known: stored, grouped and owed in one transaction.

    Prepared ─ known? ─ article ─ matches ─ story ─ change ─ alerts ─ the page's outcome

Evidence (bytes on the disk) and the text of a page without a match are written before the
transaction: what a crash leaves of them harms nobody, and is written again.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.alerts.route import ArticleFacts, Route, Verdict, decide_route
from monitor.clock import Clock
from monitor.evidence.store import EvidenceStore
from monitor.model import (
    Analysis,
    Article,
    Change,
    ChangeKind,
    Fingerprint,
    Header,
    JoinEvidence,
    Kept,
    Level,
    Origin,
    Outcome,
    PageRecord,
    Prepared,
    Source,
    StoredArticle,
    StoredText,
    Story,
    Subscriber,
    Validators,
)
from monitor.stories.decide import Kind, Placement, decide_placement
from monitor.urls import site_of
from storage.database import Storage


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One prepared page with where it came from.

    `body` and `headers` are what came over the wire; they are needed only where something matched.
    `historic` is set by a backfill or a rematch: stored and grouped, but nobody is alerted.
    """

    prepared: Prepared
    run_id: str
    source: Source
    entry_id: str | None = None
    validators: Validators = field(default_factory=Validators)
    body: bytes | None = None
    headers: tuple[Header, ...] = ()
    historic: bool = False


@dataclass(frozen=True, kw_only=True)
class Committed:
    """What became of one page; `routes` say for each subscriber what was done, and why."""

    outcome: Outcome
    article_id: str | None = None
    story_id: str | None = None
    change: ChangeKind | None = None
    routes: tuple[tuple[str, Route], ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Found:
    """An arrival whose page is an article that matches something."""

    arrival: Arrival
    article: Article
    analysis: Analysis
    fingerprint: Fingerprint
    level: Level


class Committer:
    """Write prepared pages, one transaction each.

    `silent_topics` are those that alert nobody who does not ask for them by name.
    """

    def __init__(
        self,
        storage: Storage,
        evidence: EvidenceStore,
        *,
        subscribers: Sequence[Subscriber],
        silent_topics: frozenset[str],
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._evidence = evidence
        self._subscribers = tuple(subscribers)
        self._silent = silent_topics
        self._clock = clock

    def commit(self, arrival: Arrival) -> Committed:
        """Store what `arrival` came to, with the alerts it owes, or nothing of it.

        Raises StorageError (the disk is full, above all) with nothing written; the page's entry is
        then still pending, and is fetched again.
        """
        found = find_article(arrival)
        if found is None:
            return self._end_without_article(arrival)
        if not found.analysis.matches and not self._is_known(found):
            return self._end_without_match(found)
        return self._commit_found(found)

    def _end_without_article(self, arrival: Arrival) -> Committed:
        outcome = arrival.prepared.outcome or Outcome.EXTRACTION_FAILED
        self._storage.pages.add(record_page(arrival, outcome))
        return Committed(outcome=outcome)

    def _is_known(self, found: _Found) -> bool:
        return self._storage.articles.find_by_url(found.article.canonical_url) is not None

    def _end_without_match(self, found: _Found) -> Committed:
        """Keep the text for later keywords, in the database beside the main one."""
        prepared = found.arrival.prepared
        self._storage.texts.add(
            StoredText(
                id=str(uuid.uuid4()),
                article=found.article,
                fetched_at=prepared.fetched_at,
                source_id=found.arrival.source.id,
                text_hash=found.fingerprint.text_hash,
                body_sha256=prepared.body_sha256,
                rules_version=prepared.rules_version,
            )
        )
        with self._storage.transaction():
            self._storage.pages.add(record_page(found.arrival, Outcome.NO_MATCH))
            self._count_blocks(found)
        return Committed(outcome=Outcome.NO_MATCH)

    def _count_blocks(self, found: _Found) -> None:
        """Count the blocks of a page not seen before: what many pages of a site share is no news.

        A page counted twice would make its own paragraphs look like furniture.
        """
        site = site_of(found.article.canonical_url)
        self._storage.blocks.count(site, found.arrival.prepared.blocks)

    def _commit_found(self, found: _Found) -> Committed:
        kept = self._keep_evidence(found.arrival)
        with self._storage.transaction():
            placement = self._place(found)
            committed = self._write(found, placement, kept)
            self._storage.pages.add(
                record_page(found.arrival, committed.outcome, article_id=committed.article_id)
            )
            if committed.outcome is Outcome.NEW:
                self._count_blocks(found)
        if kept is not None:
            after = self._evidence.last_recorded()
            self._evidence.record_links(self._storage.evidence.read_links(after=after))
        return committed

    def _keep_evidence(self, arrival: Arrival) -> Kept | None:
        if arrival.body is None:
            return None
        return self._evidence.keep(
            arrival.body,
            headers=arrival.headers,
            url=arrival.prepared.final_url,
            fetched_at=arrival.prepared.fetched_at,
        )

    def _place(self, found: _Found) -> Placement:
        articles = self._storage.articles
        return decide_placement(
            found.article,
            found.fingerprint,
            by_url=articles.find_by_url(found.article.canonical_url),
            by_text=articles.find_by_text_hash(found.fingerprint.text_hash),
        )

    def _write(self, found: _Found, placement: Placement, kept: Kept | None) -> Committed:
        known = placement.of
        if placement.kind is Kind.UNCHANGED and known is not None:
            return self._write_unchanged(found, known)
        commit = self._storage.next_commit(found.arrival.run_id)
        origin = self._make_origin(found, commit, kept)
        if placement.kind is Kind.UPDATED and known is not None:
            return self._write_version(found, known, origin)
        stored = self._storage.articles.add(found.article, found.fingerprint, origin)
        self._add_matches(found, stored, commit)
        if placement.kind is Kind.COPY and known is not None and placement.evidence is not None:
            return self._write_copy(found, stored, known, placement.evidence, commit)
        story = self._begin_story(found, stored, commit)
        return self._speak(found, story, stored, ChangeKind.FIRST_REPORT, commit)

    def _write_unchanged(self, found: _Found, known: StoredArticle) -> Committed:
        """Say nothing again, unless a historic article is met live for the first time."""
        if not known.historic or found.arrival.historic:
            return Committed(outcome=Outcome.UNCHANGED, article_id=known.id)
        commit = self._storage.next_commit(found.arrival.run_id)
        origin = self._make_origin(found, commit, None)
        stored = self._storage.articles.add_version(
            known.id, found.article, fingerprint=found.fingerprint, origin=origin
        )
        self._add_matches(found, stored, commit)
        return self._speak_again(found, stored, Outcome.UNCHANGED, commit)

    def _write_version(self, found: _Found, known: StoredArticle, origin: Origin) -> Committed:
        """Keep a changed article as a new version; it speaks when it only now became a report."""
        before = self._storage.matches.find(known.id)
        stored = self._storage.articles.add_version(
            known.id, found.article, fingerprint=found.fingerprint, origin=origin
        )
        self._add_matches(found, stored, origin.commit)
        was_report = any(match.level is Level.REPORT for match in before)
        if (found.level is Level.REPORT and not was_report) or known.historic:
            return self._speak_again(found, stored, Outcome.UPDATED, origin.commit)
        return Committed(outcome=Outcome.UPDATED, article_id=known.id)

    def _write_copy(
        self,
        found: _Found,
        stored: StoredArticle,
        known: StoredArticle,
        evidence: JoinEvidence,
        commit: int,
    ) -> Committed:
        story = self._storage.stories.find_by_article(known.id)
        if story is None:
            story = self._begin_story(found, stored, commit)
            return self._speak(found, story, stored, ChangeKind.FIRST_REPORT, commit)
        joined = self._storage.stories.join(
            story.id,
            stored,
            evidence=evidence,
            commit=commit,
            topics=topics_of(found.analysis),
            countries=found.analysis.countries,
            level=found.level,
        )
        if story.historic and not found.arrival.historic:
            spoken = self._speak(found, joined, stored, ChangeKind.FIRST_REPORT, commit)
            return Committed(
                outcome=Outcome.DUPLICATE,
                article_id=stored.id,
                story_id=joined.id,
                change=spoken.change,
                routes=spoken.routes,
            )
        return Committed(outcome=Outcome.DUPLICATE, article_id=stored.id, story_id=joined.id)

    def _begin_story(self, found: _Found, stored: StoredArticle, commit: int) -> Story:
        return self._storage.stories.add(
            stored,
            topics=topics_of(found.analysis),
            countries=found.analysis.countries,
            level=found.level,
            commit=commit,
        )

    def _speak_again(
        self, found: _Found, stored: StoredArticle, outcome: Outcome, commit: int
    ) -> Committed:
        story = self._storage.stories.find_by_article(stored.id)
        if story is None:
            story = self._begin_story(found, stored, commit)
        spoken = self._speak(found, story, stored, ChangeKind.FIRST_REPORT, commit)
        return Committed(
            outcome=outcome,
            article_id=stored.id,
            story_id=story.id,
            change=spoken.change,
            routes=spoken.routes,
        )

    def _speak(
        self, found: _Found, story: Story, stored: StoredArticle, kind: ChangeKind, commit: int
    ) -> Committed:
        """Add the change and the alerts owed for it, in the transaction that stores the match."""
        change = self._storage.stories.add_change(story.id, stored.id, kind, commit=commit)
        routes = tuple(
            (subscriber.name, self._route(found, story, change, subscriber))
            for subscriber in self._subscribers
        )
        return Committed(
            outcome=Outcome.NEW,
            article_id=stored.id,
            story_id=story.id,
            change=kind,
            routes=routes,
        )

    def _route(self, found: _Found, story: Story, change: Change, subscriber: Subscriber) -> Route:
        route = decide_route(
            change,
            story,
            found.analysis.matches,
            facts=ArticleFacts(
                language=found.article.language,
                countries=found.analysis.countries,
                historic=found.arrival.historic,
                silent_topics=self._silent,
            ),
            subscriber=subscriber,
            now=self._clock.now(),
        )
        if route.verdict is Verdict.SEND:
            self._storage.outbox.add_alert(
                change,
                subscriber=subscriber.name,
                channel=subscriber.channel.kind,
                not_before=route.send_at,
            )
        return route

    def _add_matches(self, found: _Found, stored: StoredArticle, commit: int) -> None:
        prepared = found.arrival.prepared
        self._storage.matches.add(
            stored,
            found.analysis,
            commit=commit,
            rules_version=prepared.rules_version,
            blocks_version=prepared.blocks_version,
        )

    def _make_origin(self, found: _Found, commit: int, kept: Kept | None) -> Origin:
        arrival, source = found.arrival, found.arrival.source
        link = self._storage.evidence.append(kept) if kept is not None else None
        return Origin(
            run_id=arrival.run_id,
            commit=commit,
            fetched_at=arrival.prepared.fetched_at,
            outlet=source.outlet,
            source_id=source.id,
            country=source.country,
            publisher=source.publisher,
            historic=arrival.historic,
            body_sha256=arrival.prepared.body_sha256,
            evidence=link.seq if link is not None else None,
            rules_version=arrival.prepared.rules_version,
            blocks_version=arrival.prepared.blocks_version,
        )


def find_article(arrival: Arrival) -> _Found | None:
    """Return the article in `arrival` with all that belongs to it, or None where there is none."""
    prepared = arrival.prepared
    if prepared.outcome is not None:
        return None
    if prepared.article is None or prepared.analysis is None or prepared.fingerprint is None:
        return None
    levels = {match.level for match in prepared.analysis.matches}
    return _Found(
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
