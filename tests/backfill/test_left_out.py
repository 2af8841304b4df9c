"""What a backfill left out or could not read is said, and no wrong path passes for nothing."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.backfill_files import check_files
from monitor.cli.backfill_work import find_report
from monitor.errors import UsageError
from monitor.jobs.backfill_report import say_left_out
from monitor.jobs.backfill_request import find_read_before
from monitor.jobs.backfill_unread import keep_unread
from monitor.jobs.purge import Wanted, purge
from monitor.wiring import create_data, lock_backfill, open_side, open_watch, read_config
from tests.archives.press import ROOT, command, make_config
from tests.archives.test_report import read_sheet
from tests.backfill.archives import build_record, write_warc
from tests.backfill.planting import TRICKS
from tests.backfill.test_backfill import make_records
from tests.backfill.test_sieve import REPORTS

SOURCES = """
  - {id: one, kind: feed, url: "https://one.example/feed", outlet: One, country: ZW}
  - {id: two, kind: feed, url: "https://two.example/feed", outlet: Two, country: ZW}"""
"""Of a country that no list that comes with the program knows a source of."""


def ask(folder: Path, *arguments: str, person: bool = False) -> subprocess.CompletedProcess[str]:
    given = command(folder, *arguments)
    if person:
        given.remove("--json")
    return subprocess.run(given, capture_output=True, text=True, cwd=ROOT, check=False)


def find(folder: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    given = command(folder, *arguments)
    given = [name if each == "backfill" else each for each in given if each != "--json"]
    del given[given.index("--workers") : given.index("--workers") + 2]
    return subprocess.run(given, capture_output=True, text=True, cwd=ROOT, check=True)


def read_reports(folder: Path) -> tuple[str, Path, dict[str, Any]]:
    """Return the last report: its page, its workbook, its JSON."""
    reports = folder / "data" / "reports"
    page = max(reports.glob("*.html"), key=lambda path: path.stat().st_mtime_ns)
    data = json.loads(page.with_suffix(".json").read_text("utf-8"))
    return page.read_text("utf-8"), page.with_suffix(".xlsx"), data


def test_pages_of_sites_of_no_asked_source_are_told_with_the_cure(tmp_path: Path) -> None:
    """Someone took 600 pages that were left out for a country without any report."""
    make_config(tmp_path, sources=SOURCES)
    file = str(write_warc(tmp_path / "a.warc.gz", make_records()))
    whose = "your 2 sources in Zimbabwe"
    cure = (
        "For everything about Zimbabwe leave --country out, then:"
        " ./stationwatch stories --country ZW"
    )
    planned = ask(tmp_path, "--warc", file, "--country", "ZW", "--dry-run", person=True)
    assert planned.returncode == 0, planned.stderr
    only = f"only pages of the sites of {whose} are read: where the files hold none of those,"
    assert f"{only} nothing is found. {cure}" in planned.stdout
    done = ask(tmp_path, "--warc", file, "--country", "Zimbabwe", person=True)
    assert done.returncode == 0, done.stderr
    note = f"Left out 64 pages of sites that are not among {whose}. {cure}"
    assert note in done.stdout
    page, workbook, data = read_reports(tmp_path)
    assert note in page.partition("<h2>What was found")[0]
    assert "But for what was left out, as said above, nothing that was asked" in page
    assert "<b>64</b><span>pages of other sites left out" in page
    assert ["left out", note] in read_sheet(workbook, "Asked")
    assert data["note"] == note


@pytest.mark.parametrize(
    ("pages", "whose", "said"),
    [
        (0, "your 2 sources in Hungary", ""),
        (1200, "your 2 sources in Hungary", "1,200 pages of sites that are not among your 2"),
        (1, "the source that you named", "1 page of sites other than that of the source that"),
    ],
)
def test_left_out_is_told_in_numbers(pages: int, whose: str, said: str) -> None:
    told = say_left_out(pages, {"whose": whose, "cure": "Cure."})
    assert (said in told) if said else not told


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_wrong_path_is_refused_before_anything_is_read_or_written(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    """After an earlier good run it told that run's articles, and that nothing was missing."""
    make_config(tmp_path)
    done = ask(tmp_path, "--warc", str(tmp_path / "none"), *more)
    assert done.returncode == 2
    assert "no such file or folder" in done.stderr
    assert not (tmp_path / "data" / "reports").exists()
    assert not (tmp_path / "data" / "backfill").exists()


def test_only_paths_of_which_none_is_there_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    names = tmp_path / "list.txt"
    names.write_text(f"{tmp_path}/gone.warc.gz\n{tmp_path}/lost*.warc.gz\n", "utf-8")
    for named in ("gone.warc.gz", "*.warc.gz", "empty"):
        with pytest.raises(UsageError, match=r"no such file or folder|no file fits|no \.warc or"):
            check_files([str(tmp_path / named)])
    with pytest.raises(UsageError, match="nor for 1 more"):
        check_files([f"@{names}"])
    check_files([f"@{names}", "https://archive.example/a.warc.gz"])
    file = write_warc(tmp_path / "a.warc.gz", [])
    check_files([f"@{names}", str(file)])


def test_what_could_not_be_read_stands_in_every_form_of_the_report(tmp_path: Path) -> None:
    """Under the name of the file alone: a report goes to others."""
    make_config(tmp_path)
    good = write_warc(tmp_path / "a.warc.gz", make_records()[:2])
    wrong = tmp_path / "nota.warc.gz"
    wrong.write_text("no archive at all\n" * 500)
    paths = [str(good), str(wrong), str(tmp_path / "gone.warc.gz")]
    done = ask(tmp_path, *(word for path in paths for word in ("--warc", path)))
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert said["failed"] == [
        f"{wrong}: it is no WARC file", f"{paths[2]}: no such file or folder"
    ]  # fmt: skip
    assert said["units"] == {"done": 1, "before": 0}
    assert said["damaged"] == []
    gaps = [["files", "nota.warc.gz", "it is no WARC file"],
            ["files", "gone.warc.gz", "no such file or folder"]]  # fmt: skip
    page, workbook, data = read_reports(tmp_path)
    assert "Nothing that was asked for was missing" not in page
    assert all(f"<td>{each[1]}</td><td>{each[2]}</td>" in page for each in gaps)
    assert read_sheet(workbook, "Not seen")[1:] == gaps
    assert [list(each.values()) for each in data["unseen"]] == [[*each, ""] for each in gaps]


def test_what_could_not_be_read_stays_in_the_report_until_it_is_asked_for_again(
    tmp_path: Path,
) -> None:
    """The next run with the same wishes over another folder took it out, though it was as bad."""
    make_config(tmp_path)
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    records = make_records()[:2]
    write_warc(one / "a.warc.gz", records[:1])
    write_warc(other / "b.warc.gz", records[1:])
    (one / "empty.warc.gz").touch()
    (one / "letter.warc").write_text("no archive at all\n" * 500)
    assert ask(tmp_path, "--no-filter", "--warc", str(one)).returncode == 1
    assert ask(tmp_path, "--no-filter", "--warc", str(other)).returncode == 0
    unread = {(each["what"], each["why"]) for each in read_reports(tmp_path)[2]["unseen"]}
    assert unread == {
        ("empty.warc.gz", "the file is empty"),
        ("letter.warc", "it is no WARC file"),
    }
    assert str(tmp_path) not in read_reports(tmp_path)[0]
    (one / "letter.warc").unlink()
    write_warc(one / "empty.warc.gz", records)
    assert ask(tmp_path, "--no-filter", "--warc", str(one)).returncode == 0
    assert read_reports(tmp_path)[2]["unseen"] == []


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("named", ["one", "one/*.warc.gz", "one/cut.warc.gz"])
def test_unreadable_files_that_were_removed_are_settled_by_the_same_command(
    tmp_path: Path, named: str, *, beside: bool
) -> None:
    """It was refused, since nothing was there, and `status` asked for the command for ever."""
    make_config(tmp_path)
    (tmp_path / "one").mkdir()
    cut = tmp_path / "one" / "cut.warc.gz"
    cut.touch()
    words = ["--warc", str(tmp_path / named)]
    if beside:
        words += ["--warc", str(write_warc(tmp_path / "b.warc.gz", make_records()[:1]))]
    assert ask(tmp_path, *words).returncode == 1
    assert [each["what"] for each in read_reports(tmp_path)[2]["unseen"]] == ["cut.warc.gz"]
    cut.unlink()
    done = ask(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["gone"] == [str(cut)]
    assert read_reports(tmp_path)[2]["unseen"] == []


@pytest.mark.parametrize(
    ("where", "named", "is_asked"),
    [
        ("/a/x.warc.gz", "/a", True),
        ("/a/b/x.warc.gz", "/a", True),
        ("/a/x.warc.gz", "/a/*.warc.gz", True),
        ("/a/x.warc.gz", "/a/x.warc.gz", True),
        ("/a/x.warc.gz", "/ab", False),
        ("/a/x.warc.gz", "/a/y.warc.gz", False),
        ("https://h.example/x.warc.gz", "https://h.example/x.warc.gz", True),
        ("https://h.example/x.warc.gz", "https://h.example/y.warc.gz", False),
        ("s3://b/x*", "s3://b/x1.warc.gz", True),
        ("https://h.example/m/warc.paths.gz", "https://h.example/m/1.warc.gz", True),
        ("https://h.example/m/warc.paths.gz", "https://h.example/n/1.warc.gz", False),
    ],
)
def test_file_is_asked_for_again_by_its_name_folder_pattern_or_list(
    where: str, named: str, is_asked: bool
) -> None:
    before = {"unread": [["x", "gone", where]]}
    assert (keep_unread(before, (), named=[named]) == []) is is_asked


def test_name_of_no_file_is_told_until_the_same_is_asked_for_without_it() -> None:
    """`status` said so, but went on asking."""
    named = ["/a/month", "/a/mnoth", "https://h.example/x.warc.gz"]
    unread = keep_unread({}, [("/a/mnoth", "no such file or folder")], named=named)
    assert [each.name for each in unread] == ["mnoth"]
    before = {"unread": [list(each) for each in unread]}
    assert keep_unread(before, (), named=["/a/other"]) == unread
    assert keep_unread(before, (), named=[]) == unread
    assert keep_unread(before, (), named=[named[2], named[0]]) == []
    within = keep_unread({}, [("/a/month/x.warc", "damaged")], named=["/a/month"])
    assert keep_unread({"unread": within}, (), named=[]) == within


def test_dry_run_forgets_no_file_that_could_not_be_read(tmp_path: Path) -> None:
    create_data(tmp_path)
    unread = [["a.warc.gz", "the file is empty", "/a/a.warc.gz"]]
    with lock_backfill(tmp_path), open_side(tmp_path, read_config(None, tmp_path)) as side:
        side.watch.storage.backfills.note("q", {"title": "Backfill"})
        assert find_read_before((side.watch.storage, side.known), "q") == {}
    with open_watch(tmp_path, read_config(None, tmp_path)) as watch:
        watch.storage.backfills.note("q", {"unread": unread})
    with lock_backfill(tmp_path), open_side(tmp_path, read_config(None, tmp_path)) as side:
        found = find_read_before((side.watch.storage, side.known), "q")
        assert found["unread"] == unread


def test_damaged_file_is_told_with_its_path_until_it_was_mended(tmp_path: Path) -> None:
    """Its gap stood under runs over other folders, and after a whole copy had been read."""
    make_config(tmp_path)
    records = make_records()[:3]
    other = str(write_warc(tmp_path / "other.warc.gz", records[:1]))
    file = write_warc(tmp_path / "x.warc.gz", records)
    whole = file.read_bytes()
    file.write_bytes(whole[:-100])
    cut = ask(tmp_path, "--no-filter", "--warc", str(file), person=True)
    assert cut.returncode == 1
    told = f"could not be read whole: {file}: a damaged place: at byte"
    assert told in " ".join(cut.stderr.split())
    assert read_reports(tmp_path)[2]["unseen"][0]["source"] == "x.warc.gz"
    beside = ask(tmp_path, "--no-filter", "--warc", other, person=True)
    assert beside.returncode == 0
    assert "x.warc.gz" not in beside.stderr
    assert "From earlier runs: 1 damaged place in other files; see the report" in beside.stdout
    file.write_bytes(whole)
    mended = ask(tmp_path, "--no-filter", "--warc", str(file), person=True)
    assert mended.returncode == 0, mended.stderr
    assert "damaged place" not in mended.stdout + mended.stderr
    assert read_reports(tmp_path)[2]["unseen"] == []


def test_file_that_was_mended_in_its_midst_is_read_again(tmp_path: Path) -> None:
    """Of the same size and beginning, it passed for read, and its gap stayed for ever.

    One that is as damaged as before is not read again, wherever it lies and whenever touched.
    """
    make_config(tmp_path)
    large = build_record(
        "https://town.example/large", random.Random(1).randbytes(200_000).hex().encode()
    )
    file = write_warc(tmp_path / "x.warc.gz", [make_records()[0], large, *make_records()[1:3]])
    whole = file.read_bytes()
    at = len(whole) // 2
    file.write_bytes(whole[:at] + bytes(200) + whole[at + 200 :])
    cut = json.loads(ask(tmp_path, "--no-filter", "--warc", str(file)).stdout)
    assert cut["damaged"]
    assert cut["units"] == {"done": 1, "before": 0}

    (tmp_path / "copy").mkdir()
    copy = tmp_path / "copy" / file.name
    copy.write_bytes(file.read_bytes())
    os.utime(file, (2e9, 2e9))
    for each in (file, copy):
        same = json.loads(ask(tmp_path, "--no-filter", "--warc", str(each)).stdout)
        assert same["units"] == {"done": 0, "before": 1}
        assert len(same["damaged"]) == len(cut["damaged"])

    file.write_bytes(whole)
    planned = json.loads(ask(tmp_path, "--no-filter", "--dry-run", "--warc", str(file)).stdout)
    assert planned["parts_before"] == 0
    mended = ask(tmp_path, "--no-filter", "--warc", str(file))
    assert mended.returncode == 0, mended.stderr
    assert json.loads(mended.stdout)["units"] == {"done": 1, "before": 0}
    data = read_reports(tmp_path)[2]
    assert data["unseen"] == []
    assert sum(sum(each.values()) for each in data["outcomes"].values()) == 4
    again = ask(tmp_path, "--no-filter", "--warc", str(file))
    assert again.returncode == 0
    assert json.loads(again.stdout)["units"] == {"done": 0, "before": 1}


def test_what_was_flagged_and_left_out_is_named_and_what_was_found_says_where_it_lies(
    tmp_path: Path,
) -> None:
    """It was counted alone, so that nobody could judge whether that was right."""
    make_config(tmp_path)
    file = str(write_warc(tmp_path / "a.warc.gz", [*make_records()[:1], *make_records()[13:14]]))
    done = ask(tmp_path, "--no-filter", "--language", "de", "--warc", file)
    (found,) = json.loads(done.stdout)["found"]
    assert found["origin"].startswith("a.warc.gz, the record at byte ")
    offset = int(found["origin"].rsplit(" ", 1)[1])
    assert gzip.decompress(Path(file).read_bytes()[offset:]).startswith(b"WARC/1.0")
    page, workbook, data = read_reports(tmp_path)
    (left,) = data["flagged"]
    assert (left["url"], left["why"]) == ("https://en.example/report", "in another language")
    section = page.partition("<h2>Flagged, but left out")[2].partition("<h2>")[0]
    assert left["title"] in unescape(section)
    assert "in another language" in section
    assert left["origin"] == "a.warc.gz, the record at byte 0"
    head, row = read_sheet(workbook, "Flagged, left out")
    told = dict(zip(head, row, strict=True))
    assert (told["title"], told["archive file"]) == (left["title"], left["origin"])
    sheet = read_sheet(workbook, "Found")
    assert dict(zip(*sheet, strict=True))["archive file"] == found["origin"]
    with open_watch(tmp_path / "data", read_config(tmp_path / "config", tmp_path)) as watch:
        wanted = Wanted(article="https://en.example/report")
        purge(watch, wanted, wish="the outlet")
        words = find_report(tmp_path / "data", tmp_path / "config", None)[1]
        assert words.flagged == ()


def test_days_in_which_nothing_was_captured_but_something_published_are_told(
    tmp_path: Path,
) -> None:
    make_config(tmp_path)
    title, text = REPORTS["en"]
    html = TRICKS["plain"](title, text).replace(
        "<head>", '<head><meta property="article:published_time" content="2019-05-05T08:00:00Z">'
    )
    record = build_record("https://en.example/report", html.encode())
    file = str(write_warc(tmp_path / "a.warc.gz", [record]))
    assert ask(tmp_path, "--no-filter", "--warc", file).returncode == 0
    in_2019 = ("--from", "2019-01-01", "--to", "2019-12-31")
    said = "but 1 story was published in them: ask with --published-from and --published-to."
    assert said in " ".join(find(tmp_path, "stories", *in_2019).stdout.split())
    exported = find(tmp_path, "export", *in_2019)
    assert said in " ".join(exported.stderr.split())
    of_2019 = ("--published-from", "2019-01-01", "--published-to", "2019-12-31")
    assert "1 story" in find(tmp_path, "stories", *of_2019).stdout
    assert "2019-05-05" in find(tmp_path, "export", *of_2019).stdout


def test_every_page_has_a_counted_outcome_that_was_known_too(tmp_path: Path) -> None:
    """Of 100 pages 99 were told."""
    make_config(tmp_path)
    records = make_records()[:3]
    file = str(write_warc(tmp_path / "a.warc.gz", records))
    copy = str(write_warc(tmp_path / "copy.warc.gz", records))
    once = json.loads(ask(tmp_path, "--no-filter", "--warc", file, "--warc", copy).stdout)
    assert once["outcomes"] == {"new": 1, "no match": 4, "unchanged": 1}
    again = ask(tmp_path, "--no-filter", "--to", "2024-12-31", "--warc", file, person=True)
    assert "Pages    2 no match, 1 already known" in again.stdout
    _, _, data = read_reports(tmp_path)
    assert data["outcomes"] == {"2024-03": {"found": 1, "no match": 2}}
