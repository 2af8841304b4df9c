"""What articles are held against each other by: an index over a window of days, and counts.

Every look-up reads a bounded number of rows, however much is stored: so many rows a key, the newest
of the window first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from pydantic import TypeAdapter

from monitor.model.grouping import StoryFeatures, StoryMember, TermCounts
from storage.connection import Connection
from storage.values import as_list, hash_text, read_json, write_json

_FEATURES = TypeAdapter(StoryFeatures)
# So many articles are looked at for one key, the newest first: a name that more have in one window
# tells nothing.
MOST_FOR_ONE_KEY = 48
LAST_DAY = 2**31
MOST_KEPT = 256
"""Features that are kept as read: the articles of a window are looked at again and again."""
NOT_KNOWN = 0  # the day of an article that came out nobody knows when


class Grouping:
    """Features of articles, found again by what they share."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        article_id: str,
        features: StoryFeatures,
        *,
        keys: Sequence[str],
        moments: Sequence[datetime],
        terms: Mapping[str, Sequence[str]],
    ) -> None:
        """Keep the features of an article, in the place of those it had; one transaction.

        `keys` are what it is found again by, near any of `moments`; `terms`, by pool, are counted,
        once an article.
        """
        days = [day_of(moment) for moment in moments] or [NOT_KNOWN]
        with self._connection.transaction():
            number = self._number_of(article_id)
            if self._forget(number):
                terms = {}  # counted when its first version came
            self._connection.execute(
                """
                INSERT INTO story_features (article, day, features)
                VALUES (:number, :day, :features)
                """,
                {"number": number, "day": days[0], "features": write_json(_FEATURES, features)},
            )
            self._connection.execute_many(
                """
                INSERT OR IGNORE INTO story_keys (key, day, article)
                VALUES (:key, :day, :number)
                """,
                (
                    {"key": hash_text(key), "day": day, "number": number}
                    for key in keys
                    for day in days
                ),
            )
            for pool, found in terms.items():
                self._count(pool, found)

    def _number_of(self, article_id: str) -> int:
        return self._connection.count(
            "SELECT number FROM articles WHERE id = :id", {"id": article_id}
        )

    def _forget(self, number: int) -> bool:
        gone = self._connection.execute(
            "DELETE FROM story_features WHERE article = :number", {"number": number}
        ).rowcount
        if gone:
            self._connection.execute(
                "DELETE FROM story_keys WHERE article = :number", {"number": number}
            )
        return bool(gone)

    def _count(self, pool: str, terms: Sequence[str]) -> None:
        self._connection.execute(
            """
            INSERT INTO term_pools (pool, articles)
            VALUES (:pool, 1)
            ON CONFLICT (pool)
            DO UPDATE SET articles = articles + 1
            """,
            {"pool": pool},
        )
        self._connection.execute_many(
            """
            INSERT INTO term_counts (pool, term, articles)
            VALUES (:pool, :term, 1)
            ON CONFLICT (pool, term)
            DO UPDATE SET articles = articles + 1
            """,
            ({"pool": pool, "term": hash_text(term)} for term in set(terms)),
        )

    def count_terms(self, pool: str, terms: Sequence[str]) -> TermCounts:
        """Return in how many articles of a pool each of `terms` stands."""
        articles = self._connection.count(
            "SELECT articles FROM term_pools WHERE pool = :pool", {"pool": pool}
        )
        hashes = {hash_text(term): term for term in terms}
        rows = self._connection.read_rows(
            """
            SELECT term_counts.term, term_counts.articles
            FROM json_each(:terms) AS asked
            -- CROSS: look each one up, never read the pool
            CROSS JOIN term_counts ON term_counts.pool = :pool
                AND term_counts.term = asked.value
            """,
            {"pool": pool, "terms": as_list(hashes)},
        )
        return TermCounts(
            articles=articles, counts={hashes[row["term"]]: row["articles"] for row in rows}
        )

    def find_related(
        self,
        keys: Sequence[str],
        *,
        around: Sequence[datetime],
        within: timedelta,
        limit: int = 12,
    ) -> tuple[str, ...]:
        """Return the ids of the articles that share most of `keys`, the likeliest first.

        A key counts the less the more articles of the window have it. Only articles `within` so
        much of any moment of `around` are looked at, and those of which no moment is known; without
        a moment, the newest.
        """
        spans = [(day_of(moment - within), day_of(moment + within)) for moment in around]
        spans = spans or [(NOT_KNOWN, LAST_DAY)]
        if around and self._has_undated():
            spans.append((NOT_KNOWN, NOT_KNOWN))
        weights: defaultdict[int, float] = defaultdict(float)
        for key in {hash_text(key) for key in keys}:
            numbers = {each for span in spans for each in self._find_of_key(key, *span)}
            for number in numbers:
                weights[number] += 1.0 / (1.0 + len(numbers)) ** 0.5
        best = sorted(weights.items(), key=lambda pair: (-pair[1], -pair[0]))[:limit]
        rows = self._connection.read_rows(
            """
            SELECT articles.number, articles.id
            FROM json_each(:numbers) AS asked
            JOIN articles ON articles.number = asked.value
            """,
            {"numbers": as_list(number for number, _ in best)},
        )
        ids = {row["number"]: row["id"] for row in rows}
        return tuple(ids[number] for number, _ in best)

    def _has_undated(self) -> bool:
        return bool(
            self._connection.find_value(
                "SELECT 1 FROM story_features WHERE day = :day LIMIT 1", {"day": NOT_KNOWN}
            )
        )

    def _find_of_key(self, key: int, first: int, last: int) -> list[int]:
        return [
            row[0]
            for row in self._connection.read_rows(
                """
                SELECT article
                FROM story_keys
                WHERE key = :key
                    AND day BETWEEN :first AND :last
                ORDER BY day DESC, article DESC
                LIMIT :most
                """,
                {"key": key, "first": first, "last": last, "most": MOST_FOR_ONE_KEY},
            )
        ]

    def read_members(self, article_ids: Sequence[str]) -> tuple[StoryMember, ...]:
        """Return the articles among `article_ids` that stand firmly in a story, as asked."""
        rows = self._connection.read_rows(
            """
            SELECT
                articles.id AS article_id, stories.id AS story_id, story_features.features,
                articles.outlet, articles.publisher
            FROM json_each(:ids) AS asked
            JOIN articles ON articles.id = asked.value
            JOIN story_features ON story_features.article = articles.number
            JOIN story_articles ON story_articles.article = articles.number
                AND story_articles.weak = 0
            JOIN stories ON stories.number = story_articles.story
            ORDER BY asked.key
            """,
            {"ids": as_list(article_ids)},
        )
        return tuple(
            StoryMember(
                article_id=row["article_id"],
                story_id=row["story_id"],
                features=_read_features(row["features"]),
                outlet=row["outlet"],
                publisher=row["publisher"],
            )
            for row in rows
        )

    def read_story(self, story_id: str, *, limit: int = 40) -> tuple[StoryMember, ...]:
        """Return the articles that stand firmly in a story, the newest first, at most `limit`."""
        rows = self._connection.read_rows(
            """
            SELECT articles.id
            FROM stories
            JOIN story_articles ON story_articles.story = stories.number
                AND story_articles.weak = 0
            JOIN articles ON articles.number = story_articles.article
            WHERE stories.id = :id
            ORDER BY story_articles.position DESC
            LIMIT :limit
            """,
            {"id": story_id, "limit": limit},
        )
        return self.read_members([row["id"] for row in rows])

    def attribute(self, article_id: str, *, independent: bool, agency: str | None = None) -> None:
        """Say whether an article is a report of its own in its story, and whose it says it is."""
        self._connection.execute(
            """
            UPDATE story_articles
            SET independent = :independent, agency = :agency
            WHERE weak = 0
                AND article = (SELECT number FROM articles WHERE id = :id)
            """,
            {"id": article_id, "independent": independent, "agency": agency},
        )

    def mark_live(self, story_id: str) -> None:
        """Make a story news that a backfill had found: an article of it was met live."""
        self._connection.execute("UPDATE stories SET historic = 0 WHERE id = :id", {"id": story_id})

    def add_note(self, article_id: str, version: int, note: str) -> None:
        """Keep what is other in a version of an article than in the one before."""
        self._connection.execute(
            """
            INSERT OR REPLACE INTO version_notes (article, version, note)
            SELECT number, :version, :note
            FROM articles
            WHERE id = :id
            """,
            {"id": article_id, "version": version, "note": note},
        )

    def read_notes(self, article_id: str) -> dict[int, str]:
        """Return what each version of an article changed, by version."""
        rows = self._connection.read_rows(
            """
            SELECT version_notes.version, version_notes.note
            FROM version_notes
            JOIN articles ON articles.number = version_notes.article
            WHERE articles.id = :id
            ORDER BY version_notes.version
            """,
            {"id": article_id},
        )
        return {row["version"]: row["note"] for row in rows}


def day_of(moment: datetime | None) -> int:
    """Return a moment as days since 1970; 0 for none, and for anything before."""
    return NOT_KNOWN if moment is None else max(1, int(moment.timestamp() // 86400))


@lru_cache(maxsize=MOST_KEPT)
def _read_features(text: str) -> StoryFeatures:
    return read_json(_FEATURES, text)
