"""When a page was published: what it claims, and what is believed of that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.extract.dates import AHEAD, EARLIEST, find_modified, find_published, read_moment
from tests.extract.heads import head_of, ld
from tests.extract.pages import FETCHED_AT


@pytest.mark.parametrize(
    ("text", "moment", "precision"),
    [
        ("2026-11-19T18:05:07+01:00", datetime(2026, 11, 19, 17, 5, 7, tzinfo=UTC), "second"),
        ("2026-11-19T18:05:07.123Z", datetime(2026, 11, 19, 18, 5, 7, tzinfo=UTC), "second"),
        ("2026-11-19 18:05", datetime(2026, 11, 19, 18, 5, tzinfo=UTC), "minute"),
        ("2026-11-19T18:05-0330", datetime(2026, 11, 19, 21, 35, tzinfo=UTC), "minute"),
        ("2026-11-19", datetime(2026, 11, 19, tzinfo=UTC), "day"),
        ("20261119T180507Z", datetime(2026, 11, 19, 18, 5, 7, tzinfo=UTC), "second"),
        ("Thu, 19 Nov 2026 18:05:07 +0100", datetime(2026, 11, 19, 17, 5, 7, tzinfo=UTC), "second"),
        ("Thu Nov 19 18:05:07 CET 2026", datetime(2026, 11, 19, 17, 5, 7, tzinfo=UTC), "second"),
        ("1795111507", datetime(2026, 11, 19, 18, 5, 7, tzinfo=UTC), "second"),
        ("1795111507000", datetime(2026, 11, 19, 18, 5, 7, tzinfo=UTC), "second"),
    ],
)
def test_machine_dates_are_read_with_their_precision(
    text: str, moment: datetime, precision: str
) -> None:
    found = read_moment(text)
    assert found is not None
    assert (found.at, found.precision) == (moment, precision)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-13-45", "2026-11-19T99:00", "0000-00-00", "Mon, 99 Foo 99999", "9" * 400],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_moment(text) is None


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_dates(text: str) -> None:
    found = read_moment(text)
    assert found is None or found.at.tzinfo is not None


@given(st.integers(631_238_400, 1_795_000_000), st.integers(-14 * 60, 14 * 60))
def test_iso_dates_survive_a_round_trip(seconds: int, minutes: int) -> None:
    moment = datetime.fromtimestamp(seconds, timezone(timedelta(minutes=minutes)))
    found = read_moment(moment.isoformat())
    assert found is not None
    assert found.at == moment


@pytest.mark.parametrize(
    ("markup", "moment", "precision"),
    [
        (
            ld({"@type": "NewsArticle", "datePublished": "2026-11-19T18:05:00+01:00"}),
            (2026, 11, 19, 17, 5),
            "second",
        ),
        (
            "<meta property='article:published_time' content='2026-11-19T18:05Z'>",
            (2026, 11, 19, 18, 5),
            "minute",
        ),
        ("<meta itemprop='datePublished' content='2026-11-19'>", (2026, 11, 19, 0, 0), "day"),
        (
            "<body><time datetime='2026-11-19T18:05:00Z'>x</time></body>",
            (2026, 11, 19, 18, 5),
            "second",
        ),
        # the day from one claim, the time of it from another
        (
            "<meta name='date' content='2026-11-19'>"
            "<meta name='pubdate' content='2026-11-19T18:05:00Z'>",
            (2026, 11, 19, 18, 5),
            "second",
        ),
        # one clock, whose zone only the second claim gives
        (
            ld({"@type": "Article", "datePublished": "2026-11-19T18:05:00"})
            + "<meta name='pubdate' content='2026-11-19T18:05:00+02:00'>",
            (2026, 11, 19, 16, 5),
            "second",
        ),
        # an impossible claim gives way to a possible one
        (
            "<meta name='date' content='9999-01-01'><meta name='pubdate' content='2026-11-19'>",
            (2026, 11, 19, 0, 0),
            "day",
        ),
    ],
)
def test_publication_is_found_where_pages_put_it(
    markup: str, moment: tuple[int, ...], precision: str
) -> None:
    facts, root = head_of(markup, "https://courier.example/a")
    found = find_published(facts, root, fetched_at=FETCHED_AT)
    assert found is not None
    assert (found.at, found.precision) == (datetime(*moment, tzinfo=UTC), precision)


def test_day_in_the_url_is_the_last_resort() -> None:
    facts, root = head_of("<p>x</p>", "https://courier.example/2026/11/03/story")
    found = find_published(facts, root, fetched_at=FETCHED_AT)
    assert found is not None
    assert (found.at, found.precision) == (datetime(2026, 11, 3, tzinfo=UTC), "day")


def test_dates_outside_of_what_can_be_are_not_believed() -> None:
    """FAULTS B4."""
    for moment in (EARLIEST - timedelta(days=1), FETCHED_AT + AHEAD + timedelta(seconds=1)):
        names = ("date", "lastmod")
        markup = "".join(f"<meta name='{name}' content='{moment.isoformat()}'>" for name in names)
        facts, root = head_of(markup, "https://courier.example/a")
        assert find_published(facts, root, fetched_at=FETCHED_AT) is None
        assert find_modified(facts, fetched_at=FETCHED_AT) is None
