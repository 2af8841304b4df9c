"""A backfill reads archives, in a database of its own beside the main one; resumes by itself.

    plan ─ units not yet covered ─ workers ─▶ ledger and found pages (one transaction a unit)
                                                 └─▶ parcel ─ who writes ─▶ stories, historic

Killed anywhere, the same command goes on: a unit is done or not.  What becomes of the parcel stands
in `backfill_parcels.py`.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Protocol

from monitor.jobs.backfill_plan import Plan, make_asked, name_damaged, without_done
from monitor.jobs.backfill_side import Side
from monitor.jobs.backfill_summary import file_of
from monitor.jobs.watch import Progress, Watch, ignore_progress
from monitor.model import Outcome, Run, RunKind, Story
from spiders.unit_pool import PoolSetup, UnitPool, UnitResult
from spiders.units import Flagged, Unit, UnitDone, UnitFailed, Wanted, pack_told
from storage.coverage import FOUND, CoveredUnit, FoundPage


@dataclass(frozen=True, kw_only=True)
class Network:
    """What a backfill reads beside files that are there.

    `gather` asks for lists and pages, for the run of an id, and says what was left; `fetched` gives
    the units of files that come while others are read, without those that are done; `ended` hears
    of each, and whether it failed, and names the units that stand for whole files that are covered;
    `rest` names those that no unit's end did.
    """

    gather: Callable[[str], Iterable[str]] = lambda _run_id: ()
    fetched: Callable[[frozenset[str]], Iterable[Unit]] = lambda _done: ()
    ended: Callable[[Unit, bool], Iterable[str]] = lambda _unit, _failed: ()
    rest: Callable[[], Iterable[str]] = lambda: ()


NO_NETWORK = Network()


class PoolOpener(Protocol):
    """What puts units to work: here, or on a cluster."""

    def __call__(
        self, units: Iterable[Unit], setup: PoolSetup, *, size: int
    ) -> AbstractContextManager[Iterable[UnitResult]]:
        """Return a pool over the units, to be entered and iterated over once."""
        ...


def open_local_pool(
    units: Iterable[Unit], setup: PoolSetup, *, size: int
) -> AbstractContextManager[Iterable[UnitResult]]:
    """Return so many workers of this machine."""
    return UnitPool(units, setup, size=size)


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """What one run has read: parts of files, those covered before, and what failed or was left.

    `files` are those that the parts are of; `failed` counts parts, `unread` says of what is missing
    or failed what it is, and why.
    `unfiltered` says why workers had no filter, where one was wanted; `paths` where each file lies,
    by its name, size and beginning; `gone` what earlier runs could not read, and is there no more.
    """

    run_id: str
    files: int = 0
    units: int = 0
    skipped: int = 0
    failed: int = 0
    unread: tuple[tuple[str, str], ...] = ()
    left: tuple[str, ...] = ()
    unfiltered: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    paths: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Backfilled:
    """What one backfill came to, once its pages are in stories."""

    run: Run
    stories: tuple[Story, ...]
    gathered: Gathered


def gather(  # noqa: PLR0913 - each is a thing of its own
    side: Side,
    plan: Plan,
    wanted: Wanted,
    *,
    setup: Callable[[], PoolSetup],
    rules_version: str,
    workers: int = 2,
    progress: Progress = ignore_progress,
    network: Network = NO_NETWORK,
    open_pool: PoolOpener = open_local_pool,
) -> Gathered:
    """Read what is not covered yet, and keep what was found for the one who writes.

    `setup` is called when the first part of a file is there, and not at all where there is none.
    Raises StorageError when the database cannot be written; nothing is lost then.
    """
    watch = side.watch
    asked = make_asked(rules_version, wanted)
    done = find_done(side, asked)
    rest = without_done(plan, done)
    for unfinished in watch.storage.runs.find_unfinished():
        watch.storage.runs.end(unfinished.id)  # its process was killed
    run = watch.storage.runs.begin(RunKind.BACKFILL)
    left = network.gather(run.id)
    failed: list[tuple[str, str]] = []
    unfiltered: dict[str, None] = {}
    finished = 0
    paths = {file_of(unit.name): unit.path for unit in plan.units}
    local = frozenset(paths.values())
    units = chain(rest.units, network.fetched(done))
    with open_when_needed(units, setup, rules_version, open_pool, workers) as pool:
        for result in pool:
            finished += 1
            paths[file_of(result.unit.name)] = result.unit.path
            is_failed = isinstance(result.done, UnitFailed)
            if isinstance(result.done, UnitFailed):
                failed.append((result.unit.path, result.done.reason))
            else:
                if result.done.damaged and result.unit.path in local:
                    keep_whole(watch, run.id, asked, filter(None, [name_damaged(result.unit)]))
                keep_unit(watch, run.id, asked, result)
                unfiltered |= dict.fromkeys(filter(None, [result.done.unfiltered]))
            keep_whole(watch, run.id, asked, network.ended(result.unit, is_failed))
            progress(finished, max(finished, len(rest.units)))
    keep_whole(watch, run.id, asked, network.rest())
    watch.storage.runs.end(run.id)
    return Gathered(
        run_id=run.id,
        files=len(set(paths.values())),
        paths=paths,
        units=finished,
        skipped=len(plan.units) - len(rest.units),
        failed=len(failed),
        unread=(*plan.missing, *failed),
        left=tuple(left),
        unfiltered=tuple(unfiltered),
    )


@contextmanager
def open_when_needed(
    units: Iterator[Unit],
    setup: Callable[[], PoolSetup],
    rules_version: str,
    open_pool: PoolOpener,
    size: int,
) -> Iterator[Iterable[UnitResult]]:
    """Yield a pool over the units once the first of them is there; without one, no pool."""
    first = next(units, None)
    if first is None:
        yield ()
        return
    with open_pool(chain([first], units), replace(setup(), rules=rules_version), size=size) as pool:
        yield pool


def find_done(side: Side, asked: str) -> frozenset[str]:
    """Return the units that are covered for what is asked, here or in the main database."""
    known = side.known.coverage.find_done(asked)
    return side.watch.storage.coverage.find_done(asked) | known


def keep_whole(watch: Watch, run_id: str, asked: str, names: Iterable[str]) -> None:
    """Write what is known of whole files: fetched and covered, or damaged as they were read."""
    for name in names:
        watch.storage.coverage.finish(
            CoveredUnit(unit=name, asked=asked, run_id=run_id, kind="file")
        )


def keep_unit(watch: Watch, run_id: str, asked: str, result: UnitResult) -> None:
    """Write a unit's counts and what it found, in one transaction."""
    done = result.done
    assert isinstance(done, UnitDone)
    outcomes = {
        month: {FOUND if each is Outcome.NEW else each.value: n for each, n in counts.items()}
        for month, counts in done.outcomes.items()
    }
    unseen = dict(done.skipped) | {f"flagged, but {why}": n for why, n in done.unwanted.items()}
    if done.damaged:
        unseen["damaged"] = done.damaged
    watch.storage.coverage.finish(
        CoveredUnit(
            unit=result.unit.name,
            asked=asked,
            run_id=run_id,
            kind="warc",
            records=done.records,
            outcomes=outcomes,
            sites=done.sites,
            ends={
                site: {
                    month: {outcome.value: pages for outcome, pages in counts.items()}
                    for month, counts in months.items()
                }
                for site, months in done.ends.items()
            },
            unseen=unseen,
            damages=done.damages,
            path=result.unit.path,
        ),
        [make_found(flagged, asked) for flagged in result.flagged],
        done.left_out,
    )


def make_found(flagged: Flagged, asked: str) -> FoundPage:
    """Return a flagged page as it waits.

    The same capture is the same wherever it was met, but for whoever asked for something else.
    """
    prepared = flagged.prepared
    assert prepared.article is not None
    url = prepared.article.canonical_url
    key = hashlib.sha256(f"{url}\n{prepared.body_sha256}\n{asked}".encode()).hexdigest()
    return FoundPage(
        key=key,
        asked=asked,
        published=prepared.article.published or prepared.fetched_at,
        canonical_url=url,
        payload=zlib.compress(pack_told(flagged)),
    )


def read_result(main: Watch, gathered: Gathered) -> Backfilled:
    """Return what a backfill came to, from the main database."""
    stories = main.storage.parcels.find_stories(gathered.run_id)
    return Backfilled(
        run=main.storage.runs.get(gathered.run_id),
        stories=tuple(main.storage.stories.get(each) for each in stories),
        gathered=gathered,
    )
