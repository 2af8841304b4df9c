"""Which messages of the outbox are due, and which go with them; storage's own way to say it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from storage.connection import Connection
from storage.values import Value, as_list

# What began to wait in the future was written by a clock that was wrong, and waits no longer
# (FAULTS B3). A claim of an earlier opening of the database is void: one process writes at a time.
OPEN = "state IN ('owed', 'claimed')"  # in these words the index of what is open serves
_CLAIMABLE = """
    (
        state = 'owed'
        OR (lease_until <= :now OR claimed_at > :now OR claimed_by <> :session)
    )
    AND (not_before IS NULL OR not_before <= :now OR waits_since > :now)
"""
_DUE = f"""
    {_CLAIMABLE}
    AND (next_try_at IS NULL OR next_try_at <= :now OR waits_since > :now)
"""

# Of whoever has something due, of any kind, the oldest message that waits for its next try.
_FIRST_WAITING = f"""
    SELECT key
    FROM (
        SELECT COALESCE(gathered_in, id) AS key, MIN(number)
        FROM outbox
        WHERE kind = :kind
            AND {OPEN}
            AND {_CLAIMABLE}
            AND NOT ({_DUE})
            AND (subscriber, channel) IN (
                SELECT subscriber, channel
                FROM outbox
                WHERE {OPEN}
                    AND (
                        ({_DUE})
                        OR (state = 'claimed' AND claimed_by = :session AND claimed_at = :now)
                    )
            )
        GROUP BY subscriber, channel
    )
"""  # noqa: S608  # constants of this module


# The rows that a limit cut off from their gathering: part of it under the same id would be taken
# for a repeat of the whole, or the whole for a repeat of the part.
_CUT_OFF = f"""
    SELECT *
    FROM outbox
    WHERE {OPEN}
        AND gathered_in IN (SELECT value FROM json_each(:gatherings))
        AND id NOT IN (SELECT value FROM json_each(:ids))
    ORDER BY number
"""  # noqa: S608  # a constant of this module


def read_due(connection: Connection, parameters: Mapping[str, Value]) -> list[sqlite3.Row]:
    """Return the rows of one `:kind` that may be claimed at `:now`, the oldest first.

    Not those of subscribers in `:but`. A gathering comes whole, beyond the `:limit` if need be.
    """
    rows = connection.read_rows(
        f"""
        SELECT *
        FROM outbox
        WHERE kind = :kind
            AND {OPEN}
            AND {_CLAIMABLE}
            AND subscriber NOT IN (SELECT value FROM json_each(:but))
            AND (({_DUE}) OR COALESCE(gathered_in, id) IN ({_FIRST_WAITING}))
        ORDER BY number
        LIMIT :limit
        """,  # noqa: S608  # constants of this module
        parameters,
    )
    gatherings = {row["gathered_in"] for row in rows if row["gathered_in"]}
    if not gatherings or len(rows) < int(str(parameters["limit"])):
        return rows
    cut = {"gatherings": as_list(gatherings), "ids": as_list(row["id"] for row in rows)}
    return rows + connection.read_rows(_CUT_OFF, cut)
