"""A real webhook receiver on loopback, http or https, that verifies as the specification says.

It verifies with the specification's own library, drops what it has seen (by webhook-id), and
misbehaves on request: any status, Retry-After, redirects, a drip, a close, an endless reply.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

SECRET = "whsec_" + "c3RhdGlvbndhdGNoIHRlc3Qgc2VjcmV0IG5vLiAx"
OTHER_SECRET = "whsec_" + "c3RhdGlvbndhdGNoIHRlc3Qgc2VjcmV0IG5vLiAy"


@dataclass
class Post:
    """One request as it came; `problem` is None when its signature holds.

    `taken` says that it was answered with success.
    """

    path: str
    headers: dict[str, str]
    body: bytes
    problem: str | None
    taken: bool = False

    @property
    def payload(self) -> Any:
        return json.loads(self.body)


@dataclass
class Answer:
    """What one request is answered; `act` is drip, close, endless or nothing."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    act: str = ""


class Hook:
    """A receiver; `answers` are used up one request each, then `Answer()` holds."""

    def __init__(self, *, secret: str = SECRET, tls: bool = False) -> None:
        self.posts: list[Post] = []
        self.answers: list[Answer] = []
        self.secret = secret
        self.connections = 0
        self._tls = tls
        self._authority = trustme.CA()
        self._server: ThreadingHTTPServer | None = None
        self._stop = threading.Event()

    @property
    def url(self) -> str:
        assert self._server is not None
        scheme = "https" if self._tls else "http"
        return f"{scheme}://localhost:{self._server.server_port}/hook"

    @property
    def place(self) -> str:
        """The address as `allow_private` takes it."""
        assert self._server is not None
        return f"localhost:{self._server.server_port}"

    def ca_file(self, folder: Path) -> str:
        path = folder / "hook-authority.pem"
        self._authority.cert_pem.write_to_path(str(path))
        return str(path)

    @property
    def unique(self) -> dict[str, Post]:
        """The posts that verify, each id once: what a careful receiver acts on."""
        return {post.headers["webhook-id"]: post for post in self.posts if post.problem is None}

    def __enter__(self) -> Hook:
        hook = self

        class Requests(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                hook.connections += 1
                super().setup()

            def do_GET(self) -> None:
                hook.take(self, b"")

            def do_POST(self) -> None:
                hook.take(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def log_message(self, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
        self._server.daemon_threads = True
        if self._tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._server is not None
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()

    def take(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.posts.append(
            Post(path=request.path, headers=headers, body=body, problem=self._verify(body, headers))
        )
        answer = self.answers.pop(0) if self.answers else Answer()
        self.posts[-1].taken = 200 <= answer.status < 300 and not answer.act
        try:
            self._answer(request, answer)
        except OSError:
            request.close_connection = True

    def _verify(self, body: bytes, headers: dict[str, str]) -> str | None:
        try:
            Webhook(self.secret).verify(body, headers)
        except (WebhookVerificationError, ValueError) as error:
            return str(error) or type(error).__name__
        return None

    def _answer(self, request: BaseHTTPRequestHandler, answer: Answer) -> None:
        request.close_connection = True
        if answer.act == "close":
            return
        request.send_response(answer.status)
        for name, value in answer.headers.items():
            request.send_header(name, value)
        if answer.act in ("drip", "endless"):
            request.send_header("Content-Length", str(1 << 30))
            request.end_headers()
            while not self._stop.is_set():
                request.wfile.write(b"x" if answer.act == "drip" else b"x" * 65536)
                time.sleep(0.1 if answer.act == "drip" else 0)
            return
        request.send_header("Content-Length", str(len(answer.body)))
        request.end_headers()
        request.wfile.write(answer.body)
