"""What backfills have covered, and what they found and did not put into stories yet."""

# fmt: off
STATEMENTS = (
    """
    CREATE TABLE covered_units (
        unit TEXT NOT NULL,             -- a part of an archive: its name, size and place
        asked TEXT NOT NULL,            -- hash of the rules and of what was wanted of it
        run_id TEXT NOT NULL REFERENCES runs (id),
        finished_at TEXT NOT NULL,
        kind TEXT NOT NULL,             -- warc, wayback, sitemap
        outcomes TEXT NOT NULL,         -- JSON: month of capture → outcome → pages
        sites TEXT NOT NULL,            -- JSON: site → month of capture → pages
        records INTEGER NOT NULL,
        unseen TEXT NOT NULL,           -- JSON: what could not be read, why → how often
        damages TEXT NOT NULL,          -- JSON array: the first damaged places, in words
        PRIMARY KEY (unit, asked)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE INDEX covered_by_run
    ON covered_units (run_id)
    """,
    """
    CREATE TABLE found_pages (
        key TEXT PRIMARY KEY,           -- SHA-256 of canonical URL and body
        asked TEXT NOT NULL,
        published TEXT NOT NULL,        -- of the article, or else of the capture
        canonical_url TEXT NOT NULL,
        payload BLOB NOT NULL           -- the page and what it came to, as the finder packed it
    ) STRICT, WITHOUT ROWID
    """,
)
# fmt: on
