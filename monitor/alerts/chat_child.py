"""The process that Apprise runs in: it may speak HTTP to checked addresses, and nothing else.

Reads one JSON order from standard input and writes one JSON answer to standard output:
`{"ok", "status", "retry_after", "refused", "problem", "needs_person"}`.
"""

from __future__ import annotations

import ipaddress
import json
import os
import resource
import socket
import sys
import threading
from typing import Any

import apprise
import requests

from monitor.egress import Allowance, Target, check_address, check_url, parse_allowance
from monitor.errors import EgressRefused


class Guard:
    """What the sockets of this process may do, and what the requests through it came to.

    A connection is allowed only while a checked request is under way, and only to an address that
    is checked against that request's host; so neither a redirect nor a name that resolves to an
    inner address gets anywhere.
    """

    def __init__(self, allow: Allowance, ca_file: str | None) -> None:
        self.refused: str | None = None
        self.status: int | None = None
        self.retry_after: str | None = None
        self._allow = allow
        self._ca_file = ca_file
        self._now = threading.local()

    def install(self) -> None:
        """Replace connecting and sending in this process; it is never undone."""
        connect = socket.socket.connect
        guard = self

        def guarded(this: socket.socket, address: Any) -> None:
            guard.check(this, address)
            connect(this, address)

        def refuse(this: socket.socket, *_: Any) -> int:
            raise EgressRefused("while sending to a chat: only HTTP is spoken")

        send = requests.Session.send

        def guarded_send(this: Any, request: Any, **options: Any) -> Any:
            return guard.send(this, request, options, send)

        replaced: list[tuple[type, str, Any]] = [
            (socket.socket, "connect", guarded),
            (requests.Session, "send", guarded_send),
        ]
        replaced += [
            (socket.socket, name, refuse) for name in ("connect_ex", "sendto", "bind", "listen")
        ]
        for owner, name, function in replaced:
            setattr(owner, name, function)

    def check(self, this: socket.socket, address: Any) -> None:
        """Refuse to connect anywhere but to the host of the request under way."""
        target: Target | None = getattr(self._now, "target", None)
        if target is None or this.family not in (socket.AF_INET, socket.AF_INET6):
            raise EgressRefused("while sending to a chat: a connection outside of any request")
        try:
            check_address(
                str(address[0]).split("%")[0], self._allow, host=target.host, port=address[1]
            )
        except EgressRefused as error:
            self.refused = str(error)
            raise

    def send(self, session: Any, request: Any, options: dict[str, Any], send: Any) -> Any:
        """Send one request: checked, verified, without proxy, and never redirected."""
        try:
            target = check_url(str(request.url), self._allow)
            if target.scheme == "http" and not self._is_named(target):
                raise EgressRefused(
                    f"while sending to {target.host!r}: chats are spoken to over https only"
                )
        except EgressRefused as error:
            self.refused = str(error)
            raise
        session.trust_env = False
        options.update(allow_redirects=False, proxies={}, verify=self._ca_file or True)
        self._now.target = target
        try:
            response = send(session, request, **options)
        finally:
            self._now.target = None
        self.status = int(response.status_code)
        self.retry_after = response.headers.get("Retry-After")
        return response

    def _is_named(self, target: Target) -> bool:
        """Return whether a setting names this private place, where clear text may go."""
        try:
            address = ipaddress.ip_address(target.host)
        except ValueError:
            named = {(target.host, target.port), (target.host, None)}
            return bool(named & self._allow.hosts)
        return self._allow.allows(address, host=target.host, port=target.port)


def notify(order: dict[str, Any], guard: Guard) -> dict[str, Any]:
    """Hand the order to Apprise and return the answer."""
    asset = apprise.AppriseAsset(
        http_redirects=False,
        storage_mode="memory",
        app_id="",
        app_desc="",
        app_url="",
        image_url_mask="",
        image_url_logo="",
    )
    service = apprise.Apprise.instantiate(order["url"], asset=asset)
    if service is None:
        return {"problem": "the chat channel's address is not understood", "needs_person": True}
    service.overflow_mode = apprise.OverflowMode.SPLIT
    fleet = apprise.Apprise(asset=asset)
    fleet.add(service)
    ok = bool(
        fleet.notify(
            title=order["title"], body=order["body"], body_format=apprise.NotifyFormat.TEXT
        )
    )
    return {
        "ok": ok and guard.refused is None and _is_success(guard.status),
        "status": guard.status,
        "retry_after": guard.retry_after,
        "refused": guard.refused,
    }


def _is_success(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def main() -> None:
    """Read the order, do it, answer; nothing else reaches standard output."""
    answer_to = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints is dropped
    order = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (order["memory"], order["memory"]))
    guard = Guard(parse_allowance(order["allow_private"]), order["ca_file"])
    guard.install()
    try:
        answer = notify(order, guard)
    except Exception as error:  # one delivery; Apprise's words may hold the secret
        answer = {"problem": f"the chat failed with {type(error).__name__}"}
        if guard.refused:
            answer = {"refused": guard.refused}
    os.write(answer_to, json.dumps(answer).encode())


if __name__ == "__main__":
    main()
