"""A backfill: archives → articles, matches and stories, all of them historic; resumes by itself.

    plan ─ units not yet covered ─ workers ─▶ ledger and found pages (one transaction a unit)
                                                 └─▶ final pass by (published, URL) ─ commit

Killed anywhere, the same command goes on: a unit is done or not, a found page waits or is stored.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Protocol
from urllib.parse import urlsplit

from monitor.commit import Arrival, Committed
from monitor.jobs.backfill_plan import Plan, make_asked, without_done
from monitor.jobs.watch import Progress, Watch, ignore_progress
from monitor.model import Outcome, Run, RunKind, Source, Story
from monitor.urls import site_of
from spiders.unit_pool import PoolSetup, UnitPool, UnitResult
from spiders.units import Flagged, Unit, UnitDone, UnitFailed, Wanted, pack_told, unpack_told
from storage.coverage import CoveredUnit, FoundPage

ARCHIVE = Source(id="archive", kind="section", url="", outlet="", enabled=False)
"""Where a page comes from whose site is none of the configured sources'."""


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
class Backfilled:
    """What one backfill came to.

    `covered` are all units covered for these rules and wishes, earlier runs' among them; `unseen`
    says what could not be read, and why.
    """

    run: Run
    stories: tuple[Story, ...]
    covered: tuple[CoveredUnit, ...]
    units: int
    skipped: int
    failed: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    deaths: int = 0
    committed: tuple[Committed, ...] = field(default_factory=tuple)


def backfill(  # noqa: PLR0913 - each is a thing of its own
    watch: Watch,
    plan: Plan,
    wanted: Wanted,
    *,
    setup: PoolSetup,
    rules_version: str,
    workers: int = 2,
    progress: Progress = ignore_progress,
    network: Network = NO_NETWORK,
    open_pool: PoolOpener = open_local_pool,
) -> Backfilled:
    """Read what is not covered yet, then form stories of all that was found.

    Raises StorageError when the database cannot be written; nothing is lost then.
    """
    storage = watch.storage
    storage.sources.sync((*watch.sources, ARCHIVE))
    asked = make_asked(rules_version, wanted, sieve=setup.sieve)
    done = storage.coverage.find_done(asked)
    rest = without_done(plan, done)
    for unfinished in storage.runs.find_unfinished():
        storage.runs.end(unfinished.id)  # its process was killed
    run = storage.runs.begin(RunKind.BACKFILL)
    left = network.gather(run.id)
    failed: list[str] = []
    finished = 0
    units = chain(rest.units, network.fetched(done))
    with open_pool(units, replace(setup, rules=rules_version), size=workers) as pool:
        for result in pool:
            finished += 1
            if isinstance(result.done, UnitFailed):
                failed.append(result.done.reason)
            else:
                keep_unit(watch, run.id, asked, result)
            keep_whole(
                watch,
                run.id,
                asked,
                network.ended(result.unit, isinstance(result.done, UnitFailed)),
            )
            progress(finished, max(finished, len(rest.units)))
    keep_whole(watch, run.id, asked, network.rest())
    committed = tuple(form(watch, run.id, progress))
    covered = storage.coverage.read_units(asked)
    return Backfilled(
        run=storage.runs.end(run.id),
        stories=tuple(_stories_of(watch, committed)),
        covered=covered,
        units=finished,
        skipped=len(plan.units) - len(rest.units),
        failed=(*plan.missing, *failed),
        unseen=tuple(_say_unseen(covered)),
        left=tuple(left),
        committed=committed,
    )


def keep_whole(watch: Watch, run_id: str, asked: str, names: Iterable[str]) -> None:
    """Write that whole files are covered, which are not fetched again then."""
    for name in names:
        watch.storage.coverage.finish(
            CoveredUnit(unit=name, asked=asked, run_id=run_id, kind="file")
        )


def keep_unit(watch: Watch, run_id: str, asked: str, result: UnitResult) -> None:
    """Write a unit's counts and what it found, in one transaction."""
    done = result.done
    assert isinstance(done, UnitDone)
    outcomes = {
        month: {outcome.value: n for outcome, n in counts.items() if outcome is not Outcome.NEW}
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
        ),
        [make_found(flagged, asked) for flagged in result.flagged],
    )


def make_found(flagged: Flagged, asked: str) -> FoundPage:
    """Return a flagged page as it waits; the same capture is the same wherever it was met."""
    prepared = flagged.prepared
    assert prepared.article is not None
    url = prepared.article.canonical_url
    key = hashlib.sha256(f"{url}\n{prepared.body_sha256}".encode()).hexdigest()
    return FoundPage(
        key=key,
        asked=asked,
        published=prepared.article.published or prepared.fetched_at,
        canonical_url=url,
        payload=zlib.compress(pack_told(flagged)),
    )


def form(watch: Watch, run_id: str, progress: Progress) -> Iterator[Committed]:
    """Commit what was found in the order (published, canonical URL), and yield what it came to.

    A page leaves the waiting ones behind its commit; killed between the two, it is known here.
    """
    by_site = sources_by_site(watch)
    total = watch.storage.coverage.count_found()
    for number, waiting in enumerate(watch.storage.coverage.iterate_found(), 1):
        flagged = unpack_told(zlib.decompress(waiting.payload))
        assert isinstance(flagged, Flagged)
        arrival = Arrival(
            prepared=flagged.prepared,
            run_id=run_id,
            source=find_source(flagged.prepared.final_url, by_site),
            body=flagged.body,
            headers=flagged.headers,
            historic=True,
        )
        latest = watch.storage.pages.find_latest(flagged.prepared.url)
        article_id = latest.article_id if latest else None
        if latest is None or latest.body_sha256 != flagged.prepared.body_sha256:
            committed = watch.committer.commit(arrival)
            article_id = committed.article_id
            yield committed
        with watch.storage.transaction():
            if article_id is not None:
                watch.storage.backfills.add_finding(waiting.asked, article_id)
            watch.storage.coverage.remove_found([waiting.key])
        progress(number, total)


def sources_by_site(watch: Watch) -> Mapping[str, Source]:
    """Return the first configured source of each site."""
    found: dict[str, Source] = {}
    for source in watch.sources:
        if site := site_of(source.url):
            found.setdefault(site, source)
    return found


def find_source(url: str, by_site: Mapping[str, Source]) -> Source:
    """Return the source whose site a page is of, or the archive with the page's host as outlet."""
    known = by_site.get(site_of(url) or "")
    return known or replace(ARCHIVE, outlet=urlsplit(url).hostname or url)


def _stories_of(watch: Watch, committed: tuple[Committed, ...]) -> Iterator[Story]:
    for story_id in dict.fromkeys(each.story_id for each in committed if each.story_id):
        yield watch.storage.stories.get(story_id)


def _say_unseen(units: tuple[CoveredUnit, ...]) -> Iterator[str]:
    for unit in units:
        for damage in unit.damages:
            yield f"{unit.unit}: {damage}"
