"""Removing an article or a person's name from every table, and the bytes from the files.

What is removed is overwritten: SQLite zeroes what it frees (`secure_delete`), the search index is
merged, and the file is written anew, since older deletions may have left the same text.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from monitor.clock import read_time
from monitor.model.purges import Purge, PurgedReport
from storage.articles import NEWEST
from storage.blackening import Blackening
from storage.connection import Connection
from storage.offers import entry_id
from storage.redaction import Name
from storage.values import as_list, hash_text, write_moment

SHARED = "a report that was removed since"
NO_BYTES = hashlib.sha256(b"").hexdigest()

_BODIES_OF = """
    SELECT body_sha256 FROM article_versions
    WHERE article IN (SELECT value FROM json_each(:numbers)) AND body_sha256 <> :none
    UNION
    SELECT evidence.sha256
    FROM evidence
    JOIN article_versions ON article_versions.evidence = evidence.seq
    WHERE article_versions.article IN (SELECT value FROM json_each(:numbers))
        AND evidence.sha256 <> :none
"""


def hash_url(canonical_url: str) -> str:
    """Return what is kept of an address that is not to be stored again."""
    return hashlib.sha256(f"stationwatch purge\n{canonical_url}".encode()).hexdigest()


class Purges:
    """Removals, and what they forbid to come back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_purged(self, canonical_url: str) -> bool:
        """Say whether the page with this canonical URL was removed, and may not come back."""
        found = self._connection.find_value(
            "SELECT purge FROM purged_urls WHERE url_hash = :hash",
            {"hash": hash_url(canonical_url)},
        )
        return found is not None

    def read(self) -> tuple[Purge, ...]:
        """Return every removal, the oldest first."""
        rows = self._connection.read_rows("SELECT * FROM purges ORDER BY at, id")
        return tuple(
            Purge(
                id=row["id"],
                at=read_time(row["at"]),
                kind="person" if row["kind"] == "person" else "article",
                wish=row["wish"],
            )
            for row in rows
        )

    def add(self, purge: Purge, *, removed: dict[str, int], link: int | None) -> None:
        """Remember a removal; belongs in its transaction."""
        self._connection.execute(
            """
            INSERT INTO purges (id, at, kind, wish, removed, link)
            VALUES (:id, :at, :kind, :wish, :removed, :link)
            """,
            {
                "id": purge.id,
                "at": write_moment(purge.at),
                "kind": purge.kind,
                "wish": purge.wish,
                "removed": json.dumps(removed),
                "link": link,
            },
        )
        self._connection.execute_many(
            """
            INSERT OR IGNORE INTO purged_urls (url_hash, purge)
            VALUES (:hash, :purge)
            """,
            [{"hash": each, "purge": purge.id} for each in purge.url_hashes],
        )

    def find_numbers(self, key: str, *urls: str) -> tuple[int, ...]:
        """Return the row numbers of the article with this id, or found under one of these URLs."""
        rows = self._connection.read_rows(
            """
            SELECT number FROM articles WHERE id = :key
            UNION
            SELECT article FROM article_urls WHERE url IN (SELECT value FROM json_each(:urls))
            UNION
            SELECT article FROM article_versions
            WHERE url IN (SELECT value FROM json_each(:urls))
            """,
            {"key": key, "urls": as_list(urls)},
        )
        return tuple(row[0] for row in rows)

    def find_numbers_by_hash(self, url_hashes: Iterable[str]) -> tuple[int, ...]:
        """Return the articles whose canonical URL has one of these hashes."""
        wanted = frozenset(url_hashes)
        rows = self._connection.iterate("SELECT url, article FROM article_urls")
        return tuple(sorted({row["article"] for row in rows if hash_url(row["url"]) in wanted}))

    def describe(self, numbers: Sequence[int]) -> tuple[PurgedReport, ...]:
        """Return articles as a person tells them apart."""
        rows = self._connection.read_rows(
            f"""
            SELECT articles.id, articles.outlet, article_versions.title, article_versions.url
            FROM articles
            JOIN article_versions ON article_versions.article = articles.number AND {NEWEST}
            WHERE articles.number IN (SELECT value FROM json_each(:numbers))
            ORDER BY articles.number
            """,  # noqa: S608  # a constant of this room
            {"numbers": as_list(numbers)},
        )
        return tuple(
            PurgedReport(id=row["id"], title=row["title"], outlet=row["outlet"], url=row["url"])
            for row in rows
        )

    def describe_proved_by(self, links: Iterable[int]) -> tuple[PurgedReport, ...]:
        """Return the articles whose pages these links of the chain speak of."""
        rows = self._connection.read_rows(
            """
            SELECT DISTINCT article FROM article_versions
            WHERE evidence IN (SELECT value FROM json_each(:links))
            """,
            {"links": as_list(links)},
        )
        return self.describe([row["article"] for row in rows])

    def urls_of(self, numbers: Sequence[int]) -> tuple[frozenset[str], frozenset[str]]:
        """Return the canonical URLs of articles, and every address they were fetched from."""
        rows = self._connection.read_rows(
            """
            SELECT url, 1 AS canonical FROM article_urls
            WHERE article IN (SELECT value FROM json_each(:numbers))
            UNION
            SELECT canonical_url, 1 FROM article_versions
            WHERE article IN (SELECT value FROM json_each(:numbers))
            UNION
            SELECT url, 0 FROM article_versions
            WHERE article IN (SELECT value FROM json_each(:numbers))
            UNION
            SELECT url, 0 FROM pages WHERE article IN (SELECT value FROM json_each(:numbers))
            UNION
            SELECT final_url, 0 FROM pages
            WHERE article IN (SELECT value FROM json_each(:numbers)) AND final_url IS NOT NULL
            """,
            {"numbers": as_list(numbers)},
        )
        canonical = frozenset(row["url"] for row in rows if row["canonical"])
        return canonical, frozenset(row["url"] for row in rows) | canonical

    def links_of(self, numbers: Sequence[int], *, shared: bool = False) -> tuple[int, ...]:
        """Return the links of the chain that speak of these articles' pages.

        A link by which another article is proved is left out, though its bytes are the same; with
        `shared` it is not, since the bytes themselves have to go. No bytes at all are shared by
        every page that only a feed told of: they say nothing.
        """
        rows = self._connection.read_rows(
            f"""
            SELECT DISTINCT evidence AS seq FROM article_versions
            WHERE article IN (SELECT value FROM json_each(:numbers)) AND evidence IS NOT NULL
            UNION
            SELECT seq FROM evidence
            WHERE sha256 IN ({_BODIES_OF})
                AND (
                    :shared
                    OR seq NOT IN (
                        SELECT evidence FROM article_versions
                        WHERE article NOT IN (SELECT value FROM json_each(:numbers))
                            AND evidence IS NOT NULL
                    )
                )
            """,  # noqa: S608  # a constant of this room
            {"numbers": as_list(numbers), "shared": shared, "none": NO_BYTES},
        )
        return tuple(sorted(row["seq"] for row in rows))

    def sharers_of(self, numbers: Sequence[int]) -> tuple[PurgedReport, ...]:
        """Return the other articles whose pages as received are the same bytes as these'."""
        rows = self._connection.read_rows(
            f"""
            SELECT DISTINCT article_versions.article
            FROM article_versions
            JOIN evidence ON evidence.seq = article_versions.evidence
            WHERE evidence.sha256 IN ({_BODIES_OF})
                AND article_versions.article NOT IN (SELECT value FROM json_each(:numbers))
            """,  # noqa: S608  # a constant of this room
            {"numbers": as_list(numbers), "none": NO_BYTES},
        )
        return self.describe([row["article"] for row in rows])

    def remove_articles(self, numbers: Sequence[int]) -> Counter[str]:
        """Remove articles with all that hangs on them, and return what went; one transaction.

        A story that has others left goes on under the next one's title.
        """
        done: Counter[str] = Counter()
        many = {"numbers": as_list(numbers)}
        with self._connection.transaction():
            canonical, urls = self.urls_of(numbers)
            stories = self._find_stories(numbers)
            done["messages owed or sent for them"] = self._connection.count(
                """
                SELECT COUNT(*) FROM outbox
                JOIN changes ON changes.id = outbox.change_id
                WHERE changes.article IN (SELECT value FROM json_each(:numbers))
                """,
                many,
            )
            done["matches"] = self._connection.count(
                """
                SELECT COUNT(*) FROM matches
                WHERE article IN (SELECT value FROM json_each(:numbers))
                """,
                many,
            )
            self._forget_pages(many, canonical, urls)
            self.forget_asked(canonical | urls)
            self._connection.execute(
                """
                DELETE FROM article_search
                WHERE rowid IN (SELECT value FROM json_each(:numbers))
                """,
                many,
            )
            done["reports"] = self._connection.execute(
                "DELETE FROM articles WHERE number IN (SELECT value FROM json_each(:numbers))",
                many,
            ).rowcount
            done["stories"] = self._settle_stories(stories)
            done["pages of backfills"] = self._connection.execute(
                """
                DELETE FROM found_pages
                WHERE canonical_url IN (SELECT value FROM json_each(:urls))
                """,
                {"urls": as_list(urls)},
            ).rowcount
        return done

    def _find_stories(self, numbers: Sequence[int]) -> tuple[int, ...]:
        rows = self._connection.read_rows(
            """
            SELECT DISTINCT story FROM story_articles
            WHERE article IN (SELECT value FROM json_each(:numbers))
            """,
            {"numbers": as_list(numbers)},
        )
        return tuple(row[0] for row in rows)

    def _forget_pages(
        self, many: dict[str, str], canonical: frozenset[str], urls: frozenset[str]
    ) -> None:
        """Take the addresses out of the rows of pages and entries; the counts of the ledger stay.

        The entry stays under its id, which is made of the canonical URL, so that a source that
        offers it again offers nothing new.
        """
        self._connection.execute(
            """
            UPDATE entries
            SET url = '', entry = NULL, reason = NULL, state = 'done'
            WHERE id IN (SELECT value FROM json_each(:ids))
                OR number IN (
                    SELECT entry FROM pages
                    WHERE article IN (SELECT value FROM json_each(:numbers))
                )
            """,
            {**many, "ids": as_list(entry_id(url) for url in canonical)},
        )
        self._connection.execute(
            """
            UPDATE pages
            SET url = '', final_url = NULL, reason = NULL, article = NULL, url_hash = 0,
                etag = NULL, last_modified = NULL
            WHERE article IN (SELECT value FROM json_each(:numbers))
                OR url_hash IN (SELECT value FROM json_each(:hashes))
            """,
            {**many, "hashes": as_list(hash_text(url) for url in urls)},
        )

    def forget_asked(self, urls: Iterable[str]) -> None:
        """Take addresses out of what backfills asked for, captures of them included.

        The row stays under its key, so that the same backfill does not ask for the page again.
        """
        self._connection.execute(
            """
            UPDATE archive_entries
            SET url = '', reason = NULL, state = 'done', outcome = COALESCE(outcome, 'no match')
            WHERE (replay = 0 AND url IN (SELECT value FROM json_each(:urls)))
                OR (
                    replay = 1
                    AND substr(url, instr(url, 'id_/') + 4)
                        IN (SELECT value FROM json_each(:urls))
                )
            """,
            {"urls": as_list(urls)},
        )

    def _settle_stories(self, stories: Iterable[int]) -> int:
        """Remove stories that have no article of their own left, and mend the others."""
        gone = 0
        for story in stories:
            firm = self._connection.find_row(
                f"""
                SELECT story_articles.article, article_versions.title
                FROM story_articles
                JOIN articles ON articles.number = story_articles.article
                JOIN article_versions ON article_versions.article = articles.number AND {NEWEST}
                WHERE story_articles.story = :story
                    AND story_articles.weak = 0
                ORDER BY story_articles.position
                LIMIT 1
                """,  # noqa: S608  # a constant of this room
                {"story": story},
            )
            if firm is None:
                gone += self._connection.execute(
                    "DELETE FROM stories WHERE number = :story", {"story": story}
                ).rowcount
                continue
            self._mend_story(story, firm["article"], firm["title"])
        return gone

    def _mend_story(self, story: int, first: int, title: str) -> None:
        """Let `first` begin the story; why others joined may quote what was removed."""
        self._connection.execute(
            "UPDATE stories SET title = :title WHERE number = :story",
            {"story": story, "title": title},
        )
        self._connection.execute(
            """
            UPDATE story_articles
            SET position = IIF(article = :first, 0, position + 1),
                evidence = IIF(
                    evidence IS NULL,
                    NULL,
                    json_set(evidence, '$.because', json_array(:said))
                )
            WHERE story = :story
            """,
            {"story": story, "first": first, "said": f"by what it shared with {SHARED}"},
        )

    def forget_entry(self, entry: str) -> None:
        """Take the address out of an entry whose page turned out to be one that was removed."""
        self._connection.execute("UPDATE entries SET url = '' WHERE id = :id", {"id": entry})

    def overwrite(self) -> None:
        """Write the file anew without what was removed, and cut the WAL; not in a transaction.

        Raises StorageFull where the disk has no room for a second copy; what was removed is out of
        reach then, and its bytes go with the next attempt.
        """
        if self._connection.count(
            "SELECT COUNT(*) FROM sqlite_master WHERE name = 'article_search'"
        ):
            self._connection.execute(
                "INSERT INTO article_search (article_search) VALUES ('optimize')"
            )
        self._connection.vacuum()

    def is_cut(self) -> bool:
        """Say whether the WAL is empty, so that no older page of the database is in it."""
        wal = self._connection.path.with_name(f"{self._connection.path.name}-wal")
        return not wal.exists() or wal.stat().st_size == 0


def holds_any(path: Path, *, urls: Iterable[str] = (), name: Name | None = None) -> bool:
    """Say whether a copy of the database still holds an article or a name."""
    connection = Connection.open_reader(path)
    try:
        if name is not None:
            return bool(Blackening(connection).count_rows(name))
        return bool(Purges(connection).find_numbers("", *urls))
    finally:
        connection.close()
