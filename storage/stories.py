"""Stories: the articles of one event, why each stands there, and what makes a story speak."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import uuid4

from pydantic import TypeAdapter

from monitor.clock import read_time
from monitor.errors import StorageError
from monitor.model import (
    Change,
    ChangeKind,
    ExportRow,
    JoinEvidence,
    Level,
    StoredArticle,
    Story,
    StoryArticle,
    StoryFilter,
)
from storage import exports
from storage.connection import Connection
from storage.filters import STORY_WANTED, filter_parameters
from storage.told_digests import bind_change
from storage.values import Value, read_json, read_moment, write_json, write_moment

_EVIDENCE = TypeAdapter(JoinEvidence)
PORTION = 100


class Stories:
    """The events that were reported."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(  # what a story begins with
        self,
        article: StoredArticle,
        *,
        topics: Sequence[str],
        countries: Sequence[str],
        level: str,
        commit: int,
        evidence: JoinEvidence | None = None,
    ) -> Story:
        """Begin a story with its first article; one transaction."""
        with self._connection.transaction():
            story_id = str(uuid4())
            self._connection.execute(
                """
                INSERT INTO stories (
                    id, title, level, first_seen_at, last_seen_at, historic, commit_number
                )
                VALUES (:id, :title, :level, :seen, :seen, :historic, :commit)
                """,
                {
                    "id": story_id,
                    "title": article.article.title,
                    "level": level,
                    "seen": write_moment(article.first_seen),
                    "historic": article.historic,
                    "commit": commit,
                },
            )
            number = self._number_of(story_id)
            self._add_article(number, article, commit=commit, evidence=evidence, weak=False)
            self._widen(number, topics, countries)
        return self.get(story_id)

    def join(  # what an article may bring to a story
        self,
        story_id: str,
        article: StoredArticle,
        *,
        evidence: JoinEvidence,
        commit: int,
        weak: bool = False,
        topics: Sequence[str] = (),
        countries: Sequence[str] = (),
        level: str | None = None,
    ) -> Story:
        """Add an article to a story, with the evidence for it; one transaction.

        A live article makes a historic story live; topics and countries are added, the level only
        rises. A weak join changes nothing of the story but its list. An article that joined before
        gets the new evidence. Raises StorageError when it stands firmly in another story.
        """
        with self._connection.transaction():
            number = self._number_of(story_id)
            self._add_article(number, article, commit=commit, evidence=evidence, weak=weak)
            if not weak:
                self._widen(number, topics, countries)
                self._connection.execute(
                    """
                    UPDATE stories
                    SET level = IIF(:level = :report, :level, level),
                        last_seen_at = MAX(last_seen_at, :seen),
                        historic = MIN(historic, :historic)
                    WHERE number = :number
                    """,
                    {
                        "number": number,
                        "level": level,
                        "report": Level.REPORT.value,
                        "seen": write_moment(article.first_seen),
                        "historic": article.historic,
                    },
                )
        return self.get(story_id)

    def _add_article(
        self,
        story: int,
        article: StoredArticle,
        *,
        commit: int,
        evidence: JoinEvidence | None,
        weak: bool,
    ) -> None:
        try:
            self._connection.execute(
                """
                INSERT INTO story_articles (
                    story, article, position, weak, evidence, joined_at, commit_number
                )
                SELECT
                    :story,
                    articles.number,
                    (
                        SELECT COALESCE(MAX(position) + 1, 0)
                        FROM story_articles
                        WHERE story = :story
                    ),
                    :weak, :evidence, commits.at, commits.number
                FROM articles, commits
                WHERE articles.id = :article_id
                    AND commits.number = :commit
                ON CONFLICT (story, article)
                DO UPDATE SET
                    weak = MIN(weak, excluded.weak),
                    evidence = excluded.evidence
                """,
                {
                    "story": story,
                    "article_id": article.id,
                    "weak": weak,
                    "evidence": None if evidence is None else write_json(_EVIDENCE, evidence),
                    "commit": commit,
                },
            )
        except sqlite3.IntegrityError as error:
            raise StorageError(
                f"while joining article {article.id!r} to a story: it stands firmly in another "
                "one; move it there instead"
            ) from error

    def _widen(self, story: int, topics: Sequence[str], countries: Sequence[str]) -> None:
        for table, column, values in (
            ("story_topics", "topic", topics),
            ("story_countries", "country", countries),
        ):
            self._connection.execute_many(
                f"""
                INSERT INTO {table} (story, {column}, position)
                VALUES (
                    :story, :value, (SELECT COUNT(*) FROM {table} WHERE story = :story)
                )
                ON CONFLICT (story, {column})
                DO NOTHING
                """,  # noqa: S608  # constants above
                ({"story": story, "value": value} for value in values),
            )

    def get(self, story_id: str) -> Story:
        """Return a story with its articles; raises StorageError for an unknown one."""
        return self._build(self._row_of(story_id))

    def find_by_article(self, article_id: str) -> Story | None:
        """Return the story in which an article stands firmly, or None."""
        row = self._connection.find_row(
            """
            SELECT stories.*
            FROM stories
            JOIN story_articles ON story_articles.story = stories.number
                AND story_articles.weak = 0
            JOIN articles ON articles.number = story_articles.article
            WHERE articles.id = :id
            """,
            {"id": article_id},
        )
        return None if row is None else self._build(row)

    def iterate(self, wanted: StoryFilter) -> Iterator[Story]:
        """Yield the stories that are wanted, the newest first; the caller may write meanwhile.

        A story that a person merged into another has no articles, and is not listed.
        """
        parameters = filter_parameters(wanted)
        left = wanted.limit
        last: dict[str, Value] = {"seen": "9999", "number": 0}
        while left is None or left > 0:
            rows = self._connection.read_rows(
                f"""
                SELECT *
                FROM stories
                WHERE {STORY_WANTED}
                    AND EXISTS (
                        SELECT 1
                        FROM story_articles
                        WHERE story = stories.number
                            AND weak = 0
                    )
                    AND (stories.first_seen_at, stories.number) < (:seen, :number)
                ORDER BY stories.first_seen_at DESC, stories.number DESC
                LIMIT :portion
                """,  # noqa: S608  # a constant of this room
                {**parameters, **last, "portion": PORTION if left is None else min(PORTION, left)},
            )
            if not rows:
                return
            yield from (self._build(row) for row in rows)
            last = {"seen": rows[-1]["first_seen_at"], "number": rows[-1]["number"]}
            left = None if left is None else left - len(rows)

    def find_active(self, since: datetime) -> tuple[Story, ...]:
        """Return the stories that an article joined since a time, the newest first."""
        rows = self._connection.read_rows(
            """
            SELECT *
            FROM stories
            WHERE last_seen_at >= :since
            ORDER BY last_seen_at DESC, number DESC
            """,
            {"since": write_moment(since)},
        )
        return tuple(self._build(row) for row in rows)

    def export(self, wanted: StoryFilter) -> Iterator[ExportRow]:
        """Yield one row for each article and topic of the stories that are wanted, newest first.

        Streams: a year of reports does not have to fit into memory.
        """
        for story in self.iterate(wanted):
            yield from exports.rows_of_story(self._connection, story, wanted)

    def add_change(
        self, story_id: str, article_id: str, kind: ChangeKind, *, commit: int
    ) -> Change:
        """Record that a story has something new to say, under a commit sequence number."""
        with self._connection.transaction():
            change_id = str(uuid4())
            self._connection.execute(
                """
                INSERT INTO changes (id, story, article, kind, commit_number, at)
                SELECT :id, stories.number, articles.number, :kind, commits.number, commits.at
                FROM stories, articles, commits
                WHERE stories.id = :story_id
                    AND articles.id = :article_id
                    AND commits.number = :commit
                """,
                {
                    "id": change_id,
                    "story_id": story_id,
                    "article_id": article_id,
                    "kind": kind.value,
                    "commit": commit,
                },
            )
            bind_change(self._connection, change_id)
            row = self._connection.find_row(f"{CHANGE} WHERE changes.id = :id", {"id": change_id})
        if row is None:
            raise StorageError(
                f"while adding a change: story {story_id!r}, article {article_id!r} or commit "
                f"{commit} is not there"
            )
        return build_change(row)

    def changes_between(self, after_commit: int, to_commit: int) -> tuple[Change, ...]:
        """Return the changes with after_commit < commit <= to_commit, in the order of commits."""
        rows = self._connection.read_rows(
            f"""
            {CHANGE}
            WHERE changes.commit_number > :after
                AND changes.commit_number <= :to
            ORDER BY changes.commit_number, changes.rowid
            """,
            {"after": after_commit, "to": to_commit},
        )
        return tuple(build_change(row) for row in rows)

    def changes_of(self, story_id: str) -> tuple[Change, ...]:
        """Return the changes of one story, in the order of commits."""
        rows = self._connection.read_rows(
            f"""
            {CHANGE}
            WHERE stories.id = :id
            ORDER BY changes.commit_number, changes.rowid
            """,
            {"id": story_id},
        )
        return tuple(build_change(row) for row in rows)

    def _number_of(self, story_id: str) -> int:
        number: int = self._row_of(story_id)["number"]
        return number

    def _row_of(self, story_id: str) -> sqlite3.Row:
        row = self._connection.find_row(
            """
            SELECT *
            FROM stories
            WHERE id = :id
            """,
            {"id": story_id},
        )
        if row is None:
            raise StorageError(f"while reading a story: there is no story {story_id!r}")
        return row

    def _build(self, row: sqlite3.Row) -> Story:
        parameters = {"story": row["number"]}
        topics = self._connection.read_rows(
            "SELECT topic FROM story_topics WHERE story = :story ORDER BY position", parameters
        )
        countries = self._connection.read_rows(
            "SELECT country FROM story_countries WHERE story = :story ORDER BY position", parameters
        )
        articles = self._connection.read_rows(
            """
            SELECT
                story_articles.weak, story_articles.evidence, story_articles.independent,
                story_articles.agency, articles.id, articles.outlet,
                articles.country, articles.publisher, articles.first_seen_at, articles.historic,
                article_versions.url, article_versions.title, article_versions.language,
                article_versions.published_at
            FROM story_articles
            JOIN articles ON articles.number = story_articles.article
            JOIN article_versions ON article_versions.article = articles.number
                AND article_versions.version = articles.version
            WHERE story_articles.story = :story
            ORDER BY story_articles.position
            """,
            parameters,
        )
        return Story(
            id=row["id"],
            title=row["title"],
            topics=tuple(topic["topic"] for topic in topics),
            countries=tuple(country["country"] for country in countries),
            level=row["level"],
            first_seen=read_time(row["first_seen_at"]),
            articles=tuple(_build_story_article(article) for article in articles),
            historic=bool(row["historic"]),
        )


CHANGE = """
    SELECT changes.*, stories.id AS story_id, articles.id AS article_id
    FROM changes
    JOIN stories ON stories.number = changes.story
    JOIN articles ON articles.number = changes.article
"""


def build_change(row: sqlite3.Row) -> Change:
    """Return the change of a row of CHANGE."""
    return Change(
        id=row["id"],
        story_id=row["story_id"],
        article_id=row["article_id"],
        kind=ChangeKind(row["kind"]),
        commit=row["commit_number"],
        at=read_time(row["at"]),
    )


def _build_story_article(row: sqlite3.Row) -> StoryArticle:
    return StoryArticle(
        article_id=row["id"],
        url=row["url"],
        title=row["title"],
        outlet=row["outlet"],
        country=row["country"],
        language=row["language"],
        published=read_moment(row["published_at"]),
        first_seen=read_time(row["first_seen_at"]),
        publisher=row["publisher"],
        weak=bool(row["weak"]),
        historic=bool(row["historic"]),
        independent=bool(row["independent"]),
        agency=row["agency"],
        evidence=None if row["evidence"] is None else read_json(_EVIDENCE, row["evidence"]),
    )
