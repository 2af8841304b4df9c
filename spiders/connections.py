"""Connections that are kept for a while, one or a few for each origin.

`httpcore2` has a pool of its own, which looks at every connection for each request: with two
hundred hosts that was half of the time of a crawl (measured).
"""

from __future__ import annotations

import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpcore2

KEEP_ALIVE_SECONDS = 15.0
MOST_IDLE = 256


class Connections:
    """Hand out a connection for each request, and keep it for the next one to the same origin."""

    def __init__(self, *, dialer: httpcore2.AsyncNetworkBackend, tls: ssl.SSLContext) -> None:
        self._dialer = dialer
        self._tls = tls
        self._idle: OrderedDict[str, list[httpcore2.AsyncHTTPConnection]] = OrderedDict()

    @asynccontextmanager
    async def ask(
        self, url: httpcore2.URL, headers: Sequence[tuple[bytes, bytes]]
    ) -> AsyncIterator[httpcore2.Response]:
        """Send a GET and give the answer, whose body is to be read before leaving.

        A connection whose answer was not read to its end is closed.
        """
        request = httpcore2.Request("GET", url, headers=headers)
        connection, answer = await self._begin(request)
        try:
            yield answer
        finally:
            await answer.aclose()
            await self._put(str(url.origin), connection)

    async def _begin(
        self, request: httpcore2.Request
    ) -> tuple[httpcore2.AsyncHTTPConnection, httpcore2.Response]:
        kept = self._take(str(request.url.origin))
        if kept is not None:
            try:
                return kept, await kept.handle_async_request(request)
            except (httpcore2.NetworkError, httpcore2.ProtocolError):
                # A server may close a kept connection in the very moment it is used again.
                await kept.aclose()
        connection = httpcore2.AsyncHTTPConnection(
            origin=request.url.origin,
            ssl_context=self._tls,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
            network_backend=self._dialer,
        )
        try:
            return connection, await connection.handle_async_request(request)
        except BaseException:
            await connection.aclose()
            raise

    async def close(self) -> None:
        """Close every kept connection."""
        idle, self._idle = self._idle, OrderedDict()
        for connections in idle.values():
            for connection in connections:
                await connection.aclose()

    def _take(self, key: str) -> httpcore2.AsyncHTTPConnection | None:
        connections = self._idle.pop(key, [])
        while connections:
            connection = connections.pop()
            if connections:
                self._idle[key] = connections
            if not connection.has_expired():
                return connection
        return None

    async def _put(self, key: str, connection: httpcore2.AsyncHTTPConnection) -> None:
        if not connection.is_idle() or connection.has_expired():
            await connection.aclose()
            return
        self._idle.setdefault(key, []).append(connection)
        self._idle.move_to_end(key)
        while len(self._idle) > MOST_IDLE:
            _, oldest = self._idle.popitem(last=False)
            for each in oldest:
                await each.aclose()
