"""Dates in addresses, and what they let a backfill leave out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.archive import FoundList, ListRow
from spiders.archive_dates import find_span, why_not_list, why_not_row

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "start", "end"),
    [
        ("/2019/03/05/title", "2019-03-05", "2019-03-06"),
        ("/news/2019-03-05-title.html", "2019-03-05", "2019-03-06"),
        ("/2019/12/title", "2019-12-01", "2020-01-01"),
        ("/20190305/title", "2019-03-05", "2019-03-06"),
        ("/sitemap-201912.xml", "2019-12-01", "2020-01-01"),
        ("/sitemap-2019-12.xml.gz", "2019-12-01", "2020-01-01"),
        ("/sitemap_2019.xml", "2019-01-01", "2020-01-01"),
        ("/sitemap.xml?yyyy=2019&mm=3&dd=5", "2019-03-05", "2019-03-06"),
        ("/archive/2019/", "2019-01-01", "2020-01-01"),
    ],
)
def test_date_in_an_address_is_read(path: str, start: str, end: str) -> None:
    span = find_span(f"https://town.example{path}", now=NOW)
    assert span is not None
    assert (span.start, span.end) == (day(start), day(end))


@pytest.mark.parametrize(
    "path",
    ["/news/1234567", "/2019-elections-in-town", "/a/20191345", "/2031/01/01/x", "/1850/01/x",
     "/room-2019/13/40", "/story-120190305", "/", ""],
)  # fmt: skip
def test_what_may_be_something_else_is_no_date(path: str) -> None:
    assert find_span(f"https://town.example{path}", now=NOW) is None


def test_host_is_no_date() -> None:
    assert find_span("https://2019-03.example/x", now=NOW) is None


def test_page_that_changed_before_the_period_is_left_out() -> None:
    row = ListRow(url="https://town.example/a", changed=day("2018-06-01"))
    assert why_not_row(row, day("2019-01-01"), None, now=NOW)


def test_page_that_changed_after_the_period_may_be_of_it() -> None:
    row = ListRow(url="https://town.example/a", changed=day("2024-06-01"))
    assert why_not_row(row, day("2019-01-01"), day("2020-01-01"), now=NOW) is None


def test_claimed_date_of_nonsense_decides_nothing() -> None:
    for nonsense in ("1900-01-01", "9999-01-01"):
        row = ListRow(url="https://town.example/a", published=day(nonsense))
        assert why_not_row(row, day("2019-01-01"), day("2020-01-01"), now=NOW) is None


def test_following_page_of_a_list_is_never_left_out_by_its_address() -> None:
    found = FoundList(url="https://town.example/2010/?page=2", form="section", following=True)
    assert why_not_list(found, day("2019-01-01"), None, now=NOW) is None


@pytest.mark.parametrize(
    ("year", "left_out"), [("2017", True), ("2018", False), ("2019", False), ("2022", True)]
)
def test_sitemaps_of_other_years_are_left_out(year: str, left_out: bool) -> None:
    """Those that end or begin at the border of the period are read: dates are of some time zone."""
    found = FoundList(url=f"https://town.example/sitemap-{year}.xml", form="sitemap")
    why = why_not_list(found, day("2019-01-01"), day("2020-01-01"), now=NOW)
    assert bool(why) is left_out


@given(since=st.integers(0, 9000), after=st.integers(0, 4000), left=st.integers(1, 4000))
def test_page_of_the_period_is_never_left_out(since: int, after: int, left: int) -> None:
    """Whatever form the date takes: claimed, in the address by day or month, last changed."""
    first = datetime(2000, 1, 1, 6, 30, tzinfo=UTC)
    start = first + timedelta(days=since)
    moment = start + timedelta(days=after)
    until = moment + timedelta(days=left)
    rows = (
        ListRow(url="https://town.example/a", published=moment),
        ListRow(url=f"https://town.example/{moment:%Y/%m/%d}/a"),
        ListRow(url=f"https://town.example/{moment:%Y%m}/a"),
        ListRow(url="https://town.example/a", changed=moment + timedelta(days=30)),
    )
    for row in rows:
        assert why_not_row(row, start, until, now=NOW) is None
