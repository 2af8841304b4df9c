"""The demo's mail server: real SMTP with STARTTLS and a login, which keeps what it is given."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import hmac
import socket
import ssl
import threading
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True, kw_only=True)
class ReceivedMail:
    """One mail as the server took it; `encrypted` says that it came over TLS."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    encrypted: bool

    @property
    def message(self) -> EmailMessage:
        """Return the mail read."""
        message = email.message_from_bytes(self.data, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message


class Mailbox:
    """A mail server on a free loopback port, in a thread of its own."""

    def __init__(self, tls: ssl.SSLContext, *, username: str, password: str) -> None:
        self.received: list[ReceivedMail] = []
        self._username = username
        self._password = password
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait()

    def close(self) -> None:
        """Stop the server and wait for its thread."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        server = await self._loop.create_server(self._make_protocol, sock=self._socket)
        self._ready.set()
        await self._stop.wait()
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _make_protocol(self) -> SMTP:
        return SMTP(
            _Keeper(self.received),
            hostname="demo.invalid",
            ident="Stationwatch demo",
            tls_context=self._tls,
            require_starttls=True,
            auth_required=True,
            authenticator=self._log_in,
            loop=self._loop,
            timeout=30,
        )

    def _log_in(
        self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        known = isinstance(data, LoginPassword) and (
            data.login == self._username.encode()
            and hmac.compare_digest(data.password, self._password.encode())
        )
        # handled=False makes it answer 535 itself.
        return AuthResult(success=known, handled=known)


class _Keeper:
    """The handler that aiosmtpd calls."""

    def __init__(self, received: list[ReceivedMail]) -> None:
        self._received = received

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd looks for
        self, _server: Any, session: Session, envelope: Envelope
    ) -> str:
        self._received.append(
            ReceivedMail(
                sender=envelope.mail_from or "",
                recipients=tuple(envelope.rcpt_tos),
                data=bytes(envelope.original_content or b""),
                encrypted=session.ssl is not None,
            )
        )
        return "250 2.0.0 kept by the demo"
