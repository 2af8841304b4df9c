"""Notices to the one who keeps the watch running, and what a source's texts are like."""

# The outbox gets a third kind of message. SQLite cannot change a CHECK, so the table is made anew;
# the deliveries go first, because dropping the old one would delete what refers to it.
# fmt: off
STATEMENTS = (
    """
    CREATE TABLE troubles (
        key TEXT PRIMARY KEY,           -- what does not work: silent:daily
        scope TEXT NOT NULL,            -- which part of the program reports it
        times INTEGER NOT NULL,         -- how often it has begun
        headline TEXT NOT NULL,         -- in words for a person
        why TEXT NOT NULL,
        cure TEXT NOT NULL,
        since TEXT,                     -- when it began, as far as is known
        begun_at TEXT NOT NULL,         -- when it was last reported as new
        ended_at TEXT                   -- NULL while it lasts
    ) STRICT
    """,
    """
    CREATE TABLE notices (
        id TEXT PRIMARY KEY,            -- UUID
        key TEXT NOT NULL UNIQUE,       -- what it tells, so that it is told once
        headline TEXT NOT NULL,
        lines TEXT NOT NULL,            -- JSON array of paragraphs
        created_at TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE stopped_channels (
        subscriber TEXT PRIMARY KEY,    -- whose receiver wants no more messages
        channel TEXT NOT NULL,
        settings TEXT NOT NULL,         -- SHA-256 of the channel's settings: other ones begin anew
        at TEXT NOT NULL,
        why TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE proofs (
        name TEXT PRIMARY KEY,          -- what shows now and then that it works: canary, backup
        tried_at TEXT NOT NULL,
        proved_at TEXT,                 -- the last time that it did
        problem TEXT                    -- what broke since; NULL while it works
    ) STRICT
    """,
    """
    CREATE TABLE source_texts (
        source_id TEXT NOT NULL,
        day TEXT NOT NULL,              -- UTC day, as 2026-11-21
        language TEXT NOT NULL,         -- '' where it could not be told
        texts INTEGER NOT NULL,         -- how many texts were read
        characters INTEGER NOT NULL,    -- how long they were together
        PRIMARY KEY (source_id, day, language)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE outbox_anew (
        id TEXT PRIMARY KEY,            -- UUID: the idempotency key that every retry carries
        number INTEGER NOT NULL UNIQUE, -- the order in which messages were owed
        kind TEXT NOT NULL CHECK (kind IN ('alert', 'digest', 'alarm')),
        subscriber TEXT NOT NULL,
        channel TEXT NOT NULL,
        change_id TEXT REFERENCES changes (id) ON DELETE CASCADE, -- of an alert
        digest_id TEXT REFERENCES digests (id) ON DELETE CASCADE, -- of a digest
        notice_id TEXT REFERENCES notices (id) ON DELETE CASCADE, -- of an alarm
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
        told_in TEXT,                   -- the notice that told that it was given up
        CHECK ((change_id IS NOT NULL) + (digest_id IS NOT NULL) + (notice_id IS NOT NULL) = 1)
    ) STRICT
    """,
    """
    INSERT INTO outbox_anew (
        id, number, kind, subscriber, channel, change_id, digest_id, state, created_at, not_before,
        next_try_at, waits_since, attempts, first_attempt_at, claimed_at, lease_until, claimed_by,
        gathered_in, ended_at, response
    )
    SELECT
        id, number, kind, subscriber, channel, change_id, digest_id, state, created_at, not_before,
        next_try_at, waits_since, attempts, first_attempt_at, claimed_at, lease_until, claimed_by,
        gathered_in, ended_at, response
    FROM outbox
    """,
    """
    CREATE TABLE deliveries_anew (
        id TEXT PRIMARY KEY,            -- UUID
        message_id TEXT NOT NULL REFERENCES outbox_anew (id) ON DELETE CASCADE,
        attempt INTEGER NOT NULL,       -- from 1
        at TEXT NOT NULL,
        state TEXT NOT NULL,            -- what the attempt left: delivered, owed (again), dead
        response TEXT NOT NULL,
        next_try_at TEXT
    ) STRICT
    """,
    """
    INSERT INTO deliveries_anew (id, message_id, attempt, at, state, response, next_try_at)
    SELECT id, message_id, attempt, at, state, response, next_try_at
    FROM deliveries
    ORDER BY rowid
    """,
    "DROP TABLE deliveries",
    "DROP TABLE outbox",
    "ALTER TABLE outbox_anew RENAME TO outbox",
    "ALTER TABLE deliveries_anew RENAME TO deliveries",
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
    CREATE UNIQUE INDEX outbox_notice_once
    ON outbox (subscriber, channel, notice_id)
    WHERE notice_id IS NOT NULL
    """,
    """
    CREATE INDEX outbox_open
    ON outbox (kind, number)
    WHERE state IN ('owed', 'claimed')
    """,
    """
    CREATE INDEX outbox_untold
    ON outbox (number)
    WHERE state = 'dead' AND told_in IS NULL
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
    CREATE INDEX deliveries_of_message
    ON deliveries (message_id)
    """,
    """
    CREATE INDEX deliveries_by_time
    ON deliveries (at)
    """,
)
# fmt: on
