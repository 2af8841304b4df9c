"""One worker beside two: the command itself over the same files, in turns.

By the clock the ratio only means something on a quiet machine.  By processor time a run is taken to
last as long as its first process and the busiest worker were at work, one after the other.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.month import ROOT, make
from benchmarks.process_costs import Costs, costs_of
from monitor.wiring import create_data

ROUNDS = 3


def measure_workers(shared: Path, keywords: Path, records: int) -> dict[str, object]:
    """Return the seconds of each run, by the clock and of the processor, and the ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, shared, records, keywords)
        found: dict[int, list[tuple[float, Costs]]] = {1: [], 2: []}
        for turn in range(ROUNDS):
            for workers in (1, 2) if turn % 2 == 0 else (2, 1):
                found[workers].append(run_timed(folder, workers, f"{workers}-{turn}"))
                line = [workers, round(found[workers][-1][0], 1)]
                print(json.dumps(line), file=sys.stderr, flush=True)
    pairs = list(zip(found[1], found[2], strict=True))
    ratios = [one[0] / two[0] for one, two in pairs]
    by_processor = [_at_work(one[1]) / _at_work(two[1]) for one, two in pairs]
    return {
        "records": records,
        "seconds by the clock": {
            n: [round(run[0], 1) for run in runs] for n, runs in found.items()
        },
        "seconds of the processor": {
            n: [round(run[1].seconds, 1) for run in runs] for n, runs in found.items()
        },
        "of that the writer's": {
            n: [round(run[1].first_seconds, 1) for run in runs] for n, runs in found.items()
        },
        "two are times one, by the clock": [round(ratio, 2) for ratio in ratios],
        "two are times one, by processor time": round(median(by_processor), 2),
        "writer MB": max(run[1].largest_first for runs in found.values() for run in runs),
        "worker MB": max(run[1].largest_other for runs in found.values() for run in runs),
    }


def _at_work(costs: Costs) -> float:
    return costs.first_seconds + costs.longest_other


def run_timed(folder: Path, workers: int, name: str) -> tuple[float, Costs]:
    """Run the command in new data; return how long it took and what it cost."""
    data = folder / name
    create_data(data)
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "monitor", "backfill", "--data", str(data),
         "--config", str(folder / "config"), "--json", "--workers", str(workers),
         "--ccnews", "2024-03"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    costs = Costs()
    while process.poll() is None:
        costs = costs_of(process.pid, costs)
        time.sleep(0.1)
    if process.returncode:
        raise RuntimeError(f"the command ended with {process.returncode}")
    return time.monotonic() - began, costs
