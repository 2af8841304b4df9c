"""Backups are made, read back, put back and forgotten; a full disk and a failed backup are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import StorageBusy
from monitor.jobs.backups import restore_backup, write_backup
from monitor.jobs.upkeep import Upkeep, check_storage, prune
from monitor.model import Outcome
from storage.database import Storage
from storage.files import BACKUPS
from tests.jobs.building import FOLDER, Place, open_place
from tests.storage.building import HeldClock, make_page


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_place(tmp_path / "var", FOLDER) as opened:
        yield opened


def back_up(place: Place, upkeep: Upkeep) -> None:
    upkeep.back_up(place.watch)
    while upkeep._backup is not None:
        upkeep.back_up(place.watch)


def test_backup_is_made_once_a_day_and_the_old_ones_go(place: Place) -> None:
    upkeep = Upkeep()
    for _ in range(20 * 2):
        back_up(place, upkeep)
        place.clock.move(days=0.5)
        prune(place.watch)
    upkeep.close(place.watch)
    kept = sorted(path.name for path in (place.watch.data / BACKUPS).glob("*"))
    assert 13 <= len([name for name in kept if name.startswith("stationwatch-")]) <= 15
    assert all(path.stat().st_mode & 0o077 == 0 for path in (place.watch.data / BACKUPS).glob("*"))


def test_backup_made_just_before_the_end_is_kept_and_not_made_anew(place: Place) -> None:
    """A service that runs for seconds each time: the proof was lost, and the backup made again."""
    first = Upkeep()
    first.back_up(place.watch)
    assert first._backup is not None
    first.close(place.watch)
    proof = place.storage.proofs.find("backup")
    assert proof is not None
    assert proof.problem is None
    place.clock.move(seconds=30)
    second = Upkeep()
    second.back_up(place.watch)
    assert second._backup is None
    second.close(place.watch)


def test_backup_that_broke_at_the_end_does_not_hold_up_the_end(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr("monitor.jobs.upkeep.write_backup", breaks)
    upkeep = Upkeep()
    upkeep.back_up(place.watch)
    upkeep.close(place.watch)
    assert place.storage.proofs.find("backup") is None


def test_newest_backup_stays_however_old(place: Place) -> None:
    write_backup(place.watch.data, place.clock)
    place.clock.move(days=400)
    assert prune(place.watch).backups == 0


def test_backup_that_fails_is_told_and_tried_again(place: Place) -> None:
    (place.watch.data / BACKUPS).write_text("a file in the way")
    upkeep = Upkeep()
    back_up(place, upkeep)
    (trouble,) = check_storage(place.watch)
    assert trouble.key == "storage:backup"
    (place.watch.data / BACKUPS).unlink()
    place.clock.move(seconds=3700)
    back_up(place, upkeep)
    upkeep.close(place.watch)
    assert check_storage(place.watch) == ()
    notices = place.storage.outbox.claim_notices(place.clock.now())
    assert [notice.headline for notice in notices] == [
        "there is no new backup", "over: there is no new backup"
    ]  # fmt: skip


def test_restore_puts_the_state_back_and_begins_the_record_anew(tmp_path: Path) -> None:
    folder, copy = tmp_path / "var", tmp_path / "copy.db"
    with open_place(folder, FOLDER) as place:
        place.desk.tell()
        write_backup(folder, place.clock, copy)
        with pytest.raises(StorageBusy):
            restore_backup(folder, place.clock, copy)
        place.storage.runs.begin(place.storage.runs.get(place.desk.run_id).kind)
    (folder / "evidence").mkdir(exist_ok=True)
    (folder / "evidence" / "chain.jsonl").write_text("")
    aside = restore_backup(folder, HeldClock(), copy).aside
    assert aside is not None
    assert aside.exists()
    assert list((folder / "evidence").glob("chain.jsonl.before-*"))
    with Storage.open_writer(folder, HeldClock()) as storage:
        assert storage.last_commit() == 1
        assert storage.check() == ()


def test_full_disk_is_told_before_it_is_full_once(place: Place) -> None:
    """FAULTS A5: one warning before."""
    nearly = replace(place.storage.health(), disk_problem="only 300 MB are free on the disk")
    for _ in range(3):
        check_storage(place.watch, lambda: nearly)
    check_storage(place.watch, lambda: replace(nearly, disk_problem=None))
    notices = place.storage.outbox.claim_notices(place.clock.now())
    assert [notice.headline for notice in notices] == [
        "the disk is nearly full", "over: the disk is nearly full"
    ]  # fmt: skip


def test_clock_that_is_years_ahead_for_an_hour_forgets_nothing(place: Place) -> None:
    """FAULTS B3: texts, rows and backups that are to be kept for days would all be too old."""
    place.storage.pages.add(make_page(place.desk.run_id, outcome=Outcome.NO_MATCH))
    upkeep = Upkeep()
    back_up(place, upkeep)
    place.clock.move(days=1)
    back_up(place, upkeep)
    upkeep.prune(place.watch)
    for years in (3650, -3650):
        place.clock.move(days=years)
        upkeep.prune(place.watch)
        place.clock.move(seconds=3600)
        upkeep.prune(place.watch)
    assert len(list((place.watch.data / BACKUPS).glob("stationwatch-*.db"))) == 2
    # a machine that was off for so long: a day later it is believed
    place.clock.move(days=3650)
    upkeep.prune(place.watch)
    assert len(list((place.watch.data / BACKUPS).glob("stationwatch-*.db"))) == 2
    place.clock.move(days=1.1)
    upkeep.prune(place.watch)
    upkeep.close(place.watch)
    assert len(list((place.watch.data / BACKUPS).glob("stationwatch-*.db"))) == 1


def test_prune_keeps_the_counts_of_the_ledger(place: Place) -> None:
    place.storage.pages.add(make_page(place.desk.run_id, outcome=Outcome.NO_MATCH))
    place.clock.move(days=500)
    assert prune(place.watch).pages == 1
    assert place.storage.runs.check_ledger() == ()
    first = (place.clock.now() - timedelta(days=500)).date()
    (day,) = place.storage.runs.outcomes_by_day(first, first)
    assert day.outcomes == {Outcome.NO_MATCH: 1}
