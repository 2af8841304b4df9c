"""The first schema, as of version 0.1; never edited, only followed by another migration.

Times are texts as `monitor.clock.format_time` writes them (UTC, equal widths, so they sort).
Ids that leave the database are UUIDs; `number` columns never leave it.
In a table without rowid the key's columns come first and in the key's order: otherwise the checks
of SQLite 3.40 take another column for NULL and call the table damaged.
"""

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

ARTICLES = (
    """
    CREATE TABLE articles (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,        -- UUID
        source_id TEXT REFERENCES sources (id), -- NULL for what an archive gave
        outlet TEXT NOT NULL,           -- outlet, country, publisher: the source's, as they stood
        country TEXT,
        publisher TEXT,
        first_seen_at TEXT NOT NULL,
        historic INTEGER NOT NULL,      -- 1 when a backfill or rematch found it
        version INTEGER NOT NULL        -- the newest, from 1
    ) STRICT
    """,
    """
    CREATE INDEX articles_by_time
    ON articles (first_seen_at)
    """,
    """
    CREATE TABLE article_urls (
        url TEXT PRIMARY KEY,           -- a canonical URL it was found under
        article INTEGER NOT NULL REFERENCES articles (number) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE INDEX article_urls_of_article
    ON article_urls (article)
    """,
    """
    CREATE TABLE article_versions (
        article INTEGER NOT NULL REFERENCES articles (number) ON DELETE CASCADE,
        version INTEGER NOT NULL,
        title TEXT NOT NULL,
        text TEXT NOT NULL,
        author TEXT,
        published_at TEXT,              -- what the page claims; decides nothing
        published_precision TEXT,
        modified_at TEXT,
        language TEXT,                  -- found from the text
        declared_language TEXT,         -- claimed by the page
        site_name TEXT,
        method TEXT NOT NULL,           -- monitor.model.ExtractionMethod
        paywalled INTEGER NOT NULL,
        url TEXT NOT NULL,              -- where it was fetched from
        canonical_url TEXT NOT NULL,
        text_hash TEXT NOT NULL,        -- of the normalised title and text
        body_sha256 TEXT,               -- of the bytes as received
        evidence INTEGER REFERENCES evidence (seq), -- where they are kept
        fetched_at TEXT NOT NULL,
        run_id TEXT NOT NULL,
        commit_number INTEGER NOT NULL REFERENCES commits (number),
        rules_version TEXT NOT NULL,    -- SHA-256 of the keywords.yaml it was matched with
        blocks_version INTEGER NOT NULL, -- snapshot of the site's repeated blocks
        PRIMARY KEY (article, version)
    ) STRICT
    """,
    """
    CREATE INDEX article_versions_by_text
    ON article_versions (text_hash)
    """,
    """
    CREATE TABLE fingerprints (
        hash INTEGER NOT NULL,          -- a kept shingle hash, signed 64-bit
        article INTEGER NOT NULL REFERENCES articles (number) ON DELETE CASCADE,
        PRIMARY KEY (hash, article)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE fingerprint_sizes (
        article INTEGER PRIMARY KEY REFERENCES articles (number) ON DELETE CASCADE,
        kept INTEGER NOT NULL           -- how many hashes the newest version has
    ) STRICT
    """,
    """
    CREATE VIRTUAL TABLE article_search USING fts5 (
        title,                          -- folded, unspaced scripts a word a character
        text,
        -- folded text holds only words and spaces, so that every character is one of a word
        tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'"
    )
    """,
    """
    CREATE TABLE site_blocks (
        site TEXT NOT NULL,
        hash INTEGER NOT NULL,          -- a text block, as monitor.text.blocks hashes it
        pages INTEGER NOT NULL,         -- on how many pages it stood
        first_page INTEGER NOT NULL,    -- the site's page count when it first and last did
        last_page INTEGER NOT NULL,
        repeated INTEGER NOT NULL,      -- 1 once it counts as furniture of the site
        PRIMARY KEY (site, hash)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE sites (
        site TEXT PRIMARY KEY,
        pages INTEGER NOT NULL,         -- how many were counted
        version INTEGER NOT NULL        -- grows whenever the set of repeated blocks changes
    ) STRICT, WITHOUT ROWID
    """,
)

MATCHES = (
    """
    CREATE TABLE matches (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,        -- UUID
        article INTEGER NOT NULL REFERENCES articles (number) ON DELETE CASCADE,
        version INTEGER NOT NULL,       -- of the article
        topic TEXT NOT NULL,
        level TEXT NOT NULL,            -- report, mention
        score REAL NOT NULL,
        report_at REAL NOT NULL,        -- the thresholds it was held against
        mention_at REAL NOT NULL,
        explanation TEXT NOT NULL,      -- JSON of monitor.model.Match: rules, passages, terms, tags
        current INTEGER NOT NULL,       -- 0 once a newer version or newer rules were matched
        found_at TEXT NOT NULL,
        commit_number INTEGER NOT NULL REFERENCES commits (number),
        rules_version TEXT NOT NULL,
        blocks_version INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE INDEX matches_of_article
    ON matches (article, current)
    """,
    """
    CREATE INDEX matches_by_topic
    ON matches (topic, level)
    WHERE current = 1
    """,
    """
    CREATE TABLE passages (
        match INTEGER NOT NULL REFERENCES matches (number) ON DELETE CASCADE,
        position INTEGER NOT NULL,      -- best rule first
        rule TEXT NOT NULL,
        field TEXT NOT NULL,            -- title, text
        start INTEGER NOT NULL,         -- offsets into the version's title or text, in code points
        stop INTEGER NOT NULL,
        text TEXT NOT NULL,             -- the slice itself
        PRIMARY KEY (match, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE mentions (
        article INTEGER NOT NULL REFERENCES articles (number) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        entity TEXT NOT NULL,
        kind TEXT NOT NULL,             -- organisation, operation, report, person, place
        field TEXT NOT NULL,
        start INTEGER NOT NULL,
        stop INTEGER NOT NULL,
        PRIMARY KEY (article, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE INDEX mentions_by_entity
    ON mentions (entity, article)
    """,
    """
    CREATE TABLE article_countries (
        article INTEGER NOT NULL REFERENCES articles (number) ON DELETE CASCADE,
        country TEXT NOT NULL,          -- host country, ISO 3166-1 alpha-2
        position INTEGER NOT NULL,      -- most likely first
        PRIMARY KEY (article, country)
    ) STRICT, WITHOUT ROWID
    """,
)

STORIES = (
    """
    CREATE TABLE stories (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,        -- UUID
        title TEXT NOT NULL,            -- of the article that began it
        level TEXT NOT NULL,            -- the highest of its articles
        first_seen_at TEXT NOT NULL,
        last_seen_at TEXT NOT NULL,     -- when the newest article joined
        historic INTEGER NOT NULL,      -- 1 while only backfills found it
        commit_number INTEGER NOT NULL REFERENCES commits (number)
    ) STRICT
    """,
    """
    CREATE INDEX stories_by_time
    ON stories (first_seen_at)
    """,
    """
    CREATE INDEX stories_by_last_article
    ON stories (last_seen_at)
    """,
    """
    CREATE TABLE story_topics (
        story INTEGER NOT NULL REFERENCES stories (number) ON DELETE CASCADE,
        topic TEXT NOT NULL,
        position INTEGER NOT NULL,      -- in the order in which they came up
        PRIMARY KEY (story, topic)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE story_countries (
        story INTEGER NOT NULL REFERENCES stories (number) ON DELETE CASCADE,
        country TEXT NOT NULL,          -- host country, ISO 3166-1 alpha-2
        position INTEGER NOT NULL,      -- in the order in which they came up
        PRIMARY KEY (story, country)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE story_articles (
        story INTEGER NOT NULL REFERENCES stories (number) ON DELETE CASCADE,
        article INTEGER NOT NULL REFERENCES articles (number) ON DELETE CASCADE,
        position INTEGER NOT NULL,      -- in the order of joining; 0 began the story
        weak INTEGER NOT NULL,          -- 1: "probably also reported by"; suppresses nothing
        evidence TEXT,                  -- JSON of monitor.model.JoinEvidence
        joined_at TEXT NOT NULL,
        commit_number INTEGER NOT NULL REFERENCES commits (number),
        PRIMARY KEY (story, article)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE UNIQUE INDEX story_articles_firm
    ON story_articles (article)
    WHERE weak = 0
    """,
    """
    CREATE INDEX story_articles_of_article
    ON story_articles (article)
    """,
    """
    CREATE TABLE changes (
        id TEXT PRIMARY KEY,            -- UUID
        story INTEGER NOT NULL REFERENCES stories (number) ON DELETE CASCADE,
        article INTEGER NOT NULL REFERENCES articles (number) ON DELETE CASCADE,
        kind TEXT NOT NULL,             -- monitor.model.ChangeKind
        commit_number INTEGER NOT NULL REFERENCES commits (number),
        at TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE INDEX changes_by_commit
    ON changes (commit_number)
    """,
    """
    CREATE INDEX changes_of_story
    ON changes (story)
    """,
)

OUTBOX = (
    """
    CREATE TABLE subscribers (
        name TEXT PRIMARY KEY,          -- as in settings.toml
        added_at TEXT NOT NULL,
        after_commit INTEGER NOT NULL,  -- owed is what was committed after this
        removed_at TEXT                 -- when it left the configuration
    ) STRICT
    """,
    """
    CREATE TABLE digests (
        id TEXT PRIMARY KEY,            -- made of (subscriber, period, local date)
        subscriber TEXT NOT NULL,
        period TEXT NOT NULL,           -- day, week
        local_date TEXT NOT NULL,       -- the subscriber's own day, as 2026-11-21
        after_commit INTEGER NOT NULL,  -- it holds after_commit < commit_number <= to_commit
        to_commit INTEGER NOT NULL,
        created_at TEXT NOT NULL,
        UNIQUE (subscriber, period, local_date)
    ) STRICT
    """,
    """
    CREATE TABLE outbox (
        id TEXT PRIMARY KEY,            -- UUID: the idempotency key that every retry carries
        number INTEGER NOT NULL UNIQUE, -- the order in which messages were owed
        kind TEXT NOT NULL CHECK (kind IN ('alert', 'digest')),
        subscriber TEXT NOT NULL,
        channel TEXT NOT NULL,
        change_id TEXT REFERENCES changes (id) ON DELETE CASCADE, -- of an alert
        digest_id TEXT REFERENCES digests (id) ON DELETE CASCADE, -- of a digest
        state TEXT NOT NULL CHECK (state IN ('owed', 'claimed', 'delivered', 'dead')),
        created_at TEXT NOT NULL,
        not_before TEXT,                -- quiet hours; NULL is at once
        next_try_at TEXT,               -- after a failure
        waits_since TEXT,               -- when next_try_at or not_before was set
        attempts INTEGER NOT NULL DEFAULT 0, -- claims, so that a message that kills its sender ends
        first_attempt_at TEXT,
        claimed_at TEXT,
        lease_until TEXT,               -- a claim is void after this
        claimed_by TEXT,                -- the opening of the database that claimed it
        gathered_in TEXT,               -- the message that gathered it with others
        ended_at TEXT,                  -- when it was delivered or given up
        response TEXT,                  -- what the receiver said last
        CHECK ((change_id IS NULL) <> (digest_id IS NULL))
    ) STRICT
    """,
    """
    CREATE UNIQUE INDEX outbox_alert_once
    ON outbox (subscriber, channel, change_id)
    WHERE change_id IS NOT NULL
    """,
    """
    CREATE UNIQUE INDEX outbox_digest_once
    ON outbox (subscriber, channel, digest_id)
    WHERE digest_id IS NOT NULL
    """,
    """
    CREATE INDEX outbox_open
    ON outbox (kind, number)
    WHERE state IN ('owed', 'claimed')
    """,
    """
    CREATE INDEX outbox_of_change
    ON outbox (change_id)
    """,
    """
    CREATE INDEX outbox_ended
    ON outbox (subscriber, channel, ended_at)
    """,
    """
    CREATE TABLE deliveries (
        id TEXT PRIMARY KEY,            -- UUID
        message_id TEXT NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
        attempt INTEGER NOT NULL,       -- from 1
        at TEXT NOT NULL,
        state TEXT NOT NULL,            -- what the attempt left: delivered, owed (again), dead
        response TEXT NOT NULL,
        next_try_at TEXT
    ) STRICT
    """,
    """
    CREATE INDEX deliveries_of_message
    ON deliveries (message_id)
    """,
    """
    CREATE INDEX deliveries_by_time
    ON deliveries (at)
    """,
)

EVIDENCE = (
    """
    CREATE TABLE evidence (
        seq INTEGER PRIMARY KEY,        -- from 1, without a gap
        sha256 TEXT NOT NULL,           -- of the bytes as received; the name of the file
        headers_sha256 TEXT NOT NULL,   -- of the headers as received; the name of the file
        url TEXT NOT NULL,
        time TEXT NOT NULL,             -- when it was fetched
        previous TEXT NOT NULL,         -- hash of the link before
        hash TEXT NOT NULL              -- of all the above; monitor.model.evidence.hash_link
    ) STRICT
    """,
    """
    CREATE INDEX evidence_by_body
    ON evidence (sha256)
    """,
)
# fmt: on

# `evidence` and `articles` come before what refers to them.
STATEMENTS = COMMITS + EVIDENCE + SOURCES + ARTICLES + ENTRIES + MATCHES + STORIES + OUTBOX

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
