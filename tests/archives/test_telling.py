"""What `backfill` and `status` say of sizes, times and counts, in a person's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.cli.backfill_show import (
    found_words,
    size_words,
    time_words,
    unwanted_lines,
)
from monitor.jobs.backfill_progress import find_progress
from monitor.model import RunKind
from monitor.render.backfill import BackfillReport
from monitor.wiring import create_data, lock_backfill, open_side, open_watch, read_config
from tests.fakes.kept import fill_cache


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


def test_flagged_pages_that_were_not_asked_for_are_told() -> None:
    """They were counted as no match, without a word on the terminal."""
    left_out = {
        "flagged, but published outside the period": 5, "flagged, but on another topic": 1,
        "not HTML": 40,
    }  # fmt: skip
    report = BackfillReport(title="t", subtitle="s", left_out=left_out)
    assert unwanted_lines(report) == [
        "1 flagged page was on another topic",
        "5 flagged pages were published outside the period",
    ]


def test_backfill_stopped_before_it_read_anything_is_told(tmp_path: Path, root: Path) -> None:
    create_data(tmp_path)
    fill_cache(tmp_path)
    configuration = read_config(root, tmp_path)
    with lock_backfill(tmp_path), open_side(tmp_path, configuration) as side:
        side.watch.storage.backfills.note("a", {"title": "Backfill: HU"})
        side.watch.storage.runs.begin(RunKind.BACKFILL)
        with open_watch(tmp_path, configuration, write=False) as watch:
            assert find_progress(watch) == "Backfill: HU: it begins"
    with open_watch(tmp_path, configuration, write=False) as watch:
        assert find_progress(watch) == (
            "Backfill: HU: it was stopped at the beginning; the same command, given again, goes on"
        )
