"""A message that a person wants sent again."""

from __future__ import annotations

from tests.storage.building import Desk


def test_retry_of_one_of_a_gathering_owes_all_of_it(desk: Desk) -> None:
    """Sent alone under the id of the whole, it would hide the others from their receiver."""
    outbox, now = desk.storage.outbox, desk.clock.now()
    messages = [desk.owe(number) for number in (1, 2)]
    other = desk.owe(3)
    outbox.claim_alerts(now)
    outbox.keep_gathering(messages, "gathering")
    for message in (*messages, other):
        outbox.mark_dead(message, at=now, response="550 no such mailbox")
    outbox.retry(messages[1])
    assert [each.id for each in outbox.claim_alerts(now)] == messages
