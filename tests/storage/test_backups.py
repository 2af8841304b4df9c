from __future__ import annotations

import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from monitor.errors import StorageBusy, StorageCorrupt, StorageError, StorageTooNew
from monitor.model import StoryFilter
from storage import backups
from storage.database import Storage
from storage.files import DATABASE, RESTORING
from tests.storage.building import Desk, HeldClock, make_article

# A forked child only writes its own database and is killed; no thread of ours matters to it.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def titles(storage: Storage) -> list[str]:
    return [story.title for story in storage.stories.iterate(StoryFilter())]


def test_backup_is_one_file_that_holds_everything(
    desk: Desk, folder: Path, clock: HeldClock, tmp_path: Path
) -> None:
    for number in range(20):
        desk.tell(make_article(number))
    desk.storage.backup(tmp_path / "kept" / "today.db")
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["today.db"]
    elsewhere = tmp_path / "elsewhere"
    Storage.restore(elsewhere, tmp_path / "kept" / "today.db", clock)
    with Storage.open_writer(elsewhere, clock) as restored:
        assert titles(restored) == titles(desk.storage)
        assert restored.check() == ()


def test_backup_by_a_reader_beside_the_writer(
    desk: Desk, folder: Path, clock: HeldClock, tmp_path: Path
) -> None:
    """FAULTS A14: one state of the database, whatever is written meanwhile."""
    desk.tell(make_article(1))
    with Storage.open_reader(folder, clock) as reader:
        reader.backup(tmp_path / "one.db")
        desk.tell(make_article(2))
        reader.backup(tmp_path / "two.db")
    for name, count in (("one.db", 1), ("two.db", 2)):
        raw = sqlite3.connect(tmp_path / name)
        assert raw.execute("SELECT COUNT(*) FROM stories").fetchone() == (count,)
        raw.close()


def test_backup_during_a_transaction_holds_what_was_committed(
    desk: Desk, folder: Path, clock: HeldClock, tmp_path: Path
) -> None:
    desk.tell(make_article(1))
    with Storage.open_reader(folder, clock) as reader, desk.storage.transaction():
        desk.tell(make_article(2))
        reader.backup(tmp_path / "one.db")
    raw = sqlite3.connect(tmp_path / "one.db")
    assert raw.execute("SELECT COUNT(*) FROM stories").fetchone() == (1,)
    raw.close()


def test_kill_during_backup_leaves_the_old_one(
    folder: Path, clock: HeldClock, tmp_path: Path
) -> None:
    """FAULTS A14: at a random moment, sixteen times."""
    target = tmp_path / "backup.db"
    with Storage.create(folder, clock) as storage:
        desk = Desk(storage, clock)
        for number in range(100):
            desk.tell(make_article(number, text="word " * 2000))
        storage.backup(target)
    for attempt in range(16):
        child = os.fork()
        if child == 0:
            with Storage.open_reader(folder, clock) as reader:
                while True:
                    reader.backup(target)
        time.sleep(0.002 + attempt * 0.004)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        backups.read_back(target)
    with Storage.open_reader(folder, clock) as reader:
        reader.backup(target)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["backup.db"]


def test_backup_that_cannot_be_written_leaves_the_old_one(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "backup.db"
    desk.tell(make_article(1))
    desk.storage.backup(target)
    before = target.read_bytes()
    desk.tell(make_article(2))

    def fail(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups, "sync_file", fail)
    with pytest.raises(StorageError, match="no space left on device; the one before stands"):
        desk.storage.backup(target)
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["backup.db"]


def test_backup_of_a_damaged_database_is_refused(
    folder: Path, clock: HeldClock, tmp_path: Path
) -> None:
    """A daily copy must not replace the last good one by a damaged one."""
    with Storage.create(folder, clock) as storage:
        desk = Desk(storage, clock)
        for number in range(50):
            desk.tell(make_article(number, text="word " * 500))
        storage.backup(tmp_path / "backup.db")
        storage.checkpoint()
    good = (tmp_path / "backup.db").read_bytes()
    with (folder / DATABASE).open("r+b") as file:
        file.seek((folder / DATABASE).stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(StorageCorrupt), Storage.open_reader(folder, clock) as reader:
        reader.backup(tmp_path / "backup.db")
    assert (tmp_path / "backup.db").read_bytes() == good


def test_restore_puts_the_backup_back_and_the_old_one_aside(
    folder: Path, clock: HeldClock, tmp_path: Path
) -> None:
    """FAULTS A7."""
    with Storage.create(folder, clock) as storage:
        desk = Desk(storage, clock)
        desk.tell(make_article(1))
        storage.backup(tmp_path / "backup.db")
        desk.tell(make_article(2))
    aside = Storage.restore(folder, tmp_path / "backup.db", clock)
    with Storage.open_writer(folder, clock) as restored:
        assert len(titles(restored)) == 1
        Desk(restored, clock).tell(make_article(3))
    assert aside is not None
    raw = sqlite3.connect(aside)
    assert raw.execute("SELECT COUNT(*) FROM stories").fetchone() == (2,)
    raw.close()


def test_wal_of_the_old_database_is_not_replayed_into_the_restored_one(
    folder: Path, clock: HeldClock, tmp_path: Path
) -> None:
    child = os.fork()
    if child == 0:
        storage = Storage.create(folder, clock)
        desk = Desk(storage, clock)
        desk.tell(make_article(1))
        storage.backup(tmp_path / "backup.db")
        desk.tell(make_article(2))
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert (folder / f"{DATABASE}-wal").stat().st_size > 0
    Storage.restore(folder, tmp_path / "backup.db", clock)
    with Storage.open_writer(folder, clock) as restored:
        assert len(titles(restored)) == 1
        assert restored.check() == ()


def test_interrupted_restore_is_named_and_can_be_run_again(
    folder: Path, clock: HeldClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Storage.create(folder, clock) as storage:
        Desk(storage, clock).tell(make_article(1))
        storage.backup(tmp_path / "backup.db")

    def die(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(backups, "_put_aside", die)
    with pytest.raises(KeyboardInterrupt):
        Storage.restore(folder, tmp_path / "backup.db", clock)
    monkeypatch.undo()
    with pytest.raises(StorageCorrupt, match="was interrupted; run it again"):
        Storage.open_writer(folder, clock)
    Storage.restore(folder, tmp_path / "backup.db", clock)
    assert not (folder / RESTORING).exists()
    Storage.open_writer(folder, clock).close()


def test_damaged_missing_or_newer_backup_is_refused_and_nothing_touched(
    folder: Path, clock: HeldClock, tmp_path: Path
) -> None:
    with Storage.create(folder, clock) as storage:
        Desk(storage, clock).tell(make_article(1))
        storage.backup(tmp_path / "newer.db")
    raw = sqlite3.connect(tmp_path / "newer.db")
    raw.execute("INSERT INTO _sqlite_migrations VALUES (99, 'stationwatch', '9999 later', '2030')")
    raw.commit()
    raw.close()
    (tmp_path / "damaged.db").write_bytes(b"damaged")
    before = (folder / DATABASE).read_bytes()
    with pytest.raises(StorageTooNew):
        Storage.restore(folder, tmp_path / "newer.db", clock)
    with pytest.raises(StorageCorrupt, match=r"damaged\.db.*take another backup"):
        Storage.restore(folder, tmp_path / "damaged.db", clock)
    assert not list(folder.glob("*.restored"))
    with pytest.raises(StorageError, match="there is no backup"):
        Storage.restore(folder, tmp_path / "none.db", clock)
    assert (folder / DATABASE).read_bytes() == before
    with Storage.open_writer(folder, clock) as storage:
        assert len(titles(storage)) == 1


def test_restore_beside_a_writer_is_refused(
    desk: Desk, folder: Path, clock: HeldClock, tmp_path: Path
) -> None:
    desk.storage.backup(tmp_path / "backup.db")
    with pytest.raises(StorageBusy):
        Storage.restore(folder, tmp_path / "backup.db", clock)
