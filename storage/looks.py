"""What a look leaves: its row, how its source stands now, and what there is to fetch.

Every function belongs inside the transaction of `Sources.offer`.
"""

from __future__ import annotations

from monitor.model import Look, Offered, SourceState
from storage.connection import Connection
from storage.entries import DUE, build_pending
from storage.offers import Counts
from storage.values import write_moment


def has_failed(look: Look) -> bool:
    """Say whether a look yielded nothing that could be read."""
    if look.not_modified or look.entries:
        return False
    return look.status is None or look.status >= 400 or look.problem is not None


def record_look(connection: Connection, look: Look, *, counts: Counts, run_id: str) -> None:
    """Add the row of the look, and count it in its run."""
    connection.execute(
        """
        INSERT INTO looks (
            source_id, run_id, looked_at, status, problem, not_modified, salvaged,
            offered, new, changed, refused
        )
        VALUES (
            :source_id, :run_id, :looked_at, :status, :problem, :not_modified, :salvaged,
            :offered, :new, :changed, :refused
        )
        """,
        {
            "source_id": look.source_id,
            "run_id": run_id,
            "looked_at": write_moment(look.looked_at),
            "status": look.status,
            "problem": look.problem,
            "not_modified": look.not_modified,
            "salvaged": look.salvaged,
            "offered": counts.offered,
            "new": counts.new,
            "changed": counts.changed,
            "refused": counts.refused,
        },
    )
    connection.execute(
        """
        UPDATE runs
        SET looks = looks + 1,
            failures = failures + :failed,
            offered = offered + :offered
        WHERE id = :run_id
        """,
        {"run_id": run_id, "failed": has_failed(look), "offered": counts.offered},
    )


def update_source(
    connection: Connection, look: Look, *, counts: Counts, before: SourceState
) -> None:
    """Keep how the source stands after the look."""
    failed = has_failed(look)
    validators = decide_validators(look, before)
    moved_times = 0
    if look.moved_to is not None:
        moved_times = before.moved_times + 1 if look.moved_to == before.moved_to else 1
    answered = not failed and not look.not_modified
    connection.execute(
        """
        UPDATE sources
        SET etag = :etag,
            last_modified = :last_modified,
            looks = looks + 1,
            looked_at = :now,
            succeeded_at = IIF(:failed, succeeded_at, :now),
            new_entry_at = IIF(:new > 0, :now, new_entry_at),
            failing_since = IIF(:failed, COALESCE(failing_since, :now), NULL),
            failures = IIF(:failed, failures + 1, 0),
            not_modified = IIF(:not_modified, not_modified + 1, 0),
            problem = :problem,
            status = :status,
            moved_to = :moved_to,
            moved_times = :moved_times,
            last_offered = IIF(:answered, :offered, last_offered),
            last_new = IIF(:answered, :new, last_new)
        WHERE id = :id
        """,
        {
            "id": look.source_id,
            "etag": validators[0],
            "last_modified": validators[1],
            "now": write_moment(look.looked_at),
            "failed": failed,
            "answered": answered,
            "new": counts.new,
            "offered": counts.offered,
            "not_modified": look.not_modified,
            "problem": look.problem,
            "status": look.status,
            "moved_to": look.moved_to,
            "moved_times": moved_times,
        },
    )


def decide_validators(look: Look, before: SourceState) -> tuple[str | None, str | None]:
    """Return the validators to send next time.

    A look that failed leaves them. A 304 may bring newer ones. One whose bytes were broken clears
    them: a 304 to them would hide for ever what the broken bytes held.
    """
    old, new = before.validators, look.validators
    if has_failed(look):
        return old.etag, old.last_modified
    if look.not_modified:
        return new.etag or old.etag, new.last_modified or old.last_modified
    if look.salvaged or look.problem is not None:
        return None, None
    return new.etag, new.last_modified


def find_pending(connection: Connection, look: Look, *, counts: Counts, limit: int) -> Offered:
    """Return the counts with what this source has to fetch now, oldest first."""
    due = {"source_id": look.source_id, "now": write_moment(look.looked_at)}
    waiting = connection.count(
        f"""
        SELECT COUNT(*)
        FROM entries
        WHERE source_id = :source_id
            AND {DUE}
        """,  # noqa: S608  # a constant of this room
        due,
    )
    rows = [
        build_pending(row)
        for row in connection.read_rows(
            f"""
            SELECT *
            FROM entries
            WHERE source_id = :source_id
                AND {DUE}
            ORDER BY number
            LIMIT :limit
            """,  # noqa: S608  # a constant of this room
            {**due, "limit": limit},
        )
    ]
    return Offered(
        new=counts.new,
        known=counts.known,
        changed=counts.changed,
        repeated=counts.repeated,
        refused=counts.refused,
        pending=tuple(rows),
        pending_left=waiting - len(rows),
    )
