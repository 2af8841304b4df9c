"""A real SMTP server on loopback that misbehaves on request, and a wire that cuts and drips.

`Mailbox` speaks SMTP through aiosmtpd: STARTTLS, AUTH, refusals by recipient, any answer at any
step. `Wire` stands before it (or before anything) and passes bytes on, cuts the connection after
any number of them, or lets them through one at a time.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Received:
    """One mail as the server took it."""

    sender: str
    recipients: list[str]
    raw: bytes
    tls: bool

    @property
    def mail(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def message_id(self) -> str:
        return str(self.mail["Message-ID"])


@dataclass
class Behaviour:
    """What the server answers out of turn; the dicts map an address to an answer.

    `after_data` is answered instead of 250, each once; `banner` replaces the greeting.
    """

    rcpt: dict[str, str] = field(default_factory=dict)
    mail_from: str | None = None
    after_data: list[str] = field(default_factory=list)
    starttls: bool = True
    auth: bool = True
    delay: float = 0.0
    drop_after_data: int = 0


class Handler:
    """Take mails into `received`, as the behaviour allows."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.received: list[Received] = []
        self.commands: list[str] = []
        self.behaviour = behaviour

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append(f"MAIL {address}")
        if self.behaviour.mail_from:
            return self.behaviour.mail_from
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append(f"RCPT {address}")
        if address in self.behaviour.rcpt:
            return self.behaviour.rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.behaviour.after_data:
            answer = self.behaviour.after_data.pop(0)
            if not answer.startswith("2"):
                return answer
        content = envelope.content
        assert isinstance(content, bytes)
        self.received.append(
            Received(
                sender=str(envelope.mail_from),
                recipients=list(envelope.rcpt_tos),
                raw=content,
                tls=session.ssl is not None,
            )
        )
        if self.behaviour.drop_after_data:
            self.behaviour.drop_after_data -= 1
            server.transport.abort()
        return "250 taken"


class Mailbox:
    """An SMTP server on 127.0.0.1 in a thread of its own; use it as a context manager."""

    def __init__(
        self,
        *,
        tls: bool = True,
        user: str | None = None,
        password: str = "",
        certificate_for: str = "localhost",
        implicit_tls: bool = False,
        folder: Path | None = None,
    ) -> None:
        self.behaviour = Behaviour()
        self.handler = Handler(self.behaviour)
        self._authority = trustme.CA()
        self._certificate = self._authority.issue_cert(certificate_for)
        self._folder = folder
        self._user, self._password = user, password
        self._tls, self._implicit = tls, implicit_tls
        self._controller: Controller | None = None
        self.port = 0

    @property
    def received(self) -> list[Received]:
        return self.handler.received

    def ca_file(self, folder: Path) -> str:
        path = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(str(path))
        return str(path)

    def __enter__(self) -> Mailbox:
        context = None
        if self._tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._certificate.configure_cert(context)
        options: dict[str, Any] = {"auth_require_tls": False}
        if context and not self._implicit:
            options["tls_context"] = context
        if self._user is not None:
            options["authenticator"] = self._check
        self._controller = Controller(
            self.handler,
            hostname="127.0.0.1",
            port=free_port(),
            ssl_context=context if self._implicit else None,
            **options,
        )
        self._controller.start()
        self.port = int(self._controller.port)
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._controller is not None
        self._controller.stop()

    def _check(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        good = data.login.decode() == self._user and data.password.decode() == self._password
        # Only an unhandled failure is answered with 535.
        return AuthResult(success=good, handled=False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Wire:
    """A way to `port` that cuts after `cut_after` bytes of both directions together, or drips.

    `strip_starttls` takes STARTTLS out of what the server offers, as an adversary on the way does.
    """

    def __init__(
        self,
        port: int,
        *,
        cut_after: int | None = None,
        drip: float = 0.0,
        strip_starttls: bool = False,
    ) -> None:
        self._to = port
        self.cut_after = cut_after
        self.drip = drip
        self.strip_starttls = strip_starttls
        self.passed = 0
        self.clear_text = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Wire:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        self._listener.settimeout(0.02)
        while not self._stop.is_set():
            try:
                client, _ = self._listener.accept()
            except (TimeoutError, OSError):
                continue
            self.passed = 0
            server = socket.create_connection(("127.0.0.1", self._to))
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with client, server, contextlib.suppress(OSError):
                self._pass_on(client, server)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            while not self._stop.is_set():
                for key, _ in selector.select(0.02):
                    source, target = key.fileobj, key.data
                    assert isinstance(source, socket.socket)
                    data = source.recv(65536)
                    if not data:
                        return
                    if not self._forward(data, target, from_server=source is server):
                        return

    def _forward(self, data: bytes, target: socket.socket, *, from_server: bool) -> bool:
        if from_server and self.strip_starttls:
            data = data.replace(b"250-STARTTLS\r\n", b"").replace(b"STARTTLS", b"XXXXXXXX")
        if not from_server:
            self.clear_text += data
        if self.cut_after is not None:
            data = data[: max(self.cut_after - self.passed, 0)]
        self.passed += len(data)
        for piece in self._pieces(data, from_server=from_server):
            target.sendall(piece)
        return self.cut_after is None or self.passed < self.cut_after

    def _pieces(self, data: bytes, *, from_server: bool) -> Iterator[bytes]:
        if not (self.drip and from_server):
            yield data
            return
        for place in range(len(data)):
            if self._stop.is_set():
                return
            yield data[place : place + 1]
            time.sleep(self.drip)
