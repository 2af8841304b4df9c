"""Run the service through days of simulated time in which every part is broken once.

    python -m benchmarks.years [--hours 72] [--folder DIR]

A report is planted in every hour.  What is simulated is waiting (see tests/simulated/service.py);
database, crawl children, mail server, webhook receiver and matching are real, and so are kills.  At
the end every report has been delivered exactly once over each channel, or stands in the dead
letters with its reason.  A full disk wants a small file system: it is left out, by name, where none
can be mounted.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.simulated.world import ServiceEndedError, Verdict, World, descendants

MEGABYTES = 64
MORE_HOURS = 12
"""After the last fault, for what is tried again ever more rarely."""


class Script:
    """What is broken in which hour."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.done: list[str] = []
        self.left_out: list[str] = []
        w = world
        self.steps: dict[int, Callable[[], None]] = {
            2: lambda: self._tell("the digest job dies for two hours", die="digests"),
            4: lambda: self._tell("the digest job lives again", heal="digests"),
            6: self._kill_child,
            8: self._lock,
            10: lambda: self._fill(full=True),
            11: lambda: self._fill(full=False),
            13: lambda: self._do("SMTP is down for ten hours", w.break_mail, down=True),
            23: lambda: self._do("SMTP is back", w.break_mail, down=False),
            24: lambda: self._hook(broken=True),
            27: lambda: self._hook(broken=False),
            28: lambda: self._do("one mail is refused for good", w.refuse_next_mail),
            30: lambda: self._do("DNS is gone for three hours", w.break_names, gone=True),
            33: lambda: self._do("DNS is back", w.break_names, gone=False),
            34: lambda: self._do(
                "all sources answer 503 for five hours", w.break_sources, down=True
            ),
            39: lambda: self._do("the sources are back", w.break_sources, down=False),
            41: self._kill_all,
            44: self._kill_in_crawl,
            47: lambda: self._tell("the clock jumps an hour ahead", set=3600),
            50: lambda: self._tell("the clock jumps an hour back", set=-3600),
            53: lambda: self._tell("the clock is ten years ahead", set=315_360_000),
            54: lambda: self._tell("the clock is right again", set=-315_360_000),
            56: lambda: self._tell("the machine sleeps for seven hours", set=7 * 3600),
            60: lambda: self._tell("the look job dies for an hour", die="look"),
            61: lambda: self._tell("the look job lives again", heal="look"),
        }

    def _do(self, what: str, act: Callable[..., None], **how: bool) -> None:
        act(**how)
        self.done.append(what)

    def _tell(self, what: str, **told: object) -> None:
        self._world.tell(**told)
        self.done.append(what)

    def _hook(self, *, broken: bool) -> None:
        self._world.hook.broken = broken
        self.done.append(f"the webhook {'answers 500 for three hours' if broken else 'is back'}")

    def _kill_child(self) -> None:
        self._world.on_page = self._kill_children
        self.done.append("the crawl child is killed while it fetches")

    def _kill_children(self) -> None:
        self._world.on_page = None
        assert self._world.process is not None
        for pid in descendants(self._world.process.pid):
            if b"spiders.child" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)

    def _lock(self) -> None:
        with self._world.locked():
            self._world.go(minutes=1)
        self.done.append("another process holds the database for a minute")

    def _fill(self, *, full: bool) -> None:
        if not os.path.ismount(self._world.folder):
            self.left_out.append("the full disk: no small file system could be mounted")
            return
        self._tell(f"the disk is {'full for an hour' if full else 'free again'}", fill=full)

    def _kill_all(self) -> None:
        self._world.kill()
        self._world.start()
        self.done.append("the whole service is killed, and started again")

    def _kill_in_crawl(self) -> None:
        self._world.on_page = self._world.kill
        self.done.append("the whole service is killed in a crawl, and started again")


def run(world: World, hours: int) -> Script:
    """Go through the hours: plant, break, let time pass."""
    script = Script(world)
    world.start()
    for hour in range(1, hours + MORE_HOURS + 1):
        if hour <= hours:
            world.plant(hour)
            if hour in script.steps:
                script.steps[hour]()
        try:
            world.go(hours=1)
        except ServiceEndedError:
            world.on_page = None
            world.start()
        print(f"hour {hour}: {script.done[-1] if script.done else ''}", flush=True)
    return script


def show(verdict: Verdict, script: Script, hours: int, seconds: float) -> None:
    """Print the figures."""
    print(f"{hours} hours and {MORE_HOURS} more in {seconds:.0f} s; {verdict.planted} reports")
    for what in script.done:
        print(f"  {what}")
    for what in dict.fromkeys(script.left_out):
        print(f"  left out: {what}")
    print(f"lost {verdict.lost}, under two ids {verdict.twice}, undelivered {verdict.undelivered}")
    print(f"repeated under the same id: {verdict.repeated}")
    print(f"dead letters: {verdict.dead}")
    print(f"digests {len(verdict.digests)}, of different days {len(set(verdict.digests))}")
    print(f"notices to the keeper: {verdict.notices}")


def main() -> None:
    """Run and report; the folder is a small file system where one can be mounted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=int, default=72)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--every", default="1 hour", help="between two looks at a source")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or Path(name) / "world"
        folder.mkdir(parents=True, exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "none", str(folder)]
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        try:
            with World(folder, every=options.every) as world:
                script = run(world, options.hours)
                verdict = world.verdict()
            show(verdict, script, options.hours, time.monotonic() - began)
        finally:
            if mounted:
                subprocess.run(["umount", "-l", str(folder)], check=False)


if __name__ == "__main__":
    main()
