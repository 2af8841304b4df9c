"""The command from WARC files to stories: killed, resumed, damaged (FAULTS A3, G1, G5)."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from storage.files import DATABASE
from tests.backfill.archives import build_record, write_warc
from tests.backfill.planting import FILLER, TRICKS, frame
from tests.backfill.test_sieve import REPORTS
from tests.fakes.kept import fill_cache

ROOT = Path(__file__).resolve().parents[2]
HAS_FILTER = find_spec("numba") is not None
WITHOUT_MATCH = "ruled out" if HAS_FILTER else "no match"
"""What becomes of a page with nothing in it."""


def make_records() -> list[bytes]:
    records = []
    for number in range(60):
        title = f"The town talks of bread, part {number}"
        html = frame(title, f"<p>{FILLER * 3}</p><p>Number {number} of the series.</p>")
        records.append(build_record(f"https://town.example/{number}", html.encode()))
    for number, (language, (title, text)) in enumerate(REPORTS.items()):
        html = TRICKS["plain"](title, text)
        records.insert(
            number * 13, build_record(f"https://{language}.example/report", html.encode())
        )
    return records


def command(folder: Path, *arguments: str) -> list[str]:
    return [
        sys.executable, "-m", "monitor", "backfill", "--data", str(folder / "data"),
        "--config", str(ROOT), "--workers", "1", "--json", *arguments,
    ]  # fmt: skip


def make_data(folder: Path) -> None:
    from monitor.wiring import create_data

    create_data(folder / "data")
    fill_cache(folder / "data")


def run(folder: Path, *arguments: str, status: int = 0) -> dict[str, Any]:
    done = subprocess.run(
        command(folder, *arguments), capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == status, done.stderr
    said = json.loads(done.stdout)
    assert isinstance(said, dict)
    return said


def stored(folder: Path) -> dict[str, Any]:
    """Return what is in the database but for ids and times of writing."""
    with sqlite3.connect(folder / "data" / DATABASE) as connection:
        articles = connection.execute(
            "SELECT url, title FROM article_versions ORDER BY 1"
        ).fetchall()
        outcomes = connection.execute(
            "SELECT outcome, SUM(pages) FROM run_outcomes GROUP BY 1 ORDER BY 1"
        ).fetchall()
        owed = connection.execute("SELECT COUNT(*) FROM outbox").fetchone()[0]
        stories = connection.execute("SELECT COUNT(*), MIN(historic) FROM stories").fetchone()
        members = connection.execute(
            """
            SELECT each.story, version.url
            FROM story_articles AS each
            JOIN article_versions AS version ON version.article = each.article
            ORDER BY 2
            """
        ).fetchall()
    formed: dict[int, list[str]] = {}
    for story, url in members:
        formed.setdefault(story, []).append(url)
    return {
        "articles": articles, "outcomes": outcomes, "owed": owed, "stories": stories,
        "formed": sorted(formed.values()),
    }  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, dict[str, Any], dict[str, Any]]:
    folder = tmp_path_factory.mktemp("undisturbed")
    make_data(folder)
    write_warc(folder / "a.warc.gz", make_records())
    said = run(folder, "--warc", str(folder / "a.warc.gz"))
    return folder, said, stored(folder)


def test_pages_become_historic_stories_and_nobody_is_alerted(
    undisturbed: tuple[Path, dict[str, Any], dict[str, Any]],
) -> None:
    _, said, kept = undisturbed
    assert said["outcomes"] == {"new": 4, WITHOUT_MATCH: 60}
    assert said["pages"] == 64
    assert len(kept["articles"]) == 4
    assert kept["owed"] == 0
    assert kept["stories"][1] == 1
    assert {"source": "town.example", "from": "2024-03", "to": "2024-03", "pages": 60} in said[
        "covered"
    ]


def test_report_is_written_in_three_forms(
    undisturbed: tuple[Path, dict[str, Any], dict[str, Any]],
) -> None:
    folder, _, _ = undisturbed
    files = {file.suffix: file for file in (folder / "data" / "reports").iterdir()}
    assert set(files) == {".html", ".xlsx", ".json"}
    assert "town.example" in files[".html"].read_text("utf-8")
    assert json.loads(files[".json"].read_text("utf-8"))["sites"]["town.example"] == {"2024-03": 60}


def test_same_command_again_reads_nothing(
    undisturbed: tuple[Path, dict[str, Any], dict[str, Any]],
) -> None:
    folder, _, kept = undisturbed
    again = run(folder, "--warc", str(folder / "a.warc.gz"))
    assert again["pages"] == 0
    assert again["units"] == {"done": 0, "before": 1}
    assert len(list((folder / "data" / "reports").iterdir())) == 3  # one report for the same wishes
    planned = run(folder, "--dry-run", "--warc", str(folder / "a.warc.gz"))
    assert (planned["parts"], planned["parts_before"], planned["bytes"]) == (1, 1, 0)
    assert stored(folder) == kept


def test_without_the_filter_the_same_is_found(
    tmp_path: Path, undisturbed: tuple[Path, dict[str, Any], dict[str, Any]]
) -> None:
    make_data(tmp_path)
    write_warc(tmp_path / "a.warc.gz", make_records())
    said = run(tmp_path, "--no-filter", "--warc", str(tmp_path / "a.warc.gz"))
    assert said["unfiltered"] == []  # it was not wanted
    (report,) = (tmp_path / "data" / "reports").glob("*.html")
    assert "<dt>filter</dt><dd>none: not wanted" in report.read_text("utf-8")
    assert stored(tmp_path)["articles"] == undisturbed[2]["articles"]
    assert said["outcomes"].get("ruled out", 0) == 0


@pytest.mark.parametrize("seconds", [3.0, 6.5])
def test_killed_anywhere_the_same_command_goes_on(
    tmp_path: Path,
    seconds: float,
    undisturbed: tuple[Path, dict[str, Any], dict[str, Any]],
) -> None:
    make_data(tmp_path)
    records = make_records()
    for number in range(4):
        write_warc(tmp_path / f"{number}.warc.gz", records[number::4])
    arguments = ("--warc", str(tmp_path / "*.warc.gz"))
    process = subprocess.Popen(
        command(tmp_path, *arguments),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    run(tmp_path, *arguments)
    assert stored(tmp_path) == undisturbed[2]


def test_ctrl_c_says_that_the_same_command_goes_on_and_so_it_does(
    tmp_path: Path, undisturbed: tuple[Path, dict[str, Any], dict[str, Any]]
) -> None:
    """The workers get it, too, as they do at a terminal; what was read before is not read again."""
    make_data(tmp_path)
    records = make_records()
    for number in range(4):
        write_warc(tmp_path / f"{number}.warc.gz", records[number::4])
    arguments = ("--no-filter", "--warc", str(tmp_path / "*.warc.gz"))
    process = subprocess.Popen(
        command(tmp_path, *arguments),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for_parts(tmp_path / "data" / "backfill" / "work" / DATABASE)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == ""
    assert err == (
        "stationwatch: interrupted; what was not finished is still pending; give the same command"
        " again and it goes on\n"
    )
    units = run(tmp_path, *arguments)["units"]
    assert units["before"] >= 1
    assert units["done"] + units["before"] == 4
    assert stored(tmp_path)["articles"] == undisturbed[2]["articles"]


def wait_for_parts(database: Path) -> None:
    """Wait until a part of a file is covered in the database of a backfill that goes on."""
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        with (
            suppress(sqlite3.OperationalError),
            closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection,
        ):
            if connection.execute("SELECT COUNT(*) FROM covered_units").fetchone()[0]:
                return
        time.sleep(0.02)
    pytest.fail("no part was read in two minutes")


def test_order_of_arrival_changes_nothing(
    tmp_path: Path, undisturbed: tuple[Path, dict[str, Any], dict[str, Any]]
) -> None:
    make_data(tmp_path)
    write_warc(tmp_path / "a.warc.gz", reversed(make_records()))
    run(tmp_path, "--warc", str(tmp_path / "a.warc.gz"))
    assert stored(tmp_path) == undisturbed[2]


def test_shuffled_files_and_two_workers_form_the_same_stories(
    tmp_path: Path, undisturbed: tuple[Path, dict[str, Any], dict[str, Any]]
) -> None:
    make_data(tmp_path)
    records = make_records()
    random.Random(8).shuffle(records)
    for number in range(3):
        write_warc(tmp_path / f"{number}.warc.gz", records[number::3])
    run(tmp_path, "--workers", "2", "--warc", str(tmp_path / "*.warc.gz"))
    assert stored(tmp_path)["formed"] == undisturbed[2]["formed"]
    assert stored(tmp_path) == undisturbed[2]


def test_broken_file_is_salvaged_and_told(tmp_path: Path) -> None:
    make_data(tmp_path)
    file = write_warc(tmp_path / "a.warc.gz", make_records())
    file.write_bytes(file.read_bytes()[:-100])
    said = run(tmp_path, "--warc", str(file), status=1)
    assert said["pages"] == 63
    assert said["unseen"]


def test_wishes_are_kept(tmp_path: Path) -> None:
    make_data(tmp_path)
    file = str(write_warc(tmp_path / "a.warc.gz", make_records()))
    said = run(
        tmp_path, "--language", "de", "--from", "2024-03-01", "--to", "2024-03-31", "--warc", file
    )
    assert [story["url"] for story in said["stories"]] == ["https://de.example/report"]
    none = run(tmp_path, "--to", "2019-12-31", "--warc", file)
    assert none["stories"] == []


def test_report_of_an_earlier_run_is_found_and_written_beside_it(tmp_path: Path) -> None:
    """A later run with the same wishes took the name of the earlier one's report."""
    make_data(tmp_path)
    wishes = ("--no-filter", "--from", "2024-01-01", "--to", "2024-02-29", "--warc")
    file = str(write_warc(tmp_path / "a.warc.gz", make_records()[:2]))
    first = run(tmp_path, *wishes, file)["run"]
    second = say(tmp_path, *wishes, file)
    assert "1 flagged page, without a date of publication, and captured outside" in second.stdout
    assert stored(tmp_path)["outcomes"] == [("flagged but left out", 1), ("no match", 1)]
    (report,) = (tmp_path / "data" / "reports").glob("backfill-*.html")  # of both runs
    data = json.loads(report.with_suffix(".json").read_text())
    months = [month["counts"] for source in data["sources"] for month in source["months"]]
    assert sum(each.get("outside", 0) for each in months) == data["flagged_left_out"] == 1
    third = run(tmp_path, *wishes, file)["run"]
    with sqlite3.connect(tmp_path / "data" / DATABASE) as connection:
        (words,) = connection.execute("SELECT words FROM backfill_requests").fetchone()
    told = json.loads(words)
    assert {first, third} < set(told["runs"])
    assert len(told["runs"]) == 3
    assert told["title"].endswith("from 2024-01-01 to 2024-02-29")
    report.unlink()
    assert write_report_of(tmp_path, report.name) == f"{report}\n"
    assert report.is_file()
    with sqlite3.connect(tmp_path / "data" / DATABASE) as connection:  # as earlier versions did
        connection.execute("UPDATE backfill_requests SET words = json_remove(words, '$.runs')")
    assert write_report_of(tmp_path, first[:8]) == f"{report}\n"
    told = json.loads(write_report_of(tmp_path, first[:8], "--format", "json"))
    assert first in told["runs"]
    assert "Read was 1 file: a.warc.gz." in told["counted"]


def write_report_of(folder: Path, name: str, *more: str) -> str:
    given = [sys.executable, "-m", "monitor", "backfill", "report", name, "--config", str(ROOT),
             "--data", "data", *more]  # fmt: skip
    done = subprocess.run(
        given, capture_output=True, text=True, cwd=folder, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_dry_run_reads_nothing(tmp_path: Path) -> None:
    make_data(tmp_path)
    file = write_warc(tmp_path / "a.warc.gz", make_records())
    said = run(tmp_path, "--dry-run", "--warc", str(file))
    assert said["bytes"] == file.stat().st_size
    assert stored(tmp_path)["outcomes"] == []


@pytest.fixture
def without_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide numba from every process that is started, as where the part was never installed.

    `sitecustomize` is read by each Python at its start; the environment's own place for it.
    """
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys; sys.modules['numba'] = None\n")
    monkeypatch.setenv("PYTHONPATH", str(hidden))


def say(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Return what a person sees of a run, on both streams."""
    given = [each for each in command(folder, *arguments) if each != "--json"]
    return subprocess.run(given, capture_output=True, text=True, cwd=ROOT, check=True)


@pytest.mark.usefixtures("without_compiler")
def test_missing_filter_is_said_once_with_the_cure_and_the_same_is_found(
    tmp_path: Path, undisturbed: tuple[Path, dict[str, Any], dict[str, Any]]
) -> None:
    make_data(tmp_path)
    file = str(write_warc(tmp_path / "a.warc.gz", make_records()))
    cure = "the part 'speed' is not installed; type ./stationwatch install speed"
    planned = say(tmp_path, "--dry-run", "--warc", file)
    assert planned.stderr.count(cure) == 1
    done = say(tmp_path, "--warc", file)
    assert done.stderr.count(cure) == 1
    assert done.stderr.count("No filter") == 1
    (report,) = (tmp_path / "data" / "reports").glob("*.html")
    assert "install speed" in report.read_text("utf-8")
    assert stored(tmp_path)["articles"] == undisturbed[2]["articles"]
    assert stored(tmp_path)["formed"] == undisturbed[2]["formed"]
    again = say(tmp_path, "--warc", file)  # it took minutes of compiling, and read nothing
    assert "install speed" in report.read_text("utf-8")  # how that was read which is in it
    assert "1 file: 0 read, 1 covered before" in again.stdout
    assert "ilter" not in again.stderr
    write_warc(tmp_path / "b.warc.gz", make_records()[:2])
    more = say(tmp_path, "--warc", file, "--warc", str(tmp_path / "b.warc.gz"))
    assert "2 files: 1 read, 1 covered before" in more.stdout
    assert more.stderr.count(cure) == 1


@pytest.mark.skipif(not HAS_FILTER, reason="needs the part speed: ./stationwatch install speed")
def test_filter_that_is_there_is_no_word_worth(
    undisturbed: tuple[Path, dict[str, Any], dict[str, Any]],
) -> None:
    folder, said, _ = undisturbed
    assert said["unfiltered"] == []
    report = next((folder / "data" / "reports").glob("*.html"))
    assert "<dt>filter</dt>" not in report.read_text("utf-8")


def test_report_that_is_a_file_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    make_data(tmp_path)
    file = write_warc(tmp_path / "a.warc.gz", make_records()[:2])
    arguments = command(tmp_path, "--warc", str(file), "--report", str(file))
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert "that is a file; name a folder" in done.stderr
    assert stored(tmp_path)["outcomes"] == []
