"""A preparer whose pages say what becomes of the worker: sleep, eat memory, spin, crash, raise."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import stat
import struct
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from monitor.errors import ConfigError, Problem
from monitor.feeds.read import read_entries
from monitor.feeds.reading import FeedReading
from monitor.model import (
    Analysis,
    Article,
    Entry,
    Fingerprint,
    Level,
    Match,
    Outcome,
    Page,
    Prepared,
    SiteBlocks,
)


@dataclass(frozen=True, kw_only=True)
class FakePreparer:
    """Flags a page that holds the word `flagged`; obeys `do: …` in the body."""

    rules_version: str = "fake-1"

    def prepare(
        self, page: Page, entry: Entry | None = None, blocks: SiteBlocks | None = None
    ) -> Prepared:
        obey(page.body)
        text = page.body.decode("utf-8", "replace")
        matches: tuple[Match, ...] = ()
        if "flagged" in text:
            matches = (
                Match(topic="t", level=Level.REPORT, score=10, report_at=10, mention_at=4, hits=()),
            )
        return Prepared(
            url=page.url,
            final_url=page.final_url,
            fetched_at=page.fetched_at,
            status=page.status,
            body_sha256=hashlib.sha256(page.wire_body).hexdigest(),
            article=Article(
                url=page.url,
                canonical_url=page.final_url,
                title=entry.title if entry else "",
                text=text[:1000].replace("\x00", ""),
            ),
            analysis=Analysis(language="en", matches=matches),
            fingerprint=Fingerprint(text_hash=hashlib.sha256(page.body).hexdigest()),
            outcome=None if page.body else Outcome.EXTRACTION_FAILED,
            rules_version=self.rules_version,
            blocks_version=blocks.version if blocks else 0,
        )


def obey(body: bytes) -> None:
    """Do what the page orders."""
    for order, act in ORDERS.items():
        if b"do: " + order in body:
            act()


def spin() -> None:
    while True:
        pass


def eat() -> None:
    eaten = []
    while True:
        eaten.append(bytearray(16 * 1024 * 1024))


def complain() -> None:
    raise ValueError("the page asked for it")


def own_socket() -> socket.socket:
    """Return the worker's line to its pool, as a parser that a page took over would find it."""
    for number in range(3, 64):
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                return socket.socket(fileno=os.dup(number))
    raise AssertionError("no socket")


ORDERS: dict[bytes, Callable[[], Any]] = {
    b"sleep": lambda: time.sleep(600),
    b"linger": lambda: time.sleep(2),
    b"spin": spin,
    b"eat": eat,
    b"crash": lambda: signal.raise_signal(signal.SIGSEGV),
    b"die": lambda: signal.raise_signal(signal.SIGKILL),
    b"raise": complain,
    b"connect": lambda: socket.create_connection(("127.0.0.1", 9)),
    b"look up": lambda: socket.getaddrinfo("localhost", 9),
    b"start": lambda: subprocess.run(["true"], check=True),
    b"exit": lambda: os._exit(3),
    b"shout": lambda: own_socket().send(struct.pack(">II", 2**31, 0)),
    b"lie": lambda: own_socket().send(struct.pack(">II", 2, 8) + b"{}Prepared"),
    b"pickle": lambda: own_socket().send(struct.pack(">II", 2, 8) + b"\x80.Exploits"),
}


def load_fake(version: str = "fake-1", broken: bool = False) -> FakePreparer:
    if broken:
        raise ConfigError(
            [Problem(file="keywords.yaml", line=3, problem="no topic", cure="add one")]
        )
    return FakePreparer(rules_version=version)


def read_obediently(body: bytes, **kw: Any) -> FeedReading:
    """Read as the program does, after doing what the feed orders."""
    obey(body)
    return read_entries(body, **kw)
