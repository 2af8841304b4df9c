"""What a backfill could not see, and why, in words: of lists, of pages, and of files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from monitor.jobs.backfill_summary import file_of, find_mended, name_file
from monitor.jobs.backfill_unread import read_words
from monitor.model import Outcome
from monitor.render.backfill import DAMAGED, FILES, Unseen
from monitor.text.counting import plural
from spiders.reach import NO_WAY_OUT
from storage.archive_entries import UNWANTED, MonthCount
from storage.archive_lists import ArchiveList
from storage.backfill_requests import BackfillRequest
from storage.coverage import CoveredUnit

COLUMN = {
    "ruled out": "ruled out", "found": "found", "new": "found",
    UNWANTED: "outside", Outcome.LEFT_OUT.value: "outside",
    "not asked yet": "waiting", "fetch failed": "failed", "robots": "failed",
    "worker lost": "failed", "too large": "failed", "refused": "failed",
    "extraction failed": "failed",
}  # fmt: skip
"""The column that an outcome counts in; every other one is a page without a match."""


NOT_ASKED = "it was not asked for yet"
NOT_READ = frozenset({"failed", "waiting"})


def list_unseen(
    request: BackfillRequest,
    lists: Iterable[ArchiveList],
    months: Iterable[MonthCount],
    units: Iterable[CoveredUnit],
    names: Mapping[str, str],
) -> Iterator[Unseen]:
    """Yield what could not be seen, and why, in words."""
    since = _read_day(request.words.get("from"))
    by_source: dict[str, list[ArchiveList]] = {}
    for each in lists:
        by_source.setdefault(each.source_id, []).append(each)
    for source, its in sorted(by_source.items()):
        yield from _unseen_of_lists(names.get(source, source), its, since)
    yield from _unseen_pages(months, names)
    units = tuple(units)
    mended = find_mended(units)
    for unit in units:
        file = file_of(unit.unit)
        if file in mended:
            continue
        more = unit.unseen.get("damaged", 0) - len(unit.damages)
        for damage in (*unit.damages, *([f"and {plural(more, 'more place')}"] if more > 0 else ())):
            yield Unseen(source=name_file(unit), what=DAMAGED, why=damage, file=file)
    for unread in read_words(request.words):
        yield Unseen(source=FILES, what=unread.name, why=unread.why)


def _unseen_of_lists(
    name: str, lists: list[ArchiveList], since: datetime | None
) -> Iterator[Unseen]:
    is_cut_off = next((each for each in lists if _is_cut_off(each)), None)
    if is_cut_off is not None:
        why = f"waits: no connection: {is_cut_off.problem}; asked for again the next time"
        yield Unseen(source=name, what="its lists", why=why)
    lists = [each for each in lists if not _is_cut_off(each)]
    unasked = [each for each in lists if each.state == "todo" and not each.problem]
    if len(unasked) > 1:
        yield Unseen(source=name, what=f"{len(unasked):,} lists", why=f"waits: {NOT_ASKED}")
    for each in lists:
        if each.state == "failed":
            yield Unseen(source=name, what=f"{SAID[each.form]} {each.url}", why=each.problem or "")
        elif each.state == "todo" and (each.problem or len(unasked) == 1):
            why = each.problem or NOT_ASKED
            yield Unseen(source=name, what=f"{SAID[each.form]} {each.url}", why=f"waits: {why}")
        elif each.problem:
            yield Unseen(
                source=name, what=f"a part of {SAID[each.form]} {each.url}", why=each.problem
            )
    pages = sum(each.pages for each in lists)
    named = pages + sum(each.pruned for each in lists)
    dates = [each.oldest for each in lists if each.oldest is not None]
    oldest = min(dates, default=None)
    if not named and is_cut_off is None and all(each.state == "done" for each in lists):
        yield Unseen(
            source=name,
            what="everything",
            why="it has no archive that could be found: its lists name no page",
        )
    elif oldest is not None and since is not None and oldest > since and _is_later(oldest, since):
        yield Unseen(
            source=name,
            what=f"before {oldest:%B %Y}",
            why=f"no archive before {oldest:%B %Y}: nothing that was read is older",
        )


def _is_cut_off(each: ArchiveList) -> bool:
    """Say whether a list waits because this machine had no way out to its host."""
    problem = (each.problem or "").lower()
    return each.state == "todo" and any(sign in problem for sign in NO_WAY_OUT)


def _is_later(oldest: datetime, since: datetime) -> bool:
    return (oldest.year, oldest.month) > (since.year, since.month)


SAID = {
    "robots": "robots.txt", "guess": "the sitemap", "sitemap": "the sitemap", "feed": "the feed",
    "section": "the list of articles", "cdx": "the archive's index", "gdelt": "the search",
    "google": "the search",
}  # fmt: skip


def _unseen_pages(months: Iterable[MonthCount], names: Mapping[str, str]) -> Iterator[Unseen]:
    failed: dict[tuple[str, str, str], Counter[str]] = {}
    for each in months:
        if COLUMN.get(each.outcome) in NOT_READ:
            key = (each.source_id, each.outcome, each.reason or "")
            failed.setdefault(key, Counter())[each.month or ""] += each.pages
    for (source, outcome, reason), counts in sorted(failed.items()):
        known = sorted(month for month in counts if month)
        span = f" of {known[0]} to {known[-1]}" if known else ""
        pages = sum(counts.values())
        yield Unseen(
            source=names.get(source, source),
            what=f"{pages:,} page{'s' if pages > 1 else ''}{span}",
            why=f"{outcome}: {reason}" if reason and reason != outcome else outcome,
        )


def _read_day(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)).replace(tzinfo=UTC) if text else None
