"""Every migration is applied to a database of the version before it, with rows in it."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlite_utils import Migrations
from sqlite_utils.db import Database

from monitor.errors import StorageError, StorageTooNew
from storage.connection import Connection
from storage.database import Storage
from storage.files import DATABASE
from storage.schema import migrations
from tests.storage.building import Desk, HeldClock

# A forked child only writes its own database and is killed; no thread of ours matters to it.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

# What a database held when the migration of this name was its newest; each must still be there
# after all later ones. A new migration adds its own lines.
ROWS: dict[str, tuple[str, ...]] = {
    "0001 first schema": (
        "INSERT INTO runs (id, kind, command, started_at) VALUES ('r', 'poll', '', '2026')",
        "INSERT INTO commits (at, run_id) VALUES ('2026', 'r')",
        """
        INSERT INTO sources (id, url, kind, outlet, definition, added_at, changed_at)
        VALUES ('daily', 'https://daily.example/feed', 'feed', 'Daily', '{}', '2026', '2026')
        """,
        """
        INSERT INTO subscribers (name, added_at, after_commit)
        VALUES ('desk', '2026', 0)
        """,
    ),
    "0002 evidence of stories": (
        """
        INSERT INTO stories (id, title, level, first_seen_at, last_seen_at, historic, commit_number)
        VALUES ('s', 'A story', 'report', '2026', '2026', 0, 1)
        """,
        "INSERT INTO term_pools (pool, articles) VALUES ('en', 1)",
        """
        INSERT INTO story_orders (at, kind, story, target, articles)
        VALUES ('2026', 'merge', 1, 1, '[]')
        """,
        """
        INSERT INTO digests (
            id, subscriber, period, local_date, after_commit, to_commit, created_at
        )
        VALUES ('d', 'desk', 'day', '2026-03-01', 0, 1, '2026')
        """,
        """
        INSERT INTO outbox (id, number, kind, subscriber, channel, digest_id, state, created_at)
        VALUES ('m', 1, 'digest', 'desk', 'email', 'd', 'delivered', '2026')
        """,
        """
        INSERT INTO deliveries (id, message_id, attempt, at, state, response)
        VALUES ('x', 'm', 1, '2026', 'delivered', 'ok')
        """,
    ),
    "0003 notices and proofs": (
        """
        INSERT INTO notices (id, key, headline, lines, created_at)
        VALUES ('n', 'disk', 'The disk is nearly full', '[]', '2026')
        """,
        """
        INSERT INTO outbox (id, number, kind, subscriber, channel, notice_id, state, created_at)
        VALUES ('o', 2, 'alarm', 'desk', 'email', 'n', 'owed', '2026')
        """,
        "INSERT INTO proofs (name, tried_at) VALUES ('canary', '2026')",
    ),
    "0004 how each source stands": (
        """
        INSERT INTO source_health (source_id, state, why, cure, alarm)
        VALUES ('daily', 'fine', '', '', 0)
        """,
    ),
    "0005 what backfills covered": (
        """
        INSERT INTO found_pages (key, asked, published, canonical_url, payload)
        VALUES ('k', 'a', '2024', 'https://news.example/a', x'00')
        """,
    ),
    "0006 what a person had removed": (
        """
        INSERT INTO purges (id, at, kind, wish, removed)
        VALUES ('p', '2026', 'article', 'the outlet', '{}')
        """,
        "INSERT INTO purged_urls (url_hash, purge) VALUES ('h', 'p')",
    ),
    "0010 what backfills ask for": (
        """
        INSERT INTO archive_lists (asked, url, source_id, form, depth, state)
        VALUES ('a', 'https://daily.example/sitemap.xml', 'daily', 'sitemap', 0, 'todo')
        """,
        """
        INSERT INTO archive_entries (asked, key, url, source_id, host, replay, rules, state)
        VALUES ('a', 'k', 'https://daily.example/1', 'daily', 'daily.example', 0, 'r', 'todo')
        """,
        "INSERT INTO measured_costs (name, count, total) VALUES ('page bytes', 1, 1.0)",
        """
        INSERT INTO backfill_requests (asked, words, first_at, last_at)
        VALUES ('a', '{}', '2026', '2026')
        """,
    ),
    "0011 alerts that were held back": (
        """
        INSERT INTO alerts_held_back (minute, subscriber, reason, times)
        VALUES ('2026-11-21T07:00', 'desk', 'alerts held until quiet hours end', 3)
        """,
    ),
    "0012 what backfills hand over": (
        "INSERT INTO backfill_parcels (id, run_id, found, begun_at) VALUES ('p', 'r', 3, '2026')",
    ),
    "0013 what backfills left out": (
        """
        INSERT INTO backfill_left_out (asked, url, canonical_url, title, why, origin)
        VALUES ('a', 'https://daily.example/2', 'https://daily.example/2', 'Bread', 'w', '')
        """,
    ),
    "0014 which pages backfills read": (
        """
        INSERT INTO day_outcomes (day, source_id, outcome, pages, pruned, backfilled)
        VALUES ('2026-03-02', '', 'no match', 9, 9, 9)
        """,
    ),
}


def build_version(path: Path, newest: str) -> Connection:
    """Make a database as it was when the migration `newest` was the last one."""
    path.touch()
    connection = Connection.open_writer(path)
    names = migrations.names(migrations.MAIN)
    later = names[names.index(newest) + 1 :]
    with connection.transaction():
        database = Database(connection.raw, execute_plugins=False)
        migrations.MAIN.apply(database, stop_before=later)
    for name in names[: names.index(newest) + 1]:
        for statement in ROWS[name]:
            connection.execute(statement)
    return connection


def test_every_migration_has_rows_to_be_tried_on() -> None:
    assert tuple(ROWS) == migrations.names(migrations.MAIN)


@pytest.mark.parametrize("newest", list(ROWS))
def test_database_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path, newest: str) -> None:
    connection = build_version(tmp_path / "old.db", newest)
    tables = {"runs": 1, "commits": 1, "sources": 1, "subscribers": 1}
    done = migrations.migrate(connection, migrations.MAIN)
    names = migrations.names(migrations.MAIN)
    assert done == names[names.index(newest) + 1 :]
    if newest != "0001 first schema":
        tables |= {"outbox": 1, "deliveries": 1}
    if newest >= "0003":
        tables |= {"outbox": 2, "notices": 1}
    for table, rows in tables.items():
        assert connection.count(f"SELECT COUNT(*) FROM {table}") == rows
    assert connection.read_rows("PRAGMA foreign_key_check") == []
    assert schema_of(connection) == schema_of_new(tmp_path)
    assert migrations.migrate(connection, migrations.MAIN) == ()
    connection.close()


def test_pages_that_backfills_had_read_are_told_from_those_of_the_watch(tmp_path: Path) -> None:
    connection = build_version(tmp_path / "old.db", "0013 what backfills left out")
    for statement in (
        "INSERT INTO runs (id, kind, command, started_at) VALUES ('b', 'backfill', '', '2026')",
        """
        INSERT INTO day_outcomes (day, source_id, outcome, pages, pruned)
        VALUES
            ('2026-03-01', 'daily', 'no match', 50, 40),
            ('2026-03-01', 'daily', 'new', 3, 0),
            ('2026-03-01', '', 'no match', 100000, 100000),
            ('2021-05-01', 'daily', 'new', 1, 0)
        """,
        """
        INSERT INTO pages (run_id, source_id, url, url_hash, body_bytes, fetched_at, outcome)
        VALUES
            ('r', 'daily', 'https://daily.example/1', 1, 0, '2026-03-01T09', 'new'),
            ('b', 'daily', 'https://daily.example/2', 2, 0, '2026-03-01T10', 'new'),
            ('b', 'daily', 'https://daily.example/3', 3, 0, '2026-03-01T11', 'new'),
            ('b', 'daily', 'https://daily.example/4', 4, 0, '2021-05-01T11', 'new')
        """,
    ):
        connection.execute(statement)
    migrations.migrate(connection, migrations.MAIN)
    rows = connection.read_rows("SELECT * FROM day_outcomes ORDER BY day, source_id, outcome")
    assert [(row["day"], row["source_id"], row["pages"], row["backfilled"]) for row in rows] == [
        ("2021-05-01", "daily", 1, 1),
        ("2026-03-01", "", 100_000, 100_000),
        ("2026-03-01", "daily", 3, 2),
        ("2026-03-01", "daily", 50, 0),
    ]
    connection.close()


def schema_of(connection: Connection) -> set[str]:
    rows = connection.read_rows("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {row["sql"] for row in rows}


def schema_of_new(folder: Path) -> set[str]:
    migrations.create(folder / "new.db", migrations.MAIN, migrations.APPLICATION_ID)
    connection = Connection.open_reader(folder / "new.db")
    try:
        return schema_of(connection)
    finally:
        connection.close()


def later_set(step: Callable[[Database], None]) -> Migrations:
    """Return the migrations of a later version: all there are, and two more."""
    later = Migrations("stationwatch")
    empty = Database(memory=True)
    for each in migrations.MAIN.pending(empty):
        later(name=each.name)(each.fn)
    empty.close()

    @later(name="9001 adds a column")
    def _add(database: Database) -> None:
        database.execute("ALTER TABLE runs ADD COLUMN note TEXT")

    later(name="9002 may fail")(step)
    return later


def fill(folder: Path, clock: HeldClock) -> None:
    with Storage.create(folder, clock) as storage:
        Desk(storage, clock).tell()


def test_failing_migration_leaves_the_version_before(folder: Path, clock: HeldClock) -> None:
    """FAULTS H4: all of the missing migrations, or none."""
    fill(folder, clock)

    def fail(database: Database) -> None:
        database.execute("DROP TABLE deliveries")
        raise RuntimeError("a bug in a migration")

    connection = Connection.open_writer(folder / DATABASE)
    with pytest.raises(RuntimeError):
        migrations.migrate(connection, later_set(fail))
    connection.close()
    with Storage.open_writer(folder, clock) as storage:
        assert storage.check() == ()
        assert storage.last_commit() == 1


def test_kill_during_migration_leaves_the_version_before(folder: Path, clock: HeldClock) -> None:
    """FAULTS H4."""
    fill(folder, clock)

    def die(database: Database) -> None:
        database.execute("CREATE TABLE big AS SELECT randomblob(1000000) AS noise")
        database.execute("DROP TABLE deliveries")
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        migrations.migrate(Connection.open_writer(folder / DATABASE), later_set(die))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    with Storage.open_writer(folder, clock) as storage:
        assert storage.check() == ()
        assert storage.last_commit() == 1


def test_later_version_is_applied_and_then_refused_by_the_earlier(
    folder: Path, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS H4: an upgrade and a downgrade."""
    fill(folder, clock)
    later = later_set(lambda database: None)
    with monkeypatch.context() as newer:
        newer.setattr(migrations, "MAIN", later)
        with pytest.raises(StorageError, match="an older Stationwatch wrote it; start the service"):
            Storage.open_reader(folder, clock)
        with Storage.open_writer(folder, clock) as storage:
            assert storage.last_commit() == 1
        Storage.open_reader(folder, clock).close()
    for opening in (Storage.open_writer, Storage.open_reader):
        with pytest.raises(StorageTooNew, match="'9002 may fail'"):
            opening(folder, clock)


def test_every_table_is_strict_and_explains_its_columns(tmp_path: Path) -> None:
    """STYLE 24."""
    migrations.create(tmp_path / "new.db", migrations.MAIN, migrations.APPLICATION_ID)
    raw = sqlite3.connect(tmp_path / "new.db")
    tables = raw.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'"
    ).fetchall()
    own = [
        (name, sql)
        for name, sql in tables
        if not name.startswith(("article_search_", "sqlite_", "_sqlite"))
    ]
    assert len(own) > 25
    for name, sql in own:
        assert "STRICT" in sql, name
        assert "--" in sql, name
    raw.close()


@pytest.mark.parametrize("table_set", [migrations.MAIN, migrations.TEXTS], ids=["main", "texts"])
def test_key_columns_come_first_without_rowid(tmp_path: Path, table_set: Migrations) -> None:
    """SQLite 3.40 calls a table damaged whose key is in another order than its columns."""
    migrations.create(tmp_path / "new.db", table_set, 1)
    raw = sqlite3.connect(tmp_path / "new.db")
    for (name,) in raw.execute(
        "SELECT name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%' AND type = 'table'"
    ).fetchall():
        keys = [row[5] for row in raw.execute(f"PRAGMA table_info({name})") if row[5]]
        first = [row[5] for row in raw.execute(f"PRAGMA table_info({name})")][: len(keys)]
        assert first == list(range(1, len(keys) + 1)), name
    raw.close()
