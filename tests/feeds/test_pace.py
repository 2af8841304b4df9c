"""What headers ask for (FAULTS C4)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.pace import LONGEST_WAIT, read_fresh_for, read_retry_after

NOW = datetime(2024, 3, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("120", 120),
        (" 120 ", 120),
        ("+5", 5),
        ("1.5", 1),
        ("0", 0),
        ("-1", 0),
        ("1000000000", LONGEST_WAIT),
        ("9" * 300, LONGEST_WAIT),
        ("9" * 5000, None),
        ("Fri, 15 Mar 2024 12:10:00 GMT", 600),
        ("Fri, 15 Mar 2024 13:10:00 +0100", 600),
        ("Fri, 15 Mar 2024 11:00:00 GMT", 0),
        ("Fri, 15 Mar 9999 11:00:00 GMT", LONGEST_WAIT),
        ("Fri, 32 Mar 2024 11:00:00 GMT", None),
        ("١٢٠", None),
    ],
)
def test_retry_after_is_read_and_capped(value: str | None, seconds: int | None) -> None:
    assert read_retry_after(value, now=NOW) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache-Control": "max-age=300"}, 300),
        ({"cache-control": "public, MAX-AGE=300, s-maxage=9"}, 300),
        ({"Cache-Control": 'max-age="300"'}, 300),
        ({"Cache-Control": "s-maxage=9"}, None),
        ({"Cache-Control": "x-max-age=9"}, None),
        ({"Cache-Control": "max-age=31536000"}, LONGEST_WAIT),
        ({"Cache-Control": "max-age=300", "Age": "100"}, 200),
        ({"Cache-Control": "max-age=300", "Age": "1000"}, 0),
        ({"Cache-Control": "max-age=300", "Age": "x"}, 300),
        ({"Cache-Control": "no-cache, max-age=300"}, 0),
        ({"Cache-Control": "no-store"}, 0),
        ({"Cache-Control": "max-age=-1"}, None),
        ({"Expires": "Fri, 15 Mar 2024 12:10:00 GMT"}, 600),
        (
            {"Expires": "Fri, 15 Mar 2024 12:10:00 GMT", "Date": "Fri, 15 Mar 2024 12:05:00 GMT"},
            300,
        ),
        ({"Expires": "0"}, 0),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({"Expires": "Fri, 15 Mar 2024 12:10:00 GMT", "Cache-Control": "max-age=60"}, 60),
    ],
)
def test_freshness_is_read_from_headers(headers: dict[str, str], seconds: int | None) -> None:
    assert read_fresh_for(tuple(headers.items()), now=NOW) == seconds


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_any_headers_read_as_a_bounded_wait_or_nothing(one: str, two: str, three: str) -> None:
    headers = (("Cache-Control", one), ("Expires", two), ("Age", three), ("Date", one))
    for seconds in (read_fresh_for(headers, now=NOW), read_retry_after(one, now=NOW)):
        assert seconds is None or 0 <= seconds <= LONGEST_WAIT
