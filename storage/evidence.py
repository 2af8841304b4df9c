"""The chain of kept bytes: one link for each flagged page, each holding the hash of the one before.

The bytes themselves are files, kept by monitor.evidence before the transaction that adds the link.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from monitor.clock import format_time
from monitor.model import EvidenceLink, Kept
from monitor.model.evidence import FIRST_PREVIOUS, PURGE_URL, hash_link
from storage.connection import Connection
from storage.values import as_list, mend


class EvidenceChain:
    """Which bytes were kept, when, from where, in an order that cannot be changed unseen."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, kept: Kept) -> EvidenceLink:
        """Add a link for bytes that are safe on the disk; belongs in the article's transaction."""
        with self._connection.transaction():
            head = self.head()
            seq = 1 if head is None else head.seq + 1
            previous = FIRST_PREVIOUS if head is None else head.hash
            # mended before it is hashed: what is stored is what the hash speaks of
            url = str(mend(kept.url))
            time = format_time(kept.fetched_at)
            link = EvidenceLink(
                seq=seq,
                sha256=kept.sha256,
                headers_sha256=kept.headers_sha256,
                url=url,
                time=time,
                previous=previous,
                hash=hash_link(
                    seq=seq,
                    sha256=kept.sha256,
                    headers_sha256=kept.headers_sha256,
                    url=url,
                    time=time,
                    previous=previous,
                ),
            )
            self._connection.execute(
                """
                INSERT INTO evidence (seq, sha256, headers_sha256, url, time, previous, hash)
                VALUES (:seq, :sha256, :headers_sha256, :url, :time, :previous, :hash)
                """,
                asdict(link),
            )
        return link

    def head(self) -> EvidenceLink | None:
        """Return the newest link, or None before the first."""
        row = self._connection.find_row(
            """
            SELECT *
            FROM evidence
            ORDER BY seq DESC
            LIMIT 1
            """
        )
        return None if row is None else _build_link(row)

    def read_links(self, *, after: int = 0) -> Iterator[EvidenceLink]:
        """Yield the links after number `after`, in the order of the chain."""
        rows = self._connection.iterate(
            """
            SELECT *
            FROM evidence
            WHERE seq > :after
            ORDER BY seq
            """,
            {"after": after},
        )
        return (_build_link(row) for row in rows)

    def read_purges(self) -> tuple[EvidenceLink, ...]:
        """Return the links whose bytes say what was removed, the first one first."""
        return self._find("url = :value", PURGE_URL)

    def find_by_url(self, url: str) -> tuple[EvidenceLink, ...]:
        """Return every link of a page fetched from this address; reads the whole chain."""
        return self._find("url = :value", url)

    def get_links(self, numbers: Iterable[int]) -> tuple[EvidenceLink, ...]:
        """Return the links with these numbers, in the order of the chain."""
        return self._find("seq IN (SELECT value FROM json_each(:value))", as_list(numbers))

    def hollow(self, numbers: Iterable[int]) -> int:
        """Take the addresses out of links, for a removal in the same transaction; return how many.

        Their hashes stay, so that the chain holds.
        """
        return self._connection.execute(
            """
            UPDATE evidence
            SET url = ''
            WHERE seq IN (SELECT value FROM json_each(:numbers))
            """,
            {"numbers": as_list(numbers)},
        ).rowcount

    def find_by_body(self, sha256: str) -> tuple[EvidenceLink, ...]:
        """Return every link that speaks of bytes with this SHA-256, the first one first."""
        return self._find("sha256 = :value", sha256)

    def find_by_headers(self, sha256: str) -> tuple[EvidenceLink, ...]:
        """Return every link that speaks of headers with this SHA-256; reads the whole chain."""
        return self._find("headers_sha256 = :value", sha256)

    def _find(self, condition: str, value: str) -> tuple[EvidenceLink, ...]:
        rows = self._connection.read_rows(
            f"""
            SELECT *
            FROM evidence
            WHERE {condition}
            ORDER BY seq
            """,  # noqa: S608  # constants of this file
            {"value": value},
        )
        return tuple(_build_link(row) for row in rows)


def _build_link(row: sqlite3.Row) -> EvidenceLink:
    return EvidenceLink(
        seq=row["seq"],
        sha256=row["sha256"],
        headers_sha256=row["headers_sha256"],
        url=row["url"],
        time=row["time"],
        previous=row["previous"],
        hash=row["hash"],
    )
