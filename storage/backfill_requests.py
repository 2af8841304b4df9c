"""Which backfills were asked for, and what pages have cost so far."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.clock import Clock
from storage.connection import Connection
from storage.values import read_moment, write_moment

WITH_RUNS = """json_set(
    excluded.words,
    '$.runs', json((
        SELECT json_group_array(value)
        FROM (
            SELECT value FROM json_each(backfill_requests.words, '$.runs')
            UNION SELECT value FROM json_each(excluded.words, '$.runs')
            UNION SELECT backfill_requests.run_id
            UNION SELECT excluded.run_id
        )
        WHERE value IS NOT NULL
    )),
    '$.named', json((
        SELECT json_group_array(value)
        FROM (
            SELECT value FROM json_each(backfill_requests.words, '$.named')
            UNION SELECT value FROM json_each(excluded.words, '$.named')
        )
    ))
)"""
"""The words of a request that is asked again, with the runs that have worked on it, each of which
may have left a report of its name, and with the files and folders that were named to any of them.
"""


@dataclass(frozen=True, kw_only=True)
class BackfillRequest:
    """One backfill that was asked for; `words` say what, for the report and for going on."""

    asked: str
    run_id: str | None
    words: Mapping[str, Any]
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, kw_only=True)
class Finding:
    """An article that a backfill found, and the story that it belongs to.

    `url` is the address that its page was had from, `canonical_url` the one that it is known by.
    """

    article_id: str
    story_id: str | None
    story_title: str
    source_id: str | None
    outlet: str
    country: str | None
    title: str
    url: str
    canonical_url: str
    language: str | None
    published: datetime | None
    level: str
    origin: str = ""


class BackfillRequests:
    """The backfills that were asked for, and measured costs."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def note(self, asked: str, words: Mapping[str, Any], *, run_id: str | None = None) -> None:
        """Remember what was asked for, and that a run works on it now."""
        self._connection.execute(
            f"""
            INSERT INTO backfill_requests (asked, run_id, words, first_at, last_at)
            VALUES (:asked, :run_id, :words, :now, :now)
            ON CONFLICT (asked)
            DO UPDATE SET
                run_id = COALESCE(excluded.run_id, run_id),
                words = {WITH_RUNS},
                last_at = excluded.last_at
            """,  # noqa: S608  # a constant of this file
            {
                "asked": asked,
                "run_id": run_id,
                "words": json.dumps(words, ensure_ascii=False, sort_keys=True),
                "now": write_moment(self._clock.now()),
            },
        )

    def note_run(self, asked: str, run_id: str) -> None:
        """Remember that a run works on what was asked for."""
        self._connection.execute(
            """
            UPDATE backfill_requests
            SET run_id = :run_id, last_at = :now
            WHERE asked = :asked
            """,
            {"asked": asked, "run_id": run_id, "now": write_moment(self._clock.now())},
        )

    def find(self, asked: str | None = None) -> BackfillRequest | None:
        """Return the backfill whose hash or run begins with `asked`, or the latest; or None.

        Any run that has worked on it counts: older ones by what they covered, too.  What was only
        estimated is the latest where nothing was read at all.
        """
        row = self._connection.find_row(
            """
            SELECT asked, run_id, words, first_at, last_at
            FROM backfill_requests
            WHERE :asked IS NULL
                OR substr(asked, 1, length(:asked)) = :asked
                OR substr(run_id, 1, length(:asked)) = :asked
                OR EXISTS (
                    SELECT 1
                    FROM json_each(words, '$.runs')
                    WHERE substr(value, 1, length(:asked)) = :asked
                )
                OR json_extract(words, '$."files asked"') IN (
                    SELECT covered_units.asked
                    FROM covered_units
                    WHERE substr(covered_units.run_id, 1, length(:asked)) = :asked
                )
            ORDER BY :asked IS NULL AND run_id IS NULL, last_at DESC
            LIMIT 1
            """,
            {"asked": asked},
        )
        return None if row is None else _read_request(row)

    def read_since(self, moment: datetime) -> tuple[BackfillRequest, ...]:
        """Return the backfills that were asked for since a moment, the latest first."""
        rows = self._connection.read_rows(
            """
            SELECT asked, run_id, words, first_at, last_at
            FROM backfill_requests
            WHERE last_at >= :since
            ORDER BY run_id IS NULL, last_at DESC
            """,
            {"since": write_moment(moment)},
        )
        return tuple(map(_read_request, rows))

    def add_finding(self, asked: str, article_id: str, *, origin: str = "") -> None:
        """Remember that an article was found for what was asked; once, however often it is told.

        `origin` is the file and record that it lies in, in words: of several, the first is kept.
        """
        self._connection.execute(
            """
            INSERT INTO backfill_findings (asked, article, origin)
            SELECT :asked, number, :origin
            FROM articles
            WHERE id = :article
            ON CONFLICT (asked, article) DO UPDATE SET origin = excluded.origin WHERE origin = ''
            """,
            {"asked": asked, "article": article_id, "origin": origin},
        )

    def read_findings(self, *asked: str) -> tuple[Finding, ...]:
        """Return what was found, the newest first; what was removed since is not among it."""
        rows = self._connection.read_rows(
            """
            SELECT
                MAX(backfill_findings.origin) AS origin,
                articles.id AS article_id, articles.source_id, articles.outlet, articles.country,
                article_versions.title, article_versions.url, article_versions.canonical_url,
                article_versions.language,
                article_versions.published_at, article_versions.fetched_at,
                stories.id AS story_id, stories.title AS story_title,
                (
                    SELECT MIN(matches.level = 'mention')
                    FROM matches
                    WHERE matches.article = articles.number AND matches.current = 1
                ) AS is_mention
            FROM backfill_findings
            JOIN articles ON articles.number = backfill_findings.article
            JOIN article_versions ON article_versions.article = articles.number
                AND article_versions.version = articles.version
            LEFT JOIN story_articles ON story_articles.article = articles.number
                AND story_articles.weak = 0
            LEFT JOIN stories ON stories.number = story_articles.story
            WHERE backfill_findings.asked IN (SELECT value FROM json_each(:asked))
            GROUP BY articles.number, stories.number
            ORDER BY
                COALESCE(article_versions.published_at, article_versions.fetched_at) DESC,
                article_versions.canonical_url
            """,
            {"asked": json.dumps(asked)},
        )
        return tuple(
            Finding(
                article_id=row["article_id"],
                story_id=row["story_id"],
                story_title=row["story_title"] or row["title"],
                source_id=row["source_id"],
                outlet=row["outlet"],
                country=row["country"],
                title=row["title"],
                url=row["url"],
                canonical_url=row["canonical_url"],
                language=row["language"],
                published=read_moment(row["published_at"]),
                level="mention" if row["is_mention"] else "report",
                origin=row["origin"],
            )
            for row in rows
        )

    def add_cost(self, name: str, total: float, *, count: int = 1) -> None:
        """Add what so many of a thing have cost."""
        self._connection.execute(
            """
            INSERT INTO measured_costs (name, count, total)
            VALUES (:name, :count, :total)
            ON CONFLICT (name)
            DO UPDATE SET count = count + excluded.count, total = total + excluded.total
            """,
            {"name": name, "count": count, "total": total},
        )

    def find_cost(self, name: str, *, least: int) -> float | None:
        """Return the mean cost of a thing, or None where fewer than `least` were measured."""
        row = self._connection.find_row(
            "SELECT count, total FROM measured_costs WHERE name = :name", {"name": name}
        )
        if row is None or row["count"] < least:
            return None
        return float(row["total"]) / int(row["count"])


def _read_request(row: sqlite3.Row) -> BackfillRequest:
    return BackfillRequest(
        asked=row["asked"],
        run_id=row["run_id"],
        words=json.loads(row["words"]),
        first_at=datetime.fromisoformat(row["first_at"]),
        last_at=datetime.fromisoformat(row["last_at"]),
    )
