"""Commands that keep what was found in order: verify, rematch."""

from __future__ import annotations

import typer

from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, show


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(verify)
    app.command()(rematch)


def rematch(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """Match everything stored against the present keywords; what it finds alerts nobody."""
    from monitor.jobs.rematch import rematch as rematch_all
    from monitor.wiring import load_matcher, open_watch, read_config

    out = Output(as_json=as_json)
    configuration = read_config(config, data)
    matcher = load_matcher(configuration)
    with open_watch(data, configuration) as watch, out.progress("texts") as bar:
        found = rematch_all(
            watch, matcher, progress=lambda done, total: bar.update(done=done, total=total)
        )
    if as_json:
        out.document(found)
    else:
        out.say(
            f"{found.looked_at} texts matched again: {found.added} flagged that were not,"
            f" {found.changed} flagged otherwise than before."
        )


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
