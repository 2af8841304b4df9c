"""The outbox: what is owed to whom, claimed for a while, sent, and marked.

owed ─ claim ─→ claimed ─ mark_delivered ─→ delivered
 ↑                 │ ├──── mark_dead ─────→ dead
 └── mark_retry ───┘ └──── (lease over, or its process gone) ─→ may be claimed again

With what is due to somebody goes the oldest message that waits for its next try: it asks whether
the receiver is back, and if it is, `make_due` lets all that wait go first (FAULTS E8).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from monitor.clock import Clock
from monitor.errors import StorageError
from monitor.model import (
    AlertState,
    Change,
    OwedAlert,
    OwedDigest,
    OwedNotice,
)
from storage import messages
from storage.connection import Connection
from storage.due import OPEN, read_due
from storage.notices import build_notice
from storage.outbox_reading import OutboxReading
from storage.owing import owe
from storage.values import Value, as_list, write_moment


class Outbox(OutboxReading):
    """Alerts, digests and notices on their way."""

    def __init__(self, connection: Connection, clock: Clock, *, session: str) -> None:
        super().__init__(connection)
        self._clock = clock
        self._session = session

    def sync_subscribers(self, names: Collection[str]) -> None:
        """Make the stored list of subscribers that of the configuration; one transaction.

        A new one, or one that comes back, is owed what is committed from now on.
        """
        parameters: dict[str, Value] = {
            "names": as_list(sorted(set(names))),
            "now": write_moment(self._clock.now()),
        }
        with self._connection.transaction():
            self._connection.execute(
                """
                INSERT INTO subscribers (name, added_at, after_commit)
                SELECT value, :now, (SELECT COALESCE(MAX(number), 0) FROM commits)
                FROM json_each(:names)
                WHERE TRUE
                ON CONFLICT (name)
                DO UPDATE SET
                    added_at = excluded.added_at,
                    after_commit = excluded.after_commit,
                    removed_at = NULL
                WHERE removed_at IS NOT NULL
                """,
                parameters,
            )
            self._connection.execute(
                """
                UPDATE subscribers
                SET removed_at = :now
                WHERE removed_at IS NULL
                    AND name NOT IN (SELECT value FROM json_each(:names))
                """,
                parameters,
            )

    def add_alert(
        self,
        change: Change,
        *,
        subscriber: str,
        channel: str,
        not_before: datetime | None = None,
    ) -> str | None:
        """Owe a change to a subscriber; return the alert's id, or None where it is owed already.

        Belongs in the transaction that stores the change.
        """
        return owe(
            self._connection,
            subscriber=subscriber,
            channel=channel,
            change_id=change.id,
            now=self._clock.now(),
            not_before=not_before,
        )

    def claim_alerts(
        self,
        now: datetime,
        *,
        lease_seconds: float = 120,
        limit: int = 100,
        but: Collection[str] = (),
    ) -> tuple[OwedAlert, ...]:
        """Return alerts that are due, oldest first, and keep everybody else off for a while.

        With the oldest that waits for its next try (`next_try_at` lies ahead) of whoever has
        something due, by this claim or by another at the same moment; a gathering comes whole.
        `but` are subscribers who are handed nothing now: something is on its way to them.
        Counts as an attempt at once, so that a message that kills its sender comes to an end.
        """
        with self._connection.transaction():
            rows = self._claim("alert", now, lease_seconds=lease_seconds, limit=limit, but=but)
            return tuple(messages.build_alert(self._connection, row) for row in rows)

    def claim_digests(
        self,
        now: datetime,
        *,
        lease_seconds: float = 120,
        limit: int = 10,
        but: Collection[str] = (),
    ) -> tuple[OwedDigest, ...]:
        """Return digests that are due, oldest first, and keep everybody else off for a while."""
        with self._connection.transaction():
            rows = self._claim("digest", now, lease_seconds=lease_seconds, limit=limit, but=but)
            return tuple(messages.build_digest_message(self._connection, row) for row in rows)

    def claim_notices(
        self,
        now: datetime,
        *,
        lease_seconds: float = 120,
        limit: int = 100,
        but: Collection[str] = (),
    ) -> tuple[OwedNotice, ...]:
        """Return notices that are due, oldest first, and keep everybody else off for a while."""
        with self._connection.transaction():
            rows = self._claim("alarm", now, lease_seconds=lease_seconds, limit=limit, but=but)
            return tuple(build_notice(self._connection, row) for row in rows)

    def _claim(
        self,
        kind: str,
        now: datetime,
        *,
        lease_seconds: float,
        limit: int,
        but: Collection[str],
    ) -> list[sqlite3.Row]:
        parameters: dict[str, Value] = {
            "kind": kind,
            "now": write_moment(now),
            "lease": write_moment(now + timedelta(seconds=lease_seconds)),
            "session": self._session,
            "limit": limit,
            "but": as_list(but),
        }
        rows = read_due(self._connection, parameters)
        self._connection.execute(
            """
            UPDATE outbox
            SET state = 'claimed',
                attempts = attempts + 1,
                first_attempt_at = COALESCE(first_attempt_at, :now),
                claimed_at = :now,
                lease_until = :lease,
                claimed_by = :session
            WHERE id IN (SELECT value FROM json_each(:ids))
            """,
            {**parameters, "ids": as_list(row["id"] for row in rows)},
        )
        return rows

    def keep_gathering(self, message_ids: Sequence[str], gathered_in: str) -> None:
        """Remember, before it is sent, which message gathers these alerts."""
        self._connection.execute(
            """
            UPDATE outbox
            SET gathered_in = :gathered_in
            WHERE id IN (SELECT value FROM json_each(:ids))
            """,
            {"ids": as_list(message_ids), "gathered_in": gathered_in},
        )

    def hold(self, message_ids: Sequence[str], until: datetime) -> None:
        """Give claimed messages back unsent, to wait until a time; the attempt does not count."""
        self._give_back(message_ids, not_before=until)

    def put_off(self, message_ids: Sequence[str], until: datetime) -> None:
        """Give claimed messages back unsent, because their receiver refused one before them.

        Their next try is at `until`, or at once when `make_due` finds that it takes messages again.
        """
        self._give_back(message_ids, next_try_at=until)

    def _give_back(
        self,
        message_ids: Sequence[str],
        *,
        not_before: datetime | None = None,
        next_try_at: datetime | None = None,
    ) -> None:
        self._connection.execute(
            """
            UPDATE outbox
            SET state = 'owed',
                attempts = attempts - 1,
                first_attempt_at = IIF(attempts = 1, NULL, first_attempt_at),
                -- what was set while the clock was ahead is void: the wait begins anew
                not_before = COALESCE(:not_before, IIF(waits_since > :now, NULL, not_before)),
                next_try_at = MAX(
                    COALESCE(IIF(waits_since > :now, NULL, next_try_at), :next_try_at),
                    COALESCE(:next_try_at, IIF(waits_since > :now, NULL, next_try_at))
                ),
                waits_since = :now,
                lease_until = NULL
            WHERE state = 'claimed'
                AND id IN (SELECT value FROM json_each(:ids))
            """,
            {
                "ids": as_list(message_ids),
                "not_before": write_moment(not_before),
                "next_try_at": write_moment(next_try_at),
                "now": write_moment(self._clock.now()),
            },
        )

    def make_due(self, subscriber: str, channel: str, *, tried_before: datetime) -> int:
        """Let all that waits for its next try go now, in order; return how much that is.

        Their receiver has taken a message. Whatever it refused at or after `tried_before` waits on.
        """
        return self._connection.execute(
            f"""
            UPDATE outbox
            SET next_try_at = :now
            WHERE {OPEN}
                AND state = 'owed'
                AND subscriber = :subscriber
                AND channel = :channel
                AND next_try_at > :now
                AND waits_since < :tried_before
            """,  # noqa: S608  # a constant
            {
                "subscriber": subscriber,
                "channel": channel,
                "now": write_moment(self._clock.now()),
                "tried_before": write_moment(tried_before),
            },
        ).rowcount

    def mark_delivered(self, message_id: str, *, at: datetime, response: str) -> None:
        """Mark a message as taken by its receiver, and record the attempt; one transaction."""
        self._mark(message_id, AlertState.DELIVERED, at=at, response=response)

    def mark_retry(
        self,
        message_id: str,
        *,
        at: datetime,
        response: str,
        next_try_at: datetime,
        early: bool = False,
    ) -> None:
        """Record a failed attempt; the message is owed again from `next_try_at` on.

        One that was delivered meanwhile stays delivered. An early attempt, made before the message
        was due, is recorded and does not count.
        """
        with self._connection.transaction():
            self._mark(
                message_id, AlertState.OWED, at=at, response=response, next_try_at=next_try_at
            )
            if early:
                self._connection.execute(
                    """
                    UPDATE outbox
                    SET attempts = attempts - 1
                    WHERE id = :id
                        AND state = 'owed'
                    """,
                    {"id": message_id},
                )

    def mark_dead(self, message_id: str, *, at: datetime, response: str) -> None:
        """Record the last failed attempt; only a person makes the message owed again."""
        self._mark(message_id, AlertState.DEAD, at=at, response=response)

    def _mark(
        self,
        message_id: str,
        state: AlertState,
        *,
        at: datetime,
        response: str,
        next_try_at: datetime | None = None,
    ) -> None:
        parameters: dict[str, Value] = {
            "id": message_id,
            "state": state.value,
            "at": write_moment(at),
            "response": response[: messages.LONGEST_RESPONSE],
            "next": write_moment(next_try_at),
            "delivery": str(uuid4()),
        }
        with self._connection.transaction():
            self._connection.execute(
                """
                INSERT INTO deliveries (id, message_id, attempt, at, state, response, next_try_at)
                SELECT :delivery, id, attempts, :at, :state, :response, :next
                FROM outbox
                WHERE id = :id
                """,
                parameters,
            )
            changed = self._connection.execute(
                """
                UPDATE outbox
                SET state = :state,
                    next_try_at = :next,
                    not_before = IIF(waits_since > :at, NULL, not_before),  -- a clock was ahead
                    waits_since = :at,
                    lease_until = NULL,
                    ended_at = IIF(:state = 'owed', NULL, :at),
                    response = :response
                WHERE id = :id
                    AND (state <> 'delivered' OR :state = 'delivered')
                """,
                parameters,
            ).rowcount
            if not changed:
                self._check_known(message_id)

    def retry(self, message_id: str) -> None:
        """Owe a message again at once, a dead one too (`deliveries retry ID`).

        It gets its full time anew, with all that was gathered into one message with it: a part
        under the same id would be taken for a repeat of the whole. Refuses one that was delivered,
        or is not there.
        """
        changed = self._connection.execute(
            """
            UPDATE outbox
            SET state = 'owed',
                next_try_at = NULL,
                not_before = NULL,
                first_attempt_at = NULL,
                ended_at = NULL,
                told_in = NULL,
                lease_until = NULL
            WHERE state <> 'delivered'
                AND (
                    id = :id
                    OR gathered_in = (
                        SELECT gathered_in
                        FROM outbox
                        WHERE id = :id
                            AND state <> 'delivered'
                    )
                )
            """,
            {"id": message_id},
        ).rowcount
        if not changed:
            self._check_known(message_id)
            raise StorageError(f"while retrying {message_id!r}: it has been delivered already")

    def _check_known(self, message_id: str) -> None:
        if not self._connection.count(
            "SELECT COUNT(*) FROM outbox WHERE id = :id", {"id": message_id}
        ):
            raise StorageError(
                f"while using the outbox: there is no message {message_id!r}; "
                "`stationwatch deliveries` lists them"
            )
