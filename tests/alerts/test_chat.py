"""Chat through Apprise in its guarded child, against a local receiver."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.alerts.chat import ChatSender
from monitor.errors import DeliveryFailed
from monitor.model.delivery import ChatChannel, Message
from monitor.render.alert import render_alert
from monitor.render.chat import chat_text, inert
from tests.fakes.hook import Answer, Hook
from tests.render.samples import EN, TOPICS, ZH, owed, subscriber


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as receiver:
        yield receiver


def message() -> Message:
    return render_alert([owed("zh", ZH, language="zh")], subscriber(), topics=TOPICS)


def sender(hook: Hook, *, service: str = "json", path: str = "/hook", **changes: Any) -> ChatSender:
    values: dict[str, Any] = {
        "url": f"{service}://{hook.place}{path}",
        "allow_private": (hook.place,),
        **changes,
    }
    return ChatSender(ChatChannel(**values))


def test_message_arrives_as_text(hook: Hook) -> None:
    receipt = sender(hook).send(message(), deadline=20)
    assert receipt.response == "200"
    [post] = hook.posts
    said = json.loads(post.body)
    assert ZH[0] in said["title"]
    assert "https://news.example.org/zh/" in said["message"]


def test_slack_like_service_arrives(hook: Hook) -> None:
    """Mattermost's own form, through Apprise's own code."""
    sender(hook, service="mmost", path="/abcdefghijklmnopqrstuvwxyz").send(message(), deadline=20)
    [post] = hook.posts
    assert post.path == "/hooks/abcdefghijklmnopqrstuvwxyz"
    assert ZH[0] in json.loads(post.body)["text"]


def test_ntfy_over_https_is_verified(tmp_path: Path) -> None:
    with Hook(tls=True) as hook:
        with pytest.raises(DeliveryFailed):
            sender(hook, service="ntfys", path="/topic?verify=no").send(message(), deadline=20)
        assert hook.posts == []
        sender(hook, service="ntfys", path="/topic", ca_file=hook.ca_file(tmp_path)).send(
            message(), deadline=20
        )
        assert hook.posts


@pytest.mark.parametrize("option", ["", "?redirect=yes"])
def test_redirect_is_not_followed_whatever_the_address_says(option: str, hook: Hook) -> None:
    """E6: with its own settings Apprise follows a 307 with body and headers."""
    with Hook() as inside:
        hook.answers.append(Answer(status=307, headers={"Location": inside.url}))
        channel = sender(hook, path=f"/hook{option}", allow_private=(hook.place, inside.place))
        with pytest.raises(DeliveryFailed, match="redirects are not followed"):
            channel.send(message(), deadline=20)
        assert inside.connections == 0


@pytest.mark.parametrize("service", ["json", "jsons"])
def test_private_address_is_refused(service: str, hook: Hook) -> None:
    """E6, P6."""
    with pytest.raises(DeliveryFailed, match=r"machine or its network") as failure:
        sender(hook, service=service, allow_private=()).send(message(), deadline=20)
    assert failure.value.needs_person
    assert hook.connections == 0


def test_clear_text_goes_to_named_private_places_only() -> None:
    channel = ChatSender(ChatChannel(url="json://chat.example.org/hook"))
    with pytest.raises(DeliveryFailed, match="over https only") as failure:
        channel.send(message(), deadline=20)
    assert failure.value.needs_person


def test_name_that_leads_inside_is_refused(hook: Hook) -> None:
    """C1: the address that is connected to is the one that is checked."""
    inner = f"localhost.example.org:{hook.place.split(':')[1]}"
    order = {
        "url": f"json://{inner}/hook",
        "title": "t",
        "body": "b",
        "allow_private": [inner],
        "ca_file": None,
        "memory": 1 << 30,
    }
    code = (
        "import socket, sys\n"
        "real = socket.getaddrinfo\n"
        "def lie(host, port, *rest, **more):\n"
        "    return real('127.0.0.1', port, *rest, **more)\n"
        "socket.getaddrinfo = lie\n"
        "from monitor.alerts import chat_child\n"
        "if sys.argv[1] == 'inside':\n"
        "    chat_child.Guard._is_named = lambda *_: True\n"
        "chat_child.main()\n"
    )

    def ask(**changes: object) -> dict[str, object]:
        done = subprocess.run(
            [sys.executable, "-c", code, "inside"],
            input=json.dumps({**order, **changes}).encode(),
            stdout=subprocess.PIPE,
            check=False,
            timeout=30,
        )
        found: dict[str, object] = json.loads(done.stdout)
        return found

    refused = ask(allow_private=[])
    assert "not a public address" in str(refused["refused"])
    assert hook.connections == 0
    assert ask()["ok"] is True  # the same lie, where a setting names the place


def test_dripping_service_is_killed_at_the_deadline(hook: Hook) -> None:
    """P5."""
    hook.answers.append(Answer(act="drip"))
    began = time.monotonic()
    with pytest.raises(DeliveryFailed, match="not done within 3 s"):
        sender(hook).send(message(), deadline=3)
    assert time.monotonic() - began < 20


def test_endless_reply_does_not_take_this_process_along(hook: Hook) -> None:
    hook.answers.append(Answer(act="endless"))
    with pytest.raises(DeliveryFailed):
        sender(hook).send(message(), deadline=10)


@pytest.mark.parametrize(("status", "person"), [(500, False), (404, True), (401, True)])
def test_status_is_told(status: int, person: bool, hook: Hook) -> None:
    hook.answers.append(Answer(status=status))
    with pytest.raises(DeliveryFailed, match=str(status)) as failure:
        sender(hook).send(message(), deadline=20)
    assert failure.value.needs_person is person
    assert not failure.value.permanent


def test_retry_after_is_passed_on(hook: Hook) -> None:
    hook.answers.append(Answer(status=429, headers={"Retry-After": "600"}))
    before = datetime.now(UTC)
    with pytest.raises(DeliveryFailed) as failure:
        sender(hook).send(message(), deadline=20)
    assert failure.value.retry_at is not None
    assert failure.value.retry_at >= before + timedelta(seconds=599)


@pytest.mark.parametrize(
    "url", ["syslog://", "mailto://a:b@example.org", "dbus://", "x", "https://x/"]
)
def test_service_that_does_more_than_http_is_refused(url: str) -> None:
    with pytest.raises(DeliveryFailed, match="none of the services") as failure:
        ChatSender(ChatChannel(url=url)).send(message(), deadline=20)
    assert failure.value.needs_person


def test_address_that_apprise_does_not_understand_wants_a_person() -> None:
    with pytest.raises(DeliveryFailed, match="not understood") as failure:
        ChatSender(ChatChannel(url="slack://x")).send(message(), deadline=20)
    assert failure.value.needs_person


def test_secret_is_in_no_message(hook: Hook) -> None:
    """H1: neither in errors, nor in the process list, nor in the channel shown."""
    channel = ChatChannel(
        url=f"json://user:canary-secret@{hook.place}/hook", allow_private=(hook.place,)
    )
    hook.answers.append(Answer(status=500))
    with pytest.raises(DeliveryFailed) as failure:
        ChatSender(channel).send(message(), deadline=20)
    assert "canary-secret" not in str(failure.value) + repr(channel)
    assert len(hook.posts) == 1


def test_mentions_and_disguised_links_are_inert() -> None:
    line = inert("<!channel> @everyone [bank](http://evil.example/@x) ||hidden|| <@U1>")
    assert "<" not in line
    assert "@everyone" not in line
    assert "](" not in line
    assert "http://evil.example/@x" in line


def test_long_text_is_cut_and_the_rest_counted() -> None:
    many = render_alert([owed(f"n{n}", EN) for n in range(300)], subscriber(), topics=TOPICS)
    text = chat_text(many)
    assert len(text) < 6_300
    assert "more lines of 300 reports" in text
