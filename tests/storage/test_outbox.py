from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import StorageError
from monitor.model import AlertState, ChangeKind
from storage.database import Storage
from tests.storage.building import NOON, Desk, HeldClock, make_article, make_match
from tests.storage.claiming import MINUTE, claim


def test_alert_comes_with_everything_that_is_needed_to_say_it(desk: Desk) -> None:
    story, change = desk.tell(body_sha256="ab" * 32)
    alert_id = desk.storage.outbox.add_alert(change, subscriber="desk", channel="email")
    (alert,) = claim(desk)
    assert alert.id == alert_id
    assert (alert.subscriber, alert.channel, alert.attempts) == ("desk", "email", 0)
    assert (alert.change, alert.story) == (change, story)
    assert alert.matches == (make_match(),)
    assert alert.title == make_article().title
    assert alert.text == make_article().text
    assert alert.url == make_article().url
    assert alert.body_sha256 == "ab" * 32
    assert alert.created_at == NOON


def test_change_is_owed_once_to_a_subscriber_and_channel(desk: Desk) -> None:
    _, change = desk.tell()
    outbox = desk.storage.outbox
    assert outbox.add_alert(change, subscriber="desk", channel="email") is not None
    assert outbox.add_alert(change, subscriber="desk", channel="email") is None
    assert outbox.add_alert(change, subscriber="desk", channel="webhook") is not None
    assert outbox.add_alert(change, subscriber="night", channel="email") is not None
    assert outbox.count().owed == 3


def test_alert_is_not_owed_when_its_match_is_not_stored(desk: Desk) -> None:
    def fail() -> None:
        with desk.storage.transaction():
            desk.owe()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert claim(desk) == []
    assert desk.storage.stories.changes_between(0, 99) == ()


def test_claimed_alert_is_nobody_elses_until_its_lease_is_over(
    desk: Desk, clock: HeldClock
) -> None:
    """FAULTS A10: no double claims."""
    desk.owe()
    (first,) = claim(desk, lease_seconds=60)
    clock.move(seconds=59)
    assert claim(desk) == []
    clock.move(seconds=1)
    (again,) = claim(desk)
    assert (again.id, again.attempts, again.first_attempt_at) == (first.id, 1, NOON)


def test_claim_of_a_process_that_died_is_void_at_once(folder: Path, clock: HeldClock) -> None:
    """FAULTS A1, K6: one process writes, so whoever claimed before is gone."""
    with Storage.create(folder, clock) as storage:
        desk = Desk(storage, clock)
        alert_id = desk.owe()
        claim(desk, lease_seconds=3600)
    with Storage.open_writer(folder, clock) as storage:
        assert [alert.id for alert in storage.outbox.claim_alerts(NOON)] == [alert_id]
        assert storage.outbox.claim_alerts(NOON) == ()


def test_claim_under_a_wrong_clock_is_void(desk: Desk, clock: HeldClock) -> None:
    """FAULTS B3: a clock that was ten years ahead locks nothing for ten years."""
    desk.owe()
    clock.move(days=3650)
    claim(desk)
    clock.move(days=-3650)
    assert len(claim(desk)) == 1


@pytest.mark.parametrize("how", ["refused", "held", "receiver waits"])
def test_alert_owed_while_the_clock_was_ahead_is_tried_again_and_again(
    desk: Desk, clock: HeldClock, how: str
) -> None:
    """FAULTS B3: its first try by the right clock may fail, and the next is not ten years away."""
    clock.move(days=3650)
    _, change = desk.tell()
    ahead, outbox = clock.now(), desk.storage.outbox
    alert = outbox.add_alert(change, subscriber="desk", channel="email", not_before=ahead)
    assert alert is not None
    claim(desk)
    outbox.mark_retry(alert, at=ahead, response="500", next_try_at=ahead + timedelta(hours=1))
    clock.move(days=-3650)
    soon = clock.now() + timedelta(minutes=5)
    assert [each.id for each in claim(desk)] == [alert]
    if how == "refused":
        outbox.mark_retry(alert, at=clock.now(), response="500", next_try_at=soon)
    elif how == "held":
        outbox.hold([alert], until=soon)
    else:
        outbox.put_off([alert], until=soon)
    assert claim(desk) == []
    clock.move(seconds=301)
    assert [each.id for each in claim(desk)] == [alert]


def test_alerts_are_claimed_in_the_order_they_were_owed(desk: Desk) -> None:
    owed = [desk.owe(number) for number in range(7)]
    assert [alert.id for alert in claim(desk, limit=3)] == owed[:3]
    assert [alert.id for alert in claim(desk)] == owed[3:]


def test_quiet_hours_hold_an_alert_back(desk: Desk, clock: HeldClock) -> None:
    _, change = desk.tell()
    morning = NOON + timedelta(hours=19)
    desk.storage.outbox.add_alert(change, subscriber="desk", channel="email", not_before=morning)
    assert claim(desk) == []
    clock.moment = morning
    assert len(claim(desk)) == 1


def test_delivered_alert_is_never_claimed_again(desk: Desk, clock: HeldClock) -> None:
    alert_id = desk.owe()
    claim(desk)
    desk.storage.outbox.mark_delivered(alert_id, at=NOON, response="250 ok")
    clock.move(days=1)
    assert claim(desk) == []
    (delivery,) = desk.storage.outbox.read_deliveries()
    assert (delivery.message_id, delivery.attempt, delivery.state) == (
        alert_id,
        1,
        AlertState.DELIVERED,
    )
    assert (delivery.message_kind, delivery.response) == ("alert", "250 ok")


def test_failed_alert_waits_and_is_claimed_again_with_the_same_id(
    desk: Desk, clock: HeldClock
) -> None:
    """P2: a duplicate carries the same id."""
    alert_id = desk.owe()
    outbox = desk.storage.outbox
    for attempt in range(1, 4):
        (alert,) = claim(desk)
        assert (alert.id, alert.attempts) == (alert_id, attempt - 1)
        later = clock.now() + 5 * MINUTE
        outbox.mark_retry(alert_id, at=clock.now(), response="451 later", next_try_at=later)
        assert claim(desk) == []
        clock.move(seconds=300)
    assert [delivery.attempt for delivery in outbox.read_deliveries()] == [3, 2, 1]
    assert outbox.read_deliveries()[0].next_try_at == clock.now()
    assert outbox.read_deliveries(since=clock.now()) == ()
    assert outbox.read_deliveries(subscriber="nobody") == ()


def test_wait_that_began_under_a_wrong_clock_is_over(desk: Desk, clock: HeldClock) -> None:
    """FAULTS B3: retry times are not in 2036."""
    alert_id = desk.owe()
    claim(desk)
    wrong = NOON + timedelta(days=3650)
    desk.storage.outbox.mark_retry(
        alert_id, at=wrong, response="timeout", next_try_at=wrong + 5 * MINUTE
    )
    assert len(claim(desk)) == 1


def test_dead_alert_stays_until_a_person_asks_for_it(desk: Desk, clock: HeldClock) -> None:
    alert_id = desk.owe()
    claim(desk)
    outbox = desk.storage.outbox
    outbox.mark_dead(alert_id, at=NOON, response="550 no such user")
    clock.move(days=30)
    assert claim(desk) == []
    (dead,) = outbox.read_waiting(states=[AlertState.DEAD])
    assert (dead.message_id, dead.response, dead.attempt) == (alert_id, "550 no such user", 1)
    outbox.retry(alert_id)
    (alert,) = claim(desk)
    assert (alert.id, alert.first_attempt_at) == (alert_id, None)


def test_late_failure_does_not_undo_a_delivery(desk: Desk, clock: HeldClock) -> None:
    """The first sender was slow, the second delivered; both tell."""
    alert_id = desk.owe()
    claim(desk, lease_seconds=1)
    clock.move(seconds=2)
    claim(desk)
    outbox = desk.storage.outbox
    outbox.mark_delivered(alert_id, at=clock.now(), response="250 ok")
    outbox.mark_retry(alert_id, at=clock.now(), response="timeout", next_try_at=clock.now())
    outbox.mark_dead(alert_id, at=clock.now(), response="timeout")
    assert outbox.count().delivered == 1
    assert len(outbox.read_deliveries()) == 3
    with pytest.raises(StorageError, match="has been delivered already"):
        outbox.retry(alert_id)


def test_late_delivery_of_a_dead_alert_counts(desk: Desk) -> None:
    alert_id = desk.owe()
    claim(desk)
    desk.storage.outbox.mark_dead(alert_id, at=NOON, response="given up")
    desk.storage.outbox.mark_delivered(alert_id, at=NOON, response="200")
    assert desk.storage.outbox.count().delivered == 1


def test_held_alert_goes_back_as_if_it_was_never_claimed(desk: Desk, clock: HeldClock) -> None:
    alert_id = desk.owe()
    claim(desk)
    desk.storage.outbox.hold([alert_id], NOON + 10 * MINUTE)
    assert claim(desk) == []
    clock.move(seconds=600)
    (alert,) = claim(desk)
    assert (alert.attempts, alert.first_attempt_at) == (0, None)


def test_gathered_alerts_remember_their_message_and_count_once(
    desk: Desk, clock: HeldClock
) -> None:
    """FAULTS E9: a storm gathered into one message."""
    ids = [desk.owe(number) for number in range(4)]
    claim(desk)
    outbox = desk.storage.outbox
    outbox.keep_gathering(ids[:3], "a storm")
    for alert_id in ids:
        outbox.mark_delivered(alert_id, at=clock.now(), response="250")
        clock.move(seconds=1)
    sent = outbox.find_sent_times("desk", "email", NOON)
    assert sent == (NOON, NOON + timedelta(seconds=3))
    assert outbox.find_sent_times("desk", "webhook", NOON) == ()


def test_gathering_is_claimed_whole_whatever_the_limit(desk: Desk, clock: HeldClock) -> None:
    """Part of it under the same id would be dropped by a receiver as a repeat, and be lost."""
    ids = [desk.owe(number) for number in range(6)]
    outbox = desk.storage.outbox
    claim(desk)
    outbox.keep_gathering(ids[2:], "together")
    for alert_id in ids:
        later = clock.now() + 5 * MINUTE
        outbox.mark_retry(alert_id, at=clock.now(), response="451", next_try_at=later)
    clock.move(seconds=600)
    assert [alert.id for alert in claim(desk, limit=3)] == ids


def test_what_waits_goes_with_what_is_due_and_is_due_when_the_receiver_is_back(
    desk: Desk, clock: HeldClock
) -> None:
    """E8: the oldest asks whether the receiver is back; if it is, all that wait go."""
    outbox = desk.storage.outbox
    old = [desk.owe(number) for number in range(3)]
    claim(desk)
    for alert_id in old:
        later = clock.now() + timedelta(hours=9)
        outbox.mark_retry(alert_id, at=clock.now(), response="451", next_try_at=later)
    clock.move(seconds=60)
    assert claim(desk) == [], "nothing is due, so nothing is tried early"
    new = desk.owe(4)
    desk.owe(5, "other")
    found = [alert.id for alert in claim(desk, but=("other",))]
    assert found == [old[0], new]
    assert outbox.make_due("desk", "email", tried_before=clock.now()) == 2
    assert [alert.id for alert in claim(desk, but=("other",))] == old[1:]


def test_gathering_survives_a_failed_attempt(desk: Desk, clock: HeldClock) -> None:
    ids = [desk.owe(number) for number in range(2)]
    claim(desk)
    desk.storage.outbox.keep_gathering(ids, "a storm")
    for alert_id in ids:
        desk.storage.outbox.mark_retry(
            alert_id, at=NOON, response="timeout", next_try_at=NOON + MINUTE
        )
    clock.move(seconds=60)
    assert {alert.gathered_in for alert in claim(desk)} == {"a storm"}


def test_told_are_those_who_heard_or_will_hear(desk: Desk) -> None:
    """A live article of a historic story alerts everybody who was not told of it."""
    story, change = desk.tell()
    outbox = desk.storage.outbox
    outbox.add_alert(change, subscriber="told", channel="email")
    dead = outbox.add_alert(change, subscriber="unreachable", channel="email")
    assert dead is not None
    outbox.mark_dead(dead, at=NOON, response="550")
    assert outbox.find_told(story.id) == {("told", "email")}
    with desk.storage.transaction():
        later = desk.storage.stories.add_change(
            story.id,
            story.articles[0].article_id,
            ChangeKind.NEW_COUNTRY,
            commit=desk.storage.next_commit(),
        )
    outbox.add_alert(later, subscriber="night", channel="webhook")
    assert outbox.find_told(story.id) == {("told", "email"), ("night", "webhook")}


def test_unknown_message_is_refused(desk: Desk) -> None:
    outbox = desk.storage.outbox
    with pytest.raises(StorageError, match="there is no message 'nothing'"):
        outbox.mark_delivered("nothing", at=NOON, response="250")
    with pytest.raises(StorageError, match="there is no message"):
        outbox.retry("nothing")
    assert outbox.read_deliveries() == ()


def test_counts_say_how_the_outbox_stands(desk: Desk, clock: HeldClock) -> None:
    assert desk.storage.outbox.count().oldest_owed is None
    first = desk.owe(1)
    clock.move(seconds=60)
    desk.owe(2)
    assert desk.storage.outbox.count().oldest_owed == NOON
    claim(desk, limit=1)
    assert (desk.storage.outbox.count().owed, desk.storage.outbox.count().claimed) == (1, 1)
    desk.storage.outbox.mark_delivered(first, at=clock.now(), response="250")
    counts = desk.storage.outbox.count()
    assert (counts.owed, counts.claimed, counts.delivered) == (1, 0, 1)
    assert counts.oldest_owed == clock.now()


def test_long_answer_of_a_receiver_is_cut(desk: Desk) -> None:
    alert_id = desk.owe()
    desk.storage.outbox.mark_retry(
        alert_id, at=NOON, response="x" * 1_000_000, next_try_at=NOON + MINUTE
    )
    assert len(desk.storage.outbox.read_deliveries()[0].response) == 2_000
