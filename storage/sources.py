"""Sources: what the configuration lists, and what is remembered of each."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from pydantic import TypeAdapter

from monitor.clock import Clock, read_time
from monitor.errors import StorageError
from monitor.model import (
    Look,
    LookRecord,
    Offered,
    OfferedEntry,
    Source,
    SourceChanges,
    SourceRhythm,
    SourceState,
    Validators,
)
from storage import looks, offers
from storage.connection import Connection
from storage.values import read_json, read_moment, write_json, write_moment

_SOURCE = TypeAdapter(Source)
_RHYTHM = TypeAdapter(SourceRhythm)


class Sources:
    """The sources that are or were configured, and the looks at them."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def sync(self, sources: Sequence[Source]) -> SourceChanges:
        """Make the stored list that of the configuration, in one transaction; forgets nothing.

        A source that left keeps its past and is no longer asked; one that comes back goes on where
        it stood. Another address begins anew: validators and rhythm belonged to the old one.
        """
        now = write_moment(self._clock.now())
        with self._connection.transaction():
            stored = {
                row["id"]: row
                for row in self._connection.read_rows(
                    """
                    SELECT id, url, definition, removed_at
                    FROM sources
                    """
                )
            }
            changes = _compare(sources, stored)
            for source in sources:
                if source.id in changes.added + changes.changed + changes.returned:
                    self._keep(source, now)
            self._connection.execute_many(
                """
                UPDATE sources
                SET removed_at = :now
                WHERE id = :id
                """,
                [{"id": source_id, "now": now} for source_id in changes.removed],
            )
            if changes.removed:
                offers.hand_over(self._connection)
        return changes

    def _keep(self, source: Source, now: str | None) -> None:
        self._connection.execute(
            """
            INSERT INTO sources (
                id, url, kind, outlet, country, language, publisher, definition,
                added_at, changed_at
            )
            VALUES (
                :id, :url, :kind, :outlet, :country, :language, :publisher, :definition,
                :now, :now
            )
            ON CONFLICT (id)
            DO UPDATE SET
                etag = IIF(url = excluded.url, etag, NULL),
                last_modified = IIF(url = excluded.url, last_modified, NULL),
                rhythm = IIF(url = excluded.url, rhythm, NULL),
                moved_to = IIF(url = excluded.url, moved_to, NULL),
                moved_times = IIF(url = excluded.url, moved_times, 0),
                failures = IIF(url = excluded.url, failures, 0),
                failing_since = IIF(url = excluded.url, failing_since, NULL),
                problem = IIF(url = excluded.url, problem, NULL),
                url = excluded.url,
                kind = excluded.kind,
                outlet = excluded.outlet,
                country = excluded.country,
                language = excluded.language,
                publisher = excluded.publisher,
                definition = excluded.definition,
                changed_at = excluded.changed_at,
                removed_at = NULL
            """,
            {
                "id": source.id,
                "url": source.url,
                "kind": source.kind,
                "outlet": source.outlet,
                "country": source.country,
                "language": source.language,
                "publisher": source.publisher,
                "definition": write_json(_SOURCE, source),
                "now": now,
            },
        )

    def find_or_add(self, source: Source) -> Source:
        """Return a source as it was last configured, removed since or not.

        One that nothing is known of (texts of a newer state than the database's) is kept as given,
        as one that was removed.
        """
        by_id = {"id": source.id}
        with self._connection.transaction():
            found = self._connection.find_value(
                "SELECT definition FROM sources WHERE id = :id", by_id
            )
            if isinstance(found, str):
                return read_json(_SOURCE, found)
            now = write_moment(self._clock.now())
            self._keep(source, now)
            self._connection.execute(
                "UPDATE sources SET removed_at = :now WHERE id = :id", {**by_id, "now": now}
            )
        return source

    def read_configured(self) -> tuple[Source, ...]:
        """Return the sources of the configuration as it was last synchronised, by id."""
        rows = self._connection.read_rows(
            """
            SELECT definition
            FROM sources
            WHERE removed_at IS NULL
            ORDER BY id
            """
        )
        return tuple(read_json(_SOURCE, row["definition"]) for row in rows)

    def count_unknown(self, look: Look, entries: Sequence[OfferedEntry]) -> int:
        """Return how many of the entries would be new if they were offered now; stores nothing."""
        return offers.count_unknown(self._connection, look.source_id, entries)

    def get_state(self, source_id: str) -> SourceState:
        """Return what is remembered of one source; raises StorageError for an unknown one."""
        row = self._connection.find_row(
            """
            SELECT *
            FROM sources
            WHERE id = :id
            """,
            {"id": source_id},
        )
        if row is None:
            raise StorageError(
                f"while reading a source: there is no source {source_id!r}; "
                "the list of sources has to be synchronised first"
            )
        return _build_state(row)

    def read_states(self) -> dict[str, SourceState]:
        """Return what is remembered of every source, removed ones included, by id."""
        rows = self._connection.read_rows(
            """
            SELECT *
            FROM sources
            ORDER BY id
            """
        )
        return {row["id"]: _build_state(row) for row in rows}

    def offer(
        self, look: Look, entries: Sequence[OfferedEntry], *, run_id: str, limit: int = 1000
    ) -> Offered:
        """Take what a look brought: new entries become pending and the validators are kept.

        One transaction, so that a 304 never hides a page that was not fetched. `entries` are those
        of `look.entries` that have a key. A failed look keeps the validators as they were.
        Returns what became of the entries, and up to `limit` pending ones of this source, older
        ones included.
        """
        with self._connection.transaction():
            state = self.get_state(look.source_id)
            counts = offers.store(self._connection, look, entries)
            looks.record_look(self._connection, look, counts=counts, run_id=run_id)
            looks.update_source(self._connection, look, counts=counts, before=state)
            return looks.find_pending(self._connection, look, counts=counts, limit=limit)

    def keep_rhythm(self, source_id: str, rhythm: SourceRhythm) -> None:
        """Keep what the schedule learned of a source from its last look."""
        self._connection.execute(
            """
            UPDATE sources
            SET rhythm = :rhythm
            WHERE id = :id
            """,
            {"id": source_id, "rhythm": write_json(_RHYTHM, rhythm)},
        )

    def read_looks(
        self, source_id: str, *, since: datetime | None = None
    ) -> tuple[LookRecord, ...]:
        """Return the looks at one source, oldest first."""
        rows = self._connection.read_rows(
            """
            SELECT *
            FROM looks
            WHERE source_id = :id
                AND (:since IS NULL OR looked_at >= :since)
            ORDER BY looked_at, number
            """,
            {"id": source_id, "since": write_moment(since)},
        )
        return tuple(build_look(row) for row in rows)

    def count_asked(self, since: datetime | None, until: datetime) -> int:
        """Return how many different sources were looked at from `since` up to `until`."""
        return self._connection.count(
            """
            SELECT COUNT(DISTINCT source_id)
            FROM looks
            WHERE (:since IS NULL OR looked_at >= :since)
                AND looked_at < :until
            """,
            {"since": write_moment(since), "until": write_moment(until)},
        )

    def prune_looks(self, before: datetime) -> int:
        """Forget looks before a time and return how many; the state of the sources stays."""
        return self._connection.execute(
            """
            DELETE FROM looks
            WHERE looked_at < :before
            """,
            {"before": write_moment(before)},
        ).rowcount


def _compare(sources: Sequence[Source], stored: dict[str, sqlite3.Row]) -> SourceChanges:
    added, changed, returned = [], [], []
    for source in sources:
        row = stored.get(source.id)
        if row is None:
            added.append(source.id)
        elif row["removed_at"] is not None:
            returned.append(source.id)
        elif read_json(_SOURCE, row["definition"]) != source:
            changed.append(source.id)
    configured = {source.id for source in sources}
    gone = sorted(
        source_id
        for source_id, row in stored.items()
        if source_id not in configured and row["removed_at"] is None
    )
    return SourceChanges(
        added=tuple(added), changed=tuple(changed), removed=tuple(gone), returned=tuple(returned)
    )


def _build_state(row: sqlite3.Row) -> SourceState:
    return SourceState(
        source_id=row["id"],
        added_at=read_time(row["added_at"]),
        validators=Validators(etag=row["etag"], last_modified=row["last_modified"]),
        rhythm=None if row["rhythm"] is None else read_json(_RHYTHM, row["rhythm"]),
        looks=row["looks"],
        looked_at=read_moment(row["looked_at"]),
        succeeded_at=read_moment(row["succeeded_at"]),
        new_entry_at=read_moment(row["new_entry_at"]),
        failing_since=read_moment(row["failing_since"]),
        failures=row["failures"],
        not_modified=row["not_modified"],
        problem=row["problem"],
        status=row["status"],
        moved_to=row["moved_to"],
        moved_times=row["moved_times"],
        last_offered=row["last_offered"],
        last_new=row["last_new"],
        removed_at=read_moment(row["removed_at"]),
    )


def build_look(row: sqlite3.Row) -> LookRecord:
    """Return the look of a row."""
    return LookRecord(
        source_id=row["source_id"],
        run_id=row["run_id"],
        looked_at=read_time(row["looked_at"]),
        status=row["status"],
        problem=row["problem"],
        not_modified=bool(row["not_modified"]),
        salvaged=bool(row["salvaged"]),
        offered=row["offered"],
        new=row["new"],
        changed=row["changed"],
        refused=row["refused"],
    )
