"""The outbox under any history of sending, failing, waiting and dying: nothing owed is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from monitor.model import OwedAlert
from storage.database import Storage
from tests.storage.building import Desk, HeldClock
from tests.storage.claiming import MINUTE, claim


class Deliveries(RuleBasedStateMachine):
    """Whatever happens between claim and mark, nothing owed is lost, and nothing is sent twice
    unless it was sent and not marked."""

    @initialize(factory=st.just(None))
    def begin(self, factory: None) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "var"
        self.clock = HeldClock()
        self.desk = Desk(Storage.create(self.path, self.clock), self.clock)
        self.owed: set[str] = set()
        self.sent: list[str] = []
        self.marked: set[str] = set()
        self.dead: set[str] = set()
        self.unmarked: set[str] = set()
        self.in_hand: list[OwedAlert] = []

    @rule()
    def tell(self) -> None:
        self.owed.add(self.desk.owe(len(self.owed)))

    @rule(limit=st.integers(1, 4))
    def claim(self, limit: int) -> None:
        claimed = claim(self.desk, lease_seconds=60, limit=limit)
        held = {alert.id for alert in self.in_hand}
        assert not held & {alert.id for alert in claimed}
        assert not self.marked & {alert.id for alert in claimed}
        assert not self.dead & {alert.id for alert in claimed}
        self.in_hand += claimed

    @precondition(lambda self: self.in_hand)
    @rule(fate=st.sampled_from(["delivered", "not marked", "retry", "dead", "hold"]))
    def send(self, fate: str) -> None:
        alert = self.in_hand.pop()
        outbox, now = self.desk.storage.outbox, self.clock.now()
        if fate in {"delivered", "not marked"}:
            assert alert.id not in self.sent or alert.id in self.unmarked
            self.sent.append(alert.id)
        if fate == "delivered":
            outbox.mark_delivered(alert.id, at=now, response="250")
            self.marked.add(alert.id)
        elif fate == "not marked":
            self.unmarked.add(alert.id)
        elif fate == "retry":
            outbox.mark_retry(alert.id, at=now, response="451", next_try_at=now + MINUTE)
        elif fate == "dead":
            outbox.mark_dead(alert.id, at=now, response="550")
            self.dead.add(alert.id)
        else:
            outbox.hold([alert.id], now + MINUTE)

    @rule(seconds=st.integers(61, 10_000))
    def wait(self, seconds: int) -> None:
        self.in_hand = []  # their leases are over
        self.clock.move(seconds=seconds)

    @rule()
    def restart(self) -> None:
        self.in_hand = []
        self.desk.storage.close()
        self.desk.storage = Storage.open_writer(self.path, self.clock)

    @invariant()
    def nothing_is_lost(self) -> None:
        if not hasattr(self, "desk"):
            return
        counts = self.desk.storage.outbox.count()
        assert counts.delivered == len(self.marked)
        assert counts.dead == len(self.dead)
        assert counts.owed + counts.claimed == len(self.owed) - len(self.marked) - len(self.dead)

    def teardown(self) -> None:
        if not hasattr(self, "desk"):
            return
        for _ in range(len(self.owed) + 1):
            self.clock.move(days=1)
            for alert in claim(self.desk):
                self.desk.storage.outbox.mark_delivered(
                    alert.id, at=self.clock.now(), response="250"
                )
                self.marked.add(alert.id)
        assert self.marked | self.dead == self.owed
        self.desk.storage.close()
        self.folder.cleanup()


Deliveries.TestCase.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)
test_nothing_owed_is_lost_whatever_happens = Deliveries.TestCase
