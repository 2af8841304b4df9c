"""Blackening a person's name in every column of every table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from storage.articles import NEWEST
from storage.connection import Connection
from storage.folding import fold
from storage.redaction import BLACK, Name
from storage.values import Value, as_list

# Addresses are no text: one without the name leads nowhere. Ids and hashes hold nothing.
NO_TEXT = frozenset({"id", "url", "final_url", "canonical_url", "moved_to", "url_hash", "unit"})
# What people configured, what is chained, and what removals themselves say.
LEFT_ALONE = (
    "evidence",
    "purges",
    "purged_urls",
    "sources",
    "sqlite_",
    "_sqlite",
    "article_search",
)


class Blackening:
    """Where a name stands, and how it goes; the addresses of pages are told, not changed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find_numbers_of(self, name: Name) -> tuple[int, ...]:
        """Return the articles that hold a name in any version: title, text, author, why flagged."""
        found: set[int] = set()
        with naming(self._connection, name):
            for sql in (
                """
                SELECT DISTINCT article FROM article_versions
                WHERE holds_name(title) OR holds_name(text) OR holds_name(author)
                """,
                "SELECT DISTINCT article FROM matches WHERE holds_name(explanation)",
            ):
                found.update(row[0] for row in self._connection.read_rows(sql))
        return tuple(sorted(found))

    def blacken(self, name: Name, numbers: Sequence[int]) -> Counter[str]:
        """Blacken a name in every column of every table; return how many rows; one transaction.

        `numbers` are the articles that hold it: their words are put into the search anew.
        """
        done: Counter[str] = Counter()
        with self._connection.transaction(), naming(self._connection, name):
            self._connection.execute("PRAGMA defer_foreign_keys = ON")
            for table, column in self._text_columns():
                done[f"rows of {table}"] += self._connection.execute(
                    f'UPDATE "{table}" SET "{column}" = blacken_name("{column}")'  # noqa: S608
                    f' WHERE holds_name("{column}")'
                ).rowcount
            self._index_again(numbers)
            self._blacken_features(name, numbers)
        return +done

    def _blacken_features(self, name: Name, numbers: Sequence[int]) -> None:
        """Blacken the words of a name in what articles are held against each other by.

        There they stand one by one, and cut to their stems.
        """
        for row in self._connection.read_rows(
            """
            SELECT article, features
            FROM story_features
            WHERE article IN (SELECT value FROM json_each(:numbers))
            """,
            {"numbers": as_list(numbers)},
        ):
            features = _without(json.loads(row["features"]), name)
            self._connection.execute(
                "UPDATE story_features SET features = :features WHERE article = :article",
                {"features": json.dumps(features, ensure_ascii=False), "article": row["article"]},
            )

    def count_rows(self, name: Name) -> Counter[str]:
        """Return in how many rows of each table a name stands."""
        done: Counter[str] = Counter()
        with naming(self._connection, name):
            for table, column in self._text_columns():
                done[f"rows of {table}"] += self._connection.count(
                    f'SELECT COUNT(*) FROM "{table}" WHERE holds_name("{column}")'  # noqa: S608
                )
        return +done

    def count_urls(self, name: Name) -> int:
        """Return how many addresses of articles hold a name; those cannot be blackened."""
        with naming(self._connection, name):
            return self._connection.count(
                """
                SELECT COUNT(DISTINCT article)
                FROM article_urls
                WHERE holds_name(url)
                """
            )

    def _text_columns(self) -> Iterator[tuple[str, str]]:
        """Yield the columns that may hold words, of every table there is, later ones included."""
        for row in self._connection.read_rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        ):
            table = row["name"]
            if table.startswith(LEFT_ALONE):
                continue
            for column in self._connection.read_rows(f'PRAGMA table_info("{table}")'):
                name = column["name"]
                if column["type"] == "TEXT" and name not in NO_TEXT and not name.endswith("_id"):
                    yield table, name

    def _index_again(self, numbers: Sequence[int]) -> None:
        many = {"numbers": as_list(numbers)}
        self._connection.execute(
            "DELETE FROM article_search WHERE rowid IN (SELECT value FROM json_each(:numbers))",
            many,
        )
        for row in self._connection.read_rows(
            f"""
            SELECT articles.number, article_versions.title, article_versions.text
            FROM articles
            JOIN article_versions ON article_versions.article = articles.number AND {NEWEST}
            WHERE articles.number IN (SELECT value FROM json_each(:numbers))
            """,  # noqa: S608  # a constant of this room
            many,
        ):
            self._connection.execute(
                "INSERT INTO article_search (rowid, title, text) VALUES (:number, :title, :text)",
                {"number": row["number"], "title": fold(row["title"]), "text": fold(row["text"])},
            )


def _without(value: Any, name: Name) -> Any:
    """Return a JSON value with every text blackened that holds a word of the name.

    A list with such a text beside others (a name and what it is found by) is blackened whole.
    """
    if isinstance(value, dict):
        return {key: _without(part, name) for key, part in value.items()}
    if isinstance(value, list):
        texts = [part for part in value if isinstance(part, str)]
        if 0 < len(texts) == len(value) == 2 and any(map(name.is_part, texts)):
            return [BLACK] * len(value)
        return [_without(part, name) for part in value]
    return BLACK if isinstance(value, str) and name.is_part(value) else value


@contextmanager
def naming(connection: Connection, name: Name) -> Iterator[None]:
    """Let SQL ask whether a text holds a name, and blacken it."""

    def holds(value: Value) -> bool:
        return isinstance(value, str) and name.is_in(value)

    def blacken(value: Value) -> Value:
        return name.blacken(value) if isinstance(value, str) else value

    connection.raw.create_function("holds_name", 1, holds, deterministic=True)
    connection.raw.create_function("blacken_name", 1, blacken, deterministic=True)
    yield
