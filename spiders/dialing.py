"""Connect to checked addresses only: what stands between the HTTP client and the network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import httpcore2

from monitor.egress import Address, Allowance, Lookup, Target, resolve_soon
from monitor.errors import EgressRefused, reason_of

NO_NAME = "was not found"
"""In what is said of a name without an address; who reads a reason knows it by that."""

LONGEST_CONNECT = 15.0
"""Seconds for one address, so that a dead first one leaves time for the next."""


class NameNotFound(Exception):
    """A host name has no address, or none in time."""


class GuardedDialer(httpcore2.AnyIOBackend):
    """Look a host up, check every address, and connect to one of those (FAULTS C5).

    The name is looked up once for each connection and never again, so that an answer that flips
    between the check and the connection changes nothing.
    """

    def __init__(self, allow: Allowance, *, lookup: Lookup, lookup_seconds: float) -> None:
        self._allow = allow
        self._lookup = lookup
        self._lookup_seconds = lookup_seconds

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Return a stream to the first address of `host` that answers."""
        del timeout, local_address
        addresses = await self._resolve(Target(scheme="", host=host.lower(), port=port))
        failure: Exception = EgressRefused(f"while connecting to {host!r}: no address")
        for address in addresses:
            try:
                return await super().connect_tcp(
                    str(address), port, timeout=LONGEST_CONNECT, socket_options=socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _resolve(self, target: Target) -> list[Address]:
        found = resolve_soon(target, self._allow, lookup=self._lookup)
        try:
            async with asyncio.timeout(self._lookup_seconds):
                return await asyncio.wrap_future(found)
        except TimeoutError:
            raise NameNotFound(
                f"the name {target.host!r} {NO_NAME} in {self._lookup_seconds:.0f} s"
            ) from None
        except OSError as error:
            raise NameNotFound(f"the name {target.host!r} {NO_NAME}: {reason_of(error)}") from error

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's own
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Refuse: no page lives there."""
        raise EgressRefused(f"while connecting to {path!r}: not a host")
