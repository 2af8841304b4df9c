"""A backfill's way through the network: lists until there are none left, then their pages.

    lists to ask for ─ crawl child ─Listed─▶ further lists, pages (one transaction a list)
    pages to ask for ─ crawl child ─PagePrepared─▶ its end and what was found (one transaction)
                                   ─PageFailed──▶ later, or its end

Whatever ends the child or the program: what has no end is still to be asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from monitor.jobs.backfill_errand import Errand
from monitor.jobs.backfill_lists import ask_lists
from monitor.jobs.backfill_pages import ask_pages, tell_pages
from monitor.jobs.backfill_sources import build_roots
from spiders.reach import say_nothing
from storage.archive_entries import ArchiveEntry
from storage.archive_lists import ArchiveList

LISTS_AT_ONCE = 60
PAGES_OF_A_SOURCE = 60
PAGES_AT_ONCE = 6000
"""To one child; every source has its share, since hosts are asked side by side."""

LEAST_PAGES = 5
ASKED_AGAIN = 12
"""Lists or pages that decide whether there is a connection, where none was had at first."""
FRESH = timedelta(hours=20)
"""A list that was read so lately is not asked for again by the same command."""

NEVER = timedelta(days=36_500)


def open_lists(errand: Errand) -> None:
    """Add the lists to begin with, and have those read again that may have grown since."""
    lists, plan, now = errand.watch.storage.archive_lists, errand.plan, errand.now()
    closed = plan.wanted.until is not None and plan.wanted.until < now - FRESH
    with errand.watch.storage.transaction():
        lists.add(plan.asked, build_roots(plan.inputs, plan.wanted, now=now))
        lists.reopen(plan.asked, before=now - (NEVER if closed else FRESH))


def read_lists(errand: Errand) -> None:
    """Read lists until none is left that may be asked for in this run."""
    lists, asked = errand.watch.storage.archive_lists, errand.plan.asked
    while not errand.stop():
        silent = errand.silent_sources
        due = lists.find_due(asked, errand.now(), limit=LISTS_AT_ONCE, without=silent)
        ask_both(errand, due)
        if errand.gives_up(partial(ask_both, errand, due[:ASKED_AGAIN])):
            return
        again = lists.find_next_try(asked, without=silent)
        if not due and not wait(errand, again, "lists of pages"):
            return


def ask_both(errand: Errand, due: Sequence[ArchiveList]) -> None:
    """Ask for lists: those of captures of their archive, and all others of their sites."""
    captures = [each for each in due if each.form == "cdx"]
    others = [each for each in due if each.form != "cdx"]
    if captures:
        ask_lists(errand, captures, replay=True)
    if others:
        ask_lists(errand, others, replay=False)


def fetch_pages(errand: Errand) -> None:
    """Fetch pages until none is left that may be asked for in this run."""
    entries, asked = errand.watch.storage.archive_entries, errand.plan.asked
    while not errand.stop() and not errand.reach.given_up:
        silent = errand.silent_sources
        sources = [each for each in entries.find_sources(asked) if each not in silent]
        most = share_pages(len(sources))
        due: list[ArchiveEntry] = []
        for source_id in sources:
            due += entries.find_due(asked, source_id, errand.now(), limit=most)
        fetch_both(errand, due)
        if errand.gives_up(partial(fetch_both, errand, due[:ASKED_AGAIN])):
            return
        if not due and not wait(errand, entries.find_next_try(asked, without=silent), "pages"):
            return


def fetch_both(errand: Errand, due: Sequence[ArchiveEntry]) -> None:
    """Ask for pages: for captures their archive, for all others their sites."""
    captures = [each for each in due if each.replay]
    others = [each for each in due if not each.replay]
    if captures:
        ask_pages(errand, captures, replay=True)
    if others:
        ask_pages(errand, others, replay=False)


def share_pages(sources: int) -> int:
    """Return how many pages of each of so many sources are asked for side by side, in one child."""
    return max(LEAST_PAGES, min(PAGES_OF_A_SOURCE, PAGES_AT_ONCE // max(1, sources)))


def wait(errand: Errand, until: datetime | None, what: str) -> bool:
    """Wait until something may be asked for again; False where that is too long, or nothing.

    It may have become due since it was looked for: then there is no wait.
    """
    if until is None:
        return False
    seconds = (until - errand.now()).total_seconds()
    if seconds > errand.plan.patience.longest:
        errand.left.append(f"some {what} wait until {until:%Y-%m-%d %H:%M} UTC: for the next run")
        return False
    told = "pages (waiting, as a site asked)"
    errand.sleep(seconds, (lambda: tell_pages(errand, told)) if what == "pages" else say_nothing)
    return True
