"""Commands that set a watch up: check, and those of `init` and `sources`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import init, sources
from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, show
from monitor.clock import SystemClock
from monitor.errors import ConfigError

if TYPE_CHECKING:
    from monitor.jobs.check import Tried


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command("init")(init.init)
    app.command()(check)
    app.add_typer(sources.app, name="sources")


def check(
    data: Data = DATA,
    config: Config = None,
    live: Annotated[
        bool, typer.Option("--live", help="Also send a test to everybody and ask every source.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read every configuration file and say what is wrong, where, and what to do."""
    from monitor.jobs.check import try_channels, try_sources
    from monitor.wiring import make_sender, open_workers, read_config

    out = Output(as_json=as_json)
    try:
        configuration = read_config(config, data)
    except ConfigError as error:
        if not as_json:
            raise
        out.document({"ok": False, "problems": error.problems})
        raise typer.Exit(error.exit_status) from None
    tried: list[Tried] = []
    if live:
        settings, clock = configuration.settings, SystemClock()
        tried += try_channels(
            settings, lambda each: make_sender(each, data=data, clock=clock), clock
        )
        with open_workers(configuration, data) as workers:
            tried += try_sources(configuration.sources, settings, workers)
    broken = [each for each in tried if each.problem is not None]
    if as_json:
        problems = [
            {"file": None, "line": None, "problem": f"{each.what}: {each.problem}", "cure": ""}
            for each in broken
        ]
        out.document({"ok": not broken, "problems": problems})
    else:
        for each in tried:
            sign = "[green]works[/]" if each.problem is None else "[bold red]fails[/]"
            out.say(f"{sign}  {show(each.what)}: {show(each.problem or each.said)}")
        topics = len(configuration.keywords.topics)
        enabled = sum(1 for source in configuration.sources if source.enabled)
        out.say(
            f"The files are in order: {topics} topics, {enabled} sources,"
            f" {len(configuration.settings.subscribers)} subscribers."
        )
    raise typer.Exit(1 if broken else 0)
