"""Entries that a burst or an outage pushed out of a feed are found on the pages behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.jobs.older import MOST_PAGES, MOST_TRIES, OlderPages
from monitor.jobs.poll import poll
from monitor.model import Entry, Look, NetworkSettings, Settings, Source, SourceRhythm
from spiders.work import WorkerSetup
from spiders.workers import WorkerHost
from tests.fakes.site import Asked, Reply, Site, page
from tests.jobs.building import Place, open_place
from tests.storage.building import NOON

FAKE = WorkerSetup(factory="tests.fakes.preparing:load_fake", arguments={})
SIZE = 10


@pytest.fixture(scope="module")
def host() -> Iterator[WorkerHost]:
    with WorkerHost(FAKE) as host:
        yield host


class Paper:
    """A feed of ten items a page, the newest first; `form` says how the pages are named."""

    def __init__(self, site: Site, form: str) -> None:
        self.site, self.form = site, form
        self.items: list[int] = []
        self.broken: set[int] = set()
        for number in range(1, 8):
            site.route(self.path(number), self._answer)

    def path(self, number: int) -> str:
        if number == 1:
            return "/feed/"
        return f"/feed/?paged={number}" if self.form == "wordpress" else f"/feed/page-{number}"

    def publish(self, count: int) -> None:
        for _ in range(count):
            number = len(self.items)
            self.items.insert(0, number)
            self.site.route(f"/{number}", body=page(f"Item {number}", f"Text {number}."))

    def _answer(self, asked: Asked) -> Reply:
        number = next(n for n in range(1, 8) if self.path(n) == asked.path)
        items = self.items[(number - 1) * SIZE : number * SIZE]
        if number in self.broken:
            return Reply(status=500)
        if not items:
            return Reply(status=404)
        rows = "".join(
            f"<item><title>Item {each}</title><link>{self.site.url(f'/{each}')}</link></item>"
            for each in items
        )
        head = "<generator>https://wordpress.org/?v=6.9</generator>"
        if self.form != "wordpress":
            ends = number * SIZE >= len(self.items)
            link = f'<atom:link rel="{self.form}" href="{self.path(number + 1)}"/>'
            head = "" if ends else link
        body = (
            '<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">'
            f"<channel><title>T</title>{head}{rows}</channel></rss>"
        ).encode()
        return Reply(body=body, content_type="application/rss+xml", etag=f'"{self.items[0]}"')


def open_watch(folder: Path, paper: Paper, host: WorkerHost):  # type: ignore[no-untyped-def]
    source = Source(id="paper", kind="feed", url=paper.site.url("/feed/"), outlet="Paper")
    network = NetworkSettings(delay=0.0, workers=1, allow_private=(paper.site.place,))
    return open_place(
        folder, sources=(source,), settings=Settings(network=network), workers=lambda: host
    )


def look_again(place: Place) -> int:
    """Poll when the next look is due, and return how many pages came of it."""
    place.clock.move(seconds=7 * 3600)
    return sum(poll(place.watch).run.outcomes.values())


@pytest.mark.parametrize("form", ["wordpress", "prev-archive"])
def test_burst_beyond_the_first_page_is_read_whole(
    tmp_path: Path, host: WorkerHost, form: str
) -> None:
    with Site() as site:
        paper = Paper(site, form)
        paper.publish(15)
        with open_watch(tmp_path / "data", paper, host) as place:
            assert look_again(place) == SIZE  # of a source never seen, its first page
            paper.publish(3)
            site.forget()
            assert look_again(place) == 3
            assert paper.path(2) not in site.paths
            paper.publish(25)
            site.forget()
            assert look_again(place) == 25
            assert [path for path in site.paths if path.startswith("/feed")] == [
                paper.path(1), paper.path(2), paper.path(3),
            ]  # fmt: skip


def test_page_that_fails_is_read_with_the_next_look(tmp_path: Path, host: WorkerHost) -> None:
    with Site() as site:
        paper = Paper(site, "next")
        paper.publish(10)
        with open_watch(tmp_path / "data", paper, host) as place:
            look_again(place)
            paper.publish(25)
            paper.broken = {2}
            assert look_again(place) == SIZE
            assert look_again(place) == 0
            paper.broken = set()
            assert look_again(place) == 15
            site.forget()
            assert look_again(place) == 0
            assert paper.path(2) not in site.paths


RHYTHM = SourceRhythm(url="https://x.test/feed", answered_at=None)
SOURCE = Source(id="s", kind="feed", url="https://x.test/feed", outlet="S")


def a_page(number: int, **more: object) -> Look:
    entries = tuple(Entry(url=f"https://x.test/{number}/{at}") for at in range(3))
    return Look(
        source_id="s", looked_at=NOON, status=200, entries=entries,
        next_url=f"https://x.test/feed?paged={number + 1}", **more,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.fixture
def older(tmp_path: Path) -> Iterator[OlderPages]:
    with open_place(tmp_path / "data", sources=(SOURCE,)) as place:
        yield OlderPages(place.storage)


def seen() -> SourceRhythm:
    return replace(RHYTHM, answered_at=a_page(1).looked_at)


def test_pages_are_bounded(older: OlderPages) -> None:
    number, gathered = 1, older.gather(a_page(1), seen(), SOURCE)
    while gathered.read_on is not None:
        number += 1
        gathered = older.gather(a_page(number), seen(), SOURCE)
    assert number == MOST_PAGES
    assert len(gathered.look.entries) == 3 * MOST_PAGES


def test_first_look_and_other_sites_are_not_read_on(older: OlderPages) -> None:
    assert older.gather(a_page(1), RHYTHM, SOURCE).read_on is None
    elsewhere = replace(a_page(1), next_url="https://other.test/feed?paged=2")
    assert older.gather(elsewhere, seen(), SOURCE).read_on is None


def test_page_that_never_comes_is_given_up_and_counted(older: OlderPages) -> None:
    failing = replace(a_page(2), entries=(), status=500, problem="the site answered 500")
    rhythm = seen()
    for tries in range(1, MOST_TRIES):
        assert older.gather(a_page(1), rhythm, SOURCE).read_on is not None
        gathered = older.gather(failing, rhythm, SOURCE)
        assert (gathered.given_up, gathered.tries) == (False, tries)
        rhythm = gathered.note(rhythm)
    older.gather(a_page(1), rhythm, SOURCE)
    gathered = older.gather(failing, rhythm, SOURCE)
    assert gathered.given_up
    assert gathered.note(rhythm).older is None


def test_page_behind_the_last_is_the_end(older: OlderPages) -> None:
    older.gather(a_page(1), seen(), SOURCE)
    end = replace(a_page(2), entries=(), status=404, problem="the site answered 404")
    gathered = older.gather(end, seen(), SOURCE)
    assert gathered.missing is None
    assert gathered.look.entries == a_page(1).entries
