"""Texts of pages that matched nothing, compressed, in a database file of their own.

Kept for later keywords, for as long as the retention says; not in the daily backup.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from monitor.clock import read_time
from monitor.log import get_logger
from monitor.model import Article, StoredText
from storage import backups
from storage.connection import Connection
from storage.files import sync_folder
from storage.redaction import Name
from storage.schema import migrations
from storage.values import as_list, mend, read_json, write_json, write_moment

_ARTICLE = TypeAdapter(Article)
PORTION = 200

log = get_logger("storage")


class Texts:
    """The texts database: opened when it is first used, made when a writer finds none.

    It is written before the main database; a text whose page is missing there does no harm.
    """

    def __init__(self, path: Path, *, writing: bool) -> None:
        self._path = path
        self._writing = writing
        self._opened: Connection | None = None

    def add(self, text: StoredText) -> None:
        """Keep one text; a newer one of the same canonical URL takes its place."""
        self.add_many((text,))

    def add_many(self, texts: Sequence[StoredText]) -> None:
        """Keep several texts in one transaction: one wait for the disk instead of many."""
        connection = self._open()
        assert connection is not None, "a reader keeps no texts"
        with connection.transaction():
            connection.execute_many(
                """
                INSERT INTO texts (
                    id, canonical_url, source_id, fetched_at, text_hash, body_sha256,
                    rules_version, article
                )
                VALUES (
                    :id, :canonical_url, :source_id, :fetched_at, :text_hash, :body_sha256,
                    :rules_version, :article
                )
                ON CONFLICT (canonical_url)
                DO UPDATE SET
                    source_id = excluded.source_id,
                    fetched_at = excluded.fetched_at,
                    text_hash = excluded.text_hash,
                    body_sha256 = excluded.body_sha256,
                    rules_version = excluded.rules_version,
                    article = excluded.article
                """,
                (
                    {
                        "id": text.id,
                        "canonical_url": text.article.canonical_url,
                        "source_id": text.source_id,
                        "fetched_at": write_moment(text.fetched_at),
                        "text_hash": text.text_hash,
                        "body_sha256": text.body_sha256,
                        "rules_version": text.rules_version,
                        "article": pack(text.article),
                    }
                    for text in texts
                ),
            )

    def find_by_url(self, canonical_url: str) -> StoredText | None:
        """Return the text of the page with this canonical URL, or None."""
        connection = self._open()
        if connection is None:
            return None
        row = connection.find_row(
            """
            SELECT *
            FROM texts
            WHERE canonical_url = :url
            """,
            {"url": canonical_url},
        )
        return None if row is None else _build_text(row)

    def iterate(self, *, unless_rules: str | None = None) -> Iterator[StoredText]:
        """Yield every text, the oldest first, but for those matched with `unless_rules` already.

        Read in portions, so that the caller may write meanwhile.
        """
        connection = self._open()
        after = 0
        while connection is not None:
            rows = connection.read_rows(
                """
                SELECT *
                FROM texts
                WHERE number > :after
                    AND rules_version IS NOT :unless
                ORDER BY number
                LIMIT :portion
                """,
                {"after": after, "unless": unless_rules, "portion": PORTION},
            )
            if not rows:
                return
            yield from (_build_text(row) for row in rows)
            after = rows[-1]["number"]

    def mark_matched(self, ids: Sequence[str], rules_version: str) -> None:
        """Remember that these texts were matched with a set of rules, and matched nothing."""
        connection = self._open()
        assert connection is not None, "a reader marks no texts"
        connection.execute(
            """
            UPDATE texts
            SET rules_version = :rules_version
            WHERE id IN (SELECT value FROM json_each(:ids))
            """,
            {"ids": as_list(ids), "rules_version": rules_version},
        )

    def remove(self, ids: Sequence[str]) -> int:
        """Forget texts that became articles, or that a person wants gone; return how many."""
        connection = self._open()
        assert connection is not None, "a reader removes no texts"
        return connection.execute(
            """
            DELETE FROM texts
            WHERE id IN (SELECT value FROM json_each(:ids))
            """,
            {"ids": as_list(ids)},
        ).rowcount

    def find_ids(self, urls: Iterable[str] = (), *, name: Name | None = None) -> tuple[str, ...]:
        """Return the texts with one of these addresses, or that hold a name (reads every text)."""
        connection = self._open()
        if connection is None:
            return ()
        if name is not None:
            return tuple(
                text.id
                for text in self.iterate()
                if name.is_in("\n".join((text.article.title, text.article.text)))
                or name.is_in(text.article.author)
            )
        rows = connection.read_rows(
            "SELECT id FROM texts WHERE canonical_url IN (SELECT value FROM json_each(:urls))",
            {"urls": as_list(urls)},
        )
        return tuple(row["id"] for row in rows)

    def read_urls(self) -> Iterator[tuple[str, str]]:
        """Yield the id and the canonical URL of every text."""
        connection = self._open()
        if connection is not None:
            for row in connection.read_rows("SELECT id, canonical_url FROM texts"):
                yield row["id"], row["canonical_url"]

    def overwrite(self) -> None:
        """Write the file anew without what was removed, if it was opened."""
        if self._opened is not None and self._writing:
            self._opened.vacuum()

    def backup(self, path: Path) -> bool:
        """Write a copy, as `storage.backups.write` does; say whether there is anything to copy."""
        connection = self._open()
        if connection is None:
            return False
        backups.write(connection, path, kind=backups.TEXTS_KIND)
        return True

    def prune(self, before: datetime) -> int:
        """Forget the texts fetched before a time, give their room back, and return how many."""
        connection = self._open()
        assert connection is not None, "a reader prunes no texts"
        gone = connection.execute(
            """
            DELETE FROM texts
            WHERE fetched_at < :before
            """,
            {"before": write_moment(before)},
        ).rowcount
        connection.shrink()
        return gone

    def count_unless(self, rules_version: str) -> int:
        """Return how many texts were not matched with a set of rules yet."""
        connection = self._open()
        if connection is None:
            return 0
        return connection.count(
            "SELECT COUNT(*) FROM texts WHERE rules_version IS NOT :rules",
            {"rules": rules_version},
        )

    def count(self) -> int:
        """Return how many texts are kept."""
        connection = self._open()
        return 0 if connection is None else connection.count("SELECT COUNT(*) FROM texts")

    def checkpoint(self) -> None:
        """Write the WAL back into the file and cut it."""
        if self._opened is not None and self._writing:
            self._opened.checkpoint()

    def close(self) -> None:
        """Close the file, if it was opened."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _open(self) -> Connection | None:
        """Return the connection; None for a reader where nothing was ever kept."""
        if self._opened is None and (self._writing or self._path.is_file()):
            self._opened = self._open_writer() if self._writing else self._open_reader()
        return self._opened

    def _open_writer(self) -> Connection:
        if not self._path.exists():
            unfinished = self._path.with_name(f"{self._path.name}.new")
            for suffix in ("", "-wal", "-shm"):
                unfinished.with_name(unfinished.name + suffix).unlink(missing_ok=True)
            migrations.create(unfinished, migrations.TEXTS, migrations.TEXTS_APPLICATION_ID)
            unfinished.rename(self._path)
            sync_folder(self._path.parent)
            log.info("texts database made", path=str(self._path))
        migrations.check_ours(self._path, migrations.TEXTS_APPLICATION_ID)
        connection = Connection.open_writer(self._path)
        migrations.migrate(connection, migrations.TEXTS)
        return connection

    def _open_reader(self) -> Connection:
        connection = migrations.open_reader(self._path)
        migrations.check_opened_is_ours(connection, migrations.TEXTS_APPLICATION_ID)
        migrations.check_known(connection, migrations.TEXTS)
        migrations.check_current(connection, migrations.TEXTS)
        return connection


def pack(article: Article) -> bytes:
    """Return an article as compressed JSON, mended where outside text needs it."""
    return zlib.compress(str(mend(write_json(_ARTICLE, article))).encode(), 6)


def unpack(packed: bytes) -> Article:
    """Return the article that `pack` packed."""
    return read_json(_ARTICLE, zlib.decompress(packed).decode())


def _build_text(row: sqlite3.Row) -> StoredText:
    return StoredText(
        id=row["id"],
        article=unpack(row["article"]),
        fetched_at=read_time(row["fetched_at"]),
        source_id=row["source_id"],
        text_hash=row["text_hash"],
        body_sha256=row["body_sha256"],
        rules_version=row["rules_version"],
    )
