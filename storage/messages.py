"""Rows of the outbox as values: with everything that is needed to say them."""

from __future__ import annotations

import sqlite3

from monitor.clock import read_time
from monitor.model import AlertState, Delivery, OwedAlert, OwedDigest
from storage.articles import Articles
from storage.connection import Connection
from storage.digests import build_digest
from storage.matches import Matches
from storage.stories import CHANGE, Stories, build_change
from storage.values import read_moment

LONGEST_RESPONSE = 2_000  # what a receiver says is for a person to read, not to keep


def build_alert(connection: Connection, row: sqlite3.Row) -> OwedAlert:
    """Return the alert of a row that was read before it was claimed."""
    change_row = connection.find_row(f"{CHANGE} WHERE changes.id = :id", {"id": row["change_id"]})
    assert change_row is not None  # a foreign key holds it
    change = build_change(change_row)
    flagged = Matches(connection, Articles(connection)).get_told(change)
    stored = flagged.stored
    return OwedAlert(
        id=row["id"],
        subscriber=row["subscriber"],
        channel=row["channel"],
        change=change,
        story=Stories(connection).get(change.story_id),
        article_id=stored.id,
        matches=flagged.matches,
        title=stored.article.title,
        text=stored.article.text,
        url=stored.article.url,
        created_at=read_time(row["created_at"]),
        attempts=row["attempts"],
        body_sha256=stored.body_sha256,
        gathered_in=row["gathered_in"],
        first_attempt_at=read_moment(row["first_attempt_at"]),
        next_try_at=read_moment(row["next_try_at"]),
    )


def build_digest_message(connection: Connection, row: sqlite3.Row) -> OwedDigest:
    """Return the digest message of a row that was read before it was claimed."""
    digest = connection.find_row(
        """
        SELECT *
        FROM digests
        WHERE id = :id
        """,
        {"id": row["digest_id"]},
    )
    assert digest is not None  # a foreign key holds it
    return OwedDigest(
        id=row["id"],
        subscriber=row["subscriber"],
        channel=row["channel"],
        digest=build_digest(digest),
        created_at=read_time(row["created_at"]),
        attempts=row["attempts"],
        first_attempt_at=read_moment(row["first_attempt_at"]),
        next_try_at=read_moment(row["next_try_at"]),
    )


def build_delivery(row: sqlite3.Row) -> Delivery:
    """Return the attempt of a row."""
    return Delivery(
        id=row["id"],
        message_id=row["message_id"],
        message_kind=row["kind"],
        subscriber=row["subscriber"],
        channel=row["channel"],
        attempt=row["attempt"],
        at=read_time(row["at"]),
        state=AlertState(row["state"]),
        response=row["response"],
        next_try_at=read_moment(row["next_try_at"]),
    )
