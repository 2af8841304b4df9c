"""What stands in the outbox: who was told, when, what waits, and how often it was tried."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from monitor.clock import read_time
from monitor.model import AlertState, Delivery, Level, OutboxCounts
from storage import messages
from storage.connection import Connection
from storage.values import as_list, read_moment, write_moment


class OutboxReading:
    """Questions to the outbox; `Outbox` adds what changes it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find_told(self, story_id: str, level: Level = Level.MENTION) -> frozenset[tuple[str, str]]:
        """Return each (subscriber, channel) that was told of a story, or is being told.

        With level REPORT only those who were told by a report, as it was matched then.
        """
        rows = self._connection.read_rows(
            """
            SELECT DISTINCT outbox.subscriber, outbox.channel
            FROM stories
            JOIN changes ON changes.story = stories.number
            JOIN outbox ON outbox.change_id = changes.id
            WHERE stories.id = :id
                AND outbox.state <> 'dead'
                AND (
                    :level = 'mention'
                    OR EXISTS (
                        SELECT 1
                        FROM matches
                        WHERE matches.article = changes.article
                            AND matches.commit_number <= changes.commit_number
                            AND matches.level = :level
                    )
                )
            """,
            {"id": story_id, "level": level.value},
        )
        return frozenset((row["subscriber"], row["channel"]) for row in rows)

    def find_sent_times(
        self, subscriber: str, channel: str, since: datetime
    ) -> tuple[datetime, ...]:
        """Return when a subscriber was sent messages over a channel since a time, oldest first.

        Alerts gathered in one message count once.
        """
        rows = self._connection.read_rows(
            """
            SELECT MIN(ended_at) AS at
            FROM outbox
            WHERE subscriber = :subscriber
                AND channel = :channel
                AND state = 'delivered'
                AND ended_at >= :since
            GROUP BY COALESCE(gathered_in, id)
            ORDER BY at
            """,
            {"subscriber": subscriber, "channel": channel, "since": write_moment(since)},
        )
        return tuple(read_time(row["at"]) for row in rows)

    def read_deliveries(
        self, *, subscriber: str | None = None, since: datetime | None = None, limit: int = 100
    ) -> tuple[Delivery, ...]:
        """Return attempts, the newest first."""
        rows = self._connection.read_rows(
            """
            SELECT deliveries.*, outbox.kind, outbox.subscriber, outbox.channel
            FROM deliveries
            JOIN outbox ON outbox.id = deliveries.message_id
            WHERE (:subscriber IS NULL OR outbox.subscriber = :subscriber)
                AND (:since IS NULL OR deliveries.at >= :since)
            ORDER BY deliveries.at DESC, deliveries.rowid DESC
            LIMIT :limit
            """,
            {"subscriber": subscriber, "since": write_moment(since), "limit": limit},
        )
        return tuple(messages.build_delivery(row) for row in rows)

    def read_waiting(
        self, *, states: Collection[AlertState], since: datetime | None = None, limit: int = 100
    ) -> tuple[Delivery, ...]:
        """Return the messages in certain states as their last attempt left them, oldest first.

        Those only that came to it at or after `since`. One that was never tried has attempt 0 and
        no response; `id` is the message's own.
        """
        rows = self._connection.read_rows(
            """
            SELECT
                id, id AS message_id, kind, subscriber, channel, attempts AS attempt,
                COALESCE(ended_at, claimed_at, created_at) AS at, state,
                COALESCE(response, '') AS response, COALESCE(next_try_at, not_before) AS next_try_at
            FROM outbox
            WHERE state IN (SELECT value FROM json_each(:states))
                AND (
                    :since IS NULL
                    OR COALESCE(ended_at, claimed_at, created_at) >= :since
                )
            ORDER BY number
            LIMIT :limit
            """,
            {
                "states": as_list(state.value for state in states),
                "since": write_moment(since),
                "limit": limit,
            },
        )
        return tuple(messages.build_delivery(row) for row in rows)

    def count(self) -> OutboxCounts:
        """Return how many messages stand where, and since when the oldest waits."""
        rows = self._connection.read_rows(
            """
            SELECT state, COUNT(*) AS messages, MIN(created_at) AS oldest
            FROM outbox
            GROUP BY state
            """
        )
        counts = {row["state"]: row["messages"] for row in rows}
        waiting = [row["oldest"] for row in rows if row["state"] in {"owed", "claimed"}]
        return OutboxCounts(
            owed=counts.get("owed", 0),
            claimed=counts.get("claimed", 0),
            delivered=counts.get("delivered", 0),
            dead=counts.get("dead", 0),
            oldest_owed=read_moment(min(waiting)) if waiting else None,
        )
