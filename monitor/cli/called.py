"""How the program was started, so that the next command can be copied from the screen."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

from monitor.cli.options import DATA

NAME = "stationwatch"


def find_launcher() -> Path | None:
    """Return the script of the checkout, or None where the program is installed as a package."""
    launcher = Path(__file__).resolve().parents[2] / NAME
    return launcher if launcher.is_file() else None


def called_as() -> str:
    """Return what to type in this folder to start the program."""
    launcher = find_launcher()
    if launcher is None:
        return NAME
    return f"./{NAME}" if launcher.parent == Path.cwd() else shlex.quote(str(launcher))


def whole_command() -> tuple[str, ...]:
    """Return what starts the program from anywhere."""
    return (str(find_launcher() or shutil.which(NAME) or NAME),)


def command_line(arguments: str, *, config: Path | None, data: Path) -> str:
    """Return a whole command to copy: `arguments` and the two folders, where they are needed."""
    words = [called_as(), arguments]
    if config is not None and config.absolute() != Path.cwd():
        words += ["--config", shorten(config)]
    if data != DATA:
        words += ["--data", shorten(data)]
    return " ".join(words)


def shorten(path: Path) -> str:
    """Return `path` as a shell takes it: `~/watch` for what is at home, quoted where needed."""
    short = tilde(path)
    if not short.startswith("~"):
        return shlex.quote(short)
    return "/".join(("~", *(shlex.quote(part) for part in Path(short).parts[1:])))


def tilde(path: Path) -> str:
    """Return `path` as people write it: `~/watch` for what is at home."""
    try:
        # without the steps back of ../watch; a link in the middle of such a path is nobody's habit
        whole = Path(os.path.normpath(path.absolute()))
        return str(Path("~") / whole.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(path)
