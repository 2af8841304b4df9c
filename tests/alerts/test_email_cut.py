"""E3: the SMTP dialogue cut at every byte: nothing lost, duplicates only as the same mail."""

from __future__ import annotations

from pathlib import Path

from monitor.alerts.email import EmailSender
from monitor.errors import DeliveryFailed
from monitor.model.delivery import Message
from tests.fakes.mailbox import Mailbox, Wire
from tests.render.samples import NOW, mail_channel

SMALL = Message(
    id="0b5f4a9c-3f0f-4f65-9d57-1d2f3c4b5a69",
    kind="test",
    subscriber="duty",
    subject="Small",
    text="A small message.\n",
    created_at=NOW,
)


def send_through(wire: Wire, tmp_path: Path) -> bool:
    channel = mail_channel(host="127.0.0.1", port=wire.port, security="none")
    try:
        EmailSender(channel, data=tmp_path).send(SMALL, deadline=10)
    except DeliveryFailed as failure:
        if failure.permanent:
            raise
        return False
    return True


def test_dialogue_cut_at_every_byte_loses_nothing(tmp_path: Path) -> None:
    with Mailbox(tls=False) as box, Wire(box.port) as wire:
        assert send_through(wire, tmp_path)
        whole = wire.passed
        assert whole > 500
        twice = 0
        for cut in range(whole):
            box.received.clear()
            wire.cut_after = cut
            known = send_through(wire, tmp_path)
            if known:
                assert len(box.received) == 1, cut
            else:
                wire.cut_after = None
                assert send_through(wire, tmp_path), cut
            assert 1 <= len(box.received) <= 2, cut
            assert {got.message_id for got in box.received} == {f"<{SMALL.id}@example.org>"}, cut
            assert len({got.raw for got in box.received}) == 1, cut
            twice += len(box.received) == 2
        # Only the answer to the final dot, lost whole or in part, makes a duplicate.
        assert 1 <= twice <= len("250 taken\r\n"), twice
