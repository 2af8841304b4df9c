"""The channel for those who live in a feed reader: an Atom file with the newest stories."""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from monitor.alerts.files import inside, write_whole
from monitor.clock import read_time
from monitor.errors import DeliveryFailed
from monitor.model.delivery import AtomChannel, Message, Receipt
from monitor.render.atom import ATOM, AtomEntry, render_atom

LONGEST_FILE = 20 * 1024 * 1024
_turn = threading.Lock()


class AtomSender:
    """Put the stories of alerts into the feed file `channel.path` under `data`.

    One process at a time writes the file, as it does the database; its threads take turns.
    """

    def __init__(self, channel: AtomChannel, *, data: Path) -> None:
        self._channel = channel
        self._data = data

    def send(self, message: Message, *, deadline: float) -> Receipt:
        """Add the message's stories, or renew those that are there; the same twice is the same.

        A message without stories (a test, an alarm, a digest) becomes an entry of its own.
        `deadline` plays no part: a local disk is waited for. A feed file that is broken is set
        aside, not added to. Raises DeliveryFailed when the file cannot be written.
        """
        del deadline
        path = inside(self._data, self._channel.path)
        with _turn:
            return self._renew(path, message)

    def _renew(self, path: Path, message: Message) -> Receipt:
        try:
            known = {entry.id: entry for entry in _read(path)}
            for entry in _entries(message):
                old = known.get(entry.id)
                if old is None or old.updated <= entry.updated:
                    known[entry.id] = entry
            newest = sorted(known.values(), key=lambda entry: entry.updated, reverse=True)
            kept = newest[: self._channel.entries]
            write_whole(path, render_atom(kept, updated=_newest(kept, message.created_at)))
        except OSError as error:
            raise DeliveryFailed(
                f"while writing the feed {self._channel.path!r}: {error.strerror or error}",
                needs_person=True,
            ) from error
        return Receipt(response=f"written: {self._channel.path}")


def _newest(entries: list[AtomEntry], otherwise: datetime) -> datetime:
    return max((entry.updated for entry in entries), default=otherwise)


def _entries(message: Message) -> list[AtomEntry]:
    """Return an entry for each story in the payload, else one for the message itself."""
    alerts = message.payload.get("data", {}).get("alerts")
    if not isinstance(alerts, list) or not alerts:
        return [
            AtomEntry(
                id=message.id,
                title=message.subject,
                updated=message.created_at,
                summary=message.text,
            )
        ]
    return [
        AtomEntry(
            id=alert["story"]["id"],
            title=alert["article"]["title"] or alert["story"]["title"],
            updated=read_time(alert["change"]["at"]),
            summary=_summary(alert),
            link=alert["article"]["url"],
            topics=tuple(alert["story"]["topics"]),
            published=read_time(alert["story"]["first_seen"]),
        )
        for alert in alerts
    ]


def _summary(alert: dict[str, object]) -> str:
    """Return what changed, why it was flagged, and the passages, a line each."""
    change, matches = alert["change"], alert["matches"]
    assert isinstance(change, dict)
    assert isinstance(matches, list)
    rules = dict.fromkeys(rule["rule"] for match in matches for rule in match["rules"])
    passages = dict.fromkeys(
        passage["text"] for match in matches for passage in match["passages"][:3]
    )
    return "\n".join((str(change["kind"]), f"Why: {'; '.join(rules)}", *passages))


def _read(path: Path) -> list[AtomEntry]:
    """Return the entries of our own feed file; none where there is no file.

    A file that is not a feed of ours is renamed to `….broken`, so that a person can look at it.
    """
    try:
        if path.stat().st_size > LONGEST_FILE:
            raise ValueError("too long")
        root = ET.fromstring(path.read_bytes())  # noqa: S314  # our own file; no entity is declared
        return [_read_entry(element) for element in root.iter(f"{{{ATOM}}}entry")]
    except FileNotFoundError:
        return []
    except (ET.ParseError, ValueError, LookupError):
        path.replace(path.with_name(path.name + ".broken"))
        return []


def _read_entry(element: ET.Element) -> AtomEntry:
    def text(name: str) -> str:
        found = element.find(f"{{{ATOM}}}{name}")
        return found.text or "" if found is not None else ""

    link = element.find(f"{{{ATOM}}}link")
    published = text("published")
    return AtomEntry(
        id=text("id").removeprefix("urn:uuid:"),
        title=text("title"),
        updated=read_time(text("updated")),
        summary=text("summary"),
        link=link.get("href") if link is not None else None,
        topics=tuple(c.get("term", "") for c in element.iter(f"{{{ATOM}}}category")),
        published=read_time(published) if published else None,
    )
