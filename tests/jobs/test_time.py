"""Clocks that jump, a machine that sleeps, receivers that are away for days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.errors import DeliveryFailed
from monitor.jobs.deliver import deliver
from monitor.jobs.digests import begin_due
from monitor.model import RunKind
from tests.jobs.building import KEEPER, PROGRAM, Place, open_place

BERLIN = replace(KEEPER, time_zone="Europe/Berlin")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_place(tmp_path / "var", BERLIN, PROGRAM) as opened:
        yield opened


def go_on(place: Place, hours: float, *, step: float = 0.25) -> None:
    """Let the service's jobs run for hours of the held clock."""
    for _ in range(round(hours / step)):
        begin_due(place.watch)
        deliver(place.watch)
        place.clock.move(seconds=step * 3600)


def digests(place: Place, name: str) -> list[str]:
    return [m.subject for m in place.post.to(name) if m.kind == "digest"]


@pytest.mark.parametrize(
    "begin",
    [datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)],
    ids=["forward", "back"],
)
def test_each_local_date_has_one_digest_when_clocks_change(place: Place, begin: datetime) -> None:
    """FAULTS B2."""
    place.clock.moment = begin
    go_on(place, 72)
    subjects = digests(place, "keeper")
    assert len(subjects) == len(set(subjects)) == 4  # the first at once, its moment was past


def test_machine_asleep_over_a_digest_sends_it_once_when_it_wakes(place: Place) -> None:
    """FAULTS B1: late and once."""
    go_on(place, 1)
    before = len(digests(place, "keeper"))
    place.clock.move(days=2)
    go_on(place, 1)
    subjects = digests(place, "keeper")
    assert len(subjects) == len(set(subjects)) == before + 2


def test_days_on_which_nothing_ran_stand_in_the_digest(place: Place) -> None:
    for _ in range(3):
        place.storage.runs.end(place.storage.runs.begin(RunKind.POLL).id)
        go_on(place, 12)
    place.clock.move(days=3)
    go_on(place, 1)
    texts = [m.text for m in place.post.to("keeper") if m.kind == "digest"]
    assert sum("did not run on" in text for text in texts) == 2  # the late one, and today's


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=3650)], ids=["1 h", "10 y"])
def test_clock_that_leaps_ahead_and_comes_back_repeats_nothing(
    place: Place, jump: timedelta
) -> None:
    """FAULTS B3: no mass re-alert, no digest twice, nothing waits for 2036."""
    for number in range(1, 6):
        place.desk.owe(number, subscriber="keeper", channel="email")
    go_on(place, 1)
    place.clock.moment += jump
    go_on(place, 1)
    place.clock.moment -= jump
    go_on(place, 26)
    sent = Counter(message.id for message in place.post.taken)
    assert set(sent.values()) == {1}
    place.desk.owe(6, subscriber="keeper", channel="email")
    go_on(place, 1)
    assert place.storage.outbox.count().owed == 0
    subjects = digests(place, "keeper")
    assert len(subjects) == len(set(subjects))


def test_failure_while_the_clock_was_ahead_is_tried_again_when_it_is_back(place: Place) -> None:
    """FAULTS B3: retry times are not in 2036."""
    place.clock.move(days=3650)
    place.desk.owe(1, subscriber="keeper", channel="email")
    place.post.failures["keeper"] = DeliveryFailed("451 later")
    deliver(place.watch)
    place.clock.moment -= timedelta(days=3650)
    place.post.failures.clear()
    go_on(place, 1)
    assert [m.kind for m in place.post.to("keeper")].count("alert") == 1


def test_75_hours_of_outage_end_with_everything_delivered(tmp_path: Path) -> None:
    """FAULTS E8: all delivered, once each, and no digest twice."""
    with open_place(tmp_path / "var", BERLIN) as place:
        place.post.failures["keeper"] = DeliveryFailed("no connection")
        owed = []
        for hour in range(74):
            if hour % 3 == 0:
                owed.append(place.desk.owe(hour + 1, subscriber="keeper", channel="email"))
            go_on(place, 1)
        place.post.failures.clear()
        go_on(place, 12)
        taken = place.post.to("keeper")
        told = [each for message in taken for each in message.alerts]
        assert sorted(told) == sorted(owed)
        subjects = digests(place, "keeper")
        assert len(subjects) == len(set(subjects)) >= 4
        assert max(Counter(message.id for message in taken).values()) == 1
