"""Kill the whole program again and again, and count what arrives (FAULTS A1, A3).

    python -m benchmarks.kills --steps [--kills 1000]             at each named step in turn
    python -m benchmarks.kills [--kills 100] [--seed 1] [--longest 8]     at random moments

With no loss in N kills the rate of loss is below 3/N at 95 %. The runs of `--steps` are forked from
a process that has loaded everything (see tests/e2e/launcher.py), those at random moments are
started anew each time. The last figures stand in benchmarks/kills.md.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.e2e.kills import STEPS, kill_at_random, kill_at_steps
from tests.e2e.verdict import Verdict


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", action="store_true", help="at named steps")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=8.0, help="seconds after the start")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "scene"
        if options.steps:
            verdict = kill_at_steps(folder, kills=options.kills or 1000, warm=True)
        else:
            verdict = kill_at_random(
                folder, kills=options.kills or 100, seed=options.seed, longest=options.longest
            )
    show(verdict, time.monotonic() - began)


def show(verdict: Verdict, seconds: float) -> None:
    repeats = verdict.repeats
    print(f"{verdict.runs} runs, {verdict.kills.total()} of them killed, {seconds:.0f} s")
    print(f"reports planted                  {verdict.planted}")
    for what, found in (
        ("lost over a channel", verdict.lost),
        ("told under two ids", verdict.told_twice),
        ("repeated though marked", verdict.repeated_though_marked),
        ("repeated without being sent", verdict.repeated_without_sending),
        ("in no digest", verdict.lost_by_digests),
        ("in two digests", verdict.in_two_digests),
        ("half files seen", verdict.half_files),
        ("problems of the watch", verdict.needs),
    ):
        print(f"{what:32} {len(found)} {list(found[:5]) or ''}")
    print(f"processes left running           {verdict.left_running}")
    print(f"evidence verified                {verdict.verified}")
    print(f"repeated with the same id        {repeats.total()}")
    if verdict.kills.keys() <= {"none"}:
        return
    print(
        "\n| step | kills | not reached | messages repeated, same id |\n| --- | --- | --- | --- |"
    )
    for step in STEPS:
        print(f"| {step} | {verdict.kills[step]} | {verdict.not_reached[step]} | {repeats[step]} |")


if __name__ == "__main__":
    main()
