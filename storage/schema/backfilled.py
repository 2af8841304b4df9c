"""Which of a day's pages backfills read, so that the days of the watch are its own."""

# fmt: off
STATEMENTS = (
    """
    ALTER TABLE day_outcomes
    ADD COLUMN backfilled INTEGER NOT NULL DEFAULT 0 /* how many of them a backfill read */
    """,
    # What has no row in `pages` and was of no source was counted in bulk, as only backfills do.
    """
    UPDATE day_outcomes
    SET backfilled = pruned
    WHERE source_id = ''
    """,
    """
    UPDATE day_outcomes
    SET backfilled = MIN(day_outcomes.pages, backfilled + old.pages)
    FROM (
        SELECT
            substr(pages.fetched_at, 1, 10) AS day,
            COALESCE(pages.source_id, '') AS source_id,
            pages.outcome,
            COUNT(*) AS pages
        FROM runs
        CROSS JOIN pages ON pages.run_id = runs.id
        WHERE runs.kind = 'backfill'
        GROUP BY 1, 2, 3
    ) AS old
    WHERE day_outcomes.day = old.day
        AND day_outcomes.source_id = old.source_id
        AND day_outcomes.outcome = old.outcome
    """,
)
# fmt: on
