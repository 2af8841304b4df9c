"""What is stored of a backfill → its report: by source and month, and what could not be seen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from monitor.jobs.backfill_gaps import COLUMN, NOT_READ, list_unseen
from monitor.jobs.backfill_summary import (
    FLAGGED_BUT,
    count_flagged_left_out,
    say_captured,
    say_counted,
    say_flagged_left_out,
    shorten_names,
    without_replaced,
)
from monitor.model import Source, Subscriber
from monitor.render.backfill import BackfillReport, Found
from monitor.render.backfill_tables import CAPTURE, PUBLICATION, MonthRow, SourceRows
from monitor.render.names import say_time
from monitor.urls import site_of
from spiders.archive import read_capture
from spiders.reach import OFFLINE
from spiders.units import OTHER_SITE
from storage.archive_entries import UNWANTED, MonthCount
from storage.backfill_requests import BackfillRequest, Finding
from storage.coverage import CoveredUnit
from storage.database import Storage

Table = dict[str, dict[str, Counter[str]]]
"""Source → month → column → pages."""

DAYS = "in UTC, as the first and the last day are"


def make_report(
    storage: Storage,
    request: BackfillRequest,
    *,
    sources: Iterable[Source],
    side: Storage | None = None,
    subscribers: Iterable[Subscriber] = (),
) -> BackfillReport:
    """Return the report of what was asked for, as it stands now.

    Its time is told in the time zone of the `subscribers`, as in their digests, where it is one.
    `side` is the database of the backfill while it works: it knows all lists, the pages that are
    still to be asked for, and what has not been taken over yet.
    """
    files = str(request.words.get("files asked", request.asked))
    lists = (side or storage).archive_lists.read(request.asked)
    months = storage.archive_entries.read_months(request.asked, done=side is not None)
    units = storage.coverage.read_units(files)
    if side is not None:
        months += side.archive_entries.read_months(request.asked)
        units += side.coverage.read_units(files)
    runs = {*request.words.get("runs", ()), *(unit.run_id for unit in units)}
    units = without_replaced(units)
    left_out = storage.left_out.read(request.asked, files)
    if side is not None:
        left_out += side.left_out.read(request.asked, files)
    findings = storage.backfills.read_findings(request.asked, files)
    captures = storage.archive_entries.read_captures(request.asked)
    names = {source.id: f"{source.outlet} ({source.id})" for source in sources}
    table = count_table(months, units)
    kept = Counter[str]()
    for unit in units:
        kept.update(unit.unseen)
    for each in months:
        if each.outcome == UNWANTED and each.reason:
            kept[FLAGGED_BUT + each.reason] += each.pages
    words = request.words
    return BackfillReport(
        title=str(words.get("title", "Backfill")),
        subtitle=f"as it stands on {say_moment(request.last_at, subscribers)}; all of it is"
        " historic: nobody was alerted",
        asked=(
            *say_asked(words),
            ("days and months", DAYS),
            *(("filter", f"none: {why}") for why in words.get("unfiltered", ())),
        ),
        sources=build_rows(table, names, captured=find_captured(months, units)),
        unseen=tuple(list_unseen(request, lists, months, units, names)),
        found=tuple(show_findings(storage, findings, captures)),
        outcomes=add_up(units),
        left_out={why: n for why, n in kept.items() if why != "damaged"},  # that is a gap
        other_sites=kept[OTHER_SITE],
        flagged=tuple(dict.fromkeys(left_out)),
        flagged_left_out=count_flagged_left_out(kept),
        summary=tuple(filter(None, summarise(words, units, kept))),
        counted=say_counted(units, runs, words.get("named", ())),
        runs=tuple(sorted(runs)),
        note=say_left_out(kept[OTHER_SITE], words.get("sites") or {}),
    )


def say_moment(moment: datetime, subscribers: Iterable[Subscriber]) -> str:
    """Return a moment in the time zone that all subscribers share, else in UTC, and which it is."""
    zones = {each.time_zone for each in subscribers}
    zone = zones.pop() if len(zones) == 1 else "UTC"
    return f"{say_time(moment, zone)} ({zone})"


def say_asked(words: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what was asked for; as its files those that any run with the same wishes named."""
    for what, value in words.get("asked", {}).items():
        named = words.get("named") if what == "files" else None
        yield str(what), shorten_names(named) if named else str(value)


def summarise(
    words: Mapping[str, Any], units: Iterable[CoveredUnit], left_out: Mapping[str, int]
) -> Iterator[str]:
    """Yield what stands beside the first figures: what is not among them, and why."""
    if words.get("offline"):
        yield f"In the last run {OFFLINE} Give the same command again once there is one."
    if flagged := say_flagged_left_out(left_out):
        yield f"Left out so far, as outside of what was asked for: {flagged}."
    months = (month for unit in units for month in unit.outcomes)
    yield say_captured(months, words.get("from"), words.get("until"))


def say_left_out(pages: int, sites: Mapping[str, str]) -> str:
    """Return how many pages of files are of sites that were not asked for, and the cure."""
    if not pages:
        return ""
    whose = sites.get("whose", "the sources that were asked for")
    count = f"{pages:,} page{'s' if pages > 1 else ''}"
    among = "of sites that are not among" if "sources" in whose else "of sites other than that of"
    return f"Left out {count} {among} {whose}. {sites.get('cure', '')}".strip()


def count_table(months: Iterable[MonthCount], units: Iterable[CoveredUnit]) -> Table:
    """Return pages by source, month and column.

    Pages of files count in the month of their capture, by site.
    """
    table: Table = {}

    def add(source: str, month: str | None, column: str, pages: int) -> None:
        counts = table.setdefault(source, {}).setdefault(month or "", Counter())
        counts[column] += pages
        if column not in NOT_READ:
            counts["covered"] += pages

    for each in months:
        add(each.source_id, each.month, COLUMN.get(each.outcome, "no match"), each.pages)
    for unit in units:
        for site, its_months in unit.ends.items():
            for month, outcomes in its_months.items():
                for outcome, pages in outcomes.items():
                    column = COLUMN.get(outcome, "no match")
                    add(site, month, column, pages)
    return table


def find_captured(months: Iterable[MonthCount], units: Iterable[CoveredUnit]) -> dict[str, str]:
    """Return what the months are of, for each source of which there are files."""
    listed = {each.source_id for each in months}
    captured = {site for unit in units for site in unit.ends}
    return {site: f"{CAPTURE} or {PUBLICATION}" if site in listed else CAPTURE for site in captured}


def build_rows(
    table: Table, names: Mapping[str, str], *, captured: Mapping[str, str]
) -> tuple[SourceRows, ...]:
    """Return the table as rows, sources by name, months in order.

    `captured` says what the months of a source are, where not of publication.
    """
    rows = [
        SourceRows(
            name=names.get(source, source),
            month_of=captured.get(source, PUBLICATION),
            months=tuple(
                MonthRow(month=month, counts=dict(counts))
                for month, counts in sorted(months.items())
            ),
        )
        for source, months in table.items()
    ]
    return tuple(sorted(rows, key=lambda row: row.name.casefold()))


def show_findings(
    storage: Storage, findings: Iterable[Finding], captures: Iterable[str] = ()
) -> Iterator[Found]:
    """Yield findings as a reader sees them, with countries and the reason of the flag.

    The countries are those of the text or else of its story.  The address is the one that was
    asked, which opens: without the `www.` that the canonical one lacks, some sites have no page.
    """
    at_archive = find_captures(captures)
    of_stories: dict[str, tuple[str, ...]] = {}
    for each in findings:
        countries = storage.matches.find_countries(each.article_id)
        if not countries and each.story_id is not None:
            if each.story_id not in of_stories:
                of_stories[each.story_id] = storage.stories.get(each.story_id).countries
            countries = of_stories[each.story_id]
        passages = [part for match in storage.matches.find(each.article_id)
                    for part in match.passages]  # fmt: skip
        yield Found(
            title=each.title,
            url=each.url,
            canonical_url=each.canonical_url,
            capture=at_archive.get(each.url, ""),
            outlet=each.outlet or site_of(each.url) or "",
            published=f"{each.published:%Y-%m-%d}" if each.published else "no date",
            level=each.level,
            story=each.story_title,
            outlet_country=each.country or "",
            countries=countries,
            language=each.language or "",
            passage=passages[0].text if passages else "",
            rule=passages[0].rule if passages else "",
            origin=each.origin,
        )


def find_captures(addresses: Iterable[str]) -> dict[str, str]:
    """Return, by the address of a page, where its capture can be looked at."""
    found = {}
    for address in addresses:
        if (captured := read_capture(address)) is not None:
            found[captured.url] = re.sub(r"/(\d{14})id_/", r"/\1/", address, count=1)
    return found


def add_up(units: Iterable[CoveredUnit]) -> dict[str, dict[str, int]]:
    """Return the outcomes of files by month."""
    total: dict[str, Counter[str]] = {}
    for unit in units:
        for month, counts in unit.outcomes.items():
            total.setdefault(month, Counter()).update(counts)
    return {month: dict(counts) for month, counts in sorted(total.items())}
