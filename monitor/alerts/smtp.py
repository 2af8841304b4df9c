"""One SMTP conversation: to several recipients, over verified TLS, cut at its deadline.

    connect ─ TLS (at once or STARTTLS) ─ AUTH ─ for each mail: MAIL, RCPT, DATA ─ QUIT

`smtplib` counts its time-out anew for every read, so a server that drips holds it for ever; here
the whole conversation runs in a thread, and the connection is shut from outside when time is up
(FAULTS E4). A thread that hangs in a name lookup cannot be cut; it is left behind, and only so many
may be.
"""

from __future__ import annotations

import contextlib
import ipaddress
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from monitor.egress import tls_context
from monitor.errors import DeliveryFailed, reason_of
from monitor.model.delivery import EmailChannel

MOST_AT_ONCE = 16
MOST_REPLY = 256 * 1024  # bytes a server may say in one conversation
# A private machine's name and address are nobody's business (Thunderbird greets so, too).
GREETING = "[127.0.0.1]"

_free = threading.BoundedSemaphore(MOST_AT_ONCE)


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the server said of one recipient; `code` is None when it said nothing any more."""

    code: int | None
    text: str

    @property
    def accepted(self) -> bool:
        """Return whether the server has taken the mail, and answers for it."""
        return self.code is not None and 200 <= self.code < 300

    @property
    def refused(self) -> bool:
        """Return whether the mail will never be taken for this recipient."""
        return self.code is not None and self.code >= 500

    def __str__(self) -> str:
        return f"{self.code} {self.text}" if self.code is not None else self.text


def converse(
    channel: EmailChannel, sender: str, mails: Mapping[str, bytes], *, deadline: float
) -> dict[str, Said]:
    """Hand each mail to its recipient within `deadline` seconds, and return what was said of each.

    Recipients that the conversation did not come to are not in the answer.
    Raises DeliveryFailed when it ended before the first recipient: no connection, no verified TLS,
    a login refused. Never goes on in clear text.
    """
    if not _free.acquire(blocking=False):
        raise DeliveryFailed(f"{MOST_AT_ONCE} mail conversations hang already")
    talk = _Talk(channel, sender, mails, ends_at=time.monotonic() + deadline)
    thread = threading.Thread(target=talk.run, name="smtp", daemon=True)
    thread.start()
    thread.join(deadline)
    if thread.is_alive():
        talk.cut()
        thread.join(1.0)
        if not talk.said:
            raise DeliveryFailed(f"the mail server was not done within {deadline:g} s")
    if talk.failure is not None and not talk.said:
        raise talk.failure
    return dict(talk.said)


class _Talk:
    """The conversation in its thread; `said` and `failure` are read when it has ended."""

    def __init__(
        self, channel: EmailChannel, sender: str, mails: Mapping[str, bytes], *, ends_at: float
    ) -> None:
        self.said: dict[str, Said] = {}
        self.failure: DeliveryFailed | None = None
        self._channel = channel
        self._sender = sender
        self._mails = mails
        self._ends_at = ends_at
        self._guard: socket.socket | None = None
        self._cut = False

    def cut(self) -> None:
        """Shut the connection under the thread, whatever it waits for."""
        self._cut = True
        if self._guard is not None:
            with contextlib.suppress(OSError):
                self._guard.shutdown(socket.SHUT_RDWR)

    def run(self) -> None:
        """Hold the conversation; every failure ends in `failure`."""
        try:
            self._hold()
        except DeliveryFailed as error:
            self.failure = error
        except ssl.SSLError as error:
            self.failure = DeliveryFailed(
                f"the mail server's TLS is not believed: {_tls_reason(error)} (check host and"
                " port; a server with an authority of its own needs ca_file under [smtp])",
                needs_person=True,
            )
        except smtplib.SMTPResponseException as error:
            self.failure = _judge_answer(error)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self.failure = DeliveryFailed(
                f"while talking to the mail server {self._channel.host!r}: {_words(error)}"
            )
        finally:
            if self._guard is not None:
                self._guard.close()
            _free.release()

    def _hold(self) -> None:
        smtp = _Smtp(self._connect, self._channel)
        try:
            self._secure(smtp)
            if self._channel.username is not None:
                self._log_in(smtp)
            for recipient, mail in self._mails.items():
                self.said[recipient] = self._hand_over(smtp, recipient, mail)
                if self.said[recipient].code in (None, 421):
                    break  # the server has gone
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()
        finally:
            smtp.close()

    def _connect(self) -> socket.socket:
        channel = self._channel
        found = socket.create_connection((channel.host, channel.port), self._left())
        self._guard = found.dup()
        if self._cut:
            raise TimeoutError("the deadline has passed")
        if channel.security == "none" and not _is_loopback(found):
            found.close()
            raise DeliveryFailed(
                f"while connecting to {channel.host!r}: mail without TLS goes to this machine only"
                " (set security to starttls or tls)",
                needs_person=True,
            )
        found.settimeout(self._left())
        return found

    def _secure(self, smtp: _Smtp) -> None:
        smtp.ehlo_or_helo_if_needed()
        if self._channel.security != "starttls":
            return
        if not smtp.has_extn("starttls"):
            raise DeliveryFailed(
                f"while talking to {self._channel.host!r}: the server offers no STARTTLS, or"
                " somebody on the way removed it; nothing was sent in clear text",
                needs_person=True,
            )
        smtp.starttls(context=tls_context(self._channel.ca_file))
        smtp.ehlo_or_helo_if_needed()

    def _log_in(self, smtp: _Smtp) -> None:
        try:
            smtp.login(self._channel.username or "", self._channel.password or "")
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryFailed(
                "the mail server takes no login here; remove username, or check host and port",
                needs_person=True,
            ) from error
        except smtplib.SMTPAuthenticationError as error:
            raise DeliveryFailed(
                f"the mail server refuses the login: {error.smtp_code} {_words(error.smtp_error)}"
                " (check username and password)",
                needs_person=error.smtp_code >= 500,
            ) from error

    def _hand_over(self, smtp: _Smtp, recipient: str, mail: bytes) -> Said:
        """Return what the server says of one mail; a lost connection is a Said without a code."""
        try:
            code, text = smtp.mail(self._sender)
            if code >= 400:
                # About the sender, not about this recipient: no reason to give up on them.
                raise smtplib.SMTPSenderRefused(code, text, self._sender)
            code, text = smtp.rcpt(recipient)
            if code < 400:
                code, text = smtp.data(mail)
        except smtplib.SMTPDataError as error:
            code, text = error.smtp_code, _as_bytes(error.smtp_error)
        except smtplib.SMTPSenderRefused:
            raise
        except OSError as error:  # every SMTPException is one, a lost connection too
            return Said(code=None, text=f"the connection was lost: {_words(error)}")
        if code >= 400 and code != 421:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.rset()
        return Said(code=code, text=_words(text))

    def _left(self) -> float:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


class _Smtp(smtplib.SMTP):
    """smtplib over a socket of ours, with a bound on what the server may say."""

    def __init__(self, connect: Any, channel: EmailChannel) -> None:
        self._open = connect
        self._channel = channel
        super().__init__(local_hostname=GREETING)
        # smtplib checks certificates against the name that it was given here.
        self._host = channel.host
        code, text = self.connect(channel.host, channel.port)
        if code != 220:
            self.close()
            raise smtplib.SMTPConnectError(code, text)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain: socket.socket = self._open()
        if self._channel.security != "tls":
            return plain
        context = tls_context(self._channel.ca_file)
        return context.wrap_socket(plain, server_hostname=self._channel.host)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Bounded(self.sock.makefile("rb"))
        return super().getreply()


class _Bounded:
    """A reader that ends the conversation when the server says too much."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._read = 0

    def readline(self, limit: int = -1) -> bytes:
        line = self._file.readline(limit)
        self._read += len(line)
        if self._read > MOST_REPLY:
            raise OSError(f"the server said more than {MOST_REPLY // 1024} kB")
        return line

    def close(self) -> None:
        self._file.close()


def _judge_answer(error: smtplib.SMTPResponseException) -> DeliveryFailed:
    """Return what an answer to the greeting, to EHLO, STARTTLS or MAIL means: never final.

    These say something of the server or the sender, not of the message; a 5xx wants a person.
    """
    return DeliveryFailed(
        f"the mail server answered {error.smtp_code} {_words(error.smtp_error)}",
        needs_person=error.smtp_code >= 500,
    )


def _is_loopback(connection: socket.socket) -> bool:
    return ipaddress.ip_address(connection.getpeername()[0].split("%")[0]).is_loopback


def _tls_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _words(error.verify_message)
    return _words(error.reason or error)


def _as_bytes(text: object) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode()


def _words(said: object) -> str:
    """Return what a server or an error says, on one printable line of 200 characters."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    if isinstance(said, OSError) and not isinstance(said, smtplib.SMTPException):
        text = reason_of(said)
    flat = " ".join(text.split())
    return "".join(c if c.isprintable() else "?" for c in flat)[:200]
