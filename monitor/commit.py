"""What a page comes to, given all that is known: stored, grouped and owed in one transaction.

    Prepared ─ known? ─ article ─ matches ─ story ─ change ─ alerts ─ the page's outcome

Evidence (bytes on the disk) and the text of a page without a match are written before the
transaction: what a crash leaves of them harms nobody, and is written again.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

from monitor.arrival import (
    Arrival,
    Committed,
    Found,
    find_article,
    record_page,
    topics_of,
)
from monitor.clock import Clock
from monitor.evidence.store import EvidenceStore
from monitor.grouping import Grouper, judge_report
from monitor.model import (
    ChangeKind,
    JoinEvidence,
    Kept,
    Level,
    Origin,
    Outcome,
    StoredArticle,
    StoredText,
    Story,
    Subscriber,
)
from monitor.purged import end_purged
from monitor.stories.changes import ChangeDecision, Joining, decide_change
from monitor.stories.choose import Choice
from monitor.stories.decide import Kind, Placement
from monitor.stories.versions import Version
from monitor.telling import Teller
from monitor.urls import site_of
from storage.database import Storage

__all__ = ["Arrival", "Committed", "Committer", "find_article", "record_page", "topics_of"]


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
        self._teller = Teller(
            storage, subscribers=subscribers, silent_topics=silent_topics, clock=clock
        )
        self._grouper = Grouper(storage)

    def commit(self, arrival: Arrival) -> Committed:
        """Store what `arrival` came to, with the alerts it owes, or nothing of it.

        Several may be stored together in a transaction around them (`record_links` comes behind).
        Raises StorageError (the disk is full, above all) with nothing written; the page's entry is
        then still pending, and is fetched again.
        """
        found = find_article(arrival)
        if found is None:
            return self._end_without_article(arrival)
        if self._storage.purges.is_purged(found.article.canonical_url):
            return end_purged(self._storage, arrival)
        if not found.analysis.matches and not self._is_known(found):
            return self._end_without_match(found)
        return self._commit_found(found)

    def _end_without_article(self, arrival: Arrival) -> Committed:
        outcome = arrival.prepared.outcome or Outcome.EXTRACTION_FAILED
        self._storage.pages.add(record_page(arrival, outcome))
        return Committed(outcome=outcome)

    def _is_known(self, found: Found) -> bool:
        return self._storage.articles.find_by_url(found.article.canonical_url) is not None

    def _end_without_match(self, found: Found) -> Committed:
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
        self._storage.pages.add(record_page(found.arrival, Outcome.NO_MATCH))
        return Committed(outcome=Outcome.NO_MATCH)

    def _commit_found(self, found: Found) -> Committed:
        placement = self._place(found)  # which writes nothing, and nobody else writes
        kept = None if self._is_heard(found, placement) else self._keep_evidence(found.arrival)
        with self._storage.transaction():
            committed = self._write(found, placement, kept)
            self._storage.pages.add(
                record_page(found.arrival, committed.outcome, article_id=committed.article_id)
            )
            self._storage.blocks.count(
                site_of(found.article.canonical_url), found.arrival.prepared.blocks
            )
        if kept is not None:
            self.record_links()
        return committed

    def record_links(self) -> None:
        """Write the chain's new links beside the database, once they are committed.

        Inside a transaction of the caller nothing is written: who ends it calls this again.
        """
        if not self._storage.in_transaction:
            after = self._evidence.last_recorded()
            self._evidence.record_links(self._storage.evidence.read_links(after=after))

    def _is_heard(self, found: Found, placement: Placement) -> bool:
        """Say whether a page says nothing that is not kept: no link would speak of its bytes."""
        known = placement.of
        if placement.kind is not Kind.UNCHANGED or known is None:
            return False
        return not self._is_met_live(found, known)

    def _keep_evidence(self, arrival: Arrival) -> Kept | None:
        if arrival.body is None:
            return None
        return self._evidence.keep(
            arrival.body,
            headers=arrival.headers,
            url=arrival.prepared.final_url,
            fetched_at=arrival.prepared.fetched_at,
        )

    def _place(self, found: Found) -> Placement:
        """Decide what the article is; a page that only dropped out of the topic is none of it."""
        return self._grouper.place(
            found.article,
            found.analysis,
            found.fingerprint,
            seen_at=None if found.arrival.historic else found.arrival.prepared.fetched_at,
            features=found.arrival.features,
        )

    def _write(self, found: Found, placement: Placement, kept: Kept | None) -> Committed:
        known = placement.of
        if placement.kind is Kind.UNCHANGED and known is not None:
            return self._write_unchanged(found, known, placement, kept)
        commit = self._storage.next_commit(found.arrival.run_id)
        origin = self._make_origin(found, commit, kept)
        if placement.kind is Kind.UPDATED and known is not None:
            return self._write_version(found, known, placement, origin)
        stored = self._storage.articles.add(found.article, found.fingerprint, origin)
        self._add_matches(found, stored, commit)
        self._grouper.keep(stored.id, placement)
        story = self._find_story(placement)
        if story is None:
            return self._write_new(found, stored, placement, commit)
        return self._write_joining(found, stored, story, placement, commit)

    def _find_story(self, placement: Placement) -> Story | None:
        if placement.kind is Kind.EVENT and placement.story_id is not None:
            return self._storage.stories.get(placement.story_id)
        if placement.kind is Kind.COPY and placement.of is not None:
            return self._storage.stories.find_by_article(placement.of.id)
        return None

    def _write_new(
        self, found: Found, stored: StoredArticle, placement: Placement, commit: int
    ) -> Committed:
        story = self._begin_story(found, stored, placement, commit)
        if placement.probably is not None:
            self._list_weakly(stored, placement.probably, commit)
        decision = decide_change(None, self._joining(found, placement, independent=True))
        return self._teller.tell(found, story, stored, decision, commit)

    def _list_weakly(self, stored: StoredArticle, choice: Choice, commit: int) -> None:
        """Show the article under a story that probably tells of the same; it suppresses nothing."""
        self._storage.stories.join(
            choice.story_id, stored, evidence=choice.evidence, commit=commit, weak=True
        )

    def _write_joining(
        self, found: Found, stored: StoredArticle, story: Story, placement: Placement, commit: int
    ) -> Committed:
        """Add the article to its story, and say what is new; what is not is counted with why."""
        source = found.arrival.source
        independent, agency = judge_report(
            found.article,
            placement,
            story.articles,
            publisher=source.publisher,
            outlet=source.outlet,
        )
        decision = decide_change(
            story,
            self._joining(found, placement, independent=independent),
            members=[m.features for m in self._storage.grouping.read_story(story.id)],
            told=[change.kind for change in self._storage.stories.changes_of(story.id)],
        )
        joined = self._storage.stories.join(
            story.id,
            stored,
            evidence=placement.evidence or JoinEvidence(kind="same event"),
            commit=commit,
            topics=topics_of(found.analysis),
            countries=found.analysis.countries,
            level=found.level,
        )
        self._storage.grouping.attribute(stored.id, independent=independent, agency=agency)
        spoken = self._teller.tell(found, joined, stored, decision, commit)
        copied = placement.kind is Kind.COPY
        return replace(spoken, outcome=Outcome.DUPLICATE if copied else Outcome.NEW)

    def _joining(self, found: Found, placement: Placement, *, independent: bool) -> Joining:
        copied = placement.kind is Kind.COPY and placement.of is not None
        return Joining(
            level=found.level,
            historic=found.arrival.historic,
            countries=found.analysis.countries,
            independent=independent,
            copy_of=placement.of.article.url if copied and placement.of is not None else None,
            features=placement.features,
        )

    def _write_unchanged(
        self, found: Found, known: StoredArticle, placement: Placement, kept: Kept | None
    ) -> Committed:
        """Say nothing again, unless a historic article is met live for the first time."""
        if not self._is_met_live(found, known):
            return Committed(
                outcome=Outcome.UNCHANGED,
                article_id=known.id,
                reason=placement.version.note if placement.version else "",
            )
        commit = self._storage.next_commit(found.arrival.run_id)
        origin = self._make_origin(found, commit, kept)
        stored = self._storage.articles.add_version(
            known.id, found.article, fingerprint=found.fingerprint, origin=origin
        )
        self._add_matches(found, stored, commit)
        live = ChangeDecision(
            kind=ChangeKind.FIRST_REPORT, reason="met live after a backfill had found it"
        )
        return self._speak_again(found, stored, placement, live, Outcome.UNCHANGED)

    def _is_met_live(self, found: Found, known: StoredArticle) -> bool:
        """Say whether a story that only a backfill has told of is met live for the first time."""
        if found.arrival.historic or not known.historic:
            return False
        story = self._storage.stories.find_by_article(known.id)
        return story is None or story.historic

    def _write_version(
        self, found: Found, known: StoredArticle, placement: Placement, origin: Origin
    ) -> Committed:
        """Keep a changed article as a new version; it speaks when it is a report only now.

        Or when it was corrected, or met live for the first time.
        """
        before = self._storage.matches.find(known.id)
        stored = self._storage.articles.add_version(
            known.id, found.article, fingerprint=found.fingerprint, origin=origin
        )
        self._add_matches(found, stored, origin.commit)
        self._grouper.keep(stored.id, placement)
        note = placement.version.note if placement.version else ""
        self._storage.grouping.add_note(stored.id, stored.version, note)
        was_report = any(match.level is Level.REPORT for match in before)
        decision = ChangeDecision(kind=None, reason=note)
        if (found.level is Level.REPORT and not was_report) or self._is_met_live(found, known):
            decision = ChangeDecision(
                kind=ChangeKind.FIRST_REPORT,
                reason="its new version is a report for the first time",
            )
        elif placement.version is not None and placement.version.kind is Version.CORRECTED:
            decision = ChangeDecision(kind=ChangeKind.CORRECTION, reason=note)
        if decision.kind is None or (was_report and not found.analysis.matches):
            return Committed(outcome=Outcome.UPDATED, article_id=known.id, reason=note)
        return self._speak_again(found, stored, placement, decision, Outcome.UPDATED)

    def _begin_story(
        self, found: Found, stored: StoredArticle, placement: Placement, commit: int
    ) -> Story:
        _, agency = judge_report(
            found.article, placement, (), publisher=stored.publisher, outlet=stored.outlet
        )
        story = self._storage.stories.add(
            stored,
            topics=topics_of(found.analysis),
            countries=found.analysis.countries,
            level=found.level,
            commit=commit,
        )
        self._storage.grouping.attribute(stored.id, independent=True, agency=agency)
        return story

    def _speak_again(
        self,
        found: Found,
        stored: StoredArticle,
        placement: Placement,
        decision: ChangeDecision,
        outcome: Outcome,
    ) -> Committed:
        commit = self._storage.last_commit()
        story = self._storage.stories.find_by_article(stored.id)
        if story is None:
            story = self._begin_story(found, stored, placement, commit)
        if story.historic and not found.arrival.historic:
            self._storage.grouping.mark_live(story.id)
        spoken = self._teller.tell(found, story, stored, decision, commit)
        return replace(spoken, outcome=outcome)

    def _add_matches(self, found: Found, stored: StoredArticle, commit: int) -> None:
        prepared = found.arrival.prepared
        self._storage.matches.add(
            stored,
            found.analysis,
            commit=commit,
            rules_version=prepared.rules_version,
            blocks_version=prepared.blocks_version,
        )

    def _make_origin(self, found: Found, commit: int, kept: Kept | None) -> Origin:
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
