"""Mail over a real SMTP server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.alerts.email import EmailSender
from monitor.errors import DeliveryFailed
from monitor.model.delivery import Message
from monitor.render.alert import render_alert
from tests.fakes.mailbox import Mailbox, Wire
from tests.render.samples import TOPICS, ZH, mail_channel, owed, subscriber


def message(**changes: Any) -> Message:
    reader = subscriber(channel=mail_channel(**changes))
    return render_alert([owed("zh", ZH, language="zh")], reader, topics=TOPICS)


def sender(box: Mailbox, tmp_path: Path, **changes: Any) -> EmailSender:
    values = {"host": "localhost", "port": box.port, "ca_file": box.ca_file(tmp_path), **changes}
    return EmailSender(mail_channel(**values), data=tmp_path)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with Mailbox() as server:
        yield server


def test_mail_over_starttls_arrives_with_text_first_and_html(box: Mailbox, tmp_path: Path) -> None:
    sent = message()
    receipt = sender(box, tmp_path).send(sent, deadline=10)
    assert receipt.response == "250 taken"
    [got] = box.received
    assert got.tls
    assert [part.get_content_type() for part in got.mail.iter_parts()] == [
        "text/plain",
        "text/html",
    ]
    text = got.mail.get_body(("plain",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == sent.text
    assert got.mail["Subject"] == sent.subject
    assert got.mail["Message-ID"] == f"<{sent.id}@example.org>"
    assert got.mail["References"] == f"<story-{sent.references[0]}@example.org>"


def test_mail_over_tls_from_the_first_byte_arrives(tmp_path: Path) -> None:
    with Mailbox(implicit_tls=True) as box:
        sender(box, tmp_path, security="tls").send(message(), deadline=10)
        assert len(box.received) == 1


def test_mail_without_tls_goes_to_loopback_only(tmp_path: Path) -> None:
    with Mailbox(tls=False) as box:
        sender(box, tmp_path, security="none").send(message(), deadline=10)
        assert len(box.received) == 1


def test_one_click_unsubscribe_is_offered_where_a_url_is_configured(
    box: Mailbox, tmp_path: Path
) -> None:
    url = "https://example.org/unsubscribe?u=1"
    sender(box, tmp_path).send(message(unsubscribe_url=url), deadline=10)
    [got] = box.received
    assert got.mail["List-Unsubscribe"] == f"<{url}>"
    assert got.mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_neutral_subject_tells_nothing(box: Mailbox, tmp_path: Path) -> None:
    sender(box, tmp_path, neutral_subject=True).send(message(), deadline=10)
    [got] = box.received
    assert got.mail["Subject"] == "New message"


def test_same_message_twice_is_the_same_bytes(box: Mailbox, tmp_path: Path) -> None:
    """E3: a duplicate carries the same Message-ID."""
    channel = sender(box, tmp_path)
    channel.send(message(), deadline=10)
    channel.send(message(), deadline=10)
    first, second = box.received
    assert first.raw == second.raw


def test_login_is_used_over_tls_only(tmp_path: Path) -> None:
    with Mailbox(user="watch", password="right") as box, Wire(box.port) as wire:
        channel = sender(box, tmp_path, port=wire.port, username="watch", password="right")
        channel.send(message(), deadline=10)
        assert len(box.received) == 1
        assert b"AUTH" not in wire.clear_text
        assert b"right" not in wire.clear_text


def test_refused_login_says_so_and_wants_a_person(tmp_path: Path) -> None:
    """E4: AUTH refused."""
    with Mailbox(user="watch", password="right") as box:
        channel = sender(box, tmp_path, username="watch", password="wrong")
        with pytest.raises(DeliveryFailed, match="refuses the login: 535") as failure:
            channel.send(message(), deadline=10)
    assert failure.value.needs_person
    assert not failure.value.permanent
    assert "wrong" not in str(failure.value)


def test_stripped_starttls_never_falls_back_to_clear_text(box: Mailbox, tmp_path: Path) -> None:
    """E4: somebody on the way removes STARTTLS."""
    with Wire(box.port, strip_starttls=True) as wire:
        channel = sender(box, tmp_path, port=wire.port)
        with pytest.raises(DeliveryFailed, match="offers no STARTTLS") as failure:
            channel.send(message(), deadline=10)
        assert b"MAIL" not in wire.clear_text
    assert failure.value.needs_person
    assert box.received == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_certificate_of_another_name_is_refused(security: str, tmp_path: Path) -> None:
    """E4, C2: bad certificate."""
    with Mailbox(certificate_for="other.example", implicit_tls=security == "tls") as box:
        with pytest.raises(DeliveryFailed, match="not believed") as failure:
            sender(box, tmp_path, security=security).send(message(), deadline=10)
        assert failure.value.needs_person
        assert box.received == []


def test_certificate_of_an_unknown_authority_is_refused(box: Mailbox, tmp_path: Path) -> None:
    with pytest.raises(DeliveryFailed, match="not believed"):
        sender(box, tmp_path, ca_file=None).send(message(), deadline=10)


@pytest.mark.parametrize("answer", ["421 later", "450 busy", "451 greylisted", "452 full"])
def test_4xx_for_a_recipient_is_tried_again(answer: str, box: Mailbox, tmp_path: Path) -> None:
    """E1."""
    box.behaviour.rcpt["officer@example.org"] = answer
    with pytest.raises(DeliveryFailed, match=answer) as failure:
        sender(box, tmp_path).send(message(), deadline=10)
    assert not failure.value.permanent


@pytest.mark.parametrize("answer", ["550 nobody here", "552 too big", "554 no"])
@pytest.mark.parametrize("at", ["rcpt", "data"])
def test_5xx_about_a_mail_is_final(answer: str, at: str, box: Mailbox, tmp_path: Path) -> None:
    """E1."""
    if at == "rcpt":
        box.behaviour.rcpt["officer@example.org"] = answer
    else:
        box.behaviour.after_data.append(answer)
    with pytest.raises(DeliveryFailed, match=answer) as failure:
        sender(box, tmp_path).send(message(), deadline=10)
    assert failure.value.permanent


def test_5xx_about_the_sender_is_for_a_person_and_not_final(box: Mailbox, tmp_path: Path) -> None:
    box.behaviour.mail_from = "550 sender not allowed"
    with pytest.raises(DeliveryFailed, match="550 sender not allowed") as failure:
        sender(box, tmp_path).send(message(), deadline=10)
    assert failure.value.needs_person
    assert not failure.value.permanent


def test_refused_recipients_are_tracked_singly(box: Mailbox, tmp_path: Path) -> None:
    """E2: the others get it once, the greylisted one at the retry, the refused one never."""
    everyone = "a@example.org, b@example.org, c@example.org"
    box.behaviour.rcpt = {"b@example.org": "451 greylisted", "c@example.org": "550 nobody"}
    channel = sender(box, tmp_path, to=everyone)
    with pytest.raises(DeliveryFailed, match="1 of 3 have it") as first:
        channel.send(message(), deadline=10)
    assert not first.value.permanent
    del box.behaviour.rcpt["b@example.org"]
    box.handler.commands.clear()
    with pytest.raises(DeliveryFailed, match=r"2 of 3 have it; c@example\.org: 550") as second:
        channel.send(message(), deadline=10)
    assert second.value.permanent
    assert [command for command in box.handler.commands if command.startswith("RCPT")] == [
        "RCPT b@example.org"
    ]
    assert [got.recipients for got in box.received] == [["a@example.org"], ["b@example.org"]]
    assert [str(got.mail["To"]) for got in box.received] == ["a@example.org", "b@example.org"]
    assert list((tmp_path / "mail-reached").iterdir()) == []


def test_dripping_server_ends_with_the_deadline(box: Mailbox, tmp_path: Path) -> None:
    """E4, P5: a byte every 0.2 s would hold smtplib's own time-out for ever."""
    with Wire(box.port, drip=0.2) as wire:
        began = time.monotonic()
        with pytest.raises(DeliveryFailed, match="not done within 1 s"):
            sender(box, tmp_path, port=wire.port).send(message(), deadline=1)
        assert time.monotonic() - began < 10


def test_closed_port_is_tried_again(box: Mailbox, tmp_path: Path) -> None:
    with pytest.raises(DeliveryFailed, match="while talking to the mail server") as failure:
        sender(box, tmp_path, port=1).send(message(), deadline=5)
    assert not failure.value.permanent


def test_server_that_says_too_much_is_left(tmp_path: Path) -> None:
    import socket
    import threading

    listener = socket.create_server(("127.0.0.1", 0))

    def chatter() -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                while True:
                    connection.sendall(b"220-welcome\r\n" * 1000)
            except OSError:
                return

    thread = threading.Thread(target=chatter, daemon=True)
    thread.start()
    channel = EmailSender(
        mail_channel(host="127.0.0.1", port=listener.getsockname()[1]), data=tmp_path
    )
    with pytest.raises(DeliveryFailed, match="said more than 256 kB"):
        channel.send(message(), deadline=20)
    listener.close()
    thread.join(5)


def test_reply_lost_after_the_mail_was_taken_is_a_failure(box: Mailbox, tmp_path: Path) -> None:
    """E3: taken but not known; the retry is the same mail."""
    box.behaviour.drop_after_data = 1
    channel = sender(box, tmp_path)
    with pytest.raises(DeliveryFailed, match="connection was lost"):
        channel.send(message(), deadline=10)
    channel.send(message(), deadline=10)
    first, second = box.received
    assert first.message_id == second.message_id
    assert first.raw == second.raw


@pytest.mark.parametrize(
    "bad", ["", "nobody", "a@b@c d", "jürgen@example.org", "a@example.org\nRCPT TO:<x@y>"]
)
def test_address_that_is_none_wants_a_person(bad: str, box: Mailbox, tmp_path: Path) -> None:
    with pytest.raises(DeliveryFailed) as failure:
        sender(box, tmp_path, to=bad).send(message(), deadline=10)
    assert failure.value.needs_person
    assert box.handler.commands == []


def test_address_in_a_domain_of_another_script_is_written_in_ascii(
    box: Mailbox, tmp_path: Path
) -> None:
    sender(box, tmp_path, to="Büro <post@bücher.example>").send(message(), deadline=10)
    [got] = box.received
    assert got.recipients == ["post@xn--bcher-kva.example"]
    assert got.mail["To"].addresses[0].display_name == "Büro"


def test_secrets_do_not_stand_in_a_channel_when_it_is_shown() -> None:
    """H1."""
    assert "canary-secret" not in repr(mail_channel(password="canary-secret"))
