"""Chat and push services through Apprise, in a child process that is killed at its deadline.

    message ─ chat text ─ JSON on standard input ─ child (guarded sockets) ─ JSON on standard output

Apprise counts time-outs per read, follows redirects with body and headers, and asks no one about
addresses; so it runs alone in a process that may open checked addresses only (FAULTS E6), and that
knows neither our environment nor our home folder.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import monitor
from monitor.alerts.webhook import find_retry_after
from monitor.clock import Clock, SystemClock
from monitor.errors import DeliveryFailed
from monitor.log import get_logger
from monitor.model.delivery import ChatChannel, Message, Receipt
from monitor.render.chat import chat_text, chat_title

log = get_logger("chat")

# Services that speak HTTP; others of Apprise's run programs, write to system buses or logs, or
# open connections of their own. Another one belongs here once it has been seen to behave.
# fmt: off
SERVICES = frozenset((
    "discord", "gchat", "gotify", "gotifys", "json", "jsons", "matrix", "matrixs", "mmost",
    "mmosts", "nctalk", "nctalks", "ntfy", "ntfys", "rocket", "rockets", "signal", "signals",
    "slack", "tgram", "threema", "webex", "workflow", "workflows", "wxteams", "zulip",
))
# fmt: on
LONGEST_ANSWER = 64 * 1024
MEMORY = 1 << 30  # bytes of address space for the child: an endless reply ends there


class ChatSender:
    """Hand messages to one chat or push service."""

    def __init__(self, channel: ChatChannel, *, clock: Clock | None = None) -> None:
        self._channel = channel
        self._clock = clock or SystemClock()

    def send(self, message: Message, *, deadline: float) -> Receipt:
        """Send `message` as text; a long one becomes several chat messages, sent again as a whole.

        A chat knows no idempotency key: a retry after an answer that was lost shows twice.
        """
        service = find_service(self._channel.url)
        if service not in SERVICES:
            raise DeliveryFailed(
                f"while reading a chat channel: {service!r} is none of the services that can be"
                f" used ({', '.join(sorted(SERVICES))})",
                needs_person=True,
            )
        order = {
            "url": self._channel.url,
            "title": chat_title(message),
            "body": chat_text(message),
            "allow_private": list(self._channel.allow_private),
            "ca_file": self._channel.ca_file,
            "memory": MEMORY,
        }
        answer = _ask_child(order, timeout=min(deadline, self._channel.timeout))
        return _judge(answer, now=self._clock.now())


def find_service(url: str) -> str:
    """Return the service an Apprise URL names; whatever else it holds may be secret."""
    scheme, mark, _ = url.partition("://")
    return scheme.lower() if mark and scheme.isalnum() else "?"


def _ask_child(order: dict[str, Any], *, timeout: float) -> dict[str, Any]:
    """Return what the child says; raises DeliveryFailed when it is late, or says nothing."""
    root = str(Path(monitor.__file__).parents[1])
    try:
        done = subprocess.run(  # our own module; the secret goes over a pipe
            [sys.executable, "-s", "-m", "monitor.alerts.chat_child"],
            input=json.dumps(order).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": root, "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C"},
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DeliveryFailed(f"the chat service was not done within {timeout:g} s") from error
    except OSError as error:
        raise DeliveryFailed(f"while starting the chat's child process: {error}") from error
    try:
        answer = json.loads(done.stdout[:LONGEST_ANSWER])
    except ValueError as error:
        raise DeliveryFailed(
            f"the chat's child process ended with status {done.returncode} and no answer"
        ) from error
    if not isinstance(answer, dict):
        raise DeliveryFailed("the chat's child process gave no answer")
    return answer


def _judge(answer: dict[str, Any], *, now: datetime) -> Receipt:
    """Return the receipt, or raise DeliveryFailed with what the service's status means."""
    status = answer.get("status")
    if answer.get("ok"):
        return Receipt(response=f"{status or 'taken'}")
    if answer.get("refused"):
        log.warning("chat refused by address")
        raise DeliveryFailed(str(answer["refused"]), needs_person=True)
    if answer.get("problem"):
        raise DeliveryFailed(str(answer["problem"]), needs_person=bool(answer.get("needs_person")))
    if not isinstance(status, int):
        raise DeliveryFailed("the chat service did not answer")
    if 300 <= status < 400:
        raise DeliveryFailed(f"{status}: redirects are not followed", needs_person=True)
    asked = str(answer.get("retry_after") or "")
    retry_at = find_retry_after((("Retry-After", asked),), now=now)
    if retry_at is not None:
        retry_at = min(retry_at, now + timedelta(days=365))
    raise DeliveryFailed(
        f"the chat service answered {status}",
        retry_at=retry_at,
        needs_person=status in (400, 401, 403, 404, 410),
    )
