"""Who hears of a change, when, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.route import (
    ArticleFacts,
    Route,
    Verdict,
    decide_route,
    next_digest,
    quiet_until,
)
from monitor.model.matches import Level
from monitor.model.stories import ChangeKind
from tests.render.samples import EN, owed, subscriber

NOON = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)


def route(
    *,
    now: datetime = NOON,
    level: Level = Level.REPORT,
    kind: ChangeKind = ChangeKind.FIRST_REPORT,
    facts: ArticleFacts | None = None,
    hosts: tuple[str, ...] = ("HU",),
    **wishes: Any,
) -> Route:
    """Return the decision; whatever is not sent at once says what it is counted as (P9)."""
    alert = owed("one", EN, level=level, kind=kind, countries=hosts)
    found = decide_route(
        alert.change,
        alert.story,
        alert.matches,
        facts=facts or ArticleFacts(language="en", countries=hosts),
        subscriber=subscriber(**wishes),
        now=now,
    )
    assert (found.held_back is None) == (found.send_at == now)
    return found


def said(found: Route) -> Route:
    """Return a decision without what it is counted as; tests/stories/test_telling.py has that."""
    return replace(found, held_back=None)


def test_report_is_sent_at_once() -> None:
    assert route() == Route(verdict=Verdict.SEND, reason="sent at once", send_at=NOON)


@pytest.mark.parametrize(
    ("wishes", "reason"),
    [
        ({"topics": ("joint-patrols",)}, "not sent: about other topics (overseas-stations)"),
        ({"countries": ("IT", "RS")}, "not sent: about other countries (HU)"),
        ({"languages": ("hu", "de")}, "not sent: in another language (en)"),
    ],
)
def test_what_is_not_followed_is_not_sent(wishes: dict[str, Any], reason: str) -> None:
    assert said(route(**wishes)) == Route(verdict=Verdict.NOT, reason=reason)


@pytest.mark.parametrize(
    "wishes",
    [
        {"topics": ("overseas-stations", "joint-patrols")},
        {"countries": ("hu",)},
        {"languages": ("en-GB",)},
        {"countries": ("IT", "HU"), "languages": ("en",), "topics": ("overseas-stations",)},
    ],
)
def test_what_is_followed_is_sent(wishes: dict[str, Any]) -> None:
    assert route(**wishes).verdict is Verdict.SEND


def test_unknown_country_and_language_keep_nothing_back() -> None:
    """P9: silence is what an adversary wants."""
    found = route(
        facts=ArticleFacts(language=None),
        hosts=(),
        countries=("IT",),
        languages=("hu",),
    )
    assert found.verdict is Verdict.SEND


@pytest.mark.parametrize(
    ("wishes", "reason"),
    [
        ({"alerts": False}, "not sent: alerts at once are turned off, in the digest"),
        (
            {"muted_changes": (ChangeKind.FIRST_REPORT,)},
            "not sent: alerts of this kind (first report) are turned off, in the digest",
        ),
        (
            {"levels": ("mention",)},
            "not sent: reports are not among the levels that alert at once, in the digest",
        ),
    ],
)
def test_what_does_not_alert_is_in_the_digest(wishes: dict[str, Any], reason: str) -> None:
    assert said(route(**wishes)) == Route(verdict=Verdict.DIGEST, reason=reason)


def test_mention_is_in_the_digest_only() -> None:
    assert route(level=Level.MENTION).reason == "not sent: only mentioned, in the digest"
    assert route(level=Level.MENTION, levels=("report", "mention")).verdict is Verdict.SEND


def test_mention_is_nowhere_where_the_digest_takes_none() -> None:
    found = route(level=Level.MENTION, digest_mentions=False)
    assert said(found) == Route(
        verdict=Verdict.NOT, reason="not sent: only mentioned, and the digest does not take it"
    )


def test_without_a_digest_the_reason_does_not_promise_one() -> None:
    assert route(alerts=False, digest=False).verdict is Verdict.NOT


def test_old_report_alerts_nobody() -> None:
    """G5."""
    found = route(facts=ArticleFacts(language="en", historic=True))
    assert found.verdict is Verdict.NOT
    assert "backfill" in found.reason


def test_silent_topic_alerts_only_who_asks_for_it_by_name() -> None:
    silent = ArticleFacts(language="en", silent_topics=frozenset({"overseas-stations"}))
    assert route(facts=silent).verdict is Verdict.DIGEST
    assert route(facts=silent, topics=("overseas-stations",)).verdict is Verdict.SEND


def local(hour: int, minute: int = 0, *, day: int = 21) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("Europe/Zagreb")).astimezone(UTC)


NIGHT = (time(22), time(7))


@pytest.mark.parametrize("now", [local(22), local(23, 59), local(0), local(6, 59)])
def test_quiet_hours_put_it_into_the_morning_digest(now: datetime) -> None:
    found = route(now=now, quiet_hours=NIGHT)
    assert said(found) == Route(
        verdict=Verdict.DIGEST, reason="not sent: quiet hours until 07:00, in the digest"
    )


@pytest.mark.parametrize("now", [local(7), local(21, 59), local(12)])
def test_outside_of_quiet_hours_it_is_sent(now: datetime) -> None:
    assert route(now=now, quiet_hours=NIGHT).send_at == now


@pytest.mark.parametrize("wishes", [{"digest": False}, {"digest_at": time(18)}])
def test_quiet_hours_hold_it_where_no_digest_follows_soon(wishes: dict[str, Any]) -> None:
    found = route(now=local(23), quiet_hours=NIGHT, **wishes)
    assert said(found) == Route(
        verdict=Verdict.SEND,
        reason="held: quiet hours until 07:00, sent then",
        send_at=local(7, day=22),
    )


def test_quiet_hours_within_a_day_do_not_span_midnight() -> None:
    lunch = (time(12), time(13))
    assert route(now=local(12, 30), quiet_hours=lunch).send_at == local(13)
    assert route(now=local(23), quiet_hours=lunch).send_at == local(23)


def test_equal_ends_of_quiet_hours_mean_none() -> None:
    assert route(quiet_hours=(time(7), time(7))).send_at == NOON


@given(
    now=st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)),  # noqa: DTZ001
    zone=st.sampled_from(
        ["Europe/Zagreb", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"]
    ),
    begins=st.times(),
    ends=st.times(),
)
def test_quiet_hours_always_end_within_a_day_or_so(
    now: datetime, zone: str, begins: time, ends: time
) -> None:
    """B2: whatever the clocks do."""
    moment = now.replace(tzinfo=UTC)
    until = quiet_until(subscriber(quiet_hours=(begins, ends), time_zone=zone), moment)
    if until is not None:
        assert moment <= until <= moment + timedelta(hours=25)


@given(
    now=st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)),  # noqa: DTZ001
    weekly=st.booleans(),
)
def test_next_digest_lies_ahead(now: datetime, weekly: bool) -> None:
    moment = now.replace(tzinfo=UTC)
    reader = subscriber(digest_every="week" if weekly else "day", digest_weekday=3)
    found = next_digest(reader, moment)
    assert moment <= found <= moment + timedelta(days=7 if weekly else 1, hours=1)
    assert not weekly or found.astimezone(ZoneInfo(reader.time_zone)).weekday() == 3


def test_new_country_of_a_story_counts_for_its_readers() -> None:
    alert = owed("one", EN, kind=ChangeKind.NEW_COUNTRY, countries=("HU", "SK"))
    found = decide_route(
        alert.change,
        replace(alert.story, countries=("HU", "SK")),
        alert.matches,
        facts=ArticleFacts(language="sk", countries=("SK",)),
        subscriber=subscriber(countries=("SK",)),
        now=NOON,
    )
    assert found.verdict is Verdict.SEND
