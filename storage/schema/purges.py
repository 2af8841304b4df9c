"""What a person had removed, and what was told before a backup was put back; never edited."""

# fmt: off
STATEMENTS = (
    """
    CREATE TABLE purges (
        id TEXT PRIMARY KEY,            -- UUID
        at TEXT NOT NULL,
        kind TEXT NOT NULL,             -- article, person
        wish TEXT NOT NULL,             -- by whose wish, in the words of who removed it
        removed TEXT NOT NULL,          -- JSON: what → how many
        link INTEGER REFERENCES evidence (seq) -- the link of the chain that says so
    ) STRICT
    """,
    """
    CREATE TABLE purged_urls (
        url_hash TEXT PRIMARY KEY,      -- SHA-256 of a canonical URL that is never stored again
        purge TEXT NOT NULL REFERENCES purges (id) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE told_before (
        subscriber TEXT NOT NULL,       -- who was told after the backup in force was made
        channel TEXT NOT NULL,
        kind TEXT NOT NULL,             -- of the change
        url_hash TEXT NOT NULL,         -- SHA-256 of the article's canonical URL
        id TEXT NOT NULL,               -- of the message that told it
        state TEXT NOT NULL,            -- delivered, dead
        attempts INTEGER NOT NULL,
        ended_at TEXT,
        response TEXT,
        PRIMARY KEY (subscriber, channel, kind, url_hash)
    ) STRICT, WITHOUT ROWID
    """,
)
# fmt: on
