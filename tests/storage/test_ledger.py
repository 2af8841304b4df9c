from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import StorageError
from monitor.model import Outcome, RunKind, Validators
from storage.coverage import count_in_bulk
from storage.database import Storage
from tests.storage.building import NOON, Desk, HeldClock, make_page

TODAY = NOON.date()


def test_run_counts_what_ended_in_it(desk: Desk, clock: HeldClock) -> None:
    for number, outcome in enumerate((Outcome.NEW, Outcome.NO_MATCH, Outcome.NO_MATCH)):
        desk.storage.pages.add(make_page(desk.run_id, number, outcome=outcome))
    clock.move(seconds=60)
    run = desk.storage.runs.end(desk.run_id)
    assert run.outcomes == {Outcome.NEW: 1, Outcome.NO_MATCH: 2}
    assert run.ended_at == clock.now()
    clock.move(seconds=60)
    assert desk.storage.runs.end(desk.run_id) == run


def test_unfinished_runs_are_found(desk: Desk) -> None:
    runs = desk.storage.runs
    second = runs.begin(RunKind.BACKFILL, command="backfill --from 2025-01-01")
    assert [run.id for run in runs.find_unfinished()] == [desk.run_id, second.id]
    runs.end(desk.run_id)
    assert [run.id for run in runs.find_unfinished()] == [second.id]
    assert runs.find_latest() == second
    latest = runs.find_latest(RunKind.POLL)
    assert latest is not None
    assert latest.id == desk.run_id
    assert runs.find_latest(RunKind.REMATCH) is None
    with pytest.raises(StorageError, match="there is no run"):
        runs.get("nothing")


def test_page_comes_back_as_it_ended(desk: Desk) -> None:
    stored = desk.flag()
    page = make_page(
        desk.run_id,
        outcome=Outcome.NEW,
        final_url="https://daily.example/final",
        reason="because",
        article_id=stored.id,
        validators=Validators(etag='"7"'),
    )
    desk.storage.pages.add(page)
    pages = desk.storage.pages
    assert pages.find_latest(page.url) == page
    assert pages.find_latest_of_article(stored.id) == page
    assert pages.find_latest("https://daily.example/unknown") is None
    assert list(pages.read_of_run(desk.run_id)) == [page]


def test_ledger_has_every_day_of_a_window(desk: Desk) -> None:
    desk.storage.pages.add(make_page(desk.run_id))
    desk.storage.pages.add(make_page(desk.run_id, fetched_at=NOON + timedelta(days=2)))
    desk.storage.runs.count_suppressed(desk.run_id, "cap of the source", source_id="daily", times=3)
    days = desk.storage.runs.outcomes_by_day(TODAY, TODAY + timedelta(days=2))
    assert [day.day for day in days] == [TODAY + timedelta(days=n) for n in range(3)]
    assert [dict(day.outcomes) for day in days] == [
        {Outcome.NO_MATCH: 1},
        {},
        {Outcome.NO_MATCH: 1},
    ]
    assert [dict(day.suppressed) for day in days] == [{"cap of the source": 3}, {}, {}]


def test_find_in_an_old_capture_counts_on_the_day_of_its_backfill(
    desk: Desk, clock: HeldClock
) -> None:
    """A day of 1,200 pages, all of them no match, was told though there were five finds."""
    backfill = desk.storage.runs.begin(RunKind.BACKFILL).id
    stored = desk.flag()
    taken = (NOON - timedelta(days=700), NOON - timedelta(days=1))
    for number, moment in enumerate(taken):
        new = {"outcome": Outcome.NEW, "article_id": stored.id, "fetched_at": moment}
        desk.storage.pages.add(make_page(backfill, number, **new))
    desk.storage.pages.add(make_page(backfill, 2, fetched_at=NOON + timedelta(minutes=1)))
    desk.storage.pages.add(make_page(desk.run_id, 3, fetched_at=NOON - timedelta(days=1)))
    clock.move(days=1)
    desk.storage.runs.end(backfill)
    days = desk.storage.runs.outcomes_by_day(TODAY - timedelta(days=1), TODAY + timedelta(days=1))
    assert [dict(day.outcomes) for day in days] == [{Outcome.NO_MATCH: 1}, {}, {}]
    assert [dict(day.backfilled) for day in days] == [
        {},
        {Outcome.NO_MATCH: 1},
        {Outcome.NEW: 2},
    ]
    assert desk.storage.runs.check_ledger() == ()


def test_pages_of_a_backfill_are_counted_apart_from_those_of_the_watch(desk: Desk) -> None:
    """100,000 pages of files looked like a very good day of the watch."""
    storage = desk.storage
    storage.pages.add(make_page(desk.run_id))
    backfill = storage.runs.begin(RunKind.BACKFILL).id
    with storage.transaction():
        bulk = {Outcome.NO_MATCH: 100_000}
        count_in_bulk(storage.runs._connection, NOON, backfill, bulk)
    stored = desk.flag()
    new = {"outcome": Outcome.NEW, "article_id": stored.id}
    storage.pages.add(make_page(backfill, 1, **new))
    (day,) = storage.runs.outcomes_by_day(TODAY, TODAY)
    assert day.outcomes == {Outcome.NO_MATCH: 1}
    assert day.backfilled == {Outcome.NO_MATCH: 100_000, Outcome.NEW: 1}
    assert storage.runs.check_ledger() == ()
    days = storage.source_days.read_days(NOON - timedelta(days=1))
    assert {key: each[0].outcomes for key, each in days.items()} == {"daily": {"no match": 1}}


def test_backfill_is_no_hour_of_the_watch(desk: Desk, clock: HeldClock) -> None:
    """A digest said nothing of days on which the service stood still and a backfill ran."""
    storage = desk.storage
    clock.move(days=1)
    storage.runs.end(storage.runs.begin(RunKind.BACKFILL).id)
    hours = storage.source_days.read_hours_run(NOON - timedelta(days=1), NOON + timedelta(days=2))
    assert {hour.date() for hour in hours} == {TODAY}


def test_windows_that_meet_count_everything_once(desk: Desk, clock: HeldClock) -> None:
    """P9: what two digests say adds up to what happened."""
    for second in range(0, 300, 7):
        moment = NOON + timedelta(seconds=second)
        clock.moment = moment
        desk.storage.pages.add(make_page(desk.run_id, second, fetched_at=moment))
        desk.storage.runs.count_suppressed(desk.run_id, "duplicate")
    cut, end = NOON + timedelta(seconds=100), NOON + timedelta(seconds=400)
    runs = desk.storage.runs
    first, second_window = runs.outcomes_between(None, cut), runs.outcomes_between(cut, end)
    assert sum(first.values()) + sum(second_window.values()) == 43
    held = runs.suppressed_between(None, cut)["duplicate"]
    assert held + runs.suppressed_between(cut, end)["duplicate"] == 43


def test_ledger_keeps_counting_what_was_pruned(desk: Desk) -> None:
    stored = desk.flag()
    desk.storage.pages.add(make_page(desk.run_id, 1, outcome=Outcome.NEW, article_id=stored.id))
    desk.storage.pages.add(make_page(desk.run_id, 2))
    desk.storage.pages.add(make_page(desk.run_id, 3, fetched_at=NOON + timedelta(days=100)))
    assert desk.storage.pages.prune(NOON + timedelta(days=90)) == 1
    (ledger,) = desk.storage.runs.outcomes_by_day(TODAY, TODAY)
    assert ledger.outcomes == {Outcome.NEW: 1, Outcome.NO_MATCH: 1}
    assert len(list(desk.storage.pages.read_of_run(desk.run_id))) == 2
    assert desk.storage.runs.check_ledger() == ()


@pytest.mark.parametrize(
    ("sabotage", "said"),
    [
        ("DELETE FROM pages WHERE number = 1", "counts 1 pages of 'daily'"),
        ("UPDATE pages SET outcome = 'new' WHERE number = 1", "but 1 are there"),
        ("UPDATE run_outcomes SET pages = 7", "pages by run, but"),
        ("DELETE FROM day_outcomes", "pages by run, but 0 by day"),
    ],
)
def test_sums_that_do_not_agree_are_named(desk: Desk, sabotage: str, said: str) -> None:
    desk.storage.pages.add(make_page(desk.run_id))
    assert desk.storage.runs.check_ledger() == ()
    desk.storage.runs._connection.execute(sabotage)
    assert any(said in problem for problem in desk.storage.runs.check_ledger())
    assert desk.storage.check() != ()


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(Outcome)), st.integers(0, 400), st.sampled_from(["daily", None])
        ),
        max_size=40,
    ),
    st.integers(0, 400),
)
def test_sums_always_agree(
    tmp_path_factory: pytest.TempPathFactory,
    pages: list[tuple[Outcome, int, str | None]],
    pruned_before: int,
) -> None:
    clock = HeldClock()
    with Storage.create(tmp_path_factory.mktemp("ledger") / "var", clock) as storage:
        desk = Desk(storage, clock)
        for number, (outcome, day, source_id) in enumerate(pages):
            storage.pages.add(
                make_page(
                    desk.run_id,
                    number,
                    outcome=outcome,
                    fetched_at=NOON + timedelta(days=day),
                    source_id=source_id,
                )
            )
        storage.pages.prune(NOON + timedelta(days=pruned_before))
        assert storage.runs.check_ledger() == ()
        days = storage.runs.outcomes_by_day(TODAY, date(2027, 6, 1))
        assert sum(sum(day.outcomes.values()) for day in days) == len(pages)
        assert sum(storage.runs.get(desk.run_id).outcomes.values()) == len(pages)
