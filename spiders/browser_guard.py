"""The one way out of a browser: a proxy on loopback that checks every address as for our own.

The browser resolves no name and opens no connection but to here, so that a page can reach only what
a page of ours may: public addresses, or through the source's proxy and never past it (C5, C18).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpcore2

from monitor.egress import Allowance, check_url
from monitor.errors import EgressRefused
from spiders.dialing import NameNotFound

LONGEST_HEAD = 64 * 1024
PIECE = 64 * 1024
HEAD_SECONDS = 10.0


@dataclass
class Allotment:
    """What one page may still fetch; `refused` are the hosts that were not let through."""

    connections: int
    bytes: int
    refused: list[str] = field(default_factory=list)


class BrowserGuard:
    """A proxy for one browser, which must know its password; serves one page at a time.

    The hosts in `pinned` are refused: it is the browser that checks certificates here, and it knows
    nothing of the keys that a person pinned.
    """

    def __init__(
        self,
        dialer: httpcore2.AsyncNetworkBackend,
        allow: Allowance,
        *,
        pinned: Collection[str] = (),
    ) -> None:
        self._dialer = dialer
        self._allow = allow
        self._pinned = frozenset(pinned)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.username, self.password = "browser", secrets.token_urlsafe(24)
        self._allotment = Allotment(connections=0, bytes=0)

    @property
    def address(self) -> str:
        """Return where the browser finds its proxy."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        """Begin to listen on a port of loopback."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LONGEST_HEAD)

    async def close(self) -> None:
        """End, and every connection with it."""
        if self._server is not None:
            self._server.close()
        await self.cut()

    def allot(self, *, connections: int, size: int) -> Allotment:
        """Begin a page, which may open so many connections and receive so many bytes."""
        self._allotment = Allotment(connections=connections, bytes=size)
        return self._allotment

    async def cut(self) -> None:
        """Close every connection: what a page still waits for does not come."""
        tasks = list(self._open)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._answer(reader, writer)
        except asyncio.CancelledError:
            pass  # `cut`: nobody else ends a connection, and nobody waits for its answer
        except (
            OSError,
            EOFError,
            ValueError,
            TimeoutError,
            EgressRefused,
            NameNotFound,
            httpcore2.NetworkError,
            httpcore2.TimeoutException,
        ):
            with contextlib.suppress(OSError, RuntimeError):
                writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        finally:
            self._open.discard(task)
            with contextlib.suppress(OSError, RuntimeError):
                writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(HEAD_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, place, version = first.split(" ", 2)
        if not self._is_ours(lines):
            writer.write(
                b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                b'Proxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n'
                b"Connection: close\r\n\r\n"
            )
            await writer.drain()
            return
        allotment = self._allotment
        if allotment.connections <= 0 or allotment.bytes <= 0:
            raise EgressRefused("while fetching for a page: it has had enough")
        allotment.connections -= 1
        if method == "CONNECT":
            stream = await self._dial(f"https://{place}/", allotment)
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            await self._pump(reader, writer, stream, allotment, most=None)
            return
        size = body_size(lines)
        stream = await self._dial(place, allotment)
        await stream.write(rewrite_head(method, place, version, lines))
        await self._pump(reader, writer, stream, allotment, most=size)

    def _is_ours(self, lines: list[str]) -> bool:
        pair = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        given = [line.partition(":")[2].strip() for line in lines if is_login(line)]
        return any(secrets.compare_digest(each, f"Basic {pair}") for each in given)

    async def _dial(self, url: str, allotment: Allotment) -> httpcore2.AsyncNetworkStream:
        try:
            target = check_url(url, self._allow)
            if target.host.lower() in self._pinned:
                raise EgressRefused("while fetching for a page: the keys of its host are pinned")
            return await self._dialer.connect_tcp(target.host, target.port)
        except EgressRefused:
            allotment.refused.append(urlsplit(url).netloc)
            raise

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        stream: httpcore2.AsyncNetworkStream,
        allotment: Allotment,
        *,
        most: int | None,
    ) -> None:
        """Copy both ways until the site ends; there go `most` bytes, the body of one request.

        What a browser sends after that is its next request, with our login, and for us.
        """

        async def there() -> None:
            left = most
            while left is None or left > 0:
                data = await reader.read(PIECE if left is None else min(left, PIECE))
                if not data:
                    return
                left = None if left is None else left - len(data)
                await stream.write(data)
            await reader.read(1)  # the next request, or the end: either way, another connection

        async def back() -> None:
            while data := await stream.read(PIECE):
                allotment.bytes -= len(data)
                if allotment.bytes < 0:
                    return
                writer.write(data)
                await writer.drain()

        ways = [asyncio.create_task(there()), asyncio.create_task(back())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            await stream.aclose()


def rewrite_head(method: str, url: str, version: str, lines: list[str]) -> bytes:
    """Return the head of a request as the site is to get it: one request a connection, no login."""
    parts = urlsplit(url)
    path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    dropped = ("proxy-authorization:", "proxy-connection:", "connection:")
    kept = [line for line in lines if line and not line.lower().startswith(dropped)]
    return "\r\n".join([f"{method} {path} {version}", *kept, "Connection: close", "", ""]).encode(
        "latin-1"
    )


def body_size(lines: list[str]) -> int:
    """Return how long the body of a request is; refuses one that does not say."""
    fields = {name.strip().lower(): value for name, _, value in (x.partition(":") for x in lines)}
    if "transfer-encoding" in fields:
        raise ValueError("a body without a length")
    return int(fields.get("content-length", "0"))


def is_login(line: str) -> bool:
    """Say whether a line of a head is a proxy's login."""
    return line.lower().startswith("proxy-authorization:")
