"""Figures for whoever watches the server: counts only, and nothing of what they are counts of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.clock import read_time
from storage.connection import Connection
from storage.values import write_moment


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What is counted; no address, name or keyword is in any key.

    `oldest_due` is the seconds that the oldest message has been due for, 0 where none is.
    `proved` are the last times that jobs ended well, by name, in seconds since 1970.
    """

    pages: Mapping[str, int]
    held_back: int
    reports: int
    matches: Mapping[str, int]
    stories: int
    pending: int
    messages: Mapping[tuple[str, str], int]
    due: int
    oldest_due: float
    deliveries: Mapping[str, int]
    sources: Mapping[str, int]
    proved: Mapping[str, float]


JOBS = ("backup", "canary", "heartbeat", "prune")


def read_figures(connection: Connection, now: datetime) -> Figures:
    """Return every figure as it stands."""
    due = {"now": write_moment(now)}
    waiting = """
        FROM outbox
        WHERE state IN ('owed', 'claimed')
            AND (not_before IS NULL OR not_before <= :now)
    """
    oldest = connection.find_value(f"SELECT MIN(created_at) {waiting}", due)
    return Figures(
        pages=_count(connection, "SELECT outcome, SUM(pages) FROM run_outcomes GROUP BY outcome"),
        held_back=connection.count("SELECT SUM(times) FROM suppressed"),
        reports=connection.count("SELECT COUNT(*) FROM articles"),
        matches=_count(
            connection, "SELECT level, COUNT(*) FROM matches WHERE current = 1 GROUP BY level"
        ),
        stories=connection.count("SELECT COUNT(*) FROM stories"),
        pending=connection.count("SELECT COUNT(*) FROM entries WHERE state = 'pending'"),
        messages={
            (row["kind"], row["state"]): row["messages"]
            for row in connection.read_rows(
                "SELECT kind, state, COUNT(*) AS messages FROM outbox GROUP BY kind, state"
            )
        },
        due=connection.count(f"SELECT COUNT(*) {waiting}", due),
        oldest_due=(
            max(0.0, (now - read_time(oldest)).total_seconds()) if isinstance(oldest, str) else 0.0
        ),
        deliveries=_count(connection, "SELECT state, COUNT(*) FROM deliveries GROUP BY state"),
        sources=_count(
            connection,
            """
            SELECT COALESCE(source_health.state, 'not judged yet'), COUNT(*)
            FROM sources
            LEFT JOIN source_health ON source_health.source_id = sources.id
            WHERE sources.removed_at IS NULL
            GROUP BY 1
            """,
        ),
        proved={
            row["name"]: read_time(row["proved_at"]).timestamp()
            for row in connection.read_rows(
                "SELECT name, proved_at FROM proofs WHERE proved_at IS NOT NULL"
            )
            if row["name"] in JOBS
        },
    )


def _count(connection: Connection, sql: str) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.read_rows(sql)}
