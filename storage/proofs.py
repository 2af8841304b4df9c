"""What showed now and then that it works, and when: the canary, the backup, each job."""

from __future__ import annotations

from datetime import datetime

from monitor.clock import read_time
from monitor.model import Proof
from storage.connection import Connection
from storage.values import read_moment, write_moment


class Proofs:
    """The last proof of each thing that proves itself."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, name: str, *, at: datetime, problem: str | None = None) -> None:
        """Keep how the last attempt went; a failed one leaves the time of the last success."""
        self._connection.execute(
            """
            INSERT INTO proofs (name, tried_at, proved_at, problem)
            VALUES (:name, :at, IIF(:problem IS NULL, :at, NULL), :problem)
            ON CONFLICT (name)
            DO UPDATE SET
                tried_at = excluded.tried_at,
                proved_at = COALESCE(excluded.proved_at, proved_at),
                problem = excluded.problem
            """,
            {"name": name, "at": write_moment(at), "problem": problem},
        )

    def find(self, name: str) -> Proof | None:
        """Return the last proof of one thing, or None before the first attempt."""
        row = self._connection.find_row("SELECT * FROM proofs WHERE name = :name", {"name": name})
        if row is None:
            return None
        return Proof(
            name=row["name"],
            tried_at=read_time(row["tried_at"]),
            proved_at=read_moment(row["proved_at"]),
            problem=row["problem"],
        )
