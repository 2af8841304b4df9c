"""Search in what was flagged, in every script."""

from __future__ import annotations

import sqlite3

from monitor.clock import read_time
from monitor.model import SearchHit
from storage.articles import NEWEST
from storage.connection import Connection
from storage.folding import build_query
from storage.values import read_moment


class Search:
    """The words of the newest version of every article."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, query: str, *, limit: int = 50) -> tuple[SearchHit, ...]:
        """Return the articles that hold every word and quoted phrase of `query`, the best first.

        Case, accents and width make no difference; one Chinese character is enough; a `*` ends a
        stem. No query is an error: one without a word finds nothing.
        """
        match = build_query(query)
        if match is None:
            return ()
        rows = self._connection.read_rows(
            f"""
            SELECT
                articles.id AS article_id, articles.outlet, articles.country,
                articles.first_seen_at, articles.historic, stories.id AS story_id,
                article_versions.title, article_versions.text, article_versions.url,
                article_versions.language, article_versions.published_at
            FROM article_search
            JOIN articles ON articles.number = article_search.rowid
            JOIN article_versions ON article_versions.article = articles.number
                AND {NEWEST}
            LEFT JOIN story_articles ON story_articles.article = articles.number
                AND story_articles.weak = 0
            LEFT JOIN stories ON stories.number = story_articles.story
            WHERE article_search MATCH :match
            ORDER BY bm25(article_search, 5.0, 1.0), articles.number DESC
            LIMIT :limit
            """,  # noqa: S608  # a constant of this room
            {"match": match, "limit": limit},
        )
        return tuple(_build_hit(row) for row in rows)


def _build_hit(row: sqlite3.Row) -> SearchHit:
    return SearchHit(
        article_id=row["article_id"],
        story_id=row["story_id"],
        title=row["title"],
        text=row["text"],
        url=row["url"],
        outlet=row["outlet"],
        country=row["country"],
        language=row["language"],
        published=read_moment(row["published_at"]),
        first_seen=read_time(row["first_seen_at"]),
        historic=bool(row["historic"]),
    )
