"""Webhooks against a real receiver that verifies with the specification's own library."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from monitor.alerts.webhook import WebhookSender, find_retry_after, read_secret
from monitor.errors import DeliveryFailed
from monitor.model.delivery import Message, WebhookChannel
from monitor.render.alert import render_alert
from monitor.render.digest import render_digest
from monitor.render.notice import render_notice, render_test
from monitor.render.plain import plain_alert, plain_digest
from tests.fakes.hook import OTHER_SECRET, SECRET, Answer, Hook
from tests.render.samples import EN, IT, NOW, TOPICS, ZH, digest, owed, subscriber


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as receiver:
        yield receiver


def message() -> Message:
    return render_alert([owed("zh", ZH, language="zh", others=2)], subscriber(), topics=TOPICS)


def sender(hook: Hook, **changes: Any) -> WebhookSender:
    values: dict[str, Any] = {
        "url": hook.url,
        "secrets": (SECRET,),
        "allow_private": (hook.place,),
        **changes,
    }
    return WebhookSender(WebhookChannel(**values))


def test_alert_arrives_signed_and_follows_its_schema(hook: Hook, root: Path) -> None:
    sent = message()
    receipt = sender(hook).send(sent, deadline=10)
    assert receipt.response == "200 ok"
    [post] = hook.posts
    assert post.problem is None
    assert post.headers["webhook-id"] == sent.id
    assert post.payload["data"]["alerts"][0]["article"]["title"] == ZH[0]
    passage = post.payload["data"]["alerts"][0]["matches"][0]["passages"][0]
    assert ZH[1][passage["start"] : passage["end"]] == passage["text"]


def test_https_is_verified(tmp_path: Path) -> None:
    with Hook(tls=True) as hook:
        with pytest.raises(DeliveryFailed, match="certificate is not believed") as failure:
            sender(hook).send(message(), deadline=10)
        assert failure.value.needs_person
        assert hook.posts == []
        sender(hook, ca_file=hook.ca_file(tmp_path)).send(message(), deadline=10)
        assert len(hook.unique) == 1


@pytest.mark.parametrize("known", [SECRET, OTHER_SECRET])
def test_two_secrets_in_rotation_satisfy_receivers_of_either(known: str) -> None:
    """E7."""
    with Hook(secret=known) as hook:
        sender(hook, secrets=(OTHER_SECRET, SECRET)).send(message(), deadline=10)
        assert hook.posts[0].problem is None


def test_wrong_secret_is_told_by_the_receiver() -> None:
    with Hook(secret=OTHER_SECRET) as hook:
        sender(hook).send(message(), deadline=10)
        assert hook.posts[0].problem is not None


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_2xx_is_success(status: int, hook: Hook) -> None:
    """E5."""
    hook.answers.append(Answer(status=status, body=b""))
    assert sender(hook).send(message(), deadline=10).response == str(status)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 502, 503, 504])
def test_other_statuses_are_failures_to_be_tried_again(status: int, hook: Hook) -> None:
    """E5: the specification tries everything again but a 410."""
    hook.answers.append(Answer(status=status, body=b"no \x1b[31m"))
    with pytest.raises(DeliveryFailed, match=str(status)) as failure:
        sender(hook).send(message(), deadline=10)
    assert not failure.value.permanent
    assert "\x1b" not in str(failure.value)


def test_410_disables_the_webhook(hook: Hook) -> None:
    hook.answers.append(Answer(status=410))
    with pytest.raises(DeliveryFailed) as failure:
        sender(hook).send(message(), deadline=10)
    assert failure.value.permanent
    assert failure.value.disable


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_a_failure_and_is_not_followed(status: int, hook: Hook) -> None:
    """E6: apprise and requests would have followed a 307 with body and headers."""
    with Hook() as inside:
        hook.answers.append(Answer(status=status, headers={"Location": inside.url}))
        channel = sender(hook, allow_private=(hook.place, inside.place))
        with pytest.raises(DeliveryFailed, match="redirects are not followed"):
            channel.send(message(), deadline=10)
        assert inside.connections == 0


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::ffff:127.0.0.1]:{port}/"],
)
def test_private_address_gets_nothing(url: str, hook: Hook) -> None:
    """E6, P6: no body is sent."""
    port = hook.place.split(":")[1]
    with pytest.raises(DeliveryFailed) as failure:
        sender(hook, url=url.format(port=port), allow_private=()).send(message(), deadline=10)
    assert failure.value.needs_person
    assert hook.connections == 0


def test_retry_after_is_passed_on(hook: Hook) -> None:
    hook.answers.append(Answer(status=429, headers={"Retry-After": "120"}))
    before = datetime.now(UTC)
    with pytest.raises(DeliveryFailed) as failure:
        sender(hook).send(message(), deadline=10)
    assert failure.value.retry_at is not None
    assert failure.value.retry_at >= before + timedelta(seconds=119)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        ("9" * 30, 10**9),
        (format_datetime(NOW + timedelta(hours=1), usegmt=True), 3600),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), None),
        ("-5", None),
        ("soon", None),
        ("١٢", None),
        ("", None),
        ("Fri, 99 Foo 2026", None),
    ],
)
def test_retry_after_forms_are_read(value: str, seconds: int | None) -> None:
    """C4: seconds, date, absurd, negative."""
    found = find_retry_after((("Retry-After", value),), now=NOW)
    assert found == (None if seconds is None else NOW + timedelta(seconds=seconds))


def test_endless_reply_is_cut_and_is_still_a_success(hook: Hook) -> None:
    """E5: of a gigabyte, 64 kB are read."""
    hook.answers.append(Answer(act="endless"))
    assert sender(hook).send(message(), deadline=20).response.startswith("200 x")


def test_dripping_reply_ends_with_the_deadline(hook: Hook) -> None:
    """E5, P5."""
    hook.answers.append(Answer(act="drip"))
    began = time.monotonic()
    with pytest.raises(DeliveryFailed):
        sender(hook).send(message(), deadline=1)
    assert time.monotonic() - began < 10


def test_closed_connection_is_tried_again_with_the_same_id(hook: Hook) -> None:
    hook.answers.append(Answer(act="close"))
    channel = sender(hook)
    with pytest.raises(DeliveryFailed):
        channel.send(message(), deadline=10)
    channel.send(message(), deadline=10)
    assert len(hook.posts) == 2
    assert len(hook.unique) == 1


@pytest.mark.parametrize("secret", ["whsec_", "whsec_c2hvcnQ=", "whsec_!!!!", "whsec_" + "A" * 200])
def test_bad_secret_is_refused_without_repeating_it(secret: str) -> None:
    with pytest.raises(ValueError, match="webhook's secret") as error:
        read_secret(secret)
    assert secret.removeprefix("whsec_") == "" or secret not in str(error.value)


@pytest.mark.parametrize("secrets", [(), ("whsec_short",), (SECRET, "whsec_!")])
def test_webhook_without_good_secrets_sends_nothing(secrets: tuple[str, ...], hook: Hook) -> None:
    with pytest.raises(DeliveryFailed) as failure:
        sender(hook, secrets=secrets).send(message(), deadline=10)
    assert failure.value.needs_person
    assert hook.connections == 0


def every_message() -> list[Message]:
    reader = subscriber()
    several = [owed("a", EN, others=3), owed("b", IT, language="it"), owed("c", ZH)]
    return [
        message(),
        render_alert(several, reader),
        plain_alert(several, subscriber="duty", message_id="x-1"),
        render_digest(digest(), reader),
        render_digest(digest([]), reader),
        plain_digest(digest()),
        render_test(reader, message_id="test-1", now=NOW),
        render_notice(
            "alarm", reader, message_id="alarm-1", headline="Stopped", lines=("Look.",), now=NOW
        ),
    ]


@pytest.mark.parametrize("place", range(8))
def test_every_payload_follows_the_promised_schema(place: int, root: Path) -> None:
    sent = every_message()[place]
    name = "digest-v1.json" if sent.kind == "digest" else "alert-v1.json"
    schema = json.loads((root / "monitor/alerts/schema" / name).read_text())
    checker = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    checker.check_schema(schema)
    checker.validate(json.loads(json.dumps(dict(sent.payload))))
    assert sent.payload["id"] == sent.id


def test_schema_refuses_a_payload_that_lacks_something(root: Path) -> None:
    schema = json.loads((root / "monitor/alerts/schema/alert-v1.json").read_text())
    payload = json.loads(json.dumps(dict(message().payload)))
    del payload["data"]["alerts"][0]["matches"][0]["score"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(payload, schema)
