"""What was sent after a backup was made, carried over into it from the database that it replaces.

The pages that the backup knows nothing of are fetched and flagged again; without this, whoever was
told of them would be told again, under another id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.errors import StorageError
from storage.connection import Connection, explained
from storage.purging import hash_url
from storage.told_digests import BOUND, remember_digests
from storage.values import Value

# What a message of both databases takes over: how far its sending came, and in what.
_PROGRESS = """
    UPDATE outbox
    SET state = IIF(before.state = 'claimed', 'owed', before.state),
        attempts = before.attempts,
        first_attempt_at = before.first_attempt_at,
        next_try_at = before.next_try_at,
        waits_since = before.waits_since,
        gathered_in = before.gathered_in,
        ended_at = before.ended_at,
        response = before.response,
        told_in = before.told_in
    FROM replaced.outbox AS before
    WHERE before.id = outbox.id
        AND outbox.state <> 'delivered'
"""
_MESSAGES = """
    INSERT OR IGNORE INTO outbox (
        id, number, kind, subscriber, channel, digest_id, notice_id, state, created_at, not_before,
        next_try_at, waits_since, attempts, first_attempt_at, gathered_in, ended_at, response,
        told_in
    )
    SELECT
        id,
        (SELECT COALESCE(MAX(number), 0) FROM outbox) + ROW_NUMBER() OVER (ORDER BY number),
        kind, subscriber, channel, digest_id, notice_id,
        IIF(state = 'claimed', 'owed', state), created_at, not_before,
        next_try_at, waits_since, attempts, first_attempt_at, gathered_in, ended_at, response,
        told_in
    FROM replaced.outbox
    WHERE change_id IS NULL
        AND id NOT IN (SELECT id FROM outbox)
"""
_COPIES = (
    "INSERT OR IGNORE INTO digests SELECT * FROM replaced.digests",
    "INSERT OR IGNORE INTO notices SELECT * FROM replaced.notices",
    _PROGRESS,
    _MESSAGES,
    """
    INSERT OR IGNORE INTO deliveries
    SELECT *
    FROM replaced.deliveries
    WHERE message_id IN (SELECT id FROM outbox)
    """,
    "INSERT OR IGNORE INTO stopped_channels SELECT * FROM replaced.stopped_channels",
    # how often each has begun, which is what tells one notice of it from the next
    "INSERT OR REPLACE INTO troubles SELECT * FROM replaced.troubles",
)


def carry_over(connection: Connection, replaced: Path) -> int:
    """Take over from the database `replaced` what was sent; return how many messages it knows more.

    One transaction. Digests and notices come as they are; of an alert whose report the backup does
    not know, its id and state wait until the report is flagged again (`take_told_before`); what a
    digest told of such reports waits likewise (`told_digests.py`).  Commit
    numbers go on after the last one ever given, since digests go by them.
    Raises StorageError when that database cannot be read.
    """
    with attached(connection, replaced), connection.transaction():
        _check_same_version(connection, replaced)
        before = connection.count("SELECT COUNT(*) FROM outbox WHERE state = 'delivered'")
        remember_digests(connection)
        for statement in _COPIES:
            connection.execute(statement)
        told = _remember_alerts(connection)
        # what an earlier restore left to be told, and was not flagged again yet
        connection.execute(
            """
            INSERT OR IGNORE INTO told_before
            SELECT *
            FROM replaced.told_before
            WHERE url_hash NOT LIKE :bound
            """,
            {"bound": f"{BOUND}%"},
        )
        # a database that was put back itself may have none left of the numbers that it gave
        newest = max(
            connection.count("SELECT MAX(number) FROM replaced.commits"),
            connection.count("SELECT seq FROM replaced.sqlite_sequence WHERE name = 'commits'"),
        )
        connection.execute("DELETE FROM sqlite_sequence WHERE name = 'commits'")
        connection.execute(
            """
            INSERT INTO sqlite_sequence (name, seq)
            VALUES ('commits', MAX(:newest, (SELECT COALESCE(MAX(number), 0) FROM commits)))
            """,
            {"newest": newest},
        )
        after = connection.count("SELECT COUNT(*) FROM outbox WHERE state = 'delivered'")
    return after - before + told


def _check_same_version(connection: Connection, replaced: Path) -> None:
    """Refuse a database of another version: its columns may mean something else."""
    names = "SELECT name FROM {}._sqlite_migrations WHERE migration_set = 'stationwatch'"
    here, there = (
        {row["name"] for row in connection.read_rows(names.format(schema))}
        for schema in ("main", "replaced")
    )
    if here != there:
        raise StorageError(
            f"while reading {str(replaced)!r}: another version of Stationwatch wrote it; nothing is"
            " taken over from it"
        )


@contextmanager
def attached(connection: Connection, path: Path) -> Iterator[None]:
    """Read another database beside this one, under the name `replaced`."""
    with explained(path, "reading"):
        connection.raw.execute(
            "ATTACH DATABASE ? AS replaced", (f"{path.absolute().as_uri()}?mode=ro",)
        )
        try:
            yield
        finally:
            connection.raw.execute("DETACH DATABASE replaced")


def _remember_alerts(connection: Connection) -> int:
    """Keep the alerts of reports that the backup does not know, by every address of their story.

    Another report of the story may come first this time.
    """
    addresses: dict[int, set[str]] = defaultdict(set)
    own: dict[int, set[str]] = defaultdict(set)
    for row in connection.read_rows(
        """
        SELECT story_articles.story, article_urls.article, article_urls.url
        FROM replaced.story_articles AS story_articles
        JOIN replaced.article_urls AS article_urls
            ON article_urls.article = story_articles.article
        """
    ):
        addresses[row["story"]].add(row["url"])
        own[row["article"]].add(row["url"])
    rows = connection.read_rows(
        """
        SELECT outbox.*, changes.kind AS change_kind, changes.story, changes.article
        FROM replaced.outbox AS outbox
        JOIN replaced.changes AS changes ON changes.id = outbox.change_id
        WHERE outbox.id NOT IN (SELECT id FROM main.outbox)
        """
    )
    connection.execute_many(
        """
        INSERT OR IGNORE INTO told_before (
            subscriber, channel, kind, url_hash, id, state, attempts, ended_at, response
        )
        VALUES (
            :subscriber, :channel, :kind, :url_hash, :id, :state, :attempts, :ended_at, :response
        )
        """,
        [
            {
                "subscriber": row["subscriber"],
                "channel": row["channel"],
                "kind": row["change_kind"],
                "url_hash": hash_url(url),
                "id": row["id"],
                "state": "owed" if row["state"] == "claimed" else row["state"],
                "attempts": row["attempts"],
                "ended_at": row["ended_at"],
                "response": row["response"],
            }
            for told_by in (own, addresses)  # what an article itself told comes first
            for row in rows
            for url in told_by[row["article" if told_by is own else "story"]]
        ],
    )
    return sum(row["state"] == "delivered" for row in rows)


def take_told_before(
    connection: Connection, *, subscriber: str, channel: str, change_id: str
) -> dict[str, Value] | None:
    """Return id and state of the message that told a change before a backup was put back.

    Once for each report and kind: what the same report tells after that is news.
    """
    if connection.find_row("SELECT 1 FROM told_before LIMIT 1") is None:
        return None
    told: dict[str, Value] | None = None
    for row in connection.read_rows(
        """
        SELECT changes.kind, article_urls.url
        FROM changes
        JOIN article_urls ON article_urls.article = changes.article
        WHERE changes.id = :id
        """,
        {"id": change_id},
    ):
        found = connection.find_row(
            """
            DELETE FROM told_before
            WHERE subscriber = :subscriber
                AND channel = :channel
                AND kind = :kind
                AND url_hash = :hash
            RETURNING id, state, attempts, ended_at, response
            """,
            {
                "subscriber": subscriber,
                "channel": channel,
                "kind": row["kind"],
                "hash": hash_url(row["url"]),
            },
        )
        told = told or (dict(found) if found is not None else None)
    return told
