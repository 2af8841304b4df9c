"""How each source stands, as it was last judged, and texts that say the same again."""

# fmt: off
STATEMENTS = (
    """
    CREATE TABLE source_health (
        source_id TEXT PRIMARY KEY,
        state TEXT NOT NULL,            -- monitor.model.HealthState
        why TEXT NOT NULL,              -- what was seen, for a person
        cure TEXT NOT NULL,             -- what a person can do
        since TEXT,                     -- when it began, as far as is known
        usual_gap INTEGER,              -- seconds between new entries that are usual
        alarm INTEGER NOT NULL          -- 1 when the one who keeps the watch running is told
    ) STRICT
    """,
    """
    ALTER TABLE source_texts
    ADD COLUMN repeated INTEGER NOT NULL DEFAULT 0 /* texts that said the same as one before */
    """,
)
# fmt: on
