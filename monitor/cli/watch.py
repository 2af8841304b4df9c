"""Commands of a running watch: run, digest, deliveries, status."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.failures import Failure, tell_failing_sources
from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, count_words, show, writing_to
from monitor.cli.show_status import show_status
from monitor.errors import UsageError
from monitor.log import set_up_logging

if TYPE_CHECKING:
    from monitor.config.folder import Configuration
    from monitor.jobs.once import Once
    from monitor.model import Delivery, Settings, Story

LOGS = "logs"
"""Where in the data the service writes its log."""

deliveries_app = typer.Typer(
    invoke_without_command=True, help="What was sent, what failed, and why."
)


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(run)
    app.command()(digest)
    app.command()(status)
    app.add_typer(deliveries_app, name="deliveries")


def set_up(settings: Settings, *, folder: Path | None = None, quiet: bool = False) -> None:
    """Log as the settings say; with `folder`, into a file there, too.

    With `quiet`, warnings are left out: the command says the same in sentences.
    """
    level = settings.log.level
    if quiet and level == "warning":
        level = "error"
    set_up_logging(as_json=settings.log.as_json, level=level, folder=folder)


def run(
    data: Data = DATA,
    config: Config = None,
    once: Annotated[
        bool, typer.Option("--once", help="Do everything that is due, deliver, and stop.")
    ] = False,
    new: Annotated[
        bool, typer.Option("--new", help="Make the database if there is none yet.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Watch: look at the sources, flag what is new, tell who needs to know."""
    from monitor.wiring import open_watch, read_config

    out = Output(as_json=as_json)
    configuration = read_config(config, data)
    set_up(configuration.settings, quiet=once)
    if not once:
        set_up(configuration.settings, folder=data / LOGS)
        serve(data, config, configuration, create=new)
        return
    from monitor.jobs.once import run_once

    with open_watch(data, configuration, create=new) as watch, out.progress("pages") as bar:
        result = run_once(watch, progress=lambda done, total: bar.update(done=done, total=total))
    if as_json:
        out.document(once_as_json(result))
    else:
        show_once(out, result)
    raise typer.Exit(1 if result.problems else 0)


def serve(data: Path, config: Path | None, configuration: Configuration, *, create: bool) -> None:
    """Run the service until it is told to stop."""
    from monitor.jobs.service import Service
    from monitor.wiring import open_live

    with open_live(data, config, configuration, create=create) as live:
        Service(live).run()


def once_as_json(result: Once) -> dict[str, Any]:
    """Return what `run --once --json` promises."""
    run_ = result.polled.run
    return {
        "run": run_.id,
        "sources": {"asked": run_.sources_asked, "failed": run_.sources_failed},
        "pages": sum(run_.outcomes.values()),
        "outcomes": run_.outcomes,
        "stories": [story_as_json(story) for story in result.stories],
        "deliveries": result.delivered.as_counts(),
        "failing": list(result.polled.failing),
        "problems": list(result.problems),
    }


def story_as_json(story: Story) -> dict[str, Any]:
    """Return a story as one flat object, its first article's link beside its title."""
    first = story.articles[0] if story.articles else None
    return {
        "story": story.id,
        "title": story.title,
        "level": story.level,
        "topics": story.topics,
        "countries": story.countries,
        "first_seen": story.first_seen,
        "historic": story.historic,
        "url": first.url if first else None,
        "articles": story.articles,
    }


def show_once(out: Output, result: Once) -> None:
    """Print what one run did, for a person."""
    polled = result.polled.run
    out.say(f"[bold]Sources[/]     {polled.sources_asked} asked, {polled.sources_failed} failed")
    out.say(f"[bold]Pages[/]       {count_words(polled.outcomes)}")
    out.say(f"[bold]Stories[/]     {len(result.stories)}")
    for story in result.stories:
        out.say(f"  [bold]{show(story.title)}[/]")
        first = story.articles[0] if story.articles else None
        where = ", ".join(story.countries) or "country not known"
        out.say(f"    {show(story.level)} · {show(', '.join(story.topics))} · {show(where)}")
        if first is not None:
            out.say(f"    {show(first.outlet)}: {show(first.url)}")
    out.say(f"[bold]Messages[/]    {count_words(result.delivered.as_counts())}")
    parts = (each.partition(": ") for each in result.polled.failing)
    failing = [Failure(name=name, why=why) for name, _, why in parts]
    tell_failing_sources(out, failing, asked=polled.sources_asked)
    for problem in result.problems:
        if not (problem.startswith("none of the ") and failing):
            out.warn_prose(problem, label="problem: ")


def read_day(text: str | None) -> date | None:
    """Return a day written as 2026-11-21."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"while reading --date {text!r}: write a day as 2026-11-21") from error


def digest(
    data: Data = DATA,
    config: Config = None,
    name: Annotated[str | None, typer.Option("--for", help="The subscriber.")] = None,
    day: Annotated[
        str | None, typer.Option("--date", help="A local day, 2026-11-21; today unless given.")
    ] = None,
    preview: Annotated[
        Path | None, typer.Option("--preview", help="Write the digest as HTML to this file.")
    ] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Send it now, once, though its time has not come.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show the digest of a day as it was or would be sent; with --send, send it."""
    from monitor.jobs.digests import preview_digest
    from monitor.jobs.handed import do_or_hand_over, find_subscriber
    from monitor.render.digest import render_digest
    from monitor.wiring import open_watch, read_config

    out = Output(as_json=as_json)
    wanted = read_day(day)
    configuration = read_config(config, data)
    set_up(configuration.settings)
    if send:
        said = do_or_hand_over(
            data,
            "send digest",
            {"subscriber": name, "day": wanted.isoformat() if wanted else None},
            open_watch=lambda: open_watch(data, configuration),
        )
        for problem in said["problems"]:
            out.warn(show(problem))
    with open_watch(data, configuration, write=False) as watch:
        subscriber = find_subscriber(watch, name)
        message = render_digest(preview_digest(watch, subscriber, wanted), subscriber)
    if preview is not None:
        with writing_to(preview):
            preview.write_text(message.html or message.text, encoding="utf-8")
        out.warn(f"written to {show(preview)}")
    if as_json:
        out.document(message.payload)
    elif preview is None:
        out.console.print(message.text, markup=False, highlight=False)


@deliveries_app.callback()
def deliveries(
    context: typer.Context,
    data: Data = DATA,
    config: Config = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only what waits for another try or was given up.")
    ] = False,
    limit: Annotated[int, typer.Option(help="How many, the newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """Show what was sent, what failed, and why."""
    from monitor.model import AlertState
    from monitor.wiring import open_watch, read_config

    if context.invoked_subcommand is not None:
        return
    out = Output(as_json=as_json)
    with open_watch(data, read_config(config, data), write=False) as watch:
        outbox = watch.storage.outbox
        rows = (
            outbox.read_waiting(states=(AlertState.OWED, AlertState.DEAD), limit=limit)
            if failed
            else outbox.read_deliveries(limit=limit)
        )
    show_deliveries(out, rows, none="Nothing failed." if failed else "Nothing was sent yet.")


def show_deliveries(out: Output, rows: tuple[Delivery, ...], *, none: str) -> None:
    """Print deliveries, newest first; `none` is what to say without any."""
    if out.as_json:
        out.lines(rows)
        return
    if not rows:
        out.say(none)
        return
    out.table(
        ("when (UTC)", "what", "to", "channel", "try", "state", "answer", "next try", "id"),
        (
            (
                f"{row.at:%Y-%m-%d %H:%M:%S}",
                row.message_kind,
                row.subscriber,
                row.channel,
                row.attempt,
                row.state.value,
                row.response,
                f"{row.next_try_at:%Y-%m-%d %H:%M}" if row.next_try_at else "",
                row.message_id,
            )
            for row in rows
        ),
    )


@deliveries_app.command("retry")
def retry(
    message_id: Annotated[str, typer.Argument(metavar="ID", help="As `deliveries` shows it.")],
    data: Data = DATA,
    config: Config = None,
) -> None:
    """Try a message again now, whatever became of it."""
    from monitor.jobs.handed import do_or_hand_over
    from monitor.wiring import open_watch, read_config

    out = Output(as_json=False)
    configuration = read_config(config, data)
    set_up(configuration.settings)
    said = do_or_hand_over(
        data,
        "retry",
        {"message": message_id},
        open_watch=lambda: open_watch(data, configuration),
    )
    out.say(f"Messages: {count_words(said['counts'])}")
    for problem in said["problems"]:
        out.warn(show(problem))
    raise typer.Exit(1 if said["problems"] else 0)


def status(
    data: Data = DATA,
    config: Config = None,
    whole: Annotated[
        bool,
        typer.Option("--all", help="Name every source in trouble, not the first of each kind."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Show how the watch stands; exit status 1 when something needs a person."""
    from monitor.jobs.status import read_status
    from monitor.wiring import open_watch, read_config

    out = Output(as_json=as_json)
    with open_watch(data, read_config(config, data), write=False) as watch:
        found = read_status(watch)
    if as_json:
        out.document(found)
    else:
        show_status(out, found, whole=whole)
    raise typer.Exit(0 if found.ok else 1)
