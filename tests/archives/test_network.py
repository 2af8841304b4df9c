"""A backfill's way through a site that misbehaves, in one process, with a quick preparer."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from monitor.jobs.backfill_crawl import fetch_pages, open_lists, read_lists, share_pages
from monitor.jobs.backfill_errand import Errand, NetworkPlan, Patience
from monitor.jobs.backfill_report import make_report
from monitor.jobs.backfill_request import begin_request, make_network_plan
from monitor.jobs.backfill_side import Side
from monitor.jobs.backfill_sources import Inputs, cut_slices
from monitor.jobs.watch import Watch
from monitor.model import ArchiveSettings, Entry, RunKind, Source
from monitor.render.backfill import BackfillReport
from spiders.archive import CdxServer
from spiders.archive_gdelt import ask_gdelt
from spiders.archive_google import ask_google, sort_google
from spiders.units import Wanted
from spiders.work import WorkerSetup
from spiders.workers import WorkerHost
from storage.archive_lists import ListHeld, NewEntry
from tests.archives.press import Piece, make_config, urlset
from tests.fakes.site import Asked, Reply, Site

SINCE = datetime(2019, 1, 1, tzinfo=UTC)
QUICK = Patience(waits=(0.01, 0.01), longest=5.0, silent_batches=2, recheck=0.01)


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerHost]:
    setup = WorkerSetup(factory="tests.fakes.preparing:load_fake", arguments={})
    with WorkerHost(setup) as host:
        yield host


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as opened:
        yield opened


@pytest.fixture
def watch(tmp_path: Path, site: Site) -> Iterator[Watch]:
    from monitor.wiring import open_watch, read_config

    source = {"id": "town", "kind": "section", "url": site.url("/news"), "outlet": "Town"}
    config = make_config(tmp_path, json.dumps([source]))
    with open_watch(tmp_path / "data", read_config(config, tmp_path / "data")) as opened:
        yield opened


class Travel:
    """One backfill over the network, as far as it went."""

    def __init__(
        self, watch: Watch, workers: WorkerHost, inputs: Inputs, wanted: Wanted | None = None
    ) -> None:
        plan = make_network_plan(
            inputs,
            wanted or Wanted(since=SINCE),
            ArchiveSettings(requests_a_minute=6000),
            rules="fake-1",
        )
        self.plan: NetworkPlan = replace(plan, patience=QUICK)
        self.watch = watch
        self._workers = workers

    def go(self, stop: Callable[[], bool] = lambda: False) -> Errand:
        side = Side(watch=self.watch, known=self.watch.storage)
        request = begin_request(side, self.plan, {"from": "2019-01-01"})
        run = self.watch.storage.runs.begin(RunKind.BACKFILL)
        errand = Errand(
            watch=self.watch,
            plan=self.plan,
            workers=lambda: self._workers,
            run_id=run.id,
            stop=stop,
        )
        open_lists(errand)
        read_lists(errand)
        fetch_pages(errand)
        self.watch.storage.runs.end(run.id)
        self.request = request
        return errand

    @property
    def report(self) -> BackfillReport:
        return make_report(self.watch.storage, self.request, sources=self.watch.sources)


def town(site: Site) -> Source:
    return Source(id="town", kind="section", url=site.url("/news"), outlet="Town")


def page(site: Site, path: str) -> str:
    site.route(path, body=b"<html><body><p>bread</p></body></html>")
    return f'<article><h2><a href="{path}">A long headline about bread {path}</a></h2></article>'


def test_section_is_read_page_by_page_until_it_is_too_old(
    watch: Watch, workers: WorkerHost, site: Site
) -> None:
    for number, year in ((1, 2024), (2, 2020), (3, 2015), (4, 2010)):
        stories = "".join(page(site, f"/{year}/03/0{day}/story-{day}") for day in range(1, 6))
        path = "/news" if number == 1 else f"/news?page={number}"
        following = f'<a href="/news?page={number + 1}">{number + 1}</a>'
        body = f"<html><body>{stories}{following}</body></html>"
        site.route(path, body=body.encode())
    Travel(watch, workers, Inputs(sources=(town(site),))).go()
    asked = site.paths
    assert [path for path in asked if path.startswith("/news")] == [
        "/news", "/news?page=2", "/news?page=3",
    ]  # fmt: skip
    assert sum("story" in path for path in asked) == 10
    assert not [path for path in asked if path.startswith(("/2015", "/2010"))]


def test_what_is_refused_is_told_with_the_reason(
    watch: Watch, workers: WorkerHost, site: Site
) -> None:
    """robots.txt, 403, 404, 500 and a page that hangs: each has its end and its word."""
    names = ("open", "private/x", "gone", "broken", "closed")
    pieces = [Piece(f"/{name}", "2024-02-01", b"<html><p>bread</p></html>") for name in names]
    rules = f"User-agent: *\nDisallow: /private\nSitemap: {site.url('/map.xml')}\n"
    site.route("/robots.txt", body=rules.encode(), content_type="text/plain")
    site.route("/map.xml", body=urlset(site, pieces), content_type="application/xml")
    site.route("/other.xml", Reply(status=403))
    site.route("/open", body=pieces[0].body)
    site.route("/gone", Reply(status=404))
    site.route("/broken", Reply(status=500))
    site.route("/closed", Reply(status=403))
    inputs = Inputs(sitemaps=(site.url("/map.xml"), site.url("/other.xml")))
    travel = Travel(watch, workers, inputs)
    errand = travel.go()
    assert errand.left == []
    assert site.paths.count("/broken") == 3
    assert "/private/x" not in site.paths
    unseen = {each.why for each in travel.report.unseen}
    assert "robots: robots.txt forbids it" in unseen
    assert "fetch failed: the site answered 404" in unseen
    assert "fetch failed: the site answered 500" in unseen
    assert "the site answered 403" in unseen
    assert travel.report.total("failed") == 4
    assert travel.report.total("covered") == 1


def test_site_that_falls_silent_is_left_for_the_next_run_and_loses_nothing(
    watch: Watch, workers: WorkerHost, site: Site
) -> None:
    pieces = [Piece(f"/{n}", "2024-02-01", b"<html><p>bread</p></html>") for n in range(4)]
    site.route("/map.xml", body=urlset(site, pieces), content_type="application/xml")
    for piece in pieces:
        site.route(piece.path, Reply(raw=b""))
    travel = Travel(watch, workers, Inputs(sitemaps=(site.url("/map.xml"),)))
    errand = travel.go()
    assert errand.left
    assert watch.storage.archive_entries.count(travel.plan.asked).todo == 4
    assert travel.report.total("waiting") == 4


class Hesitant:
    """A clock that goes on by a second each time that it is asked, but the first time in a round.

    What was not due when it was looked for is due when its wait is asked for.
    """

    def __init__(self) -> None:
        self._now = datetime(2024, 3, 1, tzinfo=UTC)
        self._asked = 0

    def begin_round(self) -> bool:
        self._asked = 0
        return False

    def now(self) -> datetime:
        self._asked += 1
        self._now += timedelta(seconds=1 if self._asked > 1 else 0)
        return self._now

    def monotonic(self) -> float:
        return time.monotonic()


def test_page_that_becomes_due_while_it_is_looked_for_is_asked_for(
    watch: Watch, workers: WorkerHost, site: Site
) -> None:
    pieces = [Piece("/broken", "2024-02-01", b"")]
    site.route("/map.xml", body=urlset(site, pieces), content_type="application/xml")
    site.route("/broken", Reply(status=500))
    clock = Hesitant()
    inputs = Inputs(sitemaps=(site.url("/map.xml"),))
    travel = Travel(replace(watch, clock=clock), workers, inputs)
    assert travel.go(stop=clock.begin_round).left == []
    assert site.paths.count("/broken") == 3
    assert watch.storage.archive_entries.count(travel.plan.asked).todo == 0


def test_page_is_waited_for_whatever_source_fell_silent(
    watch: Watch, workers: WorkerHost, site: Site
) -> None:
    """What is left of the silent one has been due for long: it ends nobody's wait."""
    site.route("/map.xml", body=urlset(site, []), content_type="application/xml")
    site.route("/broken", Reply(status=500))
    site.route("/silent", Reply(raw=b""))
    travel = Travel(watch, workers, Inputs(sitemaps=(site.url("/map.xml"),)))
    travel.plan = replace(travel.plan, patience=replace(QUICK, waits=(0.01, 0.5)))
    errand = travel.go()
    pages = [
        NewEntry(
            key=name, url=site.url(f"/{name}"), source_id=name, host="127.0.0.1", rules="fake-1"
        )
        for name in ("broken", "silent")
    ]
    watch.storage.archive_lists.finish(
        travel.plan.asked, site.url("/map.xml"), ListHeld(entries=pages)
    )
    fetch_pages(errand)
    assert errand.left == ["silent: it did not answer; the rest of it is for the next run"]
    assert site.paths.count("/broken") == 3
    assert watch.storage.archive_entries.count(travel.plan.asked).todo == 1


def test_captures_are_asked_for_by_resume_key_and_read_as_what_was_captured(
    watch: Watch, workers: WorkerHost, site: Site
) -> None:
    """The Wayback Machine's dialect; its 429 is obeyed."""
    head = ["timestamp", "original", "mimetype", "statuscode", "digest"]

    def row(name: str, digest: str) -> list[str]:
        return ["20210305093000", f"https://town.example/{name}", "text/html", "200", digest]

    def index(asked: Asked) -> Reply:
        if "resumeKey" in asked.path:
            body = [head, row("c", "C")]
        else:
            body = [head, row("a", "A"), row("a", "A"), row("b", "B"), [], ["key c"]]
        return Reply(body=json.dumps(body).encode(), content_type="application/json")

    busy = [Reply(status=429, headers=(("Retry-After", "1"),))]
    site.route("/robots.txt", Reply(status=404))
    server = CdxServer(base=site.url("/cdx/search/cdx"))
    there = Reply(body=b"<html><p>bread</p></html>")
    for name in "abc":
        path = f"/web/20210305093000id_/https://town.example/{name}"
        site.route(path, lambda _asked: busy.pop() if busy else there)
    first = server.ask("town.example", SINCE, None)
    path = first[first.index("/cdx") :]
    site.route(path, index)
    site.route(f"{path}&resumeKey=key+c", index)
    travel = Travel(watch, workers, Inputs(hosts=("town.example",), server=server))
    errand = travel.go()
    assert errand.left == []
    counts = watch.storage.archive_entries.count(travel.plan.asked)
    assert (counts.todo, counts.done) == (0, 3)
    months = watch.storage.archive_entries.read_months(travel.plan.asked)
    assert {(each.source_id, each.month) for each in months} == {
        ("archive of town.example", "2021-03")
    }
    assert len([p for p in site.paths if "id_" in p]) == 4


def test_search_gives_addresses_only_and_pages_are_judged_here(
    watch: Watch, workers: WorkerHost, site: Site
) -> None:
    """The pages have no date of their own: today is not the day of their publication."""

    def answer(asked: Asked) -> Reply:
        rows = [{"url": site.url(f"/{n}"), "seendate": "20240205T080000Z"} for n in range(2)]
        full = "startdatetime=20240101" in asked.path
        return Reply(body=json.dumps({"articles": rows if full else []}).encode())

    site.route("/0", body=b"<html><p>bread</p></html>")
    site.route("/1", body=b"<html><p>flagged</p></html>")
    since, until = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)
    inputs = Inputs(searches=("bread",), gdelt=site.url("/doc"))
    for start, end in cut_slices(since, until):
        url = ask_gdelt(inputs.gdelt, "bread", start, end)
        site.route(url[url.index("/doc") :], answer)
    travel = Travel(watch, workers, inputs, Wanted(since=since, until=until))
    travel.go()
    months = watch.storage.archive_entries.read_months(travel.plan.asked)
    assert sorted(each.outcome for each in months) == ["found", "no match"]
    assert watch.storage.coverage.count_found() == 1
    assert len([path for path in site.paths if path.startswith("/doc")]) == 2


def test_search_of_google_news_gives_the_addresses_that_it_tells(
    watch: Watch, workers: WorkerHost, site: Site
) -> None:
    """Older links hold the address, newer ones an id: what has none is named, nothing guessed."""
    place = b"\x08\x13\x22\x20" + site.url("/0").encode()
    ids = (base64.urlsafe_b64encode(place).decode().rstrip("="), "CBMi" * 20)
    rows = "".join(
        f"<item><title>Report {n}</title><link>https://news.google.com/rss/articles/{each}</link>"
        "<pubDate>Mon, 05 Feb 2024 08:00:00 GMT</pubDate></item>"
        for n, each in enumerate(ids)
    )
    feed = (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>s</title>{rows}</channel></rss>'
    )
    site.route("/rss/search?*", body=feed.encode(), content_type="application/rss+xml")
    site.route("/0", body=b"<html><p>flagged</p></html>")
    since, until = datetime(2024, 2, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)
    inputs = Inputs(searches=("bread",), google=site.url("/rss/search"))
    travel = Travel(watch, workers, inputs, Wanted(since=since, until=until))
    travel.go()
    asked = [path for path in site.paths if path.startswith("/rss")]
    assert asked == ["/rss/search?q=bread+after%3A2024-02-01+before%3A2024-03-02"]
    assert watch.storage.coverage.count_found() == 1
    assert [each.why for each in travel.report.unseen if "Report 1" in each.why]


def test_full_answer_of_google_news_is_asked_for_in_halves() -> None:
    since, until = datetime(2024, 2, 1, tzinfo=UTC), datetime(2024, 3, 3, tzinfo=UTC)
    entries = [Entry(url=f"https://daily.example/{n}", title=f"{n}") for n in range(100)]
    url = ask_google("https://search.example/rss", "a after:b", since, until)
    reading = sort_google(entries, url, None)
    assert len(reading.rows) == 100
    assert [parse_qsl(urlsplit(each.url).query)[0][1] for each in reading.lists] == [
        "a after:b after:2024-02-16 before:2024-03-04",
        "a after:b after:2024-02-01 before:2024-02-17",
    ]
    day = ask_google("https://search.example/rss", "a", since, since + timedelta(days=1))
    last = sort_google(entries, day, None)
    assert last.lists == ()
    assert "the rest is unseen" in (last.problem or "")


@pytest.mark.parametrize(("sources", "pages"), [(1, 60), (100, 60), (200, 30), (5000, 5)])
def test_pages_of_many_sites_are_asked_for_side_by_side(sources: int, pages: int) -> None:
    """Ten sites at a time would take a country's hundred ten times as long."""
    assert share_pages(sources) == pages
