"""Commands that set a watch up: check, and those of `init` and `sources`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import init, sources
from monitor.cli.failures import Failure, tell_failing_sources
from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, number, show
from monitor.clock import SystemClock
from monitor.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.alerts.sender import Sender
    from monitor.config.folder import Configuration
    from monitor.jobs.check import Tried
    from monitor.model import Subscriber

SOURCE = "source "


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command("init")(init.init)
    app.command()(check)
    app.command()(install)
    app.add_typer(sources.app, name="sources")


def install(
    part: Annotated[str, typer.Argument(metavar="PART", help="browser, cluster, s3 or speed.")],
) -> None:
    """Add an optional part: browser, cluster, s3 or speed."""
    raise UsageError(
        f"while installing {part!r}: parts are added by the script stationwatch of a checkout,"
        " before Python begins; start it with that"
    )


def check(
    data: Data = DATA,
    config: Config = None,
    live: Annotated[
        bool, typer.Option("--live", help="Also send a test to everybody and ask every source.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read every configuration file and say what is wrong, where, and what to do."""
    from monitor.jobs.check import try_second_backup
    from monitor.wiring import read_config

    out = Output(as_json=as_json)
    try:
        configuration = read_config(config, data)
    except ConfigError as error:
        if not as_json:
            raise
        out.document({"ok": False, "problems": error.problems})
        raise typer.Exit(error.exit_status) from None
    tried, warnings = try_second_backup(data, configuration.settings)
    if live:
        tried += try_live(out, configuration, data)
    broken = [each for each in tried if each.problem is not None]
    if as_json:
        problems = [
            {"file": None, "line": None, "problem": f"{each.what}: {each.problem}", "cure": ""}
            for each in broken
        ]
        out.document({"ok": not broken, "problems": problems, "warnings": warnings})
    else:
        show_tried(out, tried)
        for warning in warnings:
            out.prose(warning, label="warning  ")
        topics = len(configuration.keywords.topics)
        out.say(
            f"The files are in order: {number(topics, 'topic')}, {say_sources(configuration)},"
            f" {number(len(configuration.settings.subscribers), 'subscriber')}."
        )
    raise typer.Exit(1 if broken else 0)


def say_sources(configuration: Configuration) -> str:
    """Return how many sources are watched, and how many of the lists are switched off."""
    enabled = sum(1 for source in configuration.sources if source.enabled)
    off = len(configuration.sources) - enabled
    are = "is" if off == 1 else "are"
    return number(enabled, "source") + (f" ({off:,} {are} off)" if off else "")


def try_live(out: Output, configuration: Configuration, data: Path) -> list[Tried]:
    """Send a test to every reader and ask every source, with a bar on a terminal."""
    from monitor.jobs.check import try_channels, try_sources
    from monitor.wiring import make_sender, open_workers

    settings, clock = configuration.settings, SystemClock()

    def make(subscriber: Subscriber) -> Sender:
        return make_sender(subscriber, data=data, clock=clock)

    with out.progress("readers") as bar:

        def tell(what: str, done: int, total: int) -> None:
            bar.update(done=done, total=total, what=what)

        tried = try_channels(settings, make, clock, tell=tell)
        with open_workers(configuration, data) as workers:
            return tried + try_sources(configuration.sources, settings, workers, tell=tell)


def show_tried(out: Output, tried: list[Tried]) -> None:
    """Print what was tried: each reader, and the sources in as few lines as they need."""
    sources = [each for each in tried if each.what.startswith(SOURCE)]
    for each in tried:
        if each.problem is None:
            out.say(f"[green]works[/]  {show(each.what)}: {show(each.said)}")
        elif each not in sources:
            out.prose(each.problem, label=f"fails  {each.what}: ")
    failed = [
        Failure(name=each.what.removeprefix(SOURCE), why=each.problem)
        for each in sources
        if each.problem is not None
    ]
    tell_failing_sources(out, failed, asked=len(sources))
