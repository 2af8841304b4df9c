"""Pages: how each one ended, exactly once, and what its entry became."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from monitor.clock import read_time
from monitor.model import Outcome, PageRecord, Validators
from storage.connection import Connection
from storage.entries import unknown
from storage.runs import count_page
from storage.values import hash_text, write_moment

_PAGE = """
    SELECT pages.*, entries.id AS entry_id, articles.id AS article_id
    FROM pages
    LEFT JOIN entries ON entries.number = pages.entry
    LEFT JOIN articles ON articles.number = pages.article
"""


class Pages:
    """The pages that were fetched, or could not be."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, page: PageRecord) -> None:
        """End a page: its row, the ledger's counts, and its entry is done; one transaction.

        One whose entry was removed while it was under way is counted without its address. Raises
        StorageError for an entry that is not there.
        """
        with self._connection.transaction():
            entry, removed = self._end_entry(page)
            if removed:
                page = replace(page, url="", final_url="", reason=None, validators=Validators())
            self._connection.execute(
                """
                INSERT INTO pages (
                    entry, source_id, run_id, url, url_hash, final_url, status, fetched_at,
                    outcome, reason, body_sha256, body_bytes, etag, last_modified, article
                )
                VALUES (
                    :entry, :source_id, :run_id, :url, :url_hash, :final_url, :status, :fetched_at,
                    :outcome, :reason, :body_sha256, :body_bytes, :etag, :last_modified,
                    (SELECT number FROM articles WHERE id = :article_id)
                )
                """,
                {
                    "entry": entry,
                    "source_id": page.source_id,
                    "run_id": page.run_id,
                    "url": page.url,
                    "url_hash": hash_text(page.url),
                    "final_url": None if page.final_url == page.url else page.final_url,
                    "status": page.status,
                    "fetched_at": write_moment(page.fetched_at),
                    "outcome": page.outcome.value,
                    "reason": page.reason,
                    "body_sha256": page.body_sha256,
                    "body_bytes": page.body_bytes,
                    "etag": page.validators.etag,
                    "last_modified": page.validators.last_modified,
                    "article_id": page.article_id,
                },
            )
            count_page(self._connection, page)

    def _end_entry(self, page: PageRecord) -> tuple[int | None, bool]:
        """End the entry of a page; return its number, and whether a person had it removed."""
        if page.entry_id is None:
            return None, False
        row = self._connection.execute(
            """
            UPDATE entries
            SET state = 'done',
                entry = NULL,
                attempts = attempts + 1,
                tried_at = :at,
                next_try_at = NULL,
                reason = NULL
            WHERE id = :id
            RETURNING number, url
            """,
            {"id": page.entry_id, "at": write_moment(page.fetched_at)},
        ).fetchone()
        if row is None:
            raise unknown(page.entry_id)
        return row["number"], not row["url"]

    def find_latest(self, url: str) -> PageRecord | None:
        """Return how the page fetched from exactly this URL ended last, or None."""
        row = self._connection.find_row(
            f"""
            {_PAGE}
            WHERE pages.url_hash = :hash
                AND pages.url = :url
            ORDER BY pages.number DESC
            LIMIT 1
            """,
            {"url": url, "hash": hash_text(url)},
        )
        return None if row is None else build_page(row)

    def find_latest_of_entry(self, entry_id: str) -> PageRecord | None:
        """Return how the page of an entry ended last; its validators serve to ask again."""
        row = self._connection.find_row(
            f"""
            {_PAGE}
            WHERE pages.entry = (SELECT number FROM entries WHERE id = :id)
            ORDER BY pages.number DESC
            LIMIT 1
            """,  # noqa: S608  # constants of this room
            {"id": entry_id},
        )
        return None if row is None else build_page(row)

    def find_latest_of_article(self, article_id: str) -> PageRecord | None:
        """Return how the newest page of an article ended."""
        row = self._connection.find_row(
            f"""
            {_PAGE}
            WHERE pages.article = (SELECT number FROM articles WHERE id = :id)
            ORDER BY pages.number DESC
            LIMIT 1
            """,  # noqa: S608  # constants of this room
            {"id": article_id},
        )
        return None if row is None else build_page(row)

    def read_of_run(self, run_id: str) -> Iterator[PageRecord]:
        """Yield the pages of one run in the order in which they ended."""
        rows = self._connection.iterate(
            f"""
            {_PAGE}
            WHERE pages.run_id = :run_id
            ORDER BY pages.number
            """,
            {"run_id": run_id},
        )
        return (build_page(row) for row in rows)

    def prune(self, before: datetime) -> int:
        """Forget the rows of pages before a time, but for those of articles; return how many.

        The ledger keeps counting them.
        """
        with self._connection.transaction():
            parameters = {"before": write_moment(before)}
            self._connection.execute(
                """
                UPDATE day_outcomes
                SET pruned = pruned + old.pages
                FROM (
                    SELECT
                        substr(fetched_at, 1, 10) AS day,
                        COALESCE(source_id, '') AS source_id,
                        outcome,
                        COUNT(*) AS pages
                    FROM pages
                    WHERE fetched_at < :before
                        AND article IS NULL
                    GROUP BY 1, 2, 3
                ) AS old
                WHERE day_outcomes.day = old.day
                    AND day_outcomes.source_id = old.source_id
                    AND day_outcomes.outcome = old.outcome
                """,
                parameters,
            )
            return self._connection.execute(
                """
                DELETE FROM pages
                WHERE fetched_at < :before
                    AND article IS NULL
                """,
                parameters,
            ).rowcount


def build_page(row: sqlite3.Row) -> PageRecord:
    """Return the page of a row."""
    return PageRecord(
        run_id=row["run_id"],
        source_id=row["source_id"],
        url=row["url"],
        fetched_at=read_time(row["fetched_at"]),
        outcome=Outcome(row["outcome"]),
        entry_id=row["entry_id"],
        final_url=row["final_url"] or row["url"],
        status=row["status"],
        reason=row["reason"],
        body_sha256=row["body_sha256"],
        body_bytes=row["body_bytes"],
        article_id=row["article_id"],
        validators=Validators(etag=row["etag"], last_modified=row["last_modified"]),
    )
