"""A threaded web server on loopback that can be stopped at once and leaves no thread behind."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class LoopbackServer(ThreadingHTTPServer):
    """Serves `handler` from a thread of its own on a free port of `host`.

    `owner` is what the handler works for. With `tls`, hands are shaken in the handler's thread, so
    that a silent client holds up nobody.
    """

    daemon_threads = False  # server_close() then waits for the handlers

    def __init__(
        self,
        handler: type[BaseHTTPRequestHandler],
        owner: Any,
        *,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__((host, 0), handler)
        self.owner = owner
        self.closing = threading.Event()
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop serving, hang up on every client, and wait for every thread."""
        self.closing.set()
        self.shutdown()
        with self._lock:
            for request in self._open:
                with contextlib.suppress(OSError):
                    request.shutdown(socket.SHUT_RDWR)
        self.server_close()
        self._thread.join()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Handle one connection, and remember it while it is open."""
        with self._lock:
            self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open.discard(request)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands where that is wanted, then handle."""
        request.settimeout(10)
        if self._tls is None:
            super().finish_request(request, client_address)
            return
        with self._tls.wrap_socket(
            request, server_side=True, do_handshake_on_connect=False
        ) as wrapped:
            wrapped.do_handshake()
            super().finish_request(wrapped, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that hangs up is part of the demo."""


class QuietHandler(BaseHTTPRequestHandler):
    """A handler that writes nothing to standard error."""

    protocol_version = "HTTP/1.1"
    timeout = 10
    server: LoopbackServer

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has there
        """Say nothing."""
