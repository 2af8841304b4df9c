"""Commands that keep what was found: verify."""

from __future__ import annotations

import typer

from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, show
from monitor.evidence.verify import verify as verify_evidence
from monitor.wiring import open_watch, read_config


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(verify)


def verify(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """Check the kept bytes against their hashes and the chain; exit status 1 when one is wrong."""
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
