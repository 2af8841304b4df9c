"""How often a host is asked: one request at a time, the delay kept, waits obeyed (C4, P5)."""

from __future__ import annotations

import itertools

import pytest

from spiders.workers import WorkerHost
from tests.fakes.site import Feed, Reply, Site, page, redirect
from tests.spiders.crawling import Crawled, crawl, look_at, only_fetch, settings

DELAY = 0.25


@pytest.fixture(scope="module")
def crawled(host: WorkerHost, site: Site) -> Crawled:
    for name in ("polite", "asks"):
        feed = Feed(site=site, host=f"{name}.test")
        for at in range(5):
            feed.add(f"/{at}", body=page("P", "t"), wait=0.05)
    site.route("/robots.txt", body=b"User-agent: *\nCrawl-delay: 0.6", host="asks.test")
    busy = Feed(site=site, host="busy.test")
    for at in range(8):
        busy.add(f"/{at}", Reply(status=429, headers=(("Retry-After", "77"),)))
    sleepy = Feed(site=site, host="sleepy.test")
    for at in range(8):
        sleepy.add(f"/{at}", Reply(hang=True))
    hops = Feed(site=site, host="hops.test")
    for at in range(4):
        hops.add(f"/{at}", redirect(site.url(f"/{at}", host="polite.test")))
    second = [site.url(f"/{at}", host="polite.test") for at in range(5)]
    names = ("polite", "asks", "busy", "sleepy", "hops")
    return crawl(
        host,
        [
            *(look_at(site.url("/feed", host=f"{name}.test"), name=name) for name in names),
            only_fetch("second"),
        ],
        pending={"second": second},
        fetch=settings(delay=DELAY, page_deadline=1.0),
    )


def times(site: Site, name: str) -> list[float]:
    return [each.at for each in site.asked if each.host == f"{name}.test"]


def span(site: Site, name: str) -> float:
    moments = times(site, name)
    return moments[-1] - moments[0]


def test_host_is_asked_for_one_thing_at_a_time(crawled: Crawled, site: Site) -> None:
    """Two sources and the redirects of a third lead to the same host."""
    assert crawled.done is not None
    assert site.most_at_once["polite.test"] == 1
    assert len(times(site, "polite")) == 2 + 5 + 5 + 4


def test_delay_is_kept_between_requests(crawled: Crawled, site: Site) -> None:
    """What is asserted is our own delay, never how fast anything was.

    A quarter is left for the time that the first request needed to arrive.
    """
    assert crawled.done is not None
    for name in ("polite", "hops"):
        assert span(site, name) > DELAY * (len(times(site, name)) - 1) * 0.75


def test_host_that_answers_slowly_is_asked_less_often(host: WorkerHost, site: Site) -> None:
    """AutoThrottle: as long as an answer took, so long the host is left alone after it."""
    feed = Feed(site=site, host="slow.test")
    for at in range(5):
        feed.add(f"/{at}", body=page("P", "t"), wait=0.4)
    crawled = crawl(
        host, [look_at(feed.url, name="slow")], fetch=settings(delay=0.0, page_deadline=30.0)
    )
    assert len(crawled.prepared) == 5
    moments = times(site, "slow")[3:]
    assert all(later - one > 0.4 + 0.3 for one, later in itertools.pairwise(moments))


def test_crawl_delay_of_robots_is_kept(crawled: Crawled, site: Site) -> None:
    """The first request, for robots.txt itself, cannot know it."""
    assert crawled.done is not None
    assert len(times(site, "asks")) == 7
    assert span(site, "asks") > 0.6 * 5 * 0.75


def test_host_that_answers_429_is_left_alone(crawled: Crawled, site: Site) -> None:
    """C4: one 429, and the other pages wait unasked as long as it said."""
    assert len(times(site, "busy")) == 3
    waits = [crawled.failed[site.url(f"/{at}", host="busy.test")] for at in range(8)]
    assert all(each.retry for each in waits)
    assert {each.retry_after for each in waits} <= {75, 76, 77}
    assert [each.status for each in waits] == [429] + [None] * 7


def test_host_that_never_answers_is_asked_three_times(crawled: Crawled, site: Site) -> None:
    """P5: eight pages that hang cost three deadlines, not eight."""
    assert len(times(site, "sleepy")) == 2 + 3
    failed = [crawled.failed[site.url(f"/{at}", host="sleepy.test")] for at in range(8)]
    assert all(each.retry for each in failed)
    assert sum("did not answer 3 times" in each.reason for each in failed) == 5
    assert sum(each.asked for each in failed) == 3


def test_source_whose_time_is_over_is_left_for_the_next_crawl(host: WorkerHost, site: Site) -> None:
    """P5: every entry is answered for; those that were not asked are no tries."""
    feed = Feed(site=site, host="long.test")
    for at in range(30):
        feed.add(f"/{at}", body=page("P", "t"))
    crawled = crawl(
        host,
        [look_at(feed.url, name="long")],
        fetch=settings(delay=0.3, source_seconds=1.5, obey_robots=False),
    )
    assert len(crawled.prepared) + len(crawled.failed) == 30
    assert 1 <= len(crawled.prepared) <= 8
    assert all(each.retry and not each.asked for each in crawled.failed.values())
    assert crawled.sources_done == ["long"]
