"""Matches: what was found in an article, and the whole explanation of it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from pydantic import TypeAdapter

from monitor.clock import read_time
from monitor.model import (
    Analysis,
    Change,
    FlaggedArticle,
    Level,
    Match,
    Mention,
    RunKind,
    StoredArticle,
)
from storage.articles import Articles
from storage.connection import Connection
from storage.values import read_json, write_json, write_moment

_MATCH = TypeAdapter(Match)


class Matches:
    """What the rules found, for every version and every set of rules; the newest is current."""

    def __init__(self, connection: Connection, articles: Articles) -> None:
        self._connection = connection
        self._articles = articles

    def add(
        self,
        article: StoredArticle,
        analysis: Analysis,
        *,
        commit: int,
        rules_version: str,
        blocks_version: int = 0,
    ) -> None:
        """Store what the rules found in the newest version of an article; it becomes current.

        Earlier matches stay as history; mentions and countries are replaced. An analysis without a
        match leaves the article with none. One transaction.
        """
        with self._connection.transaction():
            number = self._articles.number_of(article.id)
            self._connection.execute(
                """
                UPDATE matches
                SET current = 0
                WHERE article = :article
                    AND current = 1
                """,
                {"article": number},
            )
            keys: dict[str, str | int] = {
                "article": number,
                "version": article.version,
                "commit": commit,
                "rules_version": rules_version,
                "blocks_version": blocks_version,
            }
            for match in analysis.matches:
                self._add_match(match, keys)
            self._replace_mentions(number, analysis)

    def _add_match(self, match: Match, keys: dict[str, str | int]) -> None:
        number = self._connection.execute(
            """
            INSERT INTO matches (
                id, article, version, topic, level, score, report_at, mention_at, explanation,
                current, found_at, commit_number, rules_version, blocks_version
            )
            SELECT
                :id, :article, :version, :topic, :level, :score, :report_at, :mention_at,
                :explanation, 1, at, number, :rules_version, :blocks_version
            FROM commits
            WHERE number = :commit
            """,
            {
                **keys,
                "id": str(uuid4()),
                "topic": match.topic,
                "level": match.level.value,
                "score": match.score,
                "report_at": match.report_at,
                "mention_at": match.mention_at,
                "explanation": write_json(_MATCH, match),
            },
        ).lastrowid
        self._connection.execute_many(
            """
            INSERT INTO passages (match, position, rule, field, start, stop, text)
            VALUES (:match, :position, :rule, :field, :start, :stop, :text)
            """,
            (
                {
                    "match": number,
                    "position": position,
                    "rule": passage.rule,
                    "field": passage.field,
                    "start": passage.start,
                    "stop": passage.end,
                    "text": passage.text,
                }
                for position, passage in enumerate(match.passages)
            ),
        )

    def _replace_mentions(self, article: int, analysis: Analysis) -> None:
        for table in ("mentions", "article_countries"):
            self._connection.execute(
                f"DELETE FROM {table} WHERE article = :article",  # noqa: S608  # two constants
                {"article": article},
            )
        self._connection.execute_many(
            """
            INSERT INTO mentions (article, position, entity, kind, field, start, stop)
            VALUES (:article, :position, :entity, :kind, :field, :start, :stop)
            """,
            (
                {
                    "article": article,
                    "position": position,
                    "entity": mention.entity,
                    "kind": mention.kind,
                    "field": mention.field,
                    "start": mention.start,
                    "stop": mention.end,
                }
                for position, mention in enumerate(analysis.mentions)
            ),
        )
        self._connection.execute_many(
            """
            INSERT INTO article_countries (article, position, country)
            VALUES (:article, :position, :country)
            """,
            (
                {"article": article, "position": position, "country": country}
                for position, country in enumerate(dict.fromkeys(analysis.countries))
            ),
        )

    def find(self, article_id: str) -> tuple[Match, ...]:
        """Return the current matches of an article: reports first, then by score."""
        rows = self._connection.read_rows(
            """
            SELECT matches.explanation
            FROM matches
            JOIN articles ON articles.number = matches.article
            WHERE articles.id = :id
                AND matches.current = 1
            ORDER BY matches.level = 'report' DESC, matches.score DESC, matches.topic
            """,
            {"id": article_id},
        )
        return tuple(read_json(_MATCH, row["explanation"]) for row in rows)

    def find_mentions(self, article_id: str) -> tuple[Mention, ...]:
        """Return the entities found in an article, in the order found."""
        rows = self._connection.read_rows(
            """
            SELECT mentions.*
            FROM mentions
            JOIN articles ON articles.number = mentions.article
            WHERE articles.id = :id
            ORDER BY mentions.position
            """,
            {"id": article_id},
        )
        return tuple(_build_mention(row) for row in rows)

    def find_countries(self, article_id: str) -> tuple[str, ...]:
        """Return the host countries of an article, most likely first."""
        rows = self._connection.read_rows(
            """
            SELECT article_countries.country
            FROM article_countries
            JOIN articles ON articles.number = article_countries.article
            WHERE articles.id = :id
            ORDER BY article_countries.position
            """,
            {"id": article_id},
        )
        return tuple(row["country"] for row in rows)

    def get_flagged(self, article_id: str) -> FlaggedArticle:
        """Return an article with its current matches and host countries."""
        return FlaggedArticle(
            stored=self._articles.get(article_id),
            matches=self.find(article_id),
            countries=self.find_countries(article_id),
        )

    def get_told(self, change: Change) -> FlaggedArticle:
        """Return the article of a change as it was flagged then, for telling of it later.

        A page that was rewritten since, or rules that changed, take nothing back. The countries are
        known of what stands now only: none where that is something else. What a backfill found is
        historic, and what was met live after it is not.
        """
        stored = self._articles.get(change.article_id, commit=change.commit)
        now = self._articles.get(change.article_id)
        row = self._connection.find_row(
            """
            SELECT runs.kind
            FROM commits
            JOIN runs ON runs.id = commits.run_id
            WHERE commits.number = :commit
            """,
            {"commit": change.commit},
        )
        live = row is None or row["kind"] == RunKind.POLL
        first = stored.version == 1
        return FlaggedArticle(
            stored=replace(stored, historic=not live or (stored.historic and first)),
            matches=self._find_at(change, stored.version),
            countries=self.find_countries(stored.id) if now.version == stored.version else (),
        )

    def _find_at(self, change: Change, version: int) -> tuple[Match, ...]:
        rows = self._connection.read_rows(
            """
            SELECT explanation
            FROM matches
            WHERE article = :article
                AND version = :version
                AND commit_number = (
                    SELECT MAX(commit_number)
                    FROM matches
                    WHERE article = :article
                        AND version = :version
                        AND commit_number <= :commit
                )
            ORDER BY level = 'report' DESC, score DESC, topic
            """,
            {
                "article": self._articles.number_of(change.article_id),
                "version": version,
                "commit": change.commit,
            },
        )
        return tuple(read_json(_MATCH, row["explanation"]) for row in rows)

    def report_times(self, since: datetime) -> tuple[tuple[datetime, str], ...]:
        """Return (first seen, topic) of each live report since a time, oldest first."""
        rows = self._connection.read_rows(
            """
            SELECT articles.first_seen_at, matches.topic
            FROM articles
            JOIN matches ON matches.article = articles.number
            WHERE articles.first_seen_at >= :since
                AND articles.historic = 0
                AND matches.current = 1
                AND matches.level = :level
            ORDER BY articles.first_seen_at
            """,
            {"since": write_moment(since), "level": Level.REPORT.value},
        )
        return tuple((read_time(row["first_seen_at"]), row["topic"]) for row in rows)


def _build_mention(row: sqlite3.Row) -> Mention:
    return Mention(
        entity=row["entity"],
        kind=row["kind"],
        field=row["field"],
        start=row["start"],
        end=row["stop"],
    )
