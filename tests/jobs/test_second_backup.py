"""A copy of each nightly backup in a second folder: whole, told when it fails, never in the way."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.cli.show_status import say_second
from monitor.config.reader import read_document
from monitor.config.settings import read_settings
from monitor.jobs import second_copy
from monitor.jobs.backups import restore_backup, write_backup
from monitor.jobs.purge import Wanted, plan_purge, purge
from monitor.jobs.second_backup import check_second, look_at_second
from monitor.jobs.second_copy import MARK, copy_backup, look_at
from monitor.jobs.status import read_status
from monitor.jobs.upkeep import Upkeep, check_storage
from monitor.model import Trouble
from monitor.model.settings import DataSettings
from storage.database import Storage
from storage.files import BACKUPS
from tests.conftest import ROOT
from tests.jobs.arriving import commit
from tests.jobs.building import FOLDER, Place, open_place
from tests.jobs.test_purge import SECRET, URL, WISH, files_with, fill
from tests.storage.building import HeldClock

LONG_AGO = HeldClock().now() - timedelta(days=14)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "disk" / "copies"
    made.mkdir(parents=True)
    return made


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_place(tmp_path / "var", FOLDER) as opened:
        yield opened


def run(place: Place, upkeep: Upkeep, folder: Path) -> tuple[Trouble, ...]:
    """What the service does once a minute, until the copy has ended; the troubles told then."""
    data = DataSettings(second_backup=str(folder))
    watch = replace(place.watch, settings=replace(place.watch.settings, data=data))
    for _ in range(600):
        upkeep.back_up(watch)
        if upkeep._backup is None and upkeep._second._under_way is None:
            break
        time.sleep(0.05)
    upkeep.back_up(watch)
    while upkeep._second._under_way is not None:
        upkeep.back_up(watch)
        time.sleep(0.05)
    return check_storage(watch)


def test_nightly_backup_is_copied_and_a_lost_disk_is_restored_from_there(
    place: Place, folder: Path, tmp_path: Path
) -> None:
    """A8: the disk of the data dies with all its backups."""
    commit(place, 1, "The office in the harbour was closed. " * 5)
    upkeep = Upkeep()
    assert run(place, upkeep, folder) == ()
    upkeep.close(place.watch)
    night = place.clock.now().strftime("stationwatch-%Y%m%d.db")
    assert {path.name for path in folder.iterdir()} == {night, "evidence", MARK}
    own = place.watch.data / BACKUPS
    assert (folder / night).read_bytes() == (own / night).read_bytes()
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.rglob("*"))

    anew = tmp_path / "anew"
    anew.mkdir(mode=0o700)
    restore_backup(anew, HeldClock(), folder)
    with Storage.open_writer(anew, HeldClock()) as storage:
        (link,) = storage.evidence.read_links()
        assert (anew / "evidence" / "bodies" / link.sha256[:2] / link.sha256).exists()


def test_copy_that_ended_just_before_the_service_is_kept(place: Place, folder: Path) -> None:
    data = DataSettings(second_backup=str(folder))
    watch = replace(place.watch, settings=replace(place.watch.settings, data=data))
    upkeep = Upkeep()
    while upkeep._second._under_way is None:
        upkeep.back_up(watch)
        time.sleep(0.02)
    upkeep._second._under_way.process.wait(timeout=60)
    upkeep.close(watch)
    proof = place.storage.proofs.find("second backup")
    assert proof is not None
    assert proof.problem is None


def test_folder_that_is_missing_is_told_and_tried_again_each_hour(
    place: Place, folder: Path
) -> None:
    """A disk that is not mounted: nothing may be written where it should be."""
    gone, upkeep = folder / "not-mounted", Upkeep()
    (trouble,) = run(place, upkeep, gone)
    assert trouble.key == "storage:second-backup"
    assert "is not there" in trouble.why
    assert not gone.exists()
    gone.mkdir()
    place.clock.move(seconds=1800)
    assert run(place, upkeep, gone) != ()
    place.clock.move(seconds=1801)
    assert run(place, upkeep, gone) == ()
    upkeep.close(place.watch)
    assert list(gone.glob("stationwatch-*.db"))
    notices = place.storage.outbox.claim_notices(place.clock.now())
    headline = "there is no new backup in the second folder"
    assert [notice.headline for notice in notices] == [headline, f"over: {headline}"]


def test_status_tells_of_the_second_folder_from_the_beginning(place: Place, folder: Path) -> None:
    """Nothing was said of a disk that was never there, until a backup should have gone to it."""
    assert read_status(place.watch).second_backup is None
    gone = folder / "not-mounted"
    data = DataSettings(second_backup=str(gone))
    watch = replace(place.watch, settings=replace(place.watch.settings, data=data))
    found = read_status(watch)
    assert found.second_backup is not None
    assert say_second(found.second_backup) == f"never, to {gone}, which can take none now"
    assert [need for need in found.needs if "second folder" in need and "not there" in need]

    upkeep = Upkeep()
    run(place, upkeep, gone)
    told = [need for need in read_status(watch).needs if "second folder" in need]
    assert len(told) == 1, "once, by the service's own trouble"
    gone.mkdir()
    place.clock.move(seconds=3601)
    assert run(place, upkeep, gone) == ()
    upkeep.close(watch)
    found = read_status(watch)
    assert found.second_backup is not None
    assert say_second(found.second_backup) == f"{place.clock.now():%Y-%m-%d %H:%M} UTC, to {gone}"
    assert not [need for need in found.needs if "second folder" in need]


def test_file_in_place_of_the_folder_is_told_as_one(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "copies"
    file.write_text("a file that a person keeps")
    found = look_at(place.watch.data, file)
    assert found.problem is not None
    assert "it is a file, not a folder" in found.problem
    assert "mounted" not in found.problem
    assert file.read_text() == "a file that a person keeps"


def test_each_night_is_copied_and_the_old_ones_go(place: Place, folder: Path) -> None:
    upkeep = Upkeep()
    for _ in range(4):
        assert run(place, upkeep, folder) == ()
        place.clock.move(days=1)
    upkeep.close(place.watch)
    kept = sorted(path.name for path in folder.glob("stationwatch-*.db"))
    assert len(kept) == 4
    copy_backup(place.watch.data, folder, oldest=place.clock.now() - timedelta(days=2))
    assert sorted(path.name for path in folder.glob("stationwatch-*.db")) == kept[-1:]


def test_other_folder_gets_its_copy_at_once(place: Place, folder: Path) -> None:
    upkeep, other = Upkeep(), folder.parent / "other"
    other.mkdir()
    run(place, upkeep, folder)
    place.clock.move(seconds=60)
    run(place, upkeep, other)
    upkeep.close(place.watch)
    assert list(other.glob("stationwatch-*.db"))


def test_copy_that_is_not_what_was_written_is_told_and_the_one_before_stays(
    place: Place, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stick that loses bytes."""
    write_backup(place.watch.data, place.clock)
    assert copy_backup(place.watch.data, folder, oldest=LONG_AGO).problem is None
    (copy,) = folder.glob("stationwatch-*.db")
    before = copy.read_bytes()
    commit(place, 1, "The office in the harbour was closed. " * 5)
    write_backup(place.watch.data, place.clock)
    honest = second_copy.hash_file

    def lose_a_byte(path: Path) -> str:
        with path.open("r+b") as file:
            file.seek(5000)
            file.write(b"\xff")
        return honest(path)

    monkeypatch.setattr(second_copy, "hash_file", lose_a_byte)
    found = copy_backup(place.watch.data, folder, oldest=LONG_AGO)
    assert found.problem is not None
    assert "not what was written" in found.problem
    assert copy.read_bytes() == before
    assert not list(folder.glob(".*unfinished"))


def test_disk_that_is_full_is_told_and_leaves_no_half_file(place: Place, tmp_path: Path) -> None:
    """On a tmpfs in a namespace of its own."""
    write_backup(place.watch.data, place.clock)
    disk = tmp_path / "small"
    disk.mkdir()
    module = f"{sys.executable} -m monitor.jobs.second_copy {place.watch.data} {disk}"
    script = f"mount -t tmpfs -o size=64k none {disk} && {module} 2000-01-01T00:00:00+00:00"
    command = ["unshare", "-rm", "sh", "-c", f"{script} && ls -A {disk}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip("this machine allows no mount namespace (unshare -rm)")
    said, *left = done.stdout.splitlines()
    assert "no space left" in json.loads(said)["problem"]
    assert left == [MARK]


def test_disk_that_is_not_mounted_any_more_is_known_by_its_absence(
    place: Place, folder: Path
) -> None:
    shared_memory = Path("/dev/shm")
    if not shared_memory.is_dir() or shared_memory.stat().st_dev == folder.stat().st_dev:
        pytest.skip("this machine has no second file system to write to (/dev/shm)")
    other, link = shared_memory / f"stationwatch-test-{os.getpid()}", folder / "mount"
    other.mkdir()
    write_backup(place.watch.data, place.clock)
    try:
        link.symlink_to(other)
        assert check_second(place.watch.data, str(link)) == (None, None)
        assert copy_backup(place.watch.data, link, oldest=LONG_AGO).problem is None
    finally:
        for path in sorted(other.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        other.rmdir()
    link.unlink()
    link.mkdir()
    found = copy_backup(place.watch.data, link, oldest=LONG_AGO)
    assert found.problem is not None
    assert "was on another one before" in found.problem
    assert list(link.iterdir()) == []


def test_half_copies_that_a_kill_left_do_not_stay(place: Place, folder: Path) -> None:
    half = folder / ".stationwatch-20260101.db.unfinished"
    page = folder / "evidence" / "unfinished" / "x"
    page.parent.mkdir(parents=True)
    for path in (half, page):
        path.write_bytes(b"half")
    os.utime(half, (0, 0))
    write_backup(place.watch.data, place.clock)
    assert copy_backup(place.watch.data, folder, oldest=LONG_AGO).problem is None
    assert not half.exists()
    assert not page.exists()


def test_folder_on_the_same_disk_is_warned_of_and_filled(place: Place, folder: Path) -> None:
    problem, warning = check_second(place.watch.data, str(folder))
    assert problem is None
    assert warning is not None
    assert "same disk" in warning
    write_backup(place.watch.data, place.clock)
    for _ in range(2):
        assert copy_backup(place.watch.data, folder, oldest=LONG_AGO).problem is None


def test_folder_of_another_watch_is_left_alone(place: Place, folder: Path) -> None:
    """Its old copies would go by our dates, and its newest under our name."""
    (folder / MARK).write_text('{"of": "somebody else"}')
    (folder / "stationwatch-20010101.db").write_bytes(b"theirs")
    write_backup(place.watch.data, place.clock)
    found = copy_backup(place.watch.data, folder, oldest=place.clock.now())
    assert found.problem is not None
    assert "another watch" in found.problem
    assert len(list(folder.iterdir())) == 2


def test_folder_inside_the_data_is_refused(place: Place) -> None:
    found = look_at(place.watch.data, place.watch.data / BACKUPS)
    assert found.problem is not None


def refuse_link(*_: object) -> None:
    """What another disk says."""
    raise OSError(errno.EXDEV, "another disk")


def test_what_was_removed_goes_there_with_the_next_copy(
    place: Place, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(place)
    monkeypatch.setattr(os, "link", refuse_link)
    write_backup(place.watch.data, place.clock)
    copy_backup(place.watch.data, folder, oldest=LONG_AGO)
    settings = replace(place.watch.settings, data=DataSettings(second_backup=str(folder)))
    watch = replace(place.watch, settings=settings)
    assert any(str(folder) in said for said in plan_purge(watch, Wanted(article=URL)).keeps)
    done = purge(watch, Wanted(article=URL), wish=WISH)
    assert any(str(folder) in said for said in done.keeps)
    assert files_with(folder / "evidence", SECRET)
    place.clock.move(days=1)
    write_backup(place.watch.data, place.clock)
    copy_backup(place.watch.data, folder, oldest=place.clock.now() - timedelta(hours=1))
    assert files_with(folder, SECRET) == set()


def test_share_that_does_not_answer_holds_up_nothing_and_is_told(
    place: Place, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(*_: object) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["sleep", "1000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )

    monkeypatch.setattr("monitor.jobs.second_backup._run", hang)
    monkeypatch.setattr("monitor.jobs.second_backup.LOOK_SECONDS", 0.2)
    looked = look_at_second(place.watch.data, str(folder))
    assert looked.problem is not None
    assert "no answer" in looked.problem

    data = DataSettings(second_backup=str(folder))
    watch = replace(place.watch, settings=replace(place.watch.settings, data=data))
    upkeep, nights = Upkeep(), place.watch.data / BACKUPS
    for hour in range(30):
        for _ in range(3):
            upkeep.back_up(watch)
            if upkeep._backup is not None:
                upkeep._backup.exception()
        upkeep.back_up(watch)
        assert check_storage(watch) == () or hour >= 12
        place.clock.move(seconds=3600)
    told = check_storage(watch)
    upkeep.close(place.watch)
    assert [trouble.key for trouble in told] == ["storage:second-backup"]
    assert "still answer" in told[0].why
    assert len(list(nights.glob("stationwatch-*.db"))) == 2, "the nightly backup goes on"


@pytest.mark.parametrize("written", ["backups", "~/copies", "/", ""])
def test_path_that_leads_nowhere_is_refused_with_its_line(tmp_path: Path, written: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f'[data]\nsecond_backup = "{written}"\n')
    settings, problems = read_settings(read_document(path), folder=tmp_path, environment={})
    assert settings is None
    assert problems[0].line == 2
