"""Which text blocks repeat on a site: menus, cookie notices, "latest news".

A hit only inside such a block does not count, so a block must earn its place: it stands on many
pages and on a large share of them. A paragraph of background that an outlet repeats in each of its
reports stands on many pages, but on a small share.
"""

from __future__ import annotations

from collections.abc import Collection

from monitor.model import SiteBlocks
from storage.connection import Connection
from storage.values import to_signed

REPEATED_ON = 4  # pages, at the least
REPEATED_SHARE = 0.2  # of the pages since it was first seen
FORGET_OTHERS = 30  # pages after which a block that did not come again is forgotten
FORGET_REPEATED = 300  # and one that did: the site has another layout now
CLEAN_EVERY = 10  # pages
MOST_OF_PAGE = 500  # blocks of one page; a page with more is a list


class Blocks:
    """The blocks of each site's pages, and how often each was seen."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get_snapshot(self, site: str) -> SiteBlocks:
        """Return the blocks that repeat on a site as they stand now; empty for an unknown one."""
        version = self._connection.count(
            """
            SELECT version
            FROM sites
            WHERE site = :site
            """,
            {"site": site},
        )
        rows = self._connection.read_rows(
            """
            SELECT hash
            FROM site_blocks
            WHERE site = :site
                AND repeated = 1
            """,
            {"site": site},
        )
        return SiteBlocks(
            site=site, version=version, repeated=frozenset(row["hash"] for row in rows)
        )

    def count(self, site: str, hashes: Collection[int]) -> None:
        """Count the blocks of one page that was not seen before; one transaction.

        A page counted twice would make its own paragraphs look like furniture.
        """
        with self._connection.transaction():
            page = self._next_page(site)
            self._connection.execute_many(
                """
                INSERT INTO site_blocks (site, hash, pages, first_page, last_page, repeated)
                VALUES (:site, :hash, 1, :page, :page, 0)
                ON CONFLICT (site, hash)
                DO UPDATE SET
                    pages = pages + 1,
                    last_page = excluded.last_page
                """,
                (
                    {"site": site, "hash": value, "page": page}
                    for value in sorted({to_signed(value) for value in hashes})[:MOST_OF_PAGE]
                ),
            )
            changed = self._promote(site, page)
            if page % CLEAN_EVERY == 0:
                changed += self._forget(site, page)
            if changed:
                self._connection.execute(
                    """
                    UPDATE sites
                    SET version = version + 1
                    WHERE site = :site
                    """,
                    {"site": site},
                )

    def _next_page(self, site: str) -> int:
        self._connection.execute(
            """
            INSERT INTO sites (site, pages, version)
            VALUES (:site, 1, 0)
            ON CONFLICT (site)
            DO UPDATE SET pages = pages + 1
            """,
            {"site": site},
        )
        return self._connection.count(
            """
            SELECT pages
            FROM sites
            WHERE site = :site
            """,
            {"site": site},
        )

    def _promote(self, site: str, page: int) -> int:
        return self._connection.execute(
            """
            UPDATE site_blocks
            SET repeated = 1
            WHERE site = :site
                AND repeated = 0
                AND last_page = :page
                AND pages >= :least
                AND pages >= :share * (:page - first_page + 1)
            """,
            {"site": site, "page": page, "least": REPEATED_ON, "share": REPEATED_SHARE},
        ).rowcount

    def _forget(self, site: str, page: int) -> int:
        """Forget what did not come again; return how many repeated blocks were among it."""
        gone = self._connection.execute(
            """
            DELETE FROM site_blocks
            WHERE site = :site
                AND repeated = 1
                AND last_page < :before
            """,
            {"site": site, "before": page - FORGET_REPEATED},
        ).rowcount
        self._connection.execute(
            """
            DELETE FROM site_blocks
            WHERE site = :site
                AND repeated = 0
                AND last_page < :before
            """,
            {"site": site, "before": page - FORGET_OTHERS},
        )
        return gone
