from __future__ import annotations

import itertools
import random
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Entry, Look, Offered, OfferedEntry, Outcome
from storage.database import Storage
from storage.offers import FIRST_RECHECK, LONGEST_RECHECK, decide_recheck, entry_id
from tests.storage.building import (
    NOON,
    Desk,
    HeldClock,
    make_entry,
    make_look,
    make_offer,
    make_page,
    make_source,
)


def offer(desk: Desk, *entries: Entry, source_id: str = "daily", **look: object) -> Offered:
    offers = [make_offer(entry) for entry in entries]
    return give(desk, make_look(*entries, source_id=source_id, **look), offers)


def give(desk: Desk, look: Look, offers: list[OfferedEntry]) -> Offered:
    return desk.storage.sources.offer(look, offers, run_id=desk.run_id)


def finish(desk: Desk, offered: Offered) -> None:
    for pending in offered.pending:
        desk.storage.pages.add(
            make_page(
                desk.run_id,
                url=pending.entry.url,
                entry_id=pending.id,
                fetched_at=desk.clock.now(),
            )
        )


def test_new_entries_are_pending_and_come_back_whole(desk: Desk) -> None:
    entries = (make_entry(1), make_entry(2, author="B.", language="hu", updated=NOON))
    offered = offer(desk, *entries)
    assert (offered.new, offered.known, offered.pending_left) == (2, 0, 0)
    assert tuple(pending.entry for pending in offered.pending) == entries
    assert desk.storage.entries.get(offered.pending[0].id) == offered.pending[0]


def test_known_entries_are_not_new_but_stay_pending_until_their_page(desk: Desk) -> None:
    """A kill or a 503, followed by a 304, loses nothing."""
    first = offer(desk, make_entry(1), make_entry(2))
    finish(desk, Offered(pending=first.pending[:1]))
    again = offer(desk, make_entry(1), make_entry(2))
    assert (again.new, again.known, again.changed) == (0, 2, 0)
    assert again.pending == first.pending[1:]
    silent = give(desk, make_look(status=304, not_modified=True), [])
    assert silent.pending == first.pending[1:]


def test_look_and_validators_are_one_transaction(desk: Desk) -> None:
    def fail() -> None:
        with desk.storage.transaction():
            offer(desk, make_entry())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert desk.storage.sources.get_state("daily").validators.etag is None
    assert desk.storage.entries.count_pending() == 0


def test_pending_is_limited_and_the_rest_counted(desk: Desk) -> None:
    entries = [make_entry(number) for number in range(50)]
    offered = desk.storage.sources.offer(
        make_look(*entries), [make_offer(entry) for entry in entries], run_id=desk.run_id, limit=20
    )
    assert [pending.entry for pending in offered.pending] == entries[:20]
    assert offered.pending_left == 30


def test_article_of_two_sources_is_one_entry_and_both_are_remembered(desk: Desk) -> None:
    entry = make_entry()
    first = offer(desk, entry)
    second = offer(desk, entry, source_id="weekly")
    assert (second.new, second.known) == (0, 1)
    assert desk.storage.entries.count_pending() == 1
    assert desk.storage.entries.find_sources(first.pending[0].id) == ("daily", "weekly")


def reorder(entries: list[Entry]) -> list[Entry]:
    return entries[::-1]


def without_guids(entries: list[Entry]) -> list[Entry]:
    return [make_entry(number, guid=None) for number in range(len(entries))]


def with_changing_guids(entries: list[Entry]) -> list[Entry]:
    return [make_entry(number, guid=f"fresh-{number}") for number in range(len(entries))]


def with_shared_guids(entries: list[Entry]) -> list[Entry]:
    return [make_entry(number, guid="all the same") for number in range(len(entries))]


def with_other_addresses(entries: list[Entry]) -> list[Entry]:
    return [
        make_entry(number, url=f"https://daily.example/s-{number}{number}{number}/{number}")
        for number in range(len(entries))
    ]


@pytest.mark.parametrize(
    "meddle",
    [reorder, without_guids, with_changing_guids, with_shared_guids, with_other_addresses],
)
def test_meddling_with_a_feed_makes_no_flood(
    desk: Desk, meddle: Callable[[list[Entry]], list[Entry]]
) -> None:
    """FAULTS C12: an entry is known by its canonical URL, or by a key of its source."""
    entries = [make_entry(number) for number in range(30)]
    finish(desk, offer(desk, *entries))
    again = offer(desk, *meddle(entries))
    assert (again.new, again.known, again.pending) == (0, 30, ())


def test_shared_guids_of_a_first_look_lose_nothing(desk: Desk) -> None:
    """FAULTS C12: an alias that two entries of a look share tells nothing apart."""
    offered = offer(desk, *with_shared_guids([make_entry()] * 30))
    assert offered.new == 30
    more = offer(desk, make_entry("new", guid="all the same"))
    assert more.new == 1


def test_alias_of_another_source_is_none_of_this_one(desk: Desk) -> None:
    offer(desk, make_entry(1, guid="1"))
    other = offer(desk, make_entry("other", guid="1"), source_id="weekly")
    assert other.new == 1


def test_repeated_entries_of_a_look_are_one_and_the_one_that_says_most(desk: Desk) -> None:
    bare, full = make_entry(title="", summary=""), make_entry()
    for entries in ((bare, full), (full, bare)):
        offered = offer(desk, *entries)
        assert offered.repeated == 1
        assert desk.storage.entries.find_pending(NOON)[0].entry.title == full.title
    assert desk.storage.entries.count_pending() == 1


@pytest.mark.parametrize(
    "key",
    ["", "https://daily.example/" + "x" * 9000, "https://daily.example/\ud800", "https://a/\x00"],
)
def test_entry_that_cannot_be_stored_is_refused_and_counted(desk: Desk, key: str) -> None:
    good, bad = make_entry(1), make_entry(2)
    offered = give(desk, make_look(good, bad), [make_offer(good), OfferedEntry(entry=bad, key=key)])
    assert (offered.new, offered.refused) == (1, 1)
    assert desk.storage.sources.read_looks("daily")[0].refused == 1


def test_entry_without_a_key_counts_as_refused(desk: Desk) -> None:
    """The caller could make no canonical URL of it, and leaves it out."""
    good, bad = make_entry(1), make_entry(2, url="mailto:desk@daily.example")
    assert give(desk, make_look(good, bad), [make_offer(good)]).refused == 1


def test_long_entry_is_cut_to_its_bounds(desk: Desk) -> None:
    offered = offer(desk, make_entry(title="t" * 100_000, summary="s" * 100_000))
    entry = offered.pending[0].entry
    assert (len(entry.title), len(entry.summary)) == (2_000, 20_000)


def test_known_entry_that_says_something_else_is_fetched_again(
    desk: Desk, clock: HeldClock
) -> None:
    finish(desk, offer(desk, make_entry(1), make_entry(2)))
    clock.move(days=1)
    corrected = make_entry(1, title="Corrected: report number 1")
    again = offer(desk, corrected, make_entry(2), looked_at=clock.now())
    assert (again.new, again.known, again.changed) == (0, 2, 1)
    assert [pending.entry for pending in again.pending] == [corrected]
    assert again.pending[0].attempts == 0


def test_words_around_a_link_of_a_section_page_ask_for_nothing(
    desk: Desk, clock: HeldClock
) -> None:
    """ "Two hours ago" becomes "three hours ago" with every look."""
    desk.storage.sources.sync([make_source(kind="section")])
    finish(desk, offer(desk, make_entry(title="two hours ago")))
    clock.move(days=1)
    again = offer(desk, make_entry(title="three hours ago"), looked_at=clock.now())
    assert (again.changed, again.pending) == (0, ())


def test_entry_that_always_changes_is_fetched_ever_more_rarely(
    desk: Desk, clock: HeldClock
) -> None:
    """A sitemap whose `lastmod` is always "now"."""
    fetches = 0
    for hour in range(24 * 30):
        clock.moment = NOON + timedelta(hours=hour)
        look = offer(desk, make_entry(updated=clock.moment), looked_at=clock.moment)
        fetches += len(look.pending)
        finish(desk, look)
    assert 8 <= fetches <= 14


def test_recheck_waits_twice_as_long_each_time_up_to_a_month() -> None:
    waits = [decide_recheck(NOON, rechecks, NOON) - NOON for rechecks in range(40)]
    assert waits[:2] == [timedelta(0), FIRST_RECHECK]
    assert all(later >= sooner for sooner, later in itertools.pairwise(waits))
    assert waits[-1] == LONGEST_RECHECK
    assert decide_recheck(NOON + timedelta(days=400), 5, NOON) == NOON  # the clock was wrong


def test_pending_entry_takes_the_newest_address_and_words(desk: Desk) -> None:
    """A session id in the first address may have run out by the time it is fetched."""
    offer(desk, make_entry(url="https://daily.example/1?session=old"))
    fresh = make_entry(url="https://daily.example/1?session=new")
    again = give(
        desk,
        make_look(fresh),
        [OfferedEntry(entry=fresh, key="https://daily.example/moved", aliases=("guid:guid-1",))],
    )
    assert (again.new, again.known) == (0, 1)
    assert [pending.entry for pending in again.pending] == [fresh]


def test_entries_of_a_removed_source_go_to_another_that_offers_them(desk: Desk) -> None:
    offer(desk, make_entry(1), make_entry(2))
    offer(desk, make_entry(2), source_id="weekly")
    desk.storage.sources.sync([make_source("weekly")])
    left = desk.storage.entries.find_pending(NOON, sources=["weekly"])
    assert [pending.entry for pending in left] == [make_entry(2)]
    assert desk.storage.entries.count_pending() == 2


def test_hundred_thousand_entries_in_one_look_are_all_kept(desk: Desk) -> None:
    """FAULTS C12."""
    entries = [make_entry(number) for number in range(100_000)]
    offered = offer(desk, *entries)
    assert (offered.new, len(offered.pending), offered.pending_left) == (100_000, 1000, 99_000)
    assert offer(desk, *reversed(entries[:20_000])).known == 20_000


def test_id_of_an_entry_is_made_of_its_key() -> None:
    assert entry_id("https://daily.example/1") == "33c5e4b2-b316-5bbb-8aed-9c10f588f1af"


NUMBERS = st.integers(0, 12)
LOOKS = st.lists(
    st.tuples(
        st.sampled_from(["daily", "weekly"]),
        st.lists(st.tuples(NUMBERS, st.one_of(st.none(), st.integers(0, 3)), NUMBERS), max_size=8),
        st.booleans(),
    ),
    max_size=8,
)


@settings(max_examples=30, deadline=None)
@given(LOOKS, st.randoms(use_true_random=False))
def test_no_entry_is_ever_lost(
    looks: list[tuple[str, list[tuple[int, int | None, int]], bool]], chance: random.Random
) -> None:
    """Whatever sources do with GUIDs and order, each offered address ends in exactly one page."""
    with tempfile.TemporaryDirectory() as folder:
        clock = HeldClock()
        with Storage.create(Path(folder), clock) as storage:
            desk = Desk(storage, clock)
            keys: set[str] = set()
            pages: list[str] = []
            for source_id, items, fetch in looks:
                entries = [
                    make_entry(number, guid=None if guid is None else f"{number}-{guid}")
                    for number, guid, _ in items
                ]
                keys |= {entry.url for entry in entries}
                offered = offer(desk, *entries, source_id=source_id)
                if fetch:
                    chosen = [each for each in offered.pending if chance.random() < 0.5]
                    finish(desk, Offered(pending=tuple(chosen)))
                    pages += [each.entry.url for each in chosen]
            rest = storage.entries.find_pending(NOON)
            finish(desk, Offered(pending=rest))
            pages += [each.entry.url for each in rest]
            assert sorted(pages) == sorted(keys)
            assert storage.runs.get(desk.run_id).outcomes.get(Outcome.NO_MATCH, 0) == len(keys)
            assert storage.check() == ()
