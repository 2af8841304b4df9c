"""What articles are held against each other by, and a person's word on stories; never edited."""

# fmt: off
STATEMENTS = (
    """
    CREATE TABLE story_features (
        article INTEGER PRIMARY KEY REFERENCES articles (number) ON DELETE CASCADE,
        day INTEGER NOT NULL,           -- when it came out, in days since 1970; 0 where not known
        features TEXT NOT NULL          -- JSON of monitor.model.grouping.StoryFeatures
    ) STRICT
    """,
    """
    CREATE INDEX story_features_by_day
    ON story_features (day)
    """,
    """
    CREATE TABLE story_keys (
        key INTEGER NOT NULL,           -- hash of a name, city, figure, day or word of the article
        day INTEGER NOT NULL,           -- of the article: only a window of days is looked at
        article INTEGER NOT NULL REFERENCES articles (number) ON DELETE CASCADE,
        PRIMARY KEY (key, day, article)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE INDEX story_keys_of_article
    ON story_keys (article)
    """,
    """
    CREATE TABLE term_pools (
        pool TEXT PRIMARY KEY,          -- languages whose words are held against each other, names
        articles INTEGER NOT NULL       -- how many were counted
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE term_counts (
        pool TEXT NOT NULL,
        term INTEGER NOT NULL,          -- hash of a stem, of a name's skeleton, of a number
        articles INTEGER NOT NULL,      -- in how many articles it stands
        PRIMARY KEY (pool, term)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE version_notes (
        article INTEGER NOT NULL REFERENCES articles (number) ON DELETE CASCADE,
        version INTEGER NOT NULL,
        note TEXT NOT NULL,             -- what is other than in the version before, for a person
        PRIMARY KEY (article, version)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE story_orders (
        number INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('merge', 'split', 'move')), -- what a person ordered
        story INTEGER NOT NULL REFERENCES stories (number) ON DELETE CASCADE, -- where it stood
        target INTEGER NOT NULL REFERENCES stories (number) ON DELETE CASCADE, -- where it stands
        articles TEXT NOT NULL          -- JSON array of the ids of the articles that went
    ) STRICT
    """,
    """
    ALTER TABLE story_articles
    ADD COLUMN independent INTEGER NOT NULL DEFAULT 1 /* 0: a copy, or its publisher's second one */
    """,
    """
    ALTER TABLE story_articles
    ADD COLUMN agency TEXT /* the news agency whose report it says it is */
    """,
)
# fmt: on
