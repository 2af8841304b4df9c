"""Read lists in a crawl child: each ends with its rows and further lists, or is tried again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from monitor.jobs.backfill_errand import Errand
from monitor.jobs.backfill_sources import Taken, take_listing
from monitor.jobs.fetching import by_way
from monitor.text.counting import plural
from spiders.archive import Listing, ListReading, guess_sitemaps
from spiders.crawl import Lost
from spiders.frames import Listed, SourceTask
from storage.archive_entries import KnownEnd
from storage.archive_lists import ArchiveList, ListHeld, NewEntry, NewList

if TYPE_CHECKING:
    from spiders.archive import ListForm

MOST_LISTS = 20_000
"""Of one source: a sitemap for each day of fifty years. Who names ever more holds up the rest."""


def ask_lists(errand: Errand, due: Sequence[ArchiveList], *, replay: bool) -> None:
    """Ask for lists, in a child for each way out, and keep what each came to."""
    waiting = {each.url: each for each in due}
    sources = [errand.source_of(each.source_id, each.url) for each in due]
    for way, batch in by_way(sources, errand.watch.settings.network).items():
        tasks = [
            SourceTask(source=source, form=cast("ListForm", waiting[source.url].form), look=False)
            for source in batch
        ]
        reason = "the crawl gave no answer for it"
        with errand.start(tasks, way, replay=replay) as child:
            for message in child:
                if isinstance(message, Listed):
                    end_list(errand, waiting.pop(message.listing.url), message.listing)
                elif isinstance(message, Lost):
                    reason = f"the crawl was lost: {message.reason}"
        for source in batch:
            if source.url in waiting and not errand.stop():
                lost = Listing(url=source.url, problem=reason, retry=True)
                fail_list(errand, waiting.pop(source.url), lost)


def end_list(errand: Errand, asked: ArchiveList, listing: Listing) -> None:
    """Keep what a list came to, in one transaction."""
    storage, plan = errand.watch.storage, errand.plan
    errand.requests[asked.source_id] += listing.asked
    if listing.asked or listing.retry_after is None:
        errand.reach.note_end(listing.problem if listing.reading is None else None)
    if listing.reading is not None:
        finish_list(errand, asked, listing, listing.reading)
        storage.backfills.add_cost("list bytes", listing.size)
        errand.silent[asked.source_id] = 0
    elif asked.form == "robots" and listing.gone:
        found = ListReading(lists=tuple(guess_sitemaps(asked.url)))
        finish_list(errand, asked, listing, found)
    elif asked.form == "guess" and not listing.retry:
        storage.archive_lists.finish(plan.asked, asked.url)
    else:
        fail_list(errand, asked, listing)
    counts = storage.archive_lists.count(plan.asked)
    done = counts.done + counts.failed
    errand.tell("lists of pages", done, counts.todo + done)


def finish_list(errand: Errand, asked: ArchiveList, listing: Listing, reading: ListReading) -> None:
    """Keep what follows from a list that was read."""
    plan = errand.plan
    taken: Taken = take_listing(
        asked,
        reading,
        plan.wanted,
        server=plan.inputs.server,
        rules=plan.rules,
        now=errand.now(),
    )
    gone = listing.gone and asked.form == "robots"
    kept, left = bound_lists(errand, asked.source_id, taken.lists)
    said = (None if gone else listing.problem, taken.problem, left)
    held = ListHeld(
        lists=kept,
        entries=taken.entries,
        known=find_known_ends(errand, taken.entries),
        problem="; ".join(dict.fromkeys(text for text in said if text)) or None,
        pruned=taken.pruned,
        size=listing.size,
        oldest=taken.oldest,
    )
    errand.watch.storage.archive_lists.finish(plan.asked, asked.url, held)


def find_known_ends(errand: Errand, entries: Sequence[NewEntry]) -> dict[str, KnownEnd]:
    """Return what the main database remembers of pages, where this is another one."""
    if errand.known is None:
        return {}
    plan, keys = errand.plan, [each.key for each in entries]
    return errand.known.archive_entries.find_ends(plan.asked, plan.rules, keys)


def bound_lists(
    errand: Errand, source_id: str, lists: Sequence[NewList]
) -> tuple[tuple[NewList, ...], str | None]:
    """Return the lists that are asked for, and what is said of those that are too many."""
    storage, plan = errand.watch.storage.archive_lists, errand.plan
    known = storage.find_known(plan.asked, (each.url for each in lists))
    new = tuple({each.url: each for each in lists if each.url not in known}.values())
    room = max(0, MOST_LISTS - storage.count_of_source(plan.asked, source_id)) if new else 0
    if len(new) <= room:
        return new, None
    left = plural(len(new) - room, "list")
    said = f"{left} left out: more than {MOST_LISTS:,} were named for one source"
    return new[:room], said


def fail_list(errand: Errand, asked: ArchiveList, listing: Listing) -> None:
    """Have a list tried again, or end it with the reason."""
    lists, waits = errand.watch.storage.archive_lists, errand.plan.patience.waits
    problem = listing.problem or "it could not be read"
    if not listing.retry or (listing.asked and asked.attempts >= len(waits)):
        lists.fail(errand.plan.asked, asked.url, problem)
        return
    if not listing.asked and listing.retry_after is None:
        errand.note_silence(asked.source_id)
    at = errand.later(asked.attempts, listing.retry_after)
    lists.put_off(errand.plan.asked, asked.url, at, problem, tried=listing.asked)
