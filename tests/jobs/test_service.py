"""A job that dies is told and the others go on; commands find every job that they may hand over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor.errors import StorageFull
from monitor.health.heartbeat import LATE
from monitor.jobs.handed import HANDLERS
from monitor.jobs.service import BROKEN_AFTER, Service
from monitor.jobs.watch import Watch
from tests.jobs.building import FOLDER, Place, open_place


@dataclass
class Fixed:
    """A configuration that never changes."""

    watch: Watch

    def reload(self, *, asked: bool = False) -> None:
        del asked


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_place(tmp_path / "var", FOLDER) as opened:
        yield opened


@pytest.fixture
def service(place: Place) -> Iterator[Service]:
    made = Service(Fixed(place.watch))
    yield made
    made._stack.close()
    made._heartbeat.close()
    made._upkeep.close(made.watch)


def headlines(place: Place) -> list[str]:
    return [each.headline for each in place.storage.outbox.claim_notices(place.clock.now())]


@pytest.mark.parametrize(
    "error",
    [ValueError("a bug"), StorageFull("while writing: the disk is full"), SystemError("worse")],
    ids=["bug", "expected", "system"],
)
def test_job_that_dies_is_told_and_the_others_go_on(
    place: Place, service: Service, error: Exception
) -> None:
    ran: list[str] = []
    broken = True

    def fails() -> None:
        if broken:
            raise error

    service.add("fails", fails, seconds=60)
    service.add("works", lambda: ran.append("works"), seconds=60)
    for _ in range(3):
        for name, job in (("fails", fails), ("works", lambda: ran.append("works"))):
            service._guarded(name, job)
        service._check_jobs()
        place.clock.move(seconds=BROKEN_AFTER)
    assert ran == ["works"] * 3
    assert headlines(place) == ["the service's job 'fails' fails"], "once, and not of a moment"
    assert service._quiet_for()["fails"] > service._quiet_for()["works"]

    broken = False
    service._guarded("fails", fails)
    service._check_jobs()
    assert headlines(place) == ["over: the service's job 'fails' fails"]


def test_job_that_dies_stops_the_heart_within_the_hour(place: Place, service: Service) -> None:
    """FAULTS P4, E10."""

    def fails() -> None:
        raise ValueError("a bug")

    service.add("fails", fails, seconds=60)
    waited = 0.0
    while service._quiet_for()["fails"] <= LATE:
        service._guarded("fails", fails)
        place.clock.move(seconds=60)
        waited += 60
    assert waited <= 3600


def test_every_job_that_commands_hand_over_is_known() -> None:
    assert {"retry", "send digest", "prune", "purge", "rematch"} <= HANDLERS.keys()
