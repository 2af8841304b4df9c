"""What backfills have still to ask for over the network, and what each address came to."""

# fmt: off
STATEMENTS = (
    # JSON: site → month of capture → outcome → pages
    "ALTER TABLE covered_units ADD COLUMN ends TEXT NOT NULL DEFAULT '{}'",
    """
    CREATE TABLE archive_lists (
        asked TEXT NOT NULL,            -- hash of the rules and of what is wanted
        url TEXT NOT NULL,
        source_id TEXT NOT NULL,        -- for whose pages it is asked: a source, or a host
        form TEXT NOT NULL,             -- robots, guess, sitemap, feed, section, cdx, gdelt
        depth INTEGER NOT NULL,         -- lists before it that led here
        dated TEXT,                     -- of what time it is, as far as is known: newest first
        state TEXT NOT NULL,            -- todo, done, failed
        attempts INTEGER NOT NULL DEFAULT 0,
        next_try_at TEXT,
        problem TEXT,                   -- why it could not be read, or not all of it
        read_at TEXT,
        size INTEGER NOT NULL DEFAULT 0,
        pages INTEGER NOT NULL DEFAULT 0,       -- addresses that it named
        pruned INTEGER NOT NULL DEFAULT 0,      -- of them, those that cannot be of the period
        oldest TEXT,                    -- the earliest date among its addresses
        PRIMARY KEY (asked, url)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE INDEX archive_lists_to_ask
    ON archive_lists (asked, dated DESC)
    WHERE state = 'todo'
    """,
    """
    CREATE TABLE archive_entries (
        asked TEXT NOT NULL,
        key TEXT NOT NULL,              -- hash of the canonical URL; of a capture, also its digest
        url TEXT NOT NULL,              -- what is asked for
        source_id TEXT NOT NULL,
        host TEXT NOT NULL,             -- that is asked
        replay INTEGER NOT NULL,        -- 1 for a capture in an archive
        published TEXT,                 -- claimed by the list
        dated TEXT,                     -- the best guess of when it is from
        rules TEXT NOT NULL,            -- version of the rules
        state TEXT NOT NULL,            -- todo, done
        outcome TEXT,
        reason TEXT,
        month TEXT,                     -- that the page is counted in, 2024-03
        attempts INTEGER NOT NULL DEFAULT 0,
        next_try_at TEXT,
        PRIMARY KEY (asked, key)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE INDEX archive_entries_to_ask
    ON archive_entries (asked, source_id, dated DESC)
    WHERE state = 'todo'
    """,
    """
    CREATE INDEX archive_entries_by_key
    ON archive_entries (key, rules)
    WHERE state = 'done'
    """,
    """
    CREATE TABLE measured_costs (
        name TEXT PRIMARY KEY,          -- list bytes, page bytes, page seconds, archive megabytes
        count INTEGER NOT NULL,
        total REAL NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE backfill_requests (
        asked TEXT PRIMARY KEY,
        run_id TEXT REFERENCES runs (id),       -- the last run that worked on it
        words TEXT NOT NULL,            -- JSON: what was asked for, for the report
        first_at TEXT NOT NULL,
        last_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE backfill_findings (
        asked TEXT NOT NULL,            -- of what was asked, or of the rules and wishes of a file
        article INTEGER NOT NULL REFERENCES articles (number) ON DELETE CASCADE,
        PRIMARY KEY (asked, article)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE INDEX backfill_findings_of_article
    ON backfill_findings (article)
    """,
)
# fmt: on
