"""Troubles and dead letters are told once, over another channel, and once more when over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.errors import DeliveryFailed
from monitor.health.receivers import FALLBACK
from monitor.jobs.deliver import deliver
from monitor.jobs.notices import report
from monitor.model import AlertState, Trouble
from tests.jobs.building import HOOK, KEEPER, PROGRAM, Place, open_place

REFUSED = DeliveryFailed("550 no such user", permanent=True)
SILENT = Trouble(key="silent:daily", headline="Daily has gone silent", why="nothing since Monday")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_place(tmp_path / "var", KEEPER, PROGRAM) as opened:
        yield opened


def headlines(place: Place, name: str) -> list[str]:
    return [m.text.splitlines()[0] for m in place.post.to(name) if m.kind == "alarm"]


def test_trouble_is_told_once_and_once_when_it_is_over(place: Place) -> None:
    for _ in range(3):
        report(place.watch, "sources", [SILENT])
        deliver(place.watch)
        place.clock.move(seconds=600)
    for _ in range(3):
        report(place.watch, "sources", [])
        deliver(place.watch)
    told = ["Daily has gone silent", "over: Daily has gone silent"]
    assert headlines(place, "keeper") == told
    assert headlines(place, "program") == told


def test_trouble_that_comes_again_is_told_again(place: Place) -> None:
    for troubles in ([SILENT], [], [SILENT], []):
        report(place.watch, "sources", troubles)
        deliver(place.watch)
    assert len(headlines(place, "keeper")) == 4
    assert len({message.id for message in place.post.to("keeper")}) == 4


def test_many_troubles_at_once_are_one_notice_that_names_them(place: Place) -> None:
    many = [replace(SILENT, key=f"silent:{n}", headline=f"Paper {n} is silent") for n in range(60)]
    report(place.watch, "sources", many)
    deliver(place.watch)
    (message,) = place.post.to("keeper")
    assert "and 59 more" in message.subject
    assert "Paper 39 is silent" in message.text
    assert "And 20 more" in message.text


def test_troubles_of_one_scope_do_not_end_those_of_another(place: Place) -> None:
    report(place.watch, "sources", [SILENT])
    report(place.watch, "storage", [])
    assert [each.key for each in place.storage.notices.read_lasting()] == ["silent:daily"]


def test_refused_mail_is_told_over_the_other_channel(place: Place) -> None:
    """FAULTS P2, E1: 5xx is permanent, and told elsewhere."""
    place.desk.owe(1, subscriber="keeper", channel="email")
    place.post.failures["keeper"] = REFUSED
    deliver(place.watch)
    (message,) = place.post.to("program")
    assert message.kind == "alarm"
    assert "to 'keeper' could not be delivered" in message.subject
    assert "550 no such user" in message.text
    assert place.post.to("keeper") == []
    deliver(place.watch)
    assert len(place.post.to("program")) == 1


def test_dead_letters_of_one_receiver_are_gathered_and_none_is_left_out(place: Place) -> None:
    """FAULTS P2: the first is told at once, what follows within the hour together."""
    place.post.failures["keeper"] = REFUSED
    ids = []
    for number in range(1, 5):
        ids.append(place.desk.owe(number, subscriber="keeper", channel="email"))
        deliver(place.watch)
        place.clock.move(seconds=300)
    assert len(place.post.to("program")) == 1
    place.clock.move(seconds=3600)
    deliver(place.watch)
    first, second = place.post.to("program")
    assert all(each in first.text + second.text for each in ids)
    assert place.storage.notices.find_untold_dead() == ()


def test_dead_letter_of_the_only_receiver_becomes_a_file(tmp_path: Path) -> None:
    """FAULTS P2: the folder, when there is nobody else."""
    with open_place(tmp_path / "var", KEEPER) as place:
        place.desk.owe(1, subscriber="keeper", channel="email")
        place.post.failures["keeper"] = REFUSED
        deliver(place.watch)
        (message,) = place.post.taken
        assert message.subscriber == FALLBACK.name


def test_two_dead_channels_do_not_tell_of_each_other_for_ever(place: Place) -> None:
    place.post.failures = {"keeper": REFUSED, "program": REFUSED}
    place.desk.owe(1, subscriber="keeper", channel="email")
    for _ in range(20):
        deliver(place.watch)
        place.clock.move(seconds=3700)
    told = place.post.to(FALLBACK.name)
    assert len(told) == 1
    assert "program" in told[0].text
    assert place.storage.notices.find_untold_dead() == ()


def test_message_given_up_after_75_hours_is_told(place: Place) -> None:
    """FAULTS P2: attempted until 75 h have passed; then the failure is told elsewhere."""
    place.desk.owe(1, subscriber="keeper", channel="email")
    place.post.failures["keeper"] = DeliveryFailed("451 later")
    hours = 0
    while not place.post.to("program"):
        deliver(place.watch)
        place.clock.move(seconds=3600)
        hours += 1
        assert hours < 100
    assert 75 <= hours <= 90
    (dead,) = place.storage.outbox.read_waiting(states=[AlertState.DEAD])
    assert "given up" in dead.response


def test_refused_login_is_told_at_once_and_its_end_too(place: Place) -> None:
    """FAULTS E4: the alert is tried again meanwhile."""
    place.desk.owe(1, subscriber="keeper", channel="email")
    place.post.failures["keeper"] = DeliveryFailed("535 login refused", needs_person=True)
    for _ in range(3):
        deliver(place.watch)
        place.clock.move(seconds=700)
    assert headlines(place, "program") == ["the email channel of 'keeper' needs you"]
    place.post.failures.clear()
    place.clock.move(seconds=7200)
    deliver(place.watch)
    deliver(place.watch)
    assert headlines(place, "program")[1:] == ["over: the email channel of 'keeper' needs you"]
    assert [message.kind for message in place.post.to("keeper")].count("alert") == 1


def test_webhook_that_is_gone_is_switched_off_until_its_settings_change(place: Place) -> None:
    """FAULTS E5: 410 disables the channel; what is owed to it waits, and is not tried."""
    for number in (1, 2):
        place.desk.owe(number, subscriber="program", channel="webhook")
        place.post.failures["program"] = DeliveryFailed("410", permanent=True, disable=True)
        deliver(place.watch)
    assert len([name for name, _ in place.post.tries if name == "program"]) == 1
    assert "is switched off" in "".join(headlines(place, "keeper"))
    assert set(place.storage.notices.read_stopped()) == {"program"}
    place.clock.move(days=10)
    deliver(place.watch)
    assert len([name for name, _ in place.post.tries if name == "program"]) == 1
    assert place.storage.outbox.count().owed == 1

    place.post.failures.clear()
    other = replace(HOOK, url="https://hooks.example.org/new")
    changed = place.with_subscribers(KEEPER, replace(PROGRAM, channel=other))
    deliver(changed)
    assert [message.kind for message in place.post.to("program")].count("alert") == 1
    assert place.storage.notices.read_stopped() == {}
    deliver(changed)
    assert any("over:" in each for each in headlines(place, "keeper"))


def test_notice_is_sent_again_with_the_same_id_when_the_first_try_fails(place: Place) -> None:
    place.post.failures["keeper"] = DeliveryFailed("451 later")
    report(place.watch, "sources", [SILENT])
    deliver(place.watch)
    place.post.failures.clear()
    place.clock.move(seconds=3600)
    deliver(place.watch)
    tried = [message_id for name, message_id in place.post.tries if name == "keeper"]
    assert len(tried) == 2
    assert len(set(tried)) == 1
