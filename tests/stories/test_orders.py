"""A person's word on stories: merged, split, moved, and remembered."""

from __future__ import annotations

import pytest

from monitor.errors import StorageError
from monitor.grouping import settle_reports
from monitor.model import StoryFilter
from tests.stories.desk import Newsroom
from tests.stories.test_commit import OTHER, TEXT, TITLE

FAR = (
    "Police in Lisbon are looking into a Chinese police service station above a bakery in Arroios."
    " The Portuguese prosecutor's office has opened an inquiry and searched the rooms on Monday."
)


def test_merged_stories_are_one_and_what_comes_later_follows(newsroom: Newsroom) -> None:
    one = newsroom.tell(TITLE, TEXT)
    two = newsroom.tell("Lisbon looks into Chinese police station", FAR, outlet="weekly")
    assert one.story_id != two.story_id
    storage = newsroom.storage
    with storage.transaction():
        storage.orders.merge(two.story_id or "", one.story_id or "", commit=storage.next_commit())
        settle_reports(storage, one.story_id or "")
    story = newsroom.story(two)
    assert story.id == one.story_id
    assert [a.evidence.kind for a in story.articles if a.evidence] == ["by hand"]
    assert set(story.countries) >= {"IE", "PT"}
    assert [each.id for each in storage.stories.iterate(StoryFilter())] == [story.id]
    copy = newsroom.tell("Lisbon", FAR + " Nobody was arrested.", outlet="evening")
    assert copy.story_id == story.id
    assert [order.kind for order in storage.orders.read()] == ["merge"]


def test_split_article_has_a_story_of_its_own_and_its_copies_follow(newsroom: Newsroom) -> None:
    one = newsroom.tell(TITLE, TEXT)
    two = newsroom.tell("Ireland shuts Chinese police office", OTHER, outlet="weekly")
    assert one.story_id == two.story_id
    storage = newsroom.storage
    with storage.transaction():
        new_id = storage.orders.split(
            one.story_id or "", [two.article_id or ""], commit=storage.next_commit()
        )
    assert newsroom.story(two).id == new_id
    assert [a.article_id for a in newsroom.story(one).articles] == [one.article_id]
    copy = newsroom.tell("Ireland", OTHER + " Nobody answered the door.", outlet="evening")
    assert copy.story_id == new_id


def test_moved_article_stays_where_it_was_put(newsroom: Newsroom) -> None:
    url = "https://weekly.example/lisbon"
    one = newsroom.tell(TITLE, TEXT)
    two = newsroom.tell("Lisbon looks into Chinese police station", FAR, outlet="weekly", url=url)
    storage = newsroom.storage
    with storage.transaction():
        storage.orders.move(two.article_id or "", one.story_id or "", commit=storage.next_commit())
    newsroom.tell("Lisbon: inquiry", FAR + " It was opened on Friday.", outlet="weekly", url=url)
    assert newsroom.story(two).id == one.story_id


def test_split_refuses_all_articles_and_those_of_other_stories(newsroom: Newsroom) -> None:
    one = newsroom.tell(TITLE, TEXT)
    two = newsroom.tell("Lisbon looks into Chinese police station", FAR, outlet="weekly")
    storage = newsroom.storage
    for article, why in (
        (one.article_id, "some of its articles have to go"),
        (two.article_id, "is no article of that story"),
    ):
        with pytest.raises(StorageError, match=why), storage.transaction():
            storage.orders.split(one.story_id or "", [article or ""], commit=storage.next_commit())
    assert storage.orders.read() == ()


def test_unknown_story_is_refused_with_the_cure(newsroom: Newsroom) -> None:
    one = newsroom.tell(TITLE, TEXT)
    storage = newsroom.storage
    with (
        pytest.raises(StorageError, match="`stationwatch stories` shows their ids"),
        storage.transaction(),
    ):
        storage.orders.merge("nobody", one.story_id or "", commit=storage.next_commit())


def test_copy_that_is_split_off_becomes_a_report_of_its_own(newsroom: Newsroom) -> None:
    one = newsroom.tell(TITLE, TEXT)
    copy = newsroom.tell("Closed", TEXT + " More follows soon.", outlet="weekly")
    storage = newsroom.storage
    with storage.transaction():
        new_id = storage.orders.split(
            one.story_id or "", [copy.article_id or ""], commit=storage.next_commit()
        )
        alone = settle_reports(storage, new_id)
    assert [article.independent for article in alone.articles] == [True]
