"""E9: storms become few messages, and nothing is dropped."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.gather import MOST_IN_ONE, ONE_BY_ONE, SPAN, decide_gather
from monitor.model.delivery import OwedAlert, gathering_id
from monitor.render.alert import render_alert
from tests.render.samples import NOW, TOPICS, owed, subscriber

FEW = [owed(f"few {n}") for n in range(60)]


def test_few_alerts_go_out_one_by_one() -> None:
    found = decide_gather(FEW[:ONE_BY_ONE], sent=(), now=NOW)
    assert [bundle.id for bundle in found.bundles] == [alert.id for alert in FEW[:ONE_BY_ONE]]
    assert found.held == ()


def test_more_become_one_message() -> None:
    found = decide_gather(FEW[:6], sent=(), now=NOW)
    [bundle] = found.bundles
    assert bundle.alerts == tuple(FEW[:6])
    assert bundle.id == gathering_id(alert.id for alert in FEW[:6])


def test_trickle_is_held_once_five_messages_went_out() -> None:
    sent = [NOW - timedelta(minutes=n) for n in range(1, 6)]
    found = decide_gather(FEW[:2], sent=sent, now=NOW)
    assert found.bundles == ()
    assert found.held == tuple(FEW[:2])
    assert found.hold_until == NOW - timedelta(minutes=5) + SPAN
    assert "held" in found.reason


def test_held_alerts_go_out_together_when_the_time_has_come() -> None:
    sent = [NOW - timedelta(minutes=n) for n in range(1, 6)]
    later = NOW - timedelta(minutes=5) + SPAN
    found = decide_gather(FEW[:9], sent=sent, now=later)
    assert len(found.bundles) == 1
    assert found.held == ()


def test_sent_in_the_future_by_a_wrong_clock_holds_nothing() -> None:
    """B3."""
    sent = [NOW + timedelta(days=3650)] * 9
    assert len(decide_gather(FEW[:2], sent=sent, now=NOW).bundles) == 2


def test_retries_keep_their_message() -> None:
    from dataclasses import replace

    again = [replace(alert, attempts=1, gathered_in="storm-1") for alert in FEW[:3]]
    alone = replace(FEW[3], attempts=2)
    found = decide_gather([*again, alone, *FEW[4:7]], sent=(), now=NOW)
    assert [(bundle.id, len(bundle.alerts)) for bundle in found.bundles[:2]] == [
        ("storm-1", 3),
        (alone.id, 1),
    ]


def test_gathering_has_the_same_id_in_any_order() -> None:
    ids = [alert.id for alert in FEW[:7]]
    assert gathering_id(ids) == gathering_id(reversed(ids))
    assert gathering_id(ids[:1]) == ids[0]


@given(
    count=st.integers(0, 60),
    retried=st.sets(st.integers(0, 59)),
    ages=st.lists(st.integers(0, 1200), max_size=20),
)
def test_every_alert_is_in_one_bundle_or_held(
    count: int, retried: set[int], ages: list[int]
) -> None:
    from dataclasses import replace

    alerts = [
        replace(alert, attempts=1) if place in retried else alert
        for place, alert in enumerate(FEW[:count])
    ]
    found = decide_gather(alerts, sent=[NOW - timedelta(seconds=age) for age in ages], now=NOW)
    went = [alert.id for bundle in found.bundles for alert in bundle.alerts]
    assert sorted([*went, *(alert.id for alert in found.held)]) == sorted(a.id for a in alerts)
    assert (found.hold_until is not None) == bool(found.held)
    if found.hold_until:
        assert NOW < found.hold_until <= NOW + SPAN


def storm(count: int) -> list[OwedAlert]:
    base = FEW[0]
    from dataclasses import replace

    return [replace(base, id=f"{n:08d}-0000-4000-8000-000000000000") for n in range(count)]


def test_ten_thousand_matches_in_a_minute_are_few_messages_with_all_of_them() -> None:
    """E9: a tick every five seconds brings what came meanwhile."""
    waiting, sent, told = [], [], []
    arriving = storm(10_000)
    now: datetime = NOW
    while arriving or waiting:
        waiting += arriving[:834]
        arriving = arriving[834:]
        found = decide_gather(waiting, sent=sent, now=now)
        for bundle in found.bundles:
            told += [alert.id for alert in bundle.alerts]
            sent.append(now)
        waiting = list(found.held)
        now += timedelta(seconds=5)
    assert len(told) == len(set(told)) == 10_000
    assert len(sent) <= 20
    assert now - NOW < 2 * SPAN


@pytest.mark.parametrize("count", [2, MOST_IN_ONE])
def test_gathered_message_lists_every_alert_and_their_number(count: int) -> None:
    alerts = [owed(f"s{n}", url=f"https://news.example.org/{n}.html") for n in range(count)]
    message = render_alert(alerts, subscriber(), topics=TOPICS)
    assert message.kind == "storm"
    assert message.subject.startswith(f"{count:,} reports")
    assert message.html is not None
    assert message.payload["data"]["count"] == count
    for n in range(count):
        link = f"https://news.example.org/{n}.html"
        assert f"{link}\n" in message.text
        assert f">{link}</a>" in message.html
