"""`recall`: what a search elsewhere finds of the topics, beside what the sources found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, number

if TYPE_CHECKING:
    from monitor.model.recall import RecallReport

SHOWN = 25


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command()(recall)


def recall(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """Ask a search what it found of the topics, and show what the sources missed.

    Off unless [recall] stands in settings.toml: it tells a search company the subject.
    """
    from monitor.jobs.recall import run_recall
    from monitor.urls.search_feeds import REVEALS
    from monitor.wiring import open_watch, read_config

    out = Output(as_json=as_json)
    configuration = read_config(config, data)
    wanted = configuration.settings.recall
    if wanted is not None:
        out.prose(f"Asking {wanted.search}: {REVEALS[wanted.search]}.")
    with open_watch(data, configuration, write=False) as watch, out.progress("searches") as bar:
        found = run_recall(watch, progress=lambda done, total: bar.update(done=done, total=total))
    if as_json:
        out.document(found)
    else:
        show_recall(out, found)
    raise typer.Exit(1 if found.problems else 0)


def show_recall(out: Output, found: RecallReport) -> None:
    """Print what was seen elsewhere and not here, and what to do about each."""
    for gap in found.gaps[:SHOWN]:
        when = f"{gap.published:%Y-%m-%d} " if gap.published else ""
        mine = f" ({gap.source_id})" if gap.source_id else ""
        out.prose(f"{when}{gap.title}", label=f"{gap.outlet}: ")
        out.prose(gap.url, label="    ")
        out.prose(f"{gap.fate.value}{mine}; {gap.cure}", label="    ")
    if len(found.gaps) > SHOWN:
        out.prose(f"and {len(found.gaps) - SHOWN} more: recall --json")
    for problem in found.problems:
        out.warn_prose(problem, label="no answer: ")
    out.prose(say_recall(found))


def say_recall(found: RecallReport) -> str:
    """Return the check in a sentence."""
    said = (
        f"{found.at:%Y-%m-%d %H:%M} UTC: {found.asked} named {number(found.found, 'report')}:"
        f" {found.flagged} flagged here, {len(found.gaps)} seen elsewhere and not here"
    )
    if found.beside + found.unclear:
        said += f", {found.beside + found.unclear} whose headline or link does not tell"
    if found.problems:
        return f"{said}; {number(len(found.problems), 'search', 'searches')} without an answer"
    return said
