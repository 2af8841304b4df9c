"""Kill the whole program again and again, and count what arrives (FAULTS A1, A3).

    python -m benchmarks.kills --steps [--kills 1000]             at each named step in turn
    python -m benchmarks.kills [--kills 100] [--seed 1] [--longest 8]     at random moments
    … --figures FILE                      the figures so far, written anew after each scene

With no loss in N kills the rate of loss is below 3/N at 95 %. The runs of `--steps` are forked from
a process that has loaded everything (see tests/e2e/launcher.py), those at random moments are
started anew each time. A scene is one watch with its receivers; each is killed SCENE times, so that
the thousandth kill costs what the first does. The last figures stand in benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.kills import STEPS, kill_at_random, kill_at_steps
from tests.e2e.verdict import Verdict, add_up

SCENE = 4 * len(STEPS)
"""Kills of one watch: every step with and without its children, twice."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", action="store_true", help="at named steps")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=8.0, help="seconds after the start")
    parser.add_argument("--figures", type=Path, help="write the figures so far into this file")
    options = parser.parse_args()
    began, verdicts = time.monotonic(), []
    for verdict in run_scenes(options):
        verdicts.append(verdict)
        words = say(add_up(verdicts), time.monotonic() - began)
        if options.figures is not None:
            options.figures.write_text(words, encoding="utf-8")
        if not verdict.holds:
            break
    print(words)
    sys.exit(0 if all(verdict.holds for verdict in verdicts) else 1)


def run_scenes(options: argparse.Namespace) -> Iterator[Verdict]:
    """Yield the verdict of one scene after the other, until all kills are made."""
    left = options.kills or (1000 if options.steps else 100)
    for number in range(left):
        if left <= 0:
            return
        kills = min(left, SCENE)
        progress = Progress(left)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "scene"
            if options.steps:
                yield kill_at_steps(folder, kills=kills, warm=True, tell=progress.tell)
            else:
                yield kill_at_random(
                    folder,
                    kills=kills,
                    seed=options.seed + number,
                    longest=options.longest,
                    tell=progress.tell,
                )
        left -= kills


class Progress:
    """Says on standard error how many kills are left."""

    def __init__(self, left: int) -> None:
        self._left = left
        self._began = time.monotonic()
        self._done = 0

    def tell(self, step: str) -> None:
        """Count one kill."""
        self._done += 1
        if self._done % 10 == 0:
            each = (time.monotonic() - self._began) / self._done
            print(f"{self._left - self._done} left, {each:.1f} s each ({step})", file=sys.stderr)


def say(verdict: Verdict, seconds: float) -> str:
    """Return the figures as they stand in benchmarks/README.md."""
    repeats = verdict.repeats
    lines = [
        f"{verdict.runs} runs, {verdict.kills.total()} of them killed, {seconds:.0f} s",
        f"reports planted                  {verdict.planted}",
    ]
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
        lines.append(f"{what:32} {len(found)} {list(found[:5]) or ''}")
    lines += [
        f"processes left running           {verdict.left_running}",
        f"evidence verified                {verdict.verified}",
        f"repeated with the same id        {repeats.total()}",
    ]
    if not verdict.kills.keys() <= {"none"}:
        lines += [
            "",
            "| step | kills | not reached | messages repeated, same id |",
            "| --- | --- | --- | --- |",
        ]
        for step in STEPS:
            kills, missed = verdict.kills[step], verdict.not_reached[step]
            lines.append(f"| {step} | {kills} | {missed} | {repeats[step]} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
