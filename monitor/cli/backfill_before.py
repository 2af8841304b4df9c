"""What earlier backfills with the same wishes could not read, looked up before a new one begins."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from monitor.errors import StorageError

if TYPE_CHECKING:
    from monitor.cli.backfill_job import Job


def was_removed(job: Job, pattern: str) -> bool:
    """Say whether files that an earlier run could not read lay where one `--warc` names."""
    from monitor.jobs.backfill_request import find_read_before, make_network_plan
    from monitor.jobs.backfill_side import work_folder
    from monitor.jobs.backfill_unread import find_gone
    from monitor.wiring import open_reader_storage

    archives = job.configuration.settings.archives
    plan = make_network_plan(job.inputs, job.wanted, archives, rules=job.rules)
    with ExitStack() as stack:
        storages = []
        for folder in (work_folder(job.data), job.data):
            with suppress(StorageError):
                storages.append(stack.enter_context(open_reader_storage(folder)))
        return bool(find_gone(find_read_before(storages, plan.asked), pattern))
