"""A person's word on stories: merged, split, moved; remembered, and kept as evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from pydantic import TypeAdapter

from monitor.clock import Clock, read_time
from monitor.errors import StorageError
from monitor.model import JoinEvidence
from storage.connection import Connection
from storage.values import as_list, write_json, write_moment

_EVIDENCE = TypeAdapter(JoinEvidence)
BY_HAND = "by hand"


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a person ordered: `articles` went from `story` to `target`."""

    at: datetime
    kind: str
    story_id: str
    target_id: str


class Orders:
    """Stories put together and taken apart by hand.

    What a person put somewhere stays there: its evidence is "by hand", and whatever comes later is
    held against it there.
    """

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def merge(self, story_id: str, target_id: str, *, commit: int) -> None:
        """Put every article of one story into another; one transaction.

        The emptied story stays, for what was told of it, and is listed no more.
        Raises StorageError for an unknown story, and for a story with itself.
        """
        if story_id == target_id:
            raise StorageError(f"while merging stories: {story_id!r} is named twice; name two")
        with self._connection.transaction():
            story, target = self._story(story_id), self._story(target_id)
            self._move(self._articles_of(story), story, target, kind="merge", commit=commit)

    def split(self, story_id: str, article_ids: Sequence[str], *, commit: int) -> str:
        """Take articles out of a story into a new one and return its id; one transaction.

        Refuses with StorageError to take all of them, or one that does not stand there.
        """
        with self._connection.transaction():
            story = self._story(story_id)
            chosen = [self._article(each, within=story) for each in dict.fromkeys(article_ids)]
            if not chosen or len(chosen) == len(self._articles_of(story)):
                raise StorageError(
                    f"while splitting story {story_id!r}: some of its articles have to go and some "
                    "have to stay; name fewer, or other ones"
                )
            new_id = self._begin_like(story, chosen[0], commit)
            self._move(chosen, story, self._story(new_id), kind="split", commit=commit)
        return new_id

    def move(self, article_id: str, target_id: str, *, commit: int) -> None:
        """Put one article into another story; one transaction."""
        with self._connection.transaction():
            target = self._story(target_id)
            story = self._connection.find_value(
                """
                SELECT story_articles.story
                FROM story_articles
                JOIN articles ON articles.number = story_articles.article
                WHERE articles.id = :id
                    AND story_articles.weak = 0
                """,
                {"id": article_id},
            )
            if not isinstance(story, int):
                raise StorageError(f"while moving an article: {article_id!r} stands in no story")
            if story == target:
                return
            self._move(
                [self._article(article_id, within=story)], story, target, kind="move", commit=commit
            )

    def read(self) -> tuple[Order, ...]:
        """Return everything that was ordered, the first one first."""
        rows = self._connection.read_rows(
            """
            SELECT story_orders.at, story_orders.kind, source.id AS story_id, target.id AS target_id
            FROM story_orders
            JOIN stories AS source ON source.number = story_orders.story
            JOIN stories AS target ON target.number = story_orders.target
            ORDER BY story_orders.number
            """
        )
        return tuple(
            Order(
                at=read_time(row["at"]),
                kind=row["kind"],
                story_id=row["story_id"],
                target_id=row["target_id"],
            )
            for row in rows
        )

    def _story(self, story_id: str) -> int:
        number = self._connection.find_value(
            "SELECT number FROM stories WHERE id = :id", {"id": story_id}
        )
        if not isinstance(number, int):
            raise StorageError(
                f"while changing stories by hand: there is no story {story_id!r}; "
                "`stationwatch stories` shows their ids"
            )
        return number

    def _article(self, article_id: str, *, within: int) -> int:
        number = self._connection.find_value(
            """
            SELECT articles.number
            FROM articles
            JOIN story_articles ON story_articles.article = articles.number
                AND story_articles.weak = 0
            WHERE articles.id = :id
                AND story_articles.story = :story
            """,
            {"id": article_id, "story": within},
        )
        if not isinstance(number, int):
            raise StorageError(
                f"while changing stories by hand: {article_id!r} is no article of that "
                "story; `stationwatch stories --json` shows the ids of articles"
            )
        return number

    def _articles_of(self, story: int) -> list[int]:
        rows = self._connection.read_rows(
            """
            SELECT article
            FROM story_articles
            WHERE story = :story
                AND weak = 0
            ORDER BY position
            """,
            {"story": story},
        )
        return [row["article"] for row in rows]

    def _begin_like(self, story: int, article: int, commit: int) -> str:
        """Make an empty story with the topics and the level of another, titled by an article."""
        new_id = str(uuid4())
        self._connection.execute(
            """
            INSERT INTO stories (
                id, title, level, first_seen_at, last_seen_at, historic, commit_number
            )
            SELECT
                :id, article_versions.title, stories.level, articles.first_seen_at,
                articles.first_seen_at, articles.historic, :commit
            FROM stories, articles
            JOIN article_versions ON article_versions.article = articles.number
                AND article_versions.version = articles.version
            WHERE stories.number = :story
                AND articles.number = :article
            """,
            {"id": new_id, "story": story, "article": article, "commit": commit},
        )
        for table in ("story_topics", "story_countries"):
            column = table.removeprefix("story_").replace("topics", "topic")
            column = column.replace("countries", "country")
            self._connection.execute(
                f"""
                INSERT INTO {table} (story, {column}, position)
                SELECT :target, {column}, position
                FROM {table}
                WHERE story = :story
                """,  # noqa: S608  # constants above
                {"target": self._story(new_id), "story": story},
            )
        return new_id

    def _move(
        self, articles: Sequence[int], story: int, target: int, *, kind: str, commit: int
    ) -> None:
        now = self._clock.now()
        evidence = JoinEvidence(
            kind=BY_HAND, because=(f"{kind} by hand on {now:%Y-%m-%d %H:%M} UTC",)
        )
        for number in articles:
            stood = self._connection.find_row(
                """
                SELECT independent, agency
                FROM story_articles
                WHERE article = :article
                    AND story = :story
                    AND weak = 0
                """,
                {"article": number, "story": story},
            )
            self._connection.execute(
                """
                DELETE FROM story_articles
                WHERE article = :article
                    AND story IN (:story, :target)
                """,
                {"article": number, "story": story, "target": target},
            )
            self._connection.execute(
                """
                INSERT INTO story_articles (
                    story, article, position, weak, evidence, joined_at, commit_number, independent,
                    agency
                )
                VALUES (
                    :target, :article,
                    (
                        SELECT COALESCE(MAX(position) + 1, 0)
                        FROM story_articles
                        WHERE story = :target
                    ),
                    0, :evidence, :at, :commit, :independent, :agency
                )
                """,
                {
                    "target": target,
                    "article": number,
                    "evidence": write_json(_EVIDENCE, evidence),
                    "at": write_moment(now),
                    "commit": commit,
                    "independent": True if stood is None else stood["independent"],
                    "agency": None if stood is None else stood["agency"],
                },
            )
        self._widen(story, target)
        self._remember(articles, story, target, kind)

    def _widen(self, story: int, target: int) -> None:
        """Give the target what it now tells of, and set when each of both was first and last seen.

        Topics and countries are added, never taken: what was told of a story stays true of it.
        """
        for table, column in (("story_topics", "topic"), ("story_countries", "country")):
            self._connection.execute(
                f"""
                INSERT INTO {table} (story, {column}, position)
                SELECT
                    :target, {column},
                    position + (SELECT COUNT(*) FROM {table} WHERE story = :target)
                FROM {table}
                WHERE story = :story
                ON CONFLICT (story, {column})
                DO NOTHING
                """,  # noqa: S608  # constants above
                {"target": target, "story": story},
            )
        for each in (story, target):
            self._connection.execute(
                """
                UPDATE stories
                SET first_seen_at = COALESCE(seen.first, first_seen_at),
                    last_seen_at = COALESCE(seen.last, last_seen_at),
                    historic = COALESCE(seen.historic, stories.historic)
                FROM (
                    SELECT
                        MIN(articles.first_seen_at) AS first,
                        MAX(articles.first_seen_at) AS last,
                        MIN(articles.historic) AS historic
                    FROM story_articles
                    JOIN articles ON articles.number = story_articles.article
                    WHERE story_articles.story = :story
                        AND story_articles.weak = 0
                ) AS seen
                WHERE stories.number = :story
                """,
                {"story": each},
            )
        self._connection.execute(
            """
            UPDATE stories
            SET level = 'report'
            WHERE number = :target
                AND (SELECT level FROM stories WHERE number = :story) = 'report'
            """,
            {"story": story, "target": target},
        )

    def _remember(self, articles: Sequence[int], story: int, target: int, kind: str) -> None:
        self._connection.execute(
            """
            INSERT INTO story_orders (at, kind, story, target, articles)
            SELECT :at, :kind, :story, :target, json_group_array(articles.id)
            FROM json_each(:numbers) AS moved
            JOIN articles ON articles.number = moved.value
            """,
            {
                "at": write_moment(self._clock.now()),
                "kind": kind,
                "story": story,
                "target": target,
                "numbers": as_list(articles),
            },
        )
