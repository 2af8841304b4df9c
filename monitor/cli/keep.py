"""Commands that keep what was found in order: verify, rematch, backup, restore, prune, purge."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, ProgressBar, count_things, number, show
from monitor.errors import StationwatchError, UsageError

if TYPE_CHECKING:
    from monitor.model import EvidenceLink
    from monitor.model.purges import PurgePlan


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(verify)
    app.command()(rematch)
    app.command()(backup)
    app.command()(restore)
    app.command()(prune)
    app.command()(purge)


def rematch(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """Match everything stored against the present keywords; what it finds alerts nobody."""
    from monitor.jobs.handed import do_or_hand_over
    from monitor.wiring import open_watch, read_config

    out = Output(as_json=as_json)
    configuration = read_config(config, data)
    with out.progress("texts") as bar:
        found = do_or_hand_over(
            data,
            "rematch",
            {},
            open_watch=lambda: open_watch(data, configuration),
            progress=lambda done, total: bar.update(done=done, total=total),
        )
    if as_json:
        out.document(found)
    else:
        out.say(
            f"{number(found['looked_at'], 'text')} matched again:"
            f" {found['added']} flagged that were not,"
            f" {found['changed']} flagged otherwise than before."
        )


def prune(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """Forget what is older than the settings want kept; what was flagged stays."""
    from monitor.jobs.handed import do_or_hand_over
    from monitor.wiring import open_watch, read_config

    out = Output(as_json=as_json)
    configuration = read_config(config, data)
    found = do_or_hand_over(data, "prune", {}, open_watch=lambda: open_watch(data, configuration))
    if as_json:
        out.document(found)
    else:
        forgotten = count_things(found)
        nothing = "Nothing is old enough to be forgotten."
        out.say(nothing if forgotten == "none" else f"Forgotten: {forgotten}")


def purge(
    article: Annotated[
        str | None, typer.Option(metavar="ID|URL", help="A report: its id or its address.")
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="A person: the name is blackened wherever it stands; * ends a stem.",
        ),
    ] = None,
    wish: Annotated[
        str | None, typer.Option(help="By whose wish, in a sentence; it is kept for ever.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would go, and what would keep it.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before removing.")] = False,
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Remove a report, or a person's name, with every trace; the chain says that it was removed."""
    from monitor.jobs.handed import do_or_hand_over
    from monitor.jobs.purge import Wanted, plan_purge
    from monitor.wiring import open_watch, read_config

    if (article is None) == (person is None):
        raise UsageError("while removing: use one of --article ID|URL and --person NAME")
    out = Output(as_json=as_json)
    configuration = read_config(config, data)
    with open_watch(data, configuration, write=False) as watch:
        plan = plan_purge(watch, Wanted(article=article, person=person))
    if dry_run or plan.is_empty:
        show_plan(out, plan, done=False)
        return
    if not yes:
        wish = ask_before_removing(out, plan, wish)
    if not wish:
        raise UsageError("while removing: it is not said by whose wish; use --wish")
    said = do_or_hand_over(
        data,
        "purge",
        {"article": article, "person": person, "wish": wish},
        open_watch=lambda: open_watch(data, configuration),
    )
    show_plan(out, replace(plan, counts=said["counts"], keeps=tuple(said["keeps"])), done=True)


def ask_before_removing(out: Output, plan: PurgePlan, wish: str | None) -> str:
    """Show what would go and ask; ends the command unless a person agrees. Returns the wish."""
    if out.as_json or not sys.stdin.isatty():
        raise UsageError(
            "while removing: nobody can be asked here; use --dry-run first, then --yes"
        )
    show_plan(out, plan, done=False)
    wish = wish or typer.prompt("By whose wish (kept for ever; do not repeat what is removed)")
    typer.confirm("Nothing brings it back. Remove it?", abort=True)
    return wish


def show_plan(out: Output, plan: PurgePlan, *, done: bool) -> None:
    """Print what a removal touches or touched, and what still holds it."""
    if out.as_json:
        out.document({"done": done, **asdict(plan)})
        return
    if plan.is_empty:
        out.say("No report's text holds it." if plan.elsewhere else "Nothing of it is kept.")
        tell_kept(out, plan.elsewhere)
        return
    for report in plan.reports:
        out.say(f"{show(report.outlet)}: [bold]{show(report.title)}[/] ({show(report.id)})")
    out.say(f"[bold]{'Removed' if done else 'Would go'}[/]: {count_things(plan.counts)}")
    tell_kept(out, (*plan.keeps, *plan.elsewhere))


def tell_kept(out: Output, sentences: Iterable[str]) -> None:
    """Print what a removal does not reach."""
    for sentence in sentences:
        out.say(f"[bold]Not reached[/]: {show(sentence)}")


def backup(
    target: Annotated[
        Path | None,
        typer.Argument(
            help="A folder (of another disk, say), or a file for the database alone;"
            " tonight's place in the data unless given."
        ),
    ] = None,
    data: Data = DATA,
    config: Config = None,
) -> None:
    """Copy the database, the texts and the kept bytes, and read them back; beside the service.

    The copy in the folder of `second_backup` is made by the service, never by this command.
    """
    from monitor.clock import SystemClock
    from monitor.jobs.backups import write_backup

    out = Output(as_json=False)
    with out.progress("the database") as bar:
        done = write_backup(
            data,
            SystemClock(),
            target,
            progress=lambda what, n, total: bar.update(done=n, total=total, what=what),
        )
    out.say(f"Written and read back: {show(done.database)}")
    if done.database == target:
        out.say("The kept bytes and the texts are not in it: name a folder to copy everything.")
    else:
        texts = "the texts" if done.texts else "no texts"
        out.say(f"Beside it: {texts}, and {number(done.files, 'more file')} of kept bytes.")
    if target is None:
        _say_second(out, data, config)
    if done.problem is not None:
        out.warn(f"[bold]problem[/]: {show(done.problem)}")
        raise typer.Exit(1)


def _say_second(out: Output, data: Path, config: Path | None) -> None:
    """Say who makes the copy in a second folder; a mistake in the settings is told elsewhere."""
    from monitor.wiring import read_config

    with suppress(StationwatchError):
        folder = read_config(config, data).settings.data.second_backup
        if folder is not None:
            out.say(
                f"Nothing was written to {show(folder)}: the service ('stationwatch run') copies"
                " each nightly backup there."
            )


def restore(
    source: Annotated[
        Path, typer.Argument(help="A copy of the database, or a folder that `backup` wrote.")
    ],
    data: Data = DATA,
    _config: Config = None,
) -> None:
    """Put a backup in force; the database before is put aside, nothing is deleted."""
    from monitor.clock import SystemClock
    from monitor.jobs.backups import restore_backup

    done = restore_backup(data, SystemClock(), source)
    out = Output(as_json=False)
    out.say(f"{show(source)} is in force.")
    for sentence in done.said:
        out.say(show(sentence[:1].upper() + sentence[1:]) + ".")
    if done.aside is not None:
        out.say(f"The database before lies in {show(done.aside)}.")


def count_links(
    links: Iterable[EvidenceLink], head: EvidenceLink | None, bar: ProgressBar
) -> Iterator[EvidenceLink]:
    """Yield `links`, and show how many of the chain were."""
    total = head.seq if head is not None else 0
    for number_, link in enumerate(links, 1):
        bar.update(done=number_, total=total)
        yield link


def verify(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """Check the kept bytes against their hashes and the chain; exit status 1 when one is wrong."""
    from monitor.evidence.verify import verify as verify_evidence
    from monitor.wiring import open_watch, read_config

    out = Output(as_json=as_json)
    with (
        open_watch(data, read_config(config, data), write=False) as watch,
        out.progress("pages as received") as bar,
    ):
        chain = watch.storage.evidence
        links = count_links(chain.read_links(), chain.head(), bar)
        found = verify_evidence(watch.evidence, links, purges=chain.read_purges())
    if as_json:
        out.document(
            {
                "ok": found.ok,
                "checked": found.checked,
                "head": found.head,
                "problems": found.problems,
                "purged": found.purged,
            }
        )
    else:
        for problem in found.problems:
            where = f"link {problem.seq}: " if problem.seq is not None else ""
            out.warn(f"[bold red]{show(problem.kind)}[/] {where}{show(problem.problem)}")
        for tombstone in found.purged:
            wish = f"removed on {tombstone.at[:10]}, by link {tombstone.link}: {tombstone.wish}"
            out.say(f"link {tombstone.seq}: {show(wish)}")
        if not found.checked and not found.problems:
            out.say("Nothing is kept yet: the first flagged page will be the first to check.")
        else:
            pages = number(found.checked, "page")
            out.say(f"{pages} as received checked, {number(len(found.problems), 'problem')}.")
            out.say(f"The chain's head is {found.head}; note it down elsewhere to prove the date.")
    raise typer.Exit(0 if found.ok else 1)
