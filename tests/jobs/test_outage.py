"""Receivers that are dead for hours and come back: nothing is lost, and the order is kept (E8).

The days pass on a clock that is moved; what is owed, tried, put off and marked is real.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import DeliveryFailed
from monitor.jobs.deliver import LONGEST_PUT_OFF, Deliverer, deliver
from monitor.jobs.digests import due_on, make_digest
from monitor.jobs.notices import tell
from monitor.model import AlertState, Message, Receipt, Subscriber
from monitor.render.digest import render_digest
from tests.jobs.building import HOOK, MAIL, Place, open_place

DEAD = Subscriber(name="dead", channel=HOOK)
DEAD_TOO = Subscriber(name="dead too", channel=MAIL)
WELL = Subscriber(name="well", channel=MAIL, alarms=True)
STEP = timedelta(minutes=5)


@dataclass
class Weather:
    """Which receivers are down, which messages no receiver ever takes, and what was tried when."""

    place: Place
    down: set[str] = field(default_factory=set)
    poison: set[str] = field(default_factory=set)
    tries: Counter[str] = field(default_factory=Counter)
    numbers: dict[str, int] = field(default_factory=dict)
    articles: int = 0
    hanging: threading.Event | None = None

    def sender(self, subscriber: Subscriber) -> Receiver:
        return Receiver(self, subscriber)

    def owe(self, *names: str) -> int:
        """Owe one more alert to each of `names`; return its number."""
        number = max(self.numbers.values(), default=0) + 1
        for name in names:
            channel = next(s.channel.kind for s in (DEAD, DEAD_TOO, WELL) if s.name == name)
            self.articles += 1
            self.numbers[self.place.desk.owe(self.articles, name, channel)] = number
        return number

    def taken(self, name: str) -> list[int]:
        """Return the numbers of the alerts that a receiver took, in order, gathered ones too."""
        messages = self.place.post.to(name)
        return [self.numbers[each] for message in messages for each in message.alerts]

    def run(self, span: timedelta, step: timedelta = STEP) -> None:
        """Let time pass, and deliver in each step."""
        for _ in range(span // step):
            deliver(self.place.watch)
            self.place.clock.move(seconds=step.total_seconds())


@dataclass
class Receiver:
    """One channel in the weather."""

    weather: Weather
    subscriber: Subscriber

    def send(self, message: Message, *, deadline: float) -> Receipt:
        name = self.subscriber.name
        self.weather.tries[name] += 1
        if name == "dead" and self.weather.hanging is not None:
            assert self.weather.hanging.wait(30)
        if name in self.weather.down:
            raise DeliveryFailed("503 down")
        if self.weather.poison & {message.id, *message.alerts}:
            raise DeliveryFailed("500 cannot read this one")
        self.weather.place.post.taken.append(message)
        return Receipt(response="200")


@pytest.fixture
def weather(tmp_path: Path) -> Iterator[Weather]:
    with open_place(tmp_path / "var", DEAD, DEAD_TOO, WELL) as place:
        found = Weather(place)
        object.__setattr__(place.watch, "make_sender", found.sender)
        yield found


@pytest.mark.parametrize("hours", [1, 9, 74])
def test_alerts_of_an_outage_arrive_in_order_when_it_is_over(weather: Weather, hours: int) -> None:
    """E8: at the next try of any of them, all go, the oldest first; none is lost or repeated."""
    weather.down = {"dead", "dead too"}
    numbers = []
    span = timedelta(hours=hours) / 12
    for _ in range(12):
        numbers.append(weather.owe("dead", "dead too", "well"))
        weather.run(span, span / 4)
    assert weather.taken("dead") == weather.taken("dead too") == []
    assert weather.taken("well") == numbers, "a dead receiver held up another one"
    weather.down.clear()
    numbers.append(weather.owe("dead", "dead too"))
    weather.run(timedelta(minutes=30))
    assert weather.taken("dead") == weather.taken("dead too") == numbers
    assert weather.place.storage.outbox.count().owed == 0


def test_first_try_after_an_outage_brings_everything_without_a_new_alert(weather: Weather) -> None:
    weather.down = {"dead"}
    numbers = []
    for _ in range(4):
        numbers.append(weather.owe("dead"))
        weather.run(timedelta(hours=1))
    weather.down.clear()
    weather.run(timedelta(hours=5))
    assert weather.taken("dead") == numbers


def test_newer_alert_waits_until_the_older_one_was_tried_again(weather: Weather) -> None:
    """The older one is not due for hours; the newer one does not overtake it."""
    weather.down = {"dead"}
    first = weather.owe("dead")
    weather.run(timedelta(hours=4))
    (waiting,) = weather.place.storage.outbox.read_waiting(states=(AlertState.OWED,))
    assert waiting.next_try_at is not None
    assert waiting.next_try_at > weather.place.clock.now() + timedelta(minutes=30)
    weather.down.clear()
    second = weather.owe("dead")
    weather.run(STEP)
    assert weather.taken("dead") == [first, second]


def test_early_try_that_fails_does_not_change_when_the_next_one_is(weather: Weather) -> None:
    """The retry table of the specification holds, however many newer alerts come in between."""
    weather.down = {"dead"}
    weather.owe("dead")
    weather.run(timedelta(hours=4))
    outbox = weather.place.storage.outbox
    (before,) = outbox.read_waiting(states=(AlertState.OWED,))
    weather.owe("dead")
    tries = weather.tries["dead"]
    weather.run(STEP)
    assert weather.tries["dead"] == tries + 2, "the old one asked, and the new one for itself"
    after = outbox.read_waiting(states=(AlertState.OWED,))[0]
    assert (after.id, after.attempt, after.next_try_at) == (
        before.id,
        before.attempt,
        before.next_try_at,
    )
    said = [each for each in outbox.read_deliveries() if each.message_id == before.id]
    assert len(said) == before.attempt + 1, "the early try is recorded, though it does not count"


def test_alert_that_no_receiver_takes_stops_no_other(weather: Weather) -> None:
    """E8, P5: two that always fail; what comes later waits for their first tries and no longer."""
    bad = [weather.owe("dead"), weather.owe("dead")]
    weather.poison = set(weather.numbers)
    good = [weather.owe("dead")]
    weather.run(timedelta(minutes=40))
    assert weather.taken("dead") == good
    for _ in range(12):
        weather.run(timedelta(hours=1))
        good.append(weather.owe("dead"))
        weather.run(3 * LONGEST_PUT_OFF)
        assert weather.taken("dead") == good
    assert not set(bad) & set(weather.taken("dead"))


def test_alert_is_not_overtaken_though_a_notice_before_it_never_passes(weather: Weather) -> None:
    """Each kind asks for itself: of notices, alerts and digests the oldest that waits."""
    tell(weather.place.watch, "disk", headline="The disk is nearly full", lines=())
    (notice,) = weather.place.storage.outbox.read_waiting(states=(AlertState.OWED,))
    weather.poison = {notice.id}
    weather.down = {"well"}
    first = weather.owe("well")
    weather.run(timedelta(hours=4))
    weather.down.clear()
    second = weather.owe("well")
    weather.run(STEP)
    assert weather.taken("well") == [first, second]


def test_dead_receiver_is_asked_sparingly(weather: Weather) -> None:
    """E8: no herd: with twenty alerts waiting it is asked twice in five minutes at the most."""
    weather.down = {"dead"}
    for _ in range(20):
        weather.owe("dead")
        weather.run(STEP)
    assert weather.tries["dead"] <= 2 * 20
    before = weather.tries["dead"]
    weather.run(timedelta(hours=70), timedelta(hours=1))
    assert weather.tries["dead"] - before <= 2 * 20 * 10
    weather.down.clear()
    weather.owe("dead")
    weather.run(timedelta(hours=1))
    assert weather.taken("dead") == sorted(weather.numbers.values())


@pytest.mark.parametrize("seed", range(3))
def test_flapping_receivers_get_everything_in_order(weather: Weather, seed: int) -> None:
    """Whenever they come and go: every alert once, in the order it was owed, each with one id."""
    dice = random.Random(seed)
    names = ("dead", "dead too")
    owed: dict[str, list[int]] = {name: [] for name in names}
    for _ in range(30):
        for name in names:
            if dice.random() < 0.3:
                weather.down ^= {name}
            if dice.random() < 0.5:
                owed[name].append(weather.owe(name))
        weather.run(timedelta(minutes=dice.choice((5, 20, 120))))
    weather.down.clear()
    weather.owe(*names)
    weather.run(timedelta(hours=1))
    for name in names:
        assert weather.taken(name)[:-1] == owed[name]
        ids = [message.id for message in weather.place.post.to(name)]
        assert len(ids) == len(set(ids))


def test_given_up_after_75_hours_and_told_then_the_next_ones_arrive(weather: Weather) -> None:
    """P2: what was owed before is dead and told over another channel, what came later arrives."""
    weather.down = {"dead"}
    weather.owe("dead")
    weather.run(timedelta(hours=100), timedelta(minutes=30))
    assert weather.place.storage.outbox.count().dead == 1
    told = [m.text.splitlines()[0] for m in weather.place.post.to("well") if m.kind == "alarm"]
    assert told == ["A message to 'dead' could not be delivered"]
    weather.down.clear()
    last = weather.owe("dead")
    weather.run(STEP)
    assert weather.taken("dead") == [last]


def test_dead_letters_stand_in_the_digest_however_many_there_were_before(weather: Weather) -> None:
    """P2: those since the last digest, with why; a hundred old ones do not crowd them out."""
    watch, storage = weather.place.watch, weather.place.storage
    with storage.transaction():
        for _ in range(120):
            weather.owe("dead")
        storage.outbox.claim_alerts(weather.place.clock.now(), limit=1000)
        for old in weather.numbers:
            storage.outbox.mark_dead(old, at=weather.place.clock.now(), response="550 long ago")
    weather.place.clock.move(days=3)
    weather.owe("dead")
    newest = list(weather.numbers)[-1]
    storage.outbox.claim_alerts(weather.place.clock.now())
    storage.outbox.mark_dead(newest, at=weather.place.clock.now(), response="550 no such user")
    due = due_on(WELL, weather.place.clock.now().date())
    row = storage.digests.begin(due, channel=WELL.channel.kind)
    text = " ".join(render_digest(make_digest(watch, WELL, row), WELL).text.split())
    assert "550 no such user" in text
    assert "it will not be tried again" in text
    assert "long ago" not in text
    assert "1 message could not be delivered; see the end." in text


def test_storm_through_the_outbox_is_few_messages_and_nothing_is_dropped(weather: Weather) -> None:
    """E9: two bursts; every alert arrives in exactly one message, which says how many there are."""
    storage = weather.place.storage
    for size in (1100, 100):
        with storage.transaction():
            for _ in range(size):
                weather.owe("well")
        weather.run(timedelta(minutes=30))
    messages = weather.place.post.to("well")
    taken = weather.taken("well")
    assert sorted(taken) == list(range(1, 1201))
    assert [len(message.alerts) for message in messages] == [1000, 100, 100]
    assert f"{len(messages[0].alerts):,} reports" in messages[0].text


def test_slow_receiver_does_not_hold_up_what_is_owed_to_others_meanwhile(
    weather: Weather,
) -> None:
    """P5: something is under way to one receiver; the next alert to another one goes at once."""
    weather.owe("dead")
    weather.hanging = threading.Event()
    with Deliverer(weather.place.watch) as deliverer:
        deliverer.tick()
        number = weather.owe("well")
        weather.owe("dead")
        for _ in range(500):
            assert deliverer.tick(), "the slow one is not under way any more"
            if weather.taken("well"):
                break
            time.sleep(0.01)
        assert weather.taken("well") == [number]
        assert weather.tries["dead"] == 1, "a receiver was sent two messages at a time"
        weather.hanging.set()
        deliverer.finish()
    assert weather.taken("dead") == [1, 3]
