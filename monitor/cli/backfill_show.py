"""What `backfill` prints: the plan of a dry run, and what it came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.cli.output import Output, count_words, show

if TYPE_CHECKING:
    from monitor.jobs.backfill import Backfilled
    from monitor.jobs.backfill_dry import Estimate
    from monitor.render.backfill import BackfillReport

SHOWN_HOSTS = 25
SHOWN_STORIES = 50
SHOWN_GAPS = 15


def show_estimate(
    out: Output, found: Estimate, *, missing: Sequence[str], lists: int, gaps: Sequence[str]
) -> None:
    """Print what would be read, how long it would take, and whom it would cost what."""
    if out.as_json:
        out.document(
            {
                "files": found.files,
                "parts": found.parts,
                "bytes": found.file_bytes,
                "bytes_known": found.file_sizes,
                "hours": round(found.hours, 3),
                "requests": found.requests,
                "megabytes": round(found.megabytes, 1),
                "hosts": list(found.hosts),
                "lists_read": lists,
                "missing": list(missing),
                "unseen": list(gaps),
            }
        )
        return
    if found.files:
        out.say(
            f"[bold]Files[/]    {found.files}, {found.file_bytes / 1e6:,.0f} MB,"
            f" about {found.file_hours:.1f} hours"
            + (f" ({show(found.file_sizes)})" if found.file_sizes else "")
        )
    if lists:
        out.say(
            f"[bold]Network[/]  {found.requests:,} pages of {len(found.hosts)} hosts, about"
            f" {found.megabytes:,.0f} MB ({'measured' if found.measured else 'estimated'})"
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
            out.say(f"and {len(found.hosts) - SHOWN_HOSTS} more hosts; --json names every one")
        out.say(f"To know this, {lists:,} lists were asked for (sitemaps, indexes), and no page.")
    elif found.files:
        out.say("[bold]Network[/]  none: archives are read from files")
    out.say(f"[bold]Time[/]     about {found.hours:.1f} hours; it may be stopped and started")
    for line in missing:
        out.warn(f"[bold]missing[/]: {show(line)}")
    tell_gaps(out, gaps)


def tell_gaps(out: Output, gaps: Sequence[str]) -> None:
    """Print what could not be seen."""
    if gaps:
        out.say(f"[bold]Not seen[/] {len(gaps)}:")
    for line in gaps[:SHOWN_GAPS]:
        out.say(f"  {show(line)}")
    if len(gaps) > SHOWN_GAPS:
        out.say(f"  and {len(gaps) - SHOWN_GAPS} more; the report lists them")


def gap_lines(report: BackfillReport) -> list[str]:
    """Return what could not be seen, a line each."""
    return [f"{each.source}: {each.what}: {each.why}" for each in report.unseen]


def as_document(done: Backfilled, report: BackfillReport) -> dict[str, Any]:
    """Return what `backfill --json` promises."""
    from monitor.cli.watch import story_as_json

    its = done.gathered
    return {
        "run": done.run.id,
        "pages": sum(done.run.outcomes.values()),
        "outcomes": done.run.outcomes,
        "stories": [story_as_json(story) for story in done.stories],
        "covered": covered_rows(report),
        "units": {"done": its.units - len(its.failed), "before": its.skipped},
        "failed": list(its.failed),
        "left": list(its.left),
        "unseen": list(report.unseen),
        "found": list(report.found),
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
    its = done.gathered
    if its.units or its.skipped:
        out.say(f"[bold]Files[/]    {its.units} parts read, {its.skipped} covered before")
    out.say(f"[bold]Pages[/]    {count_words(done.run.outcomes)}")
    out.say(
        f"[bold]Found[/]    {len(report.found)} articles; {len(done.stories)} stories new or grown"
        " in this run, all historic: nobody was alerted"
    )
    for story in done.stories[:SHOWN_STORIES]:
        out.say(f"  [bold]{show(story.title)}[/] {show(', '.join(story.countries))}")
    for line in its.failed:
        out.warn(f"[bold]could not be read[/]: {show(line)}")
    for line in its.left:
        out.warn(f"[bold]left for the next run[/]: {show(line)}")
    tell_gaps(out, gap_lines(report))
    out.say("[bold]Report[/]   " + show(", ".join(str(file) for file in files)))
