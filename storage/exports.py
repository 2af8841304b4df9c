"""Rows for researchers: one for each article and topic, with everything that is known."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from pydantic import TypeAdapter

from monitor.clock import read_time
from monitor.model import ExportRow, Match, Story, StoryFilter
from storage.connection import Connection
from storage.filters import PUBLISHED_WANTED
from storage.values import read_json, read_moment, write_moment

_MATCH = TypeAdapter(Match)


def rows_of_story(connection: Connection, story: Story, wanted: StoryFilter) -> Iterator[ExportRow]:
    """Yield the rows of one story: its articles in the order of joining, the best topic first.

    Those that were published outside of the days that are wanted are left out.
    """
    rows = connection.read_rows(
        f"""
        SELECT
            articles.id AS article_id, articles.outlet, articles.publisher, articles.source_id,
            articles.country AS outlet_country, articles.first_seen_at, articles.historic,
            article_versions.*, story_articles.weak,
            matches.topic, matches.level, matches.score, matches.report_at, matches.explanation,
            matches.rules_version AS matched_with,
            (
                SELECT json_group_array(country)
                FROM (
                    SELECT country
                    FROM article_countries
                    WHERE article_countries.article = articles.number
                    ORDER BY position
                )
            ) AS countries
        FROM stories
        JOIN story_articles ON story_articles.story = stories.number
        JOIN articles ON articles.number = story_articles.article
        JOIN article_versions ON article_versions.article = articles.number
            AND article_versions.version = articles.version
        JOIN matches ON matches.article = articles.number
            AND matches.current = 1
        WHERE stories.id = :id AND {PUBLISHED_WANTED}
        ORDER BY
            story_articles.position, matches.level = 'report' DESC, matches.score DESC,
            matches.topic
        """,  # noqa: S608  # a constant of this room
        {
            "id": story.id,
            "published_since": write_moment(wanted.published_since),
            "published_until": write_moment(wanted.published_until),
        },
    )
    return (_build_row(story, row) for row in rows)


def _build_row(story: Story, row: sqlite3.Row) -> ExportRow:
    match = read_json(_MATCH, row["explanation"])
    passages = tuple(dict.fromkeys(passage.text for passage in match.passages))
    return ExportRow(
        story_id=story.id,
        story_title=story.title,
        article_id=row["article_id"],
        version=row["version"],
        url=row["url"],
        canonical_url=row["canonical_url"],
        title=row["title"],
        author=row["author"],
        outlet=row["outlet"],
        publisher=row["publisher"],
        source_id=row["source_id"],
        outlet_country=row["outlet_country"],
        countries=tuple(json.loads(row["countries"])),
        language=row["language"],
        published=read_moment(row["published_at"]),
        published_precision=row["published_precision"],
        modified=read_moment(row["modified_at"]),
        first_seen=read_time(row["first_seen_at"]),
        topic=row["topic"],
        level=row["level"],
        score=row["score"],
        report_at=row["report_at"],
        rules=tuple(dict.fromkeys(hit.rule for hit in match.hits)),
        tags=match.tags,
        passage=passages[0] if passages else "",
        passages=passages,
        historic=bool(row["historic"]),
        weak=bool(row["weak"]),
        method=row["method"],
        body_sha256=row["body_sha256"],
        rules_version=row["matched_with"],
    )
