"""What `backfill` and `status` say of sizes, times and counts, in a person's words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from monitor.cli.backfill_show import files_words, found_words, size_words, time_words
from monitor.cli.backfill_wishes import Wishes, name_files, name_inputs
from monitor.cli.backfill_work import find_report
from monitor.cli.output import Output
from monitor.cli.show_status import pages_read, say_ledger, show_status
from monitor.jobs.backfill import Gathered
from monitor.jobs.backfill_progress import find_progress, find_unread
from monitor.jobs.backfill_summary import say_captured, say_counted, say_flagged_left_out
from monitor.jobs.status import read_status
from monitor.model import DayLedger, Outcome, Run, RunKind
from monitor.wiring import create_data, lock_backfill, open_side, open_watch, read_config
from storage.coverage import CoveredUnit
from tests.fakes.kept import fill_cache

OUT = "flagged, but published outside the period"


@pytest.mark.parametrize(
    ("size", "said"),
    [(1, "1 kB"), (812_345, "813 kB"), (1_240_000, "1.2 MB"), (4_000_000_000, "4,000 MB")],
)
def test_size_is_told_in_a_unit_that_says_something(size: int, said: str) -> None:
    assert size_words(size) == said


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (0.0001, "less than a minute"),
        (1 / 60, "about 1 minute"),
        (0.3, "about 18 minutes"),
        (0.9999, "about 60 minutes"),
        (1.5, "about 1.5 hours"),
    ],
)
def test_time_is_told_in_a_unit_that_says_something(hours: float, said: str) -> None:
    assert time_words(hours) == said


@pytest.mark.parametrize(
    ("articles", "stories", "said"),
    [
        (0, 0, "no article"),
        (2, 0, "2 articles so far; none is new in this run"),
        (1, 1, "1 article so far; 1 story new or grown"),
        (1200, 2, "1,200 articles so far; 2 stories new or grown"),
    ],
)
def test_found_before_is_told_apart_from_found_now(articles: int, stories: int, said: str) -> None:
    assert found_words(articles, stories).startswith(said)


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        ({"not HTML": 40}, ""),
        ({OUT: 1, "not HTML": 40}, "1 flagged page, published outside the period"),
        ({OUT: 1200}, "1,200 flagged pages, published outside the period"),
        (
            {OUT: 5, "flagged, but on another topic": 1, "flagged, but in another language": 7},
            "13 flagged pages: 7 in another language; 5 published outside the period;"
            " 1 on another topic",
        ),
    ],
)
def test_flagged_pages_that_were_not_asked_for_are_told(
    left_out: dict[str, int], said: str
) -> None:
    """They were counted as no match, without a word on the terminal."""
    assert say_flagged_left_out(left_out) == said


@pytest.mark.parametrize(
    ("months", "since", "until", "said"),
    [
        (["2024-03"], "2010-01-01", "2012-12-31", "captured in 2024-03, after the period"),
        (["2009-03", "2010-12"], "2011-01-01", None, "in 2009-03 to 2010-12, before the period"),
        (["2012-12", "2024-03"], "2010-01-01", "2012-12-31", ""),
        (["2024-03"], "2010-01-01", None, ""),
        (["2024-03"], None, None, ""),
        ([], "2010-01-01", "2012-12-31", ""),
    ],
)
def test_period_without_a_capture_is_told(
    months: list[str], since: str | None, until: str | None, said: str
) -> None:
    """A report of such a period told of 600 pages that were read, and of no find, alone."""
    told = say_captured(months, since, until)
    assert (said in told) if said else not told


def a_unit(name: str, run: str, *, part: str = "0-9") -> CoveredUnit:
    return CoveredUnit(unit=f"{name} 9 abc {part}", asked="q", run_id=run, kind="warc")


def test_report_of_runs_with_the_same_wishes_names_what_went_into_it() -> None:
    """Only the folder that was named last stood there, and below a long table."""
    units = [a_unit(f"{number} x.warc.gz", "r1") for number in range(7)]
    units += [a_unit("6 x.warc.gz", "r2", part="9-18")]
    told = say_counted(units, ["r1", "r2", "r3"], ["slices", "more"])
    assert (
        "all backfills with these wishes and keywords (3 so far), not in the last run alone" in told
    )
    assert told.endswith(
        "Read were 7 files: 0 x.warc.gz, 1 x.warc.gz, 2 x.warc.gz, 3 x.warc.gz,"
        " 4 x.warc.gz, 5 x.warc.gz and 1 more; you named: slices, more."
    )
    alone = say_counted(units[:1], ["r1"], ["0 x.warc.gz"])
    assert alone.endswith("counts twice. Read was 1 file: 0 x.warc.gz.")


@pytest.mark.parametrize(
    ("its", "said"),
    [
        (Gathered(run_id="r", files=1, units=1), "1 file: 1 read, 0 covered before"),
        (
            Gathered(run_id="r", files=6, units=11, skipped=1, failed=1),
            "6 files, read in 12 parts so that all processors have some: 10 parts read,"
            " 1 covered before",
        ),
    ],
)
def test_parts_are_told_as_parts_of_files(its: Gathered, said: str) -> None:
    """Someone read 12 parts where he had named 6 files."""
    assert files_words(its) == said


def test_backfill_stopped_before_it_read_anything_is_told(tmp_path: Path, root: Path) -> None:
    create_data(tmp_path)
    fill_cache(tmp_path)
    configuration = read_config(root, tmp_path)
    with lock_backfill(tmp_path), open_side(tmp_path, configuration) as side:
        side.watch.storage.backfills.note("a", {"title": "Backfill: HU"})
        side.watch.storage.runs.begin(RunKind.BACKFILL)
        with open_watch(tmp_path, configuration, write=False) as watch:
            assert find_progress(watch) == "HU: it begins"
    with open_watch(tmp_path, configuration, write=False) as watch:
        assert find_progress(watch) == (
            "HU: it was stopped at the beginning; the same command, given again, goes on"
        )


def test_file_that_could_not_be_read_needs_a_person_until_it_is_asked_for_again(
    tmp_path: Path, root: Path
) -> None:
    """`status` said that all is well."""
    create_data(tmp_path)
    configuration = read_config(root, tmp_path)
    unread = [["a.warc.gz", "it is no WARC file"], ["b.warc.gz", "no such file"]]
    with open_watch(tmp_path, configuration) as watch:
        watch.storage.backfills.note("q", {"title": "Backfill: HU", "unread": unread})
        status = read_status(watch)
        assert not status.ok
        assert status.needs == (
            "Backfill: HU: 2 files could not be read (a.warc.gz: it is no WARC file, and 1 more):"
            " give the same command again, with a whole copy or without it",
        )
        assert find_unread(watch, watch.clock.now() + timedelta(seconds=9)) is None
        watch.storage.backfills.note("r", {"title": "Backfill: IE", "unread": []})
        assert "2 files could not be read" in str(read_status(watch).needs)
        watch.storage.backfills.note("q", {"title": "Backfill: HU", "unread": []})
        assert read_status(watch).ok


def test_parts_of_files_are_told_with_how_many_there_are(tmp_path: Path, root: Path) -> None:
    """`status` told of 10 parts, and not of how many."""
    create_data(tmp_path)
    configuration = read_config(root, tmp_path)
    with lock_backfill(tmp_path), open_side(tmp_path, configuration) as side:
        storage = side.watch.storage
        run_id = storage.runs.begin(RunKind.BACKFILL).id
        storage.backfills.note("q", {"title": "Backfill: HU", "files asked": "q", "parts": 48})
        storage.coverage.finish(replace(a_unit("a", run_id), run_id=run_id))
        with open_watch(tmp_path, configuration, write=False) as watch:
            assert find_progress(watch) == "HU: 1 of 48 parts of files"
        storage.backfills.note("q", {"title": "Backfill: HU", "files asked": "q"})
        with open_watch(tmp_path, configuration, write=False) as watch:
            assert find_progress(watch) == "HU: 1 part of files"


def test_backfill_that_reached_nothing_needs_a_person(tmp_path: Path, root: Path) -> None:
    create_data(tmp_path)
    with open_watch(tmp_path, read_config(root, tmp_path)) as watch:
        watch.storage.backfills.note("q", {"title": "Backfill: HU", "offline": True})
        (need,) = read_status(watch).needs
        assert need.startswith("Backfill: HU: nothing could be reached: give the same command")


def test_run_that_read_nothing_says_so() -> None:
    run = Run(id="r", kind=RunKind.BACKFILL, started_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert pages_read(run) == "backfill: no page was read"
    assert pages_read(replace(run, kind=RunKind.POLL)) == "no page was read"


def test_run_that_was_a_backfill_is_named_so_with_its_own_words() -> None:
    run = Run(
        id="r", kind=RunKind.BACKFILL, started_at=datetime(2026, 1, 1, tzinfo=UTC),
        outcomes={Outcome.NEW: 1, Outcome.UNCHANGED: 2},
    )  # fmt: skip
    assert pages_read(run) == "backfill: 2 already known, 1 new"
    assert pages_read(replace(run, kind=RunKind.POLL)) == "2 unchanged, 1 new"


def test_day_of_a_backfill_does_not_look_like_one_of_the_watch() -> None:
    """100,000 pages of files stood among those of the watch: a very good day."""
    day = DayLedger(
        day=date(2026, 3, 1), outcomes={Outcome.NO_MATCH: 40}, suppressed={"cap": 2},
        backfilled={Outcome.NO_MATCH: 99_990, Outcome.UNCHANGED: 7, Outcome.NEW: 3},
    )  # fmt: skip
    assert say_ledger(day) == (
        "40 pages: 40 no match; backfill: 100000 pages: 99990 no match, 7 already known, 3 new;"
        " held back: cap (2)"
    )
    assert say_ledger(replace(day, outcomes={}, suppressed={})).startswith("0 pages; backfill: 1")


def test_same_reason_is_told_once_with_the_sum() -> None:
    """An alert and a change that were held back for one reason stood there twice."""
    day = DayLedger(
        day=date(2026, 3, 1), outcomes={}, suppressed={"alerts not sent: no news": 5, "no news": 1}
    )
    assert say_ledger(day) == "0 pages; held back: no news (6)"


def test_report_after_a_dry_run_is_that_of_the_last_run(tmp_path: Path, root: Path) -> None:
    """It was an empty one, of what had only been estimated."""
    create_data(tmp_path)
    configuration = read_config(root, tmp_path)
    with open_watch(tmp_path, configuration) as watch:
        run = watch.storage.runs.begin(RunKind.BACKFILL)
        watch.storage.backfills.note("real", {"title": "Read"}, run_id=run.id)
        watch.storage.backfills.note("dry", {"title": "Estimated in a parcel"})
    with open_side(tmp_path, configuration) as side:
        side.watch.storage.backfills.note("dry2", {"title": "Estimated"})
    assert find_report(tmp_path, root, None)[1].title == "Read"
    assert find_report(tmp_path, root, "dry2")[1].title == "Estimated"
    with open_side(tmp_path, configuration) as side:
        side.watch.storage.runs.begin(RunKind.BACKFILL)
        side.watch.storage.backfills.note("files", {"title": "Under way"})
    assert find_report(tmp_path, root, None)[1].title == "Under way"


def test_running_backfill_is_told_before_everything_else(tmp_path: Path, root: Path) -> None:
    """It stood below the versions."""
    create_data(tmp_path)
    configuration = read_config(root, tmp_path)
    with lock_backfill(tmp_path), open_side(tmp_path, configuration) as side:
        side.watch.storage.backfills.note("a", {"title": "Backfill: HU"})
        side.watch.storage.runs.begin(RunKind.BACKFILL)
        with open_watch(tmp_path, configuration, write=False) as watch:
            found = read_status(watch)
    assert found.backfill in found.notes
    out = StringIO()
    show_status(Output(as_json=False, out=out), found, whole=False)
    lines = out.getvalue().splitlines()
    assert lines[:2] == ["all well", "backfill     HU: it begins"]
    assert out.getvalue().count("it begins") == 1


def test_what_was_held_back_is_counted_behind_its_reason() -> None:
    day = DayLedger(
        day=date(2026, 3, 1), outcomes={Outcome.NEW: 1},
        suppressed={"alerts not sent: about other topics": 1, "cap": 3},
    )  # fmt: skip
    assert say_ledger(day) == (
        "1 page: 1 new; held back: cap (3); alerts not sent: about other topics (1)"
    )


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        (Wishes(warc=("a",)), "archive files"),
        (Wishes(), "all sources"),
        (Wishes(warc=("a",), country=("HU",)), "HU, in archive files"),
        (Wishes(sitemap=("https://a/b",), ccnews=("2024-03",)), "sitemaps, archive files"),
        (Wishes(sites=True, warc=("a",)), "all sources, archive files"),
    ],
)
def test_title_names_what_was_read(wishes: Wishes, said: str) -> None:
    """A report of a folder of files was one "of all sources"."""
    assert name_inputs(wishes) == said


def test_files_are_named_without_where_they_lie() -> None:
    named = Wishes(warc=("/secret/place/slices/", "https://archive.example/a.warc.gz"))
    assert name_files(named) == ["slices", "https://archive.example/a.warc.gz"]
