"""How far the backfill is that runs now, for `status`; reads only."""

from __future__ import annotations

from datetime import datetime

from monitor.errors import StorageError
from monitor.jobs.backfill_side import find_parcels, lock_folder, work_folder
from monitor.jobs.backfill_unread import read_words
from monitor.jobs.watch import Watch
from monitor.model import RunKind
from monitor.text.counting import plural
from storage.backfill_requests import BackfillRequest
from storage.database import Storage
from storage.lock import find_holder


def find_progress(watch: Watch) -> str | None:
    """Return in a sentence how far a backfill is, or that one was stopped; None where none is."""
    said = [find_taking(watch), find_gathering(watch)]
    return "; ".join(filter(None, said)) or None


def find_unread(watch: Watch, since: datetime) -> str | None:
    """Return in a sentence what backfills since a moment could not read; None where that was all.

    Of the latest that left something unread; told no more once the same was asked for again
    without it.
    """
    requests = watch.storage.backfills.read_since(since)
    if requests and requests[0].words.get("offline"):
        return (
            f"{_title(requests[0])}: nothing could be reached: give the same command again, once"
            " there is a connection"
        )
    for request in requests:
        unread = read_words(request.words)
        if unread:
            more = f", and {len(unread) - 1:,} more" if len(unread) > 1 else ""
            return (
                f"{_title(request)}: {plural(len(unread), 'file')} could not be read"
                f" ({unread[0].name}: {unread[0].why}{more}): give the same command again, with a"
                " whole copy or without it"
            )
    return None


def _title(request: BackfillRequest) -> str:
    return str(request.words.get("title", "Backfill"))


def find_gathering(watch: Watch) -> str | None:
    """Return how much a backfill has read, or had when it was stopped."""
    try:
        side = Storage.open_reader(work_folder(watch.data), watch.clock)
    except StorageError:
        return None
    with side:
        run = side.runs.find_latest(RunKind.BACKFILL)
        request = side.backfills.find(run.id if run is not None else None) or side.backfills.find()
        if run is None or request is None:
            return None
        said = count_read(side, request)
        title = str(request.words.get("title", "Backfill")).removeprefix("Backfill: ")
    if find_holder(lock_folder(watch.data)) is None:
        where = f"at {said}" if said else "at the beginning"
        return f"{title}: it was stopped {where}; the same command, given again, goes on"
    return f"{title}: {said or 'it begins'}"


def count_read(side: Storage, request: BackfillRequest) -> str:
    """Return how many lists, pages and parts of files have been read; empty for none."""
    lists = side.archive_lists.count(request.asked)
    pages = side.archive_entries.count(request.asked)
    parts = side.coverage.count_units(str(request.words.get("files asked", "")))
    of_all = int(request.words.get("parts", 0))
    done = [
        f"{lists.done + lists.failed:,} of {plural(lists.done + lists.failed + lists.todo, 'list')}"
        if lists.done or lists.failed or lists.todo
        else "",
        f"{pages.done:,} of {plural(pages.done + pages.todo, 'page')}"
        if pages.done or pages.todo
        else "",
        f"{parts:,} of {plural(of_all, 'part')} of files"
        if parts and of_all >= parts
        else f"{plural(parts, 'part')} of files"
        if parts
        else "",
    ]
    return ", ".join(filter(None, done))


def find_taking(watch: Watch) -> str | None:
    """Return how much of what a backfill left has become stories."""
    waiting = find_parcels(watch.data)
    if not waiting:
        return None
    parcel = watch.storage.parcels.find_open()
    if parcel is None or not parcel.copied:
        return "what a backfill found is being taken over"
    left = watch.storage.coverage.count_found()
    return (
        f"of {plural(parcel.found, 'flagged page')} that a backfill found, in stories:"
        f" {max(0, parcel.found - left):,}"
    )
