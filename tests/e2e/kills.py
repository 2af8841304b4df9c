"""Kill the whole program again and again while reports come in, and count what arrives.

plant a report ─ start `run --once` ─ kill -9 all of it at a random moment ─ again
… at the end let it run undisturbed, and compare what was planted with what was received
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from monitor.demo.world import DemoWorld
from tests.e2e.real_input import ROOT, Place, stationwatch
from tests.fakes.press import Outlet, Press, PressServer
from tests.fakes.reports import write_other, write_report


@dataclass
class Survived:
    """What came of it: reports planted, and what arrived for each over each channel."""

    kills: int
    interrupted: int
    planted: set[str]
    mailed: Counter[str] = field(default_factory=Counter)
    hooked: Counter[str] = field(default_factory=Counter)
    mail_ids: dict[str, set[str]] = field(default_factory=dict)
    hook_ids: dict[str, set[str]] = field(default_factory=dict)
    pages: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    verified: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def lost(self) -> set[str]:
        """Return what was planted and did not arrive over both channels."""
        return {each for each in self.planted if not (self.mailed[each] and self.hooked[each])}

    @property
    def told_twice(self) -> set[str]:
        """Return what arrived under two ids over one channel: a duplicate nobody can drop."""
        return {
            each
            for ids in (self.mail_ids, self.hook_ids)
            for each, seen in ids.items()
            if len(seen) > 1
        }

    @property
    def repeats(self) -> int:
        """Return how many deliveries came more than once, with the same id."""
        return sum(count - 1 for counts in (self.mailed, self.hooked) for count in counts.values())


def kill_again_and_again(folder: Path, *, kills: int, seed: int, longest: float) -> Survived:
    """Kill `run --once` `kills` times, each at a random moment of its first `longest` seconds."""
    dice = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    place = Place(config=folder / "config", data=folder / "data")
    place.config.mkdir()
    outlet = Outlet("growing", "feed", {})
    server = PressServer("127.0.0.1", outlet)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    with DemoWorld(place.config) as world:
        sources = Press([outlet], set()).sources_yaml()
        (place.config / "sources.yaml").write_text(sources, encoding="utf-8")
        settings = place.config / "settings.toml"
        kept = settings.read_text(encoding="utf-8").split("[[subscribers]]")
        settings.write_text("[[subscribers]]".join(kept[:3]), encoding="utf-8")
        plant(outlet, 0)
        stationwatch(place, "run", "--once", "--new", check=False)
        interrupted = 0
        for number in range(1, kills + 1):
            plant(outlet, number)
            interrupted += run_and_kill(place, dice.uniform(0.3, longest))
        survived = Survived(
            kills=kills,
            interrupted=interrupted,
            planted={outlet.base + write_report(n).path for n in range(kills + 1)},
        )
        finish(place, survived)
        count_arrivals(world, survived)
    server.shutdown()
    server.server_close()
    return survived


def plant(outlet: Outlet, number: int) -> None:
    """Publish one more report, and one more page about something else."""
    for text in (write_report(number), write_other(number)):
        outlet.pages[text.path] = text.page()


def run_and_kill(place: Place, after: float) -> bool:
    """Start `run --once`, kill every process of it after `after` seconds; say if it still ran."""
    command = [sys.executable, "-m", "monitor", "run", "--once"]
    command += ["--data", str(place.data), "--config", str(place.config)]
    program = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "STATIONWATCH_KILL_MARK": str(place.data)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        program.wait(after)
        return False
    family = find_family(program.pid)
    for pid in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    program.wait()
    return True


def find_family(pid: int) -> list[int]:
    """Return a process and all its descendants, whichever session they moved to."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = stat.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    family, todo = [], [pid]
    while todo:
        each = todo.pop()
        family.append(each)
        todo += children.get(each, [])
    return family


def finish(place: Place, survived: Survived) -> None:
    """Let the program run undisturbed until nothing is owed or pending any more."""
    for _ in range(20):
        stationwatch(place, "run", "--once", check=False)
        status = json.loads(stationwatch(place, "status", "--json", check=False))
        outbox = status["outbox"]
        if not (outbox["owed"] or outbox["claimed"] or status["pending"]):
            break
        time.sleep(2)
    survived.problems = status["needs"]
    survived.verified = json.loads(stationwatch(place, "verify", "--json", check=False))["ok"]


def count_arrivals(world: DemoWorld, survived: Survived) -> None:
    """Count what arrived, by the report's address and by the id it came under."""
    for hook in world.hooks:
        if hook.payload["type"].startswith("alert"):
            for alert in hook.payload["data"]["alerts"]:
                url, key = alert["article"]["url"], alert["id"]
                note(survived.hooked, survived.hook_ids, url, key)
    for mail in world.mails:
        body = mail.message.get_body(("plain",))
        lines = {line.strip() for line in (body.get_content() if body else "").splitlines()}
        for url in survived.planted & lines:
            if "digest" not in str(mail.message["Subject"]):
                note(survived.mailed, survived.mail_ids, url, str(mail.message["Message-ID"]))


def note(counts: Counter[str], ids: dict[str, set[str]], url: str, key: str) -> None:
    """Count one arrival."""
    counts[url] += 1
    ids.setdefault(url, set()).add(key)
