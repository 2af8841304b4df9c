"""Another process beside the writer: its locks hold, and what it commits outlives a kill (A1).

POSIX locks belong to a process: closing any descriptor of the database's file drops those that
SQLite holds on it ("How To Corrupt An SQLite Database File", 2.2).  Another program that then
closes the database last takes its WAL away, with everything that was not written back yet.
"""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

from monitor.clock import SystemClock
from monitor.model import RunKind
from storage.database import Storage

LOOK = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
database.execute("ROLLBACK")
database.close()
"""


def test_reader_in_the_writer_s_own_process_leaves_its_locks_and_its_wal(tmp_path: Path) -> None:
    clock = SystemClock()
    with Storage.create(tmp_path, clock) as storage:
        path = tmp_path / "stationwatch.db"
        with Storage.open_reader(tmp_path, clock) as reader:
            assert reader.texts.find_by_url("http://one.test/") is None
        for name in ("stationwatch.db", "texts.db"):
            if (tmp_path / name).exists():
                subprocess.run([sys.executable, "-c", LOOK, str(tmp_path / name)], check=True)
        opened = [
            str(each.readlink()) for each in Path("/proc/self/fd").iterdir() if each.is_symlink()
        ]
        assert [each for each in opened if str(tmp_path) in each and "deleted" in each] == []
        storage.runs.begin(RunKind.POLL)
        with contextlib.closing(sqlite3.connect(path)) as other:
            assert other.execute("SELECT COUNT(*) FROM runs").fetchone()[0] == 1
