"""The first schema: runs and the ledger, sources, entries and pages; see `first.py`."""

# fmt: off
COMMITS = (
    """
    CREATE TABLE commits (
        number INTEGER PRIMARY KEY AUTOINCREMENT, -- the commit sequence number; digests go by it
        at TEXT NOT NULL,                         -- when, for people to read; orders nothing
        run_id TEXT                               -- the run that made it, if one did
    ) STRICT
    """,
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY,            -- UUID
        kind TEXT NOT NULL,             -- poll, backfill, rematch
        command TEXT NOT NULL,          -- what a person or the service started
        started_at TEXT NOT NULL,
        ended_at TEXT,                  -- NULL while it runs, and for ever when it was killed
        looks INTEGER NOT NULL DEFAULT 0,    -- sources asked
        failures INTEGER NOT NULL DEFAULT 0, -- those of them that could not be read
        offered INTEGER NOT NULL DEFAULT 0   -- entries they offered
    ) STRICT
    """,
    """
    CREATE INDEX runs_by_start
    ON runs (started_at)
    """,
    """
    CREATE TABLE run_outcomes (
        run_id TEXT NOT NULL REFERENCES runs (id),
        outcome TEXT NOT NULL,          -- monitor.model.Outcome
        pages INTEGER NOT NULL,         -- how many pages of the run ended so
        PRIMARY KEY (run_id, outcome)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE day_outcomes (
        day TEXT NOT NULL,              -- UTC day of fetched_at, as 2026-11-21
        source_id TEXT NOT NULL,        -- '' for a page that no source offered
        outcome TEXT NOT NULL,
        pages INTEGER NOT NULL,         -- how many pages of the day ended so
        pruned INTEGER NOT NULL DEFAULT 0, -- how many of them have no row in `pages` any more
        PRIMARY KEY (day, source_id, outcome)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE suppressed (
        minute TEXT NOT NULL,           -- when, as 2026-11-21T07:00
        run_id TEXT NOT NULL,
        reason TEXT NOT NULL,           -- what held something back, in words for a person
        source_id TEXT NOT NULL,        -- '' where it concerns no source
        times INTEGER NOT NULL,         -- how often
        PRIMARY KEY (minute, run_id, reason, source_id)
    ) STRICT, WITHOUT ROWID
    """,
)

SOURCES = (
    """
    CREATE TABLE sources (
        id TEXT PRIMARY KEY,            -- the slug of sources.yaml
        url TEXT NOT NULL,              -- validators and rhythm belong to this address
        kind TEXT NOT NULL,             -- feed, sitemap, section
        outlet TEXT NOT NULL,
        country TEXT,                   -- the outlet's own, ISO 3166-1 alpha-2
        language TEXT,
        publisher TEXT,
        definition TEXT NOT NULL,       -- JSON of monitor.model.Source, as last configured
        added_at TEXT NOT NULL,
        changed_at TEXT NOT NULL,
        removed_at TEXT,                -- when it left the configuration; its past is kept
        etag TEXT,                      -- validators of the last answer that could be read
        last_modified TEXT,
        rhythm TEXT,                    -- JSON of monitor.model.SourceRhythm
        looks INTEGER NOT NULL DEFAULT 0,
        looked_at TEXT,                 -- the last look
        succeeded_at TEXT,              -- the last look that could be read
        new_entry_at TEXT,              -- the last look that brought a new entry
        failing_since TEXT,             -- the first of the failures in a row
        failures INTEGER NOT NULL DEFAULT 0, -- looks that failed in a row
        not_modified INTEGER NOT NULL DEFAULT 0, -- 304s in a row
        problem TEXT,                   -- what was wrong with the last look, for a person
        status INTEGER,                 -- HTTP status of the last look
        moved_to TEXT,                  -- target of the last permanent redirect
        moved_times INTEGER NOT NULL DEFAULT 0, -- how often in a row
        last_offered INTEGER NOT NULL DEFAULT 0, -- entries of the last look that had any
        last_new INTEGER NOT NULL DEFAULT 0      -- how many of them were new
    ) STRICT
    """,
    """
    CREATE TABLE looks (
        number INTEGER PRIMARY KEY,
        source_id TEXT NOT NULL REFERENCES sources (id),
        run_id TEXT,
        looked_at TEXT NOT NULL,
        status INTEGER,                 -- NULL when no answer came
        problem TEXT,
        not_modified INTEGER NOT NULL,  -- 1 for a 304
        salvaged INTEGER NOT NULL,      -- 1 when the bytes were broken and entries were saved
        offered INTEGER NOT NULL,       -- entries in it
        new INTEGER NOT NULL,
        changed INTEGER NOT NULL,       -- known entries that say something else than before
        refused INTEGER NOT NULL        -- entries that could not be stored
    ) STRICT
    """,
    """
    CREATE INDEX looks_of_source
    ON looks (source_id, looked_at)
    """,
    """
    CREATE INDEX looks_by_time
    ON looks (looked_at)
    """,
)

ENTRIES = (
    """
    CREATE TABLE entries (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,        -- UUID, made of the canonical URL: one entry for each
        url TEXT NOT NULL,              -- as first offered; what is fetched
        source_id TEXT NOT NULL REFERENCES sources (id), -- who offered it first
        state TEXT NOT NULL CHECK (state IN ('pending', 'done')),
        offered_at TEXT NOT NULL,       -- when it was first seen
        attempts INTEGER NOT NULL DEFAULT 0, -- fetches since it was last made pending
        tried_at TEXT,                  -- the last of them
        next_try_at TEXT,               -- not before this; NULL is at once
        reason TEXT,                    -- why the last attempt gave no outcome
        rechecks INTEGER NOT NULL DEFAULT 0, -- how often it was made pending again
        entry TEXT                      -- JSON of monitor.model.Entry; NULL once done
    ) STRICT
    """,
    """
    CREATE INDEX entries_pending
    ON entries (source_id, number)
    WHERE state = 'pending'
    """,
    """
    CREATE TABLE offers (
        source_id TEXT NOT NULL REFERENCES sources (id),
        entry INTEGER NOT NULL REFERENCES entries (number) ON DELETE CASCADE,
        said INTEGER NOT NULL,          -- hash of what the source last said of it
        first_day TEXT NOT NULL,        -- first and last day it was offered
        last_day TEXT NOT NULL,
        PRIMARY KEY (source_id, entry)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE INDEX offers_of_entry
    ON offers (entry)
    """,
    """
    CREATE TABLE aliases (
        source_id TEXT NOT NULL REFERENCES sources (id),
        alias INTEGER NOT NULL,         -- hash of a GUID or content key: known within the source
        entry INTEGER NOT NULL REFERENCES entries (number) ON DELETE CASCADE,
        PRIMARY KEY (source_id, alias)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE INDEX aliases_of_entry
    ON aliases (entry)
    """,
    """
    CREATE TABLE pages (
        number INTEGER PRIMARY KEY,
        entry INTEGER REFERENCES entries (number) ON DELETE SET NULL, -- NULL: nobody offered it
        source_id TEXT REFERENCES sources (id),
        run_id TEXT NOT NULL REFERENCES runs (id),
        url TEXT NOT NULL,
        url_hash INTEGER NOT NULL,      -- 64 bits of it: an index a tenth of the size
        final_url TEXT,                 -- NULL where it is the URL
        status INTEGER,                 -- NULL when no answer came
        fetched_at TEXT NOT NULL,
        outcome TEXT NOT NULL,          -- the one counted end; monitor.model.Outcome
        reason TEXT,
        body_sha256 TEXT,               -- of the bytes as received
        body_bytes INTEGER NOT NULL,
        etag TEXT,                      -- validators of the page, for a later recheck
        last_modified TEXT,
        article INTEGER REFERENCES articles (number) -- what it came to, if it was flagged
    ) STRICT
    """,
    """
    CREATE INDEX pages_of_entry
    ON pages (entry)
    """,
    """
    CREATE INDEX pages_by_url
    ON pages (url_hash)
    """,
    """
    CREATE INDEX pages_of_run
    ON pages (run_id)
    """,
    """
    CREATE INDEX pages_by_time
    ON pages (fetched_at, outcome)
    """,
    """
    CREATE INDEX pages_of_article
    ON pages (article)
    WHERE article IS NOT NULL
    """,
)
# fmt: on
