"""The lists that a backfill asks for: which are still to be read, and what each one held.

todo ─ finish (its rows and its further lists with it) ─▶ done
└─── put_off ─▶ todo, later          └── fail ─▶ failed
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.clock import Clock
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

    def find_next_try(self, asked: str) -> datetime | None:
        """Return when the first list that waits may be asked for again, or None."""
        value = self._connection.find_value(
            """
            SELECT MIN(next_try_at)
            FROM archive_lists
            WHERE asked = :asked AND state = 'todo'
            """,
            {"asked": asked},
        )
        return datetime.fromisoformat(str(value)) if value else None

    def finish(
        self,
        asked: str,
        url: str,
        *,
        lists: Sequence[NewList] = (),
        entries: Sequence[NewEntry] = (),
        problem: str | None = None,
        pruned: int = 0,
        size: int = 0,
        oldest: datetime | None = None,
    ) -> int:
        """End a list with what it held, in one transaction; return how many pages are new.

        A page that came to its end under the same rules in an earlier backfill is not asked for
        again.
        """
        with self._connection.transaction():
            self._add(asked, lists)
            new = self._add_entries(asked, entries)
            self._end(
                asked, url, "done", problem=problem, pages=len(entries), pruned=pruned, size=size,
                oldest=oldest,
            )  # fmt: skip
        return new

    def _add_entries(self, asked: str, entries: Sequence[NewEntry]) -> int:
        new = self._connection.execute_many(
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
        self._connection.execute_many(
            """
            UPDATE archive_entries
            SET state = 'done', outcome = other.outcome, month = other.month,
                reason = 'as in an earlier backfill'
            FROM (
                SELECT outcome, month
                FROM archive_entries
                WHERE key = :key AND rules = :rules AND state = 'done' AND asked <> :asked
                    AND (reason IS NULL OR reason = 'as in an earlier backfill')
                    AND outcome NOT IN ('fetch failed', 'robots', 'worker lost', 'unwanted')
                LIMIT 1
            ) AS other
            WHERE asked = :asked AND key = :key AND state = 'todo'
            """,
            [{"asked": asked, "key": each.key, "rules": each.rules} for each in entries],
        )
        return new

    def fail(self, asked: str, url: str, problem: str) -> None:
        """End a list that could not be read."""
        self._end(asked, url, "failed", problem=problem)

    def _end(
        self,
        asked: str,
        url: str,
        state: str,
        *,
        problem: str | None,
        pages: int = 0,
        pruned: int = 0,
        size: int = 0,
        oldest: datetime | None = None,
    ) -> None:
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
                "problem": problem,
                "now": write_moment(self._clock.now()),
                "pages": pages,
                "pruned": pruned,
                "size": size,
                "oldest": write_moment(oldest),
            },
        )

    def put_off(self, asked: str, url: str, at: datetime, problem: str, *, tried: bool) -> None:
        """Have a list asked for later; `tried` counts a try."""
        self._connection.execute(
            """
            UPDATE archive_lists
            SET next_try_at = :at, problem = :problem, attempts = attempts + :tried
            WHERE asked = :asked AND url = :url AND state = 'todo'
            """,
            {
                "asked": asked,
                "url": url,
                "at": write_moment(at),
                "problem": problem,
                "tried": int(tried),
            },
        )

    def count(self, asked: str) -> ListCounts:
        """Return how many lists there are, by state."""
        rows = self._connection.read_rows(
            "SELECT state, COUNT(*) AS n FROM archive_lists WHERE asked = :asked GROUP BY state",
            {"asked": asked},
        )
        return ListCounts(**{row["state"]: row["n"] for row in rows})

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
