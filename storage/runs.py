"""Runs, and the ledger: every page once, by outcome; what was held back, and how often."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from uuid import uuid4

from monitor.clock import Clock, read_time
from monitor.errors import StorageError
from monitor.model import DayLedger, Outcome, PageRecord, Run, RunKind
from storage.connection import Connection
from storage.values import read_moment, write_moment

BY_DAY = """
    SELECT day, backfill, outcome, SUM(pages) AS pages
    FROM (
        SELECT day, 0 AS backfill, outcome, pages - backfilled AS pages
        FROM day_outcomes
        WHERE day BETWEEN :since AND :until
        UNION ALL
        SELECT day, 1, outcome, backfilled
        FROM day_outcomes
        WHERE day BETWEEN :since AND :until
        UNION ALL
        SELECT substr(pages.fetched_at, 1, 10), 1, pages.outcome, -1
        FROM runs
        CROSS JOIN pages ON pages.run_id = runs.id
        WHERE pages.fetched_at >= :since
            AND pages.fetched_at < date(:until, '+1 day')
            AND pages.fetched_at < runs.started_at
            AND runs.kind = 'backfill'
        UNION ALL
        SELECT substr(COALESCE(runs.ended_at, runs.started_at), 1, 10), 1, pages.outcome, 1
        FROM runs
        CROSS JOIN pages ON pages.run_id = runs.id
        WHERE substr(COALESCE(runs.ended_at, runs.started_at), 1, 10) BETWEEN :since AND :until
            AND pages.fetched_at < runs.started_at
            AND runs.kind = 'backfill'
    )
    GROUP BY day, backfill, outcome
    HAVING SUM(pages) > 0
"""
"""Pages by day and outcome, those of backfills apart.

The ledger has a capture on the day on which it was taken; here it is on the day of its backfill.
`CROSS JOIN` has the few runs of backfills asked for their pages, not each page for its run."""

_EVER = datetime(1, 1, 1, tzinfo=UTC)


class Runs:
    """Runs and the counts that must agree with the pages."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def begin(self, kind: RunKind, *, command: str = "") -> Run:
        """Begin a run and return it; `command` is what a person or the service started."""
        run_id = str(uuid4())
        self._connection.execute(
            """
            INSERT INTO runs (id, kind, command, started_at)
            VALUES (:id, :kind, :command, :now)
            """,
            {
                "id": run_id,
                "kind": kind.value,
                "command": command,
                "now": write_moment(self._clock.now()),
            },
        )
        return self.get(run_id)

    def end(self, run_id: str) -> Run:
        """End a run and return it with its counts; ending it twice keeps the first time."""
        self._connection.execute(
            """
            UPDATE runs
            SET ended_at = COALESCE(ended_at, :now)
            WHERE id = :id
            """,
            {"id": run_id, "now": write_moment(self._clock.now())},
        )
        return self.get(run_id)

    def get(self, run_id: str) -> Run:
        """Return a run with its counts so far; raises StorageError for one that is not there."""
        row = self._connection.find_row(
            """
            SELECT *
            FROM runs
            WHERE id = :id
            """,
            {"id": run_id},
        )
        if row is None:
            raise StorageError(f"while reading a run: there is no run {run_id!r}")
        return self._build(row)

    def find_latest(self, kind: RunKind | None = None) -> Run | None:
        """Return the run that began last, of one kind or of any."""
        row = self._connection.find_row(
            """
            SELECT *
            FROM runs
            WHERE :kind IS NULL
                OR kind = :kind
            ORDER BY started_at DESC, rowid DESC
            LIMIT 1
            """,
            {"kind": kind.value if kind else None},
        )
        return None if row is None else self._build(row)

    def find_first(self, kind: RunKind) -> Run | None:
        """Return the run of a kind that began first."""
        row = self._connection.find_row(
            """
            SELECT *
            FROM runs
            WHERE kind = :kind
            ORDER BY started_at, rowid
            LIMIT 1
            """,
            {"kind": kind.value},
        )
        return None if row is None else self._build(row)

    def find_unfinished(self) -> tuple[Run, ...]:
        """Return the runs without an end, oldest first: the present one, and those that died."""
        rows = self._connection.read_rows(
            """
            SELECT *
            FROM runs
            WHERE ended_at IS NULL
            ORDER BY started_at, rowid
            """
        )
        return tuple(self._build(row) for row in rows)

    def _build(self, row: sqlite3.Row) -> Run:
        counts = self._connection.read_rows(
            """
            SELECT outcome, pages
            FROM run_outcomes
            WHERE run_id = :id
            """,
            {"id": row["id"]},
        )
        return Run(
            id=row["id"],
            kind=RunKind(row["kind"]),
            started_at=read_time(row["started_at"]),
            ended_at=read_moment(row["ended_at"]),
            sources_asked=row["looks"],
            sources_failed=row["failures"],
            entries_offered=row["offered"],
            outcomes=_order(counts),
        )

    def count_suppressed(
        self, run_id: str, reason: str, *, source_id: str | None = None, times: int = 1
    ) -> None:
        """Count `times` that something was held back for `reason`, in words for a person (P9)."""
        self._connection.execute(
            """
            INSERT INTO suppressed (minute, run_id, reason, source_id, times)
            VALUES (:minute, :run_id, :reason, :source_id, :times)
            ON CONFLICT (minute, run_id, reason, source_id)
            DO UPDATE SET times = times + excluded.times
            """,
            {
                "minute": _minute(self._clock.now()),
                "run_id": run_id,
                "reason": reason,
                "source_id": source_id or "",
                "times": times,
            },
        )

    def count_held_back(self, subscriber: str, reason: str) -> None:
        """Count that a change was not sent to a subscriber at once, and why, in words (P9)."""
        self._connection.execute(
            """
            INSERT INTO alerts_held_back (minute, subscriber, reason, times)
            VALUES (:minute, :subscriber, :reason, 1)
            ON CONFLICT (minute, subscriber, reason)
            DO UPDATE SET times = times + 1
            """,
            {"minute": _minute(self._clock.now()), "subscriber": subscriber, "reason": reason},
        )

    def suppressed_between(
        self, since: datetime | None, until: datetime, *, subscriber: str | None = None
    ) -> dict[str, int]:
        """Return how often something was held back, by reason, in whole minutes.

        With the alerts held back from one subscriber, or from all. Windows that meet count nothing
        twice and leave nothing out.
        """
        rows = self._connection.read_rows(
            """
            SELECT reason, SUM(times) AS times
            FROM (
                SELECT minute, reason, times
                FROM suppressed
                UNION ALL
                SELECT minute, reason, times
                FROM alerts_held_back
                WHERE :subscriber IS NULL
                    OR subscriber = :subscriber
            )
            WHERE minute >= :since
                AND minute < :until
            GROUP BY reason
            ORDER BY times DESC, reason
            """,
            {
                "since": _minute(since or _EVER),
                "until": _minute(until),
                "subscriber": subscriber,
            },
        )
        return {row["reason"]: row["times"] for row in rows}

    def outcomes_between(self, since: datetime | None, until: datetime) -> dict[Outcome, int]:
        """Return how many pages fetched from `since` up to, not including, `until` ended how."""
        rows = self._connection.read_rows(
            """
            SELECT outcome, COUNT(*) AS pages
            FROM pages
            WHERE fetched_at >= :since
                AND fetched_at < :until
            GROUP BY outcome
            """,
            {"since": write_moment(since or _EVER), "until": write_moment(until)},
        )
        return _order(rows)

    def pages_between(self, since: datetime | None, until: datetime) -> int:
        """Return how many pages of a window the ledger counts, apart from `outcomes_between`.

        The ledger has whole days; of the first and the last, the rows outside of the window go off
        its count. The two agree unless a row was lost or counted twice, which a digest then says.
        """
        window = {"since": write_moment(since or _EVER), "until": write_moment(until)}
        counted = self._connection.count(
            """
            SELECT SUM(pages - pruned)
            FROM day_outcomes
            WHERE day BETWEEN substr(:since, 1, 10) AND substr(:until, 1, 10)
            """,
            window,
        )
        outside = self._connection.count(
            """
            SELECT COUNT(*)
            FROM pages
            WHERE (fetched_at >= substr(:since, 1, 10) AND fetched_at < :since)
                OR (fetched_at >= :until AND substr(fetched_at, 1, 10) = substr(:until, 1, 10))
            """,
            window,
        )
        return counted - outside

    def outcomes_by_day(self, since: date, until: date) -> tuple[DayLedger, ...]:
        """Return the ledger of each UTC day from `since` to `until`, both included, oldest first.

        A day on which nothing happened is there too, empty. What a backfill found in captures of
        long ago counts on the day on which it read them, as what it did not find.
        """
        window = {"since": since.isoformat(), "until": until.isoformat()}
        outcomes: dict[tuple[str, int], dict[str, int]] = defaultdict(dict)
        for row in self._connection.read_rows(BY_DAY, window):
            outcomes[row["day"], row["backfill"]][row["outcome"]] = row["pages"]
        held: dict[str, dict[str, int]] = defaultdict(dict)
        for row in self._connection.read_rows(
            """
            SELECT substr(minute, 1, 10) AS day, reason, SUM(times) AS times
            FROM (
                SELECT minute, reason, times
                FROM suppressed
                UNION ALL
                SELECT minute, reason, times
                FROM alerts_held_back
            )
            WHERE substr(minute, 1, 10) BETWEEN :since AND :until
            GROUP BY day, reason
            """,
            window,
        ):
            held[row["day"]][row["reason"]] = row["times"]
        days = (date.fromordinal(n) for n in range(since.toordinal(), until.toordinal() + 1))
        return tuple(
            DayLedger(
                day=day,
                outcomes=_in_order(outcomes[day.isoformat(), 0]),
                backfilled=_in_order(outcomes[day.isoformat(), 1]),
                suppressed=held[day.isoformat()],
            )
            for day in days
        )

    def check_ledger(self) -> tuple[str, ...]:
        """Return where the counts of runs, days and page rows do not agree; empty is good."""
        problems = []
        by_run = self._connection.count("SELECT SUM(pages) FROM run_outcomes")
        by_day = self._connection.count("SELECT SUM(pages) FROM day_outcomes")
        if by_run != by_day:
            problems.append(f"the ledger counts {by_run} pages by run, but {by_day} by day")
        rows = self._connection.read_rows(
            """
            SELECT day, source_id, outcome, SUM(counted) AS counted, SUM(kept) AS kept
            FROM (
                SELECT day, source_id, outcome, pages - pruned AS counted, 0 AS kept
                FROM day_outcomes
                UNION ALL
                SELECT substr(fetched_at, 1, 10), COALESCE(source_id, ''), outcome, 0, COUNT(*)
                FROM pages
                GROUP BY 1, 2, 3
            )
            GROUP BY day, source_id, outcome
            HAVING SUM(counted) <> SUM(kept)
            LIMIT 20
            """
        )
        problems += [
            f"the ledger of {row['day']} counts {row['counted']} pages of {row['source_id']!r} as "
            f"{row['outcome']!r}, but {row['kept']} are there"
            for row in rows
        ]
        return tuple(problems)


def count_page(connection: Connection, page: PageRecord) -> None:
    """Count one page in the ledger of its run and of its day; belongs in the page's transaction."""
    connection.execute(
        """
        INSERT INTO run_outcomes (run_id, outcome, pages)
        VALUES (:run_id, :outcome, 1)
        ON CONFLICT (run_id, outcome)
        DO UPDATE SET pages = pages + 1
        """,
        {"run_id": page.run_id, "outcome": page.outcome.value},
    )
    moment = write_moment(page.fetched_at)
    assert moment is not None
    connection.execute(
        """
        INSERT INTO day_outcomes (day, source_id, outcome, pages, backfilled)
        VALUES (
            :day, :source_id, :outcome, 1,
            (SELECT kind = 'backfill' FROM runs WHERE id = :run_id)
        )
        ON CONFLICT (day, source_id, outcome)
        DO UPDATE SET
            pages = pages + 1,
            backfilled = backfilled + excluded.backfilled
        """,
        {
            "day": moment[:10],
            "source_id": page.source_id or "",
            "outcome": page.outcome.value,
            "run_id": page.run_id,
        },
    )


def _order(rows: list[sqlite3.Row]) -> dict[Outcome, int]:
    """Return counts in the order in which the outcomes are declared, so that tables stay alike."""
    return _in_order({row["outcome"]: row["pages"] for row in rows})


def _in_order(found: Mapping[str, int]) -> dict[Outcome, int]:
    return {outcome: found[outcome.value] for outcome in Outcome if outcome.value in found}


def _minute(moment: datetime) -> str:
    text = write_moment(moment)
    assert text is not None
    return text[:16]
