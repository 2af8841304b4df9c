"""A message on its way when something else happens: it is in one hand, and sent once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from monitor.errors import StorageFull
from monitor.jobs.deliver import Deliverer
from monitor.jobs.parcels import LEASE
from monitor.jobs.service import Service
from monitor.jobs.spool import FOLDER as SPOOL
from monitor.model import AlertState, Message, Receipt, Subscriber
from tests.jobs.arriving import commit
from tests.jobs.building import FOLDER, Place, Post, open_place
from tests.jobs.test_restore import EVENTS
from tests.jobs.test_service import Fixed


@dataclass
class Slow:
    """A receiver that takes a message once `free` is set."""

    post: Post
    subscriber: Subscriber
    free: threading.Event

    def send(self, message: Message, *, deadline: float) -> Receipt:
        assert self.free.wait(deadline)
        return self.post.sender(self.subscriber).send(message, deadline=deadline)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_place(tmp_path / "var", FOLDER) as opened:
        for number in (1, 2):
            title, text = EVENTS[number]
            commit(opened, number, text * 6, title=title)
        yield opened


@pytest.fixture
def service(place: Place) -> Iterator[Service]:
    """A service that has handed the first of two messages to a receiver that takes its time."""
    free = threading.Event()
    watch = replace(place.watch, make_sender=lambda each: Slow(place.post, each, free))
    made = Service(Fixed(watch))
    made._deliverer_tick()
    hurry = threading.Timer(0.5, free.set)
    hurry.start()
    yield made
    hurry.join()
    made._stack.close()
    made._heartbeat.close()
    made._upkeep.close(watch)


def hand_over(place: Place, job: str, **arguments: str) -> None:
    folder = place.watch.data / SPOOL
    folder.mkdir()
    (folder / "x.json").write_text(json.dumps({"job": job, "arguments": arguments}))


def test_retry_of_a_message_under_way_sends_it_once(place: Place, service: Service) -> None:
    first = place.storage.outbox.read_waiting(states=(AlertState.CLAIMED,))[0]
    hand_over(place, "retry", message=first.message_id)
    service._work_spool()
    service._deliverer.finish()
    assert len(place.post.tries) == len({message for _, message in place.post.tries}) == 2
    assert place.storage.outbox.count().delivered == 2


def test_message_that_waits_is_not_sent_once_its_report_was_removed(
    place: Place, service: Service
) -> None:
    hand_over(place, "purge", article="https://daily.example/2", wish="the outlet")
    service._work_spool()
    service._deliverer.finish()
    assert [EVENTS[1][0] in each.text for each in place.post.taken] == [True]
    assert not any(EVENTS[2][0] in each.text for each in place.post.taken)


def test_message_that_was_sent_and_could_not_be_marked_is_not_sent_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS A5: the disk is full when the receiver says yes, and has room again later."""
    outbox = place.storage.outbox
    mark = outbox.mark_delivered
    left = [StorageFull("while writing: the disk is full")] * 3

    def fails(*given: str, **named: object) -> None:
        if left:
            raise left.pop()
        mark(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(outbox, "mark_delivered", fails)
    with Deliverer(place.watch) as deliverer:
        while left:
            try:
                deliverer.finish()
            except StorageFull:
                place.clock.move(seconds=LEASE + 1)
        deliverer.finish()
    assert len(place.post.tries) == len({message for _, message in place.post.tries}) == 2
    assert outbox.count().delivered == 2
