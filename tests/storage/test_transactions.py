from __future__ import annotations

import sqlite3
import threading
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import StorageError
from monitor.model import RunKind
from storage.connection import Connection
from storage.database import Storage
from storage.values import LARGEST, mend, read_moment, write_moment
from tests.storage.building import Desk, make_entry, make_look, make_offer


class Stop(Exception):
    """Raised by a test to leave a transaction."""


def test_transaction_that_fails_leaves_nothing(storage: Storage) -> None:
    def fail() -> None:
        with storage.transaction():
            storage.runs.begin(RunKind.POLL)
            storage.next_commit()
            raise Stop

    with pytest.raises(Stop):
        fail()
    assert storage.last_commit() == 0
    assert storage.runs.find_latest() is None


def test_inner_transaction_that_fails_undoes_only_itself(storage: Storage) -> None:
    def fail() -> None:
        with storage.transaction():
            storage.runs.begin(RunKind.BACKFILL)
            raise Stop

    with storage.transaction():
        outer = storage.runs.begin(RunKind.POLL)
        with pytest.raises(Stop):
            fail()
        with storage.transaction():
            storage.runs.begin(RunKind.REMATCH)
    assert storage.runs.find_latest(RunKind.BACKFILL) is None
    assert storage.runs.find_latest(RunKind.REMATCH) is not None
    assert storage.runs.get(outer.id) == outer


def test_nothing_runs_on_after_sqlite_gave_the_transaction_up(storage: Storage) -> None:
    """What follows would be committed by itself, statement by statement."""

    def go_on() -> None:
        with storage.transaction():
            storage.runs.begin(RunKind.POLL)
            storage.runs._connection.raw.execute("ROLLBACK")
            storage.runs.begin(RunKind.BACKFILL)

    with pytest.raises(StorageError, match="was rolled back before its end"):
        go_on()
    assert storage.runs.find_latest() is None
    with storage.transaction():
        storage.runs.begin(RunKind.POLL)
    assert storage.runs.find_latest() is not None


def test_commit_numbers_grow_and_need_a_transaction(storage: Storage) -> None:
    def fail() -> None:
        with storage.transaction():
            storage.next_commit()
            raise Stop

    with pytest.raises(StorageError, match="no transaction is open"):
        storage.next_commit()
    with storage.transaction():
        first = storage.next_commit("some-run")
    with pytest.raises(Stop):
        fail()
    with storage.transaction():
        assert storage.next_commit() > first
    assert storage.last_commit() > first


def test_connection_belongs_to_its_thread(storage: Storage) -> None:
    caught: list[BaseException] = []

    def use() -> None:
        try:
            storage.last_commit()
        except sqlite3.ProgrammingError as error:
            caught.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert len(caught) == 1


def test_writers_of_one_database_wait_for_each_other(tmp_path: Path) -> None:
    """FAULTS A6: BEGIN IMMEDIATE waits for the lock where a plain BEGIN would fail on it."""
    path = tmp_path / "shared.db"
    path.touch()
    setting_up = Connection.open_writer(path)
    setting_up.execute("CREATE TABLE counts (total INTEGER)")
    setting_up.execute("INSERT INTO counts VALUES (0)")
    setting_up.close()
    failures: list[BaseException] = []

    def add() -> None:
        connection = Connection.open_writer(path)
        try:
            for _ in range(50):
                with connection.transaction():
                    total = connection.count("SELECT total FROM counts")
                    connection.execute("UPDATE counts SET total = :new", {"new": total + 1})
        except StorageError as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    checking = Connection.open_reader(path)
    assert failures == []
    assert checking.count("SELECT total FROM counts") == 150
    checking.close()


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("nul \x00 inside", "nul \ufffd inside"),
        ("half \ud800 a pair", "half \ufffd a pair"),
        ("fine: 人权 🙂", "fine: 人权 🙂"),
        (2**63, LARGEST),
        (-(2**70), -LARGEST - 1),
        (float("nan"), 0.0),
        (None, None),
        (b"\x00", b"\x00"),
    ],
)
def test_value_from_outside_is_mended_so_that_it_binds(value: object, stored: object) -> None:
    """FAULTS: NUL, surrogates and integers from 2**63."""
    assert mend(value) == stored  # type: ignore[arg-type]


@given(st.one_of(st.text(st.characters(exclude_categories=())), st.integers(), st.floats()))
def test_mended_value_always_binds(value: str | float) -> None:
    raw = sqlite3.connect(":memory:")
    try:
        assert raw.execute("SELECT ?", (mend(value),)).fetchone() == (mend(value),)
    finally:
        raw.close()


def test_mended_values_are_counted(desk: Desk) -> None:
    entry = make_entry(title="half \ud800 a pair, and a nul \x00")
    offered = desk.storage.sources.offer(make_look(entry), [make_offer(entry)], run_id=desk.run_id)
    assert offered.new == 1
    assert offered.pending[0].entry.title == "half \ufffd a pair, and a nul \x00"
    assert desk.storage.health().mended == 1


@given(st.datetimes(timezones=st.timezones()))
def test_any_time_is_stored_with_equal_width(moment: datetime) -> None:
    """FAULTS B4: what a feed claims may be the year 1 or 9999."""
    text = write_moment(moment)
    assert text is not None
    assert len(text) == 27
    again = read_moment(text)
    assert again is not None
    assert abs((again.year) - moment.year) <= 1


def test_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        write_moment(datetime(2026, 1, 1))  # noqa: DTZ001
