"""What digests told after a backup was made, kept over its restore, so that the next one says so.

What was flagged since the backup is flagged again under new commits, and a digest goes by commits:
it will hold once more what one of them held that was sent.

lost digest ─ remembered by address ─ bound to the change that tells it again ─ read by the digest
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from storage.connection import Connection
from storage.purging import hash_url
from storage.values import as_list

DIGEST = "digest"
"""In `told_before`, in the place of a channel; `response` is then the digest's local date."""
BOUND = "change "
"""Begins what stands in the place of an address once the change is there that tells it again."""


def remember_digests(connection: Connection) -> None:
    """Keep what sent digests of `replaced` told that this database knows nothing of.

    By every address of the story, since another report of it may come first this time. Belongs
    before the digests are taken over, in the same transaction.
    """
    rows = connection.read_rows(
        """
        SELECT digests.id, digests.subscriber, digests.local_date, outbox.ended_at,
            changes.kind, changes.story
        FROM replaced.digests AS digests
        JOIN replaced.outbox AS outbox
            ON outbox.digest_id = digests.id AND outbox.state = 'delivered'
        JOIN replaced.changes AS changes
            ON changes.commit_number > digests.after_commit
            AND changes.commit_number <= digests.to_commit
        WHERE digests.id NOT IN (SELECT id FROM main.digests)
            AND changes.id NOT IN (SELECT id FROM main.changes)
        ORDER BY digests.local_date DESC
        """
    )
    addresses: dict[int, set[str]] = defaultdict(set)
    for row in connection.read_rows(
        """
        SELECT story_articles.story, article_urls.url
        FROM replaced.story_articles AS story_articles
        JOIN replaced.article_urls AS article_urls
            ON article_urls.article = story_articles.article
        WHERE story_articles.story IN (SELECT value FROM json_each(:stories))
        """,
        {"stories": as_list({row["story"] for row in rows})},
    ):
        addresses[row["story"]].add(hash_url(row["url"]))
    connection.execute_many(
        """
        INSERT OR IGNORE INTO told_before (
            subscriber, channel, kind, url_hash, id, state, attempts, ended_at, response
        )
        VALUES (
            :subscriber, :channel, :kind, :url_hash, :id, 'delivered', 0, :ended_at, :local_date
        )
        """,
        [
            {
                "subscriber": row["subscriber"],
                "channel": DIGEST,
                "kind": row["kind"],
                "url_hash": address,
                "id": row["id"],
                "ended_at": row["ended_at"],
                "local_date": row["local_date"],
            }
            for row in rows
            for address in addresses[row["story"]]
        ],
    )


def bind_change(connection: Connection, change_id: str) -> None:
    """Bind what was told by one of the addresses of a new change's article to this change.

    Once for each report and kind: what the same report tells after that is news.
    """
    if connection.find_row("SELECT 1 FROM told_before LIMIT 1") is None:
        return
    rows = connection.read_rows(
        """
        SELECT changes.kind, article_urls.url
        FROM changes
        JOIN article_urls ON article_urls.article = changes.article
        WHERE changes.id = :id
        """,
        {"id": change_id},
    )
    for row in rows:
        connection.execute(
            """
            UPDATE OR REPLACE told_before
            SET url_hash = :bound
            WHERE channel = :channel AND kind = :kind AND url_hash = :hash
            """,
            {
                "bound": f"{BOUND}{change_id}",
                "channel": DIGEST,
                "kind": row["kind"],
                "hash": hash_url(row["url"]),
            },
        )


def read_told(connection: Connection, subscriber: str) -> dict[str, date]:
    """Return the changes that a digest lost by a restore told a subscriber, and its local date."""
    rows = connection.read_rows(
        """
        SELECT url_hash, response
        FROM told_before
        WHERE subscriber = :subscriber
            AND channel = :channel
            AND url_hash LIKE :bound
        """,
        {"subscriber": subscriber, "channel": DIGEST, "bound": f"{BOUND}%"},
    )
    return {
        row["url_hash"].removeprefix(BOUND): date.fromisoformat(row["response"]) for row in rows
    }


def count_remembered(connection: Connection) -> int:
    """Return how many digests are remembered whose reports were not flagged again yet."""
    return connection.count(
        """
        SELECT COUNT(DISTINCT id)
        FROM told_before
        WHERE channel = :channel AND url_hash NOT LIKE :bound
        """,
        {"channel": DIGEST, "bound": f"{BOUND}%"},
    )
