"""One story, one alert: articles committed one after another, and what each of them owes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.commit import Committed
from monitor.model import ChangeKind, Outcome
from tests.stories.desk import Newsroom, days

TITLE = "Dublin orders Chinese police station on Quay Street to close"
TEXT = (
    "The Irish government has told the Chinese embassy to close an overseas police station on Quay"
    " Street in Dublin, officials said on Tuesday. The office had been opened without permission by"
    " the police of Fuzhou, the Department of Foreign Affairs found.\n"
    "The association that rents the rooms said volunteers had only helped 40 residents to renew"
    " their driving licences. A sign over the door was taken down on Monday evening.\n"
    "Opposition deputies asked why the gardaí had waited for a year before they looked into it."
)
OTHER = (
    "Ireland has ordered China to shut down a police service station in Dublin that was run without"
    " leave from a first-floor office. Foreign Affairs officials summoned a diplomat and gave the"
    " embassy a week.\n"
    "Fuzhou's police had advertised the Quay Street address on their website. Residents say that"
    " they were asked there about relatives who had criticised the party."
)


def alerted(newsroom: Newsroom) -> int:
    return newsroom.storage.outbox.count().owed


def test_reprint_is_a_duplicate_and_its_alert_is_suppressed_with_the_reason(
    newsroom: Newsroom,
) -> None:
    first = newsroom.tell(TITLE, TEXT)
    copy = newsroom.tell(
        "Chinese outpost in Dublin must close",
        "DUBLIN (Meridian) - " + TEXT + "\nRead also: storm closes the port",
        outlet="weekly",
    )
    assert copy.outcome is Outcome.DUPLICATE
    assert copy.story_id == first.story_id
    assert copy.change is None
    assert copy.reason.startswith("a copy of https://daily.example/")
    assert alerted(newsroom) == 1
    story = newsroom.story(copy)
    assert [article.independent for article in story.articles] == [True, False]
    evidence = story.articles[1].evidence
    assert evidence is not None
    assert "% of its words stand in https://daily.example/" in evidence.because[0]


def test_independent_report_joins_and_speaks_once(newsroom: Newsroom) -> None:
    first = newsroom.tell(TITLE, TEXT)
    second = newsroom.tell("Ireland shuts Chinese police office", OTHER, outlet="weekly")
    assert second.outcome is Outcome.NEW
    assert second.story_id == first.story_id
    assert second.change is ChangeKind.INDEPENDENT_REPORT
    third = newsroom.tell(
        "Quay Street: China told to close its police station in Dublin",
        "China has to close its police service station on Dublin's Quay Street within a week, the"
        " Irish foreign ministry said. The office of the Fuzhou police had no permission.",
        outlet="evening",
    )
    assert third.story_id == first.story_id
    assert third.change is None
    assert "reports have told" in third.reason
    story = newsroom.story(third)
    assert newsroom.changes(story) == ["first report", "independent report"]


def test_second_text_of_one_publisher_is_no_independent_report(newsroom: Newsroom) -> None:
    newsroom.tell(TITLE, TEXT)
    again = newsroom.tell("Ireland shuts Chinese police office", OTHER)
    assert again.change is None
    assert "has reported it already" in again.reason


def test_weak_join_is_shown_and_suppresses_nothing(newsroom: Newsroom) -> None:
    first = newsroom.tell(TITLE, TEXT)
    probably = newsroom.tell(
        "Ireland and its Chinese police station",
        "Irish gardaí know of one overseas police station of China, a spokesman said."
        " He named no address and no suspects.",
        outlet="weekly",
        published=days(2),
    )
    assert probably.story_id != first.story_id
    assert probably.change is ChangeKind.FIRST_REPORT
    listed = newsroom.story(first).articles
    assert [article.weak for article in listed] == [False, True]
    evidence = listed[1].evidence
    assert evidence is not None
    assert evidence.because[0].startswith("probably the same as")


def test_other_city_same_template_stays_apart(newsroom: Newsroom) -> None:
    first = newsroom.tell(TITLE, TEXT)
    other = newsroom.tell(
        TITLE.replace("Dublin", "Galway").replace("Quay", "Shop"),
        TEXT.replace("Dublin", "Galway").replace("Quay", "Shop").replace("Fuzhou", "Wenzhou"),
        outlet="weekly",
    )
    assert other.outcome is Outcome.NEW
    assert other.story_id != first.story_id
    assert other.change is ChangeKind.FIRST_REPORT


def test_other_year_same_template_stays_apart(newsroom: Newsroom) -> None:
    text = (
        "Eight Chinese police officers will patrol Zagreb and Dubrovnik with Croatian colleagues"
        " for a month, the ministry said. It is their {} stay. They carry no weapons and help"
        " tourists from China."
    )
    first = newsroom.tell("Chinese police on patrol in Croatia", text.format("third"))
    later = newsroom.tell(
        "Chinese police on patrol in Croatia",
        text.format("fourth"),
        outlet="weekly",
        published=days(365),
    )
    assert later.outcome is Outcome.NEW
    assert later.story_id != first.story_id


def test_follow_up_speaks_again(newsroom: Newsroom) -> None:
    newsroom.tell(TITLE, TEXT)
    newsroom.clock.move(days=1)
    arrest = newsroom.tell(
        "Two arrested over Chinese police station on Dublin's Quay Street",
        "Gardaí have arrested a man and a woman over the overseas police station on Quay Street in"
        " Dublin that the Irish government had told the Chinese embassy to close. The office was"
        " run for the police of Fuzhou.",
        published=days(1),
    )
    assert arrest.story_id == newsroom.committed[0].story_id
    assert arrest.change is ChangeKind.FOLLOW_UP
    assert arrest.reason == "new in it: arrest"


def test_correction_is_a_version_that_speaks(newsroom: Newsroom) -> None:
    url = "https://daily.example/station"
    newsroom.tell(TITLE, TEXT, url=url)
    corrected = newsroom.tell(TITLE, TEXT.replace("40 residents", "400 residents"), url=url)
    assert corrected.outcome is Outcome.UPDATED
    assert corrected.change is ChangeKind.CORRECTION
    assert "40 in one, 400 in the other" in corrected.reason
    assert corrected.article_id is not None
    notes = newsroom.storage.grouping.read_notes(corrected.article_id)
    assert "40 in one, 400 in the other" in notes[2]


def test_longer_version_is_kept_and_says_nothing(newsroom: Newsroom) -> None:
    url = "https://daily.example/station"
    newsroom.tell(TITLE, TEXT, url=url)
    more = "\nThe minister will answer questions in the Dáil on Thursday afternoon."
    updated = newsroom.tell(TITLE, TEXT + more, url=url)
    assert updated.outcome is Outcome.UPDATED
    assert updated.change is None
    assert updated.reason == "1 sentences came, 0 went"


@pytest.mark.parametrize(
    "furniture",
    ["\nLast updated at 14:32", "\n312 comments", "\nLatest news\nStorm closes port\nBus strike"],
    ids=["clock", "counter", "headlines"],
)
def test_flapping_page_is_unchanged(newsroom: Newsroom, furniture: str) -> None:
    url = "https://daily.example/station"
    first = newsroom.tell(TITLE, TEXT, url=url)
    flapped = newsroom.tell(TITLE, TEXT + furniture, url=url)
    assert flapped.outcome is Outcome.UNCHANGED
    assert flapped.article_id == first.article_id
    assert newsroom.storage.articles.get(first.article_id or "").version == 1


def test_backfilled_story_alerts_for_its_first_live_article_once(newsroom: Newsroom) -> None:
    old = newsroom.tell(TITLE, TEXT, historic=True)
    assert alerted(newsroom) == 0
    live = newsroom.tell("Ireland shuts Chinese police office", OTHER, outlet="weekly")
    assert live.story_id == old.story_id
    assert live.change is ChangeKind.FIRST_REPORT
    assert "live" in live.reason
    assert alerted(newsroom) == 1
    copy = newsroom.tell("Closed", TEXT + "\nMore soon.", outlet="evening")
    assert copy.change is None
    assert alerted(newsroom) == 1


def test_backfilled_article_met_live_alerts_once(newsroom: Newsroom) -> None:
    url = "https://daily.example/station"
    newsroom.tell(TITLE, TEXT, url=url, historic=True)
    for _ in range(3):
        newsroom.tell(TITLE, TEXT, url=url)
    newsroom.tell(TITLE, TEXT + " It was shut on Friday, a spokeswoman added.", url=url)
    assert alerted(newsroom) == 1
    assert not newsroom.story(newsroom.committed[-1]).historic


def test_agency_report_told_twice_counts_once(newsroom: Newsroom) -> None:
    first = newsroom.tell(TITLE, "DUBLIN (Reuters) - " + TEXT)
    second = newsroom.tell(
        "Ireland shuts Chinese police office", OTHER + " (Reuters)", outlet="weekly"
    )
    assert second.story_id == first.story_id
    assert second.change is None
    assert not newsroom.story(second).articles[1].independent


@pytest.mark.shared
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0)], ids=["in order", "backwards"])
@pytest.mark.parametrize("dated", [True, False], ids=["dated", "undated"])
def test_seeds_that_retell_one_report_are_one_story(
    shared: Path, newsroom: Newsroom, order: tuple[int, ...], dated: bool
) -> None:
    """Issue 4: the two texts that retell one report; the second's alert is suppressed, with why."""
    texts = [file.read_text("utf-8") for file in sorted((shared / "seeds").glob("*.txt"))][1:]
    told: dict[int, Committed] = {}
    for number in order:
        text = texts[number]
        title = next(line for line in text.splitlines() if len(line) > 40)
        # the second text says when it came out, and the others not so that a program can tell
        published = datetime(2022, 12, 4, tzinfo=UTC) if dated and number == 1 else None
        told[number] = newsroom.tell(title, text, outlet=f"outlet{number}", published=published)
    second = max((1, 2), key=order.index)
    assert [n for n in order if told[n].change is None] == [second]
    assert told[1].story_id == told[2].story_id
    assert len({each.story_id for each in told.values()}) == 3
    assert "has reported it already" in told[second].reason
    assert newsroom.storage.outbox.count().owed == 3
    suppressed = newsroom.storage.runs.suppressed_between(None, newsroom.clock.now())
    assert sum(suppressed.values()) == 1
