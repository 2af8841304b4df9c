"""Two crawls of one host, each a program of its own: the live one goes first (P5)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from spiders.leases import GAVE_WAY
from spiders.workers import WorkerHost
from tests.fakes.site import Reply, Site
from tests.spiders.crawling import Crawled, crawl, look_at, only_fetch, settings

FEED = b'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title></channel></rss>'


def test_live_look_is_had_though_a_backfills_page_hangs(
    host: WorkerHost, site: Site, tmp_path: Path
) -> None:
    """The page would hold its host for half a minute; it is given up, and is no try of it."""
    leases = str(tmp_path / "hosts.lease")
    hangs = threading.Event()

    def hang(_asked: object) -> Reply:
        hangs.set()
        return Reply(hang=True)

    site.route("/robots.txt", Reply(status=404))
    site.route("/hangs", hang)
    site.route("/feed", body=FEED, content_type="application/rss+xml")

    def backfill() -> Crawled:
        fetch = settings(leases=leases, gives_way=True, page_deadline=30.0)
        pages = {"old": [site.url("/hangs")]}
        return crawl(host, [only_fetch("old")], fetch=fetch, pending=pages)

    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(backfill)
        assert hangs.wait(30)
        live = crawl(host, [look_at(site.url("/feed"))], fetch=settings(leases=leases))
        failed = running.result().failed[site.url("/hangs")]
    look = live.looks[site.url("/feed")]
    assert (look.status, look.problem) == (200, None)
    assert (failed.reason, failed.retry, failed.asked) == (GAVE_WAY, True, False)


def test_site_that_asks_a_backfill_to_wait_is_not_asked_by_the_live_watch(
    host: WorkerHost, site: Site, tmp_path: Path
) -> None:
    leases = str(tmp_path / "hosts.lease")
    busy = Reply(status=429, headers=(("Retry-After", "60"),))
    site.route("/robots.txt", Reply(status=404))
    site.route("/busy", busy)
    site.route("/feed", body=FEED, content_type="application/rss+xml")
    fetch = settings(leases=leases, gives_way=True)
    crawl(host, [only_fetch("old")], fetch=fetch, pending={"old": [site.url("/busy")]})
    site.forget()
    live = crawl(host, [look_at(site.url("/feed"))], fetch=settings(leases=leases))
    look = live.looks[site.url("/feed")]
    assert site.paths == []
    assert look.retry_after is not None
    assert "left alone" in (look.problem or "")
