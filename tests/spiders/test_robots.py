"""robots.txt by RFC 9309, served in every way that it can go wrong (FAULTS C16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.model import Outcome
from spiders.robots_memory import RobotsMemory
from spiders.workers import WorkerHost
from tests.fakes.site import Feed, Reply, Site, page, redirect
from tests.spiders.crawling import Crawled, crawl, look_at, settings

TEXT = "text/plain"
RULES = b"User-agent: *\nDisallow: /private\nAllow: /private/open\nCrawl-delay: 0.1\n"
LONG = b"# " + b"x" * 500 * 1024 + b"\n"

ROBOTS: dict[str, Reply] = {
    "rules": Reply(body=RULES, content_type=TEXT),
    "bom": Reply(body=b"\xef\xbb\xbf" + RULES, content_type=TEXT),
    "missing": Reply(status=404),
    "forbidden": Reply(status=403),
    "broken": Reply(status=500),
    "busy": Reply(status=503),
    "silent": Reply(hang=True),
    "closed": Reply(raw=b""),
    "html": Reply(body=page("Welcome", "Disallow: /")),
    "empty": Reply(content_type=TEXT),
    "long-after": Reply(body=LONG + RULES, content_type=TEXT),
    "long-before": Reply(body=RULES + LONG, content_type=TEXT),
    "redirected": redirect("/robots2"),
    "loop": redirect("/robots.txt"),
    "hops": redirect("/r/0"),
    "to-private": redirect("http://127.0.0.2/robots.txt"),
    "named": Reply(
        body=b"User-agent: newsreader\nDisallow: /private\n\nUser-agent: *\nDisallow: /\n",
        content_type=TEXT,
    ),
    "others": Reply(body=b"User-agent: somebot\nDisallow: /\n", content_type=TEXT),
    "many-agents": Reply(
        body=b"".join(b"User-agent: a%d\n" % at for at in range(15_000))
        + b"".join(b"Disallow: /%d\n" % at for at in range(17_000)),
        content_type=TEXT,
    ),
    "stars": Reply(
        body=b"User-agent: *\n" + b"Disallow: /*a*a*a*a*a*a*b$\n" * 15_000, content_type=TEXT
    ),
}
OPEN = ("rules", "bom", "missing", "forbidden", "html", "empty", "long-after", "long-before",
        "redirected", "loop", "hops", "named", "others", "many-agents", "stars")  # fmt: skip
CLOSED = ("broken", "busy", "silent", "closed")


@pytest.fixture(scope="module")
def memory() -> RobotsMemory:
    return RobotsMemory()


@pytest.fixture(scope="module")
def crawled(host: WorkerHost, site: Site, memory: RobotsMemory) -> Crawled:
    feed = Feed(site=site, host="feed.test")
    for name, reply in ROBOTS.items():
        alone = f"{name}.test"
        site.route("/robots.txt", reply, host=alone)
        site.route("/robots2", ROBOTS["rules"], host=alone)
        for at in range(7):
            site.route(f"/r/{at}", redirect(f"/r/{at + 1}"), host=alone)
        for path in ("/public", "/private", "/private/open"):
            site.route(path, host=alone, body=page("Page", "text"))
            feed.add_url(site.url(path, host=alone))
        site.route("/hop", redirect("/private"), host=alone)
        feed.add_url(site.url("/hop", host=alone))
    return crawl(
        host,
        [look_at(feed.url, name="feed")],
        fetch=settings(source_deadline=2.0, page_deadline=2.0),
        robots=memory,
    )


@pytest.mark.parametrize("name", OPEN)
def test_public_page_is_fetched(crawled: Crawled, site: Site, name: str) -> None:
    """A 4xx, a web page in its place, too many redirects: everything is allowed."""
    assert site.url("/public", host=f"{name}.test") in crawled.prepared


@pytest.mark.parametrize("name", ["rules", "bom", "redirected", "long-before", "named"])
def test_forbidden_page_is_not_fetched(crawled: Crawled, site: Site, name: str) -> None:
    failed = crawled.failed[site.url("/private", host=f"{name}.test")]
    assert failed.outcome is Outcome.ROBOTS
    assert ("/private", f"{name}.test") not in {(each.path, each.host) for each in site.asked}


@pytest.mark.parametrize("name", ["rules", "bom", "redirected", "long-before"])
def test_longer_allow_wins(crawled: Crawled, site: Site, name: str) -> None:
    assert site.url("/private/open", host=f"{name}.test") in crawled.prepared


@pytest.mark.parametrize("name", ["missing", "html", "loop", "hops", "long-after", "others"])
def test_where_there_are_no_rules_all_is_allowed(crawled: Crawled, site: Site, name: str) -> None:
    """Rules beyond 500 KiB are not read."""
    assert site.url("/private", host=f"{name}.test") in crawled.prepared


@pytest.mark.parametrize("name", CLOSED)
def test_robots_that_cannot_be_had_forbids_for_the_time_being(
    crawled: Crawled, site: Site, name: str
) -> None:
    failed = crawled.failed[site.url("/public", host=f"{name}.test")]
    assert failed.retry
    assert not failed.asked
    assert failed.outcome is None
    assert "robots.txt could not be had" in failed.reason
    assert [each.path for each in site.asked if each.host == f"{name}.test"] == ["/robots.txt"]


def test_robots_that_lead_to_a_private_address_are_not_read(crawled: Crawled, site: Site) -> None:
    """The site itself may be asked, so its pages are tried again later."""
    failed = crawled.failed[site.url("/public", host="to-private.test")]
    assert failed.retry
    assert "not a public address" in failed.reason


def test_redirect_into_a_forbidden_place_is_not_followed(crawled: Crawled, site: Site) -> None:
    assert crawled.failed[site.url("/hop", host="rules.test")].outcome is Outcome.ROBOTS


def test_robots_are_asked_once_for_a_site(crawled: Crawled, site: Site) -> None:
    asked = [each.host for each in site.asked if each.path == "/robots.txt"]
    assert crawled.done is not None
    assert sorted(set(asked) - {"loop.test"}) == sorted(
        each for each in asked if each != "loop.test"
    )


def test_every_robots_is_recorded(crawled: Crawled, site: Site) -> None:
    verdicts = {name: crawled.robots[site.url("", host=f"{name}.test")].verdict for name in ROBOTS}
    assert verdicts["rules"] == "rules"
    assert {verdicts[name] for name in CLOSED} == {"forbid"}
    assert verdicts["missing"] == verdicts["html"] == verdicts["hops"] == "allow"


def test_next_crawl_asks_only_those_that_did_not_answer(
    host: WorkerHost, site: Site, crawled: Crawled, memory: RobotsMemory
) -> None:
    """What a site said holds for a day; what could not be had is asked again."""
    assert crawled.done is not None
    site.forget()
    feed = Feed(site=site, host="feed2.test")
    for name in ("rules", "missing", "broken"):
        feed.add_url(site.url("/public", host=f"{name}.test"))
        feed.add_url(site.url("/private", host=f"{name}.test"))
    again = crawl(host, [look_at(feed.url, name="feed2")], robots=memory)
    asked = {each.host for each in site.asked if each.path == "/robots.txt"}
    assert asked == {"feed2.test", "broken.test"}
    assert again.failed[site.url("/private", host="rules.test")].outcome is Outcome.ROBOTS
    assert site.url("/private", host="missing.test") in again.prepared


def test_memory_forgets_after_a_day(crawled: Crawled, site: Site, memory: RobotsMemory) -> None:
    """RFC 9309, 2.4."""
    later = RobotsMemory(now=lambda: datetime.now(UTC) + timedelta(hours=25))
    record = crawled.robots[site.url("", host="rules.test")]
    for each in (later, memory):
        each.remember(record)
    assert memory.records_for([site.url("/x", host="rules.test")]) == (record,)
    assert later.records_for([site.url("/x", host="rules.test")]) == ()
