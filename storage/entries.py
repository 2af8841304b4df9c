"""Entries: pending until their page has an outcome, and tried again until then."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import datetime

from pydantic import TypeAdapter

from monitor.errors import StorageError
from monitor.model import Entry, PendingEntry
from storage.connection import Connection
from storage.values import as_list, read_json, write_moment

_ENTRY = TypeAdapter(Entry)

# A try in the future was written by a clock that was wrong; what it asked to wait for is void, so
# that nothing waits until 2036 (FAULTS B3).
DUE = """state = 'pending'
            AND (next_try_at IS NULL OR next_try_at <= :now OR tried_at > :now)"""


class Entries:
    """The links that sources offered."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find_pending(
        self, now: datetime, *, sources: Collection[str] | None = None, limit: int = 1000
    ) -> tuple[PendingEntry, ...]:
        """Return what has to be fetched now, of `sources` or of all, at most `limit`.

        The sources take turns, each with its oldest first: one with 100,000 entries delays none of
        the others (P5).
        """
        rows = self._connection.read_rows(
            f"""
            SELECT *
            FROM entries
            WHERE {DUE}
                AND (:sources IS NULL OR source_id IN (SELECT value FROM json_each(:sources)))
            ORDER BY ROW_NUMBER() OVER (PARTITION BY source_id ORDER BY number), number
            LIMIT :limit
            """,  # noqa: S608  # a constant of this room
            {
                "now": write_moment(now),
                "sources": None if sources is None else as_list(sources),
                "limit": limit,
            },
        )
        return tuple(build_pending(row) for row in rows)

    def count_pending(self, now: datetime | None = None) -> int:
        """Return how many entries are due at `now`; without it, how many are pending at all."""
        if now is None:
            return self._connection.count("SELECT COUNT(*) FROM entries WHERE state = 'pending'")
        return self._connection.count(
            f"SELECT COUNT(*) FROM entries WHERE {DUE}",  # noqa: S608  # a constant of this room
            {"now": write_moment(now)},
        )

    def get(self, entry_id: str) -> PendingEntry:
        """Return an entry, pending or done; raises StorageError for an unknown one.

        What the source said of it is kept only while it is pending; afterwards, its URL.
        """
        row = self._connection.find_row(
            """
            SELECT *
            FROM entries
            WHERE id = :id
            """,
            {"id": entry_id},
        )
        if row is None:
            raise unknown(entry_id)
        return build_pending(row)

    def is_pending(self, entry_id: str) -> bool:
        """Say whether an entry still waits for its outcome."""
        state = self._connection.find_value(
            """
            SELECT state
            FROM entries
            WHERE id = :id
            """,
            {"id": entry_id},
        )
        return state == "pending"

    def find_sources(self, entry_id: str) -> tuple[str, ...]:
        """Return every source that offered an entry, by id."""
        rows = self._connection.read_rows(
            """
            SELECT offers.source_id
            FROM offers
            JOIN entries ON entries.number = offers.entry
            WHERE entries.id = :id
            ORDER BY offers.source_id
            """,
            {"id": entry_id},
        )
        return tuple(row["source_id"] for row in rows)

    def mark_tried(
        self, entry_id: str, *, at: datetime, next_try_at: datetime, reason: str
    ) -> None:
        """Count an attempt that gave no outcome; the entry stays pending until `next_try_at`."""
        self._change(
            """
            UPDATE entries
            SET attempts = attempts + 1,
                tried_at = :at,
                next_try_at = :next,
                reason = :reason
            WHERE id = :id
                AND state = 'pending'
            """,
            {
                "id": entry_id,
                "at": write_moment(at),
                "next": write_moment(next_try_at),
                "reason": reason,
            },
        )

    def ask_again(self, entry_id: str, *, at: datetime) -> None:
        """Make an entry pending again from `at` on: its page is looked at for changes."""
        self._change(
            """
            UPDATE entries
            SET state = 'pending',
                attempts = 0,
                reason = NULL,
                next_try_at = :at
            WHERE id = :id
            """,
            {"id": entry_id, "at": write_moment(at)},
        )

    def prune(self, before: datetime) -> int:
        """Forget entries that are done and that no source has offered since `before`.

        One that is offered again after that counts as new. Returns how many.
        """
        return self._connection.execute(
            """
            DELETE FROM entries
            WHERE state = 'done'
                AND offered_at < :before
                AND NOT EXISTS (
                    SELECT 1
                    FROM offers
                    WHERE offers.entry = entries.number
                        AND offers.last_day >= substr(:before, 1, 10)
                )
            """,
            {"before": write_moment(before)},
        ).rowcount

    def _change(self, sql: str, parameters: dict[str, str | None]) -> None:
        if not self._connection.execute(sql, parameters).rowcount:
            raise unknown(str(parameters["id"]))


def build_pending(row: sqlite3.Row) -> PendingEntry:
    """Return the entry of a row."""
    entry = Entry(url=row["url"]) if row["entry"] is None else read_json(_ENTRY, row["entry"])
    return PendingEntry(
        id=row["id"], source_id=row["source_id"], entry=entry, attempts=row["attempts"]
    )


def unknown(entry_id: str) -> StorageError:
    """Return the error for an entry that is not there, or not pending any more."""
    return StorageError(
        f"while using an entry: there is no pending entry {entry_id!r}; it may have ended already"
    )
