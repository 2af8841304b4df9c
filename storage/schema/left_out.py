"""What backfills flagged and left out, and in which file and record what they found lies."""

# fmt: off
STATEMENTS = (
    # where the file lay that the unit is a part of
    "ALTER TABLE covered_units ADD COLUMN path TEXT NOT NULL DEFAULT ''",
    # the file and record that the article was found in, in words; empty where it was fetched
    "ALTER TABLE backfill_findings ADD COLUMN origin TEXT NOT NULL DEFAULT ''",
    """
    CREATE TABLE backfill_left_out (
        asked TEXT NOT NULL,            -- as in backfill_findings
        url TEXT NOT NULL,              -- that the page was had from
        canonical_url TEXT NOT NULL,
        title TEXT NOT NULL,
        published TEXT,
        language TEXT,                  -- found from the text
        why TEXT NOT NULL,              -- what of what was asked it is outside of
        origin TEXT NOT NULL,           -- as in backfill_findings
        PRIMARY KEY (asked, url)
    ) STRICT, WITHOUT ROWID
    """,
)
# fmt: on
