"""The command `backfill`: archives of years into articles and stories, marked historic."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, count_words, show
from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.jobs.backfill import Backfilled
    from monitor.jobs.backfill_plan import Plan
    from spiders.units import Wanted

Many = list[str] | None
MILLISECONDS_A_MEGABYTE = 150
"""Of packed archive, one core: from `benchmarks/backfill.md`; for estimates only."""


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(backfill)


def backfill(
    data: Data = DATA,
    config: Config = None,
    since: Annotated[
        str | None, typer.Option("--from", help="First day of publication, 2019-01-01.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="Last day of publication, included.")
    ] = None,
    warc: Annotated[
        Many, typer.Option("--warc", help="A WARC file, folder, glob, or @LIST of them.")
    ] = None,
    source: Annotated[Many, typer.Option("--source", help="Only the site of this source.")] = None,
    country: Annotated[Many, typer.Option("--country", help="Only sites of sources there.")] = None,
    language: Annotated[Many, typer.Option("--language", help="Only articles in it.")] = None,
    topic: Annotated[Many, typer.Option("--topic", help="Only this topic.")] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes; as many as cores unless given.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be read, and stop.")
    ] = False,
    no_filter: Annotated[
        bool, typer.Option("--no-filter", help="Extract every page; finds the same, slowly.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option("--report", help="Folder of the report; reports/ in the data.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read archives: what was published on the topics before the watch began; alerts nobody."""
    from monitor.jobs.backfill_plan import make_wanted, plan_files
    from monitor.wiring import read_config

    out = Output(as_json=as_json)
    configuration = read_config(config, data)
    if not warc:
        raise UsageError("while starting a backfill: nothing to read; name files with --warc")
    unknown = set(topic or ()) - {each.id for each in configuration.keywords.topics}
    if unknown:
        raise UsageError(f"while reading --topic: there is no topic {min(unknown)!r}")
    wanted = make_wanted(
        configuration.sources,
        since=read_day(since, "--from"),
        until=read_day(until, "--to", after=True),
        source_ids=source or (),
        countries=country or (),
        languages=language or (),
        topics=topic or (),
    )
    plan = plan_files(warc)
    if dry_run:
        show_plan(out, plan, workers or os.cpu_count() or 1)
        raise typer.Exit(1 if plan.missing else 0)
    done = _run(out, data, config, plan, wanted, workers=workers, sieve=not no_filter)
    files = _write(done, wanted, report or data / "reports")
    if as_json:
        out.document(as_document(done))
    else:
        show_done(out, done, files)
    raise typer.Exit(1 if done.failed else 0)


def read_day(text: str | None, option: str, *, after: bool = False) -> datetime | None:
    """Return the beginning of a day in UTC; with `after`, its end."""
    if text is None:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise UsageError(f"while reading {option} {text!r}: write a day as 2024-03-01") from error
    return datetime.fromordinal(day.toordinal() + 1).replace(tzinfo=UTC) if after else day


def _run(
    out: Output,
    data: Path,
    config: Path | None,
    plan: Plan,
    wanted: Wanted,
    *,
    workers: int | None,
    sieve: bool,
) -> Backfilled:
    from monitor.jobs.backfill import backfill as run_backfill
    from monitor.wiring import load_matcher, open_watch, read_config, worker_setup
    from spiders.unit_pool import PoolSetup

    configuration = read_config(config, data)
    arguments = worker_setup(configuration, data).arguments
    setup = PoolSetup(
        keywords=arguments["keywords"], cache=arguments["cache"], sieve=sieve, wanted=wanted
    )
    with open_watch(data, configuration) as watch, out.progress("parts of archives") as bar:
        return run_backfill(
            watch,
            plan,
            wanted,
            setup=setup,
            rules_version=load_matcher(configuration).version,
            workers=workers or os.cpu_count() or 1,
            progress=lambda done, total: bar.update(done=done, total=total),
        )


def show_plan(out: Output, plan: Plan, workers: int) -> None:
    """Print what would be read, and how long it would take."""
    megabytes = plan.bytes / 1e6
    hours = megabytes * MILLISECONDS_A_MEGABYTE / 3.6e6 / workers
    files = len({unit.path for unit in plan.units})
    if out.as_json:
        out.document(
            {
                "files": files,
                "parts": len(plan.units),
                "bytes": plan.bytes,
                "hours": round(hours, 3),
                "missing": plan.missing,
            }
        )
        return
    out.say(f"[bold]Files[/]   {files}, {megabytes:,.0f} MB, in {len(plan.units)} parts")
    out.say(f"[bold]Time[/]    about {hours:.1f} hours with {workers} processes")
    out.say("[bold]Network[/] none: archives are read from files")
    for line in plan.missing:
        out.warn(f"[bold]missing[/]: {show(line)}")


def as_document(done: Backfilled) -> dict[str, Any]:
    """Return what `backfill --json` promises."""
    from monitor.cli.watch import story_as_json

    return {
        "run": done.run.id,
        "pages": sum(done.run.outcomes.values()),
        "outcomes": done.run.outcomes,
        "stories": [story_as_json(story) for story in done.stories],
        "covered": covered_rows(done),
        "units": {"done": done.units - len(done.failed), "before": done.skipped},
        "failed": list(done.failed),
        "unseen": list(done.unseen),
    }


def covered_rows(done: Backfilled) -> list[dict[str, Any]]:
    """Return, for each site, the first and last month that its pages were captured in."""
    sites = add_up(unit.sites for unit in done.covered)
    return [
        {"source": site, "from": min(months), "to": max(months), "pages": sum(months.values())}
        for site, months in sorted(sites.items())
    ]


def add_up(tables: Iterable[Any]) -> dict[str, Counter[str]]:
    """Return tables of counts as one."""
    total: dict[str, Counter[str]] = {}
    for table in tables:
        for key, counts in table.items():
            total.setdefault(key, Counter()).update(counts)
    return total


def _write(done: Backfilled, wanted: Wanted, folder: Path) -> tuple[Path, ...]:
    from monitor.render.coverage import CoverageReport, write_report

    counted: Counter[str] = Counter()
    for unit in done.covered:
        counted.update(unit.unseen)
    asked = [
        f"{name}: {value}"
        for name, value in (
            ("published from", wanted.since),
            ("published before", wanted.until),
            ("sites", ", ".join(wanted.sites)),
            ("languages", ", ".join(wanted.languages)),
            ("topics", ", ".join(wanted.topics)),
        )
        if value
    ]
    return write_report(
        CoverageReport(
            title=f"Backfill {done.run.started_at:%Y-%m-%d %H:%M} UTC",
            asked=tuple(asked) or ("everything",),
            outcomes=add_up(unit.outcomes for unit in done.covered),
            sites=add_up(unit.sites for unit in done.covered),
            counted=counted,
            unseen=(*done.failed, *done.unseen),
            stories=tuple(
                (
                    story.title,
                    f"{story.first_seen:%Y-%m-%d}",
                    story.articles[0].url if story.articles else "",
                )
                for story in done.stories
            ),
        ),
        folder,
        f"backfill-{done.run.id[:8]}",
    )


def show_done(out: Output, done: Backfilled, files: tuple[Path, ...]) -> None:
    """Print what a backfill came to, for a person."""
    out.say(f"[bold]Parts[/]    {done.units} read, {done.skipped} covered before")
    out.say(f"[bold]Pages[/]    {count_words(done.run.outcomes)}")
    out.say(f"[bold]Stories[/]  {len(done.stories)}, all historic: nobody was alerted")
    for story in done.stories[:50]:
        out.say(f"  [bold]{show(story.title)}[/] {show(', '.join(story.countries))}")
    for line in done.failed:
        out.warn(f"[bold]could not be read[/]: {show(line)}")
    if done.unseen:
        out.warn(f"[bold]damaged places[/]: {len(done.unseen)}; the report lists them")
    out.say("[bold]Report[/]   " + show(", ".join(str(file) for file in files)))
