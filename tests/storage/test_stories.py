from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.errors import StorageError
from monitor.model import ChangeKind, JoinEvidence, Level, StoredArticle, Story, StoryFilter
from tests.storage.building import (
    NOON,
    Desk,
    HeldClock,
    make_analysis,
    make_article,
    make_match,
)

COPY = JoinEvidence(kind="near-duplicate", because=("shares 40 of 50 hashes",), score=0.8)


def join(desk: Desk, story: Story, stored: StoredArticle, **changes: object) -> Story:
    with desk.storage.transaction():
        return desk.storage.stories.join(
            story.id,
            stored,
            evidence=COPY,
            commit=desk.storage.next_commit(),
            **changes,  # type: ignore[arg-type]
        )


def test_story_begins_with_its_first_article(desk: Desk) -> None:
    story, change = desk.tell()
    assert story.title == "Police station number 1 closes"
    assert (story.topics, story.countries, story.level) == (
        ("overseas-stations",),
        ("IE",),
        "report",
    )
    assert [article.outlet for article in story.articles] == ["Daily"]
    assert desk.storage.stories.find_by_article(story.articles[0].article_id) == story
    assert (change.story_id, change.kind) == (story.id, ChangeKind.FIRST_REPORT)
    assert desk.storage.stories.changes_of(story.id) == (change,)


def test_joining_article_keeps_its_evidence_and_widens_the_story(
    desk: Desk, clock: HeldClock
) -> None:
    story, _ = desk.tell()
    clock.move(days=1)
    joined = join(
        desk,
        story,
        desk.flag(make_article(2)),
        topics=("joint-patrols", "overseas-stations"),
        countries=("HU", "IE"),
    )
    assert joined.topics == ("overseas-stations", "joint-patrols")
    assert joined.countries == ("IE", "HU")
    assert joined.first_seen == NOON
    assert joined.articles[1].evidence == COPY
    assert not joined.articles[1].weak
    assert desk.storage.stories.find_active(NOON + timedelta(hours=1)) == (joined,)


def test_level_only_rises(desk: Desk) -> None:
    story, _ = desk.tell()
    assert join(desk, story, desk.flag(make_article(2)), level="mention").level == "report"


def test_weak_join_changes_nothing_but_the_list(desk: Desk) -> None:
    story, _ = desk.tell()
    other, _ = desk.tell(make_article(2))
    stored = desk.storage.articles.get(other.articles[0].article_id)
    joined = join(desk, story, stored, weak=True, topics=("joint-patrols",), countries=("HU",))
    assert (joined.topics, joined.countries) == (story.topics, story.countries)
    assert [article.weak for article in joined.articles] == [False, True]
    assert desk.storage.stories.find_by_article(stored.id) == other


def test_article_stands_firmly_in_one_story_only(desk: Desk) -> None:
    story, _ = desk.tell()
    other, _ = desk.tell(make_article(2))
    stored = desk.storage.articles.get(other.articles[0].article_id)
    with pytest.raises(StorageError, match="stands firmly in another one"):
        join(desk, story, stored)
    assert desk.storage.stories.get(story.id) == story


def test_live_article_makes_a_historic_story_live(desk: Desk) -> None:
    """FAULTS G5; a story found by a backfill still alerts for its first live article."""
    story, _ = desk.tell(historic=True)
    assert story.historic
    again = join(desk, story, desk.flag(make_article(2), historic=True))
    assert again.historic
    live = join(desk, story, desk.flag(make_article(3)))
    assert not live.historic
    assert [article.historic for article in live.articles] == [True, True, False]


def test_changes_come_in_the_order_of_commits(desk: Desk, clock: HeldClock) -> None:
    """Nothing falls between two digests because a clock jumped."""
    _, first = desk.tell(make_article(1))
    clock.move(days=-400)
    _, second = desk.tell(make_article(2))
    clock.move(days=800)
    _, third = desk.tell(make_article(3))
    between = desk.storage.stories.changes_between
    assert between(0, third.commit) == (first, second, third)
    assert between(first.commit, second.commit) == (second,)
    assert between(third.commit, third.commit) == ()


def test_change_of_what_is_not_there_is_refused(desk: Desk) -> None:
    story, _ = desk.tell()
    with pytest.raises(StorageError, match="is not there"):
        desk.storage.stories.add_change(story.id, "nothing", ChangeKind.FOLLOW_UP, commit=1)
    with pytest.raises(StorageError, match="there is no story 'nothing'"):
        desk.storage.stories.get("nothing")


@pytest.fixture
def shelf(desk: Desk, clock: HeldClock) -> dict[str, str]:
    """Four stories that differ in everything a filter asks for, by name."""
    stories = {}
    for name, day, language, topic, country, level, historic in (
        ("dublin", 0, "en", "overseas-stations", "IE", "report", False),
        ("budapest", 1, "hu", "overseas-stations", "HU", "mention", False),
        ("zagreb", 2, "hr", "joint-patrols", "HR", "report", True),
        ("beograd", 3, "sr-Cyrl", "joint-patrols", "RS", "report", False),
    ):
        clock.moment = NOON + timedelta(days=day)
        with desk.storage.transaction():
            stored = desk.flag(make_article(name, language=language), historic=historic)
            stories[name] = desk.storage.stories.add(
                stored,
                topics=(topic,),
                countries=(country,),
                level=level,
                commit=desk.storage.last_commit(),
            ).id
    return stories


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (StoryFilter(), ["beograd", "zagreb", "budapest", "dublin"]),
        (StoryFilter(limit=2), ["beograd", "zagreb"]),
        (StoryFilter(limit=0), []),
        (StoryFilter(since=NOON + timedelta(days=1)), ["beograd", "zagreb", "budapest"]),
        (StoryFilter(until=NOON + timedelta(days=1)), ["dublin"]),
        (StoryFilter(topics=("joint-patrols",)), ["beograd", "zagreb"]),
        (StoryFilter(countries=("hu", "IE")), ["budapest", "dublin"]),
        (StoryFilter(languages=("sr",)), ["beograd"]),
        (StoryFilter(languages=("HR", "en")), ["zagreb", "dublin"]),
        (StoryFilter(levels=("mention",)), ["budapest"]),
        (StoryFilter(historic=True), ["zagreb"]),
        (StoryFilter(historic=False, topics=("joint-patrols",)), ["beograd"]),
        (StoryFilter(topics=("nothing' OR 1=1",)), []),
    ],
)
def test_filter_gives_what_is_wanted_newest_first(
    desk: Desk, shelf: dict[str, str], wanted: StoryFilter, names: list[str]
) -> None:
    found = [story.id for story in desk.storage.stories.iterate(wanted)]
    assert found == [shelf[name] for name in names]


def test_day_of_publication_is_told_from_the_day_on_which_it_was_had(desk: Desk) -> None:
    """Someone asked for 2019 with captures of 2024, got an empty sheet and believed it."""
    day = NOON - timedelta(days=1800)
    story, _ = desk.tell(make_article(1, published=day))
    join(desk, story, desk.flag(make_article(2)))
    desk.tell(make_article(3, published=None))
    of_day = StoryFilter(published_since=day, published_until=day + timedelta(days=1))
    stories = desk.storage.stories
    assert [each.id for each in stories.iterate(of_day)] == [story.id]
    assert [row.published for row in stories.export(of_day)] == [day]
    of_today = list(stories.export(StoryFilter(published_since=NOON - timedelta(days=1))))
    assert len({row.article_id for row in of_today}) == 2  # what has no date counts as when had


def test_iterating_goes_past_its_portions(desk: Desk) -> None:
    """All in the same second, so that only the row tells them apart."""
    for number in range(250):
        desk.tell(make_article(number))
    found = [story.title for story in desk.storage.stories.iterate(StoryFilter())]
    assert found == [f"Police station number {number} closes" for number in range(249, -1, -1)]
    assert len(list(desk.storage.stories.iterate(StoryFilter(limit=120)))) == 120


def test_export_has_every_field(desk: Desk) -> None:
    analysis = make_analysis(
        make_match("overseas-stations"),
        make_match("joint-patrols", level=Level.MENTION, score=5.0, tags=()),
        countries=("IE", "HU"),
    )
    with desk.storage.transaction():
        stored = desk.flag(analysis=analysis, body_sha256="ef" * 32)
        story = desk.storage.stories.add(
            stored,
            topics=("overseas-stations",),
            countries=("IE",),
            level="report",
            commit=desk.storage.last_commit(),
        )
    join(desk, story, desk.flag(make_article(2)), weak=True)
    first, second, third = desk.storage.stories.export(StoryFilter())
    assert (first.topic, second.topic, third.weak) == ("overseas-stations", "joint-patrols", True)
    assert (first.story_id, first.article_id) == (story.id, stored.id)
    assert (first.url, first.canonical_url) == (
        "https://daily.example/1?from=feed",
        "https://daily.example/1",
    )
    assert (first.outlet, first.publisher, first.source_id, first.outlet_country) == (
        "Daily",
        "Example Press",
        "daily",
        "IE",
    )
    assert (first.countries, first.language) == (("IE", "HU"), "en")
    assert (first.published, first.published_precision) == (NOON - timedelta(hours=2), "minute")
    assert (first.level, first.score, first.report_at) == ("report", 12.5, 10.0)
    assert (first.rules, first.tags, first.passage) == (
        ("named outright",),
        ("closed",),
        "Police station",
    )
    assert (first.method, first.body_sha256, first.rules_version) == (
        "trafilatura",
        "ef" * 32,
        "rules-1",
    )
    assert (first.historic, first.weak, first.version) == (False, False, 1)
