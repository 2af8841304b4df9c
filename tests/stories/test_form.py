"""A final pass gives the same stories in whatever order articles were found."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from monitor.features import load_gazetteer
from monitor.match.matcher import Matcher
from monitor.model import Article
from monitor.stories.features import make_features
from monitor.stories.form import FormedArticle, FoundArticle, form_stories
from tests.stories.grouping import OWN, read_groups, texts_of


@pytest.fixture(scope="module")
def found(root: Path, matcher: Matcher) -> list[FoundArticle]:
    groups = [group for group in read_groups(OWN) if group["kind"] != "near_duplicate"][:14]
    articles = []
    for text in texts_of(groups):
        analysis = matcher.match(text.title, text.text, declared=text.language)
        article = Article(
            url=f"https://a.example/{text.key}",
            canonical_url=f"https://a.example/{text.key}",
            title=text.title,
            text=text.text,
            published=text.published,
            language=text.language,
        )
        features = make_features(
            article, analysis, load_gazetteer(), seen_at=None, home=frozenset({"CN", "HK", "MO"})
        )
        articles.append(
            FoundArticle(
                article_id=str(text.key), canonical_url=article.canonical_url, features=features
            )
        )
    return articles


def stories(formed: tuple[FormedArticle, ...]) -> set[frozenset[str]]:
    by_story: dict[str, set[str]] = {}
    for each in formed:
        by_story.setdefault(each.story, set()).add(each.article_id)
    return {frozenset(ids) for ids in by_story.values()}


def test_order_of_arrival_does_not_count(found: list[FoundArticle]) -> None:
    expected = form_stories(found)
    for seed in range(5):
        shuffled = list(found)
        random.Random(seed).shuffle(shuffled)
        assert form_stories(shuffled) == expected


def test_articles_of_one_event_are_one_story(found: list[FoundArticle]) -> None:
    formed = stories(form_stories(found))
    whole = [ids for ids in formed if len({each.split(".")[0] for each in ids}) == 1]
    assert len(whole) == len(formed), "two groups in one story"
    assert len(formed) <= 16  # 14 groups


def test_what_a_person_pinned_stays_and_others_follow(found: list[FoundArticle]) -> None:
    from dataclasses import replace

    pinned = [replace(found[0], pinned="story by hand"), *found[1:]]
    formed = {each.article_id: each.story for each in form_stories(pinned)}
    assert formed[found[0].article_id] == "story by hand"
    assert formed[found[1].article_id] == "story by hand"  # of the same group


def test_copy_follows_its_original(found: list[FoundArticle]) -> None:
    from dataclasses import replace

    copy = replace(
        found[5], article_id="copy", canonical_url="https://0.example", copy_of=found[0].article_id
    )
    formed = {each.article_id: each.story for each in form_stories([copy, *found])}
    assert formed["copy"] == formed[found[0].article_id]
