"""What lists hold, what follows from them, and how they are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.jobs.backfill_sources import Inputs, build_roots, cut_slices, take_listing
from monitor.model import RunKind, Source
from spiders.archive import CdxServer, FoundList, ListReading, ListRow
from spiders.archive_gdelt import MOST, ask_gdelt, read_gdelt
from spiders.archive_reading import find_next_page, read_list, split_page_number
from spiders.units import Wanted
from storage.archive_entries import EntryEnd
from storage.archive_lists import ArchiveList, ListHeld, NewEntry, NewList, make_key
from storage.database import Storage
from tests.storage.building import NOON, HeldClock

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SINCE = datetime(2019, 1, 1, tzinfo=UTC)
WANTED = Wanted(since=SINCE)
SITE = "https://town.example"


def read(body: str, form: str, url: str = f"{SITE}/list") -> ListReading:
    return read_list(body.encode(), form=form, url=url, now=NOW)  # type: ignore[arg-type]


def a_list(form: str = "sitemap", depth: int = 0) -> ArchiveList:
    return ArchiveList(url=f"{SITE}/list", source_id="town", form=form, depth=depth, state="todo")


def take(reading: ListReading, form: str = "sitemap", depth: int = 0, wanted: Wanted = WANTED):  # type: ignore[no-untyped-def]
    return take_listing(
        a_list(form, depth), reading, wanted, server=CdxServer(), rules="r", now=NOW
    )


def test_robots_names_the_sitemaps_of_its_own_site() -> None:
    text = f"Sitemap: {SITE}/a.xml\nSitemap: https://other.example/b.xml\nDisallow: /x\n"
    found = read(text, "robots", f"{SITE}/robots.txt")
    assert [(each.url, each.form) for each in found.lists] == [(f"{SITE}/a.xml", "sitemap")]


def test_robots_without_a_sitemap_leads_to_the_usual_places() -> None:
    found = read("User-agent: *\n", "robots", f"{SITE}/robots.txt")
    assert f"{SITE}/sitemap.xml" in {each.url for each in found.lists}
    assert {each.form for each in found.lists} == {"guess"}


def test_page_in_the_place_of_a_guessed_sitemap_is_nothing() -> None:
    assert read("<html><body>not found</body></html>", "guess") == ListReading()


def test_lastmod_is_no_day_of_publication_and_a_news_date_is() -> None:
    body = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
        f"<url><loc>{SITE}/a</loc><lastmod>2024-01-02</lastmod></url>"
        f"<url><loc>{SITE}/b</loc><lastmod>2024-01-02</lastmod><news:news><news:publication>"
        "<news:name>Town</news:name><news:language>en</news:language></news:publication>"
        "<news:publication_date>2019-05-06</news:publication_date><news:title>B</news:title>"
        "</news:news></url></urlset>"
    )
    first, second = read(body, "sitemap").rows
    assert (first.published, first.changed) == (None, datetime(2024, 1, 2, tzinfo=UTC))
    assert second.published == datetime(2019, 5, 6, tzinfo=UTC)


def test_older_page_of_a_feed_is_found() -> None:
    """RFC 5005, archived feeds."""
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Town</title><id>x</id>'
        f'<link rel="next" href="{SITE}/feed?paged=2"/><entry><id>1</id><title>Bread</title>'
        f'<link href="{SITE}/a"/><updated>2024-01-02T00:00:00Z</updated></entry></feed>'
    )
    found = read(body, "feed", f"{SITE}/feed")
    assert [(each.url, each.following) for each in found.lists] == [(f"{SITE}/feed?paged=2", True)]
    assert [row.url for row in found.rows] == [f"{SITE}/a"]


@pytest.mark.parametrize(
    ("body", "following"),
    [
        ('<link rel="next" href="/news?page=2"><a href="/other">x</a>', "/news?page=2"),
        ('<a rel="nofollow next" href="/news/page/2/">older</a>', "/news/page/2/"),
        ('<a href="/news?page=3">3</a><a href="/news?page=2">2</a>', "/news?page=2"),
        ('<a href="/news/page/2">2</a>', "/news/page/2"),
        ('<a href="/sport?page=2">2</a><a href="/news/a-story">next week it rains</a>', None),
        ('<a href="https://other.example/news?page=2">2</a>', None),
        ("", None),
    ],
)
def test_following_page_of_a_section_is_found(body: str, following: str | None) -> None:
    page = f"<html><body>{body}</body></html>".encode()
    found = find_next_page(page, f"{SITE}/news")
    assert found == (f"{SITE}{following}" if following else None)


def test_page_numbers_are_told_from_the_address() -> None:
    base, one = split_page_number(f"{SITE}/news")
    assert one == 1
    for url, number in (("/news/page/7/", 7), ("/news?page=7", 7), ("/news/p7", 7), ("/news/7", 7)):
        assert split_page_number(SITE + url) == (base, number)


def test_list_behind_pages_that_are_all_too_old_is_not_read() -> None:
    old = ListRow(url=f"{SITE}/2010/01/02/a")
    new = ListRow(url=f"{SITE}/2020/01/02/a")
    following = FoundList(url=f"{SITE}/news?page=2", form="section", following=True)
    assert take(ListReading(rows=(old,), lists=(following,)), "section").lists == ()
    both = take(ListReading(rows=(old, new), lists=(following,)), "section")
    assert [each.url for each in both.lists] == [following.url]
    assert both.pruned == 1
    assert both.oldest == datetime(2010, 1, 2, tzinfo=UTC)


def test_index_that_leads_into_itself_ends() -> None:
    child = FoundList(url=f"{SITE}/deeper.xml", form="sitemap")
    assert take(ListReading(lists=(child,)), depth=3).lists
    deep = take(ListReading(lists=(child,)), depth=4)
    assert deep.lists == ()
    assert "not read on" in (deep.problem or "")


def test_pages_that_a_search_finds_elsewhere_are_left_out() -> None:
    rows = (ListRow(url=f"{SITE}/a"), ListRow(url="https://other.example/a"))
    wanted = Wanted(since=SINCE, sites=("town.example",))
    assert len(take(ListReading(rows=rows), "gdelt", wanted=wanted).entries) == 1
    assert len(take(ListReading(rows=rows), "feed", wanted=wanted).entries) == 2


def test_captures_are_asked_for_once_for_each_content() -> None:
    at = datetime(2021, 3, 5, tzinfo=UTC)
    rows = tuple(ListRow(url=f"{SITE}/a", captured=at, digest=each) for each in ("A", "A", "B"))
    taken = take(ListReading(rows=rows), "cdx")
    assert [entry.url for entry in taken.entries] == [
        "https://web.archive.org/web/20210305000000id_/https://town.example/a"
    ] * 2
    assert all(entry.replay for entry in taken.entries)


def test_source_begins_with_robots_and_with_itself() -> None:
    source = Source(id="town", kind="section", url=f"{SITE}/news", outlet="Town")
    roots = build_roots(Inputs(sources=(source,)), WANTED, now=NOW)
    assert [(root.url, root.form) for root in roots] == [
        (f"{SITE}/robots.txt", "robots"), (f"{SITE}/news", "section"),
    ]  # fmt: skip


def test_slices_cover_a_period_without_a_gap() -> None:
    slices = list(cut_slices(SINCE, NOW))
    assert slices[0][1] == NOW
    assert slices[-1][0] == SINCE
    assert all(later[0] == earlier[1] for later, earlier in pairwise(slices))


def gdelt_answer(count: int) -> bytes:
    import json

    rows = [{"url": f"{SITE}/{n}", "seendate": "20240305T093000Z"} for n in range(count)]
    return json.dumps({"articles": rows}).encode()


def test_full_answer_of_a_search_is_asked_for_in_halves() -> None:
    url = ask_gdelt("https://api.example/doc", "a b", SINCE, SINCE + timedelta(days=31))
    assert read_gdelt(gdelt_answer(3), url).lists == ()
    full = read_gdelt(gdelt_answer(MOST), url)
    assert len(full.lists) == 2
    assert "enddatetime=20190131235959" in full.lists[0].url
    assert "startdatetime=20190101000000" in full.lists[1].url


def test_search_that_answers_in_words_is_a_problem() -> None:
    url = ask_gdelt("https://api.example/doc", "a", SINCE, NOW)
    reading = read_gdelt(b"Your query was too short.", url)
    assert "too short" in (reading.problem or "")


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    with Storage.create(tmp_path / "data", HeldClock()) as opened:
        yield opened


def held(*entries: NewEntry) -> ListHeld:
    return ListHeld(entries=entries)


def an_entry(name: str, rules: str = "r") -> NewEntry:
    return NewEntry(
        key=make_key(name), url=f"{SITE}/{name}", source_id="town", host="town.example", rules=rules
    )


def test_newest_list_is_read_first_and_one_that_waits_not_before_its_time(storage: Storage) -> None:
    lists = storage.archive_lists
    dates = {"old": datetime(2019, 1, 1, tzinfo=UTC), "new": datetime(2024, 1, 1, tzinfo=UTC)}
    for name, day in dates.items():
        lists.add("q", [NewList(url=name, source_id="t", form="sitemap", dated=day)])
    lists.add("q", [NewList(url="root", source_id="t", form="robots")])
    assert [each.url for each in lists.find_due("q", NOON, limit=9)] == ["root", "new", "old"]
    lists.put_off("q", "root", NOON + timedelta(seconds=5), "busy", tried=True)
    assert [each.url for each in lists.find_due("q", NOON, limit=9)] == ["new", "old"]
    assert lists.find_next_try("q") == NOON + timedelta(seconds=5)
    assert [e.url for e in lists.find_due("q", NOON, limit=9, without=["t"])] == []


def test_list_that_failed_for_now_is_tried_in_the_next_run(storage: Storage) -> None:
    lists = storage.archive_lists
    lists.add("q", [NewList(url=n, source_id="t", form="sitemap") for n in ("busy", "gone")])
    lists.put_off("q", "busy", NOON, "503", tried=True)
    lists.fail("q", "busy", "503")
    lists.fail("q", "gone", "404")
    assert lists.reopen("q", before=NOON - timedelta(days=1)) == 1
    assert [each.url for each in lists.find_due("q", NOON, limit=9)] == ["busy"]


def test_page_that_came_to_its_end_is_not_asked_for_again(storage: Storage) -> None:
    run = storage.runs.begin(RunKind.BACKFILL)
    lists, entries = storage.archive_lists, storage.archive_entries
    lists.add("first", [NewList(url="l", source_id="town", form="sitemap")])
    lists.finish("first", "l", held(*map(an_entry, "abc")))
    ends = (("a", "ruled out"), ("b", "fetch failed"), ("c", "no match"))
    entries.finish(
        "first", run.id, [EntryEnd(key=make_key(n), outcome=o, counted=o) for n, o in ends]
    )
    entries.finish("first", run.id, [EntryEnd(key=make_key("a"), outcome="no match", counted="x")])
    for asked, rules in (("second", "r"), ("third", "other rules")):
        lists.add(asked, [NewList(url="l", source_id="town", form="sitemap")])
        lists.finish(asked, "l", held(*(an_entry(n, rules) for n in "abc")))
    found = [each.url[-1] for each in entries.find_due("second", "town", NOON, limit=9)]
    assert found == ["b"]
    assert len(entries.find_due("third", "town", NOON, limit=9)) == 3
    assert storage.runs.end(run.id).outcomes == {"ruled out": 1, "fetch failed": 1, "no match": 1}


def test_removed_report_leaves_no_address_in_what_was_asked_for(storage: Storage) -> None:
    lists, entries = storage.archive_lists, storage.archive_entries
    lists.add("q", [NewList(url="l", source_id="town", form="sitemap")])
    there = "https://web.archive.org/web/20210305093000id_/https://town.example/a"
    capture = replace(an_entry("x"), url=there, replay=True)
    lists.finish("q", "l", held(an_entry("a"), an_entry("b"), capture))
    storage.purges.forget_asked([f"{SITE}/a"])
    assert [each.url for each in entries.find_due("q", "town", NOON, limit=9)] == [f"{SITE}/b"]
    lists.finish("q", "l", held(an_entry("a")))
    assert len(entries.find_due("q", "town", NOON, limit=9)) == 1
