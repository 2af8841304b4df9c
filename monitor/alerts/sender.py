"""What every channel can do: take one message within a deadline, or say why not."""

from __future__ import annotations

from typing import Protocol

from monitor.model.delivery import Message, Receipt


class Sender(Protocol):
    """Hand messages over one channel."""

    def send(self, message: Message, *, deadline: float) -> Receipt:
        """Hand `message` over within `deadline` seconds, counted from now, for the whole call.

        Raises DeliveryFailed, and nothing else, when the receiver did not take it; a message may
        have arrived all the same (the answer was lost), and a retry then carries the same id.
        """
        ...
