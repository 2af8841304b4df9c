from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import DueDigest, OwedDigest
from storage.database import Storage
from tests.storage.building import NOON, Desk, HeldClock, make_article


def due(day: int = 1, subscriber: str = "desk", period: str = "day") -> DueDigest:
    local_date = date(2026, 3, 1) + timedelta(days=day)
    return DueDigest(
        id=f"{subscriber}/{period}/{local_date}",
        subscriber=subscriber,
        period=period,  # type: ignore[arg-type]
        local_date=local_date,
        due_at=NOON,
    )


def test_digest_begins_where_the_last_one_ended(desk: Desk) -> None:
    digests = desk.storage.digests
    desk.tell(make_article(1))
    first = digests.begin(due(1), channel="email")
    desk.tell(make_article(2))
    desk.tell(make_article(3))
    second = digests.begin(due(2), channel="email")
    third = digests.begin(due(3), channel="email")
    assert (first.after_commit, first.to_commit) == (0, 1)
    assert (second.after_commit, second.to_commit) == (1, 3)
    assert (third.after_commit, third.to_commit) == (3, 3)
    assert first.created
    assert digests.find("desk") == third.__class__(**{**third.__dict__, "created": False})


def test_digest_of_a_date_is_made_once(desk: Desk, clock: HeldClock) -> None:
    """FAULTS B2: exactly one for each local date, whatever the clock does."""
    first = desk.storage.digests.begin(due(1), channel="email")
    desk.tell()
    clock.move(seconds=3600)
    again = desk.storage.digests.begin(due(1), channel="email")
    assert (again.id, again.to_commit, again.created) == (first.id, first.to_commit, False)
    assert len(desk.storage.outbox.claim_digests(clock.now())) == 1


def test_new_subscriber_is_owed_what_comes_after(desk: Desk) -> None:
    desk.storage.outbox.sync_subscribers(["desk"])
    desk.tell(make_article(1))
    desk.storage.outbox.sync_subscribers(["desk", "late"])
    desk.tell(make_article(2))
    assert desk.storage.digests.begin(due(subscriber="desk"), channel="email").after_commit == 0
    assert desk.storage.digests.begin(due(subscriber="late"), channel="email").after_commit == 1


def test_subscriber_that_comes_back_is_owed_what_comes_after(desk: Desk) -> None:
    outbox = desk.storage.outbox
    outbox.sync_subscribers(["desk"])
    outbox.sync_subscribers([])
    desk.tell()
    outbox.sync_subscribers(["desk"])
    outbox.sync_subscribers(["desk"])
    assert desk.storage.digests.preview(due()).after_commit == 1


def test_change_of_period_neither_repeats_nor_loses(desk: Desk) -> None:
    desk.tell(make_article(1))
    desk.storage.digests.begin(due(1), channel="email")
    desk.tell(make_article(2))
    weekly = desk.storage.digests.begin(due(7, period="week"), channel="email")
    assert (weekly.after_commit, weekly.to_commit) == (1, 2)


def test_preview_makes_nothing(desk: Desk) -> None:
    desk.tell()
    preview = desk.storage.digests.preview(due())
    assert (preview.after_commit, preview.to_commit) == (0, 1)
    assert desk.storage.digests.find("desk") is None
    assert desk.storage.outbox.claim_digests(NOON) == ()


def test_digest_goes_through_the_outbox(desk: Desk, clock: HeldClock) -> None:
    row = desk.storage.digests.begin(due(), channel="email")
    outbox = desk.storage.outbox
    (message,) = outbox.claim_digests(NOON)
    assert isinstance(message, OwedDigest)
    assert message.digest.id == row.id
    assert outbox.claim_alerts(NOON) == ()
    outbox.mark_retry(message.id, at=NOON, response="451", next_try_at=NOON + timedelta(minutes=5))
    clock.move(seconds=300)
    (again,) = outbox.claim_digests(clock.now())
    assert (again.id, again.attempts) == (message.id, 1)
    outbox.mark_dead(again.id, at=clock.now(), response="550")
    assert [delivery.message_kind for delivery in outbox.read_deliveries()] == ["digest"] * 2


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(["tell", "day", "same day", "back", "week"]), max_size=25))
def test_windows_of_digests_hold_everything_once(
    tmp_path_factory: pytest.TempPathFactory, events: list[str]
) -> None:
    """Never the same item twice, and nothing lost between two."""
    clock = HeldClock()
    with Storage.create(tmp_path_factory.mktemp("digests") / "var", clock) as storage:
        desk = Desk(storage, clock)
        told: list[str] = []
        day = 0
        for number, event in enumerate(events):
            if event == "tell":
                desk.tell(make_article(number))
                continue
            day += {"day": 1, "same day": 0, "back": -1, "week": 7}[event]
            row = storage.digests.begin(
                due(day, period="week" if event == "week" else "day"), channel="email"
            )
            if row.created:
                changes = storage.stories.changes_between(row.after_commit, row.to_commit)
                told += [change.id for change in changes]
        last = storage.digests.preview(due(10_000))
        told += [c.id for c in storage.stories.changes_between(last.after_commit, last.to_commit)]
        everything = storage.stories.changes_between(0, storage.last_commit())
        assert told == [change.id for change in everything]
