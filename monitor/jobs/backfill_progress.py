"""How far the backfill is that runs now, for `status`; reads only."""

from __future__ import annotations

from monitor.jobs.watch import Watch
from monitor.model import RunKind
from storage.lock import find_holder


def find_progress(watch: Watch) -> str | None:
    """Return in a sentence how far a backfill is, or that one was stopped; None where none is."""
    run = watch.storage.runs.find_latest(RunKind.BACKFILL)
    request = watch.storage.backfills.find(run.id) if run is not None else None
    if run is None or request is None or run.ended_at is not None:
        return None
    lists = watch.storage.archive_lists.count(request.asked)
    pages = watch.storage.archive_entries.count(request.asked)
    parts = watch.storage.coverage.count_units(str(request.words.get("files asked", "")))
    done = [
        f"{lists.done + lists.failed:,} of {lists.done + lists.failed + lists.todo:,} lists"
        if lists.done or lists.failed or lists.todo
        else "",
        f"{pages.done:,} of {pages.done + pages.todo:,} pages" if pages.done or pages.todo else "",
        f"{parts:,} parts of files" if parts else "",
    ]
    said = ", ".join(filter(None, done)) or "it begins"
    title = str(request.words.get("title", "Backfill"))
    if find_holder(watch.data) is None:
        return f"{title}: it was stopped at {said}; the same command goes on"
    return f"{title}: {said}"
