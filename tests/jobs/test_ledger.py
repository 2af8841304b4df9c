"""The sums of the ledger agree, and where they do not, status, the keeper and the digest say so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.jobs.digests import preview_digest
from monitor.jobs.status import read_status
from monitor.jobs.upkeep import check_storage, prune
from monitor.model import Outcome
from monitor.render.digest import render_digest
from tests.jobs.building import FOLDER, Place, open_place
from tests.storage.building import NOON, make_page


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_place(tmp_path / "var", FOLDER) as opened:
        yield opened


def fetch(place: Place, *outcomes: Outcome) -> None:
    for number, outcome in enumerate(outcomes):
        page = make_page(place.desk.run_id, number, outcome=outcome, fetched_at=place.clock.now())
        place.storage.pages.add(page)
    place.clock.move(seconds=60)


def says(place: Place) -> str:
    return render_digest(preview_digest(place.watch, FOLDER, None), FOLDER).text


# What breaks a sum: a row lost, a count lost, an outcome counted twice or under another name.
BREAKS = {
    "row lost": "DELETE FROM pages WHERE number = 1",
    "counted twice": "UPDATE day_outcomes SET pages = pages + 1 WHERE outcome = 'no match'",
    "count lost": "DELETE FROM day_outcomes WHERE outcome = 'new'",
}


@pytest.mark.parametrize("sql", BREAKS.values(), ids=BREAKS)
def test_broken_sum_is_said_by_status_keeper_and_digest(place: Place, sql: str) -> None:
    """FAULTS P9."""
    fetch(place, Outcome.NEW, Outcome.NO_MATCH, Outcome.ROBOTS)
    place.storage.runs.count_suppressed(place.desk.run_id, "copies of a report")
    prune(place.watch)
    assert read_status(place.watch).needs == ()
    assert check_storage(place.watch) == ()
    well = says(place)
    assert "do not add up" not in well.replace("\n", " ")

    place.storage._connection.execute(sql)
    assert any("ledger" in need for need in read_status(place.watch).needs)
    assert "do not add up" in says(place).replace("\n", " ")
    prune(place.watch)
    (trouble,) = check_storage(place.watch)
    assert trouble.key == "storage:ledger"
    (notice,) = place.storage.outbox.claim_notices(place.clock.now())
    assert "sums do not agree" in notice.headline


@settings(max_examples=25, deadline=None)
@given(
    hours=st.lists(st.floats(0, 72), max_size=12),
    since=st.floats(0, 72),
    length=st.floats(0, 72),
    pruned=st.floats(0, 72),
)
def test_ledger_and_rows_count_every_window_alike(
    tmp_path_factory: pytest.TempPathFactory,
    hours: list[float],
    since: float,
    length: float,
    pruned: float,
) -> None:
    with open_place(tmp_path_factory.mktemp("w") / "var", FOLDER) as place:
        for number, hour in enumerate(hours):
            at = NOON + timedelta(hours=hour)
            place.storage.pages.add(make_page(place.desk.run_id, number, fetched_at=at))
        place.storage.pages.prune(NOON + timedelta(hours=pruned))
        begin = NOON + timedelta(hours=since)
        runs, end = place.storage.runs, begin + timedelta(hours=length)
        assert runs.pages_between(begin, end) == sum(runs.outcomes_between(begin, end).values())
