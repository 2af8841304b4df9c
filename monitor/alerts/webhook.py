"""Signed JSON over HTTPS, after the Standard Webhooks specification 1.0.0."""

from __future__ import annotations

import base64
import json
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from standardwebhooks.webhooks import Webhook

from monitor.clock import Clock, SystemClock
from monitor.egress import Reply, post
from monitor.errors import DeliveryFailed, EgressRefused
from monitor.log import get_logger
from monitor.model.delivery import Message, Receipt, WebhookChannel

log = get_logger("webhook")

SHOWN_REPLY = 200
GONE = 410
LEAST_KEY, MOST_KEY = 24, 64


class WebhookSender:
    """Post messages to one URL, signed with each of the channel's secrets.

    With two secrets (the new one first), receivers that know either of them accept a message.
    """

    def __init__(self, channel: WebhookChannel, *, clock: Clock | None = None) -> None:
        self._channel = channel
        self._clock = clock or SystemClock()

    def send(self, message: Message, *, deadline: float) -> Receipt:
        """Post `message`; anything but a 2xx is a failure, and no redirect is followed.

        A 410 asks to be switched off; Retry-After is passed on; of a reply, 64 KiB are read.
        """
        content = encode(message)
        now = self._clock.now()
        try:
            reply = post(
                self._channel.url,
                content=content.encode(),
                headers=self._headers(message.id, content, now),
                timeout=min(deadline, self._channel.timeout),
                allow_private=self._channel.allow_private,
                ca_file=self._channel.ca_file,
            )
        except EgressRefused as error:
            log.warning("webhook refused by address", message=message.id)
            raise DeliveryFailed(str(error), needs_person=True) from error
        except ssl.SSLError as error:
            raise DeliveryFailed(
                f"while posting to a webhook: its certificate is not believed: {error.reason}"
                " (check url; a receiver with an authority of its own needs ca_file)",
                needs_person=True,
            ) from error
        except (OSError, ValueError) as error:
            raise DeliveryFailed(str(error)) from error
        return judge_reply(reply, now=now)

    def _headers(self, key: str, content: str, now: datetime) -> dict[str, str]:
        # The id may hold no full stop: the signature joins its parts with them.
        key = key.replace(".", "-")
        try:
            signers = [Webhook(read_secret(secret)) for secret in self._channel.secrets]
        except ValueError as error:
            raise DeliveryFailed(str(error), needs_person=True) from error
        if not signers:
            raise DeliveryFailed(
                "while posting to a webhook: it has no secret to sign with", needs_person=True
            )
        signatures = [signer.sign(key, now, content) for signer in signers]
        return {
            "Content-Type": "application/json",
            "User-Agent": "Stationwatch",
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


def read_secret(secret: str) -> bytes:
    """Return the key in a secret written as `whsec_` and base64.

    Refuses with ValueError what is shorter than 24 bytes or longer than 64 (the specification's
    "Signature scheme"); the message does not repeat the secret.
    """
    text = secret.removeprefix("whsec_")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError as error:
        raise ValueError(
            "while reading a webhook's secret: it is not `whsec_` and base64"
        ) from error
    if not LEAST_KEY <= len(key) <= MOST_KEY:
        raise ValueError(
            f"while reading a webhook's secret: it holds {len(key)} bytes, and must hold"
            f" {LEAST_KEY} to {MOST_KEY} (`openssl rand -base64 32` makes one)"
        )
    return key


def encode(message: Message) -> str:
    """Return the payload as it is sent and signed: compact, ASCII, keys in a fixed order."""
    return json.dumps(message.payload, ensure_ascii=True, separators=(",", ":"), sort_keys=True)


def judge_reply(reply: Reply, *, now: datetime) -> Receipt:
    """Return the receipt of a 2xx, or raise DeliveryFailed with what the status means."""
    shown = "".join(
        c for c in reply.body[:SHOWN_REPLY].decode("utf-8", "replace") if c.isprintable()
    )
    said = f"{reply.status} {shown}".strip()
    if 200 <= reply.status < 300:
        return Receipt(response=said)
    if reply.status == GONE:
        raise DeliveryFailed(f"{said} (the receiver wants no more)", permanent=True, disable=True)
    if 300 <= reply.status < 400:
        raise DeliveryFailed(
            f"{said} (redirects are not followed; write the new address into settings.toml)",
            needs_person=True,
        )
    raise DeliveryFailed(
        f"the receiver answered {said}", retry_at=find_retry_after(reply.headers, now=now)
    )


def find_retry_after(headers: tuple[tuple[str, str], ...], *, now: datetime) -> datetime | None:
    """Return the moment a Retry-After asks for (RFC 9110, 10.2.3), or None.

    Takes seconds and dates; what is malformed or in the past asks for nothing. It is not capped
    here: `decide_retry` does that.
    """
    asked = next((value.strip() for name, value in headers if name.lower() == "retry-after"), "")
    if asked.isascii() and asked.isdigit():
        seconds = min(int(asked[:12]), 10**9)
        return now + timedelta(seconds=seconds)
    try:
        moment = parsedate_to_datetime(asked)
    except (ValueError, TypeError, OverflowError):
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment if moment > now else None
