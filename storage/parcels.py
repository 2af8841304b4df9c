"""Results that a backfill gathered in a database of its own, taken over by the one who writes.

    begin    runs with their counts, costs, what was asked for          once
    take     flagged pages, then pages, lists and units, some at a time
    end      all flagged pages are in stories

The other database is a whole one of the same schema.  Whatever is killed in here, the same steps
taken again leave the same: counts and flagged pages come once, the rest is told as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.clock import Clock
from monitor.errors import StorageError
from monitor.urls import canonical_url
from storage.backfill_requests import WITH_RUNS
from storage.connection import Connection
from storage.left_out import LeftOutPages
from storage.purging import hash_url
from storage.values import write_moment

FOUND_AT_ONCE = 20
"""Flagged pages in one transaction: each brings its bytes along."""


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """How far one parcel has been taken; its pages are committed under the run `run_id`."""

    id: str
    run_id: str
    found: int
    copied: bool
    done: bool


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table that is taken over by its key, so many rows in one transaction.

    `conflict` says what becomes of a row that is here already.
    """

    name: str
    key: tuple[str, str]
    rows: int
    conflict: str


ENTRIES = Table(
    name="archive_entries",
    key=("asked", "key"),
    rows=1000,
    conflict="DO UPDATE SET {values} WHERE archive_entries.state = 'todo'",
)
LISTS = Table(
    name="archive_lists", key=("asked", "url"), rows=500, conflict="DO UPDATE SET {values}"
)
LEFT_OUT = Table(name="backfill_left_out", key=("asked", "url"), rows=500, conflict="DO NOTHING")
UNITS = Table(name="covered_units", key=("unit", "asked"), rows=20, conflict="DO NOTHING")


class Parcels:
    """Parcels as the main database knows them, and the rows of one that is taken."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def find(self, parcel_id: str) -> Parcel | None:
        """Return how far a parcel has been taken, None for one that was not begun."""
        row = self._connection.find_row(
            "SELECT * FROM backfill_parcels WHERE id = :id", {"id": parcel_id}
        )
        if row is None:
            return None
        return Parcel(
            id=row["id"],
            run_id=row["run_id"],
            found=row["found"],
            copied=row["copied_at"] is not None,
            done=row["done_at"] is not None,
        )

    def find_open(self) -> Parcel | None:
        """Return the parcel that is being taken, or None."""
        row = self._connection.find_row(
            "SELECT id FROM backfill_parcels WHERE done_at IS NULL ORDER BY begun_at LIMIT 1"
        )
        return None if row is None else self.find(row["id"])

    def begin(self, parcel_id: str, other: Parcels) -> Parcel:
        """Take over runs, counts, costs and what was asked for, in one transaction, and once.

        Raises StorageError for a parcel that no run has worked on.
        """
        found = self.find(parcel_id)
        if found is not None:
            return found
        run_id = other._connection.find_value(
            "SELECT id FROM runs ORDER BY started_at DESC, rowid DESC LIMIT 1"
        )
        if run_id is None:
            raise StorageError(
                f"while taking over the backfill {parcel_id!r}: no run is in it; remove its folder"
            )
        with self._connection.transaction():
            for sql, rows in self._read_beginning(other._connection):
                self._connection.execute_many(sql, rows)
            self._connection.execute(
                """
                INSERT INTO backfill_parcels (id, run_id, found, begun_at)
                VALUES (:id, :run_id, :found, :now)
                """,
                {
                    "id": parcel_id,
                    "run_id": run_id,
                    "found": other._connection.count("SELECT COUNT(*) FROM found_pages"),
                    "now": write_moment(self._clock.now()),
                },
            )
        begun = self.find(parcel_id)
        assert begun is not None
        return begun

    def _read_beginning(self, other: Connection) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        for table, conflict in BEGINNING:
            rows = [dict(row) for row in other.read_rows(f"SELECT * FROM {table}")]  # noqa: S608  # a constant of this room
            if rows:
                yield insert_into(table, rows[0], conflict), rows

    def take(self, parcel: Parcel, other: Parcels) -> Iterator[int]:
        """Take over the rest and yield how many rows came with each transaction.

        Coverage comes last: nothing is covered here before what it found is here.
        """
        if parcel.copied:
            return
        yield from self._take_found(parcel, other._connection)
        for table in (ENTRIES, LISTS, LEFT_OUT, UNITS):
            for rows in read_by_key(other._connection, table):
                shown = self._without_removed(rows) if table is ENTRIES else rows
                with self._connection.transaction():
                    self._write(table, shown)
                    if table is LEFT_OUT:
                        LeftOutPages(self._connection).forget_removed()
                yield len(rows)
        self._connection.execute(
            "UPDATE backfill_parcels SET copied_at = :now WHERE id = :id",
            {"id": parcel.id, "now": write_moment(self._clock.now())},
        )

    def end(self, parcel_id: str) -> None:
        """Remember that everything in a parcel is in stories."""
        self._connection.execute(
            "UPDATE backfill_parcels SET done_at = COALESCE(done_at, :now) WHERE id = :id",
            {"id": parcel_id, "now": write_moment(self._clock.now())},
        )

    def find_stories(self, run_id: str) -> tuple[str, ...]:
        """Return the stories that a run began or added to, in the order of their pages."""
        rows = self._connection.read_rows(
            """
            SELECT stories.id
            FROM pages
            JOIN story_articles ON story_articles.article = pages.article
                AND story_articles.weak = 0
            JOIN stories ON stories.number = story_articles.story
            WHERE pages.run_id = :run_id AND pages.outcome IN ('new', 'duplicate')
            GROUP BY stories.id
            ORDER BY MIN(pages.number)
            """,
            {"run_id": run_id},
        )
        return tuple(row["id"] for row in rows)

    def take_unfinished(self, asked: str, other: Parcels) -> None:
        """Take over what the main database knows of a backfill that goes on here, if it is new.

        All of its lists, and the pages that are still to be asked for.
        """
        for table, more in ((LISTS, ""), (ENTRIES, "AND state = 'todo'")):
            where = f"asked = :asked {more}"
            for rows in read_by_key(other._connection, table, where=where, asked=asked):
                sql = insert_into(table.name, rows[0], "DO NOTHING")
                with self._connection.transaction():
                    self._connection.execute_many(sql, rows)

    def _take_found(self, parcel: Parcel, other: Connection) -> Iterator[int]:
        while True:
            after = self._connection.find_value(
                "SELECT found_hash FROM backfill_parcels WHERE id = :id", {"id": parcel.id}
            )
            rows = [
                dict(row)
                for row in other.read_rows(
                    """
                    SELECT *
                    FROM found_pages
                    WHERE key > :after
                    ORDER BY key
                    LIMIT :rows
                    """,
                    {"after": after, "rows": FOUND_AT_ONCE},
                )
            ]
            if not rows:
                return
            with self._connection.transaction():
                sql = insert_into("found_pages", rows[0], "DO NOTHING")
                self._connection.execute_many(sql, rows)
                self._connection.execute(
                    "UPDATE backfill_parcels SET found_hash = :last WHERE id = :id",
                    {"id": parcel.id, "last": rows[-1]["key"]},
                )
            yield len(rows)

    def _write(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        values = ", ".join(f"{name} = excluded.{name}" for name in rows[0] if name not in table.key)
        conflict = table.conflict.format(values=values)
        self._connection.execute_many(
            insert_into(table.name, rows[0], f"({', '.join(table.key)}) {conflict}"), list(rows)
        )

    def _without_removed(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return pages without the addresses of those that a person had removed meanwhile."""
        removed = frozenset(
            row["url_hash"]
            for row in self._connection.read_rows("SELECT url_hash FROM purged_urls")
        )
        if not removed:
            return list(rows)
        return [
            {
                **row,
                "url": "",
                "reason": None,
                "state": "done",
                "outcome": row["outcome"] or "no match",
            }
            if hash_of(row) in removed
            else row
            for row in rows
        ]


BEGINNING = (
    ("runs", "DO NOTHING"),
    ("run_outcomes", "(run_id, outcome) DO UPDATE SET pages = pages + excluded.pages"),
    (
        "day_outcomes",
        "(day, source_id, outcome) DO UPDATE"
        " SET pages = pages + excluded.pages, pruned = pruned + excluded.pruned,"
        " backfilled = backfilled + excluded.backfilled",
    ),
    (
        "measured_costs",
        "(name) DO UPDATE SET count = count + excluded.count, total = total + excluded.total",
    ),
    (
        "backfill_requests",
        "(asked) DO UPDATE SET run_id = COALESCE(excluded.run_id, run_id),"
        f" words = {WITH_RUNS}, last_at = excluded.last_at",
    ),
)
"""What comes in the first step, in this order, and what becomes of a row that is there."""


def insert_into(table: str, row: Mapping[str, Any], conflict: str) -> str:
    """Return a statement for rows like `row`; names are those of our own schema."""
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    return f"INSERT INTO {table} ({names}) VALUES ({values}) ON CONFLICT {conflict}"  # noqa: S608  # constants of this room


def read_by_key(
    connection: Connection, table: Table, *, where: str = "TRUE", asked: str = ""
) -> Iterator[list[dict[str, Any]]]:
    """Yield all rows of a table, some at a time, in the order of its key."""
    first, second = table.key
    after: tuple[str, str] = ("", "")
    while True:
        rows = [
            dict(row)
            for row in connection.read_rows(
                f"""
                SELECT *
                FROM {table.name}
                WHERE ({first}, {second}) > (:first, :second) AND {where}
                ORDER BY {first}, {second}
                LIMIT :rows
                """,  # noqa: S608  # constants of this room
                {"first": after[0], "second": after[1], "rows": table.rows, "asked": asked},
            )
        ]
        if not rows:
            return
        yield rows
        after = (rows[-1][first], rows[-1][second])


def hash_of(row: Mapping[str, Any]) -> str:
    """Return what is kept of a page's address, of what was captured for a capture."""
    url = str(row["url"])
    if row["replay"]:
        url = url.partition("id_/")[2]
    try:
        return hash_url(canonical_url(url))
    except ValueError:
        return ""
