"""Looks at sources that answer, move, refuse, break off or promise too much, all in one crawl."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from monitor.model import Validators
from spiders.frames import SourceTask
from spiders.workers import WorkerHost
from tests.fakes.site import MEGABYTE, Feed, Reply, Site, bomb, page, redirect
from tests.spiders.crawling import Crawled, crawl, look_at, settings

RSS = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>'
    + b"".join(
        b"<item><title>Item %d</title><link>http://news.test/%d</link></item>" % (at, at)
        for at in range(40)
    )
    + b"</channel></rss>"
)
XML = "application/rss+xml"
LATER = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
EARLIER = format_datetime(datetime.now(UTC) - timedelta(hours=2), usegmt=True)


def waits(status: int, value: str) -> Reply:
    return Reply(status=status, headers=(("Retry-After", value),))


SOURCES: dict[str, Reply] = {
    "good": Reply(body=RSS, content_type=XML, etag='"a"', modified=EARLIER),
    "fresh": Reply(body=RSS, content_type=XML, headers=(("Cache-Control", "max-age=1200"),)),
    "same-etag": Reply(body=RSS, content_type=XML, etag='"a"'),
    "same-date": Reply(body=RSS, content_type=XML, modified=EARLIER),
    "moved": redirect("/feed2", 301),
    "moved308": redirect("/feed2", 308),
    "elsewhere": redirect("/feed2", 302),
    "moved-then-not": redirect("/via", 301),
    "gone": Reply(status=410),
    "limit-seconds": waits(429, "120"),
    "limit-date": waits(503, LATER),
    "limit-absurd": waits(429, "1000000000"),
    "limit-negative": waits(429, "-5"),
    "limit-nonsense": waits(429, "soon"),
    "cut": Reply(body=RSS, content_type=XML, etag='"b"', cut=1500),
    "huge": Reply(body=RSS + b" " * 3 * MEGABYTE, content_type=XML, etag='"b"'),
    "bomb": bomb("gzip", 300 * MEGABYTE),
    "drip": Reply(body=b"<rss><channel></channel></rss>", drip=0.2),  # whole after 6 s
    "silent": Reply(hang=True),
    "kills": Reply(body=b"do: die", content_type=XML, etag='"c"'),
    "spins": Reply(body=b"do: spin", content_type=XML),
    "raises": Reply(body=b"do: raise", content_type=XML),
    "loop": redirect("/feed", 302),
    "hops": redirect("/h/0", 302),
    "hops5": redirect("/g/0", 302),
    "tofile": redirect("file:///etc/passwd"),
    "todata": redirect("data:text/html,x"),
    "tolocal": redirect("http://127.0.0.2/"),
    "tometadata": redirect("http://169.254.169.254/latest/meta-data/"),
    "toname": redirect("http://metadata.test/"),
    "tonowhere": Reply(status=302),
    "utf8": redirect("/føed"),
}
VALIDATORS = {
    "same-etag": Validators(etag='"a"'),
    "same-date": Validators(last_modified=EARLIER),
    "gone": Validators(etag='"old"'),
    "silent": Validators(etag='"old"'),
}


def tasks(site: Site) -> list[SourceTask]:
    for name, reply in SOURCES.items():
        site.route("/feed", reply, host=f"{name}.test")
        site.route("/feed2", SOURCES["good"], host=f"{name}.test")
    site.route("/via", redirect("/feed2", 302), host="moved-then-not.test")
    site.route("/f%C3%B8ed", SOURCES["good"], host="utf8.test")
    for at in range(21):
        site.route(f"/h/{at}", redirect(f"/h/{at + 1}"), host="hops.test")
    for at in range(4):
        site.route(f"/g/{at}", redirect(f"/g/{at + 1}"), host="hops5.test")
    site.route("/g/4", SOURCES["good"], host="hops5.test")
    return [
        look_at(site.url("/feed", host=f"{name}.test"), name=name, validators=VALIDATORS.get(name))
        for name in SOURCES
    ]


@pytest.fixture(scope="module")
def crawled(host: WorkerHost, site: Site) -> Crawled:
    feed = Feed(site=site, host="plain.test")
    feed.add("/one", body=page("One", "text"))
    return crawl(
        host,
        [*tasks(site), look_at(feed.url, name="plain")],
        fetch=settings(
            max_source_bytes=2 * MEGABYTE, source_deadline=2.0, feed_seconds=2.0, obey_robots=False
        ),
    )


def test_every_source_has_its_look_and_its_end(crawled: Crawled) -> None:
    assert crawled.done is not None
    assert set(crawled.looks) == {*SOURCES, "plain"}
    assert set(crawled.sources_done) == {*SOURCES, "plain"}


def test_good_source_goes_on_beside_the_bad(crawled: Crawled, site: Site) -> None:
    """P5, C1 to C8: one failing source never stops another."""
    assert site.url("/one", host="plain.test") in crawled.prepared


@pytest.mark.parametrize("name", ["good", "moved", "moved308", "elsewhere", "hops5", "utf8"])
def test_source_that_answers_offers_its_entries(crawled: Crawled, name: str) -> None:
    look = crawled.looks[name]
    assert look.problem is None
    assert len(look.entries) == 40
    assert look.validators == Validators(etag='"a"', last_modified=EARLIER)


@pytest.mark.parametrize("name", ["same-etag", "same-date"])
def test_source_that_has_not_changed_lives(crawled: Crawled, name: str) -> None:
    """C6: a 304 is no failure, and the validators stay."""
    look = crawled.looks[name]
    assert look.not_modified
    assert look.status == 304
    assert look.problem is None
    assert look.validators == VALIDATORS[name]


@pytest.mark.parametrize(
    ("name", "path"),
    [("moved", "/feed2"), ("moved308", "/feed2"), ("moved-then-not", "/via"), ("elsewhere", None)],
)
def test_permanent_redirect_is_noted_as_far_as_it_reaches(
    crawled: Crawled, site: Site, name: str, path: str | None
) -> None:
    """C6: what follows a temporary redirect has not moved for good."""
    expected = site.url(path, host=f"{name}.test") if path else None
    assert crawled.looks[name].moved_to == expected


def test_source_that_is_gone_says_410_and_keeps_its_validators(crawled: Crawled) -> None:
    """C6."""
    look = crawled.looks["gone"]
    assert look.status == 410
    assert look.problem is not None
    assert look.validators == Validators(etag='"old"')


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("limit-seconds", 120, 120),
        ("limit-date", 3600, 7200),
        ("limit-absurd", 86_400, 86_400),
        ("limit-negative", 0, 0),
    ],
)
def test_retry_after_is_read_and_capped(crawled: Crawled, name: str, least: int, most: int) -> None:
    """C4."""
    wait = crawled.looks[name].retry_after
    assert wait is not None
    assert least <= wait <= most


def test_retry_after_that_is_nonsense_is_none(crawled: Crawled) -> None:
    """C4."""
    assert crawled.looks["limit-nonsense"].retry_after is None
    assert crawled.looks["limit-nonsense"].status == 429


def test_max_age_is_handed_on(crawled: Crawled) -> None:
    assert crawled.looks["fresh"].fresh_for == 1200


def test_source_cut_off_is_salvaged_and_asked_again_in_full(crawled: Crawled) -> None:
    """C7: its validators are not kept, or a 304 would hide the rest for ever."""
    look = crawled.looks["cut"]
    assert 0 < len(look.entries) < 40
    assert look.salvaged
    assert look.problem is not None
    assert look.validators == Validators()


def test_source_that_is_too_large_is_read_to_its_cap(crawled: Crawled) -> None:
    """C7: the newest items stand first, and a source that grew must not fall silent."""
    look = crawled.looks["huge"]
    assert len(look.entries) == 40
    assert look.salvaged
    assert look.problem is not None
    assert "too large" in look.problem
    assert look.validators == Validators()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("bomb", "too large"),
        ("drip", "no whole answer in 2 s"),
        ("silent", "no whole answer in 2 s"),
        ("kills", "killed"),
        ("spins", "time"),
        ("raises", "the page asked for it"),
        ("loop", "circle"),
        ("hops", "more than 5 redirects"),
        ("tofile", "only http and https"),
        ("todata", "only http and https"),
        ("tolocal", "not a public address"),
        ("tometadata", "not a public address"),
        ("toname", "not a public address"),
        ("tonowhere", "302"),
    ],
)
def test_source_that_cannot_be_read_says_why(crawled: Crawled, name: str, reason: str) -> None:
    """C3, C5, C7, C8, C14."""
    look = crawled.looks[name]
    assert look.problem is not None
    assert reason in look.problem
    assert look.entries == ()


@pytest.mark.parametrize("name", ["kills", "spins", "raises"])
def test_source_that_killed_its_worker_is_asked_again_in_full(crawled: Crawled, name: str) -> None:
    assert crawled.looks[name].validators == Validators()


def test_source_that_did_not_answer_keeps_its_validators(crawled: Crawled) -> None:
    assert crawled.looks["silent"].validators == Validators(etag='"old"')


def test_redirects_stop_after_five(crawled: Crawled, site: Site) -> None:
    """C5."""
    hops = [asked.path for asked in site.asked if asked.host == "hops.test"]
    assert hops == ["/feed", "/h/0", "/h/1", "/h/2", "/h/3", "/h/4"]
