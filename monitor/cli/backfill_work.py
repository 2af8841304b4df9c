"""What `backfill` does: opens what its job needs, runs it, and has its result handed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.cli import backfill_files
from monitor.cli.backfill_job import Job
from monitor.cli.backfill_own_filter import OwnFilter, open_both
from monitor.cli.backfill_show import (
    as_document,
    damage_lines,
    show_done,
    tell_unfiltered,
)
from monitor.cli.backfill_sites import name_sites
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
    from monitor.jobs.backfill_errand import NetworkPlan
    from monitor.jobs.backfill_files import Plans
    from monitor.jobs.backfill_plan import Plan
    from monitor.jobs.backfill_side import Side
    from monitor.jobs.backfill_unread import Unread
    from monitor.render.backfill import BackfillReport
    from spiders.archive_download import DownloadSetup
    from spiders.reach import Say
    from spiders.unit_pool import PoolSetup

    Tell = Callable[[str, int, int], None]

DOWNLOADS = "backfill"
"""Where in the data files from elsewhere are kept while they are read."""


@contextmanager
def show_progress(out: Output, job: Job) -> Iterator[Tell]:
    """Yield what shows how far the work is."""
    from monitor.cli.watch import set_up

    set_up(job.configuration.settings, quiet=True)
    with out.progress("parts of archives") as bar:
        yield lambda what, n, m: bar.update(done=n, total=m, what=what)


def hand_over_rest(job: Job, tell: Tell) -> None:
    """Have what backfills left taken over."""
    from monitor.jobs.backfill_parcels import hand_over
    from monitor.wiring import open_watch

    hand_over(job.data, lambda: open_watch(job.data, job.configuration), tell)


def say_reach(out: Output) -> Say:
    """Return what prints a sentence about the network."""
    return lambda said: out.warn_prose(f"{said}.", label="Network: ")


def run_job(out: Output, job: Job, folder: Path, pool: PoolOpener | None) -> int:
    """Read it all, have it handed over, write the report, and return the exit status."""
    from monitor.jobs.backfill import read_result
    from monitor.jobs.backfill_report import make_report
    from monitor.jobs.backfill_side import seal
    from monitor.render.backfill import write_report
    from monitor.wiring import lock_backfill, open_side, open_watch
    from spiders.reach import OFFLINE, Reach

    setup = backfill_files.download_setup(job.configuration, Reach(say=say_reach(out)))
    files = backfill_files.find_files(job.wishes, job.configuration, job.data / DOWNLOADS, setup)
    with show_progress(out, job) as tell, lock_backfill(job.data):
        hand_over_rest(job, tell)  # what an earlier one left
        with open_side(job.data, job.configuration) as side:
            own = OwnFilter(out, job)
            asked, gathered = _gather(own, side, files, setup, pool=pool, tell=tell)
            job = own.job
        seal(job.data, datetime.now(UTC))
        hand_over_rest(job, tell)
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
    from monitor.jobs.backfill_plan import plan_files, without_gone
    from monitor.jobs.backfill_request import (
        begin_request,
        find_read_before,
        make_network_plan,
        run_network,
    )
    from monitor.jobs.backfill_unread import find_gone, keep_unread
    from spiders.reach import OFFLINE

    job = own.job
    archives = job.configuration.settings.archives
    network = make_network_plan(job.inputs, job.wanted, archives, rules=job.rules)
    with ExitStack() as stack:
        lists, pages = stack.enter_context(open_both(own))
        downloads = Downloads(files.addresses, job.data / DOWNLOADS, setup)
        stack.enter_context(closing(downloads))
        before = find_read_before((side.watch.storage, side.known), network.asked)
        gone = [where for each in files.paths for where in find_gone(before, each)]
        plan = without_gone(plan_files(files.paths), before)
        plan = replace(plan, missing=(*plan.missing, *files.missing))
        keep = partial(keep_unread, before, named=(*files.paths, *files.addresses))
        words = {"unread": keep(plan.missing), **count_parts(side, plan, job, files)}
        begin_request(side, network, make_words(job) | words)
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
        unread = (*gathered.unread, *downloads.failed)
        gathered = replace(gathered, unread=unread, gone=tuple(dict.fromkeys(gone)))
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
    begin_request(side, network, make_words(own.job) | words, run_id=gathered.run_id)
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


def make_words(job: Job) -> dict[str, Any]:
    """Return what was asked for, in words, to be remembered."""
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
