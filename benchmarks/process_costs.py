"""What a process and its descendants cost: processor time and memory, read from /proc.

It knows nothing of what they do.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Seconds of processor time, and the largest resident size (MB) of the first and any other.

    `by_process` holds the seconds of each that was seen, so that those of killed ones stay counted;
    `first` is the one that was started.
    """

    first: int = 0

    by_process: dict[int, float] = field(default_factory=dict)
    largest_first: int = 0
    largest_other: int = 0

    @property
    def first_seconds(self) -> float:
        """Return the processor time of the one that was started."""
        return self.by_process.get(self.first, 0.0)

    @property
    def longest_other(self) -> float:
        """Return the processor time of the busiest of the others."""
        others = (spent for pid, spent in self.by_process.items() if pid != self.first)
        return max(others, default=0.0)

    @property
    def seconds(self) -> float:
        """Return the processor time of all."""
        return sum(self.by_process.values())


def costs_of(pid: int, before: Costs) -> Costs:
    """Return the costs of `pid` and its descendants, those known before among them."""
    seconds = dict(before.by_process)
    first, other = before.largest_first, before.largest_other
    for each in find_descendants(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            status = Path(f"/proc/{each}/status").read_text()
        except OSError:
            continue
        seconds[each] = (int(fields[11]) + int(fields[12])) / _TICKS
        size = next((int(x.split()[1]) for x in status.splitlines() if x[:6] == "VmHWM:"), 0)
        if each == pid:
            first = max(first, size // 1024)
        else:
            other = max(other, size // 1024)
    return Costs(first=pid, by_process=seconds, largest_first=first, largest_other=other)


def find_descendants(pid: int) -> list[int]:
    """Return a process and all that came from it and still live."""
    found = [pid]
    for each in found:
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            try:
                found += [int(child) for child in children.read_text().split()]
            except OSError:
                continue
    return found
