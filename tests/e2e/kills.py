"""Kill the whole program again and again while reports come in, and count what arrives.

plant a report ─ run ─ stopped dead at a named step, or at a random moment ─ again
… at the end let it run undisturbed, and compare what was planted with what was received
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

from tests.e2e.scene import OUTSIDE, Scene
from tests.e2e.stopping import OF_ALERTS, OF_DIGESTS, OF_PAGES
from tests.e2e.verdict import Verdict, judge

STEPS = (
    "request sent",
    "body received",
    *OF_PAGES,
    *OF_ALERTS,
    "mail accepted",
    "hook taken",
    *OF_DIGESTS,
)
"""Every step that a run can be stopped at, in the order of the flow."""

READER = "officer on duty"
FIRST_DIGEST = date(2030, 1, 1)
"""Digests of days to come are asked for, one for each kill, so that none is due by itself."""
BURST = 7
"""More reports at once than are told one by one: they become one message."""


def kill_at_steps(
    folder: Path,
    *,
    steps: Sequence[str] = STEPS,
    kills: int,
    warm: bool,
    tell: Callable[[str], None] = lambda _step: None,
) -> Verdict:
    """Stop the program `kills` times, at each of `steps` in turn, and return what came of it.

    Every other time its children are left to find out by themselves that it is gone. `tell` hears
    of each step that was killed at.
    """
    with Scene(folder, warm=warm) as scene:
        number = 0
        scene.plant(number)
        scene.run("run", "--once", "--new")
        for kill in range(kills):
            step = steps[kill % len(steps)]
            for _ in range(BURST if step == "gathered" else 1):
                number += 1
                scene.plant(number)
            day = (FIRST_DIGEST + timedelta(days=kill)).isoformat()
            command = ["run", "--once"]
            if step in OF_DIGESTS:
                command = ["digest", "--send", "--for", READER, "--date", day]
            scene.run(*command, step=step, tree=step in OUTSIDE or kill % 2 == 0)
            tell(step)
        scene.finish()
        day = (FIRST_DIGEST + timedelta(days=kills)).isoformat()
        scene.run("digest", "--send", "--for", READER, "--date", day)
        return judge(scene)


def kill_at_random(
    folder: Path,
    *,
    kills: int,
    seed: int,
    longest: float,
    tell: Callable[[str], None] = lambda _step: None,
) -> Verdict:
    """Kill `run --once` `kills` times, each at a random moment of its first `longest` seconds."""
    dice = random.Random(seed)
    with Scene(folder) as scene:
        scene.plant(0)
        scene.run("run", "--once", "--new")
        for number in range(1, kills + 1):
            scene.plant(number)
            scene.run("run", "--once", after=dice.uniform(0.3, longest))
            tell("none")
        scene.finish()
        return judge(scene, digests=False)
