"""Answers with one text at /metrics, on loopback, whoever else is slow; holds nothing but it.

accept (the oldest goes where too many are open) ─ head within 5 s ─ judged ─ answer ─ closed

One thread waits for all clients at once, so that none holds another up, and each has its time in
all, not for each byte.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress

from monitor.errors import StationwatchError, reason_of
from monitor.model.settings import MetricsSettings

CONTENT = "text/plain; version=0.0.4; charset=utf-8"
PATIENCE = 5.0
"""Seconds that a client may take, from its first byte to our last."""
MOST_OPEN = 32
LONGEST_HEAD = 16 * 1024
LONGEST_LEFT = 256 * 1024
"""Bytes that are read away after a refusal, so that the client hears it before it hears a reset."""

REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    414: "URI Too Long",
    421: "Misdirected Request",
    505: "HTTP Version Not Supported",
}


class MetricsServer:
    """Serves what `show` was last given, from a thread of its own."""

    def __init__(self, settings: MetricsSettings) -> None:
        self.settings = settings
        self._socket = _listen(settings)
        self.port = int(self._socket.getsockname()[1])
        # who else asks was led here by a name that somebody made point to this machine
        self._names = frozenset(
            f"{name}{port}"
            for name in ("127.0.0.1", "localhost", "[::1]")
            for port in ("", f":{self.port}")
        )
        self._text = b""
        self._open: list[asyncio.Task[None]] = []
        self._loop = asyncio.new_event_loop()
        # a client that hangs up is no event, and no trace of ours is for it
        self._loop.set_exception_handler(lambda _loop, _context: None)
        self._stopped = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
        self._thread.start()

    def show(self, text: bytes) -> None:
        """Answer with this from now on."""
        self._text = text

    def close(self) -> None:
        """Stop serving and wait for the thread."""
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()
            self._socket.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._take, sock=self._socket, limit=LONGEST_HEAD)
        await self._stopped.wait()
        server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client within its time; the oldest gives way where too many are open."""
        task = asyncio.current_task()
        assert task is not None
        self._open.append(task)
        if len(self._open) > MOST_OPEN:
            self._open[0].cancel()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._answer(reader, writer)
        except (OSError, TimeoutError, EOFError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._open.remove(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            status = self._judge(await reader.readuntil(b"\r\n\r\n"))
        except asyncio.LimitOverrunError:
            status = 414
        body = self._text if status == 200 else b""
        writer.write(_head(status, len(body)) + body)
        await writer.drain()
        writer.write_eof()
        left = LONGEST_LEFT
        with suppress(OSError):
            while left > 0 and (read := await reader.read(LONGEST_HEAD)):
                left -= len(read)

    def _judge(self, head: bytes) -> int:
        """Return the status for a request: 200 for a plain GET of the figures alone."""
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/"):
            return 400
        hosts = [line[5:].strip().lower() for line in lines if line[:5].lower() == "host:"]
        if words[2] not in {"HTTP/1.0", "HTTP/1.1"}:
            return 505
        if words[0] != "GET":
            return 405
        if len(hosts) != 1 or hosts[0] not in self._names:
            return 421
        return 200 if words[1] == "/metrics" else 404


def _listen(settings: MetricsSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=64)
    except OSError as error:
        raise StationwatchError(
            f"while serving figures on port {settings.port}: {reason_of(error)}; write another"
            " port under [metrics] in settings.toml, or take that section out"
        ) from error


def _head(status: int, length: int) -> bytes:
    """Return the head of an answer; the connection ends with it."""
    return (
        f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: {CONTENT}\r\n"
        f"Content-Length: {length}\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    ).encode("ascii")
