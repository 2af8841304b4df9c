"""How the days of a source went: its rhythm, its pages by outcome, the texts that were read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from monitor.clock import read_time
from monitor.model import LookRecord, SourceDay
from storage.connection import Connection
from storage.sources import build_look
from storage.values import write_moment

REFUSALS = "(401, 403, 407, 429, 451)"


class SourceDays:
    """What is counted of every source by day."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count_texts(self, texts: Iterable[tuple[str, str, str, int]]) -> None:
        """Count texts that were read, each as (source, UTC day, language or '', characters)."""
        with self._connection.transaction():
            self._connection.execute_many(
                """
                INSERT INTO source_texts (source_id, day, language, texts, characters)
                VALUES (:source_id, :day, :language, 1, :characters)
                ON CONFLICT (source_id, day, language)
                DO UPDATE SET
                    texts = texts + 1,
                    characters = characters + excluded.characters
                """,
                [
                    {"source_id": source, "day": day, "language": language, "characters": size}
                    for source, day, language, size in texts
                ],
            )

    def read_new_entry_times(self, source_id: str, since: datetime) -> tuple[datetime, ...]:
        """Return when looks at a source brought new entries, oldest first; not its first look.

        In a first look everything is new, which says nothing of its rhythm.
        """
        rows = self._connection.read_rows(
            """
            SELECT looked_at
            FROM looks
            WHERE source_id = :id
                AND new > 0
                AND looked_at >= :since
                AND number > (SELECT MIN(number) FROM looks WHERE source_id = :id)
            ORDER BY looked_at
            """,
            {"id": source_id, "since": write_moment(since)},
        )
        return tuple(read_time(row["looked_at"]) for row in rows)

    def read_newest_looks(self, source_id: str, *, limit: int) -> tuple[LookRecord, ...]:
        """Return the last looks at a source, newest first."""
        rows = self._connection.read_rows(
            """
            SELECT *
            FROM looks
            WHERE source_id = :id
            ORDER BY looked_at DESC, number DESC
            LIMIT :limit
            """,
            {"id": source_id, "limit": limit},
        )
        return tuple(build_look(row) for row in rows)

    def read_days(self, since: datetime) -> dict[str, tuple[SourceDay, ...]]:
        """Return the days of every source since a time, oldest first, empty ones left out."""
        first = (write_moment(since) or "")[:10]
        outcomes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        languages: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        characters: Counter[tuple[str, str]] = Counter()
        for row in self._connection.read_rows(
            "SELECT day, source_id, outcome, pages FROM day_outcomes WHERE day >= :first",
            {"first": first},
        ):
            outcomes[row["source_id"], row["day"]][row["outcome"]] += row["pages"]
        for row in self._connection.read_rows(
            "SELECT * FROM source_texts WHERE day >= :first", {"first": first}
        ):
            key = (row["source_id"], row["day"])
            languages[key][row["language"]] += row["texts"]
            characters[key] += row["characters"]
        found: dict[str, list[SourceDay]] = defaultdict(list)
        for key in sorted(outcomes.keys() | languages.keys()):
            found[key[0]].append(
                SourceDay(
                    day=key[1],
                    outcomes=dict(outcomes[key]),
                    texts=languages[key].total(),
                    characters=characters[key],
                    languages=dict(languages[key]),
                )
            )
        return {source: tuple(days) for source, days in found.items()}

    def count_refused(self, since: datetime) -> dict[str, int]:
        """Return how many pages of each source were answered with a refusal since a time."""
        rows = self._connection.read_rows(
            f"""
            SELECT source_id, COUNT(*) AS pages
            FROM pages
            WHERE fetched_at >= :since
                AND status IN {REFUSALS}
                AND source_id IS NOT NULL
            GROUP BY source_id
            """,  # noqa: S608  # a constant above
            {"since": write_moment(since)},
        )
        return {row["source_id"]: row["pages"] for row in rows}

    def read_hours_run(self, since: datetime, until: datetime) -> tuple[datetime, ...]:
        """Return the beginnings of the hours (UTC) in which a run began or lasted."""
        rows = self._connection.read_rows(
            """
            SELECT DISTINCT substr(at, 1, 13) AS hour
            FROM (
                SELECT started_at AS at FROM runs
                UNION ALL
                SELECT ended_at FROM runs WHERE ended_at IS NOT NULL
            )
            WHERE at >= :since
                AND at < :until
            ORDER BY hour
            """,
            {"since": write_moment(since), "until": write_moment(until)},
        )
        return tuple(read_time(f"{row['hour']}:00:00.000000Z") for row in rows)

    def prune(self, before: datetime) -> int:
        """Forget what texts were like before a day; return how many rows that were."""
        return self._connection.execute(
            "DELETE FROM source_texts WHERE day < :day",
            {"day": (write_moment(before) or "")[:10]},
        ).rowcount
