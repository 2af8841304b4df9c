from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.errors import StorageError
from monitor.model import Offered, Outcome, PendingEntry
from tests.storage.building import (
    NOON,
    Desk,
    HeldClock,
    make_entry,
    make_look,
    make_offer,
    make_page,
)


def pend(desk: Desk, *numbers: int, source_id: str = "daily") -> tuple[PendingEntry, ...]:
    entries = [make_entry(number) for number in numbers]
    offered: Offered = desk.storage.sources.offer(
        make_look(*entries, source_id=source_id),
        [make_offer(entry) for entry in entries],
        run_id=desk.run_id,
    )
    return offered.pending


def test_tried_entry_waits_and_is_due_again(desk: Desk) -> None:
    (pending,) = pend(desk, 1)
    entries = desk.storage.entries
    later = NOON + timedelta(minutes=10)
    entries.mark_tried(pending.id, at=NOON, next_try_at=later, reason="503")
    assert entries.find_pending(NOON) == ()
    assert (entries.count_pending(NOON), entries.count_pending()) == (0, 1)
    (again,) = entries.find_pending(later)
    assert again.attempts == 1
    assert again.entry == pending.entry


def test_entry_that_waits_for_a_wrong_clock_is_due(desk: Desk) -> None:
    """FAULTS B3: a clock that was ten years ahead makes nothing wait for ten years."""
    (pending,) = pend(desk, 1)
    wrong = NOON + timedelta(days=3650)
    desk.storage.entries.mark_tried(
        pending.id, at=wrong, next_try_at=wrong + timedelta(hours=1), reason="503"
    )
    assert len(desk.storage.entries.find_pending(NOON)) == 1


def test_sources_take_turns(desk: Desk) -> None:
    """P5: a source with very many entries delays none of the others."""
    pend(desk, *range(100))
    pend(desk, *range(200, 203), source_id="weekly")
    found = desk.storage.entries.find_pending(NOON, limit=6)
    assert [pending.source_id for pending in found] == ["daily", "weekly"] * 3


def test_entries_of_some_sources_are_found_alone(desk: Desk) -> None:
    pend(desk, 1, 2)
    pend(desk, 3, source_id="weekly")
    entries = desk.storage.entries
    assert [p.entry for p in entries.find_pending(NOON, sources=["weekly"])] == [make_entry(3)]
    assert entries.find_pending(NOON, sources=[]) == ()


def test_page_ends_its_entry(desk: Desk) -> None:
    (pending,) = pend(desk, 1)
    desk.storage.pages.add(make_page(desk.run_id, entry_id=pending.id))
    assert desk.storage.entries.count_pending() == 0
    assert not desk.storage.entries.is_pending(pending.id)
    assert desk.storage.entries.get(pending.id).entry.url == pending.entry.url
    with pytest.raises(StorageError, match="may have ended already"):
        desk.storage.entries.mark_tried(pending.id, at=NOON, next_try_at=NOON, reason="late")


def test_entry_is_asked_again(desk: Desk, clock: HeldClock) -> None:
    (pending,) = pend(desk, 1)
    desk.storage.pages.add(make_page(desk.run_id, entry_id=pending.id))
    later = NOON + timedelta(days=1)
    desk.storage.entries.ask_again(pending.id, at=later)
    assert desk.storage.entries.find_pending(NOON) == ()
    assert [p.id for p in desk.storage.entries.find_pending(later)] == [pending.id]


@pytest.mark.parametrize("entry_id", ["", "no such entry", "' OR 1=1 --"])
def test_unknown_entry_is_refused(desk: Desk, entry_id: str) -> None:
    with pytest.raises(StorageError, match="there is no pending entry"):
        desk.storage.entries.get(entry_id)
    with pytest.raises(StorageError):
        desk.storage.pages.add(make_page(desk.run_id, entry_id=entry_id))
    assert desk.storage.runs.get(desk.run_id).outcomes == {}


def test_prune_forgets_only_what_is_done_and_not_offered_any_more(desk: Desk) -> None:
    """An entry that is still in its feed must not come back as new."""
    done_long_ago, still_offered, pending = pend(desk, 1, 2, 3)
    for each in (done_long_ago, still_offered):
        desk.storage.pages.add(make_page(desk.run_id, entry_id=each.id, outcome=Outcome.NO_MATCH))
    later = NOON + timedelta(days=500)
    entry = make_entry(2)
    desk.storage.sources.offer(
        make_look(entry, looked_at=later), [make_offer(entry)], run_id=desk.run_id
    )
    assert desk.storage.entries.prune(later - timedelta(days=1)) == 1
    assert desk.storage.entries.get(still_offered.id).entry.url == entry.url
    assert desk.storage.entries.is_pending(pending.id)
    with pytest.raises(StorageError):
        desk.storage.entries.get(done_long_ago.id)
    assert desk.storage.check() == ()
