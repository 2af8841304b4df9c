"""When a message is tried again, and when that ends."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.retry import GIVE_UP_AFTER, LONGEST_WAIT, Dead, RetryAt, decide_retry, is_due
from monitor.errors import DeliveryFailed
from tests.render.samples import NOW

FAILED = DeliveryFailed("500")
# "Example retry schedule" of the Standard Webhooks specification 1.0.0: time since start.
TABLE = ["0:00:05", "0:05:05", "0:35:05", "2:35:05", "7:35:05", "17:35:05", "31:35:05", "51:35:05",
         "75:35:05"]  # fmt: skip


def since_start(text: str) -> timedelta:
    hours, minutes, seconds = map(int, text.split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def tries(channel: str, *, jitter: float = 0.0, asked: timedelta | None = None) -> list[timedelta]:
    """Return when each try happens, counted from the first, while every one fails."""
    now, attempts, moments = NOW, 1, [timedelta(0)]
    while True:
        failure = DeliveryFailed("503", retry_at=now + asked if asked else None)
        verdict = decide_retry(
            failure,
            channel=channel,
            attempts=attempts,
            first_attempt_at=NOW,
            now=now,
            jitter=jitter,
        )
        if isinstance(verdict, Dead):
            return moments
        now, attempts = verdict.at, attempts + 1
        moments.append(now - NOW)


def test_webhook_follows_the_table_of_the_specification() -> None:
    assert tries("webhook") == [timedelta(0), *map(since_start, TABLE)]


def test_webhook_with_jitter_is_tried_ten_times_over_75_hours() -> None:
    moments = tries("webhook", jitter=1.0)
    assert len(moments) == 10
    assert GIVE_UP_AFTER <= moments[-1] < timedelta(hours=84)


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("channel", ["email", "chat", "folder", "atom"])
def test_mail_is_tried_until_75_hours_have_passed(channel: str, jitter: float) -> None:
    """P2."""
    moments = tries(channel, jitter=jitter)
    assert GIVE_UP_AFTER <= moments[-1] < timedelta(hours=90)
    assert 12 < len(moments) < 30
    assert moments[1] == timedelta(minutes=1) * (1 + 0.1 * jitter)


def test_retry_after_makes_it_later_and_never_sooner() -> None:
    """C4."""
    verdict = decide(asked=timedelta(hours=3))
    assert isinstance(verdict, RetryAt)
    assert verdict.at == NOW + timedelta(hours=3)
    assert decide(asked=timedelta(seconds=1)) == decide(asked=None)


@pytest.mark.parametrize("asked", [timedelta(days=2), timedelta(days=30 * 365)])
def test_retry_after_is_capped_at_a_day(asked: timedelta) -> None:
    verdict = decide(asked=asked)
    assert isinstance(verdict, RetryAt)
    assert verdict.at == NOW + timedelta(hours=24)


def test_receiver_that_always_asks_for_a_day_gets_five_tries() -> None:
    assert len(tries("webhook", asked=timedelta(hours=24))) == 5


def decide(
    *,
    asked: timedelta | None = None,
    attempts: int = 1,
    first: datetime = NOW,
    failure: DeliveryFailed | None = None,
) -> RetryAt | Dead:
    return decide_retry(
        failure or DeliveryFailed("503", retry_at=NOW + asked if asked else None),
        channel="webhook",
        attempts=attempts,
        first_attempt_at=first,
        now=NOW,
        jitter=0.0,
    )


def test_permanent_failure_is_dead_at_once() -> None:
    verdict = decide(failure=DeliveryFailed("550 nobody", permanent=True))
    assert verdict == Dead(reason="refused for good: 550 nobody", disable=False)


def test_410_disables_the_channel() -> None:
    verdict = decide(failure=DeliveryFailed("410", permanent=True, disable=True))
    assert isinstance(verdict, Dead)
    assert verdict.disable


def test_configuration_to_be_mended_is_tried_again() -> None:
    assert isinstance(decide(failure=DeliveryFailed("535", needs_person=True)), RetryAt)


def test_machine_that_slept_through_the_75_hours_tries_again() -> None:
    """B1: a laptop that was shut has not given the receiver its chances."""
    assert isinstance(decide(attempts=2, first=NOW - timedelta(days=9)), RetryAt)
    assert isinstance(decide(attempts=5, first=NOW - timedelta(days=9)), Dead)


def test_clock_that_went_back_tries_again() -> None:
    """B3."""
    assert isinstance(decide(attempts=20, first=NOW + timedelta(days=3650)), RetryAt)


@given(
    attempts=st.integers(0, 10**6),
    first=st.datetimes(datetime(1970, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001
    asked=st.one_of(st.none(), st.timedeltas(timedelta(days=-1000), timedelta(days=10000))),
    jitter=st.floats(0, 1),
    channel=st.sampled_from(["webhook", "email"]),
)
def test_next_try_is_always_soon_and_in_the_future(
    attempts: int, first: datetime, asked: timedelta | None, jitter: float, channel: str
) -> None:
    """B3: no retry stands in 2036."""
    failure = DeliveryFailed("503", retry_at=NOW + asked if asked is not None else None)
    verdict = decide_retry(
        failure,
        channel=channel,
        attempts=attempts,
        first_attempt_at=first.replace(tzinfo=NOW.tzinfo),
        now=NOW,
        jitter=jitter,
    )
    if isinstance(verdict, RetryAt):
        assert NOW < verdict.at <= NOW + LONGEST_WAIT
        assert is_due(verdict.at, verdict.at)
        assert not is_due(verdict.at, NOW)


def test_time_written_by_a_wrong_clock_is_due_now() -> None:
    assert is_due(NOW + timedelta(days=3650), NOW)
    assert is_due(NOW - timedelta(seconds=1), NOW)
    assert not is_due(NOW + timedelta(hours=1), NOW)
