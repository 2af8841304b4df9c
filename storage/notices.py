"""Notices: troubles told once as they begin and once as they end; channels that were stopped."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import uuid4

from monitor.clock import Clock, read_time
from monitor.model import DeadLetter, Delivering, OwedNotice, StoppedChannel, Trouble, Turned
from storage.connection import Connection
from storage.owing import owe
from storage.values import as_list, read_moment, write_moment


class Notices:
    """What the one who keeps the watch running has been told, and is owed."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def add(
        self,
        key: str,
        *,
        headline: str,
        lines: Sequence[str],
        receivers: Iterable[tuple[str, str]],
    ) -> str | None:
        """Owe a notice to every (subscriber, channel); None where `key` was told already.

        One transaction; returns the notice's id.
        """
        now = self._clock.now()
        with self._connection.transaction():
            row = self._connection.execute(
                """
                INSERT INTO notices (id, key, headline, lines, created_at)
                VALUES (:id, :key, :headline, :lines, :now)
                ON CONFLICT (key)
                DO NOTHING
                RETURNING id
                """,
                {
                    "id": str(uuid4()),
                    "key": key,
                    "headline": headline,
                    "lines": as_list(lines),
                    "now": write_moment(now),
                },
            ).fetchone()
            if row is None:
                return None
            for subscriber, channel in receivers:
                owe(
                    self._connection,
                    subscriber=subscriber,
                    channel=channel,
                    notice_id=row["id"],
                    now=now,
                )
            return str(row["id"])

    def report(self, scope: str, troubles: Iterable[Trouble]) -> Turned:
        """Make `troubles` the ones that last in `scope`; return those that began and ended by it.

        One that lasts already keeps the beginning that was told. One transaction.
        """
        present = {trouble.key: trouble for trouble in troubles}
        with self._connection.transaction():
            before = {trouble.key: trouble for trouble in self.read_lasting(scope)}
            begun = [trouble for key, trouble in present.items() if key not in before]
            ended = [trouble for key, trouble in before.items() if key not in present]
            for trouble in begun:
                self.begin(scope, trouble)
            for trouble in ended:
                self.end(trouble.key)
        return Turned(begun=tuple(begun), ended=tuple(ended))

    def begin(self, scope: str, trouble: Trouble) -> bool:
        """Note that a trouble lasts; False where that was known."""
        changed = self._connection.execute(
            """
            INSERT INTO troubles (key, scope, times, headline, why, cure, since, begun_at)
            VALUES (:key, :scope, 1, :headline, :why, :cure, :since, :now)
            ON CONFLICT (key)
            DO UPDATE SET
                times = times + 1,
                scope = excluded.scope,
                headline = excluded.headline,
                why = excluded.why,
                cure = excluded.cure,
                since = excluded.since,
                begun_at = excluded.begun_at,
                ended_at = NULL
            WHERE ended_at IS NOT NULL
            """,
            {
                "key": trouble.key,
                "scope": scope,
                "headline": trouble.headline,
                "why": trouble.why,
                "cure": trouble.cure,
                "since": write_moment(trouble.since),
                "now": write_moment(self._clock.now()),
            },
        ).rowcount
        return bool(changed)

    def end(self, key: str) -> bool:
        """Note that a trouble is over; False where it did not last."""
        changed = self._connection.execute(
            """
            UPDATE troubles
            SET ended_at = :now
            WHERE key = :key
                AND ended_at IS NULL
            """,
            {"key": key, "now": write_moment(self._clock.now())},
        ).rowcount
        return bool(changed)

    def count_times(self, key: str) -> int:
        """Return how often a trouble has begun, 0 for never: what makes each time a notice."""
        return self._connection.count("SELECT times FROM troubles WHERE key = :key", {"key": key})

    def read_lasting(self, scope: str | None = None) -> tuple[Trouble, ...]:
        """Return the troubles that last, of one scope or of all, the oldest first."""
        rows = self._connection.read_rows(
            """
            SELECT *
            FROM troubles
            WHERE ended_at IS NULL
                AND (:scope IS NULL OR scope = :scope)
            ORDER BY begun_at, key
            """,
            {"scope": scope},
        )
        return tuple(
            Trouble(
                key=row["key"],
                headline=row["headline"],
                why=row["why"],
                cure=row["cure"],
                since=read_moment(row["since"]),
            )
            for row in rows
        )

    def find_untold_dead(self, *, limit: int = 1000) -> tuple[DeadLetter, ...]:
        """Return messages that were given up and of which nobody was told yet, oldest first."""
        rows = self._connection.read_rows(
            """
            SELECT id, kind, subscriber, channel, response, COALESCE(ended_at, created_at) AS at
            FROM outbox
            WHERE state = 'dead'
                AND told_in IS NULL
            ORDER BY number
            LIMIT :limit
            """,
            {"limit": limit},
        )
        return tuple(
            DeadLetter(
                id=row["id"],
                kind=row["kind"],
                subscriber=row["subscriber"],
                channel=row["channel"],
                why=row["response"] or "",
                at=read_time(row["at"]),
            )
            for row in rows
        )

    def mark_told(self, message_ids: Iterable[str], notice_id: str) -> None:
        """Remember which notice told that these messages were given up."""
        self._connection.execute(
            """
            UPDATE outbox
            SET told_in = :notice
            WHERE id IN (SELECT value FROM json_each(:ids))
            """,
            {"ids": as_list(message_ids), "notice": notice_id},
        )

    def stop_channel(self, stopped: StoppedChannel) -> None:
        """Remember that a receiver wants no more messages."""
        self._connection.execute(
            """
            INSERT INTO stopped_channels (subscriber, channel, settings, at, why)
            VALUES (:subscriber, :channel, :settings, :at, :why)
            ON CONFLICT (subscriber)
            DO UPDATE SET
                channel = excluded.channel,
                settings = excluded.settings,
                at = excluded.at,
                why = excluded.why
            """,
            {
                "subscriber": stopped.subscriber,
                "channel": stopped.channel,
                "settings": stopped.settings,
                "at": write_moment(stopped.at),
                "why": stopped.why,
            },
        )

    def resume_channel(self, subscriber: str) -> None:
        """Forget that a channel was stopped; what waited for it is owed at once."""
        with self._connection.transaction():
            parameters = {"subscriber": subscriber}
            self._connection.execute(
                "DELETE FROM stopped_channels WHERE subscriber = :subscriber", parameters
            )
            self._connection.execute(
                """
                UPDATE outbox
                SET not_before = NULL
                WHERE subscriber = :subscriber
                    AND state = 'owed'
                """,
                parameters,
            )

    def read_stopped(self) -> dict[str, StoppedChannel]:
        """Return the channels that were stopped, by subscriber."""
        rows = self._connection.read_rows("SELECT * FROM stopped_channels ORDER BY subscriber")
        return {
            row["subscriber"]: StoppedChannel(
                subscriber=row["subscriber"],
                channel=row["channel"],
                settings=row["settings"],
                at=read_time(row["at"]),
                why=row["why"],
            )
            for row in rows
        }

    def read_delivering(self) -> Delivering:
        """Return since when tried messages wait, and when one was delivered last."""
        row = self._connection.find_row(
            """
            SELECT
                (
                    SELECT MIN(first_attempt_at)
                    FROM outbox
                    WHERE state IN ('owed', 'claimed')
                        AND attempts > 0
                        AND response IS NOT NULL
                ) AS waits_since,
                (
                    SELECT MAX(at)
                    FROM deliveries
                    WHERE state = 'delivered'
                ) AS delivered_at
            """
        )
        assert row is not None
        return Delivering(
            waits_since=read_moment(row["waits_since"]),
            delivered_at=read_moment(row["delivered_at"]),
        )

    def prune(self, before: datetime) -> int:
        """Forget notices before a time that nobody is still owed; return how many."""
        return self._connection.execute(
            """
            DELETE FROM notices
            WHERE created_at < :before
                AND NOT EXISTS (
                    SELECT 1
                    FROM outbox
                    WHERE outbox.notice_id = notices.id
                        AND outbox.state IN ('owed', 'claimed')
                )
            """,
            {"before": write_moment(before)},
        ).rowcount


def build_notice(connection: Connection, row: sqlite3.Row) -> OwedNotice:
    """Return the notice of a row of the outbox that was read before it was claimed."""
    notice = connection.find_row(
        "SELECT headline, lines FROM notices WHERE id = :id", {"id": row["notice_id"]}
    )
    assert notice is not None  # a foreign key holds it
    return OwedNotice(
        id=row["id"],
        subscriber=row["subscriber"],
        channel=row["channel"],
        headline=notice["headline"],
        lines=tuple(json.loads(notice["lines"])),
        created_at=read_time(row["created_at"]),
        attempts=row["attempts"],
        first_attempt_at=read_moment(row["first_attempt_at"]),
        next_try_at=read_moment(row["next_try_at"]),
    )
