"""A real HTTP(S) site on loopback that misbehaves on request, and remembers what it was asked.

    with Site() as site:
        site.route("/feed", body=FEED, content_type="application/rss+xml", etag='"1"')
        site.route("/slow", Reply(body=b"x" * 1000, drip=0.5))
        site.route("/old", redirect("/feed", 301))
        site.route("/counted", lambda asked: Reply(body=str(len(site.asked)).encode()))
        ... site.url("/feed") ... site.url("/feed", host="one.test") ...
        assert site.paths == ["/robots.txt", "/feed"]

Any host name that resolves to 127.0.0.1 is served; a route may be for one host only.
"""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Self

import brotli

from spiders.decoding import zstd
from tests.fakes.certificates import Certificates

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it came; `at` is by the monotonic clock, `headers` keep case and order."""

    at: float
    method: str
    path: str
    host: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return a header's value."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), None)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer, and how it goes wrong.

    `wait` seconds before the first byte; `header_drip` and `drip` seconds between single bytes of
    head and body; `length` is a Content-Length that lies; `cut` closes after so many body bytes;
    `endless` repeats the body in chunks for ever; `hang` says nothing until the client goes;
    `reset` ends with a RST; `raw` is sent as it is in place of everything.
    `etag` and `modified` answer a conditional request with 304 by themselves.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    etag: str | None = None
    modified: str | None = None
    wait: float = 0.0
    header_drip: float = 0.0
    drip: float = 0.0
    chunked: bool = False
    endless: bool = False
    length: int | None = None
    cut: int | None = None
    hang: bool = False
    reset: bool = False
    close: bool = False
    raw: bytes | None = None


Handler = Callable[[Asked], Reply]


def redirect(to: str, status: int = 302) -> Reply:
    """Return a redirect."""
    return Reply(status=status, headers=(("Location", to),))


def encoded(body: bytes, *codings: str) -> Reply:
    """Return `body` under content codings, the first applied first."""
    packed = body
    for coding in codings:
        packed = PACK[coding](packed)
    return Reply(body=packed, headers=(("Content-Encoding", ", ".join(codings)),))


def bomb(coding: str, size: int) -> Reply:
    """Return an answer of some kilobytes that unpacks to `size` bytes."""
    if coding == "deflate":
        packer = zlib.compressobj(9)
        packed = b"".join(packer.compress(b" " * MEGABYTE) for _ in range(size // MEGABYTE))
        return Reply(body=packed + packer.flush(), headers=(("Content-Encoding", "deflate"),))
    return encoded(b" " * size, coding)


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda body: bytes(brotli.compress(body, quality=5)),
    "zstd": zstd.compress,
}


class Site:
    """The site; a context manager. Routes may be added while it runs; unknown paths are 404."""

    def __init__(self, *, certificates: Certificates | None = None) -> None:
        self._routes: dict[tuple[str | None, str], Handler] = {}
        self._asked: list[Asked] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._context = certificates.context() if certificates else None
        self._scheme = "https" if certificates else "http"
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self.under_way: dict[str, int] = {}
        self.most_at_once: dict[str, int] = {}
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def asked(self) -> list[Asked]:
        """Return every request so far, in order."""
        with self._lock:
            return list(self._asked)

    @property
    def paths(self) -> list[str]:
        """Return the path of every request so far, in order."""
        return [asked.path for asked in self.asked]

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        """Return the URL of `path`."""
        return f"{self._scheme}://{host}:{self.port}{path}"

    @property
    def place(self) -> str:
        """Return `127.0.0.1:port`, for `allow_private`."""
        return f"127.0.0.1:{self.port}"

    def route(
        self, path: str, reply: Reply | Handler | None = None, *, host: str | None = None, **kw: Any
    ) -> None:
        """Serve `path`, with `?*` at its end whatever is asked; `kw` are fields of Reply."""
        if callable(reply):
            self._routes[host, path] = reply
            return
        fixed = replace(reply or Reply(), **kw)
        self._routes[host, path] = lambda _: fixed

    def forget(self) -> None:
        """Forget what was asked."""
        with self._lock:
            self._asked.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving."""
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                conn, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(conn,), daemon=True).start()

    def _serve(self, conn: socket.socket) -> None:
        with suppress(OSError), conn:
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context is not None:
                conn = self._context.wrap_socket(conn, server_side=True)
            with conn:
                buffer = b""
                while not self._closing.is_set():
                    asked, buffer = self._read(conn, buffer)
                    if asked is None or not self._answer(conn, asked):
                        return

    def _read(self, conn: socket.socket, buffer: bytes) -> tuple[Asked | None, bytes]:
        while b"\r\n\r\n" not in buffer:
            data = conn.recv(65536)
            if not data:
                return None, b""
            buffer += data
        head, _, buffer = buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        pairs = tuple((name, value.strip()) for name, _, value in (x.partition(":") for x in lines))
        found = {name.lower(): value for name, value in pairs}
        length = int(found.get("content-length", 0))
        while len(buffer) < length:
            data = conn.recv(65536)
            if not data:
                return None, b""
            buffer += data
        asked = Asked(
            at=time.monotonic(),
            method=method,
            path=path,
            host=found.get("host", "").rsplit(":", 1)[0],
            headers=pairs,
            body=buffer[:length],
        )
        with self._lock:
            self._asked.append(asked)
        return asked, buffer[length:]

    def _answer(self, conn: socket.socket, asked: Asked) -> bool:
        any_query = f"{asked.path.partition('?')[0]}?*"
        handler = (
            self._routes.get((asked.host, asked.path))
            or self._routes.get((None, asked.path))
            or self._routes.get((None, any_query))
        )
        with self._lock:
            now = self.under_way[asked.host] = self.under_way.get(asked.host, 0) + 1
            self.most_at_once[asked.host] = max(now, self.most_at_once.get(asked.host, 0))
        try:
            reply = handler(asked) if handler else Reply(status=404, body=b"not here")
            return send(conn, asked, not_modified(asked, reply), self._closing)
        finally:
            with self._lock:
                self.under_way[asked.host] -= 1


def not_modified(asked: Asked, reply: Reply) -> Reply:
    """Return a 304 where the request's condition holds (RFC 9110, 13)."""
    if reply.etag is not None and asked.header("if-none-match") == reply.etag:
        return replace(reply, status=304, body=b"")
    since = asked.header("if-modified-since")
    if reply.modified is not None and reply.etag is None and since == reply.modified:
        return replace(reply, status=304, body=b"")
    return reply


def send(conn: socket.socket, asked: Asked, reply: Reply, closing: threading.Event) -> bool:
    """Send one answer; False when the connection is to be closed."""
    if reply.hang:
        while not closing.is_set() and conn.recv(1024):
            pass
        return False
    if closing.wait(reply.wait) if reply.wait else False:
        return False
    if reply.raw is not None:
        conn.sendall(reply.raw)
        return False
    drip(conn, head(reply), reply.header_drip, closing)
    if asked.method == "HEAD" or reply.status in (204, 304):
        return not reply.close
    if reply.endless:
        while not closing.is_set():
            conn.sendall(chunk(reply.body or b"x" * 65536))
    body = reply.body if reply.cut is None else reply.body[: reply.cut]
    if reply.chunked:
        body = b"".join(chunk(body[at : at + 8192]) for at in range(0, len(body), 8192))
        body += b"" if reply.cut is not None else b"0\r\n\r\n"
    drip(conn, body, reply.drip, closing)
    if reply.reset:
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    return not (reply.close or reply.reset or reply.cut is not None or reply.length is not None)


def head(reply: Reply) -> bytes:
    """Return status line and headers."""
    try:
        phrase = HTTPStatus(reply.status).phrase
    except ValueError:
        phrase = "Odd"
    headers = [("Date", formatdate(usegmt=True)), *reply.headers]
    if reply.status != 304:
        headers.append(("Content-Type", reply.content_type))
        if reply.chunked or reply.endless:
            headers.append(("Transfer-Encoding", "chunked"))
        else:
            length = len(reply.body) if reply.length is None else reply.length
            headers.append(("Content-Length", str(length)))
    if reply.etag is not None:
        headers.append(("ETag", reply.etag))
    if reply.modified is not None:
        headers.append(("Last-Modified", reply.modified))
    lines = [f"HTTP/1.1 {reply.status} {phrase}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """Return `data` as a chunk."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n" if data else b""


def drip(conn: socket.socket, data: bytes, seconds: float, closing: threading.Event) -> None:
    """Send `data`, byte by byte when `seconds` says so."""
    if not seconds:
        conn.sendall(data)
        return
    for at in range(len(data)):
        conn.sendall(data[at : at + 1])
        if closing.wait(seconds):
            return


@dataclass(kw_only=True)
class Feed:
    """An RSS feed with so many items, whose pages the site serves as well."""

    site: Site
    host: str = "127.0.0.1"
    path: str = "/feed"
    items: list[str] = field(default_factory=list)

    def add(self, path: str, reply: Reply | Handler | None = None, **kw: Any) -> str:
        """Add an item whose page answers so, and return its URL; the feed changes its ETag."""
        if reply is None and "body" not in kw:
            kw["body"] = page(f"About {path}", f"The text of {path}.")
        self.site.route(path, reply, host=self.host, **kw)
        url = self.site.url(path, host=self.host)
        self.add_url(url)
        return url

    def add_url(self, url: str) -> None:
        """Add an item that leads anywhere."""
        self.items.append(url)
        rows = "".join(
            f"<item><title>Item {at}</title><link>{each.replace('&', '&amp;')}</link>"
            f"<guid>{at}</guid></item>"
            for at, each in enumerate(self.items)
        )
        self.site.route(
            self.path,
            host=self.host,
            body=f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{rows}'
            "</channel></rss>".encode(),
            content_type="application/rss+xml",
            etag=f'"{len(self.items)}"',
        )

    @property
    def url(self) -> str:
        """Return the feed's URL."""
        return self.site.url(self.path, host=self.host)


def page(title: str, text: str) -> bytes:
    """Return a small article page."""
    return (
        f"<!doctype html><html lang='en'><head><title>{title}</title></head><body><article>"
        f"<h1>{title}</h1><p>{text}</p></article></body></html>"
    ).encode()
