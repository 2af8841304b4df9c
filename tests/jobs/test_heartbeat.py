"""The dead man's switch calls a real receiver, and falls silent when any one part breaks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.errors import DeliveryFailed, StorageFull
from monitor.jobs import heartbeat
from monitor.jobs.deliver import deliver
from monitor.jobs.heartbeat import Heartbeat, send_beat
from monitor.model import HeartbeatSettings, Look, RunKind, Settings
from tests.fakes.hook import Answer, Hook
from tests.jobs.building import KEEPER, Place, open_place
from tests.storage.building import make_source

SETTINGS = Settings(heartbeat=HeartbeatSettings(url="https://beats.example.org/x", every=300))
MINUTE = 60.0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    sources = (make_source("daily"), make_source("weekly"))
    with open_place(tmp_path / "var", KEEPER, sources=sources, settings=SETTINGS) as opened:
        yield opened


def beats(place: Place, minutes: int, *, each: Callable[[], object] = lambda: None) -> list[int]:
    """Return after how many minutes the heart beat, going on for `minutes`."""
    made: list[int] = []
    heart = Heartbeat(call=lambda _settings: 200)
    quiet = {"look": 5.0}
    for minute in range(minutes):
        each()
        if heart.beat(place.watch, quiet):
            made.append(minute)
        heart._under_way = None  # the call is another test's
        place.clock.move(seconds=MINUTE)
    heart.close()
    return made


def test_heart_beats_every_five_minutes(place: Place) -> None:
    assert beats(place, 21) == [0, 5, 10, 15, 20]


def test_dead_mail_server_stops_it_within_the_hour(place: Place) -> None:
    """FAULTS E10."""
    place.desk.owe(1, subscriber="keeper", channel="email")
    place.post.failures["keeper"] = DeliveryFailed("no connection")
    made = beats(place, 120, each=lambda: deliver(place.watch))
    assert made
    assert max(made) < 60


def test_all_sources_failing_stops_it(place: Place) -> None:
    """FAULTS E10."""
    run = place.storage.runs.begin(RunKind.POLL).id
    for source in place.watch.sources:
        look = Look(source_id=source.id, looked_at=place.clock.now(), problem="no answer")
        place.storage.sources.offer(look, [], run_id=run)
    assert beats(place, 30) == []


def test_database_that_cannot_be_written_stops_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS E10, A5."""

    def fail(*_args: object, **_named: object) -> None:
        raise StorageFull("the disk is full")

    with monkeypatch.context() as full:
        full.setattr(place.storage.proofs, "keep", fail)
        assert beats(place, 30) == []
    assert beats(place, 1) == [0]


def test_full_disk_stops_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """FAULTS E10."""
    usage = heartbeat.shutil.disk_usage(place.watch.data)
    monkeypatch.setattr(heartbeat.shutil, "disk_usage", lambda _path: usage._replace(free=1024))
    assert beats(place, 30) == []


def test_scheduler_that_hangs_stops_it(place: Place) -> None:
    """FAULTS E10: a job that has not ended well for half an hour."""
    heart = Heartbeat(call=lambda _settings: 200)
    assert not heart.beat(place.watch, {"look": 31 * MINUTE})
    assert "look" in heart.broken[0]
    heart.close()


def test_clock_that_goes_back_an_hour_does_not_stop_it(place: Place) -> None:
    """FAULTS B3: intervals use the monotonic clock."""
    heart = Heartbeat(call=lambda _settings: 200)
    assert heart.beat(place.watch, {})
    heart._under_way = None
    place.clock.moment -= place.clock.moment - place.clock.moment.replace(hour=0)
    place.clock.elapsed += 301
    assert heart.beat(place.watch, {})
    heart.close()


def test_receiver_gets_an_empty_call_and_a_refusal_breaks_nothing(place: Place) -> None:
    with Hook() as hook:
        settings = HeartbeatSettings(url=hook.url, every=60, allow_private=(hook.place,))
        assert send_beat(settings) == 200
        assert hook.posts[0].body == b""
        hook.answers.append(Answer(status=500))
        watch = replace(place.watch, settings=replace(place.watch.settings, heartbeat=settings))
        heart = Heartbeat()
        assert heart.beat(watch, {})
        for _ in range(500):
            if len(hook.posts) == 2:
                break
            time.sleep(0.01)
        heart.close()
        assert len(hook.posts) == 2
