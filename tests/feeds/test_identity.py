"""Entries are known again, and none is taken for another (FAULTS C12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.feeds.identity import EntryKeys, build_keys
from monitor.model import Entry

WHEN = datetime(2024, 3, 15, 12, tzinfo=UTC)


def entry(number: int, **fields: object) -> Entry:
    made = Entry(
        url=f"https://herald.example/story/{number}",
        guid=f"https://herald.example/?p={number}",
        title=f"A headline that is long enough, number {number}",
        summary="and a summary",
        published=WHEN,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def known_again(before: list[Entry], after: list[Entry]) -> list[bool]:
    """Return which of `after` would be taken for one of `before` by a storage that keeps keys."""
    held = {key for keys in build_keys(before) for key in keys.all}
    return [not held.isdisjoint(keys.all) for keys in build_keys(after)]


MANY = [entry(number) for number in range(20)]


@pytest.mark.parametrize(
    "changed",
    [
        {"guid": None},
        {"url": "session"},
        {"title": "Corrected: the headline was wrong before", "summary": "x"},
        {"published": datetime(2024, 3, 16, tzinfo=UTC)},
    ],
    ids=["guid gone", "another address", "corrected", "another date"],
)
def test_entry_is_known_by_what_did_not_change(changed: dict[str, object]) -> None:
    after = []
    for number, before in enumerate(MANY):
        fields = dict(changed)
        if fields.get("url") == "session":
            fields["url"] = f"https://herald.example/s/{number * 7919}/"
        after.append(replace(before, **fields))  # type: ignore[arg-type]
    assert all(known_again(MANY, after))


def test_feed_whose_links_and_guids_change_with_every_look_does_not_flood() -> None:
    """C12."""
    after = [
        replace(old, url=f"https://herald.example/x{n}?k={n * 31}", guid=f"{n * 977:08x}-aaaa-x{n}")
        for n, old in enumerate(MANY)
    ]
    assert all(known_again(MANY, after))


def test_session_and_tracking_in_links_are_not_part_of_the_key() -> None:
    one = entry(1, guid=None, url="https://the-herald.com/a;jsessionid=1A2B?utm_source=rss")
    other = entry(1, guid=None, url="https://www.the-herald.com/a;jsessionid=9Z?utm_source=x")
    assert build_keys([one])[0].url == build_keys([other])[0].url


def test_order_does_not_matter() -> None:
    assert build_keys(MANY) == tuple(reversed(build_keys(list(reversed(MANY)))))


def test_guid_that_all_entries_share_is_no_key() -> None:
    keys = build_keys([entry(number, guid="https://herald.example/") for number in range(5)])
    assert [key.guid for key in keys] == [None] * 5


def test_text_that_entries_share_is_no_key() -> None:
    same = {"title": "Daily bulletin of the harbour office, 7 o'clock", "summary": ""}
    keys = build_keys([entry(1, **same), entry(2, **same)])
    assert [key.content for key in keys] == [None, None]


@pytest.mark.parametrize("guid", ["1", "item-2", "first", "top story"])
def test_guid_that_is_a_place_in_a_list_does_not_hide_the_next_article(guid: str) -> None:
    """C12: without loss."""
    before = [entry(1, guid=guid)]
    after = [entry(2, guid=guid)]
    assert known_again(before, after) == [False]


def test_headline_that_comes_every_week_does_not_hide_the_next_article() -> None:
    weekly = {"title": "What happened this week in the harbour district", "summary": "Our review."}
    before = [entry(1, **weekly)]
    after = [entry(2, **weekly, published=datetime(2024, 3, 22, tzinfo=UTC))]
    assert known_again(before, after) == [False]
    undated = [entry(3, **weekly, published=None)]
    assert known_again([entry(4, **weekly, published=None)], undated) == [False]


def test_keys_of_a_hostile_entry_are_short_texts() -> None:
    evil = entry(1, url="https://[", guid="\ud800\x00" * 9999, title="\udfff" * 50)
    [keys] = build_keys([evil])
    assert all(key.isascii() and len(key) < 40 for key in keys.all)


def test_one_hundred_thousand_entries_keep_their_keys_apart() -> None:
    keys = build_keys([entry(number) for number in range(100_000)])
    assert len({key.url for key in keys}) == len({key.guid for key in keys}) == 100_000
    assert len({key.content for key in keys}) == 100_000
    assert isinstance(keys[0], EntryKeys)
