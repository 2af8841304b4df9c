from __future__ import annotations

from pathlib import Path

import pytest

from storage.connection import Connection
from storage.database import Storage
from storage.files import DATABASE
from storage.health import LEAST_FREE, LONGEST_WAL, judge_disk, judge_sqlite, judge_wal
from tests.storage.building import Desk, HeldClock, make_article


@pytest.mark.parametrize(
    ("version", "warned"),
    [((3, 40, 1), True), ((3, 51, 2), True), ((3, 51, 3), False), ((3, 54, 1), False)],
)
def test_sqlite_with_the_wal_bug_is_warned_of(version: tuple[int, ...], warned: bool) -> None:
    """FAULTS A8."""
    problem = judge_sqlite(version)
    assert (problem is not None) == warned


def test_disk_is_warned_of_before_it_is_full() -> None:
    """FAULTS A5."""
    assert judge_disk(LEAST_FREE) is None
    assert "make room" in (judge_disk(LEAST_FREE - 1) or "")


def test_long_wal_is_an_alarm() -> None:
    """FAULTS A9."""
    assert judge_wal(LONGEST_WAL) is None
    assert "restart the service" in (judge_wal(LONGEST_WAL + 1) or "")


def test_wal_grows_under_a_stuck_reader_and_is_cut_after_it(
    folder: Path, clock: HeldClock, desk: Desk
) -> None:
    """FAULTS A9."""
    desk.tell()
    with Storage.open_reader(folder, clock) as reader:
        raw = reader.articles._connection.raw
        raw.execute("BEGIN")  # a long export holds one state of the database like this
        raw.execute("SELECT * FROM articles").fetchall()
        for number in range(2, 40):
            desk.tell(make_article(number, text="word " * 5000))
        desk.storage.checkpoint()
        stuck = desk.storage.health().wal_bytes
        assert stuck > 500_000
        raw.execute("ROLLBACK")
    desk.storage.checkpoint()
    assert desk.storage.health().wal_bytes == 0


def test_wal_is_bounded_without_a_reader(desk: Desk) -> None:
    """FAULTS A9: SQLite checkpoints every 1,000 pages of 4 KiB by itself."""
    for number in range(60):
        desk.tell(make_article(number, text="word " * 20_000))
    assert desk.storage.health().wal_bytes < 16 * 1024 * 1024


def test_check_names_a_row_without_its_other(folder: Path, clock: HeldClock) -> None:
    with Storage.create(folder, clock) as storage:
        Desk(storage, clock).tell()
    raw = Connection.open_writer(folder / DATABASE)
    raw.execute("PRAGMA foreign_keys = OFF")
    raw.execute("DELETE FROM stories")
    raw.close()
    with Storage.open_writer(folder, clock) as storage:
        assert any("refers to a row of stories" in problem for problem in storage.check())
