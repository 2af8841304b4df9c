"""E7: the receiver example takes what is signed, and refuses replays, changes and wrong ids."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from standardwebhooks.webhooks import Webhook

from monitor.alerts.webhook import WebhookSender, encode
from monitor.model.delivery import WebhookChannel
from tests.alerts.test_webhook import message
from tests.fakes.hook import OTHER_SECRET, SECRET
from tests.fakes.mailbox import free_port


@pytest.fixture
def example(root: Path) -> ModuleType:
    path = root / "examples" / "webhook_receiver.py"
    spec = importlib.util.spec_from_file_location("webhook_receiver", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def signed(*, at: datetime, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
    body = encode(message())
    return body.encode(), {
        "webhook-id": "one",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("one", at, body),
    }


def test_signed_request_is_taken(example: ModuleType) -> None:
    now = datetime.now(UTC)
    body, headers = signed(at=now)
    assert example.verify(body, headers, [OTHER_SECRET, SECRET], now=now.timestamp()) == "one"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_replay_after_five_minutes_is_refused(minutes: int, example: ModuleType) -> None:
    now = datetime.now(UTC)
    body, headers = signed(at=now + timedelta(minutes=minutes))
    with pytest.raises(example.Refused, match="too old"):
        example.verify(body, headers, [SECRET], now=now.timestamp())


@pytest.mark.parametrize("change", ["body", "id", "time", "signature", "missing", "secret"])
def test_tampered_request_is_refused(change: str, example: ModuleType) -> None:
    now = datetime.now(UTC)
    body, headers = signed(at=now)
    secrets = [SECRET]
    match change:
        case "body":
            body += b" "
        case "id":
            headers["webhook-id"] = "two"
        case "time":
            headers["webhook-timestamp"] = str(int(now.timestamp()) - 1)
        case "signature":
            headers["webhook-signature"] = headers["webhook-signature"][:-5] + "AAAA="
        case "missing":
            del headers["webhook-signature"]
        case "secret":
            secrets = [OTHER_SECRET]
    with pytest.raises(example.Refused):
        example.verify(body, headers, secrets, now=now.timestamp())


@pytest.fixture
def port(root: Path) -> Iterator[int]:
    number = free_port()
    process = subprocess.Popen(
        [sys.executable, str(root / "examples/webhook_receiver.py"), str(number)],
        env={"WEBHOOK_SECRETS": f"{OTHER_SECRET} {SECRET}", "PATH": ""},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(process.stdout or ()), daemon=True)
    reader.start()
    _PRINTED[number] = lines
    yield number
    process.terminate()
    process.wait(10)
    reader.join(5)
    process.stdout.close()


_PRINTED: dict[int, list[str]] = {}


def test_running_receiver_acts_once_on_a_message_sent_twice(port: int) -> None:
    channel = WebhookChannel(
        url=f"http://127.0.0.1:{port}/", secrets=(SECRET,), allow_private=(f"127.0.0.1:{port}",)
    )
    sender = WebhookSender(channel)
    sent = message()
    for _ in range(100):
        try:
            sender.send(sent, deadline=10)
            break
        except Exception:
            time.sleep(0.05)
    assert sender.send(sent, deadline=10).response == "200 ok"
    for _ in range(100):
        printed = "".join(_PRINTED[port])
        if printed.rstrip().endswith("}"):
            break
        time.sleep(0.05)
    assert json.loads(printed)["id"] == sent.id
