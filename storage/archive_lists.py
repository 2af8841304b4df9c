"""The lists that a backfill asks for: which are still to be read, and what each one held.

todo ─ finish (its rows and its further lists with it) ─▶ done
└─── put_off ─▶ todo, later          └── fail ─▶ failed
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor.clock import Clock
from storage.archive_entries import KnownEnd, find_ends
from storage.archive_queue import count_states, find_next_try, put_off
from storage.connection import Connection
from storage.values import write_moment


@dataclass(frozen=True, kw_only=True)
class NewList:
    """A list to be asked for; `dated` orders them, the newest first."""

    url: str
    source_id: str
    form: str
    depth: int = 0
    dated: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class NewEntry:
    """A page to be asked for; `key` tells it from every other, `rules` is their version."""

    key: str
    url: str
    source_id: str
    host: str
    rules: str
    replay: bool = False
    published: datetime | None = None
    dated: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ListHeld:
    """What a list held: further lists and pages; `pruned` are pages that cannot be of the period.

    `known` are ends of its pages, by key, that another database remembers.
    """

    lists: Sequence[NewList] = ()
    entries: Sequence[NewEntry] = ()
    known: Mapping[str, KnownEnd] = field(default_factory=dict)
    problem: str | None = None
    pruned: int = 0
    size: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ArchiveList:
    """A list as it stands."""

    url: str
    source_id: str
    form: str
    depth: int
    state: str
    attempts: int = 0
    problem: str | None = None
    pages: int = 0
    pruned: int = 0
    size: int = 0
    oldest: datetime | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ListCounts:
    """How many lists there are, by state."""

    todo: int = 0
    done: int = 0
    failed: int = 0


class ArchiveLists:
    """The lists of backfills, by what was asked."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def add(self, asked: str, lists: Iterable[NewList]) -> int:
        """Add lists to be asked for, and return how many are new."""
        with self._connection.transaction():
            return self._add(asked, lists)

    def _add(self, asked: str, lists: Iterable[NewList]) -> int:
        return self._connection.execute_many(
            """
            INSERT INTO archive_lists (asked, url, source_id, form, depth, dated, state)
            VALUES (:asked, :url, :source_id, :form, :depth, :dated, 'todo')
            ON CONFLICT (asked, url) DO NOTHING
            """,
            [
                {
                    "asked": asked,
                    "url": each.url,
                    "source_id": each.source_id,
                    "form": each.form,
                    "depth": each.depth,
                    "dated": write_moment(each.dated),
                }
                for each in lists
            ],
        )

    def reopen(self, asked: str, *, before: datetime) -> int:
        """Have lists read again that were read before a moment, or that failed for now."""
        cursor = self._connection.execute(
            """
            UPDATE archive_lists
            SET state = 'todo', attempts = 0, next_try_at = NULL
            WHERE asked = :asked
                AND (
                    (state IN ('done', 'failed') AND read_at < :before)
                    OR (state = 'failed' AND attempts > 0)
                )
            """,
            {"asked": asked, "before": write_moment(before)},
        )
        return cursor.rowcount

    def find_due(
        self, asked: str, now: datetime, *, limit: int, without: Sequence[str] = ()
    ) -> tuple[ArchiveList, ...]:
        """Return lists to be asked for now, the newest first, those without a date before them.

        Those of the sources in `without` are left out.
        """
        rows = self._connection.read_rows(
            """
            SELECT *
            FROM archive_lists
            WHERE asked = :asked AND state = 'todo'
                AND (next_try_at IS NULL OR next_try_at <= :now)
                AND source_id NOT IN (SELECT value FROM json_each(:without))
            ORDER BY dated IS NOT NULL, dated DESC, depth, url
            LIMIT :limit
            """,
            {
                "asked": asked,
                "now": write_moment(now),
                "limit": limit,
                "without": json.dumps(list(without)),
            },
        )
        return tuple(build_list(row) for row in rows)

    def find_known(self, asked: str, urls: Iterable[str]) -> frozenset[str]:
        """Return those of the addresses that are lists of this backfill already."""
        rows = self._connection.read_rows(
            """
            SELECT url
            FROM archive_lists
            WHERE asked = :asked AND url IN (SELECT value FROM json_each(:urls))
            """,
            {"asked": asked, "urls": json.dumps(list(urls))},
        )
        return frozenset(row["url"] for row in rows)

    def count_of_source(self, asked: str, source_id: str) -> int:
        """Return how many lists are asked for a source, or a host."""
        value = self._connection.find_value(
            """
            SELECT COUNT(*)
            FROM archive_lists
            WHERE asked = :asked AND source_id = :source_id
            """,
            {"asked": asked, "source_id": source_id},
        )
        return int(str(value or 0))

    def find_next_try(self, asked: str, *, without: Sequence[str] = ()) -> datetime | None:
        """Return when the first list that waits may be asked for again, or None.

        Those of the sources in `without` are left out.
        """
        return find_next_try(self._connection, "archive_lists", asked, without=without)

    def finish(self, asked: str, url: str, held: ListHeld | None = None) -> int:
        """End a list with what it held, in one transaction; return how many pages are new.

        A page that came to its end under the same rules in an earlier backfill is not asked for
        again.
        """
        held = held or ListHeld()
        rules = held.entries[0].rules if held.entries else ""
        keys = [each.key for each in held.entries]
        with self._connection.transaction():
            ends = find_ends(self._connection, asked, rules, keys) | dict(held.known)
            fresh = [
                each for each in held.entries if not (each.key in ends and ends[each.key].same)
            ]
            self._add(asked, held.lists)
            new = self._add_entries(asked, fresh)
            self._end_known(asked, ends)
            self._end(asked, url, "done", held)
        return new

    def _add_entries(self, asked: str, entries: Sequence[NewEntry]) -> int:
        return self._connection.execute_many(
            """
            INSERT INTO archive_entries (
                asked, key, url, source_id, host, replay, published, dated, rules, state
            )
            VALUES (
                :asked, :key, :url, :source_id, :host, :replay, :published, :dated, :rules, 'todo'
            )
            ON CONFLICT (asked, key) DO NOTHING
            """,
            [
                {
                    "asked": asked,
                    "key": each.key,
                    "url": each.url,
                    "source_id": each.source_id,
                    "host": each.host,
                    "replay": int(each.replay),
                    "published": write_moment(each.published),
                    "dated": write_moment(each.dated),
                    "rules": each.rules,
                }
                for each in entries
            ],
        )

    def _end_known(self, asked: str, ends: Mapping[str, KnownEnd]) -> None:
        self._connection.execute_many(
            """
            UPDATE archive_entries
            SET state = 'done', outcome = :outcome, month = :month,
                reason = 'as in an earlier backfill'
            WHERE asked = :asked AND key = :key AND state = 'todo'
            """,
            [
                {"asked": asked, "key": key, "outcome": end.outcome, "month": end.month}
                for key, end in ends.items()
                if not end.same
            ],
        )

    def fail(self, asked: str, url: str, problem: str) -> None:
        """End a list that could not be read."""
        self._end(asked, url, "failed", ListHeld(problem=problem))

    def _end(self, asked: str, url: str, state: str, held: ListHeld) -> None:
        self._connection.execute(
            """
            UPDATE archive_lists
            SET state = :state, problem = :problem, read_at = :now, pages = :pages,
                pruned = :pruned, size = :size, oldest = :oldest, next_try_at = NULL
            WHERE asked = :asked AND url = :url
            """,
            {
                "asked": asked,
                "url": url,
                "state": state,
                "problem": held.problem,
                "now": write_moment(self._clock.now()),
                "pages": len(held.entries),
                "pruned": held.pruned,
                "size": held.size,
                "oldest": write_moment(held.oldest),
            },
        )

    def put_off(self, asked: str, url: str, at: datetime, problem: str, *, tried: bool) -> None:
        """Have a list asked for later; `tried` counts a try."""
        place = (asked, url)
        put_off(self._connection, "archive_lists", place, at=at, reason=problem, tried=tried)

    def count(self, asked: str) -> ListCounts:
        """Return how many lists there are, by state."""
        return ListCounts(**count_states(self._connection, "archive_lists", asked))

    def read(self, asked: str) -> tuple[ArchiveList, ...]:
        """Return every list, by source and address."""
        rows = self._connection.read_rows(
            "SELECT * FROM archive_lists WHERE asked = :asked ORDER BY source_id, url",
            {"asked": asked},
        )
        return tuple(build_list(row) for row in rows)


def build_list(row: object) -> ArchiveList:
    """Return a row as a list."""
    fields = dict(row)  # type: ignore[call-overload]
    names = ArchiveList.__dataclass_fields__
    moments = {
        name: datetime.fromisoformat(fields[name]) if fields[name] else None
        for name in ("oldest", "read_at")
    }
    return ArchiveList(**({name: fields[name] for name in names if name in fields} | moments))


def make_key(canonical_url: str, digest: str | None = None) -> str:
    """Return what tells one page, or one capture of it, from every other."""
    return hashlib.sha256(f"{canonical_url}\n{digest or ''}".encode()).hexdigest()[:40]
