"""Serve a simulated press on loopback, with a mailbox and a webhook receiver, and note everything.

    python -m benchmarks.simulated_press --sources 5000 --seconds 1900 --port 18000 --out DIR

One process.  Each outlet has an address of its own in 127.1.0.0/16, and answers after a time of its
own (median 150 ms).  `DIR/ready` holds the ports as soon as it serves; at SIGTERM it writes
`DIR/seen.json`: when each article was first asked for, when each report arrived in the mailbox and
at the webhook, and how politely every address was asked.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import re
import signal
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from benchmarks.simulated_news import (
    Layout,
    Outlet,
    etag_of,
    make_outlets,
    read_layouts,
    render_feed,
    render_page,
)

ROOT = Path(__file__).resolve().parents[1]
NUMBER = re.compile(r"-(\d+)\.html$")
REPORT = re.compile(rb"/report/(\d+)-(\d+)\.html")
HANG = 120.0


@dataclass
class Manners:
    """How one address was asked: how many at once at most, and the shortest pause (seconds).

    A pause is from the beginning of one request to the beginning of the next, as RFC-less custom
    has it; `short` counts those below what its robots.txt asks for.
    """

    requests: int = 0
    under_way: int = 0
    most_at_once: int = 0
    began: float = float("-inf")
    shortest: float = float("inf")
    robots_known: bool = False
    short: int = 0


@dataclass
class Seen:
    """What happened, in seconds since the start."""

    asked: dict[str, float] = field(default_factory=dict)
    mailed: dict[str, float] = field(default_factory=dict)
    hooked: dict[str, float] = field(default_factory=dict)
    polls: dict[str, list[float]] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    manners: dict[str, Manners] = field(default_factory=dict)
    mails: int = 0
    posts: int = 0

    def count(self, what: str) -> None:
        """Count an answer."""
        self.statuses[what] = self.statuses.get(what, 0) + 1


class Press:
    """The outlets, their clock, and what was seen of whoever asks."""

    def __init__(self, outlets: list[Outlet], layouts: list[Layout], began: float) -> None:
        self.outlets = {outlet.address: outlet for outlet in outlets}
        self.layouts = layouts
        self.began = began
        self._zero = time.monotonic()
        self.seen = Seen()

    def now(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self._zero

    def begin(self, outlet: Outlet, path: str) -> Manners:
        """Note that a request has come."""
        manners = self.seen.manners.setdefault(outlet.address, Manners())
        manners.requests += 1
        manners.under_way += 1
        manners.most_at_once = max(manners.most_at_once, manners.under_way)
        now = self.now()
        pause, manners.began = now - manners.began, now
        manners.shortest = min(manners.shortest, pause)
        if manners.robots_known and outlet.crawl_delay and pause < outlet.crawl_delay - 0.05:
            manners.short += 1
        if path == "/robots.txt":
            manners.robots_known = True
        elif path == "/feed":
            self.seen.polls.setdefault(outlet.address, []).append(now)
        else:
            self.seen.asked.setdefault(path, now)
        return manners

    def answer(self, outlet: Outlet, path: str, headers: dict[str, str]) -> tuple[int, Any, bytes]:
        """Return status, further headers and body."""
        if path == "/robots.txt":
            if not outlet.robots and outlet.crawl_delay is None:
                return 404, {}, b"not here"
            delay = f"Crawl-delay: {outlet.crawl_delay}\n" if outlet.crawl_delay else ""
            return 200, {"Content-Type": "text/plain"}, self._robots(delay)
        if outlet.ill:
            return (503 if outlet.ill == "error" else 404), {}, b"no"
        if path == "/feed":
            return self._feed(outlet, headers)
        number = int(NUMBER.search(path)[1]) if NUMBER.search(path) else -1  # type: ignore[index]
        if 0 <= number < len(outlet.articles) and outlet.articles[number].at <= self.now():
            kind = {"Content-Type": "text/html; charset=utf-8"}
            return 200, kind, render_page(outlet, outlet.articles[number], self.layouts)
        return 404, {}, b"not here"

    @staticmethod
    def _robots(delay: str) -> bytes:
        return f"User-agent: *\nDisallow: /admin/\nDisallow: /search\n{delay}".encode()

    def _feed(self, outlet: Outlet, headers: dict[str, str]) -> tuple[int, Any, bytes]:
        now = self.now()
        extra = {"Content-Type": "application/rss+xml; charset=utf-8"}
        if outlet.validators:
            extra["ETag"] = etag_of(outlet, now)
            if headers.get("if-none-match") == extra["ETag"]:
                return 304, extra, b""
        base = f"http://{outlet.address}:{self.port}"
        return 200, extra, render_feed(outlet, base, now, self.began)

    port = 0


class Connection(asyncio.Protocol):
    """One connection: requests one after the other, each answered after the outlet's latency."""

    def __init__(self, press: Press) -> None:
        self._press = press
        self._buffer = b""
        self._waiting: asyncio.TimerHandle | None = None
        self._manners: Manners | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Find out which outlet is asked."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._outlet = self._press.outlets.get(transport.get_extra_info("sockname")[0])

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what waited."""
        del exc
        if self._waiting is not None:
            self._waiting.cancel()
        self._end()

    def data_received(self, data: bytes) -> None:
        """Note a request, and answer it in its time."""
        self._buffer += data
        if b"\r\n\r\n" not in self._buffer:
            return
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        if self._outlet is None:
            self._transport.close()
            return
        path = first.split(" ")[1]
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        self._manners = self._press.begin(self._outlet, path)
        wait = HANG if self._outlet.ill == "hang" else self._outlet.latency
        loop = asyncio.get_running_loop()
        self._waiting = loop.call_later(wait, self._answer, path, headers)

    def _answer(self, path: str, headers: dict[str, str]) -> None:
        assert self._outlet is not None
        status, extra, body = self._press.answer(self._outlet, path, headers)
        self._press.seen.count(f"{path.split('/')[1]} {status}")
        if body and "gzip" in headers.get("accept-encoding", ""):
            body, extra = gzip.compress(body, 1), {**extra, "Content-Encoding": "gzip"}
        lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in extra.items())]
        lines.append(f"Content-Length: {len(body)}")
        self._transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        self._end()

    def _end(self) -> None:
        if self._manners is not None:
            self._manners.under_way -= 1
            self._manners = None


class Receiver:
    """Takes mails and posts, and notes which reports they tell of, the first time each."""

    def __init__(self, press: Press) -> None:
        self._press = press

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take a mail."""
        content = envelope.original_content or b""
        self._press.seen.mails += 1
        self._note(content.replace(b"=\r\n", b"").replace(b"=\n", b""), self._press.seen.mailed)
        return "250 taken"

    async def take_post(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one POST with 200."""
        head = await reader.readuntil(b"\r\n\r\n")
        found = re.search(rb"(?i)content-length:\s*(\d+)", head)
        self._press.seen.posts += 1
        self._note(await reader.readexactly(int(found[1]) if found else 0), self._press.seen.hooked)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    def _note(self, content: bytes, into: dict[str, float]) -> None:
        for match in REPORT.finditer(content.replace(b"\\/", b"/")):
            into.setdefault(match[0].decode(), self._press.now())


async def serve(press: Press, port: int, out: Path) -> None:
    """Serve until SIGTERM, and write what was seen."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    receiver = Receiver(press)
    mailbox = await loop.create_server(lambda: SMTP(receiver, loop=loop), "127.0.0.1", 0)
    hook = await asyncio.start_server(receiver.take_post, "127.0.0.1", 0)
    server = await loop.create_server(lambda: Connection(press), "0.0.0.0", port, backlog=1024)
    press.port = server.sockets[0].getsockname()[1]
    ports = {
        "press": press.port,
        "mail": mailbox.sockets[0].getsockname()[1],
        "hook": hook.sockets[0].getsockname()[1],
    }
    (out / "ready.new").write_text(json.dumps(ports))
    (out / "ready.new").rename(out / "ready")
    await stop.wait()
    (out / "seen.json").write_text(json.dumps(asdict(press.seen)))


def main() -> None:
    """Make the press and serve it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=1900)
    parser.add_argument("--port", type=int, default=18000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--began", type=float, default=time.time(), help="what dates count from")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    options = parser.parse_args()
    outlets = make_outlets(options.sources, options.seconds)
    layouts = read_layouts(options.shared)
    options.out.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(Press(outlets, layouts, options.began), options.port, options.out))


if __name__ == "__main__":
    main()
