"""What backfills beside the writer left for it, and how far it has taken each."""

# fmt: off
STATEMENTS = (
    """
    CREATE TABLE backfill_parcels (
        id TEXT PRIMARY KEY,            -- the name of its folder
        run_id TEXT NOT NULL REFERENCES runs (id),      -- under which its pages are committed
        found INTEGER NOT NULL,         -- flagged pages in it
        found_hash TEXT NOT NULL DEFAULT '',    -- those up to this key have been taken over
        begun_at TEXT NOT NULL,
        copied_at TEXT,                 -- everything is here; its pages become stories
        done_at TEXT                    -- it is in stories, and the folder may go
    ) STRICT
    """,
)
# fmt: on
