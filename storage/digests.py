"""Digests: one for each subscriber, period and local date, from where the last one ended."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date, datetime

from monitor.clock import Clock, read_time
from monitor.model import DigestPeriod, DigestRow, DueDigest
from storage.connection import Connection
from storage.owing import owe
from storage.told_digests import count_remembered, read_told
from storage.values import write_moment


class Digests:
    """Which commits each digest covers."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def begin(self, due: DueDigest, *, channel: str) -> DigestRow:
        """Make a digest with its window, and owe it over `channel`; one transaction.

        Once for (subscriber, period, local date), whatever the clock does: asked again, the same
        row comes back with `created` False, and a channel that was not owed it yet is owed it.
        The window begins where the subscriber's last digest of any period ended, or where the
        subscriber began; it ends with the newest commit.
        """
        with self._connection.transaction():
            row = self.find(due.subscriber, period=due.period, local_date=due.local_date)
            created = row is None
            if row is None:
                row = self.preview(due)
                self._connection.execute(
                    """
                    INSERT INTO digests (
                        id, subscriber, period, local_date, after_commit, to_commit, created_at
                    )
                    VALUES (
                        :id, :subscriber, :period, :local_date, :after_commit, :to_commit,
                        :created_at
                    )
                    """,
                    {
                        "id": row.id,
                        "subscriber": row.subscriber,
                        "period": row.period,
                        "local_date": row.local_date.isoformat(),
                        "after_commit": row.after_commit,
                        "to_commit": row.to_commit,
                        "created_at": write_moment(row.created_at),
                    },
                )
            owe(
                self._connection,
                subscriber=due.subscriber,
                channel=channel,
                digest_id=row.id,
                now=self._clock.now(),
            )
        return replace(row, created=created)

    def preview(self, due: DueDigest) -> DigestRow:
        """Return what `begin` would make now, without making it."""
        after = self._connection.find_value(
            """
            SELECT COALESCE(
                (SELECT MAX(to_commit) FROM digests WHERE subscriber = :subscriber),
                (SELECT after_commit FROM subscribers WHERE name = :subscriber),
                0
            )
            """,
            {"subscriber": due.subscriber},
        )
        assert isinstance(after, int)
        newest = self._connection.count("SELECT MAX(number) FROM commits")
        return DigestRow(
            id=due.id,
            subscriber=due.subscriber,
            period=due.period,
            local_date=due.local_date,
            after_commit=after,
            to_commit=max(newest, after),
            created_at=self._clock.now(),
        )

    def find(
        self,
        subscriber: str,
        *,
        period: DigestPeriod | None = None,
        local_date: date | None = None,
    ) -> DigestRow | None:
        """Return the newest digest made for a subscriber, of one period and date or of any."""
        row = self._connection.find_row(
            """
            SELECT *
            FROM digests
            WHERE subscriber = :subscriber
                AND (:period IS NULL OR period = :period)
                AND (:local_date IS NULL OR local_date = :local_date)
            ORDER BY to_commit DESC, rowid DESC
            LIMIT 1
            """,
            {
                "subscriber": subscriber,
                "period": period,
                "local_date": None if local_date is None else local_date.isoformat(),
            },
        )
        return None if row is None else build_digest(row)

    def read_told(self, subscriber: str) -> dict[str, date]:
        """Return the changes that a digest told before a backup was put back, and its date."""
        return read_told(self._connection, subscriber)

    def count_told(self) -> int:
        """Return how many lost digests' reports are still to be flagged again after a restore."""
        return count_remembered(self._connection)

    def find_before(self, subscriber: str, moment: datetime) -> DigestRow | None:
        """Return the newest digest made for a subscriber before a time, of any period."""
        row = self._connection.find_row(
            """
            SELECT *
            FROM digests
            WHERE subscriber = :subscriber
                AND created_at < :moment
            ORDER BY created_at DESC, rowid DESC
            LIMIT 1
            """,
            {"subscriber": subscriber, "moment": write_moment(moment)},
        )
        return None if row is None else build_digest(row)


def build_digest(row: sqlite3.Row) -> DigestRow:
    """Return the digest of a row."""
    return DigestRow(
        id=row["id"],
        subscriber=row["subscriber"],
        period=row["period"],
        local_date=date.fromisoformat(row["local_date"]),
        after_commit=row["after_commit"],
        to_commit=row["to_commit"],
        created_at=read_time(row["created_at"]),
    )
