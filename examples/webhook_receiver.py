"""A small receiver of Stationwatch webhooks that checks every signature; Python alone is enough.

    WEBHOOK_SECRETS="whsec_… whsec_…" python webhook_receiver.py 8080

It follows the Standard Webhooks specification 1.0.0: a request is acted on only when one of the
secrets signed exactly these bytes, at most five minutes ago, and its id has not been seen before.
Give it the new secret and the old one while you change them. Put it behind HTTPS.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OLDEST = 5 * 60  # seconds; older or newer requests may be replays
LONGEST_BODY = 10 * 1024 * 1024
MOST_IDS = 100_000


class Refused(Exception):
    """A request that must not be acted on."""


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], *, now: float) -> str:
    """Return the id of a request whose signature holds; raises Refused with the reason.

    `headers` have lower-case names. `body` must be the bytes as received, not parsed and written
    again.
    """
    try:
        key, moment = headers["webhook-id"], headers["webhook-timestamp"]
        given = headers["webhook-signature"].split(" ")
        sent_at = int(moment)
    except (KeyError, ValueError):
        raise Refused("a webhook header is missing or malformed") from None
    if abs(now - sent_at) > OLDEST:
        raise Refused("the request is too old, or from the future")
    signed = b".".join((key.encode(), moment.encode(), body))
    for secret in secrets:
        raw = secret.removeprefix("whsec_")
        raw_key = base64.b64decode(raw + "=" * (-len(raw) % 4))
        digest = hmac.new(raw_key, signed, hashlib.sha256).digest()
        wanted = "v1," + base64.b64encode(digest).decode()
        if any(hmac.compare_digest(wanted.encode(), one.encode()) for one in given):
            return key
    raise Refused("no signature is right")


class Seen:
    """The ids of the last requests: a retry carries the same one, and is answered but not acted on.

    Keep them in a database if the receiver may be restarted.
    """

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def is_new(self, key: str) -> bool:
        """Return whether `key` has not been seen, and remember it."""
        if key in self._ids:
            return False
        self._ids[key] = None
        while len(self._ids) > MOST_IDS:
            self._ids.popitem(last=False)
        return True


def act(payload: dict[str, object]) -> None:
    """Do something with a message; here it is printed. Put your own code in place of this."""
    print(json.dumps(payload, indent=2), flush=True)  # noqa: T201


def make_server(port: int, secrets: Sequence[str]) -> ThreadingHTTPServer:
    """Return a server on loopback; `serve_forever()` starts it."""
    seen = Seen()

    class Receiver(BaseHTTPRequestHandler):
        """Answer 200 for what holds, 400 for what does not, 413 for what is too long."""

        def do_POST(self) -> None:
            """Take one webhook."""
            length = int(self.headers.get("Content-Length") or 0)
            if not 0 <= length <= LONGEST_BODY:
                self._answer(413, "too long")
                return
            body = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                key = verify(body, headers, secrets, now=time.time())
            except Refused as reason:
                self._answer(400, str(reason))
                return
            if seen.is_new(key):
                act(json.loads(body))
            self._answer(200, "ok")

        def _answer(self, status: int, words: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(words)))
            self.end_headers()
            self.wfile.write(words.encode())

        def log_message(self, *args: object) -> None:
            """Stay silent; requests may hold what nobody else should read."""

    return ThreadingHTTPServer(("127.0.0.1", port), Receiver)


def main() -> None:
    """Start the receiver on the port given, 8080 without one."""
    secrets = os.environ.get("WEBHOOK_SECRETS", "").split()
    if not secrets:
        sys.exit("set WEBHOOK_SECRETS to the secret of the webhook in settings.toml")
    make_server(int(sys.argv[1]) if len(sys.argv) > 1 else 8080, secrets).serve_forever()


if __name__ == "__main__":
    main()
