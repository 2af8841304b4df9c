"""Send one POST to a checked address, within a time that holds for the whole of it."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpcore2

from monitor.egress.addresses import Allowance, Target, check_url, parse_allowance
from monitor.egress.lookup import Lookup, guarded_resolve, look_up
from monitor.errors import EgressRefused

MOST_REPLY_BYTES = 64 * 1024  # FAULTS E5
WRITE_SLICE = 16 * 1024
KEPT_AS_IT_IS = "%/:=&?~+!$,;'@()*[]|"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a receiver answered; `cut` says that it said more than was read."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    cut: bool = False


def tls_context(ca_file: str | None = None) -> ssl.SSLContext:
    """Return a context that checks certificates and names, from TLS 1.2 on.

    With `ca_file`, only the authorities in it are believed; else those of the system.
    """
    if ca_file is None:
        context = httpcore2.default_ssl_context()
    else:
        context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def post(
    url: str,
    *,
    content: bytes,
    headers: Mapping[str, str],
    timeout: float,
    allow_private: Iterable[str] = (),
    ca_file: str | None = None,
    lookup: Lookup = look_up,
) -> Reply:
    """POST `content` to `url` and return what was answered, whatever its status.

        URL checked → name looked up → each address checked → connected to that address
            → sent → reply read up to 64 KiB

    Follows no redirect, asks no proxy, keeps no cookie, unpacks nothing. `timeout` is in seconds,
    for all of it.
    Raises EgressRefused, TimeoutError, ssl.SSLError for a certificate that is not believed, or
    another OSError when no complete answer came.
    """
    allow = parse_allowance(allow_private)
    target = check_url(url, allow)
    deadline = Deadline(timeout)
    backend = GuardedBackend(target, allow, deadline, lookup)
    context = tls_context(ca_file) if target.scheme == "https" else None
    try:
        with (
            httpcore2.ConnectionPool(
                ssl_context=context, network_backend=backend, max_connections=1
            ) as pool,
            pool.stream(
                "POST",
                wire_url(url, target),
                headers=[("Host", host_header(target)), *headers.items()],
                content=content,
            ) as response,
        ):
            return read_reply(response)
    except httpcore2.TimeoutException as error:
        raise TimeoutError(
            f"while posting to {target.host!r}: not done in {timeout:.0f} s"
        ) from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise _plain_error(error, target) from error


def wire_url(url: str, target: Target) -> httpcore2.URL:
    """Return `url` as it goes over the wire, its host as it was checked, the rest in ASCII.

    Built from parts, so that no second parser can read another host from it.
    """
    parts = urlsplit(url)
    path = quote(parts.path or "/", safe=KEPT_AS_IT_IS)
    query = f"?{quote(parts.query, safe=KEPT_AS_IT_IS)}" if parts.query else ""
    return httpcore2.URL(
        scheme=target.scheme, host=target.host, port=target.port, target=f"{path}{query}"
    )


def host_header(target: Target) -> str:
    """Return the Host header for `target` (RFC 9110, 7.2)."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = {"http": 80, "https": 443}[target.scheme]
    return host if target.port == usual else f"{host}:{target.port}"


def read_reply(response: httpcore2.Response) -> Reply:
    """Read a reply up to its cap."""
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > MOST_REPLY_BYTES:
            break
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers
    )
    return Reply(
        status=response.status,
        headers=headers,
        body=bytes(body[:MOST_REPLY_BYTES]),
        cut=len(body) > MOST_REPLY_BYTES,
    )


def _plain_error(error: Exception, target: Target) -> OSError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return cause
        cause = cause.__cause__ or cause.__context__
    return ConnectionError(
        f"while posting to {target.host!r}: {str(error) or type(error).__name__}"
    )


class Deadline:
    """A moment that the whole of a call must not pass."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left; raises httpcore2.ReadTimeout when there are none."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the deadline has passed")
        return left


class GuardedBackend(httpcore2.SyncBackend):
    """Connect only to checked addresses, and give no step more time than the whole has left."""

    def __init__(
        self, target: Target, allow: Allowance, deadline: Deadline, lookup: Lookup
    ) -> None:
        self._target = target
        self._allow = allow
        self._deadline = deadline
        self._lookup = lookup

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Resolve, check, and connect to the first address that answers."""
        del timeout, local_address
        try:
            addresses = guarded_resolve(
                self._target, self._allow, timeout=self._deadline.left(), lookup=self._lookup
            )
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        failure: Exception = EgressRefused(f"while connecting to {host!r}: no address")
        for place, address in enumerate(addresses):
            share = self._deadline.left() / (len(addresses) - place)
            try:
                stream = super().connect_tcp(
                    str(address), port, timeout=share, socket_options=socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return TimedStream(stream, self._deadline)
        raise failure


class TimedStream(httpcore2.NetworkStream):
    """A stream whose every step ends when the whole must (a server that drips: FAULTS C3)."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read within what is left."""
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write in slices, each within what is left."""
        for start in range(0, len(buffer), WRITE_SLICE):
            self._stream.write(buffer[start : start + WRITE_SLICE], self._deadline.left())

    def close(self) -> None:
        """Close."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        """Shake hands within what is left."""
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        return TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what the stream beneath knows."""
        return self._stream.get_extra_info(info)
