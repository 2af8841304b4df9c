"""Articles that were flagged: their versions, their addresses, and finding them again."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from uuid import uuid4

from monitor.clock import read_time
from monitor.errors import StorageError
from monitor.model import (
    Article,
    Candidate,
    ExtractionMethod,
    Fingerprint,
    Origin,
    StoredArticle,
)
from storage.connection import Connection
from storage.folding import fold
from storage.values import Value, as_list, read_moment, to_signed, write_moment

# So many articles are counted for one hash, the newest first: a hash that more of them share is a
# site's boilerplate, and would make one look-up cost as much as a thousand.
MOST_FOR_ONE_HASH = 200

SELECT = """
    SELECT
        articles.id AS article_id, articles.number, articles.source_id, articles.outlet,
        articles.country, articles.publisher, articles.first_seen_at, articles.historic,
        article_versions.*
    FROM articles
    JOIN article_versions ON article_versions.article = articles.number
"""
NEWEST = "article_versions.version = articles.version"
LAST = 2**63 - 1
"""After every commit."""


class Articles:
    """The articles in which a topic was found, with every version of each."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, article: Article, fingerprint: Fingerprint, origin: Origin) -> StoredArticle:
        """Store an article not seen before, its fingerprint, and its words for the search.

        One transaction. Raises StorageError when its canonical URL belongs to another article.
        """
        with self._connection.transaction():
            article_id = str(uuid4())
            number = self._connection.execute(
                """
                INSERT INTO articles (
                    id, source_id, outlet, country, publisher, first_seen_at, historic, version
                )
                VALUES (
                    :id, :source_id, :outlet, :country, :publisher, :now, :historic, 1
                )
                """,
                {
                    "id": article_id,
                    "source_id": origin.source_id,
                    "outlet": origin.outlet,
                    "country": origin.country,
                    "publisher": origin.publisher,
                    "now": write_moment(origin.fetched_at),
                    "historic": origin.historic,
                },
            ).lastrowid
            assert number is not None
            self._claim_url(number, article.canonical_url)
            self._store_version(
                article, fingerprint, origin, keys={"article": number, "version": 1}
            )
        return self.get(article_id)

    def add_version(
        self, article_id: str, article: Article, *, fingerprint: Fingerprint, origin: Origin
    ) -> StoredArticle:
        """Store what an article says now as its newest version; the ones before stay.

        Its outlet, its first sighting and whether it is historic do not change by that; a live
        version of a historic article does not make it news.
        """
        with self._connection.transaction():
            number = self.number_of(article_id)
            version = 1 + self._connection.count(
                """
                SELECT version
                FROM articles
                WHERE number = :number
                """,
                {"number": number},
            )
            self._connection.execute(
                """
                UPDATE articles
                SET version = :version
                WHERE number = :number
                """,
                {"number": number, "version": version},
            )
            self._store_version(
                article, fingerprint, origin, keys={"article": number, "version": version}
            )
        return self.get(article_id)

    def _store_version(
        self, article: Article, fingerprint: Fingerprint, origin: Origin, *, keys: dict[str, int]
    ) -> None:
        self._connection.execute(
            """
            INSERT INTO article_versions (
                article, version, title, text, author, published_at, published_precision,
                modified_at, language, declared_language, site_name, method, paywalled, url,
                canonical_url, text_hash, body_sha256, evidence, fetched_at, run_id, commit_number,
                rules_version, blocks_version
            )
            VALUES (
                :article, :version, :title, :text, :author, :published_at, :published_precision,
                :modified_at, :language, :declared_language, :site_name, :method, :paywalled, :url,
                :canonical_url, :text_hash, :body_sha256, :evidence, :fetched_at, :run_id,
                :commit_number, :rules_version, :blocks_version
            )
            """,
            {
                **keys,
                **_article_columns(article),
                "text_hash": fingerprint.text_hash,
                "body_sha256": origin.body_sha256,
                "evidence": origin.evidence,
                "fetched_at": write_moment(origin.fetched_at),
                "run_id": origin.run_id,
                "commit_number": origin.commit,
                "rules_version": origin.rules_version,
                "blocks_version": origin.blocks_version,
            },
        )
        self._index(article, fingerprint, keys["article"])

    def _index(self, article: Article, fingerprint: Fingerprint, number: int) -> None:
        """Make the version findable by its words and by its fingerprint, in the place of the last.

        The hashes of older versions stay: a copy of what it once said is a copy still.
        """
        self._connection.execute(
            """
            INSERT OR REPLACE INTO article_search (rowid, title, text)
            VALUES (:number, :title, :text)
            """,
            {"number": number, "title": fold(article.title), "text": fold(article.text)},
        )
        self._connection.execute_many(
            """
            INSERT OR IGNORE INTO fingerprints (hash, article)
            VALUES (:hash, :number)
            """,
            ({"hash": to_signed(value), "number": number} for value in fingerprint.hashes),
        )
        self._connection.execute(
            """
            INSERT OR REPLACE INTO fingerprint_sizes (article, kept)
            VALUES (:number, :kept)
            """,
            {"number": number, "kept": len(set(fingerprint.hashes))},
        )

    def add_url(self, article_id: str, canonical_url: str) -> None:
        """Remember another canonical URL of an article; one that is taken stays where it is."""
        self._connection.execute(
            """
            INSERT INTO article_urls (url, article)
            SELECT :url, number
            FROM articles
            WHERE id = :id
            ON CONFLICT (url)
            DO NOTHING
            """,
            {"url": canonical_url, "id": article_id},
        )

    def _claim_url(self, number: int, url: str) -> None:
        added = self._connection.execute(
            """
            INSERT INTO article_urls (url, article)
            VALUES (:url, :number)
            ON CONFLICT (url)
            DO NOTHING
            """,
            {"url": url, "number": number},
        ).rowcount
        if not added:
            raise StorageError(
                f"while storing an article: {url!r} belongs to another one already; "
                "add a version to that one"
            )

    def get(self, article_id: str, *, commit: int | None = None) -> StoredArticle:
        """Return an article in its newest version, or the one that stood at a commit.

        Raises StorageError for an unknown one.
        """
        row = self._connection.find_row(
            f"""
            {SELECT}
            WHERE articles.id = :id
                AND (article_versions.commit_number <= :commit OR article_versions.version = 1)
            ORDER BY article_versions.version DESC
            LIMIT 1
            """,
            {"id": article_id, "commit": LAST if commit is None else commit},
        )
        if row is None:
            raise _unknown(article_id)
        return build_article(row)

    def find_by_url(self, canonical_url: str) -> StoredArticle | None:
        """Return the article with this canonical URL, in its newest version, or None."""
        return self._find(
            f"""
            {SELECT}
            WHERE articles.number = (SELECT article FROM article_urls WHERE url = :key)
                AND {NEWEST}
            """,  # noqa: S608  # constants of this room
            canonical_url,
        )

    def find_by_text_hash(self, text_hash: str) -> StoredArticle | None:
        """Return the first article that ever had this text, in its newest version, or None."""
        return self._find(
            f"""
            {SELECT}
            WHERE articles.number = (
                    SELECT MIN(article)
                    FROM article_versions
                    WHERE text_hash = :key
                )
                AND {NEWEST}
            """,  # noqa: S608  # constants of this room
            text_hash,
        )

    def _find(self, sql: str, key: str) -> StoredArticle | None:
        row = self._connection.find_row(sql, {"key": key})
        return None if row is None else build_article(row)

    def find_candidates(
        self, hashes: Sequence[int], *, at_least: int = 3, limit: int = 20
    ) -> tuple[Candidate, ...]:
        """Return the articles that share `at_least` of `hashes`, the most first.

        Three shared hashes made a candidate where it was measured (MEASURED.md); whether it is a
        near-duplicate is decided elsewhere. Of a hash that very many articles have, only the
        newest 200 count.
        """
        shared: Counter[int] = Counter()
        for value in {to_signed(value) for value in hashes}:
            shared.update(
                row[0]
                for row in self._connection.read_rows(
                    """
                    SELECT article
                    FROM fingerprints
                    WHERE hash = :hash
                    ORDER BY article DESC
                    LIMIT :most
                    """,
                    {"hash": value, "most": MOST_FOR_ONE_HASH},
                )
            )
        found = sorted(
            ((count, number) for number, count in shared.items() if count >= at_least),
            key=lambda pair: (-pair[0], pair[1]),
        )[:limit]
        rows = self._connection.read_rows(
            """
            SELECT articles.number, articles.id, fingerprint_sizes.kept
            FROM json_each(:numbers) AS asked
            JOIN articles ON articles.number = asked.value
            JOIN fingerprint_sizes ON fingerprint_sizes.article = articles.number
            """,
            {"numbers": as_list(number for _, number in found)},
        )
        stored = {row["number"]: row for row in rows}
        return tuple(
            Candidate(article_id=stored[number]["id"], shared=count, kept=stored[number]["kept"])
            for count, number in found
        )

    def read_versions(self, article_id: str) -> tuple[StoredArticle, ...]:
        """Return every version of an article, the first one first."""
        rows = self._connection.read_rows(
            f"""
            {SELECT}
            WHERE articles.id = :id
            ORDER BY article_versions.version
            """,
            {"id": article_id},
        )
        return tuple(build_article(row) for row in rows)

    def iterate(self) -> Iterator[StoredArticle]:
        """Yield every article in its newest version, in the order in which they were stored.

        Read in portions, so that the caller may write meanwhile.
        """
        after = 0
        while True:
            rows = self._connection.read_rows(
                f"""
                {SELECT}
                WHERE articles.number > :after
                    AND {NEWEST}
                ORDER BY articles.number
                LIMIT 200
                """,
                {"after": after},
            )
            if not rows:
                return
            yield from (build_article(row) for row in rows)
            after = rows[-1]["number"]

    def count(self) -> int:
        """Return how many articles there are."""
        return self._connection.count("SELECT COUNT(*) FROM articles")

    def number_of(self, article_id: str) -> int:
        """Return the row number of an article, which never leaves this room."""
        number = self._connection.find_value(
            """
            SELECT number
            FROM articles
            WHERE id = :id
            """,
            {"id": article_id},
        )
        if not isinstance(number, int):
            raise _unknown(article_id)
        return number


def _unknown(article_id: str) -> StorageError:
    return StorageError(f"while reading an article: there is no article {article_id!r}")


def _article_columns(article: Article) -> dict[str, Value]:
    return {
        "title": article.title,
        "text": article.text,
        "author": article.author,
        "published_at": write_moment(article.published),
        "published_precision": article.published_precision,
        "modified_at": write_moment(article.modified),
        "language": article.language,
        "declared_language": article.declared_language,
        "site_name": article.site_name,
        "method": article.method.value,
        "paywalled": article.paywalled,
        "url": article.url,
        "canonical_url": article.canonical_url,
    }


def build_article(row: sqlite3.Row) -> StoredArticle:
    """Return the article of a row of SELECT."""
    return StoredArticle(
        id=row["article_id"],
        article=Article(
            url=row["url"],
            canonical_url=row["canonical_url"],
            title=row["title"],
            text=row["text"],
            author=row["author"],
            published=read_moment(row["published_at"]),
            published_precision=row["published_precision"],
            modified=read_moment(row["modified_at"]),
            language=row["language"],
            declared_language=row["declared_language"],
            site_name=row["site_name"],
            method=ExtractionMethod(row["method"]),
            paywalled=bool(row["paywalled"]),
        ),
        version=row["version"],
        text_hash=row["text_hash"],
        first_seen=read_time(row["first_seen_at"]),
        fetched_at=read_time(row["fetched_at"]),
        outlet=row["outlet"],
        source_id=row["source_id"],
        country=row["country"],
        publisher=row["publisher"],
        historic=bool(row["historic"]),
        body_sha256=row["body_sha256"],
        evidence=row["evidence"],
        rules_version=row["rules_version"],
    )
