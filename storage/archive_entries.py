"""The pages that a backfill asks for: which are still to be had, and what each came to.

todo ─ finish (its counts, and what was found, with it) ─▶ done
└─── put_off ─▶ todo, later
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.clock import Clock
from monitor.model import LeftOutPage, Outcome
from storage.archive_queue import count_states, find_next_try, put_off, read_moment
from storage.connection import Connection
from storage.coverage import FoundPage, add_found, count_in_bulk
from storage.left_out import add_left_out
from storage.values import write_moment

UNWANTED = "unwanted"
"""Of a page that was flagged and is outside of what was asked."""


@dataclass(frozen=True, kw_only=True)
class KnownEnd:
    """What a page came to before; `same` in the same backfill, else in another one."""

    outcome: str
    month: str | None
    same: bool


@dataclass(frozen=True, kw_only=True)
class ArchiveEntry:
    """A page that is to be asked for."""

    key: str
    url: str
    source_id: str
    replay: bool
    published: datetime | None = None
    dated: datetime | None = None
    attempts: int = 0


@dataclass(frozen=True, kw_only=True)
class EntryEnd:
    """What a page came to: its outcome, or `unwanted`; `month` is the one it counts in.

    `counted` is the outcome for the run's counts; None for a flagged page, which commit counts.
    """

    key: str
    outcome: str
    counted: str | None
    month: str | None = None
    reason: str | None = None
    found: FoundPage | None = None
    left_out: LeftOutPage | None = None


@dataclass(frozen=True, kw_only=True)
class EntryCounts:
    """How many pages there are, and how many have come to their end."""

    todo: int = 0
    done: int = 0


@dataclass(frozen=True, kw_only=True)
class MonthCount:
    """Pages of one source and month that came to one outcome."""

    source_id: str
    month: str | None
    outcome: str
    pages: int
    reason: str | None = None


class ArchiveEntries:
    """The pages of backfills, by what was asked."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def find_due(
        self, asked: str, source_id: str, now: datetime, *, limit: int
    ) -> tuple[ArchiveEntry, ...]:
        """Return pages of a source to be asked for now, the newest first."""
        rows = self._connection.read_rows(
            """
            SELECT key, url, source_id, replay, published, dated, attempts
            FROM archive_entries
            WHERE asked = :asked AND source_id = :source_id AND state = 'todo'
                AND (next_try_at IS NULL OR next_try_at <= :now)
            ORDER BY dated DESC
            LIMIT :limit
            """,
            {"asked": asked, "source_id": source_id, "now": write_moment(now), "limit": limit},
        )
        return tuple(
            ArchiveEntry(
                key=row["key"],
                url=row["url"],
                source_id=row["source_id"],
                replay=bool(row["replay"]),
                published=read_moment(row["published"]),
                dated=read_moment(row["dated"]),
                attempts=row["attempts"],
            )
            for row in rows
        )

    def find_sources(self, asked: str) -> tuple[str, ...]:
        """Return the sources that pages are still to be had of."""
        rows = self._connection.read_rows(
            """
            SELECT DISTINCT source_id
            FROM archive_entries
            WHERE asked = :asked AND state = 'todo'
            ORDER BY source_id
            """,
            {"asked": asked},
        )
        return tuple(row["source_id"] for row in rows)

    def find_next_try(self, asked: str, *, without: Sequence[str] = ()) -> datetime | None:
        """Return when the first page that waits may be asked for again, or None.

        Those of the sources in `without` are left out.
        """
        return find_next_try(self._connection, "archive_entries", asked, without=without)

    def find_ends(self, asked: str, rules: str, keys: Iterable[str]) -> dict[str, KnownEnd]:
        """Return what pages came to before, under the same rules, by key.

        In the same backfill whatever it was; in another one only what was had and not flagged: a
        flagged page is asked for again, or else what it holds would be missing in this report.
        """
        return find_ends(self._connection, asked, rules, keys)

    def finish(self, asked: str, run_id: str, ends: Iterable[EntryEnd]) -> None:
        """End pages with their counts and what was found, in one transaction.

        A page that has come to its end already changes nothing.
        """
        with self._connection.transaction():
            for end in ends:
                if self._end(asked, end):
                    if end.counted is not None:
                        now = self._clock.now()
                        count_in_bulk(self._connection, now, run_id, {end.counted: 1})
                    if end.left_out is not None:
                        add_left_out(self._connection, asked, [end.left_out])
                    if end.found is not None and not add_found(self._connection, [end.found]):
                        known = {Outcome.UNCHANGED.value: 1}  # another address of it waits already
                        count_in_bulk(self._connection, self._clock.now(), run_id, known)

    def _end(self, asked: str, end: EntryEnd) -> bool:
        cursor = self._connection.execute(
            """
            UPDATE archive_entries
            SET state = 'done', outcome = :outcome, reason = :reason, next_try_at = NULL,
                month = COALESCE(:month, substr(dated, 1, 7))
            WHERE asked = :asked AND key = :key AND state = 'todo'
            """,
            {
                "asked": asked,
                "key": end.key,
                "outcome": end.outcome,
                "reason": end.reason,
                "month": end.month,
            },
        )
        return cursor.rowcount > 0

    def put_off(self, asked: str, key: str, at: datetime, reason: str, *, tried: bool) -> None:
        """Have a page asked for later; `tried` counts a try."""
        place = (asked, key)
        put_off(self._connection, "archive_entries", place, at=at, reason=reason, tried=tried)

    def count(self, asked: str) -> EntryCounts:
        """Return how many pages there are, by state."""
        return EntryCounts(**count_states(self._connection, "archive_entries", asked))

    def count_by_host(self, asked: str) -> dict[str, int]:
        """Return how many pages are still to be asked for, by the host that is asked."""
        rows = self._connection.read_rows(
            """
            SELECT host, COUNT(*) AS n
            FROM archive_entries
            WHERE asked = :asked AND state = 'todo'
            GROUP BY host
            ORDER BY n DESC, host
            """,
            {"asked": asked},
        )
        return {row["host"]: row["n"] for row in rows}

    def read_months(self, asked: str, *, done: bool = False) -> tuple[MonthCount, ...]:
        """Return how many pages came to what, by source and month, and why some were not had.

        With `done`, only those that came to their end.
        """
        rows = self._connection.read_rows(
            """
            SELECT source_id, COALESCE(month, substr(dated, 1, 7)) AS month,
                COALESCE(outcome, 'not asked yet') AS outcome,
                CASE WHEN state = 'todo' OR outcome IN (
                    'fetch failed', 'robots', 'worker lost', 'too large', 'unwanted'
                ) THEN reason END AS why,
                COUNT(*) AS pages
            FROM archive_entries
            WHERE asked = :asked AND (state = 'done' OR NOT :done)
            GROUP BY 1, 2, 3, 4
            ORDER BY 1, 2, 3, 4
            """,
            {"asked": asked, "done": int(done)},
        )
        return tuple(
            MonthCount(
                source_id=row["source_id"],
                month=row["month"],
                outcome=row["outcome"],
                pages=row["pages"],
                reason=row["why"],
            )
            for row in rows
        )

    def read_captures(self, asked: str) -> tuple[str, ...]:
        """Return the addresses, at their archive, of the captures that something was found in."""
        rows = self._connection.read_rows(
            """
            SELECT url
            FROM archive_entries
            WHERE asked = :asked AND replay = 1 AND outcome = 'found'
            ORDER BY url
            """,
            {"asked": asked},
        )
        return tuple(row["url"] for row in rows)


def find_ends(
    connection: Connection, asked: str, rules: str, keys: Iterable[str]
) -> dict[str, KnownEnd]:
    """Return what `ArchiveEntries.find_ends` says."""
    rows = connection.read_rows(
        """
        SELECT key, outcome, month, asked = :asked AS same
        FROM archive_entries
        WHERE key IN (SELECT value FROM json_each(:keys)) AND rules = :rules
            AND state = 'done'
            AND (
                asked = :asked
                OR (
                    (reason IS NULL OR reason = 'as in an earlier backfill')
                    AND outcome NOT IN (
                        'fetch failed', 'robots', 'worker lost', 'unwanted', 'found', 'new'
                    )
                )
            )
        ORDER BY same
        """,
        {"asked": asked, "rules": rules, "keys": json.dumps(list(keys))},
    )
    return {
        row["key"]: KnownEnd(outcome=row["outcome"], month=row["month"], same=bool(row["same"]))
        for row in rows
    }
