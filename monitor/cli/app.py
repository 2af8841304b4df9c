"""The program's front: every command, and what becomes of an error."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import traceback
from pathlib import Path

import typer

from monitor.cli import (
    backfill,
    demo,
    find,
    group,
    judge,
    keep,
    keywords,
    recall,
    regroup,
    setup,
    watch,
)
from monitor.cli.front import run_command
from monitor.collector import collect_seldom
from monitor.errors import ConfigError, StationwatchError
from monitor.log import set_up_logging

app = typer.Typer(
    name="stationwatch",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Watches the world's press for one subject and tells the people who need to know,"
    " once, with the reason.",
    epilog="Begin with: stationwatch demo. Then: stationwatch init. Exit status: 0 done,"
    " 1 something failed, 2 wrong usage or a wrong configuration file, 130 interrupted.",
)
for part in (demo, watch, backfill, setup, find, regroup, judge, group, keywords, keep, recall):
    part.register(app)


def show_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        from monitor.config.version import read_version

        typer.echo(read_version())
        raise typer.Exit


@app.callback()
def begin(
    _version: bool = typer.Option(
        False,
        "--version",
        callback=show_version,
        is_eager=True,
        help="Print the version and stop.",
    ),
) -> None:
    """Prepare what every command needs."""
    os.umask(0o077)  # what is kept is for its owner alone (FAULTS H3)
    set_up_logging()  # until the settings are read


def main() -> None:
    """Run one command; every failure is a sentence on standard error and an exit status.

    0 done, 1 something failed, 2 wrong usage or a bad configuration file.
    """
    collect_seldom()
    try:
        sys.exit(run_command(typer.main.get_command(app)))
    except ConfigError as error:
        for problem in error.problems:
            sys.stderr.write(f"{problem}\n")
        sys.exit(error.exit_status)
    except StationwatchError as error:
        sys.stderr.write(f"stationwatch: {error}\n")
        sys.exit(error.exit_status)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        again = (
            "; give the same command again and it goes on" if "backfill" in sys.argv[1:2] else ""
        )
        sys.stderr.write(
            f"stationwatch: interrupted; what was not finished is still pending{again}\n"
        )
        sys.exit(130)
    except Exception as error:
        tell_bug(error)
        sys.exit(1)


def tell_bug(error: Exception) -> None:
    """Say in a sentence that Stationwatch is at fault, and keep where, for whoever mends it.

    The file is for its owner alone: a message may hold what was being worked on.
    """
    where = ""
    with contextlib.suppress(OSError):
        descriptor, where = tempfile.mkstemp(prefix="stationwatch-bug-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(f"{' '.join(sys.argv[1:2])}\n")
            stream.write("".join(traceback.format_exception(error)))
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__}, {Path(frame.filename).name}:{frame.lineno}"
    kept = f"; {where!r} tells where: read it, then send it to whoever looks after the program"
    sys.stderr.write(
        f"stationwatch: a bug in Stationwatch ({place}), nothing that you did wrong"
        f"{kept if where else ''}\n"
    )
