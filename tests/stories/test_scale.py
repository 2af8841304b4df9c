"""Assigning an article costs as much in a large archive as in a small one."""

from __future__ import annotations

from pathlib import Path

from benchmarks.stories_scale import END, Sample, fill, make_samples, store
from monitor.match.matcher import Matcher
from monitor.model import RunKind
from storage.database import Storage
from storage.files import DATABASE
from storage.grouping import MOST_FOR_ONE_KEY
from tests.storage.building import HeldClock
from tests.stories.grouping import OWN, read_groups, texts_of

DAILY = 20
SMALL, LARGE = 1_000, 10_000  # fifty days and five hundred


def count_steps(folder: Path, samples: list[Sample], size: int) -> int:
    """Return how many steps SQLite's machine takes to place and store six articles."""
    clock = HeldClock(moment=END)
    Storage.create(folder, clock).close()
    fill(folder / DATABASE, samples, size, daily=DAILY)
    with Storage.open_writer(folder, clock) as storage:
        run = storage.runs.begin(RunKind.POLL)
        steps = [0]

        def count() -> int:
            steps[0] += 1
            return 0

        storage._connection.raw.set_progress_handler(count, 1)
        for sample in samples[:60:10]:
            with storage.transaction():
                store(storage, sample.article, sample.analysis, run_id=run.id)
        storage._connection.raw.set_progress_handler(None, 0)
    return steps[0]


def test_cost_does_not_grow_with_the_archive(tmp_path: Path, matcher: Matcher) -> None:
    """The full form, with milliseconds, is `python -m benchmarks.stories scale`."""
    samples = make_samples(texts_of(read_groups(OWN)), matcher)
    small = count_steps(tmp_path / "small", samples, SMALL)
    large = count_steps(tmp_path / "large", samples, LARGE)
    assert large <= 1.5 * small


def test_key_that_all_articles_have_is_read_to_its_bound(tmp_path: Path) -> None:
    clock = HeldClock(moment=END)
    with Storage.create(tmp_path / "var", clock) as storage:
        connection = storage._connection
        with storage.transaction():
            connection.execute("PRAGMA defer_foreign_keys = ON")
            day = int(END.timestamp() // 86400)
            connection.execute_many(
                "INSERT INTO articles VALUES (:n, :id, NULL, 'o', NULL, NULL, '2026', 0, 1)",
                ({"n": n, "id": str(n)} for n in range(1, 400)),
            )
            connection.execute_many(
                "INSERT INTO story_keys VALUES (7, :day, :n)",
                ({"day": day, "n": n} for n in range(1, 400)),
            )
        assert len(storage.grouping._find_of_key(7, day - 3, day + 3)) == MOST_FOR_ONE_KEY
        assert storage.grouping._find_of_key(7, day - 30, day - 5) == []
