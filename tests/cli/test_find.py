"""What `stories` and `search` say of days: that of publication, as reports of backfills do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from monitor.cli.find import say_articles, say_when, search, show_hit, show_story
from monitor.cli.output import Output
from monitor.jobs.find import Found
from monitor.model import Story, StoryArticle
from monitor.wiring import create_data

DAY = datetime(2019, 5, 5, tzinfo=UTC)
CAPTURED = datetime(2024, 3, 3, 12, 30, tzinfo=UTC)
ARTICLE = StoryArticle(
    article_id="a", url="https://www.town.example/1", title="Police", outlet="Town", country="IE",
    language="en", published=DAY, first_seen=CAPTURED, historic=True,
)  # fmt: skip
STORY = Story(
    id="s", title="Police", topics=("overseas-stations",), countries=("IE",), level="report",
    first_seen=CAPTURED, articles=(ARTICLE,), historic=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("published", "historic", "said"),
    [
        (DAY, True, "published 2019-05-05, captured 2024-03-03"),
        (None, True, "no date, captured 2024-03-03"),
        (DAY, False, "published 2019-05-05, first seen 2024-03-03 12:30"),
        (None, False, "no date, first seen 2024-03-03 12:30"),
    ],
)
def test_each_day_is_told_with_what_it_is(
    published: datetime | None, said: str, *, historic: bool
) -> None:
    """`stories` told the day of the capture, the report that of publication."""
    assert say_when(published, CAPTURED, historic=historic) == said


def test_stories_and_search_tell_the_day_of_publication() -> None:
    out = StringIO()
    show_story(Output(as_json=False, out=out), STORY)
    hit = Found(
        article_id="a", story_id="s", title="Police", url=ARTICLE.url, outlet="Town", country="IE",
        language="en", published=DAY, first_seen=CAPTURED, historic=True, snippet="", marks=(),
    )  # fmt: skip
    show_hit(Output(as_json=False, out=out), hit)
    assert out.getvalue().count("published 2019-05-05, captured 2024-03-03") == 2


def test_story_of_several_articles_dates_each_of_them() -> None:
    out = StringIO()
    second = replace(ARTICLE, article_id="b", url="https://b.example/2", published=None)
    show_story(Output(as_json=False, out=out), replace(STORY, articles=(ARTICLE, second)))
    assert "Town (en), 2019-05-05: https://www.town.example/1" in out.getvalue()
    assert "Town (en): https://b.example/2" in out.getvalue()


@pytest.mark.parametrize(
    ("rows", "articles", "said"),
    [
        (6, 4, " (4 articles, one row for each of their topics)"),
        (2, 1, " (1 article, one row for each of its topics)"),
        (4, 4, ""),
        (0, 0, ""),
    ],
)
def test_export_says_how_many_articles_its_rows_are(rows: int, articles: int, said: str) -> None:
    """Six rows of four articles were told as six of something."""
    assert say_articles(rows, articles) == said


def test_search_that_finds_nothing_tells_of_the_star(
    tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where words have endings a search for whole words is silent, and nothing said why."""
    create_data(tmp_path)
    search(["rendőr"], data=tmp_path, config=root)
    assert '"patrol*"' in capsys.readouterr().out
