"""How the command line shows itself: commands in groups, switches as switches, mistakes in words.

Typer's own way shows a frame around "Got unexpected extra argument(s)", without a cure.
"""

from __future__ import annotations

import sys
from typing import Any

import typer

PANELS = {
    "Begin": ("demo", "init", "check", "install"),
    "Watch": ("run", "status", "digest", "deliveries", "recall"),
    "What was found": ("stories", "search", "export"),
    "What is watched, and by which words": ("sources", "keywords"),
    "Archives": ("backfill", "rematch"),
    "Single texts": ("extract", "match", "group"),
    "Keep in order": ("backup", "restore", "verify", "prune", "purge"),
}
SHARED = frozenset({"--config", "--data", "--json"})
USAGE = 2
INTERRUPTED = 130


def run_command(command: Any) -> int:
    """Run what was typed and return the exit status; a mistake is a sentence with its cure."""
    arrange(command)
    try:
        status = command.main(prog_name="stationwatch", standalone_mode=False)
    except typer.Abort:
        sys.stderr.write("stationwatch: stopped; nothing more was done\n")
        return INTERRUPTED
    except typer.TyperException as error:
        return tell_mistake(error)
    if status == INTERRUPTED:  # what Typer makes of Ctrl-C
        raise KeyboardInterrupt
    return status if isinstance(status, int) else 0


def arrange(command: Any) -> None:
    """Put the commands into their groups, and take the type from options that take no value."""
    panels = {name: panel for panel, names in PANELS.items() for name in names}
    order = {name: place for place, name in enumerate(panels)}
    known = command.commands
    for name, each in known.items():
        each.rich_help_panel = panels.get(name, "More")
    command.commands = dict(sorted(known.items(), key=lambda pair: order.get(pair[0], len(order))))
    quiet_switches(command)


def quiet_switches(command: Any) -> None:
    """Show `--once`, not `--once <bool>`: people type what they see."""
    for param in command.params:
        if getattr(param, "is_flag", False):
            param.metavar = ""
    for inner in getattr(command, "commands", {}).values():
        quiet_switches(inner)


def tell_mistake(error: Any) -> int:
    """Say what was mistyped, where, and what to do; return the exit status."""
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "stationwatch"
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(f"{error.format_message()}\n")
        return USAGE
    said = str(error.format_message()).rstrip(".")
    said = (
        said.replace("Value error, ", "")
        .replace("extra argument(s)", "words")
        .replace("argument(s)", "words")
    )
    sys.stderr.write(f"{where}: {said[:1].lower()}{said[1:]}{find_cure(error, said)}\n")
    sys.stderr.write(f"Try '{where} --help'.\n")
    return USAGE


def find_cure(error: Any, said: str) -> str:
    """Return what to do about a mistake, as the rest of its sentence."""
    context = getattr(error, "ctx", None)
    if said.startswith("No such command") and context and context.command.name == "backfill":
        return (
            "; only one file can follow --warc: write --warc before each, name the folder, or put"
            " the pattern in quotes: --warc 'FOLDER/*.warc.gz'"
        )
    if "unexpected" in said:
        return "; put a name with spaces into quotation marks, and -- before an option (--live)"
    option = getattr(error, "option_name", "")
    if option in SHARED and context is not None and context.parent is None:
        return f"; write {option} behind the command: stationwatch status {option} …"
    if "requires an argument" in said:
        return f"; write what it is behind it: {option} …"
    return ""
