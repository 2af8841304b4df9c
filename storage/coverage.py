"""What backfills covered: a unit, its counts and what it found are written together or not at all.

Units of archives are counted in bulk; rows in `pages` are for pages that were flagged.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor.clock import Clock
from monitor.model import LeftOutPage, Outcome
from storage.connection import Connection
from storage.left_out import add_left_out
from storage.values import write_moment

Months = Mapping[str, Mapping[str, int]]

FOUND = "found"
"""Of a flagged page that is wanted; what it really is, new or known, commit says and counts."""


@dataclass(frozen=True, kw_only=True)
class CoveredUnit:
    """One part of an archive that is done.

    `outcomes` are pages by month of capture and outcome; commit counts those that were found.
    `sites` are pages by site and month, `ends` their outcomes.
    """

    unit: str
    asked: str
    run_id: str
    kind: str
    records: int = 0
    outcomes: Months = field(default_factory=dict)
    sites: Months = field(default_factory=dict)
    ends: Mapping[str, Months] = field(default_factory=dict)
    unseen: Mapping[str, int] = field(default_factory=dict)
    damages: tuple[str, ...] = ()
    path: str = ""


@dataclass(frozen=True, kw_only=True)
class FoundPage:
    """A flagged page that waits for the pass in which stories form."""

    key: str
    asked: str
    published: datetime
    canonical_url: str
    payload: bytes


class Coverage:
    """The ledger of backfills."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def find_done(self, asked: str) -> frozenset[str]:
        """Return the units that are done, for these rules and wishes."""
        rows = self._connection.read_rows(
            """
            SELECT unit
            FROM covered_units
            WHERE asked = :asked
            """,
            {"asked": asked},
        )
        return frozenset(row["unit"] for row in rows)

    def finish(
        self,
        done: CoveredUnit,
        found: Iterable[FoundPage] = (),
        left_out: Iterable[LeftOutPage] = (),
    ) -> None:
        """Remember a unit, count its pages, keep what it found and left out, in one transaction.

        A unit that was done already changes nothing.
        """
        with self._connection.transaction():
            if self._add_unit(done):
                self._count(done)
                self._add_found(done.run_id, tuple(found))
                add_left_out(self._connection, done.asked, left_out)

    def _add_unit(self, done: CoveredUnit) -> bool:
        cursor = self._connection.execute(
            """
            INSERT INTO covered_units (
                unit, asked, run_id, finished_at, kind, outcomes, sites, ends, records, unseen,
                damages, path
            )
            VALUES (
                :unit, :asked, :run_id, :now, :kind, :outcomes, :sites, :ends, :records, :unseen,
                :damages, :path
            )
            ON CONFLICT (unit, asked) DO NOTHING
            """,
            {
                "unit": done.unit,
                "asked": done.asked,
                "run_id": done.run_id,
                "now": write_moment(self._clock.now()),
                "kind": done.kind,
                "outcomes": json.dumps(done.outcomes),
                "sites": json.dumps(done.sites),
                "ends": json.dumps(done.ends),
                "records": done.records,
                "unseen": json.dumps(done.unseen),
                "damages": json.dumps(done.damages),
                "path": done.path,
            },
        )
        return cursor.rowcount > 0

    def _add_found(self, run_id: str, found: Sequence[FoundPage]) -> None:
        """Keep flagged pages; one that waits already, from another file, counts as known."""
        known = len(found) - add_found(self._connection, found)
        if known:
            self.count_known(run_id, known)

    def count_known(self, run_id: str, pages: int = 1) -> None:
        """Count flagged pages that brought nothing new, inside a transaction."""
        count_in_bulk(self._connection, self._clock.now(), run_id, {Outcome.UNCHANGED: pages})

    def _count(self, done: CoveredUnit) -> None:
        total: Counter[str] = Counter()
        for counts in done.outcomes.values():
            total.update(counts)
        del total[FOUND]
        count_in_bulk(self._connection, self._clock.now(), done.run_id, total)

    def count_units(self, asked: str) -> int:
        """Return how many parts of files are done for these rules and wishes."""
        return self._connection.count(
            "SELECT COUNT(*) FROM covered_units WHERE asked = :asked AND kind = 'warc'",
            {"asked": asked},
        )

    def count_found(self) -> int:
        """Return how many flagged pages wait to be put into stories."""
        return self._connection.count("SELECT COUNT(*) FROM found_pages")

    def iterate_found(self) -> Iterator[FoundPage]:
        """Yield the flagged pages that wait, by (published, canonical URL): the order of a pass.

        A page may be removed while this goes on.
        """
        keys = self._connection.read_rows(
            """
            SELECT key
            FROM found_pages
            ORDER BY published, canonical_url, key
            """
        )
        for row in keys:
            page = self._connection.find_row(
                """
                SELECT key, asked, published, canonical_url, payload
                FROM found_pages
                WHERE key = :key
                """,
                {"key": row["key"]},
            )
            if page is not None:
                yield FoundPage(
                    key=page["key"],
                    asked=page["asked"],
                    published=datetime.fromisoformat(page["published"]),
                    canonical_url=page["canonical_url"],
                    payload=page["payload"],
                )

    def remove_found(self, keys: Sequence[str]) -> None:
        """Forget pages that have been put into stories."""
        self._connection.execute_many(
            "DELETE FROM found_pages WHERE key = :key", [{"key": key} for key in keys]
        )

    def read_units(self, asked: str) -> tuple[CoveredUnit, ...]:
        """Return every unit that is done for these rules and wishes, by name."""
        rows = self._connection.read_rows(
            """
            SELECT *
            FROM covered_units
            WHERE asked = :asked
            ORDER BY unit
            """,
            {"asked": asked},
        )
        return tuple(
            CoveredUnit(
                unit=row["unit"],
                asked=row["asked"],
                run_id=row["run_id"],
                kind=row["kind"],
                records=row["records"],
                path=row["path"],
                outcomes=json.loads(row["outcomes"]),
                sites=json.loads(row["sites"]),
                ends=json.loads(row["ends"]),
                unseen=json.loads(row["unseen"]),
                damages=tuple(json.loads(row["damages"])),
            )
            for row in rows
        )


def add_found(connection: Connection, found: Iterable[FoundPage]) -> int:
    """Keep flagged pages for the pass in which stories form; inside a transaction.

    Returns how many of them did not wait there already.
    """
    return connection.execute_many(
        """
        INSERT INTO found_pages (key, asked, published, canonical_url, payload)
        VALUES (:key, :asked, :published, :canonical_url, :payload)
        ON CONFLICT (key) DO NOTHING
        """,
        [
            {
                "key": page.key,
                "asked": page.asked,
                "published": write_moment(page.published),
                "canonical_url": page.canonical_url,
                "payload": page.payload,
            }
            for page in found
        ],
    )


def count_in_bulk(
    connection: Connection, now: datetime, run_id: str, outcomes: Mapping[str, int]
) -> None:
    """Count pages of a backfill without a row each, inside a transaction; they count as pruned."""
    for outcome, pages in outcomes.items():
        values: dict[str, str | int | float | bytes | None] = {
            "run_id": run_id,
            "day": (write_moment(now) or "")[:10],
            "outcome": outcome,
            "pages": pages,
        }
        connection.execute(
            """
            INSERT INTO run_outcomes (run_id, outcome, pages)
            VALUES (:run_id, :outcome, :pages)
            ON CONFLICT (run_id, outcome)
            DO UPDATE SET pages = pages + excluded.pages
            """,
            values,
        )
        connection.execute(
            """
            INSERT INTO day_outcomes (day, source_id, outcome, pages, pruned, backfilled)
            VALUES (:day, '', :outcome, :pages, :pages, :pages)
            ON CONFLICT (day, source_id, outcome)
            DO UPDATE SET
                pages = pages + excluded.pages,
                pruned = pruned + excluded.pruned,
                backfilled = backfilled + excluded.backfilled
            """,
            values,
        )
