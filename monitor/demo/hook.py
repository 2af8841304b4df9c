"""The demo's webhook receiver: HTTPS on loopback; it verifies every signature before it answers."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from monitor.demo.server import LoopbackServer, QuietHandler

MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class ReceivedHook:
    """One call: its id, the JSON it brought, and whether its signature was right."""

    id: str
    payload: Any
    verified: bool


class HookReceiver:
    """A webhook receiver on a free loopback port, in threads of its own."""

    def __init__(self, tls: ssl.SSLContext, *, secret: str) -> None:
        self.received: list[ReceivedHook] = []
        self.verifier = Webhook(secret)
        self._server = LoopbackServer(_Handler, self, tls=tls)
        self.url = f"https://127.0.0.1:{self._server.server_port}/hook"

    def close(self) -> None:
        """Stop the receiver and wait for its threads."""
        self._server.stop()


class _Handler(QuietHandler):
    def do_POST(self) -> None:  # noqa: N802 - the name http.server looks for
        """Verify and keep one call: 204 when its signature is right, else 401."""
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(size, MOST_BYTES))
        headers = {name.lower(): value for name, value in self.headers.items()}
        receiver: HookReceiver = self.server.owner
        try:
            payload = receiver.verifier.verify(body, headers)
            verified = True
        except WebhookVerificationError:
            payload, verified = None, False
        receiver.received.append(
            ReceivedHook(id=headers.get("webhook-id", ""), payload=payload, verified=verified)
        )
        self.send_response(204 if verified else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()
