"""What stands in a digest: the window of commits, the groups, the sums."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.digest.build import build_digest
from monitor.model.delivery import OwedAlert
from monitor.model.digest import Digest, DueDigest
from monitor.model.matches import Level
from monitor.model.stories import ChangeKind
from tests.render.samples import EN, IT, NOW, TOPICS, ZH, digest, owed, subscriber, watch

DUE = DueDigest(
    id="d-1", subscriber="duty", period="day", local_date=date(2026, 11, 21), due_at=NOW
)


def build(alerts: list[OwedAlert], after: int = 0, to: int = 100) -> Digest:
    return build_digest(
        DUE,
        subscriber(),
        alerts,
        after_commit=after,
        to_commit=to,
        watch=watch(),
        now=NOW,
        topics=TOPICS,
    )


@given(
    commits=st.lists(st.integers(1, 60), max_size=25),
    cuts=st.lists(st.integers(0, 60), max_size=6),
)
def test_windows_by_commit_lose_nothing_and_repeat_nothing(
    commits: list[int], cuts: list[int]
) -> None:
    """B2: times play no part."""
    alerts = [owed(f"s{place}", commit=commit) for place, commit in enumerate(commits)]
    edges = sorted({0, *cuts, 60})
    told = [
        story.story_id
        for after, to in itertools.pairwise(edges)
        for story in build(alerts, after, to).stories
    ]
    assert sorted(told) == sorted(alert.story.id for alert in alerts)


def test_window_turned_round_is_refused() -> None:
    with pytest.raises(ValueError, match="turned round"):
        build([], 5, 4)


def test_changes_of_one_story_are_told_as_one() -> None:
    first = owed("a", EN, commit=3)
    second = owed("b", ZH, commit=5, kind=ChangeKind.INDEPENDENT_REPORT, story="a", language="zh")
    [story] = build([second, first]).stories
    assert story.status == "new"
    assert story.changes == ("first report", "independent report")


def test_one_change_owed_over_two_channels_is_told_once() -> None:
    alert = owed("a", EN)
    assert len(build([alert, replace(alert, id="other", channel="email")]).stories) == 1


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (ChangeKind.FIRST_REPORT, "new"),
        (ChangeKind.NEW_COUNTRY, "grown"),
        (ChangeKind.INDEPENDENT_REPORT, "grown"),
        (ChangeKind.FOLLOW_UP, "grown"),
        (ChangeKind.CORRECTION, "corrected"),
    ],
)
def test_status_says_what_happened(kind: ChangeKind, status: str) -> None:
    [story] = build([owed("a", EN, kind=kind)]).stories
    assert story.status == status


def test_groups_follow_topics_then_the_fullest_country() -> None:
    found = build(
        [
            owed("p", IT, topic="joint-patrols", countries=("IT",)),
            owed("h", EN, countries=("HU",)),
            owed("r1", EN, countries=("RS",)),
            owed("r2", EN, countries=("RS",)),
            owed("u", EN, countries=()),
        ]
    )
    assert [(group.topic, group.country, len(group.stories)) for group in found.groups] == [
        ("overseas-stations", "RS", 2),
        ("overseas-stations", "HU", 1),
        ("overseas-stations", None, 1),
        ("joint-patrols", "IT", 1),
    ]
    assert found.groups[0].topic_title == "Overseas police stations"


def test_new_stories_with_most_publishers_stand_first() -> None:
    found = build(
        [
            owed("old", EN, kind=ChangeKind.FOLLOW_UP, others=5),
            owed("one", EN),
            owed("wide", EN, others=4),
        ]
    )
    ids = [owed(name).story.id for name in ("wide", "one", "old")]
    assert [story.story_id for story in found.stories] == ids


def test_mentions_stand_apart_and_can_be_turned_off() -> None:
    mention = owed("m", EN, level=Level.MENTION, score=5)
    found = build([mention, owed("r", EN)])
    assert [story.story_id for story in found.mentions] == [mention.story.id]
    assert len(found.stories) == 1
    assert digest([mention], digest_mentions=False).mentions == ()


def test_reader_of_one_topic_sees_that_topic_only() -> None:
    found = digest([owed("r", EN)], topics=("overseas-stations",))
    assert list(found.topic_titles) == ["overseas-stations"]


def test_story_counts_publishers_and_not_copies_or_weak_joins() -> None:
    [story] = build([owed("a", EN, others=4)]).stories
    assert story.articles == 4  # what only probably belongs to it does not count
    assert story.publishers == 4
    assert [other.weak for other in story.also] == [False, False, False, True]


def test_sums_that_do_not_agree_are_noticed() -> None:
    assert watch().sums_agree
    assert not watch(pages=7).sums_agree


def test_who_had_it_first_is_named_and_many_others_are_counted() -> None:
    [story] = build([owed("a", EN, others=13)]).stories
    assert story.first == "The Danube Courier"
    assert len(story.also) + story.more == 13
    assert story.more == 3
