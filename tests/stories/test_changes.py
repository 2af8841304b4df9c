"""What makes a story speak, each with its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.model import Article, ChangeKind, Level, Story, StoryArticle
from monitor.model.grouping import StoryFeatures
from monitor.stories.changes import Joining, decide_change
from monitor.stories.publishers import count_reports, find_origin, is_independent, publisher_key
from tests.storage.building import NOON


def article(number: int, **changes: object) -> StoryArticle:
    made = StoryArticle(
        article_id=str(number),
        url=f"https://outlet{number}.example/x",
        title=f"Title {number}",
        outlet=f"Outlet {number}",
        country="IE",
        language="en",
        published=NOON + timedelta(hours=number),
        first_seen=NOON + timedelta(hours=number),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


STORY = Story(
    id="s",
    title="Title 1",
    topics=("t",),
    countries=("IE",),
    level=Level.REPORT,
    first_seen=NOON,
    articles=(article(1),),
)
REPORT = Joining(level=Level.REPORT, historic=False, countries=("IE",))
FIRST = StoryFeatures(published=NOON, kinds=("closure",), title_kinds=("closure",))
LATER = StoryFeatures(published=NOON + timedelta(days=1), title_kinds=("arrest",))


@pytest.mark.parametrize(
    ("story", "joining", "kind"),
    [
        (None, REPORT, ChangeKind.FIRST_REPORT),
        (replace(STORY, historic=True), REPORT, ChangeKind.FIRST_REPORT),
        (replace(STORY, level="mention"), REPORT, ChangeKind.FIRST_REPORT),
        (STORY, REPORT, ChangeKind.INDEPENDENT_REPORT),
        (STORY, replace(REPORT, countries=("HU", "IE")), ChangeKind.NEW_COUNTRY),
        (STORY, replace(REPORT, features=LATER), ChangeKind.FOLLOW_UP),
        (STORY, replace(REPORT, copy_of="https://a.example"), None),
        (STORY, replace(REPORT, independent=False), None),
        (STORY, replace(REPORT, level=Level.MENTION), None),
        (STORY, replace(REPORT, historic=True), None),
    ],
    ids=[
        "new", "backfilled", "only mentioned before", "second publisher", "other country",
        "development", "copy", "same publisher", "mention", "historic",
    ],
)  # fmt: skip
def test_change_is_decided_with_its_reason(
    story: Story | None, joining: Joining, kind: ChangeKind | None
) -> None:
    decision = decide_change(story, joining, members=[FIRST])
    assert decision.kind == kind
    assert decision.reason


def test_third_report_says_nothing_new() -> None:
    story = replace(STORY, articles=(article(1), article(2)))
    decision = decide_change(story, REPORT, told=[ChangeKind.INDEPENDENT_REPORT])
    assert decision.kind is None
    assert decision.reason == "it tells what 2 reports have told"


def test_same_day_tells_no_development() -> None:
    soon = replace(LATER, published=NOON + timedelta(hours=3))
    decision = decide_change(STORY, replace(REPORT, features=soon), members=[FIRST])
    assert decision.kind is ChangeKind.INDEPENDENT_REPORT


def test_undated_article_is_no_development_of_a_dated_one() -> None:
    """It may be older than the story."""
    undated = replace(LATER, published=None, seen=NOON + timedelta(days=900))
    decision = decide_change(STORY, replace(REPORT, features=undated), members=[FIRST])
    assert decision.kind is ChangeKind.INDEPENDENT_REPORT


def test_reports_are_counted_by_publisher_and_agency() -> None:
    story = replace(
        STORY,
        articles=(
            article(1),
            article(2, independent=False),
            article(3),
            article(4, weak=True),
        ),
    )
    assert str(count_reports(story)) == "3 articles, 2 independent reports, first: Outlet 1"


def test_publisher_is_named_or_else_the_site() -> None:
    assert publisher_key("Example Press", url="https://a.example", outlet="A") == "example press"
    assert publisher_key(None, url="https://news.bbc.co.uk/x", outlet="BBC") == "bbc.co.uk"
    assert publisher_key(None, url="no address", outlet="A Daily") == "a daily"


@pytest.mark.parametrize(
    ("text", "author", "origin"),
    [
        ("BERLIN (Reuters) - The office was closed.", None, "Reuters"),
        ("ЗАГРЕБ, 17 июля. /ТАСС/. Патрули начались.", None, "TASS"),
        ("The office was closed.", "dpa", "dpa"),
        ("(제주=연합뉴스) 순찰이 시작됐다.", None, "Yonhap"),
        ("The office was closed.\n(With information from EFE)", None, "EFE"),
        ("As CNN reports, the office was closed. CNN says so.", None, "CNN"),
        ("He told Reuters that the office was closed.", None, None),
        ("The office was closed.", "A. Reporter", None),
    ],
)
def test_origin_is_who_is_credited(text: str, author: str | None, origin: str | None) -> None:
    made = Article(url="u", canonical_url="u", title="", text=text, author=author)
    assert find_origin(made) == origin


def test_copy_is_never_independent() -> None:
    assert not is_independent(publisher="a", agency=None, is_copy=True, members=())
    assert is_independent(publisher="a", agency=None, is_copy=False, members=[article(2)])
    weak = article(2, publisher="a", weak=True)
    assert is_independent(publisher="a", agency=None, is_copy=False, members=[weak])
