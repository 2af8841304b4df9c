"""Answers of GDELT's DOC 2.0 API: addresses of articles that a search finds, by slices of time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from spiders.archive import FoundList, ListReading, ListRow, read_stamp

GDELT = "https://api.gdeltproject.org/api/v2/doc/doc"
MOST = 250
"""Articles of one answer, by the API's documentation."""

SHORTEST = timedelta(minutes=30)


def ask_gdelt(base: str, words: str, since: datetime, until: datetime) -> str:
    """Return the address that lists what a search finds in a period; `until` is not included."""
    fields = {
        "query": words,
        "mode": "artlist",
        "format": "json",
        "maxrecords": str(MOST),
        "sort": "datedesc",
        "startdatetime": f"{since:%Y%m%d%H%M%S}",
        "enddatetime": f"{until - timedelta(seconds=1):%Y%m%d%H%M%S}",
    }
    return f"{base}?{urlencode(fields)}"


def read_gdelt(body: bytes, url: str) -> ListReading:
    """Return the addresses in an answer; one that is full is asked for again in two halves.

    GDELT says in words, with status 200, what it does not like: that is a problem.
    """
    text = body.decode("utf-8", "replace").strip()
    try:
        found: Any = json.loads(text or "{}", strict=False).get("articles", [])
        rows = tuple(
            ListRow(url=str(each["url"]), published=_read_seen(str(each.get("seendate", ""))))
            for each in found
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return ListReading(problem=f"the search answered {' '.join(text.split())[:200]!r}")
    if len(rows) < MOST:
        return ListReading(rows=rows)
    return _halve(rows, url)


def _read_seen(text: str) -> datetime | None:
    return read_stamp(text.replace("T", "").removesuffix("Z"))


def _halve(rows: tuple[ListRow, ...], url: str) -> ListReading:
    asked = dict(parse_qsl(urlsplit(url).query))
    start, end = read_stamp(asked["startdatetime"]), read_stamp(asked["enddatetime"])
    assert start is not None
    assert end is not None
    if end - start <= SHORTEST:
        problem = (
            f"more than {MOST} articles between {start:%F %R} and {end:%R}: the rest is unseen"
        )
        return ListReading(rows=rows, problem=problem)
    middle = datetime.fromtimestamp((start.timestamp() + end.timestamp()) // 2, UTC)
    halves = ((middle + timedelta(seconds=1), end), (start, middle))
    return ListReading(
        rows=rows,
        lists=tuple(
            FoundList(url=_between(url, first, last), form="gdelt", following=True)
            for first, last in halves
        ),
    )


def _between(url: str, first: datetime, last: datetime) -> str:
    parts = urlsplit(url)
    fields = dict(parse_qsl(parts.query))
    fields |= {"startdatetime": f"{first:%Y%m%d%H%M%S}", "enddatetime": f"{last:%Y%m%d%H%M%S}"}
    return urlunsplit(parts._replace(query=urlencode(fields)))
