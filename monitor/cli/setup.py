"""Commands that set a watch up: init, check, and those of `sources`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import sources
from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, show
from monitor.clock import SystemClock
from monitor.errors import ConfigError

if TYPE_CHECKING:
    from monitor.config.init import Answers, MailAnswers
    from monitor.jobs.check import Tried


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(init)
    app.command()(check)
    app.add_typer(sources.app, name="sources")


def init(
    data: Data = DATA,
    config: Config = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Ask nothing: one reader, files in a folder.")
    ] = False,
) -> None:
    """Ask a few questions, write the configuration, make the database, and test it."""
    from monitor.config.init import Answers, build_files, write_files
    from monitor.wiring import create_data, read_config

    out = Output(as_json=False)
    folder = config or Path.cwd()
    answers = Answers() if defaults else ask(out)
    for path in write_files(folder, build_files(answers)):
        out.say(f"written: {show(path)}")
    read_config(folder, data)
    made = create_data(data)
    out.say(
        f"made the database in {show(data)}"
        if made
        else f"the database in {show(data)} is there already, and is kept as it is"
    )
    out.say("Next: [bold]stationwatch check --live[/], then [bold]stationwatch run --once[/]")


def ask(out: Output) -> Answers:
    """Ask for what differs from person to person; Enter takes what is in brackets."""
    from monitor.config.init import Answers

    out.say("Press Enter to take what stands in brackets. Everything can be changed later.")
    name = typer.prompt("Your name, as it stands in messages", default="me")
    zone = typer.prompt("Your time zone", default="UTC")
    at = typer.prompt("When should the daily digest come", default="07:00")
    countries = split_list(
        typer.prompt("Only these host countries (HU, IT; empty: all)", default="")
    )
    languages = split_list(typer.prompt("Only these languages (hu, it; empty: all)", default=""))
    mail = ask_mail() if typer.confirm("Send by e-mail", default=False) else None
    mail_to = typer.prompt("Send to which address") if mail else None
    url = typer.prompt("Webhook address (empty: none)", default="")
    secret = typer.prompt("Webhook secret (whsec_…)", hide_input=True) if url else ""
    return Answers(
        name=name,
        time_zone=zone,
        digest_at=at,
        countries=tuple(code.upper() for code in countries),
        languages=languages,
        mail=mail,
        mail_to=mail_to,
        webhook_url=url or None,
        webhook_secret=secret or None,
    )


def ask_mail() -> MailAnswers:
    """Ask for the mail server."""
    from monitor.config.init import MailAnswers

    host = typer.prompt("Mail server (smtp.example.org)")
    security = typer.prompt("Security: starttls or tls", default="starttls")
    sender = typer.prompt("Sender address")
    user = typer.prompt("User name (empty: none)", default="")
    password = typer.prompt("Password", hide_input=True) if user else ""
    return MailAnswers(
        host=host,
        security=security,
        sender=sender,
        username=user or None,
        password=password or None,
    )


def split_list(text: str) -> tuple[str, ...]:
    """Return the words of a list with commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


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
