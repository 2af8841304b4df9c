"""What a tree of processes takes: processor time and memory, asked of /proc."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def read_tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    found, left = [], [pid]
    while left:
        each = left.pop()
        found.append(each)
        try:
            for task in Path(f"/proc/{each}/task").iterdir():
                left += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def read_seconds(pid: int) -> tuple[float, float]:
    """Return the processor time of a process, and of the ended ones below it (user + system)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0, 0.0
    own, below = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
    return own / TICK, below / TICK


def read_pss(pid: int) -> float:
    """Return the megabytes of a process, what it shares with others divided among them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0) / 1024


def name_of(pid: int) -> str:
    """Return what a process of the service is."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return "gone"
    for word, name in (("spiders.zygote", "workers"), ("spiders.child", "crawl child")):
        if word in words:
            return name
    return "service" if "monitor" in words else "other"


@dataclass
class Samples:
    """What was seen: (seconds since start, megabytes, processor seconds) and the load average."""

    rows: list[tuple[float, float, float]] = field(default_factory=list)
    by_name: dict[str, float] = field(default_factory=dict)
    most: dict[str, float] = field(default_factory=dict)
    loads: list[float] = field(default_factory=list)


class Sampler:
    """Look at a tree of processes every few seconds, in a thread."""

    def __init__(self, pid: int, clock: object, every: float = 3.0) -> None:
        self.samples = Samples()
        self._pid, self._clock, self._every = pid, clock, every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> Samples:
        """End and return what was seen."""
        self._stop.set()
        self._thread.join()
        return self.samples

    def _run(self) -> None:
        while True:
            self.look()
            if self._stop.wait(self._every):
                return

    def look(self) -> None:
        """Take one sample; what the ended children used is in their parents' figures."""
        names: dict[str, float] = {}
        memory: dict[str, float] = {}
        for pid in read_tree(self._pid):
            name = name_of(pid)
            own, below = read_seconds(pid)
            if name == "service":
                names["ended crawl children"] = names.get("ended crawl children", 0) + below
            else:
                own += below
            names[name] = names.get(name, 0) + own
            memory[name] = memory.get(name, 0) + read_pss(pid)
        if not memory:
            return
        self.samples.by_name = names
        for name, size in memory.items():
            self.samples.most[name] = max(size, self.samples.most.get(name, 0))
        at = self._clock()  # type: ignore[operator]
        self.samples.rows.append((at, sum(memory.values()), sum(names.values())))
        self.samples.loads.append(os.getloadavg()[0])
