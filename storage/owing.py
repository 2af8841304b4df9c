"""Putting a message into the outbox: once for each subscriber, channel and what it says."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from storage.connection import Connection
from storage.restoring import take_told_before
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
    """Add a message and return its id; None where it is owed, or was sent, already.

    One that was sent before a backup was put back comes in as what it was, under its old id.
    """
    told = (
        take_told_before(connection, subscriber=subscriber, channel=channel, change_id=change_id)
        if change_id is not None
        else None
    )
    row = connection.execute(
        """
        INSERT INTO outbox (
            id, number, kind, subscriber, channel, change_id, digest_id, notice_id, state,
            created_at, not_before, waits_since, attempts, ended_at, response
        )
        VALUES (
            :id,
            (SELECT COALESCE(MAX(number), 0) + 1 FROM outbox),
            CASE
                WHEN :change_id IS NOT NULL THEN 'alert'
                WHEN :digest_id IS NOT NULL THEN 'digest'
                ELSE 'alarm'
            END,
            :subscriber, :channel, :change_id, :digest_id, :notice_id, :state, :now, :not_before,
            :now, :attempts, :ended_at, :response
        )
        ON CONFLICT DO NOTHING
        RETURNING id
        """,
        {
            "id": told["id"] if told else str(uuid4()),
            "state": told["state"] if told else "owed",
            "attempts": told["attempts"] if told else 0,
            "ended_at": told["ended_at"] if told else None,
            "response": told["response"] if told else None,
            "subscriber": subscriber,
            "channel": channel,
            "change_id": change_id,
            "digest_id": digest_id,
            "notice_id": notice_id,
            "now": write_moment(now),
            "not_before": write_moment(not_before),
        },
    ).fetchone()
    return None if row is None or told is not None else str(row["id"])
