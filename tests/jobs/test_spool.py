"""Commands hand their jobs to the running service and print what it says."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import StationwatchError
from monitor.jobs.handed import HANDLERS, do_or_hand_over
from monitor.jobs.spool import FOLDER, Spool, hand_over
from monitor.jobs.watch import Watch
from monitor.wiring import open_watch, read_config
from tests.fakes.kept import fill_cache
from tests.jobs.building import KEEPER, Place, open_place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_place(tmp_path / "var", KEEPER) as opened:
        yield opened


def answered(place: Place, spool: Spool, job: str, **arguments: object) -> Mapping[str, Any]:
    """Hand a job over in a thread, as another process would, and work in this one."""
    found: list[Mapping[str, Any] | Exception] = []

    def ask() -> None:
        try:
            found.append(hand_over(place.watch.data, job, arguments, patience=20))
        except StationwatchError as error:
            found.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    while asking.is_alive():
        spool.work(place.watch)
        asking.join(0.05)
    (answer,) = found
    if isinstance(answer, Exception):
        raise answer
    return answer


def test_dead_letter_is_sent_again_by_the_service(place: Place) -> None:
    message = place.desk.owe(1, subscriber="keeper", channel="email")
    place.storage.outbox.claim_alerts(place.clock.now())
    place.storage.outbox.mark_dead(message, at=place.clock.now(), response="550")
    said = answered(place, Spool(HANDLERS), "retry", message=message)
    assert said["counts"]["delivered"] == 1
    assert [each.id for each in place.post.to("keeper")] == [message]
    assert list((place.watch.data / FOLDER).iterdir()) == []


def test_digest_is_sent_by_the_service(place: Place) -> None:
    answered(place, Spool(HANDLERS), "send digest", subscriber="keeper", day=None)
    assert [each.kind for each in place.post.to("keeper")] == ["digest"]


def test_failure_is_the_answer_and_the_service_goes_on(place: Place) -> None:
    def fail(_watch: Watch, _arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        raise RuntimeError("a bug")

    spool = Spool({**HANDLERS, "break": fail})
    with pytest.raises(StationwatchError, match="a bug"):
        answered(place, spool, "break")
    with pytest.raises(StationwatchError, match="no message 'nothing'"):
        answered(place, spool, "retry", message="nothing")
    with pytest.raises(StationwatchError, match="knows no job"):
        answered(place, spool, "dance")


def test_job_that_nobody_takes_is_withdrawn(place: Place) -> None:
    with pytest.raises(StationwatchError, match="did not take it"):
        hand_over(place.watch.data, "retry", {}, patience=0.4)
    assert list((place.watch.data / FOLDER).iterdir()) == []


def test_job_that_killed_the_service_is_answered_and_not_run_again(place: Place) -> None:
    folder = place.watch.data / FOLDER
    folder.mkdir()
    (folder / "x.taken").write_text("{}")
    spool = Spool(HANDLERS)
    spool.sweep(place.watch.data)
    assert "in the middle" in (folder / "x.done").read_text()
    assert spool.work(place.watch) == 0


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"job": 1}', "\x00\xff"])
def test_broken_order_breaks_nothing(place: Place, content: str) -> None:
    folder = place.watch.data / FOLDER
    folder.mkdir()
    (folder / "x.json").write_text(content, encoding="latin-1")
    assert Spool(HANDLERS).work(place.watch) == 1
    assert "problem" in (folder / "x.done").read_text()


def test_command_works_by_itself_where_no_service_runs(tmp_path: Path) -> None:
    data = tmp_path / "data"
    fill_cache(data)
    with open_watch(data, read_config(None, data), create=True):
        pass
    found = do_or_hand_over(
        data, "prune", {}, open_watch=lambda: open_watch(data, read_config(None, data))
    )
    assert found["texts"] == 0
