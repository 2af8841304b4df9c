"""Breaking any one part stops the heart within the hour (FAULTS P4, E10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.health.heartbeat import LEAST_FREE, Vitals, find_broken

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WELL = Vitals(
    now=NOW,
    quiet_for={"look": 12.0, "deliver": 2.0},
    free_bytes=10 * LEAST_FREE,
    delivered_at=NOW - timedelta(hours=9),
    asked=200,
    failing=30,
)


def test_heart_beats_while_everything_works() -> None:
    assert find_broken(WELL) == ()


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"quiet_for": {"look": 3000.0}}, "'look'"),
        ({"written": False}, "cannot be written"),
        ({"free_bytes": 1024}, "disk is full"),
        ({"waits_since": NOW - timedelta(minutes=50)}, "can be delivered"),
        ({"failing": 200}, "none of the 200 sources"),
    ],
    ids=["scheduler", "database", "disk", "SMTP", "all sources"],
)
def test_one_broken_part_stops_it_within_the_hour(broken: dict[str, object], said: str) -> None:
    (reason,) = find_broken(replace(WELL, **broken))  # type: ignore[arg-type]
    assert said in reason


@pytest.mark.parametrize(
    "passing",
    [
        {"quiet_for": {"look": 600.0}},
        {"waits_since": NOW - timedelta(minutes=10)},
        {
            "waits_since": NOW - timedelta(hours=5),
            "delivered_at": NOW - timedelta(minutes=5),
        },
        {"asked": 0, "failing": 0},
    ],
    ids=["a long crawl", "greylisting", "one receiver of several", "no source yet"],
)
def test_what_passes_by_itself_does_not_stop_it(passing: dict[str, object]) -> None:
    assert find_broken(replace(WELL, **passing)) == ()  # type: ignore[arg-type]
