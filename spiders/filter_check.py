"""Whether workers here will have a filter before extraction, asked once before any is started.

    a process ─ keywords ─ first look (compiled, where it never was) ─ an answer

A process of its own: where no program may make code, the compiler ends it without a word.
"""

from __future__ import annotations

import signal
import subprocess
import sys

from monitor.errors import FilterMissing
from monitor.glance.loading import NO_CODE
from monitor.match.matcher import Matcher
from monitor.prepare import load_preparer
from monitor.sieve import PageSieve
from spiders.workers import child_environment

SECONDS = 600.0
"""To compile, which takes up to a minute on a quiet machine."""

_MISSING = 3
"""The status that says that standard output holds the reason."""


def check_filter(keywords: str, cache: str | None, *, seconds: float = SECONDS) -> str | None:
    """Return why there is no filter for these keywords, with the cure; None where there is one."""
    command = [sys.executable, "-m", "spiders.filter_check", keywords, cache or ""]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no shell
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=seconds,
            env=child_environment(),
        )
    except subprocess.TimeoutExpired:
        return f"compiling it took longer than {seconds:.0f} s; start again on a quieter machine"
    if done.returncode == 0:
        return None
    if done.returncode == _MISSING:
        return done.stdout.strip()
    return f"its compiler {_tell_end(done.returncode, done.stderr)}; maybe {NO_CODE}"


def _tell_end(status: int, errors: str) -> str:
    lines = errors.strip().splitlines()
    said = f" ({lines[-1].strip()[:200]})" if lines else ""
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}{said}"
    return f"failed{said}"


def main(keywords: str, cache: str) -> int:
    """Load what a worker loads; return the exit status."""
    matcher = load_preparer(keywords, cache or None).matcher
    assert isinstance(matcher, Matcher)
    try:
        PageSieve.load(matcher, cache or None)
    except FilterMissing as missing:
        sys.stdout.write(f"{missing}\n")
        return _MISSING
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
