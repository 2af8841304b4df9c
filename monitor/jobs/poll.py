"""One poll: look at sources, fetch what they offer, commit what it comes to.

    due sources ─▶ crawl child ─Looked─▶ offer (entries pending, validators kept: one transaction)
                             ◀─Fetch── what is pending
                             ─PagePrepared─▶ commit (one transaction each)
                             ─PageFailed──▶ try again later, or an outcome

Whatever ends the child or the program, an entry without an outcome is still pending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass

from monitor.commit import Committed
from monitor.feeds.schedule import is_due
from monitor.jobs.crawl import Crawl
from monitor.jobs.rolling import Roll, ways_of
from monitor.jobs.watch import Progress, Watch, ignore_progress
from monitor.model import PendingEntry, Run, RunKind, Source, SourceState

BATCH = 250
"""Sources to one child: starting it costs a second, and one that hangs holds only its batch."""

ROUNDS = 50
"""Children one after the other for entries beyond the first thousand of a source."""


@dataclass(frozen=True, kw_only=True)
class Polled:
    """One poll with its counts, and what each page with an article came to.

    `failing` are sources that could not be read, with the reason, which is daily life; `problems`
    are for a person.
    """

    run: Run
    committed: tuple[Committed, ...]
    failing: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


Choose = Callable[[Source, SourceState | None], bool]


def poll(
    watch: Watch,
    *,
    choose: Choose | None = None,
    progress: Progress = ignore_progress,
    meanwhile: Callable[[], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Polled:
    """Look at every source that is due, or that `choose` takes, and fetch all that is pending.

    `meanwhile` is called several times a second; when `stop` says so, the crawl ends early, and
    what it leaves is pending.
    Raises StorageError when the database cannot be written; nothing is lost then.
    """
    run = begin_run(watch)
    crawl = Crawl(watch, run.id, progress=progress, meanwhile=meanwhile, stop=stop)
    states = watch.storage.sources.read_states()
    take = choose or (lambda source, state: due_by_rhythm(source, state, watch))
    due = [source for source in watch.sources if take(source, states.get(source.id))]
    with closing(crawl):
        for batch in cut(due, BATCH):
            if not stop():
                crawl.look(batch, states)
        fetch_pending(watch, crawl, stop)
    return end_run(watch, run, crawl, asked=len(due))


def poll_on(
    watch: Watch,
    *,
    meanwhile: Callable[[], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    over: Callable[[], bool] = lambda: False,
) -> Polled:
    """Look at sources as they come due, for some minutes, and fetch what is pending meanwhile.

    When `over` says so nothing more is begun; when `stop` says so, what is under way is left.
    Raises StorageError when the database cannot be written; nothing is lost then.
    """
    run = begin_run(watch)
    crawl = Crawl(watch, run.id, progress=ignore_progress, meanwhile=meanwhile, stop=stop)
    states = watch.storage.sources.read_states()
    ways = ways_of(watch)
    with closing(crawl):
        for way in ways:
            roll = Roll(watch, way, states, alone=len(ways) == 1, over=lambda: stop() or over())
            if first := roll.give(()):
                crawl.roll(way, states, roll, first)
    return end_run(watch, run, crawl, asked=len(crawl.looked))


def begin_run(watch: Watch) -> Run:
    """Begin a poll; one that was killed is ended, what it left is pending."""
    watch.storage.sources.sync(watch.sources)
    for unfinished in watch.storage.runs.find_unfinished():
        watch.storage.runs.end(unfinished.id)
    return watch.storage.runs.begin(RunKind.POLL)


def end_run(watch: Watch, run: Run, crawl: Crawl, *, asked: int) -> Polled:
    """End a poll that asked so many sources, and say what it came to."""
    problems = list(crawl.problems)
    if asked and len(crawl.failing) == asked:
        problems.append(f"none of the {asked} sources could be read: is there a network?")
    return Polled(
        run=watch.storage.runs.end(run.id),
        committed=tuple(crawl.committed),
        failing=tuple(f"{key}: {why}" for key, why in crawl.failing.items()),
        problems=tuple(problems),
    )


def fetch_pending(watch: Watch, crawl: Crawl, stop: Callable[[], bool]) -> None:
    """Fetch what is pending from earlier runs, and beyond what one look fetches."""
    sources = {source.id: source for source in watch.sources}
    for _ in range(ROUNDS):
        pending = watch.storage.entries.find_pending(
            watch.clock.now(), sources=sources.keys(), limit=5000
        )
        fresh = [entry for entry in pending if entry.id not in crawl.answered]
        if not fresh or stop():
            return
        crawl.fetch(group(fresh, sources))


def due_by_rhythm(source: Source, state: SourceState | None, watch: Watch) -> bool:
    """Say whether the schedule wants a look at `source` now."""
    return is_due(source, state.rhythm if state else None, watch.clock.now())


def due_when_asked(source: Source, state: SourceState | None, watch: Watch) -> bool:
    """Say whether a person who asks now gets a look at `source`.

    Its own rhythm does not hold it back then; a server's wish, `every` and backoff do.
    """
    if state is None or state.rhythm is None:
        return source.enabled
    stopped = state.rhythm.stopped is not None
    if stopped or source.every is not None or state.failures or state.status in {429, 503}:
        return due_by_rhythm(source, state, watch)
    return source.enabled


def group(
    entries: Iterable[PendingEntry], sources: dict[str, Source]
) -> dict[str, tuple[Source, list[PendingEntry]]]:
    """Return pending entries by the source that offered them."""
    groups: dict[str, tuple[Source, list[PendingEntry]]] = {}
    for entry in entries:
        groups.setdefault(entry.source_id, (sources[entry.source_id], []))[1].append(entry)
    return groups


def cut(sources: Sequence[Source], size: int) -> Iterable[Sequence[Source]]:
    """Yield `sources` in runs of `size`."""
    for start in range(0, len(sources), size):
        yield sources[start : start + size]
