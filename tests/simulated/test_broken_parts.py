"""Every part is broken once while reports come in: each is delivered exactly once.

The 72 hours stand in benchmarks/years.py; here a few hours of them.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.simulated.world import ServiceEndedError, World, descendants

pytestmark = pytest.mark.timeout(600)


def test_each_report_arrives_once_though_parts_break_and_the_service_is_killed(
    tmp_path: Path,
) -> None:
    """FAULTS A1, A6, B3, E1, E5, E8."""
    with World(tmp_path / "world", every="30 minutes") as world:
        world.start()
        world.plant(1)
        world.go(minutes=35)

        world.break_mail(down=True)
        world.hook.broken = True
        world.plant(2)
        world.go(minutes=35)
        world.break_mail(down=False)
        world.hook.broken = False

        world.plant(3)
        world.on_page = lambda: kill_children(world)
        world.go(minutes=35)

        world.plant(4)
        world.on_page = world.kill
        with pytest.raises(ServiceEndedError):
            world.go(minutes=40)
        world.on_page = None
        world.start()

        world.tell(set=-3600)
        world.plant(5)
        world.go(minutes=100)
        verdict = world.verdict()
    assert (verdict.lost, verdict.twice, verdict.undelivered) == ([], [], 0)
    assert len(verdict.digests) == len(set(verdict.digests))


def kill_children(world: World) -> None:
    """Kill the crawl child that asked for the page, once."""
    world.on_page = None
    assert world.process is not None
    for pid in descendants(world.process.pid):
        if b"spiders.child" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
