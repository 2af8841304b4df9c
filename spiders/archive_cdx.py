"""Answers of CDX servers: captures of pages, in the dialects of the Wayback Machine and of pywb.

Wayback   [["timestamp", "original", …], [row], …, [], ["resume key"]]
pywb      {"timestamp": …, "url": …} a line; {"pages": 7} where its index has pages
text      the fields that were asked for, separated by spaces; a resume key after an empty line
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from monitor.text.counting import plural
from spiders.archive import CDX_LIMIT, FoundList, ListReading, ListRow, read_stamp

NAMES = {
    "url": "original", "mime": "mimetype", "status": "statuscode", "timestamp": "timestamp",
    "original": "original", "mimetype": "mimetype", "statuscode": "statuscode", "digest": "digest",
}  # fmt: skip
"""Names of fields in either dialect, as the Wayback Machine's."""

MOST_PAGES = 10_000
FIRST = datetime(1996, 1, 1, tzinfo=UTC)
SHORTEST = timedelta(hours=1)
"""No period is cut further: what more an index holds of one hour is not listed, and told."""

Fields = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What an answer holds: captures, the key to go on with, or a number of pages."""

    captures: tuple[Fields, ...] = ()
    resume: str | None = None
    pages: int | None = None


def read_cdx(body: bytes, url: str, *, now: datetime) -> ListReading:
    """Return the captures in an answer, one for each address and content, and where to go on.

    Captures of which the archive says that they are no page are left out. An answer in no dialect,
    such as an error in words, is a problem.
    """
    text = body.decode("utf-8", "replace").strip()
    asked = dict(parse_qsl(urlsplit(url).query))
    try:
        answer = _read(text, asked)
    except (ValueError, KeyError, TypeError, IndexError):
        return ListReading(problem=f"the archive's index answered {' '.join(text.split())[:200]!r}")
    if answer.pages is not None:
        kept = _with(url, showNumPages=None, limit=None)
        pages = range(min(answer.pages, MOST_PAGES))
        lists = [FoundList(url=_with(kept, page=str(at)), form="cdx") for at in pages]
        left = answer.pages - len(pages)
        problem = (
            f"the archive's index has {plural(left, 'more page')} than are read"
            if left > 0
            else None
        )
        return ListReading(lists=tuple(lists), problem=problem)
    following, problem = _go_on(url, asked, answer, now)
    return ListReading(rows=tuple(_collapse(answer.captures)), lists=following, problem=problem)


def _read(text: str, asked: Mapping[str, str]) -> _Answer:
    if not text:
        return _Answer()
    if text.startswith("["):
        return _read_array(json.loads(text))
    if text.startswith("{"):
        return _read_lines(text)
    if text.isdigit():
        return _Answer(pages=int(text))
    return _read_text(text, [NAMES[name] for name in asked["fl"].split(",")])


def _read_lines(text: str) -> _Answer:
    rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    if "pages" in rows[0]:
        return _Answer(pages=int(rows[0]["pages"]))
    if not all("timestamp" in row for row in rows):
        raise ValueError("a line is no capture")
    named = ({NAMES[key]: row[key] for key in row if key in NAMES} for row in rows)
    return _Answer(captures=tuple(named))


def _read_array(rows: Any) -> _Answer:
    if not rows:
        return _Answer()
    head, *rest = rows
    if "timestamp" not in head:
        raise ValueError("it has no line of names")
    resume = None
    if len(rest) >= 2 and rest[-2] == []:
        resume = str(rest[-1][0])
        rest = rest[:-2]
    return _Answer(
        captures=tuple(dict(zip(head, row, strict=False)) for row in rest if row), resume=resume
    )


def _read_text(text: str, names: Sequence[str]) -> _Answer:
    found: list[Fields] = []
    lines, _, tail = text.partition("\n\n")
    for line in lines.splitlines():
        row = dict(zip(names, line.split(" "), strict=True))
        if read_stamp(row["timestamp"]) is None:
            raise ValueError("a line is no capture")
        found.append(row)
    return _Answer(captures=tuple(found), resume=tail.strip() or None)


def _collapse(captures: Iterable[Fields]) -> Iterator[ListRow]:
    """Yield one capture for each address and content: the first, which is nearest to publication.

    A revisit record stands for content that was captured before; where that was before the period,
    it is the only one there is.
    """
    seen: set[tuple[str, str]] = set()
    for fields in captures:
        moment = read_stamp(str(fields.get("timestamp", "")))
        address = str(fields.get("original", ""))
        if moment is None or not address.startswith(("http://", "https://")):
            continue
        if not _may_be_page(fields):
            continue
        digest = str(fields.get("digest") or "-").removeprefix("sha1:")
        if (address, digest) not in seen:
            seen.add((address, digest))
            yield ListRow(url=address, captured=moment, digest=digest)


def _may_be_page(fields: Fields) -> bool:
    status = str(fields.get("statuscode") or "-")
    kind = str(fields.get("mimetype") or "-").lower()
    known = kind.startswith(("text/html", "application/xhtml", "text/plain", "warc/revisit"))
    return status in ("200", "-") and (known or kind in ("-", "unk"))


def _go_on(
    url: str, asked: Mapping[str, str], answer: _Answer, now: datetime
) -> tuple[tuple[FoundList, ...], str | None]:
    """Return what follows, and what cannot be listed: by the resume key, or by halves of the time.

    An index without pages and resume keys (pywb over plain files) answers in the order of addresses
    and is cut at the limit: the two halves of the time are asked for then.
    """
    if answer.resume is not None:
        following = _with(url, resumeKey=answer.resume)
        return (FoundList(url=following, form="cdx", following=True),), None
    limit = int(asked.get("limit", CDX_LIMIT))
    if "showResumeKey" in asked or "page" in asked or len(answer.captures) < limit:
        return (), None
    start = read_stamp(asked.get("from", "")) or FIRST
    end = read_stamp(asked.get("to", "")) or now
    if end - start <= SHORTEST:
        return (), f"the archive holds more than {limit} captures of the hour from {start:%F %R}"
    middle = (start + (end - start) / 2).replace(microsecond=0)
    halves = ((start, middle), (middle + timedelta(seconds=1), end))
    return tuple(_ask_between(url, first, last) for first, last in reversed(halves)), None


def _ask_between(url: str, first: datetime, last: datetime) -> FoundList:
    narrowed = _with(
        url, showNumPages=None, **{"from": f"{first:%Y%m%d%H%M%S}", "to": f"{last:%Y%m%d%H%M%S}"}
    )
    return FoundList(url=narrowed, form="cdx", following=True)


def _with(url: str, **fields: str | None) -> str:
    parts = urlsplit(url)
    kept = [(key, value) for key, value in parse_qsl(parts.query) if key not in fields]
    added = [(key, value) for key, value in fields.items() if value is not None]
    return urlunsplit(parts._replace(query=urlencode([*kept, *added])))
