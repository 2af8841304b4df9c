"""What a look brings: which entries are new, known or changed, and the row of the look.

Which keys tell entries apart is decided in monitor.feeds; here they are only looked up.
Every function belongs inside the transaction of `Sources.offer`.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import NAMESPACE_URL, uuid5

from pydantic import TypeAdapter

from monitor.model import Entry, Look, OfferedEntry
from storage.connection import Connection
from storage.values import Value, as_list, hash_text, read_moment, write_json, write_moment

LONGEST_KEY = 8192  # twice the longest URL that monitor.urls takes
LONGEST_TITLE = 2_000  # as monitor.model.Entry promises
LONGEST_SUMMARY = 20_000
CHUNK = 1000

# A known entry that says something else is fetched again: soon at first, then ever more rarely,
# so that a sitemap whose `lastmod` is always "now" does not ask for its whole site every day.
FIRST_RECHECK = timedelta(minutes=15)
LONGEST_RECHECK = timedelta(days=30)

_ENTRY = TypeAdapter(Entry)
_T = TypeVar("_T")


@dataclass
class Counts:
    """What became of the entries so far."""

    offered: int = 0
    new: int = 0
    known: int = 0
    changed: int = 0
    repeated: int = 0
    refused: int = 0


@dataclass
class Batch:
    """The rows that one look makes."""

    entries: list[dict[str, Value]] = field(default_factory=list)
    offers: list[dict[str, Value]] = field(default_factory=list)
    aliases: list[dict[str, Value]] = field(default_factory=list)
    again: list[dict[str, Value]] = field(default_factory=list)
    refreshed: list[dict[str, Value]] = field(default_factory=list)


def entry_id(key: str) -> str:
    """Return the UUID of the entry with this canonical URL (version 5, RFC 9562), always one."""
    return str(uuid5(NAMESPACE_URL, key))


def store(connection: Connection, look: Look, offered: Sequence[OfferedEntry]) -> Counts:
    """Store what is new, refresh what is known, and count both."""
    counts = Counts(offered=len(look.entries), refused=max(0, len(look.entries) - len(offered)))
    kept = _merge(offered, counts)
    known = _find_known(connection, look.source_id, kept)
    kind = connection.find_value("SELECT kind FROM sources WHERE id = :id", {"id": look.source_id})
    batch = Batch()
    number = connection.count("SELECT MAX(number) FROM entries")
    for identity, item in kept.items():
        row = known.get(identity)
        if row is None:
            number += 1
            counts.new += 1
            _add_new(batch, look, identity=identity, number=number, item=item)
        else:
            counts.known += 1
            counts.changed += _add_known(
                batch, look, row=row, item=item, believed=kind not in {"section", "search"}
            )
    _write(connection, batch)
    return counts


def count_unknown(connection: Connection, source_id: str, offered: Sequence[OfferedEntry]) -> int:
    """Return how many of the entries are not stored yet."""
    kept = _merge(offered, Counts())
    return len(kept) - len(_find_known(connection, source_id, kept))


def _merge(offered: Sequence[OfferedEntry], counts: Counts) -> dict[str, OfferedEntry]:
    """Return the entries by id, each once: of several, the one that says most.

    An alias that two different entries of the look share tells nothing apart, and is dropped.
    """
    kept: dict[str, OfferedEntry] = {}
    for item in offered:
        if not _is_storable(item.key) or not _is_storable(item.entry.url):
            counts.refused += 1
            continue
        identity = entry_id(item.key)
        before = kept.get(identity)
        if before is not None:
            counts.repeated += 1
            item = _richer(before, item)  # noqa: PLW2901  # the two are one from here on
        kept[identity] = item
    uses = Counter(alias for item in kept.values() for alias in set(item.aliases))
    return {
        identity: replace(item, aliases=tuple(a for a in item.aliases if uses[a] == 1))
        for identity, item in kept.items()
    }


def _is_storable(url: str) -> bool:
    """Say whether a URL can be stored as it is; a mended one would be another address."""
    if not url or len(url) > LONGEST_KEY or "\x00" in url:
        return False
    return url.isascii() or not any("\ud800" <= character <= "\udfff" for character in url)


def _richer(one: OfferedEntry, other: OfferedEntry) -> OfferedEntry:
    """Return the one that says more, by a rule that does not depend on their order."""
    chosen = max(one, other, key=lambda item: (len(_say(item.entry)), _say(item.entry)))
    return replace(chosen, aliases=tuple(dict.fromkeys(one.aliases + other.aliases)))


def _say(entry: Entry) -> str:
    """Return what an entry says, for telling whether it says something else now."""
    times = (write_moment(entry.published) or "", write_moment(entry.updated) or "")
    return "\n".join((entry.title, entry.summary, *times))


def _find_known(
    connection: Connection, source_id: str, kept: dict[str, OfferedEntry]
) -> dict[str, sqlite3.Row]:
    """Return the stored entries among `kept`: by canonical URL, else by an alias of the source."""
    known: dict[str, sqlite3.Row] = {}
    for chunk in _chunks(list(kept)):
        for row in connection.read_rows(
            """
            SELECT asked.value AS asked, entries.*, offers.said, offers.last_day
            FROM json_each(:ids) AS asked
            JOIN entries ON entries.id = asked.value
            LEFT JOIN offers ON offers.source_id = :source_id
                AND offers.entry = entries.number
            """,
            {"ids": as_list(chunk), "source_id": source_id},
        ):
            known[row["asked"]] = row
    asked = {
        hash_text(alias): identity
        for identity, item in kept.items()
        if identity not in known
        for alias in item.aliases
    }
    for numbers in _chunks(list(asked)):
        for row in connection.read_rows(
            """
            SELECT asked.value AS asked, entries.*, offers.said, offers.last_day
            FROM json_each(:aliases) AS asked
            JOIN aliases ON aliases.source_id = :source_id
                AND aliases.alias = asked.value
            JOIN entries ON entries.number = aliases.entry
            LEFT JOIN offers ON offers.source_id = :source_id
                AND offers.entry = entries.number
            """,
            {"aliases": as_list(numbers), "source_id": source_id},
        ):
            known.setdefault(asked[row["asked"]], row)
    return known


def _chunks(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


def _add_new(batch: Batch, look: Look, *, identity: str, number: int, item: OfferedEntry) -> None:
    entry = item.entry
    batch.entries.append(
        {
            "number": number,
            "id": identity,
            "url": entry.url,
            "source_id": look.source_id,
            "now": write_moment(look.looked_at),
            "entry": _write_entry(entry),
        }
    )
    _add_offer(batch, look, number=number, item=item)


def _write_entry(entry: Entry) -> str:
    return write_json(
        _ENTRY,
        replace(entry, title=entry.title[:LONGEST_TITLE], summary=entry.summary[:LONGEST_SUMMARY]),
    )


def _add_offer(batch: Batch, look: Look, *, number: int, item: OfferedEntry) -> None:
    batch.offers.append(
        {
            "source_id": look.source_id,
            "entry": number,
            "said": hash_text(_say(item.entry)),
            "day": (write_moment(look.looked_at) or "")[:10],
        }
    )
    batch.aliases += [
        {"source_id": look.source_id, "alias": hash_text(alias), "entry": number}
        for alias in item.aliases
    ]


def _add_known(
    batch: Batch, look: Look, *, row: sqlite3.Row, item: OfferedEntry, believed: bool
) -> int:
    """Plan what a known entry needs, and return 1 when it is to be fetched again, else 0.

    The words around a link on a section page (`believed` is False) change with the layout, and say
    nothing about the page behind it.
    """
    if not row["url"]:
        return 0  # a person had its page removed: nothing of it is kept, nor asked for again
    said = hash_text(_say(item.entry))
    today = (write_moment(look.looked_at) or "")[:10]
    pending = row["state"] == "pending"
    if row["said"] != said or row["last_day"] != today:
        _add_offer(batch, look, number=row["number"], item=item)
    news = believed and row["said"] is not None and row["said"] != said
    plan: dict[str, Value] = {
        "number": row["number"],
        "url": item.entry.url,
        "entry": _write_entry(item.entry) if pending or news else None,
    }
    if pending and (news or row["url"] != item.entry.url):
        batch.refreshed.append(plan)  # a session id in the old address may have run out
    if pending or not news:
        return 0
    tried_at = read_moment(row["tried_at"])
    at = decide_recheck(tried_at, row["rechecks"], look.looked_at)
    batch.again.append({**plan, "at": write_moment(at)})
    return 1


def decide_recheck(tried_at: datetime | None, rechecks: int, now: datetime) -> datetime:
    """Return when a page that its source says has changed is fetched again.

    The first time at once; a page that changes again and again waits longer each time.
    """
    if tried_at is None or tried_at > now:
        return now
    wait: timedelta = min(FIRST_RECHECK * (2 ** min(rechecks, 20) - 1), LONGEST_RECHECK)
    return max(now, tried_at + wait)


def _write(connection: Connection, batch: Batch) -> None:
    connection.execute_many(
        """
        INSERT INTO entries (number, id, url, source_id, state, offered_at, entry)
        VALUES (:number, :id, :url, :source_id, 'pending', :now, :entry)
        """,
        batch.entries,
    )
    connection.execute_many(
        """
        INSERT INTO offers (source_id, entry, said, first_day, last_day)
        VALUES (:source_id, :entry, :said, :day, :day)
        ON CONFLICT (source_id, entry)
        DO UPDATE SET
            said = excluded.said,
            last_day = excluded.last_day
        """,
        batch.offers,
    )
    connection.execute_many(
        """
        INSERT INTO aliases (source_id, alias, entry)
        VALUES (:source_id, :alias, :entry)
        ON CONFLICT (source_id, alias)
        DO NOTHING
        """,
        batch.aliases,
    )
    connection.execute_many(
        """
        UPDATE entries
        SET url = :url,
            entry = :entry
        WHERE number = :number
        """,
        batch.refreshed,
    )
    connection.execute_many(
        """
        UPDATE entries
        SET state = 'pending',
            url = :url,
            entry = :entry,
            attempts = 0,
            reason = NULL,
            rechecks = rechecks + 1,
            next_try_at = :at
        WHERE number = :number
        """,
        batch.again,
    )


def hand_over(connection: Connection) -> None:
    """Give the pending entries of removed sources to others that offer them too."""
    connection.execute(
        """
        UPDATE entries
        SET source_id = (
            SELECT offers.source_id
            FROM offers
            JOIN sources ON sources.id = offers.source_id
            WHERE offers.entry = entries.number
                AND sources.removed_at IS NULL
            ORDER BY offers.source_id
            LIMIT 1
        )
        WHERE state = 'pending'
            AND source_id IN (SELECT id FROM sources WHERE removed_at IS NOT NULL)
            AND EXISTS (
                SELECT 1
                FROM offers
                JOIN sources ON sources.id = offers.source_id
                WHERE offers.entry = entries.number
                    AND sources.removed_at IS NULL
            )
        """
    )
