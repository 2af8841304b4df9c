"""Run the service through days of simulated time in which every part is broken once.

    python -m benchmarks.years [--hours 72] [--seed N] [--kills N] [--keep DIR]

A report is planted in every hour.  With --seed the parts break at hours drawn by it, in each
other's midst; with --kills the service is killed so many times more, as soon as a commit of a part
drawn has returned.  What is simulated is waiting (see tests/simulated/service.py);
database, crawl children, mail server, webhook receiver and matching are real, and so are kills.  At
the end every report has been delivered exactly once over each channel, or stands in the dead
letters with its reason.  A full disk wants a small file system: it is left out, by name, where none
can be mounted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from tests.simulated.world import ServiceEndedError, Verdict, World, descendants

MEGABYTES = 64
MORE_HOURS = 12
"""After the last fault, for what is tried again ever more rarely."""
PARTS = ("poll", "crawl", "commit", "offering", "deliver", "parcels", "digests", "notices")
"""Modules one of whose commits the service may be killed after."""

Breakage = tuple[int, int, Callable[[], None], Callable[[], None] | None]


class Script:
    """What is broken in which hour: as listed, or at hours drawn by a seed."""

    def __init__(self, world: World, *, hours: int, seed: int | None, kills: int) -> None:
        self._world = world
        self._chance = random.Random(seed)
        self.done: list[str] = []
        self.left_out: list[str] = []
        self.steps: defaultdict[int, list[Callable[[], None]]] = defaultdict(list)
        for hour, lasting, begin, end in self._breakages():
            start = hour
            if seed is not None:
                start = self._chance.randint(2, max(2, hours - lasting - 1))
            self.steps[start].append(begin)
            if end is not None:
                self.steps[start + lasting].append(end)
        for _ in range(kills):
            self.steps[self._chance.randint(2, hours)].append(self._kill_after_commit)

    def _breakages(self) -> list[Breakage]:
        """Return each: the listed hour, how long it lasts, how it begins and ends."""
        w = self._world
        return [
            (2, 2, self._tells("the digest job dies for two hours", die="digests"),
             self._tells("the digest job lives again", heal="digests")),
            (6, 0, self._kill_child, None),
            (8, 0, self._lock, None),
            (10, 1, self._fills(full=True), self._fills(full=False)),
            (13, 10, self._does("SMTP is down for ten hours", w.break_mail, down=True),
             self._does("SMTP is back", w.break_mail, down=False)),
            (24, 3, self._hooks(broken=True), self._hooks(broken=False)),
            (28, 0, self._does("one mail is refused for good", w.refuse_next_mail), None),
            (30, 3, self._does("DNS is gone for three hours", w.break_names, gone=True),
             self._does("DNS is back", w.break_names, gone=False)),
            (34, 5, self._does("all sources answer 503 for five hours", w.break_sources, down=True),
             self._does("the sources are back", w.break_sources, down=False)),
            (41, 0, self._kill_all, None),
            (44, 0, self._kill_in_crawl, None),
            (47, 3, self._tells("the clock jumps an hour ahead", set=3600),
             self._tells("the clock jumps an hour back", set=-3600)),
            (53, 1, self._tells("the clock is ten years ahead", set=315_360_000),
             self._tells("the clock is right again", set=-315_360_000)),
            (56, 0, self._tells("the machine sleeps for seven hours", set=7 * 3600), None),
            (60, 1, self._tells("the look job dies for an hour", die="look"),
             self._tells("the look job lives again", heal="look")),
        ]  # fmt: skip

    def _does(self, what: str, act: Callable[..., None], **how: bool) -> Callable[[], None]:
        return lambda: self._do(what, act, **how)

    def _tells(self, what: str, **told: object) -> Callable[[], None]:
        return lambda: self._tell(what, **told)

    def _hooks(self, *, broken: bool) -> Callable[[], None]:
        return lambda: self._hook(broken=broken)

    def _fills(self, *, full: bool) -> Callable[[], None]:
        return lambda: self._fill(full=full)

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

    def _kill_after_commit(self) -> None:
        """Let the service kill itself as soon as a commit that a part made has returned."""
        part, number = self._chance.choice(PARTS), self._chance.randint(1, 3)
        self._tell(f"killed after commit {number} of {part}", kill_after=[part, number])


def run(world: World, script: Script, hours: int) -> None:
    """Go through the hours: plant, break, let time pass."""
    world.start()
    for hour in range(1, hours + MORE_HOURS + 1):
        told = len(script.done)
        if hour <= hours:
            world.plant(hour)
        for step in [*script.steps[hour], lambda: world.go(hours=1)]:
            while not survived(world, step):
                print(f"hour {hour}: the service is started again", flush=True)
        print(f"hour {hour}: {'; '.join(script.done[told:])}", flush=True)


def survived(world: World, step: Callable[[], None]) -> bool:
    """Take a step; start the service again, and say False, where it ended meanwhile."""
    try:
        step()
    except ServiceEndedError:
        world.on_page = None
        world.start()
        return False
    return True


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
    parser.add_argument("--seed", type=int, help="draw the hours of the breakages")
    parser.add_argument("--kills", type=int, default=0, help="this many more, after commits")
    parser.add_argument("--keep", type=Path, help="copy databases, log and messages there")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or Path(name) / "world"
        folder.mkdir(parents=True, exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "none", str(folder)]
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        try:
            with World(folder, every=options.every) as world:
                try:
                    script = Script(
                        world, hours=options.hours, seed=options.seed, kills=options.kills
                    )
                    run(world, script, options.hours)
                    show(world.verdict(), script, options.hours, time.monotonic() - began)
                finally:
                    world.kill()
                    if options.keep is not None:
                        keep(world, options.keep)
        finally:
            if mounted:
                subprocess.run(["umount", "-l", str(folder)], check=False)


def keep(world: World, place: Path) -> None:
    """Copy what is wanted to find out why a report did not arrive as it should."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "messages.json").write_text(json.dumps(world.list_messages(), indent=1))
    shutil.copytree(
        world.folder, place / "world", dirs_exist_ok=True, ignore=shutil.ignore_patterns("ballast")
    )


if __name__ == "__main__":
    main()
