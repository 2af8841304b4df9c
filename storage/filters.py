"""A StoryFilter as SQL: conditions on a row of `stories`, with their parameters."""

from __future__ import annotations

from monitor.model import StoryFilter
from storage.values import Value, as_list, write_moment

DAY = "COALESCE(article_versions.published_at, article_versions.fetched_at)"
PUBLISHED_WANTED = f"""
    (:published_since IS NULL OR {DAY} >= :published_since)
    AND (:published_until IS NULL OR {DAY} < :published_until)
"""
"""Of a version of an article: when it was published, or else had."""

STORY_WANTED = f"""
    (:since IS NULL OR stories.first_seen_at >= :since)
    AND (:until IS NULL OR stories.first_seen_at < :until)
    AND (
        (:published_since IS NULL AND :published_until IS NULL)
        OR EXISTS (
            SELECT 1
            FROM story_articles
            JOIN articles ON articles.number = story_articles.article
            JOIN article_versions ON article_versions.article = articles.number
                AND article_versions.version = articles.version
            WHERE story_articles.story = stories.number AND {PUBLISHED_WANTED}
        )
    )
    AND (:historic IS NULL OR stories.historic = :historic)
    AND (:levels IS NULL OR stories.level IN (SELECT value FROM json_each(:levels)))
    AND (
        :topics IS NULL
        OR EXISTS (
            SELECT 1
            FROM story_topics
            WHERE story_topics.story = stories.number
                AND story_topics.topic IN (SELECT value FROM json_each(:topics))
        )
    )
    AND (
        :countries IS NULL
        OR EXISTS (
            SELECT 1
            FROM story_countries
            WHERE story_countries.story = stories.number
                AND story_countries.country IN (SELECT value FROM json_each(:countries))
        )
    )
    AND (
        :languages IS NULL
        OR EXISTS (
            SELECT 1
            FROM story_articles
            JOIN articles ON articles.number = story_articles.article
            JOIN article_versions ON article_versions.article = articles.number
                AND article_versions.version = articles.version
            JOIN json_each(:languages) AS wanted
                ON lower(article_versions.language) = wanted.value
                OR lower(article_versions.language) LIKE wanted.value || '-%'
            WHERE story_articles.story = stories.number
        )
    )
"""  # noqa: S608  # constants of this room


def filter_parameters(wanted: StoryFilter) -> dict[str, Value]:
    """Return the parameters of STORY_WANTED; `sr` asks for `sr-Cyrl` as well."""
    return {
        "since": write_moment(wanted.since),
        "until": write_moment(wanted.until),
        "published_since": write_moment(wanted.published_since),
        "published_until": write_moment(wanted.published_until),
        "historic": wanted.historic,
        "levels": _list_or_all(wanted.levels),
        "topics": _list_or_all(wanted.topics),
        "countries": _list_or_all(tuple(code.upper() for code in wanted.countries)),
        "languages": _list_or_all(tuple(tag.lower() for tag in wanted.languages)),
    }


def _list_or_all(values: tuple[str, ...]) -> str | None:
    return as_list(values) if values else None
