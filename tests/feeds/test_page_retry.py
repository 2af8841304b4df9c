"""When a page is tried again (FAULTS C4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.feeds.page_retry import GiveUp, Retry, decide_page_retry
from monitor.model import Outcome

NOW = datetime(2024, 3, 15, 12, tzinfo=UTC)


def waits(status: int | None, retry_after: int | None = None) -> list[float]:
    """Return the waits between the tries of a page that keeps answering `status`."""
    found = []
    for attempt in range(1, 100):
        decision = decide_page_retry(attempt, status, retry_after=retry_after, now=NOW)
        if isinstance(decision, GiveUp):
            return found
        found.append((decision.at - NOW).total_seconds())
    raise AssertionError("it is never given up")


@pytest.mark.parametrize("status", [None, 200, 408, 425, 429, 500, 502, 503, 504, 520])
def test_passing_failure_is_tried_for_about_a_day(status: int | None) -> None:
    tries = waits(status)
    assert tries == sorted(tries)
    assert tries[0] <= 60
    assert 12 * 3600 <= sum(tries) <= 36 * 3600


@pytest.mark.parametrize("status", [404, 400, 406])
def test_missing_page_is_tried_again_for_a_feed_may_be_ahead_of_it(status: int) -> None:
    assert len(waits(status)) == 2


@pytest.mark.parametrize("status", [410, 414])
def test_final_answer_is_final(status: int) -> None:
    decision = decide_page_retry(1, status, retry_after=None, now=NOW)
    assert decision == GiveUp(reason=f"status {status} after 1 try", outcome=Outcome.FETCH_FAILED)


@pytest.mark.parametrize("status", [401, 402, 403, 451])
def test_blocked_page_is_given_up_as_blocked(status: int) -> None:
    assert len(waits(status)) == 2
    decision = decide_page_retry(3, status, retry_after=None, now=NOW)
    assert isinstance(decision, GiveUp)
    assert decision.blocked
    assert str(status) in decision.reason


def test_page_that_could_not_be_had_is_not_called_blocked() -> None:
    decision = decide_page_retry(99, 503, retry_after=None, now=NOW)
    assert isinstance(decision, GiveUp)
    assert not decision.blocked


@pytest.mark.parametrize(("asked", "waited"), [(7200, 7200), (10**9, 86_400), (-1, 60), (5, 60)])
def test_wish_of_the_server_makes_the_wait_longer_up_to_a_day(asked: int, waited: int) -> None:
    decision = decide_page_retry(1, 503, retry_after=asked, now=NOW)
    assert decision == Retry(at=NOW + timedelta(seconds=waited), reason="status 503")


def test_jitter_only_waits_longer() -> None:
    decision = decide_page_retry(1, None, retry_after=None, now=NOW, chance=1.0)
    assert decision == Retry(at=NOW + timedelta(seconds=66), reason="no answer")
