"""The first schema: subscribers, digests, the outbox and its deliveries; see `first.py`."""

# fmt: off
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
# fmt: on
