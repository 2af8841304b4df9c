"""Dates as feeds claim them (FAULTS B4)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.clock import format_time, read_time
from monitor.feeds.dates import EARLIEST, LATEST, read_date


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Fri, 15 Mar 2024 10:15:30 GMT", at(2024, 3, 15, 10, 15, 30)),
        ("Fri, 15 Mar 2024 10:15:30 +0100", at(2024, 3, 15, 9, 15, 30)),
        ("Fri, 15 Mar 2024 10:15:30 -05:30", at(2024, 3, 15, 15, 45, 30)),
        ("15 Mar 24 10:15 EST", at(2024, 3, 15, 15, 15)),
        ("Fri, 15 Mar 2024 10:15:30 CET", at(2024, 3, 15, 9, 15, 30)),
        ("Fri, 15 Mar 2024 10:15:30 HKT", at(2024, 3, 15, 2, 15, 30)),
        ("Fri, 15 Mar 2024 10:15:30 GMT+0800 (China Standard Time)", at(2024, 3, 15, 2, 15, 30)),
        ("15 Mar 2024 10:15 PM", at(2024, 3, 15, 22, 15)),
        ("15 Mar 2024", at(2024, 3, 15)),
        ("15 Mar 1999", at(1999, 3, 15)),
        ("15 Mar 99", at(1999, 3, 15)),
        ("Fri, 15 March 2024 24:00:00 GMT", at(2024, 3, 16)),
        ("Mon Mar 15 19:48:21 2024", at(2024, 3, 15, 19, 48, 21)),
        ("2024-03-15T10:15:30Z", at(2024, 3, 15, 10, 15, 30)),
        ("2024-03-15T10:15:30.123456+02:00", at(2024, 3, 15, 8, 15, 30)),
        ("2024-03-15 10:15", at(2024, 3, 15, 10, 15)),
        ("2024-03-15", at(2024, 3, 15)),
        ("2024-03", at(2024, 3, 1)),
        ("2024", at(2024, 1, 1)),
        ("20240315T101530Z", at(2024, 3, 15, 10, 15, 30)),
        ("2024/03/15 10:15", at(2024, 3, 15, 10, 15)),
        ("15.03.2024 10:15", at(2024, 3, 15, 10, 15)),
        ("15/03/2024", at(2024, 3, 15)),
        ("03/15/2024", at(2024, 3, 15)),
        ("March 15, 2024 - 10:15am", at(2024, 3, 15, 10, 15)),
        ("1710497730", at(2024, 3, 15, 10, 15, 30)),
        ("1710497730000", at(2024, 3, 15, 10, 15, 30)),
        ("petak, 15. ožujka 2024. 10:15", at(2024, 3, 15, 10, 15)),
        ("2024. március 15. 10:15", at(2024, 3, 15, 10, 15)),
        ("15 марта 2024, 10:15", at(2024, 3, 15, 10, 15)),
        ("15 березня 2024", at(2024, 3, 15)),
        ("15 Μαρτίου 2024 10:15 μμ", at(2024, 3, 15, 22, 15)),
        ("15 de marzo de 2024, 14:05", at(2024, 3, 15, 14, 5)),
        ("15 mars 2024 à 10h15", at(2024, 3, 15, 10, 15)),
        ("15. März 2024, 10.15 Uhr", at(2024, 3, 15, 10, 15)),
        ("2024年3月15日 10:15", at(2024, 3, 15, 10, 15)),
        ("2024年3月15日 下午2:15", at(2024, 3, 15, 14, 15)),
        ("2024년 3월 15일 오후 2:15", at(2024, 3, 15, 14, 15)),
        ("١٥ مارس ٢٠٢٤", at(2024, 3, 15)),
    ],
)
def test_date_is_read(text: str, moment: datetime) -> None:
    assert read_date(text) == moment


@pytest.mark.parametrize(
    ("text", "language", "month"),
    [("12 listopada 2024", "hr", 10), ("12 listopada 2024", "pl", 11), ("12. srpna 2024", "cs", 8),
     ("12. srpnja 2024", "hr", 7), ("3/4/2024", "en-US", 3), ("3/4/2024", "en-GB", 4)],
)  # fmt: skip
def test_language_decides_what_a_month_is(text: str, language: str, month: int) -> None:
    moment = read_date(text, language)
    assert moment is not None
    assert moment.month == month


def test_month_that_two_languages_have_differently_is_no_month_without_a_language() -> None:
    assert read_date("12 listopad 2024") is None


@pytest.mark.parametrize(
    "text",
    ["", " ", "yesterday", "no date", "0000-00-00 00:00:00", "00-00-0000", "31 Jun 2024", "-", "13",
     "2024-13-01", "Fri, 32 Mar 2024 10:00:00 GMT", "10:15", "\x00", "12/34/5678", "²"],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Mon, 01 Jan 1900 00:00:00 GMT", at(1900, 1, 1)),
        ("9998-12-31", at(9998, 12, 31)),
        ("9999-12-31T23:59:59-05:00", LATEST),
        ("9999-12-31T23:59:59Z", LATEST),
        ("99999-01-01", LATEST),
        ("0001-01-01T00:00:00+05:00", EARLIEST),
        ("999999999000", at(2001, 9, 9, 1, 46, 39)),
    ],
)
def test_implausible_date_is_kept_within_what_can_be_held(text: str, moment: datetime) -> None:
    """B4."""
    assert read_date(text) == moment


@given(st.text(max_size=60) | st.from_regex(r"[0-9 :,/.T+-]{1,40}", fullmatch=True))
def test_whatever_is_read_can_be_written_and_shown_everywhere(text: str) -> None:
    moment = read_date(text)
    if moment is not None:
        assert EARLIEST <= moment <= LATEST
        assert read_time(format_time(moment)) == moment


@given(st.datetimes(min_value=EARLIEST.replace(tzinfo=None), max_value=LATEST.replace(tzinfo=None)))
def test_date_written_as_feeds_do_is_read_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    assert read_date(moment.isoformat()) == moment
    assert read_date(moment.strftime("%a, %d %b %Y %H:%M:%S +0000")) == moment
