"""The service's part in a crawl: answer the child, keep what it says, commit what it prepared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

from monitor.commit import Arrival, Committed
from monitor.feeds.page_retry import BLOCKING, GiveUp, decide_page_retry
from monitor.feeds.schedule import decide_next_look
from monitor.jobs.feed_words import FeedWords, reaches
from monitor.jobs.fetching import Way, by_way, fetch_settings, pins_of
from monitor.jobs.offering import as_found, offered_entries
from monitor.jobs.older import OlderPages
from monitor.jobs.reading import Reading
from monitor.jobs.rolling import DRAIN_SECONDS, MOST_PAGES, Given, Roll
from monitor.jobs.watch import Progress, Watch
from monitor.log import get_logger
from monitor.model import (
    Level,
    Look,
    Outcome,
    PageRecord,
    PendingEntry,
    Prepared,
    SiteBlocks,
    Source,
    SourceState,
    Validators,
)
from monitor.urls import site_of
from spiders.crawl import CrawlChild, Lost, Said
from spiders.frames import Looked, PageFailed, PagePrepared, SourceTask

log = get_logger("crawl")

LOST_WAIT = timedelta(minutes=10)
"""An entry that was under way when its child was lost may be the reason; the others go first."""

CUT_OFF_TRIES = 2
"""A page that came incomplete is asked for once more before its part is taken for the whole."""


class Crawl:
    """One run's crawling: as many children as it takes, one after the other.

    `answered` are the entries that had an answer in this run, whatever it was.
    """

    def __init__(
        self,
        watch: Watch,
        run_id: str,
        *,
        progress: Progress,
        meanwhile: Callable[[], None] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._watch = watch
        self._run_id = run_id
        self._progress = progress
        self._between = meanwhile
        self._stop = stop
        self._network = watch.settings.network
        self._pins = pins_of(watch.sources)
        self._sources: dict[str, Source] = {}
        self._states: Mapping[str, SourceState] = {}
        self._kept_states: dict[str, SourceState] | None = None
        self._drained_at = float("inf")
        self._under_way: dict[str, PendingEntry] = {}
        self._reading = Reading(watch.storage)
        self._older = OlderPages(watch.storage)
        self._feed_words = FeedWords(watch.workers)
        self.answered: set[str] = set()
        self.committed: list[Committed] = []
        self.problems: list[str] = []
        self.failing: dict[str, str] = {}
        self.looked: set[str] = set()

    def look(self, sources: Sequence[Source], states: Mapping[str, SourceState]) -> None:
        """Look at `sources` in a child for each way out, and fetch what they offer."""
        self._states = states
        for way, batch in by_way(sources, self._network).items():
            self._run(way, batch, [self._look_task(source) for source in batch], {})

    def fetch(self, groups: Mapping[str, tuple[Source, Sequence[PendingEntry]]]) -> None:
        """Fetch pending entries in a child for each way out, without looking at their sources."""
        waiting = {key: entries for key, (_, entries) in groups.items()}
        sources = [source for source, _ in groups.values()]
        for way, batch in by_way(sources, self._network).items():
            tasks = [SourceTask(source=source, look=False) for source in batch]
            self._run(way, batch, tasks, {source.id: waiting[source.id] for source in batch})

    def roll(self, way: Way, states: dict[str, SourceState], roll: Roll, first: Given) -> None:
        """Crawl `first` and what joins by and by, until `roll` gives no more.

        Keeps `states` up to date. What is still under way at its end is left for the next crawl.
        """
        self._states = self._kept_states = states
        self._drained_at = float("inf")
        self._under_way.clear()  # what another way's end left is with no child
        roll.answered = self.answered
        waiting = [first]

        def between() -> None:
            given = waiting.pop() if waiting else self._next(child, roll)
            if given is None:
                self._drained_at = self._watch.clock.monotonic() + DRAIN_SECONDS
                child.finish()
            else:
                self._join(child, given)

        child = self._make_child(way, (), between)
        with child:
            for message in child:
                self._handle(child, message)
        self._reading.write()

    def _next(self, child: CrawlChild, roll: Roll) -> Given | None:
        return roll.give(child.under_way, looking=child.looking, pages=len(self._under_way))

    def _join(self, child: CrawlChild, given: Given) -> None:
        sources = [*given.due, *(source for source, _ in given.pending.values())]
        self._sources.update((source.id, source) for source in sources)
        looks = [self._look_task(source) for source in given.due]
        others = [SourceTask(source=source, look=False) for source, _ in given.pending.values()]
        child.add([*looks, *others])
        for source, entries in given.pending.values():
            self._ask(child, source.id, entries)

    def _look_task(self, source: Source) -> SourceTask:
        return SourceTask(source=source, validators=validators_of(self._states.get(source.id)))

    def _run(
        self,
        way: Way,
        sources: Sequence[Source],
        tasks: Sequence[SourceTask],
        waiting: Mapping[str, Sequence[PendingEntry]],
    ) -> None:
        if self._stop():
            return
        self._sources.update((source.id, source) for source in sources)
        child = self._make_child(way, tasks)
        with child:
            for source_id, entries in waiting.items():
                self._ask(child, source_id, entries)
            for message in child:
                self._handle(child, message)
        self._reading.write()

    def _make_child(
        self, way: Way, tasks: Sequence[SourceTask], between: Callable[[], None] | None = None
    ) -> CrawlChild:
        workers = self._watch.workers()
        self._older.forget()
        child = CrawlChild(
            tasks,
            workers=workers,
            settings=fetch_settings(self._network, way=way, pins=self._pins, data=self._watch.data),
            rules_version=workers.rules_version,
            robots=self._watch.robots,
            meanwhile=lambda: self._meanwhile(child),
            between=between,
        )
        return child

    def _meanwhile(self, child: CrawlChild) -> None:
        if self._is_cut_off():
            child.stop("its time is over")
        if self._between is not None:
            self._between()

    def _handle(self, child: CrawlChild, message: Said) -> None:
        match message:
            case Looked(look=look):
                self._offer(child, look)
            case PagePrepared():
                self._end_prepared(message)
            case PageFailed():
                self._end_failed(message)
            case Lost():
                self._note_lost(message)
            case _:
                if problem := getattr(message, "problem", None):
                    self.problems.append(problem)
        self._progress(len(self.answered), len(self.answered) + len(self._under_way))

    def _offer(self, child: CrawlChild, page: Look) -> None:
        """Keep entries, validators and rhythm in one transaction, and ask for what is pending.

        Before that, pages of older entries are read where entries may have passed unseen: kept is
        all of it or nothing, so that whatever ends the crawl the next look does it again.
        """
        source, storage = self._sources[page.source_id], self._watch.storage
        state = self._states.get(source.id)
        gathered = self._older.gather(page, state.rhythm if state else None, source)
        if gathered.read_on is not None:
            child.read_on(source.id, gathered.read_on)
            return
        look = gathered.look
        self.looked.add(source.id)
        now = self._watch.clock.now()
        with storage.transaction():
            offered = storage.sources.offer(look, offered_entries(look), run_id=self._run_id)
            following = decide_next_look(
                source,
                state.rhythm if state else None,
                look,
                new=offered.new,
                now=now,
                chance=self._watch.chance(),
            )
            storage.sources.keep_rhythm(source.id, gathered.note(following.rhythm))
            if gathered.given_up:
                storage.runs.count_suppressed(
                    self._run_id,
                    "pages of older entries that could not be read",
                    source_id=source.id,
                )
            if offered.refused:
                storage.runs.count_suppressed(
                    self._run_id,
                    "entries without an address that can be used",
                    source_id=source.id,
                    times=offered.refused,
                )
        if self._kept_states is not None:
            self._kept_states[source.id] = storage.sources.get_state(source.id)
        if look.problem is not None:
            log.info("source has a problem", source=source.id, problem=look.problem)
            if not look.entries:
                self.failing[source.id] = look.problem
        full = len(self._under_way) >= MOST_PAGES  # then it stays pending until there is room
        pending = [entry for entry in offered.pending if entry.id not in self.answered]
        self._ask(child, source.id, [] if full else pending)

    def _ask(self, child: CrawlChild, source_id: str, entries: Sequence[PendingEntry]) -> None:
        fresh = [entry for entry in entries if entry.id not in self._under_way]
        self._under_way.update((entry.id, entry) for entry in fresh)
        child.fetch(
            source_id,
            fresh,
            blocks=self._read_blocks(fresh),
            validators=self._read_validators(fresh),
        )

    def _read_blocks(self, entries: Iterable[PendingEntry]) -> list[SiteBlocks]:
        sites = dict.fromkeys(site_of(entry.entry.url) for entry in entries)
        snapshots = [self._watch.storage.blocks.get_snapshot(site) for site in sites if site]
        return [snapshot for snapshot in snapshots if snapshot.repeated]

    def _read_validators(self, entries: Iterable[PendingEntry]) -> dict[str, Validators]:
        """Return what makes the fetch of a page seen before conditional."""
        known: dict[str, Validators] = {}
        for entry in entries:
            page = self._watch.storage.pages.find_latest(entry.entry.url)
            if page is not None and page.outcome is not Outcome.FETCH_FAILED:
                known[entry.id] = page.validators
        return known

    def _take(self, entry_id: str) -> PendingEntry | None:
        self.answered.add(entry_id)
        return self._under_way.pop(entry_id, None)

    def _end_prepared(self, message: PagePrepared) -> None:
        entry = self._take(message.entry_id)
        if message.truncated and entry is not None and entry.attempts + 1 < CUT_OFF_TRIES:
            self._try_later(entry, status=message.prepared.status, retry_after=None, blocked="")
            return
        self._commit(message.prepared, message, entry)

    def _commit(
        self, prepared: Prepared, message: PagePrepared, entry: PendingEntry | None
    ) -> None:
        committed = self._watch.committer.commit(
            Arrival(
                prepared=prepared,
                run_id=self._run_id,
                source=as_found(self._sources[message.source_id], entry, prepared),
                entry_id=message.entry_id,
                validators=message.validators,
                body=message.body,
                headers=message.headers,
            )
        )
        self._reading.add(message.source_id, prepared)
        if committed.article_id is not None:
            self.committed.append(committed)

    def _end_failed(self, message: PageFailed) -> None:
        entry = self._take(message.entry_id)
        if not message.asked:
            return  # the page was never asked for: pending as it was, and no try
        if message.retry and entry is not None:
            self._try_later(
                entry,
                status=message.status,
                retry_after=message.retry_after,
                blocked=message.reason,
            )
            return
        outcome = message.outcome or Outcome.FETCH_FAILED
        self._end(message, outcome, message.reason)

    def _try_later(
        self, entry: PendingEntry, *, status: int | None, retry_after: int | None, blocked: str
    ) -> None:
        now = self._watch.clock.now()
        decision = decide_page_retry(
            entry.attempts + 1,
            status,
            retry_after=retry_after,
            now=now,
            chance=self._watch.chance(),
        )
        if not isinstance(decision, GiveUp):
            if (
                status in BLOCKING
                and entry.attempts == 0
                and self._commit_what_the_feed_says(entry, status, blocked, least=Level.REPORT)
            ):
                return
            self._watch.storage.entries.mark_tried(
                entry.id, at=now, next_try_at=decision.at, reason=blocked or decision.reason
            )
            return
        if decision.blocked and self._commit_what_the_feed_says(entry, status, decision.reason):
            return
        failed = PageFailed(
            source_id=entry.source_id,
            entry_id=entry.id,
            url=entry.entry.url,
            reason=decision.reason,
            status=status,
        )
        self._end(failed, decision.outcome, f"{decision.reason}: {blocked}")

    def _commit_what_the_feed_says(
        self,
        entry: PendingEntry,
        status: int | None,
        reason: str,
        *,
        least: Level = Level.MENTION,
    ) -> bool:
        """Match what the feed says of a page that is there but not for us; False without a match.

        The page ends as fetch failed where nothing matches, so that it is never "no match".
        At the first refusal only a report is taken at once: for less, the page may still open.
        """
        prepared = self._feed_words.prepare(entry, status, now=self._watch.clock.now())
        if prepared is None or not reaches(prepared, least):
            return False
        log.info("matched on what the feed says", url=entry.entry.url, reason=reason)
        said = PagePrepared(source_id=entry.source_id, entry_id=entry.id, prepared=prepared)
        self._commit(prepared, said, entry)
        return True

    def close(self) -> None:
        """End the worker that read what feeds say of blocked pages, if one was needed."""
        self._feed_words.close()

    def _end(self, message: PageFailed, outcome: Outcome, reason: str) -> None:
        self._watch.storage.pages.add(
            PageRecord(
                run_id=self._run_id,
                source_id=message.source_id,
                entry_id=message.entry_id,
                url=message.url,
                fetched_at=self._watch.clock.now(),
                outcome=outcome,
                status=message.status,
                reason=reason,
            )
        )

    def _is_cut_off(self) -> bool:
        return self._stop() or self._watch.clock.monotonic() >= self._drained_at

    def _note_lost(self, lost: Lost) -> None:
        """Put off what was under way: one of these pages may have cost the child its life."""
        if self._is_cut_off():
            return  # what was under way is pending as it was
        self.problems.append(f"a crawl was lost: {lost.reason}")
        now = self._watch.clock.now()
        for entry_id in lost.entries:
            if self._take(entry_id) is not None:
                self._watch.storage.entries.mark_tried(
                    entry_id, at=now, next_try_at=now + LOST_WAIT, reason=lost.reason
                )


def validators_of(state: SourceState | None) -> Validators:
    """Return what makes the look at a source conditional."""
    return state.validators if state is not None else Validators()
