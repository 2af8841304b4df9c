"""The channel that needs nothing: an `.eml` and a `.json` file for each message in a folder."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC
from pathlib import Path

from monitor.alerts.files import inside, is_plain_id, write_whole
from monitor.alerts.mime import build_mail
from monitor.errors import DeliveryFailed
from monitor.model.delivery import FolderChannel, Message, Receipt

SENDER = "Stationwatch <stationwatch@localhost.invalid>"


class FolderSender:
    """Write messages into `channel.path` under `data`."""

    def __init__(self, channel: FolderChannel, *, data: Path) -> None:
        self._channel = channel
        self._data = data

    def send(self, message: Message, *, deadline: float) -> Receipt:
        """Write both files; a message that is there already stays as it is.

        `deadline` plays no part: a local disk is waited for. Raises DeliveryFailed when the files
        cannot be written (a full disk, missing rights).
        """
        del deadline
        folder = inside(self._data, self._channel.path)
        stem = folder / file_stem(message)
        mail, data = stem.with_suffix(".eml"), stem.with_suffix(".json")
        try:
            if mail.exists() and data.exists():
                return Receipt(response=f"there already: {self._channel.path}/{mail.name}")
            # The mail comes last: whoever watches for .eml files finds both.
            write_whole(data, json.dumps(message.payload, indent=2).encode() + b"\n")
            write_whole(mail, build_mail(message, sender=SENDER, to=_to(message)).as_bytes())
        except OSError as error:
            why = error.strerror or error
            raise DeliveryFailed(
                f"while writing {stem.name!r} into {self._channel.path!r}: {why}",
                needs_person=True,
            ) from error
        return Receipt(response=f"written: {self._channel.path}/{mail.name}")


def file_stem(message: Message) -> str:
    """Return the name of a message's files: its time, kind and id; the same at every try."""
    moment = message.created_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    key = message.id if is_plain_id(message.id) else hashlib.sha256(message.id.encode()).hexdigest()
    return f"{moment}-{message.kind}-{key}"


def _to(message: Message) -> str:
    """Return an address that leads nowhere and tells one subscriber's files from another's."""
    name = hashlib.sha256(message.subscriber.encode()).hexdigest()[:12]
    plain = message.subscriber if is_plain_id(message.subscriber) else f"subscriber-{name}"
    return f"{plain}@localhost.invalid"
