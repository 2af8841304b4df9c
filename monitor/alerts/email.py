"""Mail over SMTP, verified TLS only, the whole conversation within one deadline."""

from __future__ import annotations

from pathlib import Path

from monitor.clock import Clock, SystemClock
from monitor.model.delivery import EmailChannel, Message, Receipt


class EmailSender:
    """Send messages over SMTP; `data` holds who has been reached already, for several addresses."""

    def __init__(self, channel: EmailChannel, *, data: Path, clock: Clock | None = None) -> None:
        self._channel = channel
        self._clock = clock or SystemClock()
        self._data = data

    def send(self, message: Message, *, deadline: float) -> Receipt:
        """Send to each address that has not accepted `message` yet."""
        raise NotImplementedError
