from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.errors import StorageError
from monitor.model import Look, SourceRhythm, Validators
from storage.database import Storage
from tests.storage.building import (
    NOON,
    Desk,
    HeldClock,
    make_entry,
    make_look,
    make_offer,
    make_source,
)

FAILED = Look(source_id="daily", looked_at=NOON, status=503, problem="the server answered 503")
SAME = Look(source_id="daily", looked_at=NOON, status=304, not_modified=True)


def test_sync_says_what_changed_and_forgets_nothing(storage: Storage) -> None:
    one, two, three = make_source("one"), make_source("two"), make_source("three")
    first = storage.sources.sync([one, two])
    assert first.added == ("one", "two")
    renamed = make_source("one", outlet="Another name")
    second = storage.sources.sync([renamed, three])
    assert (second.added, second.changed, second.removed) == (("three",), ("one",), ("two",))
    assert storage.sources.get_state("two").removed_at == NOON
    third = storage.sources.sync([renamed, two, three])
    assert third.returned == ("two",)
    assert storage.sources.get_state("two").removed_at is None
    assert storage.sources.read_configured() == (renamed, three, two)


def test_sync_of_the_same_list_changes_nothing(storage: Storage) -> None:
    sources = [make_source("one"), make_source("two", kind="sitemap", every=600)]
    storage.sources.sync(sources)
    again = storage.sources.sync(sources)
    assert (again.added, again.changed, again.removed, again.returned) == ((), (), (), ())


def test_unknown_source_is_refused(desk: Desk) -> None:
    with pytest.raises(StorageError, match="there is no source 'nobody'"):
        desk.storage.sources.offer(make_look(source_id="nobody"), [], run_id=desk.run_id)


def test_look_keeps_validators_and_counts(desk: Desk) -> None:
    entry = make_entry()
    desk.storage.sources.offer(make_look(entry), [make_offer(entry)], run_id=desk.run_id)
    state = desk.storage.sources.get_state("daily")
    assert state.validators.etag == '"1"'
    assert (state.looks, state.last_offered, state.last_new) == (1, 1, 1)
    assert state.looked_at == state.succeeded_at == state.new_entry_at == NOON
    assert state.status == 200


def test_failed_look_keeps_the_validators_and_counts_failures(desk: Desk) -> None:
    sources = desk.storage.sources
    sources.offer(make_look(make_entry()), [make_offer(make_entry())], run_id=desk.run_id)
    for _ in range(3):
        sources.offer(FAILED, [], run_id=desk.run_id)
    state = sources.get_state("daily")
    assert (state.failures, state.failing_since, state.problem) == (3, NOON, FAILED.problem)
    assert state.validators.etag == '"1"'
    assert state.last_new == 1
    run = desk.storage.runs.get(desk.run_id)
    assert (run.sources_asked, run.sources_failed, run.entries_offered) == (4, 3, 1)


def test_not_modified_keeps_the_validators_and_ends_the_failures(desk: Desk) -> None:
    sources = desk.storage.sources
    sources.offer(make_look(make_entry()), [make_offer(make_entry())], run_id=desk.run_id)
    sources.offer(FAILED, [], run_id=desk.run_id)
    sources.offer(SAME, [], run_id=desk.run_id)
    sources.offer(SAME, [], run_id=desk.run_id)
    state = sources.get_state("daily")
    assert (state.failures, state.failing_since, state.not_modified) == (0, None, 2)
    assert state.validators.etag == '"1"'
    assert (state.last_offered, state.last_new) == (1, 1)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"salvaged": True}, id="salvaged"),
        pytest.param({"problem": "cut off in the middle"}, id="with a problem"),
    ],
)
def test_broken_bytes_leave_no_validators(desk: Desk, broken: dict[str, object]) -> None:
    """A 304 to them would hide for ever what the broken bytes held."""
    entry = make_entry()
    look = make_look(entry, **broken)
    desk.storage.sources.offer(look, [make_offer(entry)], run_id=desk.run_id)
    state = desk.storage.sources.get_state("daily")
    assert state.validators == Validators()
    assert state.failures == 0


def test_another_address_begins_anew(desk: Desk) -> None:
    sources = desk.storage.sources
    sources.offer(make_look(make_entry()), [make_offer(make_entry())], run_id=desk.run_id)
    sources.offer(FAILED, [], run_id=desk.run_id)
    sources.keep_rhythm("daily", SourceRhythm(url=make_source().url, rate=0.1))
    sources.sync([make_source(url="https://daily.example/rss"), make_source("weekly")])
    state = sources.get_state("daily")
    assert state.validators == Validators()
    assert state.rhythm is None
    assert (state.failures, state.failing_since, state.problem) == (0, None, None)
    assert state.looks == 2


def test_rhythm_comes_back_as_it_was(desk: Desk) -> None:
    rhythm = SourceRhythm(
        url="https://daily.example/feed",
        rate=0.25,
        looked_at=NOON,
        next_look_at=NOON + timedelta(minutes=5),
        failures=2,
    )
    desk.storage.sources.keep_rhythm("daily", rhythm)
    assert desk.storage.sources.read_states()["daily"].rhythm == rhythm


def test_permanent_redirects_are_counted_in_a_row(desk: Desk) -> None:
    """FAULTS C6."""
    sources = desk.storage.sources
    for target in ("https://a.example/", "https://b.example/", "https://b.example/"):
        sources.offer(make_look(moved_to=target), [], run_id=desk.run_id)
    state = sources.get_state("daily")
    assert (state.moved_to, state.moved_times) == ("https://b.example/", 2)
    sources.offer(make_look(), [], run_id=desk.run_id)
    assert sources.get_state("daily").moved_times == 0


def test_looks_are_remembered_and_pruned(desk: Desk, clock: HeldClock) -> None:
    sources = desk.storage.sources
    entry = make_entry()
    sources.offer(make_look(entry), [make_offer(entry)], run_id=desk.run_id)
    later = NOON + timedelta(days=2)
    sources.offer(make_look(entry, looked_at=later), [make_offer(entry)], run_id=desk.run_id)
    first, second = sources.read_looks("daily")
    assert (first.offered, first.new, second.offered, second.new) == (1, 1, 1, 0)
    assert sources.read_looks("daily", since=later) == (second,)
    assert sources.count_asked(None, later) == 1
    assert sources.count_asked(later + timedelta(seconds=1), later + timedelta(days=1)) == 0
    assert sources.prune_looks(later) == 1
    assert sources.read_looks("daily") == (second,)
