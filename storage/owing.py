"""Putting a message into the outbox: once for each subscriber, channel and what it says."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from storage.connection import Connection
from storage.values import write_moment


def owe(  # what a message is owed by
    connection: Connection,
    *,
    subscriber: str,
    channel: str,
    now: datetime,
    change_id: str | None = None,
    digest_id: str | None = None,
    notice_id: str | None = None,
    not_before: datetime | None = None,
) -> str | None:
    """Add a message and return its id; None where it is owed, or was sent, already."""
    row = connection.execute(
        """
        INSERT INTO outbox (
            id, number, kind, subscriber, channel, change_id, digest_id, notice_id, state,
            created_at, not_before, waits_since
        )
        VALUES (
            :id,
            (SELECT COALESCE(MAX(number), 0) + 1 FROM outbox),
            CASE
                WHEN :change_id IS NOT NULL THEN 'alert'
                WHEN :digest_id IS NOT NULL THEN 'digest'
                ELSE 'alarm'
            END,
            :subscriber, :channel, :change_id, :digest_id, :notice_id, 'owed', :now, :not_before,
            :now
        )
        ON CONFLICT DO NOTHING
        RETURNING id
        """,
        {
            "id": str(uuid4()),
            "subscriber": subscriber,
            "channel": channel,
            "change_id": change_id,
            "digest_id": digest_id,
            "notice_id": notice_id,
            "now": write_moment(now),
            "not_before": write_moment(not_before),
        },
    ).fetchone()
    return None if row is None else str(row["id"])
