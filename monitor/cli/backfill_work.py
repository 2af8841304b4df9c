"""What `backfill` does: opens what its job needs, runs it, and has its result handed over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.cli.backfill_files import download_setup, find_files
from monitor.cli.backfill_job import Job
from monitor.cli.backfill_own_filter import OwnFilter, find_why_unfiltered, open_both
from monitor.cli.backfill_show import (
    as_document,
    damage_lines,
    gap_lines,
    show_done,
    show_estimate,
    tell_unfiltered,
)
from monitor.cli.backfill_sites import name_sites, say_only
from monitor.cli.backfill_wishes import (
    describe,
    name_files,
    name_inputs,
    say_period,
)
from monitor.cli.output import Output
from monitor.errors import StorageError, UsageError

if TYPE_CHECKING:
    from monitor.jobs.backfill import Gathered, PoolOpener
    from monitor.jobs.backfill_dry import Estimate
    from monitor.jobs.backfill_errand import NetworkPlan
    from monitor.jobs.backfill_files import Plans
    from monitor.jobs.backfill_plan import Plan
    from monitor.jobs.backfill_side import Side
    from monitor.jobs.backfill_unread import Unread
    from monitor.render.backfill import BackfillReport
    from spiders.archive_download import DownloadSetup
    from spiders.reach import Reach, Say
    from spiders.unit_pool import PoolSetup

    Tell = Callable[[str, int, int], None]

DOWNLOADS = "backfill"
"""Where in the data files from elsewhere are kept while they are read."""


@contextmanager
def _show_progress(out: Output, job: Job) -> Iterator[Tell]:
    from monitor.cli.watch import set_up

    set_up(job.configuration.settings, quiet=True)
    with out.progress("parts of archives") as bar:
        yield lambda what, n, m: bar.update(done=n, total=m, what=what)


def _hand_over(job: Job, tell: Tell) -> None:
    from monitor.jobs.backfill_parcels import hand_over
    from monitor.wiring import open_watch

    hand_over(job.data, lambda: open_watch(job.data, job.configuration), tell)


def estimate(out: Output, job: Job) -> int:
    """Read the lists and no page, and say what the rest would cost; return the exit status."""
    from monitor.jobs.backfill_dry import Estimate, estimate_files, estimate_sizes
    from monitor.jobs.backfill_files import whole_name
    from monitor.jobs.backfill_plan import plan_files, without_done
    from monitor.wiring import lock_backfill, open_side
    from spiders.reach import Reach

    reach = Reach(say=_say(out))
    why = find_why_unfiltered(job)
    setup = download_setup(job.configuration, reach)
    files = find_files(job.wishes, job.configuration, job.data / DOWNLOADS, setup)
    whole = plan_files(files.paths)
    done = _find_done_before(job)
    plan = without_done(whole, done)
    files = replace(
        files, addresses=tuple(url for url in files.addresses if whole_name(url) not in done)
    )
    elsewhere, sizes = estimate_sizes(len(files.addresses), _ask_sizes(files, setup))
    size = plan.bytes + elsewhere
    found = Estimate(
        files=len({unit.path for unit in whole.units}) + len(files.addresses),
        parts=len(whole.units),
        parts_before=len(whole.units) - len(plan.units),
        file_bytes=size,
        file_hours=estimate_files(size, workers=job.workers, filtered=job.sieve and why is None),
        file_sizes=sizes,
    )
    lists, gaps = 0, list[str]()
    if not job.inputs.is_empty:
        with _show_progress(out, job) as tell, lock_backfill(job.data):
            _hand_over(job, tell)
            with open_side(job.data, job.configuration) as side:
                found, lists, gaps = _estimate_network(job, side, found, tell, reach)
    found = replace(found, offline=reach.is_offline)
    missing = _lines((*plan.missing, *files.missing))
    note = say_only(name_sites(job.wishes, job.configuration)) if found.files else ""
    show_estimate(out, found, missing=missing, lists=lists, gaps=gaps, unfiltered=why, note=note)
    return 1 if missing or found.offline else 0


def _ask_sizes(files: Plans, setup: DownloadSetup) -> list[int | None]:
    """Return the sizes of some of the files elsewhere; asked for once more if nobody answered."""
    from monitor.jobs.backfill_dry import choose_asked
    from spiders.archive_download import find_size

    sizes: list[int | None] = []

    def ask() -> None:
        sizes[:] = (find_size(url, setup) for url in choose_asked(files.addresses))

    ask()
    setup.reach.gives_up(ask, seconds=setup.recheck, sleep=time.sleep)
    return sizes


def _find_done_before(job: Job) -> frozenset[str]:
    """Return what is covered for these wishes, here or by a backfill that was stopped."""
    from monitor.jobs.backfill_plan import make_asked
    from monitor.jobs.backfill_side import work_folder
    from monitor.wiring import open_reader_storage

    asked = make_asked(job.rules, job.wanted)
    done: frozenset[str] = frozenset()
    for folder in (job.data, work_folder(job.data)):
        with suppress(StorageError), open_reader_storage(folder) as storage:
            done |= storage.coverage.find_done(asked)
    return done


def _say(out: Output) -> Say:
    return lambda said: out.warn_prose(f"{said}.", label="Network: ")


def _lines(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{what}: {why}" for what, why in pairs]


def _estimate_network(
    job: Job, side: Side, found: Estimate, tell: Tell, reach: Reach
) -> tuple[Estimate, int, list[str]]:
    """Return the estimate with the pages of hosts, how many lists were read, and the gaps."""
    from monitor.jobs.backfill_dry import estimate_hosts
    from monitor.jobs.backfill_report import make_report
    from monitor.jobs.backfill_request import begin_request, make_network_plan, read_network_lists
    from monitor.wiring import open_archive_workers

    settings = job.configuration.settings
    network = make_network_plan(job.inputs, job.wanted, settings.archives, rules=job.rules)
    with open_archive_workers(job.configuration, job.data, sieve=False) as workers:  # no page
        request = begin_request(side, network, _words(job))
        read_network_lists(side, network, workers, tell, reach=reach)
    storage = side.watch.storage
    counts = storage.archive_lists.count(network.asked)
    costs = (each.backfills.find_cost("page bytes", least=50) for each in (side.known, storage))
    cost = next((each for each in costs if each is not None), None)
    hosts = estimate_hosts(
        storage.archive_entries.count_by_host(network.asked),
        delay=settings.network.delay,
        archive_host=network.archive_host,
        archive_delay=network.archive_delay,
        page_bytes=cost,
    )
    report = make_report(side.known, request, sources=job.configuration.sources, side=storage)
    gaps = [line for line in gap_lines(report) if "not asked yet" not in line]
    whole = replace(found, hosts=hosts, measured=cost is not None)
    return whole, counts.done + counts.failed, gaps


def run_job(out: Output, job: Job, folder: Path, pool: PoolOpener | None) -> int:
    """Read it all, have it handed over, write the report, and return the exit status."""
    from monitor.jobs.backfill import read_result
    from monitor.jobs.backfill_report import make_report
    from monitor.jobs.backfill_side import seal
    from monitor.render.backfill import write_report
    from monitor.wiring import lock_backfill, open_side, open_watch
    from spiders.reach import OFFLINE, Reach

    setup = download_setup(job.configuration, Reach(say=_say(out)))
    files = find_files(job.wishes, job.configuration, job.data / DOWNLOADS, setup)
    with _show_progress(out, job) as tell, lock_backfill(job.data):
        _hand_over(job, tell)  # what an earlier one left
        with open_side(job.data, job.configuration) as side:
            own = OwnFilter(out, job)
            asked, gathered = _gather(own, side, files, setup, pool=pool, tell=tell)
            job = own.job
        seal(job.data, datetime.now(UTC))
        _hand_over(job, tell)
    with open_watch(job.data, job.configuration, write=False) as watch:
        request = watch.storage.backfills.find(asked)
        assert request is not None
        report = make_report(
            watch.storage, request, sources=watch.sources, subscribers=watch.subscribers
        )
        done = read_result(watch, gathered)
    written = write_report(report, folder, name_report(asked))
    for why in gathered.unfiltered:
        if why != job.unfiltered:  # of a worker, maybe on another machine
            tell_unfiltered(out, why)
    if out.as_json:
        out.document(as_document(done, report))
    else:
        show_done(out, done, report, written)
    damaged, _ = damage_lines(report, gathered.paths)
    return 1 if gathered.unread or damaged or OFFLINE in gathered.left else 0


def _gather(
    own: OwnFilter,
    side: Side,
    files: Plans,
    setup: DownloadSetup,
    *,
    pool: PoolOpener | None,
    tell: Tell,
) -> tuple[str, Gathered]:
    """Read everything; return the name of what was asked, and what it came to."""
    from monitor.jobs.backfill import Network, gather, open_local_pool
    from monitor.jobs.backfill_files import Downloads
    from monitor.jobs.backfill_plan import plan_files
    from monitor.jobs.backfill_request import (
        begin_request,
        find_read_before,
        make_network_plan,
        run_network,
    )
    from monitor.jobs.backfill_unread import keep_unread
    from spiders.reach import OFFLINE

    job = own.job
    archives = job.configuration.settings.archives
    network = make_network_plan(job.inputs, job.wanted, archives, rules=job.rules)
    with ExitStack() as stack:
        lists, pages = stack.enter_context(open_both(own))
        downloads = Downloads(files.addresses, job.data / DOWNLOADS, setup)
        stack.enter_context(closing(downloads))
        plan = plan_files(files.paths)
        plan = replace(plan, missing=(*plan.missing, *files.missing))
        before = find_read_before(side, network.asked)
        keep = partial(keep_unread, before, named=(*files.paths, *files.addresses))
        words = {"unread": keep(plan.missing), **count_parts(side, plan, job, files)}
        begin_request(side, network, _words(job) | words)
        gathered = gather(
            side,
            plan,
            job.wanted,
            setup=partial(_pool_setup, own, here=pool is None),
            rules_version=job.rules,
            workers=job.workers,
            progress=lambda n, m: tell("parts of archives", n, m),
            network=Network(
                gather=lambda run_id: run_network(
                    side, network, lists, run_id, tell, reach=setup.reach, page_workers=pages
                ),
                fetched=downloads.units,
                ended=downloads.end,
                rest=downloads.rest,
            ),
            open_pool=pool or open_local_pool,
        )
        gathered = replace(gathered, unread=(*gathered.unread, *downloads.failed))
    if setup.reach.is_offline:
        gathered = replace(gathered, left=(OFFLINE,))
    return network.asked, _note_end(own, side, network, gathered, keep(gathered.unread))


def _note_end(
    own: OwnFilter, side: Side, network: NetworkPlan, gathered: Gathered, unread: list[Unread]
) -> Gathered:
    """Remember how the reading ended; return what it came to, with why there was no filter."""
    from monitor.jobs.backfill_request import begin_request
    from spiders.reach import OFFLINE

    missing = dict.fromkeys([*filter(None, [own.job.unfiltered]), *gathered.unfiltered])
    gathered = replace(gathered, unfiltered=tuple(missing))
    if not gathered.units and (known := side.known.backfills.find(network.asked)) is not None:
        missing = dict.fromkeys(known.words.get("unfiltered", ()))  # of what was read before
    words = {
        "unread": unread,
        "unfiltered": list(missing),
        "offline": OFFLINE in gathered.left,
    }
    begin_request(side, network, _words(own.job) | words, run_id=gathered.run_id)
    return gathered


def count_parts(side: Side, plan: Plan, job: Job, files: Plans) -> dict[str, int]:
    """Return how many parts of files there are for this run and the one that it goes on with.

    Nothing where files come from elsewhere, of which nobody knows beforehand.
    """
    from monitor.jobs.backfill import find_done
    from monitor.jobs.backfill_plan import make_asked, without_done

    if files.addresses:
        return {}
    asked = make_asked(job.rules, job.wanted)
    rest = without_done(plan, find_done(side, asked)).units
    return {"parts": side.watch.storage.coverage.count_units(asked) + len(rest)}


def _pool_setup(own: OwnFilter, *, here: bool) -> PoolSetup:
    """Return what workers load: a filter that may be compiled first, so only if there is work."""
    from monitor.wiring import worker_setup
    from spiders.unit_pool import PoolSetup

    job = own.settle()
    arguments = worker_setup(job.configuration, job.data).arguments
    return PoolSetup(
        keywords=arguments["keywords"],
        cache=arguments["cache"],
        sieve=job.filters if here else job.sieve,
        wanted=job.wanted,
    )


def _words(job: Job) -> dict[str, Any]:
    from monitor.jobs.backfill_plan import make_asked

    return {
        "title": f"Backfill: {name_inputs(job.wishes)} {say_period(job.wishes)}",
        "asked": describe(job.wishes) | ({} if job.sieve else {"filter": "none: not wanted"}),
        "from": job.wishes.since,
        "until": job.wishes.until,
        "named": name_files(job.wishes),
        "sites": name_sites(job.wishes, job.configuration),
        "files asked": make_asked(job.rules, job.wanted),
    }


def find_report(data: Path, config: Path | None, run: str | None) -> tuple[str, BackfillReport]:
    """Return the report of the backfill whose run begins so, and a short name for its file.

    A report's own name is understood, too: `backfill-3f66ced6.html`.
    """
    from monitor.jobs.backfill_report import make_report
    from monitor.jobs.backfill_side import work_folder
    from monitor.model import RunKind
    from monitor.wiring import open_reader_storage, open_watch, read_config

    run = Path(run).stem.removeprefix("backfill-") if run else None
    with ExitStack() as stack:
        configuration = read_config(config, data)
        watch = stack.enter_context(open_watch(data, configuration, write=False))
        try:
            side = stack.enter_context(open_reader_storage(work_folder(data)))
        except StorageError:
            side = None
        request = None
        if side is not None and (run or side.runs.find_latest(RunKind.BACKFILL)):
            request = side.backfills.find(run)  # but for what was only estimated there
        if request is None:
            request = watch.storage.backfills.find(run)
            side = None if request is not None else side
        if request is None and side is not None:
            request = side.backfills.find(run)
        if request is None:
            which = f"begins with {run!r}" if run else "was started here"
            raise UsageError(f"while making a report: no backfill {which}")
        found = make_report(
            watch.storage, request, sources=watch.sources, side=side, subscribers=watch.subscribers
        )
    return name_report(request.asked), found


def name_report(asked: str) -> str:
    """Return the name of a report's files: one for each set of wishes and keywords."""
    return f"backfill-{asked[:8]}"
