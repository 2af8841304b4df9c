"""What `backfill` prints: the plan of a dry run, and what it came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.cli.output import Output, count_words, show

if TYPE_CHECKING:
    from monitor.jobs.backfill import Backfilled, Gathered
    from monitor.jobs.backfill_dry import Estimate
    from monitor.model import Outcome
    from monitor.render.backfill import BackfillReport

SHOWN_HOSTS = 25
SHOWN_STORIES = 50
SHOWN_GAPS = 15
OFFLINE_GAPS = 3


def tell_unfiltered(out: Output, why: str) -> None:
    """Print that every page is extracted, and why; how much longer that takes, README.md says."""
    out.warn_prose(f"{why}. Every page is extracted, which takes much longer.", label="No filter: ")


def show_estimate(
    out: Output,
    found: Estimate,
    *,
    missing: Sequence[str],
    lists: int,
    gaps: Sequence[str],
    unfiltered: str | None,
    note: str,
) -> None:
    """Print what would be read, how long it would take, and whom it would cost what."""
    if unfiltered:
        tell_unfiltered(out, unfiltered)
    if found.offline:
        _tell_offline(out)
    if out.as_json:
        out.document(
            {
                "files": found.files,
                "parts": found.parts,
                "parts_before": found.parts_before,
                "bytes": found.file_bytes,
                "bytes_known": found.file_sizes,
                "hours": round(found.hours, 3),
                "requests": found.requests,
                "megabytes": round(found.megabytes, 1),
                "hosts": list(found.hosts),
                "lists_read": lists,
                "missing": list(missing),
                "unseen": list(gaps),
                "unfiltered": [unfiltered] if unfiltered else [],
                "note": note,
                "offline": found.offline,
            }
        )
        return
    if found.files:
        out.say(
            f"[bold]Files[/]    {found.files}, {size_words(found.file_bytes)}"
            f"{' to read' if found.parts_before else ''}, {time_words(found.file_hours)}"
            + (f" ({show(found.file_sizes)})" if found.file_sizes else "")
            + (
                f"; {found.parts_before:,} of {_count(found.parts, 'part')} read before"
                if found.parts_before
                else ""
            )
        )
    if lists:
        _show_network(out, found, lists)
    elif found.files and not found.offline:
        out.say("[bold]Network[/]  none: archives are read from files")
    if not found.offline and (found.files or lists or not missing):
        out.say(f"[bold]Time[/]     {time_words(found.hours)}; it may be stopped and started")
    if note:
        out.prose(note, style="bold")
    for line in missing:
        out.warn(f"[bold]missing[/]: {show(line)}")
    tell_gaps(out, gaps, offline=found.offline)


def _show_network(out: Output, found: Estimate, lists: int) -> None:
    known = "measured" if found.measured else "estimated"
    out.say(
        f"[bold]Network[/]  {_count(found.requests, 'page')} of"
        f" {_count(len(found.hosts), 'host')}, about"
        f" {size_words(found.megabytes * 1e6)} ({known})"
    )
    out.table(
        ("host", "requests", "one every", "hours", "MB"),
        (
            (each.host, f"{each.requests:,}", f"{each.seconds_between:g} s",
             f"{each.hours:.1f}", f"{each.megabytes:,.0f}")
            for each in found.hosts[:SHOWN_HOSTS]
        ),
    )  # fmt: skip
    if len(found.hosts) > SHOWN_HOSTS:
        more = _count(len(found.hosts) - SHOWN_HOSTS, "more host")
        out.say(f"and {more}; --json names every one")
    were = "was" if lists == 1 else "were"
    asked = f"{_count(lists, 'list')} {were} asked for"
    out.say(f"To know this, {asked} (sitemaps, indexes), and no page.")


def _tell_offline(out: Output) -> None:
    from spiders.reach import OFFLINE

    out.warn_prose(OFFLINE, label="Network  ")


def size_words(size: float) -> str:
    """Return so many bytes in the unit that says something of them."""
    if size >= 1e7:
        return f"{size / 1e6:,.0f} MB"
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{-(-size // 1000):,.0f} kB"


def time_words(hours: float) -> str:
    """Return about how long so many hours are."""
    minutes = round(hours * 60)
    if not minutes:
        return "less than a minute"
    return f"about {_count(minutes, 'minute')}" if hours < 1 else f"about {hours:,.1f} hours"


def _count(count: int, word: str) -> str:
    return f"{count:,} {word if count == 1 else f'{word}s'}"


def tell_gaps(out: Output, gaps: Sequence[str], *, offline: bool = False) -> None:
    """Print what could not be seen; of everything, without a connection, the first few reasons."""
    if offline:
        for line in [each for each in gaps if "not asked for yet" not in each][:OFFLINE_GAPS]:
            out.say(f"  {show(line)}")
        return
    if gaps:
        out.say(f"[bold]Not seen[/] {len(gaps)}:")
    for line in gaps[:SHOWN_GAPS]:
        out.say(f"  {show(line)}")
    if len(gaps) > SHOWN_GAPS:
        out.say(f"  and {len(gaps) - SHOWN_GAPS} more; the report lists them")


def gap_lines(report: BackfillReport) -> list[str]:
    """Return what could not be seen, a line each, but for files, of which is told apart."""
    from monitor.render.backfill import DAMAGED, FILES

    return [
        f"{each.source}: {each.what}: {each.why}"
        for each in report.unseen
        if each.what != DAMAGED and each.source != FILES
    ]


def damage_lines(report: BackfillReport, paths: Mapping[str, str]) -> tuple[list[str], int]:
    """Return the damaged places of the files that were named now, and how many others had."""
    from monitor.render.backfill import DAMAGED

    damages = [each for each in report.unseen if each.what == DAMAGED]
    now = [each for each in damages if each.file in paths]
    return [f"{paths[each.file]}: {each.what}: {each.why}" for each in now], len(damages) - len(now)


def as_document(done: Backfilled, report: BackfillReport) -> dict[str, Any]:
    """Return what `backfill --json` promises."""
    from monitor.cli.watch import story_as_json
    from spiders.reach import OFFLINE

    its = done.gathered
    return {
        "run": done.run.id,
        "pages": sum(done.run.outcomes.values()),
        "outcomes": done.run.outcomes,
        "stories": [story_as_json(story) for story in done.stories],
        "covered": covered_rows(report),
        "units": {"done": its.units - its.failed, "before": its.skipped},
        "failed": [f"{what}: {why}" for what, why in its.unread],
        "damaged": damage_lines(report, its.paths)[0],
        "gone": list(its.gone),
        "left": list(its.left),
        "offline": OFFLINE in its.left,
        "left_out": report.left_out,
        "summary": list(report.summary),
        "unfiltered": list(its.unfiltered),
        "note": report.note,
        "unseen": list(report.unseen),
        "found": list(report.found),
        "flagged_left_out": list(report.flagged),
    }


def covered_rows(report: BackfillReport) -> list[dict[str, Any]]:
    """Return, for each source, the first and last month of its pages."""
    rows = []
    for source in report.sources:
        months = [row.month for row in source.months if row.month and row.counts.get("covered")]
        if months:
            pages = source.total("covered")
            span = {"from": min(months), "to": max(months)}
            rows.append({"source": source.name, **span, "pages": pages})
    return rows


def add_up(tables: Iterable[Any]) -> dict[str, Counter[str]]:
    """Return tables of counts as one."""
    total: dict[str, Counter[str]] = {}
    for table in tables:
        for key, counts in table.items():
            total.setdefault(key, Counter()).update(counts)
    return total


def show_done(
    out: Output, done: Backfilled, report: BackfillReport, files: tuple[Path, ...]
) -> None:
    """Print what a backfill came to, for a person."""
    from spiders.reach import OFFLINE

    its = done.gathered
    if its.units or its.skipped:
        out.say(f"[bold]Files[/]    {files_words(its)}")
    read = done.run.outcomes
    out.say(f"[bold]Pages[/]    {pages_words(read)}")
    for line in filter(None, (report.note, *report.summary)):
        out.prose(line, style="bold")
    if report.flagged:
        out.say("The report names them, under 'Flagged, but left out'.")
    out.say(f"[bold]Found[/]    {found_words(len(report.found), len(done.stories))}")
    for story in done.stories[:SHOWN_STORIES]:
        out.say(f"  [bold]{show(story.title)}[/] {show(', '.join(story.countries))}")
    most = OFFLINE_GAPS if OFFLINE in its.left else len(its.unread)
    for what, why in its.unread[:most]:
        out.warn(f"[bold]could not be read[/]: {show(what)}: {show(why)}")
    if len(its.unread) > most:
        out.warn(f"and {len(its.unread) - most:,} more; the report has them")
    for where in its.gone:
        out.say(
            f"[bold]Gone[/]     {show(where)}: nothing of it could be read before; the report"
            " names it no more"
        )
    tell_damages(out, report, its.paths)
    if OFFLINE in its.left:
        _tell_offline(out)
    for line in [each for each in its.left if each != OFFLINE]:
        out.warn(f"[bold]left for the next run[/]: {show(line)}")
    tell_gaps(out, gap_lines(report), offline=OFFLINE in its.left)
    out.say("[bold]Report[/]   " + show(", ".join(str(file) for file in files)))


def pages_words(outcomes: Mapping[Outcome, int]) -> str:
    """Return what the pages of this run came to: every page in one count."""
    named = {str(each.value): pages for each, pages in outcomes.items()}
    if known := named.pop("unchanged", 0):
        named["already known"] = known
    return count_words(named) if named else "none in this run"


def tell_damages(out: Output, report: BackfillReport, paths: Mapping[str, str]) -> None:
    """Print which of the files that were named now are damaged, and of how many others that is."""
    lines, others = damage_lines(report, paths)
    for line in lines[:SHOWN_GAPS]:
        out.warn(f"[bold]could not be read whole[/]: {show(line)}")
    if len(lines) > SHOWN_GAPS:
        out.warn(
            f"and {_count(len(lines) - SHOWN_GAPS, 'more damaged place')}; the report has them"
        )
    if others:
        out.say(
            f"From earlier runs: {_count(others, 'damaged place')} in other files; see the report"
        )


def files_words(its: Gathered) -> str:
    """Return how many files were read, and in how many parts where large ones were cut."""
    parts, read = its.units + its.skipped, its.units - its.failed
    files = _count(its.files, "file")
    if parts == its.files:
        return f"{files}: {read:,} read, {its.skipped:,} covered before"
    return (
        f"{files}, read in {_count(parts, 'part')} so that all processors have some:"
        f" {_count(read, 'part')} read, {its.skipped:,} covered before"
    )


def found_words(articles: int, stories: int) -> str:
    """Return what was asked for has found so far, by this run and those before it, and is new."""
    if not articles and not stories:
        return "no article: nobody was alerted"
    found = f"{_count(articles, 'article')} so far"
    if not stories:
        return f"{found}; none is new in this run, nobody was alerted"
    told = "1 story" if stories == 1 else f"{stories:,} stories"
    return f"{found}; {told} new or grown in this run, all historic: nobody was alerted"
