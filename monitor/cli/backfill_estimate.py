"""What `backfill --dry-run` does: asks what there is, reads no page, and says the cost."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from monitor.cli import backfill_files
from monitor.cli.backfill_job import Job
from monitor.cli.backfill_own_filter import find_why_unfiltered
from monitor.cli.backfill_show import gap_lines, show_estimate
from monitor.cli.backfill_sites import name_sites, say_only
from monitor.cli.backfill_work import (
    DOWNLOADS,
    hand_over_rest,
    make_words,
    say_reach,
    show_progress,
)
from monitor.cli.output import Output
from monitor.errors import StorageError

if TYPE_CHECKING:
    from monitor.cli.backfill_work import Tell
    from monitor.jobs.backfill_dry import Estimate
    from monitor.jobs.backfill_files import Plans
    from monitor.jobs.backfill_side import Side
    from spiders.archive_download import DownloadSetup
    from spiders.reach import Reach


def estimate(out: Output, job: Job) -> int:
    """Read the lists and no page, and say what the rest would cost; return the exit status."""
    from monitor.jobs.backfill_dry import Estimate, estimate_files, estimate_sizes
    from monitor.jobs.backfill_files import whole_name
    from monitor.jobs.backfill_plan import plan_files, without_done
    from monitor.wiring import lock_backfill, open_side
    from spiders.reach import Reach

    reach = Reach(say=say_reach(out))
    why = find_why_unfiltered(job)
    setup = backfill_files.download_setup(job.configuration, reach)
    files = backfill_files.find_files(job.wishes, job.configuration, job.data / DOWNLOADS, setup)
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
        with show_progress(out, job) as tell, lock_backfill(job.data):
            hand_over_rest(job, tell)
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
        request = begin_request(side, network, make_words(job))
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
