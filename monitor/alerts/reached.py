"""Who has been reached already by a mail to several addresses, kept from one try to the next.

Without it, one address that is greylisted would bring the others a copy at every retry (FAULTS E2).
Addresses are kept as hashes; the file of a message goes when nobody is left.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from monitor.alerts.files import is_plain_id, write_whole

FOLDER = "mail-reached"


class Reached:
    """One message's answers that are final: taken, or refused for good."""

    def __init__(self, data: Path, message_id: str) -> None:
        name = (
            message_id
            if is_plain_id(message_id)
            else hashlib.sha256(message_id.encode()).hexdigest()
        )
        self._path = data / FOLDER / f"{name}.json"

    def read(self, recipients: Iterable[str]) -> dict[str, str]:
        """Return the final answers known of `recipients`; a file that is broken knows nothing."""
        try:
            known = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(known, dict):
            return {}
        return {
            address: str(known[_key(address)]) for address in recipients if _key(address) in known
        }

    def write(self, answers: Mapping[str, str]) -> None:
        """Keep the final answers, whole or not at all; raises OSError."""
        content = {_key(address): answer for address, answer in answers.items()}
        write_whole(self._path, json.dumps(content).encode())

    def forget(self) -> None:
        """Drop the file; nobody is owed the message any more."""
        self._path.unlink(missing_ok=True)


def _key(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()
