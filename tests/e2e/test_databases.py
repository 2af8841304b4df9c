"""A database that cannot be used is refused by every command in one sentence, and left as it is."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from storage.database import Storage
from tests.e2e.program import Program
from tests.e2e.real_input import SETTINGS, Place, write_place
from tests.fakes.reports import write_report
from tests.fakes.site import Feed, Site

DATABASE = "stationwatch.db"
READING = ("status", "stories", "search police", "export", "deliveries", "digest", "verify")
WRITING = (
    "run --once",
    "run --once --new",
    "run",
    "rematch",
    "digest --send",
    "deliveries retry x",
)
EVERY = (*READING, *WRITING, "keywords diff {keywords}")


def empty(data: Path) -> None:
    (data / DATABASE).write_bytes(b"")


def replace_by_a_text(data: Path) -> None:
    (data / DATABASE).write_text("Dear diary, today I saved my notes under a name I found.\n" * 99)


def damage(data: Path) -> None:
    """Overwrite all but the first page, as a failing disk does."""
    path = data / DATABASE
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))


def come_from_the_future(data: Path) -> None:
    with sqlite3.connect(data / DATABASE) as database:
        database.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " SELECT migration_set, '9999 unheard of', applied_at FROM _sqlite_migrations LIMIT 1"
        )
    database.close()


def be_missing(data: Path) -> None:
    (data / DATABASE).unlink()


@pytest.fixture(scope="module")
def good(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A watch without sources whose database is in order."""
    folder = tmp_path_factory.mktemp("good")
    place = write_place(folder, sources="replace: true\nsources: []\n", settings=SETTINGS)
    assert program.run(place, "run", "--once", "--new").status == 0
    return place


@pytest.mark.parametrize(
    ("fault", "sentence", "cure"),
    [
        (be_missing, "there is no database", "stationwatch init"),
        (empty, "it is empty", "put a backup back"),
        (replace_by_a_text, "no database of Stationwatch", "put a backup back"),
        (damage, "it is damaged", "put a backup back"),
        (come_from_the_future, "a newer Stationwatch wrote it", "install that version"),
    ],
)
def test_database_that_cannot_be_used_is_refused_by_every_command(
    program: Program,
    good: Place,
    tmp_path: Path,
    fault: Callable[[Path], None],
    sentence: str,
    cure: str,
) -> None:
    """FAULTS A7, H4: one sentence with the cure, exit status 1, and not a byte is changed."""
    place = Place(config=good.config, data=tmp_path / "data")
    shutil.copytree(good.data, place.data)
    fault(place.data)
    path = place.data / DATABASE
    before = path.read_bytes() if path.exists() else None
    root = Path(__file__).resolve().parents[2]
    for command in EVERY:
        if fault is be_missing and "--new" in command:
            continue
        named = command.format(keywords=root / "keywords.yaml").split()
        ran = program.run(place, *named)
        assert ran.status == 1, (command, ran)
        assert sentence in ran.err, (command, ran.err)
        assert cure in ran.err, (command, ran.err)
        assert len(ran.err.splitlines()) == 1, (command, ran.err)
        assert ran.out == "", (command, ran.out)
        assert (path.read_bytes() if path.exists() else None) == before, command


def test_folder_that_another_process_holds_is_read_and_not_written(
    program: Program, good: Place
) -> None:
    """FAULTS A10: a second writer is refused with the first one's identity; readers go on."""
    with Storage.open_writer(good.data, SystemClock()):
        for command in READING:
            assert program.run(good, *command.split()).status == 0, command
        for command in ("run --once", "run", "run --once --new"):
            ran = program.run(good, *command.split())
            assert ran.status == 1
            assert f"process {os.getpid()} on" in ran.err
            assert "stop that one, or wait until it ends" in ran.err
            assert len(ran.err.splitlines()) == 1, ran.err
    assert program.run(good, "run", "--once").status == 0


FULL = r"""
import json, os, subprocess, sys
from pathlib import Path

disk, config = Path(sys.argv[1]), sys.argv[2]
data, ballast, said = disk / "data", disk / "ballast", []


def run(*words, config=config):
    command = [sys.executable, "-m", "monitor", *words, "--data", str(data), "--config", config]
    done = subprocess.run(command, capture_output=True, text=True)
    said.append({"status": done.returncode, "out": done.stdout, "err": done.stderr})


def leave(free):
    ballast.unlink(missing_ok=True)
    room = os.statvfs(disk)
    ballast.write_bytes(b"x" * max(0, room.f_bavail * room.f_frsize - free))


run("init", "--defaults", config=str(disk / "unused"))
leave(int(sys.argv[3]))
run("run", "--once", "--json")
run("status")
ballast.unlink()
run("run", "--once", "--json")
run("verify")
run("status", "--json")
told = []
for path in (data / "outgoing").glob("[!.]*.json"):
    message = json.loads(path.read_text())
    told += [alert["article"]["url"] for alert in message["data"].get("alerts", ())]
print(json.dumps({"said": said, "told": told}))
"""


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.mark.parametrize("free", [0, 450_000])
def test_full_disk_is_told_and_nothing_is_lost(site: Site, tmp_path: Path, free: int) -> None:
    """FAULTS A5: a real full disk; when there is room again, the next run delivers everything."""
    feed = Feed(site=site)
    reports = [write_report(number) for number in range(4)]
    for report in reports:
        feed.add(report.path, body=report.page())
    disk = tmp_path / "disk"
    disk.mkdir()
    source = f"{{id: one, outlet: One, kind: feed, url: '{feed.url}'}}"
    place = write_place(tmp_path, sources=f"replace: true\nsources: [{source}]\n")
    script = tmp_path / "fill.py"
    script.write_text(FULL)
    inside = f"{sys.executable} {script} {disk} {place.config} {free}"
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f"mount -t tmpfs -o size=8m none {disk} && exec {inside}"],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare:" in done.stderr or "mount:" in done.stderr:
        pytest.skip("this machine allows no mount namespace")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    _, full, status, again, verified, healthy = found["said"]
    assert full["status"] == 1, full
    assert "disk is full" in full["err"] or "no space left" in full["err"], full["err"]
    assert len(full["err"].splitlines()) <= 2, full["err"]
    assert status["status"] in {0, 1}
    assert again["status"] == 0, again["err"]
    assert verified["status"] == 0, verified
    state = json.loads(healthy["out"])
    assert state["pending"] == 0
    assert state["outbox"]["owed"] == 0
    assert sorted(found["told"]) == sorted(feed.site.url(report.path) for report in reports)
