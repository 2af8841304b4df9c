"""Signed JSON over HTTPS, after the Standard Webhooks specification 1.0.0."""

from __future__ import annotations

from monitor.clock import Clock, SystemClock
from monitor.model.delivery import Message, Receipt, WebhookChannel


class WebhookSender:
    """Post messages to one URL."""

    def __init__(self, channel: WebhookChannel, *, clock: Clock | None = None) -> None:
        self._channel = channel
        self._clock = clock or SystemClock()

    def send(self, message: Message, *, deadline: float) -> Receipt:
        """Post `message`; anything but a 2xx is a failure."""
        raise NotImplementedError
