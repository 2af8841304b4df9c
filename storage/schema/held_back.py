"""Alerts that were not sent at once, counted by subscriber and why."""

# fmt: off
STATEMENTS = (
    """
    CREATE TABLE alerts_held_back (
        minute TEXT NOT NULL,           -- when, as 2026-11-21T07:00
        subscriber TEXT NOT NULL,
        reason TEXT NOT NULL,           -- why, in words for a person
        times INTEGER NOT NULL,         -- changes of stories
        PRIMARY KEY (minute, subscriber, reason)
    ) STRICT, WITHOUT ROWID
    """,
)
# fmt: on
