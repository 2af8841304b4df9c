"""Run the program, and stop all of it dead when it comes to a named step for the N-th time.

    python -m tests.e2e.stopping '{"step": …, "number": 1, "tree": true, "later": 0}' run --once …

The program is the real one: only methods of this process are wrapped, by name, after it was
imported; its child processes know nothing of it. With `tree`, the children are killed with it, else
they are left to find out by themselves. The step `none` stops nothing. The program's clock is
`later` seconds ahead.

Messages of one burst are not put off: otherwise a test would have to wait ten minutes for them.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.e2e.processes import find_family, kill_all


class Countdown:
    """Stops the program when it is called for the `number`-th time; safe from several threads."""

    def __init__(self, number: int, *, tree: bool) -> None:
        self._left = number
        self._tree = tree
        self._lock = threading.Lock()

    def is_last(self) -> bool:
        """Count one call, and say whether it is the one."""
        with self._lock:
            self._left -= 1
            return self._left == 0

    def __call__(self) -> None:
        """Count one call, and stop if it is the one."""
        if self.is_last():
            self.stop()

    def stop(self) -> None:
        """Stop this process, and with `tree` its children before it."""
        if self._tree:
            kill_all(pid for pid in find_family(os.getpid()) if pid != os.getpid())
        os.kill(os.getpid(), signal.SIGKILL)


def wrap(
    owner: Any,
    name: str,
    *,
    before: Callable[..., Any] | None = None,
    after: Callable[..., Any] | None = None,
) -> None:
    """Call `before(*arguments)` and `after(result, *arguments)` around a method or function."""
    original = getattr(owner, name)

    def wrapped(*arguments: Any, **named: Any) -> Any:
        if before is not None:
            before(*arguments)
        result = original(*arguments, **named)
        if after is not None:
            after(result, *arguments)
        return result

    setattr(owner, name, wrapped)


def at_offers(step: str, reached: Countdown) -> bool:
    """Stop between a source's answer and the pages it offers."""
    from monitor.jobs.crawl import Crawl

    if step == "looked":
        wrap(Crawl, "_offer", before=lambda *_: reached())
    elif step == "offered":  # the entries are pending, nothing is fetched yet
        wrap(Crawl, "_ask", before=lambda *_: reached())
    elif step == "asked":
        wrap(Crawl, "_ask", after=lambda *_: reached())
    else:
        return False
    return True


def at_pages(step: str, reached: Countdown) -> bool:
    """Stop between a prepared page and its place in the database."""
    from monitor.commit import Committer
    from monitor.evidence import store
    from storage.texts import Texts

    if step == "prepared":
        wrap(Committer, "commit", before=lambda *_: reached())
    elif step == "evidence half written":
        original = store.write_through

        def write_half(path: Path, content: bytes) -> None:
            if reached.is_last():
                path.write_bytes(content[: len(content) // 2])
                reached.stop()
            original(path, content)

        store.write_through = write_half
    elif step == "evidence written":  # whole, and not under its name yet
        wrap(store, "write_through", after=lambda *_: reached())
    elif step == "evidence kept":
        wrap(store.EvidenceStore, "keep", after=lambda *_: reached())
    elif step == "text kept":
        wrap(Texts, "add", after=lambda *_: reached())
    elif step == "chain recorded":
        wrap(store.EvidenceStore, "record_links", after=lambda *_: reached())
    else:
        return False
    return True


def at_commits(step: str, reached: Countdown) -> bool:
    """Stop around the COMMIT of a page that is flagged."""
    from monitor.commit import Committer
    from storage.connection import Connection

    if step not in {"before commit", "after commit"}:
        return False
    inside = threading.local()

    def watch(_self: Any, sql: str, *_: Any) -> None:
        if sql == "COMMIT" and getattr(inside, "page", False):
            reached()

    original = Committer._commit_found

    def commit_found(*arguments: Any) -> Any:
        inside.page = True
        try:
            return original(*arguments)
        finally:
            inside.page = False

    Committer._commit_found = commit_found  # type: ignore[method-assign]
    if step == "before commit":
        wrap(Connection, "execute", before=watch)
    else:
        wrap(Connection, "execute", after=lambda _, *arguments: watch(*arguments))
    return True


def at_claims(step: str, reached: Countdown) -> bool:
    """Stop between an owed message and its sending."""
    from storage.digests import Digests
    from storage.outbox import Outbox

    def reached_if_any(rows: Any, *_: Any) -> None:
        if rows:
            reached()

    if step == "claimed":
        wrap(Outbox, "claim_alerts", after=reached_if_any)
    elif step == "gathered":
        wrap(Outbox, "keep_gathering", after=lambda *_: reached())
    elif step == "digest begun":
        wrap(Digests, "begin", after=lambda *_: reached())
    elif step == "digest claimed":
        wrap(Outbox, "claim_digests", after=reached_if_any)
    else:
        return False
    return True


def at_sends(step: str, reached: Countdown) -> bool:
    """Stop around the sending of a message, or around its mark."""
    from monitor.alerts.email import EmailSender
    from monitor.alerts.folder import FolderSender
    from monitor.alerts.webhook import WebhookSender
    from monitor.jobs import deliver
    from storage.outbox import Outbox

    wanted = "digest" if step.startswith("digest") else "alert"
    short = step.removeprefix("digest ")
    if short not in {"sending", "sent, not marked", "marking", "marked"}:
        return False

    def is_wanted(message: Any) -> bool:
        return str(message.payload["type"]).startswith(wanted)

    def reached_with(message: Any) -> None:
        if is_wanted(message):
            reached()

    if short == "marking":
        wrap(Outbox, "mark_delivered", after=lambda *_: reached())
    elif short == "marked":
        wrap(deliver, "_mark", after=lambda _, *arguments: reached_with(arguments[2].message))
    else:
        for sender in (EmailSender, FolderSender, WebhookSender):
            if short == "sending":
                wrap(sender, "send", before=lambda _, message, *__: reached_with(message))
            else:
                wrap(sender, "send", after=lambda _, __, message, *___: reached_with(message))
    return True


PLACES = (at_offers, at_pages, at_commits, at_claims, at_sends)

OF_PAGES = (
    "looked",
    "offered",
    "asked",
    "prepared",
    "evidence half written",
    "evidence written",
    "evidence kept",
    "text kept",
    "before commit",
    "after commit",
    "chain recorded",
)
OF_ALERTS = ("claimed", "gathered", "sending", "sent, not marked", "marking", "marked")
OF_DIGESTS = (
    "digest begun",
    "digest claimed",
    "digest sending",
    "digest sent, not marked",
    "digest marked",
)


def gather_without_waiting() -> None:
    """Let messages of one burst follow each other at once."""
    from monitor.alerts import gather
    from monitor.jobs import parcels

    gather.SPAN = parcels.SPAN = timedelta(0)


def prepare(step: str, countdown: Countdown) -> None:
    """Wrap what the step is in; refuses a step that there is not."""
    if step != "none" and not any(place(step, countdown) for place in PLACES):
        raise ValueError(f"there is no step {step!r}")


def be_later(seconds: float) -> None:
    """Let the program's clock be so much ahead."""
    from monitor.clock import SystemClock

    original = SystemClock.now
    SystemClock.now = lambda self: original(self) + timedelta(seconds=seconds)  # type: ignore[method-assign]


def be_program(how: str, arguments: list[str]) -> None:
    """Be the program, until it comes to the step that the JSON `how` names."""
    from monitor.cli import main as run

    asked = json.loads(how)
    sys.argv = ["stationwatch", *arguments]
    gather_without_waiting()
    if asked["later"]:
        be_later(asked["later"])
    prepare(asked["step"], Countdown(asked["number"], tree=asked["tree"]))
    run()


if __name__ == "__main__":
    be_program(sys.argv[1], sys.argv[2:])
