"""The filter of this machine: settled when the first page is to be read, and never for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from monitor.cli.backfill_show import tell_unfiltered
from monitor.cli.output import Output

if TYPE_CHECKING:
    from monitor.cli.backfill_job import Job
    from spiders.workers import WorkerHost

    Workers = Callable[[], WorkerHost]


def find_why_unfiltered(job: Job, tell: Callable[[str], None] | None = None) -> str | None:
    """Return why there is no filter on this machine though it is wanted, or None."""
    from monitor.jobs import backfill_filter
    from monitor.wiring import worker_setup

    if not job.sieve:
        return None
    own = worker_setup(job.configuration, job.data).arguments
    return backfill_filter.find_why_unfiltered(
        own["keywords"], own["cache"], rules=job.rules, tell=tell
    )


def settle_filter(out: Output, job: Job) -> Job:
    """Return the job with the filter that there is; say why there is none, or that it is made."""
    why = find_why_unfiltered(job, lambda what: out.warn_prose(f"{what}.", label="Filter: "))
    if why is not None:
        tell_unfiltered(out, why)
    return replace(job, unfiltered=why)


class OwnFilter:
    """The filter of this machine, settled when the first page is to be read, and once.

    What is found out about the network before, such as that there is none, waits for no compiler.
    """

    def __init__(self, out: Output, job: Job) -> None:
        self._out = out
        self._settled = False
        self.job = job

    def settle(self) -> Job:
        """Return the job with the filter that there is."""
        if not self._settled:
            self.job, self._settled = settle_filter(self._out, self.job), True
        return self.job


@contextmanager
def open_both(
    own: OwnFilter,
) -> Iterator[tuple[Workers, Workers]]:
    """Yield what starts workers for lists, and for pages, which end those for lists."""
    from monitor.wiring import open_archive_workers

    with ExitStack() as stack:
        first = stack.enter_context(ExitStack())
        job = own.job
        lists = first.enter_context(open_archive_workers(job.configuration, job.data, sieve=False))
        opened: list[Workers] = []

        def pages() -> WorkerHost:
            if not opened:
                first.close()
                sieve = own.settle().filters
                workers = open_archive_workers(job.configuration, job.data, sieve=sieve)
                opened.append(stack.enter_context(workers))
            return opened[0]()

        yield lists, pages
