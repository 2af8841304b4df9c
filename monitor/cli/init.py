"""`init`: a few questions, every answer checked at once; nothing is written until all is right."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.called import command_line, shorten, whole_command
from monitor.cli.options import DATA, Config, Data
from monitor.cli.output import Output, show
from monitor.clock import SystemClock
from monitor.errors import StationwatchError, UsageError

if TYPE_CHECKING:
    from monitor.alerts.sender import Sender
    from monitor.cli.interview import Interview
    from monitor.config.answers_file import GivenAnswers
    from monitor.config.init import Answers, NewFile
    from monitor.model import Subscriber

NOTHING = "Nothing was written."


def init(
    data: Data = DATA,
    config: Config = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Ask nothing: one reader, files in a folder.")
    ] = False,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", help="Ask nothing: the answers stand in this file (TOML)."),
    ] = None,
    example: Annotated[
        bool, typer.Option("--example-answers", help="Print such a file, and stop.")
    ] = False,
) -> None:
    """Ask a few questions, test the mail, write the configuration, make the database."""
    from monitor.config.answers_file import EXAMPLE
    from monitor.config.init import Answers

    out = Output(as_json=False)
    if example:
        sys.stdout.write(EXAMPLE)
    elif defaults:
        if answers is not None:
            raise UsageError("while reading the options: use --defaults or --answers, not both")
        write(out, Answers(), config=config or Path.cwd(), data=data)
    elif answers is not None:
        follow(out, answers, config=config or Path.cwd(), data=data)
    elif not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "while asking: this is no terminal, so nobody can answer; use --defaults, or write the"
            " answers into a file and use --answers FILE (--example-answers prints one)"
        )
    else:
        converse(out, config=config, data=data)


def follow(out: Output, file: Path, *, config: Path, data: Path) -> None:
    """Do what the answers in `file` say; a test that fails writes nothing."""
    from monitor.config.answers_file import read_answers

    topics = [topic for topic, _ in read_topics(config)]
    given: GivenAnswers = read_answers(file, topics=topics, environment=os.environ)
    if given.send_test:
        problem = try_mail(given.answers)
        if problem is not None:
            raise StationwatchError(f"while sending a test by mail: {problem}. {NOTHING}")
        out.say(f"The mail server took a test for {show(given.answers.mail_to)}.")
    write(out, given.answers, config=config, data=data, unit=given.unit)


def converse(out: Output, *, config: Path | None, data: Path) -> None:
    """Ask, test, and write; stopped anywhere, nothing was written."""
    from monitor.cli.interview import Interview
    from monitor.config.answers import WrongAnswer

    try:
        interview = Interview(
            out,
            topics=read_topics(config),
            config=config,
            data=None if data == DATA else data,
        )
    except WrongAnswer as wrong:
        raise UsageError(f"while looking at the folders: {wrong}") from None
    out.prose(
        "Enter takes what stands in brackets. Everything can be changed later, and nothing is"
        " written before the end. Ctrl-C stops."
    )
    out.say()
    try:
        interview.ask()
        offer_test(out, interview)
        if not interview.review():
            out.say(NOTHING)
            raise typer.Exit(1)
    except (typer.Abort, KeyboardInterrupt):
        out.say(f"\n{NOTHING}")
        raise typer.Abort from None
    write(
        out,
        interview.answers(),
        config=interview.values["config"],
        data=interview.values["data"],
        unit=interview.values["unit"],
    )


def offer_test(out: Output, interview: Interview) -> None:
    """Send a test by mail if it is wished, until it works or is done without."""
    if not interview.values["by_mail"]:
        return
    if not typer.confirm("\nSend a test message to that address now", default=True):
        return
    while (problem := try_mail(interview.answers())) is not None:
        out.prose(problem, label="   That did not work: ")
        said = typer.prompt(
            "1: correct the answers about mail   2: try again   3: go on without a test"
            "   4: no e-mail after all",
            default="1",
        ).strip()
        if said == "3":
            return
        if said == "4":
            interview.drop_mail()
            return
        if said == "1":
            interview.ask_mail_again(distrusted="ca_file" in problem)
    out.say(
        "   [bold green]The mail server took it.[/] Look into the mailbox (the spam folder, too)."
    )


def try_mail(answers: Answers) -> str | None:
    """Send a test with `answers` and return what went wrong; nothing of it is kept."""
    from monitor.config.init import build_files, read_back
    from monitor.jobs.check import try_channel
    from monitor.wiring import make_sender

    settings = read_back(build_files(answers))
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as aside:

        def make(subscriber: Subscriber) -> Sender:
            return make_sender(subscriber, data=Path(aside), clock=clock)

        mail = next(each for each in settings.subscribers if each.channel.kind == "email")
        return try_channel(mail, make, clock).problem


def read_topics(config: Path | None) -> list[tuple[str, str]]:
    """Return the topics of keywords.yaml, the person's own or the one that ships."""
    from monitor.config.files import KEYWORDS, find_file
    from monitor.config.keywords import read_keywords

    keywords = read_keywords(find_file(config or Path.cwd(), KEYWORDS))
    return [(topic.id, topic.title) for topic in keywords.topics]


def write(out: Output, answers: Answers, *, config: Path, data: Path, unit: bool = False) -> None:
    """Write the files, make the database, and say what comes next; all of it or nothing."""
    from monitor.config.init import build_files, read_back, remove_files, write_files
    from monitor.wiring import create_data, read_config

    files = build_files(answers)
    read_back(files)
    if unit:
        files += (unit_file(config, data),)
    is_new, is_new_data = not config.exists(), not data.exists()
    written = write_files(config, files)
    try:
        read_config(config, data)
        made = create_data(data)
    except BaseException:
        if is_new_data:
            shutil.rmtree(data, ignore_errors=True)
        remove_files(written, folder=config if is_new else None)
        raise
    for path in written:
        out.say(f"written: {show(path)}")
    out.say(
        f"made the database in {show(data)}"
        if made
        else f"the database in {show(data)} is there already, and is kept as it is"
    )
    show_next(out, config=config, data=data, unit=unit)


def unit_file(config: Path, data: Path) -> NewFile:
    """Return the systemd unit of this watch."""
    from monitor.config.init import NewFile
    from monitor.config.unit import UNIT, build_unit

    text = build_unit(whole_command(), config=config.absolute(), data=data.absolute())
    return NewFile(name=UNIT, text=text)


def show_next(out: Output, *, config: Path, data: Path, unit: bool) -> None:
    """Print the commands that come next, whole, to be copied."""
    from monitor.config.unit import UNIT

    steps = (
        ("Try every reader and every source:", "check --live"),
        ("Look at all sources once, and deliver what is found:", "run --once"),
        ("Watch day and night (Ctrl-C ends it):", "run"),
        ("How it stands:", "status"),
    )
    out.say("\nNext:")
    for words, arguments in steps:
        line = command_line(arguments, config=config, data=data)
        out.say(f"  {words}\n    [bold]{show(line)}[/]")
    if unit:
        out.say("  Watch day and night, also after a restart of this machine:")
        place = shorten(config / UNIT)
        out.say(f"    [bold]systemctl --user enable --now {show(place)}[/]")
        out.say("    [bold]loginctl enable-linger[/]")
