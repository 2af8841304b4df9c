"""Pages that are there but not for us are matched on what the feed says, and marked so (C15)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.config.keywords import read_keywords
from monitor.jobs.offering import as_found
from monitor.jobs.poll import poll
from monitor.match.matcher import Matcher
from monitor.model import (
    Entry,
    ExtractionMethod,
    NetworkSettings,
    Outcome,
    Page,
    PendingEntry,
    Prepared,
    Settings,
    Source,
)
from monitor.prepare import FEED_ONLY, Preparer
from spiders.work import WorkerSetup
from spiders.workers import WorkerHost
from tests.fakes.site import Site, redirect
from tests.jobs.building import open_place

KEYWORDS = """\
version: 1
concepts:
  ferry:
    en: [ferry]
topics:
  ferries:
    title: Ferries
    rules:
    - name: a ferry
      any: [ferry]
      score: 10
    report at: 10
    mention at: 4
    examples:
      report: ["The ferry is late"]
"""
TITLE = "The last ferry of the harbour is sold"
BLOCKED = ("/403", "/login-needed", "/closed-1", "/closed-2", "/cookies", "/robot")
LOGIN = b"<html><head><title>Sign in</title></head><body><form><input type=password></form></body>"
CONSENT = (
    b"<html><head><title>Before you continue: cookies</title></head>"
    b"<body><p>We and our partners store cookies.</p><button>Accept</button></body></html>"
)
ROBOT = (
    b"<html><head><title>Just a moment...</title></head><body><div id=cf-challenge></div></body>"
)


@pytest.fixture(scope="module")
def keywords(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("words") / "keywords.yaml"
    path.write_text(KEYWORDS)
    return path


@pytest.fixture(scope="module")
def host(keywords: Path) -> Iterator[WorkerHost]:
    with WorkerHost(WorkerSetup(arguments={"keywords": str(keywords)})) as host:
        yield host


def build(site: Site) -> Source:
    site.route("/403", status=403, body=b"<html><title>Forbidden</title></html>")
    site.route("/login-needed", redirect("/account/login?next=x"))
    site.route("/account/login?next=x", body=LOGIN)
    site.route("/closed-1", redirect("/account/closed"))
    site.route("/closed-2", redirect("/account/closed"))
    site.route("/account/closed", status=403, body=LOGIN)
    site.route("/cookies", body=CONSENT)
    site.route("/robot", body=ROBOT)
    site.route("/other", status=403)
    rows = "".join(
        f"<item><title>{'Council meets' if path == '/other' else TITLE}, part {path[1:]}</title>"
        f"<link>{site.url(path)}</link><description>Nobody knows who bought it{path}.</description>"
        "</item>"
        for path in (*BLOCKED, "/other")
    )
    site.route(
        "/feed",
        body=f'<?xml version="1.0"?><rss version="2.0"><channel>{rows}</channel></rss>'.encode(),
        content_type="application/rss+xml",
    )
    return Source(id="paper", kind="feed", url=site.url("/feed"), outlet="Paper")


def test_blocked_pages_are_matched_at_once_on_what_the_feed_says(
    tmp_path: Path, host: WorkerHost
) -> None:
    with Site() as site:
        source = build(site)
        network = NetworkSettings(delay=0.0, workers=1, allow_private=(site.place,))
        with open_place(
            tmp_path / "data",
            sources=(source,),
            settings=Settings(network=network),
            workers=lambda: host,
        ) as place:
            polled = poll(place.watch)
            stored = [
                place.storage.articles.get(each.article_id)
                for each in polled.committed
                if each.article_id is not None
            ]
            pending = place.storage.entries.count_pending(place.clock.now().replace(year=2027))
        asked = {site.url(path) for path in BLOCKED}
        assert {article.article.canonical_url for article in stored} == asked
        assert {article.article.url for article in stored} == asked
        assert {article.article.method for article in stored} == {ExtractionMethod.FEED}
        assert polled.run.outcomes == {Outcome.NEW: len(BLOCKED)}
        assert pending == 1  # what the feed says of it is no report: its page may still open


@pytest.fixture(scope="module")
def preparer(keywords: Path) -> Preparer:
    return Preparer(matcher=Matcher.load(read_keywords(keywords)))


def prepare(preparer: Preparer, url: str, body: bytes) -> Prepared:
    page = Page(
        url="https://news.google.com/rss/articles/CBMiAAAAAAAAAAAAAAAA",
        final_url=url,
        status=200,
        headers=(),
        body=body,
        wire_body=body,
        fetched_at=datetime(2026, 11, 21, tzinfo=UTC),
    )
    return preparer.prepare(page, Entry(url=page.url, title=TITLE, publisher="The Paper"))


def test_search_company_s_own_page_is_never_the_article(preparer: Preparer) -> None:
    body = b"<html><title>Google News</title><p>Sign in to see more.</p></html>"
    prepared = prepare(preparer, "https://consent.google.com/ml?continue=x", body)
    assert prepared.article is not None
    assert prepared.article.title == TITLE
    assert "does not say where it is" in (prepared.reason or "")
    assert prepared.analysis is not None
    assert [hit.note for match in prepared.analysis.matches for hit in match.hits] == [FEED_ONLY]


def test_article_that_a_search_found_is_its_publishers() -> None:
    search = Source(id="s", kind="search", url="https://x.test/", outlet="Bing News", country="US")
    frame = Prepared(
        url="https://paper.ie/1",
        final_url="https://www.paper.ie/1",
        fetched_at=datetime(2026, 11, 21, tzinfo=UTC),
        status=200,
        body_sha256="",
    )
    entry = PendingEntry(
        id="e", source_id="s", entry=Entry(url="https://paper.ie/1", publisher="The Paper")
    )
    found = as_found(search, entry, frame)
    assert (found.outlet, found.publisher, found.country) == ("The Paper", None, "IE")
    assert as_found(search, None, frame).outlet == "paper.ie"
    feed = Source(id="f", kind="feed", url="https://x.test/", outlet="Paper")
    assert as_found(feed, entry, frame) is feed
