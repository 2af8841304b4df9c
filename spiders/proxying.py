"""Go through a proxy, and never past it (FAULTS C18): SOCKS5, as Tor speaks it, and HTTP CONNECT.

Names are resolved at the far end; nothing is looked up here.  When the proxy is down, nothing goes
out at all: this dialer stands in the place of the one that connects directly.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import httpcore2

from monitor.errors import EgressRefused

CONNECT_SECONDS = 30.0
"""A circuit of Tor takes some seconds; the deadline of the whole request holds in any case."""

LONGEST_HEAD = 16 * 1024
REPLIES = {  # RFC 1928, 6
    1: "general failure",
    2: "it does not allow that",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "time to live expired",
    7: "command not supported",
    8: "address type not supported",
}


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """Where a proxy is and how it is spoken to."""

    scheme: str
    host: str
    port: int
    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        """Return the proxy without its password."""
        return f"Proxy({self.scheme}://{self.host}:{self.port})"


def parse_proxy(url: str) -> Proxy:
    """Read `socks5h://127.0.0.1:9050` or `http://proxy.example:3128`.

    `socks5` is read as `socks5h`: names are resolved at the far end in any case.
    Raises ValueError with the cure; never shows a password.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("socks5", "socks5h", "http") or not parts.hostname or not parts.port:
        raise ValueError(
            f"while reading the proxy {parts.scheme}://{parts.hostname}: it needs a scheme, a host"
            " and a port (write socks5h://127.0.0.1:9050 or http://proxy.example:3128)"
        )
    return Proxy(
        scheme="http" if parts.scheme == "http" else "socks5h",
        host=parts.hostname,
        port=parts.port,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


class ProxyDialer(httpcore2.AnyIOBackend):
    """Connect to every host through one proxy."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Return a stream to `host` through the proxy; raises httpcore2.ConnectError."""
        del timeout, local_address
        stream = await super().connect_tcp(
            self._proxy.host,
            self._proxy.port,
            timeout=CONNECT_SECONDS,
            socket_options=socket_options,
        )
        speak = self._socks if self._proxy.scheme == "socks5h" else self._tunnel
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await speak(stream, host, port)
        except TimeoutError:
            await stream.aclose()
            raise httpcore2.ConnectTimeout("the proxy did not answer in time") from None
        except BaseException:
            await stream.aclose()
            raise
        return stream

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's own
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Refuse: no page lives there."""
        raise EgressRefused(f"while connecting to {path!r}: not a host")

    async def _socks(self, stream: httpcore2.AsyncNetworkStream, host: str, port: int) -> None:
        """Ask a SOCKS5 server for a connection, the name unresolved (RFC 1928, RFC 1929)."""
        # Tor gives each login a circuit of its own (IsolateSOCKSAuth): one for each site, so that
        # no exit sees all that is read. Other proxies take a login only where one was set.
        login = self._proxy.username
        await stream.write(bytes([5, 1, 2]) if login else bytes([5, 2, 0, 2]))
        version, method = await read_exactly(stream, 2)
        if version != 5 or method not in ((2,) if login else (0, 2)):
            raise httpcore2.ConnectError("the proxy is no SOCKS5 server, or wants a password")
        if method:
            name = (login or host[:255]).encode()
            secret = (self._proxy.password if login else "0").encode()
            await stream.write(bytes([1, len(name)]) + name + bytes([len(secret)]) + secret)
            if (await read_exactly(stream, 2))[1] != 0:
                raise httpcore2.ConnectError("the proxy refused user name and password")
        await stream.write(bytes([5, 1, 0]) + socks_address(host) + struct.pack(">H", port))
        _, reply, _, kind = await read_exactly(stream, 4)
        if reply != 0:
            reason = REPLIES.get(reply, str(reply))
            raise httpcore2.ConnectError(f"the proxy could not connect: {reason}")
        length = {1: 4, 4: 16}.get(kind) or (await read_exactly(stream, 1))[0]
        await read_exactly(stream, length + 2)

    async def _tunnel(self, stream: httpcore2.AsyncNetworkStream, host: str, port: int) -> None:
        """Ask an HTTP proxy for a tunnel (RFC 9110, 9.3.6)."""
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
        if self._proxy.username:
            pair = f"{self._proxy.username}:{self._proxy.password}".encode()
            lines.append(f"Proxy-Authorization: Basic {base64.b64encode(pair).decode()}")
        await stream.write("\r\n".join([*lines, "", ""]).encode("ascii"))
        head = bytearray()
        while not head.endswith(b"\r\n\r\n"):
            # Byte by byte: what follows the head belongs to the site.
            head += await read_exactly(stream, 1)
            if len(head) > LONGEST_HEAD:
                raise httpcore2.ConnectError("the proxy's answer has no end")
        words = bytes(head).split(b" ", 2)
        if not head.startswith(b"HTTP/1.") or words[1][:3] != b"200":
            said = words[1][:3].decode("ascii", "replace") if len(words) > 1 else "nonsense"
            raise httpcore2.ConnectError(f"the proxy could not connect: it answered {said}")


def socks_address(host: str) -> bytes:
    """Return `host` as SOCKS5 writes it: a name, or an address."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.encode("ascii")
        return bytes([3, len(name)]) + name
    kind = 1 if address.version == 4 else 4
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    return bytes([kind]) + socket.inet_pton(family, str(address))


async def read_exactly(stream: httpcore2.AsyncNetworkStream, length: int) -> bytes:
    """Return so many bytes; raises httpcore2.ConnectError when the proxy ends before."""
    data = b""
    while len(data) < length:
        piece = await stream.read(length - len(data))
        if not piece:
            raise httpcore2.ConnectError("the proxy closed the connection")
        data += piece
    return data
