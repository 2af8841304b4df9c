"""Runs the checks one after the other, and says which failed and how long each took.

    ./check                     all of them, in this order
    ./check lint types          those that are named
    ./check tests -- -k feeds   what stands behind -- goes to pytest

Standard library only; the tools come from the environment that it runs in.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(sys.executable).parent
Command = Sequence[str | Path]

CLOSING_LINE = re.compile(r"=* ?(\d+ \w+.* in [0-9.]+s.*|no tests ran in .*?) ?=*")
# A mirror that does not answer must not use up the time of everything else.
LONGEST_APT = 300


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one check came to; `note` is the closing line of a tool that has one."""

    passed: bool
    seconds: float
    note: str


def check_format(_rest: Sequence[str]) -> tuple[bool, str]:
    """Say whether the code is formatted."""
    return run([TOOLS / "ruff", "format", "--check", "."]), ""


def check_lint(_rest: Sequence[str]) -> tuple[bool, str]:
    """Say whether the code follows the rules in pyproject.toml."""
    return run([TOOLS / "ruff", "check", "."]), ""


def check_imports(_rest: Sequence[str]) -> tuple[bool, str]:
    """Say whether rooms import only what they may."""
    return run([TOOLS / "lint-imports"]), ""


def check_types(_rest: Sequence[str]) -> tuple[bool, str]:
    """Say whether the types hold."""
    return run([sys.executable, "-m", "mypy"]), ""


def check_tests(rest: Sequence[str]) -> tuple[bool, str]:
    """Say whether the tests pass; the note is pytest's closing line."""
    if may_install_browser():
        install_browser()
    if not rest:
        # Alone: beside other tests it takes so long that those which wait for it give up.
        run([sys.executable, "-m", "spiders.filter_check", "keywords.yaml", ""])
    command = [sys.executable, "-m", "pytest", *rest]
    if not any(one.startswith("-n") for one in rest):
        command += ["-n", str(count_workers()), "--dist", "loadfile", "--no-loadscope-reorder"]
    closing = "pytest did not finish"
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        for line in started.stdout:
            print(line, end="", flush=True)
            found = CLOSING_LINE.fullmatch(line.strip())
            closing = found[1] if found else closing
    return started.returncode == 0, closing


def count_workers() -> int:
    """Return how many processes test side by side: two to a core, since half the time they wait.

    With the half of a gigabyte that each takes, more than eight would ask much of a small machine.
    """
    ours = getattr(os, "sched_getaffinity", None)  # not on macOS
    cores = len(ours(0)) if ours else os.cpu_count() or 1
    return min(8, 2 * cores)


def check_smoke(_rest: Sequence[str]) -> tuple[bool, str]:
    """Say whether the program runs from `pip install .` alone, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="stationwatch-smoke-") as name:
        folder = Path(name)
        lock = ROOT / "requirements.lock"
        maker = ROOT / "tooling" / "environment.py"
        made: Command = [sys.executable, maker, folder, "venv", lock]
        if not run(made, cwd=folder):
            return False, "the locked packages could not be installed"
        tools = folder / "venv" / "bin"
        elsewhere = folder / "elsewhere"
        elsewhere.mkdir()
        steps: tuple[tuple[Command, str], ...] = (
            ([tools / "python", "-m", "pip", "install", "--quiet", ROOT], "pip install ."),
            ([tools / "python", "-m", "pip", "check"], "pip check"),
            ([tools / "python", "-c", NO_TOOLS], "no development tool is there"),
            ([tools / "stationwatch", "--help"], "stationwatch --help"),
            ([tools / "stationwatch", "check"], "stationwatch check"),
            ([tools / "stationwatch", "demo"], "stationwatch demo"),
        )
        for command, what in steps:
            if not run(command, cwd=elsewhere, home=folder):
                return False, f"failed: {what}"
    return True, ""


NO_TOOLS = """
import importlib.util, sys
tools = ("pytest", "ruff", "mypy", "hypothesis")
found = [name for name in tools if importlib.util.find_spec(name)]
sys.exit(f"found {found}" if found else 0)
"""

CHECKS: dict[str, Callable[[Sequence[str]], tuple[bool, str]]] = {
    "format": check_format,
    "lint": check_lint,
    "imports": check_imports,
    "types": check_types,
    "tests": check_tests,
    "smoke": check_smoke,
}


def main(arguments: Sequence[str]) -> int:
    """Run the named checks, or all; return 1 when one fails, 2 when a name is unknown."""
    names, rest = split(arguments)
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        print(f"no check is named {unknown[0]!r}; there are: {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    reports = {name: time_check(name, rest) for name in names or CHECKS}
    print("\n" + render(reports), flush=True)
    return 0 if all(report.passed for report in reports.values()) else 1


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names of checks, and what stands behind `--`."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return list(arguments[:at]), list(arguments[at + 1 :])


def time_check(name: str, rest: Sequence[str]) -> Report:
    """Run one check under a heading."""
    print(f"\n--- {name}", flush=True)
    began = time.monotonic()
    passed, note = CHECKS[name](rest)
    return Report(passed=passed, seconds=time.monotonic() - began, note=note)


def render(reports: dict[str, Report]) -> str:
    """Return a line for each check; pytest's own closing line comes last."""
    lines = [
        f"{name:8} {'passed' if report.passed else 'FAILED'} {report.seconds:7.1f} s  {report.note}"
        for name, report in reports.items()
    ]
    closing = [report.note for name, report in reports.items() if name == "tests" and report.note]
    return "\n".join(line.rstrip() for line in [*lines, *closing])


def run(command: Command, *, cwd: Path = ROOT, home: Path | None = None) -> bool:
    """Run a command; return whether it succeeded. With `home`, nothing leads to this checkout."""
    environment = dict(os.environ)
    if home is not None:
        for name in ("PYTHONPATH", "VIRTUAL_ENV"):
            environment.pop(name, None)
        environment["XDG_CACHE_HOME"] = str(home / "cache")
    return subprocess.run(command, cwd=cwd, env=environment, check=False).returncode == 0


def may_install_browser() -> bool:
    """Say whether a browser is missing on a machine that is there for CI alone."""
    is_ci = os.environ.get("CI") == "true" and os.geteuid() == 0
    has_browser = any(
        shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")
    )
    return is_ci and not has_browser and shutil.which("apt-get") is not None


def install_browser() -> None:
    """Install Debian's Chromium where that works; tests that want one skip by name otherwise."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
    ):
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, check=False, timeout=LONGEST_APT
            )
        except subprocess.TimeoutExpired:
            print(f"no browser: {' '.join(command)} took too long", flush=True)
            return
        if done.returncode:
            print(f"no browser: {' '.join(command)} failed", flush=True)
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
