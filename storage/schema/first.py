"""The first schema, as of version 0.1; never edited, only followed by another migration.

Times are texts as `monitor.clock.format_time` writes them (UTC, equal widths, so they sort).
Ids that leave the database are UUIDs; `number` columns never leave it.
In a table without rowid the key's columns come first and in the key's order: otherwise the checks
of SQLite 3.40 take another column for NULL and call the table damaged.
"""

from storage.schema.first_findings import ARTICLES, EVIDENCE, MATCHES, STORIES
from storage.schema.first_sending import OUTBOX
from storage.schema.first_watch import COMMITS, ENTRIES, SOURCES

# `evidence` and `articles` come before what refers to them.
STATEMENTS = COMMITS + EVIDENCE + SOURCES + ARTICLES + ENTRIES + MATCHES + STORIES + OUTBOX

# fmt: off
TEXTS = (
    """
    CREATE TABLE texts (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,        -- UUID
        canonical_url TEXT NOT NULL UNIQUE, -- a page fetched again replaces its text
        source_id TEXT,
        fetched_at TEXT NOT NULL,       -- the retention goes by it
        text_hash TEXT NOT NULL,
        body_sha256 TEXT,
        rules_version TEXT NOT NULL,    -- the keywords it was last matched with
        article BLOB NOT NULL           -- JSON of monitor.model.Article, compressed with zlib
    ) STRICT
    """,
    """
    CREATE INDEX texts_by_time
    ON texts (fetched_at)
    """,
)
# fmt: on
