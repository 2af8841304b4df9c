"""The first schema: kept bytes, articles, matches and stories; see `first.py`."""

# fmt: off
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
# fmt: on
