"""Hold a host to the keys that a person pinned (FAULTS C2): SHA-256 of its SubjectPublicKeyInfo.

A certificate that the usual check refuses is accepted when its key is pinned, and that is told; one
with another key is refused, whoever signed it.
"""

from __future__ import annotations

import base64
import hashlib
import ssl
from collections.abc import Iterable, Mapping
from typing import Any

import httpcore2
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_der_x509_certificate


class KeyNotPinned(Exception):
    """The host's certificate has another key than those that are pinned for it."""


class PinnedDialer(httpcore2.AsyncNetworkBackend):
    """Connect through `dialer`, and hold the hosts in `pins` to their keys.

    `accepted` says of each host whose certificate was accepted by its key alone why the usual check
    refused it.
    """

    def __init__(
        self, dialer: httpcore2.AsyncNetworkBackend, pins: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._dialer = dialer
        self._pins = pins
        self.accepted: dict[str, str] = {}

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Return a stream to `host`, whose TLS is held to its pins where it has any."""
        del timeout, local_address, socket_options
        stream = await self._dialer.connect_tcp(host, port)
        pins = self._pins.get(host.lower())
        return stream if pins is None else _PinnedStream(stream, self, host.lower(), port, pins)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's own
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Leave it to the dialer, which refuses."""
        return await self._dialer.connect_unix_socket(path, timeout, socket_options)

    async def reconnect(self, host: str, port: int) -> httpcore2.AsyncNetworkStream:
        """Return a stream that nothing is held to yet."""
        return await self._dialer.connect_tcp(host, port)

    async def sleep(self, seconds: float) -> None:
        """Leave it to the dialer."""
        await self._dialer.sleep(seconds)


class _PinnedStream(httpcore2.AsyncNetworkStream):
    """A stream that is not handed out as TLS before its key was found among the pins."""

    def __init__(
        self,
        stream: httpcore2.AsyncNetworkStream,
        dialer: PinnedDialer,
        host: str,
        port: int,
        pins: tuple[str, ...],
    ) -> None:
        self._stream = stream
        self._dialer = dialer
        self._place = (host, port)
        self._pins = pins

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's own
    ) -> bytes:
        return await self._stream.read(max_bytes, timeout)

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's own
    ) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's own
    ) -> httpcore2.AsyncNetworkStream:
        """Return the stream as TLS; raises KeyNotPinned, httpcore2.ConnectError."""
        refused = ""
        try:
            secured = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except httpcore2.ConnectError as error:
            cause = find_refusal(error)
            if cause is None:
                raise
            refused = cause.verify_message
            again = await self._dialer.reconnect(*self._place)
            secured = await again.start_tls(unchecked(), server_hostname, timeout)
        found = read_key(secured)
        if found not in self._pins:
            await secured.aclose()
            raise KeyNotPinned(
                f"the certificate has a key that is not pinned for {self._place[0]!r}: its hash is"
                f" sha256/{found}; if the site has a new one, and says so over another way, write"
                " that under pins"
            )
        if refused:
            self._dialer.accepted[self._place[0]] = refused
        return secured

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def find_refusal(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """Return why the certificate was refused, where that is what `error` comes from."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause
        cause = cause.__cause__ or cause.__context__
    return None


def unchecked() -> ssl.SSLContext:
    """Return what believes any certificate; nothing is sent before its key was compared."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context


def read_key(stream: httpcore2.AsyncNetworkStream) -> str:
    """Return the SHA-256 of the certificate's key in base64, as RFC 7469 writes a pin."""
    tls = stream.get_extra_info("ssl_object")
    der = tls.getpeercert(binary_form=True)
    return hash_key(der)


def hash_key(der: bytes) -> str:
    """Return the hash of the key in a certificate in DER."""
    key = load_der_x509_certificate(der).public_key()
    info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(info).digest()).decode("ascii")
