"""What lists and pages of backfills have in common: to be had, now or later, or at their end.

Statements over one of the two tables, by what was asked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from storage.connection import Connection
from storage.values import write_moment

Queue = Literal["archive_lists", "archive_entries"]

KEYS: dict[Queue, str] = {"archive_lists": "url", "archive_entries": "key"}
REASONS: dict[Queue, str] = {"archive_lists": "problem", "archive_entries": "reason"}
"""The columns that tell rows apart, and that say why one is put off."""


def put_off(
    connection: Connection,
    queue: Queue,
    place: tuple[str, str],
    *,
    at: datetime,
    reason: str,
    tried: bool,
) -> None:
    """Have a row, by what was asked and its key, asked for later; `tried` counts a try."""
    connection.execute(
        f"""
        UPDATE {queue}
        SET next_try_at = :at, {REASONS[queue]} = :reason, attempts = attempts + :tried
        WHERE asked = :asked AND {KEYS[queue]} = :key AND state = 'todo'
        """,  # noqa: S608  # constants of this room
        {
            "asked": place[0],
            "key": place[1],
            "at": write_moment(at),
            "reason": reason,
            "tried": int(tried),
        },
    )


def find_next_try(
    connection: Connection, queue: Queue, asked: str, *, without: Sequence[str] = ()
) -> datetime | None:
    """Return when the first row that waits may be asked for again, or None.

    Those of the sources in `without` are left out.
    """
    value = connection.find_value(
        f"""
        SELECT MIN(next_try_at)
        FROM {queue}
        WHERE asked = :asked AND state = 'todo'
            AND source_id NOT IN (SELECT value FROM json_each(:without))
        """,  # noqa: S608  # constants of this room
        {"asked": asked, "without": json.dumps(list(without))},
    )
    return read_moment(value)


def count_states(connection: Connection, queue: Queue, asked: str) -> dict[str, int]:
    """Return how many rows there are, by state."""
    rows = connection.read_rows(
        f"SELECT state, COUNT(*) AS n FROM {queue} WHERE asked = :asked GROUP BY state",  # noqa: S608  # constants of this room
        {"asked": asked},
    )
    return {row["state"]: row["n"] for row in rows}


def read_moment(value: object) -> datetime | None:
    """Return the moment in a column that may be empty."""
    return datetime.fromisoformat(str(value)) if value else None
