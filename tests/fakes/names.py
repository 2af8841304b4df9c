"""Names for tests: what a resolver may answer, and how it may not. Runs in the crawl child too."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Callable, Sequence

_turns = itertools.count()
_lock = threading.Lock()


def hang() -> Sequence[str]:
    time.sleep(600)
    return []


def fail(code: int, text: str) -> Callable[[], Sequence[str]]:
    def work() -> Sequence[str]:
        raise socket.gaierror(code, text)

    return work


def flip() -> Sequence[str]:
    with _lock:
        return ["127.0.0.1"] if next(_turns) % 2 == 0 else ["127.0.0.2"]


ANSWERS: dict[str, Callable[[], Sequence[str]]] = {
    "hang": hang,
    "servfail": fail(socket.EAI_AGAIN, "temporary failure in name resolution"),
    "nx": fail(socket.EAI_NONAME, "name or service not known"),
    "flip": flip,
    "mixed": lambda: ["127.0.0.1", "127.0.0.2"],
    "metadata": lambda: ["169.254.169.254"],
    "mapped": lambda: ["::ffff:10.0.0.1"],
    "deadfirst": lambda: ["127.0.0.3", "127.0.0.1"],
}
"""By the first label of the name, digits left out."""


def look_up(host: str, port: int) -> Sequence[str]:
    """`*.test` is 127.0.0.1, unless its first label says otherwise."""
    label = host.split(".", maxsplit=1)[0].rstrip("0123456789")
    if label in ANSWERS:
        return ANSWERS[label]()
    if host.endswith(".test"):
        return ["127.0.0.1"]
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
