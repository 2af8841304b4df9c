"""Commands that keep what was found in order: verify, rematch, backup, restore, prune."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, count_words, show


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(verify)
    app.command()(rematch)
    app.command()(backup)
    app.command()(restore)
    app.command()(prune)


def rematch(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """Match everything stored against the present keywords; what it finds alerts nobody."""
    from monitor.jobs.handed import do_or_hand_over
    from monitor.wiring import open_watch, read_config

    out = Output(as_json=as_json)
    configuration = read_config(config, data)
    found = do_or_hand_over(data, "rematch", {}, open_watch=lambda: open_watch(data, configuration))
    if as_json:
        out.document(found)
    else:
        out.say(
            f"{found['looked_at']} texts matched again: {found['added']} flagged that were not,"
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
        out.say(f"Forgotten: {count_words(found)}")


def backup(
    file: Annotated[
        Path | None, typer.Argument(help="The copy; tonight's place in the data unless given.")
    ] = None,
    data: Data = DATA,
    _config: Config = None,
) -> None:
    """Write a copy of the database, and read it back; works beside the running service."""
    from monitor.clock import SystemClock
    from monitor.jobs.upkeep import write_backup

    written = write_backup(data, SystemClock(), file)
    out = Output(as_json=False)
    out.say(f"Written and read back: {show(written)}")
    out.say("The kept bytes (evidence/) are not in it: copy that folder, too.")


def restore(
    file: Annotated[Path, typer.Argument(help="A copy that `backup` or the service wrote.")],
    data: Data = DATA,
    _config: Config = None,
) -> None:
    """Put a copy in the place of the database; the old one is put aside, nothing is deleted."""
    from monitor.clock import SystemClock
    from monitor.jobs.upkeep import restore_backup

    aside = restore_backup(data, SystemClock(), file)
    out = Output(as_json=False)
    out.say(f"{show(file)} is in force.")
    if aside is not None:
        out.say(f"The database before lies in {show(aside)}.")


def verify(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """Check the kept bytes against their hashes and the chain; exit status 1 when one is wrong."""
    from monitor.evidence.verify import verify as verify_evidence
    from monitor.wiring import open_watch, read_config

    out = Output(as_json=as_json)
    with open_watch(data, read_config(config, data), write=False) as watch:
        found = verify_evidence(watch.evidence, watch.storage.evidence.read_links())
    if as_json:
        out.document(
            {
                "ok": found.ok,
                "checked": found.checked,
                "head": found.head,
                "problems": found.problems,
            }
        )
    else:
        for problem in found.problems:
            where = f"link {problem.seq}: " if problem.seq is not None else ""
            out.warn(f"[bold red]{show(problem.kind)}[/] {where}{show(problem.problem)}")
        out.say(f"{found.checked} pages as received were checked, {len(found.problems)} problems.")
        out.say(f"The chain's head is {found.head}; note it down elsewhere to prove the date.")
    raise typer.Exit(0 if found.ok else 1)
