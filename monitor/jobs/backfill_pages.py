"""The pages of one crawl child: what comes is kept at once, what fails is judged at the end."""

from __future__ import annotations

import base64
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from monitor.jobs.backfill import make_found
from monitor.jobs.backfill_errand import Errand, NetworkPlan
from monitor.jobs.fetching import by_way
from monitor.model import Entry, Outcome, PendingEntry, Prepared, Source
from spiders.crawl import CrawlChild, Lost
from spiders.frames import PageFailed, PagePrepared, SourceTask
from spiders.leases import ASKED_TO_WAIT, GAVE_WAY
from spiders.units import Flagged, Wanted, leave_out
from storage.archive_entries import UNWANTED, ArchiveEntry, EntryEnd

PAGE_BYTES = "page bytes"
FOUND = "found"
"""Of a page that was flagged and is wanted; commit says whether it is new."""

NOT_SILENT = frozenset({GAVE_WAY, ASKED_TO_WAIT})
"""Why a page was not had of a site that answers."""


def ask_pages(errand: Errand, due: Sequence[ArchiveEntry], *, replay: bool) -> None:
    """Ask for pages, in a child for each way out, and keep what each came to."""
    groups: dict[str, list[ArchiveEntry]] = {}
    for entry in due:
        groups.setdefault(entry.source_id, []).append(entry)
    sources = {key: errand.source_of(key, some[0].url) for key, some in groups.items()}
    keys = {source.id: key for key, source in sources.items()}
    for way, batch in by_way(sources.values(), errand.watch.settings.network).items():
        tasks = [SourceTask(source=source, look=False) for source in batch]
        some = {keys[source.id]: groups[keys[source.id]] for source in batch}
        PageBatch(errand, some, sources).run(errand.start(tasks, way, replay=replay))


class PageBatch:
    """The pages of one child, by source."""

    def __init__(
        self,
        errand: Errand,
        groups: Mapping[str, Sequence[ArchiveEntry]],
        sources: Mapping[str, Source],
    ) -> None:
        self._errand = errand
        self._entries = errand.watch.storage.archive_entries
        self._groups = groups
        self._sources = sources
        self._waiting = {entry.key: entry for some in groups.values() for entry in some}
        self._failed: list[tuple[ArchiveEntry, PageFailed]] = []
        self._answered: Counter[str] = Counter()

    def run(self, child: CrawlChild) -> None:
        """Fetch, and give every page its end or its next try."""
        reason = "the crawl gave no answer for it"
        with child:
            for key, entries in self._groups.items():
                source_id = self._sources[key].id
                child.fetch(source_id, [pending(entry, source_id) for entry in entries])
            for message in child:
                if isinstance(message, PagePrepared):
                    self._end_prepared(message)
                elif isinstance(message, PageFailed):
                    self._note(message)
                elif isinstance(message, Lost):
                    reason = f"the crawl was lost: {message.reason}"
        self._lose(reason)
        self._judge()

    def _end_prepared(self, message: PagePrepared) -> None:
        errand, entry = self._errand, self._waiting.pop(message.entry_id, None)
        if entry is None:
            return
        self._answered[entry.source_id] += 1
        errand.requests[entry.source_id] += 1
        errand.reach.note_end(None)
        if message.truncated and entry.attempts == 0:
            at = errand.later(0, None)
            self._entries.put_off(
                errand.plan.asked, entry.key, at, "it came incomplete", tried=True
            )
            return
        end = end_page(entry, message, errand.plan)
        with errand.watch.storage.transaction():
            self._entries.finish(errand.plan.asked, errand.run_id, [end])
            errand.watch.storage.backfills.add_cost(PAGE_BYTES, message.size)
        tell_pages(errand, "pages")

    def _note(self, message: PageFailed) -> None:
        entry = self._waiting.pop(message.entry_id, None)
        if entry is not None:
            self._failed.append((entry, message))
            self._errand.requests[entry.source_id] += message.asked
            if message.asked or message.retry_after is None:
                self._errand.reach.note_end(message.reason)
            answered = message.status is not None or not message.retry
            self._answered[entry.source_id] += answered or message.reason in NOT_SILENT

    def _lose(self, reason: str) -> None:
        """Try again, so many times: one of these pages may have cost the child its life."""
        for entry in () if self._errand.stop() else tuple(self._waiting.values()):
            self._answered[entry.source_id] += 1  # so that it counts as a try
            self._note(
                PageFailed(
                    source_id=entry.source_id,
                    entry_id=entry.key,
                    url=entry.url,
                    reason=reason,
                    retry=True,
                )
            )

    def _judge(self) -> None:
        failed = Counter(entry.source_id for entry, _ in self._failed)
        for source_id in self._groups:
            if self._answered[source_id]:
                self._errand.silent[source_id] = 0
            elif failed[source_id]:
                self._errand.note_silence(source_id)
        for entry, message in self._failed:
            self._end_failed(entry, message)

    def _end_failed(self, entry: ArchiveEntry, failed: PageFailed) -> None:
        """Try again later, or end; no page is given up while its whole source is silent."""
        errand, waits = self._errand, self._errand.plan.patience.waits
        silent = not self._answered[entry.source_id]
        if failed.retry and (silent or not failed.asked or entry.attempts < len(waits)):
            if failed.asked or failed.retry_after is not None:
                at = errand.later(entry.attempts, failed.retry_after)
                tried = failed.asked and not silent
                self._entries.put_off(errand.plan.asked, entry.key, at, failed.reason, tried=tried)
            return  # out of its turn: due again at once
        outcome = failed.outcome or Outcome.FETCH_FAILED
        end = EntryEnd(key=entry.key, outcome=outcome, counted=outcome, reason=failed.reason[:300])
        self._entries.finish(errand.plan.asked, errand.run_id, [end])
        tell_pages(errand, "pages")


def tell_pages(errand: Errand, what: str) -> None:
    """Say how many pages have come to their end."""
    counts = errand.watch.storage.archive_entries.count(errand.plan.asked)
    errand.tell(what, counts.done, counts.todo + counts.done)


def pending(entry: ArchiveEntry, source_id: str) -> PendingEntry:
    """Return a page as a crawl child takes it."""
    told = Entry(url=entry.url, published=entry.published)
    return PendingEntry(id=entry.key, source_id=source_id, entry=told, attempts=entry.attempts)


def end_page(entry: ArchiveEntry, message: PagePrepared, plan: NetworkPlan) -> EntryEnd:
    """Return what a prepared page comes to: ruled out, no match, outside of what was asked, or new.

    It counts in the month of its article, or else in the one that its list says.
    """
    prepared = message.prepared
    article = prepared.article
    moment = (article.published if article else None) or entry.dated or prepared.fetched_at
    month = f"{moment:%Y-%m}"
    matched = bool(prepared.analysis and prepared.analysis.matches)
    why = why_not(entry, prepared, plan.wanted) if matched else None
    if matched and why is None:
        flagged = flag(prepared, message)
        found = make_found(flagged, plan.asked)
        return EntryEnd(key=entry.key, outcome=FOUND, counted=None, month=month, found=found)
    outcome = prepared.outcome or Outcome.NO_MATCH
    return EntryEnd(
        key=entry.key,
        outcome=outcome if why is None else UNWANTED,
        counted=outcome if why is None else Outcome.LEFT_OUT,
        month=month,
        reason=why,
        left_out=leave_out(prepared, why) if why is not None else None,
    )


def why_not(entry: ArchiveEntry, prepared: Prepared, wanted: Wanted) -> str | None:
    """Return why a flagged page is outside of what was asked, or None where it is not.

    An article without a date of its own is not judged by the period: its list has left out what
    cannot be of it, and today, when it was fetched, is no date of it.
    """
    undated = prepared.article is not None and prepared.article.published is None
    if undated and not entry.replay:
        wanted = replace(wanted, since=None, until=None)
    return wanted.has(prepared)


def flag(prepared: Prepared, message: PagePrepared) -> Flagged:
    """Return a flagged page as it waits for its story."""
    packed = base64.b64encode(zlib.compress(message.body or b"", 1)).decode("ascii")
    return Flagged(prepared=prepared, headers=message.headers, packed=packed)
