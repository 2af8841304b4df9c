"""Pages that misbehave, all in one crawl: each gets its one answer, and none delays the others."""

from __future__ import annotations

import gzip
import hashlib

import pytest

from monitor.model import Outcome, SiteBlocks, Validators
from spiders.workers import WorkerHost
from tests.fakes.site import MEGABYTE, Feed, Reply, Site, bomb, encoded, page, redirect
from tests.spiders.crawling import Crawled, crawl, look_at, peak_memory, settings

CAP = 2 * MEGABYTE
GOOD = page("Council", "flagged text that matches")
PEAKS: list[int] = []
CUT_GZIP = gzip.compress(page("Cut", "word " * 20_000), 0)

PAGES: dict[str, Reply] = {
    "good": Reply(body=GOOD, etag='"7"', headers=(("X-Odd-CASE", "kept"), ("x-two", "1"))),
    "nothing": Reply(body=page("Nothing", "plain")),
    "gzip": encoded(GOOD, "gzip"),
    "deflate": encoded(GOOD, "deflate"),
    "br": encoded(GOOD, "br"),
    "zstd": encoded(GOOD, "zstd"),
    "twice": encoded(GOOD, "gzip", "br"),
    "thrice": encoded(GOOD, "gzip", "gzip", "gzip"),
    "six": encoded(GOOD, *["gzip"] * 6),
    "odd-coding": Reply(body=GOOD, headers=(("Content-Encoding", "rot13"),)),
    "broken-coding": Reply(body=b"no gzip at all", headers=(("Content-Encoding", "gzip"),)),
    "bomb-gzip": bomb("gzip", 400 * MEGABYTE),
    "bomb-deflate": bomb("deflate", 400 * MEGABYTE),
    "bomb-br": bomb("br", 400 * MEGABYTE),
    "bomb-zstd": bomb("zstd", 400 * MEGABYTE),
    "bomb-nested": Reply(
        body=gzip.compress(bomb("gzip", 400 * MEGABYTE).body),
        headers=(("Content-Encoding", "gzip, gzip"),),
    ),
    "huge": Reply(body=b"x" * (CAP + 1)),
    "huge-chunked": Reply(body=b"x" * (CAP + 1), chunked=True),
    "announced-huge": Reply(body=b"x", length=10**12),
    "endless": Reply(endless=True),
    "drip-body": Reply(body=b"x" * 30, drip=0.2),  # whole after 6 s
    "drip-head": Reply(body=b"x", header_drip=0.06),
    "silent": Reply(hang=True),
    "late": Reply(body=GOOD, wait=0.5),
    "lying-long": Reply(body=GOOD, length=len(GOOD) + 1000),
    "lying-short": Reply(body=GOOD, length=40),
    "cut-chunked": Reply(body=GOOD * 10, chunked=True, cut=3000),
    "cut-gzip": Reply(body=CUT_GZIP, cut=60_000, headers=(("Content-Encoding", "gzip"),)),
    "reset": Reply(body=GOOD, length=len(GOOD) + 9, reset=True),
    "chunked": Reply(body=GOOD * 3, chunked=True),
    "closed": Reply(raw=b""),
    "nonsense": Reply(raw=b"SSH-2.0-OpenSSH_9.2\r\n"),
    "many-headers": Reply(raw=b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 200_000),
    "long-header": Reply(raw=b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 10 * MEGABYTE),
    "endless-100": Reply(raw=b"HTTP/1.1 100 Continue\r\n\r\n" * 50_000),
    "empty": Reply(body=b""),
    "picture": Reply(body=b"\x89PNG", content_type="image/png"),
    "pdf": Reply(body=b"%PDF", content_type="application/pdf; charset=binary"),
    "gone": Reply(status=410),
    "missing": Reply(status=404),
    "forbidden": Reply(status=403),
    "teapot": Reply(status=418),
    "broken": Reply(status=500),
    "redirect": redirect("/good"),
    "kills": Reply(body=b"do: die"),
    "crashes": Reply(body=b"do: crash"),
    "raises": Reply(body=b"do: raise"),
    "eats": Reply(body=b"do: eat"),
    "spins": Reply(body=b"do: spin"),
    "latin": Reply(body=GOOD, content_type='text/html; charset="iso-8859-2"'),
}


@pytest.fixture(scope="module")
def crawled(host: WorkerHost, site: Site) -> Crawled:
    feed = Feed(site=site, host="pages.test")
    for name, reply in PAGES.items():
        # A host of its own for each, so that the silent ones are not taken for a silent site.
        alone = Feed(site=site, host=f"{name}.test")
        feed.add_url(alone.add("/page", reply))
    feed.add_url(site.url("/page", host="good.test") + "#again")
    site.route("/good", PAGES["good"], host="redirect.test")
    site.route("/page", lambda _: redirect("/good"), host="redirect.test")
    feed.add_url(site.url("/conditional", host="good.test"))
    site.route("/conditional", PAGES["good"], host="good.test")
    return crawl(
        host,
        [look_at(feed.url, name="pages")],
        meanwhile=lambda child, _: PEAKS.append(peak_memory(child.pid)),
        fetch=settings(max_page_bytes=CAP, page_deadline=2.0, page_seconds=2.0),
        blocks=[SiteBlocks(site="good.test", version=4)],
        validators={site.url("/conditional", host="good.test"): Validators(etag='"7"')},
    )


def url_of(site: Site, name: str) -> str:
    return site.url("/page", host=f"{name}.test")


def test_every_page_has_one_answer(crawled: Crawled, site: Site) -> None:
    """P5: whatever the others do, each is answered for, and the crawl ends by itself."""
    urls = [entry.url for entry in crawled.looks["pages"].entries]
    assert crawled.done is not None
    assert crawled.sources_done == ["pages"]
    assert sorted([*crawled.prepared, *crawled.failed]) == sorted(urls)
    assert len(urls) == len(PAGES) + 2


def test_bombs_leave_memory_alone(crawled: Crawled) -> None:
    """C8: five bombs of 400 MB, an endless answer and the rest, in 256 MB."""
    assert crawled.done is not None
    assert 0 < max(PEAKS) < 256 * MEGABYTE


FAILS = {
    "bomb-gzip": (Outcome.TOO_LARGE, "come out"),
    "bomb-deflate": (Outcome.TOO_LARGE, "come out"),
    "bomb-br": (Outcome.TOO_LARGE, "come out"),
    "bomb-zstd": (Outcome.TOO_LARGE, "come out"),
    "bomb-nested": (Outcome.TOO_LARGE, "come out"),
    "huge": (Outcome.TOO_LARGE, "announced"),
    "huge-chunked": (Outcome.TOO_LARGE, "bytes came"),
    "announced-huge": (Outcome.TOO_LARGE, "announced"),
    "endless": (Outcome.TOO_LARGE, "bytes came"),
    "thrice": (Outcome.FETCH_FAILED, "3 content codings"),
    "six": (Outcome.FETCH_FAILED, "6 content codings"),
    "odd-coding": (Outcome.FETCH_FAILED, "rot13"),
    "broken-coding": (Outcome.FETCH_FAILED, "broken content coding"),
    "gone": (Outcome.FETCH_FAILED, "410"),
    "missing": (Outcome.FETCH_FAILED, "404"),
    "teapot": (Outcome.FETCH_FAILED, "418"),
    "picture": (Outcome.NOT_AN_ARTICLE, "image/png"),
    "pdf": (Outcome.NOT_AN_ARTICLE, "application/pdf"),
    "kills": (Outcome.WORKER_LOST, "killed"),
    "crashes": (Outcome.WORKER_LOST, "crashed"),
    "eats": (Outcome.WORKER_LOST, "it"),  # memory ran out, or time on a busy machine
    "spins": (Outcome.WORKER_LOST, "time"),
    "raises": (Outcome.EXTRACTION_FAILED, "the page asked for it"),
}


@pytest.mark.parametrize(("name", "outcome", "reason"), [(k, *v) for k, v in FAILS.items()])
def test_page_that_can_never_be_had_ends(
    crawled: Crawled, site: Site, name: str, outcome: Outcome, reason: str
) -> None:
    """C6, C7, C8, A12."""
    failed = crawled.failed[url_of(site, name)]
    assert failed.outcome is outcome
    assert not failed.retry
    assert reason in failed.reason


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("drip-body", None),
        ("drip-head", None),
        ("silent", None),
        ("closed", None),
        ("nonsense", None),
        ("many-headers", None),
        ("long-header", None),
        ("endless-100", None),
        ("forbidden", 403),
        ("broken", 500),
    ],
)
def test_page_that_may_come_later_is_to_be_tried_again(
    crawled: Crawled, site: Site, name: str, status: int | None
) -> None:
    """C3: the deadline holds for the whole request, not for each read."""
    failed = crawled.failed[url_of(site, name)]
    assert failed.outcome is None
    assert failed.retry
    assert failed.status == status
    assert failed.reason


@pytest.mark.parametrize(
    "name", ["good", "late", "gzip", "deflate", "br", "zstd", "twice", "chunked", "redirect"]
)
def test_good_page_is_prepared_whatever_its_coding(crawled: Crawled, site: Site, name: str) -> None:
    message = crawled.prepared[url_of(site, name)]
    assert message.prepared.article is not None
    assert "flagged text that matches" in message.prepared.article.text
    assert not message.truncated


@pytest.mark.parametrize("name", ["gzip", "br", "twice"])
def test_flagged_page_brings_its_bytes_as_received(crawled: Crawled, site: Site, name: str) -> None:
    """P8: the evidence is what came over the wire, before any decoding."""
    message = crawled.prepared[url_of(site, name)]
    assert message.body == PAGES[name].body
    assert message.prepared.body_sha256 == hashlib.sha256(PAGES[name].body).hexdigest()
    assert ("Content-Encoding", PAGES[name].headers[0][1]) in message.headers


def test_headers_come_in_order_and_case(crawled: Crawled, site: Site) -> None:
    message = crawled.prepared[url_of(site, "good")]
    names = [name for name, _ in message.headers]
    assert names == ["Date", "X-Odd-CASE", "x-two", "Content-Type", "Content-Length", "ETag"]
    assert message.validators == Validators(etag='"7"')


def test_page_without_match_brings_no_bytes(crawled: Crawled, site: Site) -> None:
    message = crawled.prepared[url_of(site, "nothing")]
    assert message.body is None
    assert message.headers == ()


@pytest.mark.parametrize("name", ["lying-long", "cut-chunked", "cut-gzip", "reset"])
def test_page_that_ends_early_is_flagged_as_partial(
    crawled: Crawled, site: Site, name: str
) -> None:
    """C7."""
    assert crawled.prepared[url_of(site, name)].truncated


def test_body_beyond_its_announced_length_is_not_read(crawled: Crawled, site: Site) -> None:
    """C7: what follows a lying Content-Length is not part of the answer."""
    message = crawled.prepared[url_of(site, "lying-short")]
    assert message.prepared.article is not None
    assert message.prepared.article.text == GOOD[:40].decode()


def test_blocks_of_the_site_reach_the_preparer(crawled: Crawled, site: Site) -> None:
    assert crawled.prepared[url_of(site, "good")].prepared.blocks_version == 4
    assert crawled.prepared[url_of(site, "late")].prepared.blocks_version == 0


def test_redirected_page_says_where_it_was_found(crawled: Crawled, site: Site) -> None:
    prepared = crawled.prepared[url_of(site, "redirect")].prepared
    assert prepared.final_url == site.url("/good", host="redirect.test")


def test_page_that_has_not_changed_is_unchanged(crawled: Crawled, site: Site) -> None:
    """C6: a conditional request for a page known from before."""
    failed = crawled.failed[site.url("/conditional", host="good.test")]
    assert failed.outcome is Outcome.UNCHANGED
    assert failed.status == 304
