"""Pages that backfills flagged and left out, as outside of what was asked, for all to judge."""

from __future__ import annotations

import json
from collections.abc import Iterable

from monitor.model import LeftOutPage
from monitor.urls import canonical_url
from storage.connection import Connection
from storage.purging import hash_url
from storage.values import read_moment, write_moment


class LeftOutPages:
    """What was left out, by what was asked; an address once, however often it was captured."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, *asked: str) -> tuple[LeftOutPage, ...]:
        """Return what was left out, the newest first."""
        rows = self._connection.read_rows(
            """
            SELECT *
            FROM backfill_left_out
            WHERE asked IN (SELECT value FROM json_each(:asked))
            ORDER BY published DESC, url
            """,
            {"asked": json.dumps(asked)},
        )
        return tuple(
            LeftOutPage(
                url=row["url"],
                canonical_url=row["canonical_url"],
                title=row["title"],
                published=read_moment(row["published"]),
                language=row["language"],
                why=row["why"],
                origin=row["origin"],
            )
            for row in rows
        )

    def forget_removed(self) -> int:
        """Remove the pages that a person had removed, and return how many."""
        removed = frozenset(
            row["url_hash"]
            for row in self._connection.read_rows("SELECT url_hash FROM purged_urls")
        )
        rows = self._connection.read_rows("SELECT url, canonical_url FROM backfill_left_out")
        gone = [
            {"url": row["url"]}
            for row in rows
            if removed & {hash_url(row["canonical_url"]), _hash_address(row["url"])}
        ]
        return (
            self._connection.execute_many("DELETE FROM backfill_left_out WHERE url = :url", gone)
            if gone
            else 0
        )


def add_left_out(connection: Connection, asked: str, pages: Iterable[LeftOutPage]) -> None:
    """Remember pages that were left out; inside a transaction."""
    connection.execute_many(
        """
        INSERT INTO backfill_left_out (
            asked, url, canonical_url, title, published, language, why, origin
        )
        VALUES (:asked, :url, :canonical_url, :title, :published, :language, :why, :origin)
        ON CONFLICT (asked, url) DO NOTHING
        """,
        [
            {
                "asked": asked,
                "url": page.url,
                "canonical_url": page.canonical_url,
                "title": page.title,
                "published": write_moment(page.published),
                "language": page.language,
                "why": page.why,
                "origin": page.origin,
            }
            for page in pages
        ],
    )


def _hash_address(url: str) -> str:
    try:
        return hash_url(canonical_url(url))
    except ValueError:
        return ""
