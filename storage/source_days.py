"""How the days of a source went: its rhythm, its pages by outcome, the texts that were read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.clock import read_time
from monitor.model import HealthState, LookRecord, SourceDay, SourceHealth
from storage.connection import Connection
from storage.sources import build_look
from storage.values import read_moment, write_moment

REFUSALS = "(401, 403, 407, 429, 451)"


@dataclass(frozen=True, kw_only=True)
class ReadText:
    """One text that was read; `repeated` says that it is the same as another one of its crawl."""

    source_id: str
    at: datetime
    characters: int
    language: str | None = None
    repeated: bool = False


class SourceDays:
    """What is counted of every source by day."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count_texts(self, texts: Iterable[ReadText]) -> None:
        """Count texts that were read."""
        with self._connection.transaction():
            self._connection.execute_many(
                """
                INSERT INTO source_texts (
                    source_id, day, language, texts, characters, repeated
                )
                VALUES (:source_id, :day, :language, 1, :characters, :repeated)
                ON CONFLICT (source_id, day, language)
                DO UPDATE SET
                    texts = texts + 1,
                    characters = characters + excluded.characters,
                    repeated = repeated + excluded.repeated
                """,
                [
                    {
                        "source_id": text.source_id,
                        "day": (write_moment(text.at) or "")[:10],
                        "language": text.language or "",
                        "characters": text.characters,
                        "repeated": text.repeated,
                    }
                    for text in texts
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

    def find_last_answer(self, source_id: str) -> LookRecord | None:
        """Return the newest look at a source that was no 304: what it really said last."""
        row = self._connection.find_row(
            """
            SELECT *
            FROM looks
            WHERE source_id = :id
                AND not_modified = 0
            ORDER BY looked_at DESC, number DESC
            LIMIT 1
            """,
            {"id": source_id},
        )
        return None if row is None else build_look(row)

    def keep_health(self, found: Iterable[SourceHealth]) -> None:
        """Keep how sources stand, as they were judged now; one transaction."""
        with self._connection.transaction():
            self._connection.execute_many(
                """
                INSERT INTO source_health (source_id, state, why, cure, since, usual_gap, alarm)
                VALUES (:source_id, :state, :why, :cure, :since, :usual_gap, :alarm)
                ON CONFLICT (source_id)
                DO UPDATE SET
                    state = excluded.state,
                    why = excluded.why,
                    cure = excluded.cure,
                    since = excluded.since,
                    usual_gap = excluded.usual_gap,
                    alarm = excluded.alarm
                """,
                [
                    {
                        "source_id": each.source_id,
                        "state": each.state.value,
                        "why": each.why,
                        "cure": each.cure,
                        "since": write_moment(each.since),
                        "usual_gap": round(each.usual_gap.total_seconds())
                        if each.usual_gap
                        else None,
                        "alarm": each.alarm,
                    }
                    for each in found
                ],
            )

    def read_health(self) -> dict[str, SourceHealth]:
        """Return how the configured sources stood when they were last judged, by id."""
        rows = self._connection.read_rows(
            """
            SELECT source_health.*, sources.outlet
            FROM source_health
            JOIN sources ON sources.id = source_health.source_id
            WHERE sources.removed_at IS NULL
            ORDER BY source_health.source_id
            """
        )
        return {
            row["source_id"]: SourceHealth(
                source_id=row["source_id"],
                outlet=row["outlet"],
                state=HealthState(row["state"]),
                why=row["why"],
                cure=row["cure"],
                since=read_moment(row["since"]),
                usual_gap=timedelta(seconds=row["usual_gap"]) if row["usual_gap"] else None,
                alarm=bool(row["alarm"]),
            )
            for row in rows
        }

    def find_reasons(self, since: datetime) -> dict[str, str]:
        """Return why most of the pages of each source that could not be read were not."""
        rows = self._connection.read_rows(
            """
            SELECT source_id, reason, COUNT(*) AS pages
            FROM pages
            WHERE fetched_at >= :since
                AND outcome IN ('extraction failed', 'not an article', 'worker lost')
                AND source_id IS NOT NULL
                AND reason IS NOT NULL
            GROUP BY source_id, reason
            ORDER BY pages, reason
            """,
            {"since": write_moment(since)},
        )
        return {row["source_id"]: row["reason"] for row in rows}

    def read_days(self, since: datetime) -> dict[str, tuple[SourceDay, ...]]:
        """Return the days of every source since a time, oldest first, empty ones left out.

        What backfills read of a source is no measure of how it stands.
        """
        first = (write_moment(since) or "")[:10]
        outcomes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        languages: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        characters: Counter[tuple[str, str]] = Counter()
        repeated: Counter[tuple[str, str]] = Counter()
        for row in self._connection.read_rows(
            """
            SELECT day, source_id, outcome, pages - backfilled AS pages
            FROM day_outcomes
            WHERE day >= :first
                AND pages > backfilled
            """,
            {"first": first},
        ):
            outcomes[row["source_id"], row["day"]][row["outcome"]] += row["pages"]
        for row in self._connection.read_rows(
            "SELECT * FROM source_texts WHERE day >= :first", {"first": first}
        ):
            key = (row["source_id"], row["day"])
            languages[key][row["language"]] += row["texts"]
            characters[key] += row["characters"]
            repeated[key] += row["repeated"]
        found: dict[str, list[SourceDay]] = defaultdict(list)
        for key in sorted(outcomes.keys() | languages.keys()):
            found[key[0]].append(
                SourceDay(
                    day=key[1],
                    outcomes=dict(outcomes[key]),
                    texts=languages[key].total(),
                    characters=characters[key],
                    languages=dict(languages[key]),
                    repeated=repeated[key],
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
        """Return the beginnings of the hours (UTC) in which a run of the watch began or ended.

        A backfill watches nothing.
        """
        rows = self._connection.read_rows(
            """
            SELECT DISTINCT substr(at, 1, 13) AS hour
            FROM (
                SELECT started_at AS at, kind FROM runs
                UNION ALL
                SELECT ended_at, kind FROM runs WHERE ended_at IS NOT NULL
            )
            WHERE at >= :since
                AND at < :until
                AND kind <> 'backfill'
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
