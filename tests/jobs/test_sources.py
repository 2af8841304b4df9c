"""What a site offers is found in few polite requests; a look at a source stores nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.errors import FeedError
from monitor.jobs.coverage import find_coverage
from monitor.jobs.find_sources import STALE, Found, Offer, Search, build_id, rank
from monitor.jobs.import_sources import read_import
from monitor.jobs.offering import offered_entries
from monitor.jobs.sources import Asker, look_now
from monitor.model import (
    Concept,
    Entry,
    FolderChannel,
    Keywords,
    Look,
    NetworkSettings,
    Settings,
    Source,
    SourceKind,
    Subscriber,
)
from spiders.work import WorkerSetup
from spiders.workers import WorkerHost
from tests.fakes.site import Site
from tests.jobs.building import open_place

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
FAKE = WorkerSetup(factory="tests.fakes.preparing:load_fake", arguments={})
WORDS = "The harbour council met on Friday to talk about the new ferry timetable"
HEAD = '<?xml version="1.0"?>'


def feed(*titles: str, name: str = "Harbour News") -> bytes:
    items = "".join(
        f"<item><title>{title}</title><link>/a/{at}</link>"
        f"<pubDate>Fri, 20 Nov 2026 1{at}:00:00 GMT</pubDate></item>"
        for at, title in enumerate(titles)
    )
    head = f"<title>{name}</title><language>en</language>"
    return f'{HEAD}<rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()


def sitemap(site: Site, *names: str) -> bytes:
    places = "".join(
        f"<url><loc>{site.url(name)}</loc><lastmod>2026-11-20</lastmod></url>" for name in names
    )
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'{HEAD}<urlset xmlns="{space}">{places}</urlset>'.encode()


def page(*names: str, body: str = WORDS) -> bytes:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{n}">' for n in names)
    return f"<html><head><title>H</title>{links}</head><body><p>{body}</p></body></html>".encode()


@pytest.fixture(scope="module")
def host() -> Iterator[WorkerHost]:
    with WorkerHost(FAKE) as host:
        yield host


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def asker(host: WorkerHost, site: Site) -> Asker:
    network = NetworkSettings(delay=0.0, allow_private=(site.place,))
    return Asker(Settings(network=network), host)


def search(site: Site, asker: Asker, path: str = "/", known: tuple[Source, ...] = ()) -> Found:
    return Search(site.url(path), asker=asker, known=known, now=NOW).run()


def source(url: str, kind: SourceKind = "feed", name: str = "s", **more: object) -> Source:
    return Source(id=name, kind=kind, url=url, outlet="Outlet", **more)  # type: ignore[arg-type]


def test_the_feed_that_a_page_names_is_best_and_comments_are_last(site: Site, asker: Asker) -> None:
    site.route("/", body=page("/comments/feed", "/rss.xml"))
    site.route("/rss.xml", body=feed("One", "Two"))
    site.route("/comments/feed", body=feed("Re: One", "Re: Two", "Re: Three"))
    found = search(site, asker)
    assert found.best == Offer(
        kind="feed", url=site.url("/rss.xml"), title="Harbour News", language="en", entries=2,
        newest=datetime(2026, 11, 20, 11, tzinfo=UTC), examples=("One", "Two"),
    )  # fmt: skip
    assert [offer.url for offer in found.offers[1:]] == [site.url("/comments/feed")]
    assert sorted(site.paths) == ["/", "/comments/feed", "/robots.txt", "/rss.xml"]


def test_an_address_that_is_a_feed_itself_needs_one_request(site: Site, asker: Asker) -> None:
    site.route("/all.rss", body=feed("One"))
    found = search(site, asker, "/all.rss")
    assert [offer.kind for offer in found.offers] == ["feed"]
    assert site.paths == ["/robots.txt", "/all.rss"]


def test_a_news_sitemap_of_robots_txt_is_found_where_no_feed_is(site: Site, asker: Asker) -> None:
    site.route("/", body=page())
    robots = f"User-agent: *\nDisallow: /x\nSitemap: {site.url('/all.xml')}\nsitemap: /news.xml\n"
    site.route("/robots.txt", body=robots.encode(), content_type="text/plain")
    site.route("/all.xml", body=sitemap(site, "/a/1", "/a/2"))
    site.route("/news.xml", body=sitemap(site, "/a/3"))
    found = search(site, asker)
    assert [(each.kind, each.url) for each in found.offers] == [
        ("sitemap", site.url("/news.xml")),
        ("sitemap", site.url("/all.xml")),
    ]


def test_usual_places_are_tried_when_nothing_names_a_feed(site: Site, asker: Asker) -> None:
    site.route("/", body=page())
    site.route("/feed.xml", body=feed("One"))
    found = search(site, asker)
    assert found.best is not None
    assert found.best.url == site.url("/feed.xml")
    assert len(site.paths) == len(set(site.paths)) < 20


def test_the_home_page_is_asked_when_a_page_names_no_feed(site: Site, asker: Asker) -> None:
    site.route("/about", body=page())
    site.route("/", body=page("/f"))
    site.route("/f", body=feed("One"))
    found = search(site, asker, "/about")
    assert found.best is not None
    assert found.best.url == site.url("/f")


def test_without_feeds_and_sitemaps_the_page_itself_is_offered(site: Site, asker: Asker) -> None:
    names = [f"/2026/11/2{day}/{WORDS.lower().replace(' ', '-')}-{day}" for day in range(5)]
    links = "".join(f'<h2><a href="{name}">{WORDS} {name[-1]}</a></h2>' for name in names)
    site.route("/", body=page(body=links))
    found = search(site, asker)
    assert [(each.kind, each.entries) for each in found.offers] == [("section", 5)]
    assert found.offers[0].examples[0] == f"{WORDS} 0"


def test_a_site_that_forbids_is_asked_for_nothing_else(site: Site, asker: Asker) -> None:
    """FAULTS C16, P6."""
    site.route("/robots.txt", body=b"User-agent: *\nDisallow: /", content_type="text/plain")
    found = search(site, asker)
    assert found.best is None
    assert "robots.txt forbids it" in (found.problem or "")
    assert site.paths == ["/robots.txt"]


def test_a_private_address_is_not_contacted(site: Site, host: WorkerHost) -> None:
    """FAULTS G: only what `allow_private` names."""
    found = search(site, Asker(Settings(), host))
    assert found.offers == ()
    assert found.problem
    assert site.paths == []


def test_what_is_on_the_list_is_said(site: Site, asker: Asker) -> None:
    site.route("/", body=page("/rss.xml"))
    site.route("/rss.xml", body=feed("One"))
    known = source(site.url("/rss.xml"), name="harbour")
    found = search(site, asker, known=(known,))
    assert found.best is not None
    assert found.best.watched_as == "harbour"


def test_a_site_without_anything_says_so(site: Site, asker: Asker) -> None:
    site.route("/", body=page(body="nothing here"))
    found = search(site, asker)
    assert found.best is None
    assert "a web page" in (found.problem or "")


OFFERS = {
    "a fresh sitemap before a feed left behind": (
        Offer(kind="sitemap", url="https://e.org/news.xml", entries=5, newest=NOW),
        Offer(kind="feed", url="https://e.org/f", entries=5, newest=NOW - STALE - timedelta(1)),
    ),
    "a page before an archive of thousands": (
        Offer(kind="section", url="https://e.org/", entries=20),
        Offer(kind="sitemap", url="https://e.org/sitemap.xml", entries=50_000, newest=NOW),
    ),
    "a feed without dates before a sitemap": (
        Offer(kind="feed", url="https://e.org/f", entries=5),
        Offer(kind="sitemap", url="https://e.org/news.xml", entries=5, newest=NOW),
    ),
    "anything before nothing": (
        Offer(kind="section", url="https://e.org/", entries=1),
        Offer(kind="feed", url="https://e.org/f", entries=0),
    ),
}


@pytest.mark.parametrize(("better", "worse"), OFFERS.values(), ids=OFFERS.keys())
def test_offers_are_ranked(better: Offer, worse: Offer) -> None:
    assert rank(better, NOW) < rank(worse, NOW)


def test_ids_are_slugs_and_never_taken_twice() -> None:
    assert build_id("https://www.Daily.Example.org/x", []) == "daily-example-org"
    taken = ["daily-example-org", "daily-example-org-2"]
    assert build_id("https://daily.example.org/", taken) == "daily-example-org-3"


def test_a_look_tells_new_entries_and_stores_nothing(
    site: Site, asker: Asker, tmp_path: Path
) -> None:
    site.route("/rss.xml", body=feed("One", "Two"))
    asked = source(site.url("/rss.xml"))
    with open_place(tmp_path, sources=(asked,)) as place:
        old = Look(source_id="s", looked_at=NOW, status=200, entries=(Entry(url=site.url("/a/0")),))
        place.storage.sources.offer(old, offered_entries(old), run_id=place.desk.run_id)
        before = place.storage.entries.count_pending()
        tested = look_now(asked, asker, place.storage)
        assert place.storage.entries.count_pending() == before == 1
    assert [each.title for each in tested.entries] == ["One", "Two"]
    assert tested.new == {site.url("/a/1")}
    assert tested.robots is not None
    assert tested.robots.verdict == "allow"


def test_a_disguise_is_named_with_the_feeds_of_the_page(site: Site, asker: Asker) -> None:
    """FAULTS C15."""
    form = '<form action="/login"><input type="password" name="p"></form>'
    site.route("/rss.xml", body=page("/real.xml", body=f"<h1>Log in to continue</h1>{form}"))
    tested = look_now(source(site.url("/rss.xml")), asker, None)
    assert tested.look.disguise == "a login page"
    assert tested.look.feeds == (site.url("/real.xml"),)
    assert tested.look.problem
    assert tested.new is None


OPML = b"""<opml version="2.0"><body>
<outline text="HU">
<outline text="Kikoto" xmlUrl="https://kikoto.hu/rss" language="hu-HU"/>
</outline>
<outline text="Ports">
<outline text="Again" xmlUrl="https://kikoto.hu/rss?utm_source=reader"/>
<outline text="Known" xmlUrl="https://known.org/feed"/>
<outline text="Secret" xmlUrl="https://me:word@private.org/feed"/>
<outline text="" xmlUrl="https://www.quay.example/feed"/>
<outline text="Second" xmlUrl="https://www.quay.example/other"/>
</outline></body></opml>"""


def test_an_imported_list_leaves_out_what_is_known_and_says_so() -> None:
    done = read_import(OPML, [source("https://known.org/feed", name="known")])
    assert [(s.id, s.outlet, s.country, s.language) for s in done.sources] == [
        ("kikoto-hu", "Kikoto", "HU", "hu"),
        ("private-org", "Secret", None, None),
        ("quay-example", "www.quay.example", None, None),
        ("quay-example-2", "Second", None, None),
    ]
    assert done.sources[1].url == "https://private.org/feed"  # no password is kept
    assert [(left.url, left.reason.rpartition(" ")[2]) for left in done.left_out] == [
        ("https://kikoto.hu/rss?utm_source=reader", "'kikoto-hu'"),
        ("https://known.org/feed", "'known'"),
    ]


def test_what_is_no_list_is_refused_with_a_cure() -> None:
    with pytest.raises(FeedError, match="export the list once more"):
        read_import(b"<html></html>", [])


def test_gaps_are_countries_and_languages_that_nobody_covers() -> None:
    on = source("https://a.org/", name="a", country="HU", language="hu")
    off = source("https://b.org/", name="b", country="FJ", language="fj", enabled=False)
    concept = Concept(name="c", terms={"hu": ("x",), "is": ("y",), "any": ("z",)}, lines={})
    reader = Subscriber(name="r", channel=FolderChannel(), countries=("MT",), languages=("mt",))
    covered = find_coverage(
        (on, off),
        shipped=(source("https://c.org/", name="c", country="NZ"),),
        keywords=Keywords(concepts=(concept,), topics=(), version="v"),
        subscribers=(reader,),
    )
    assert covered.countries == {"HU": 1}
    assert covered.gaps.countries == ("FJ", "MT", "NZ")
    assert covered.gaps.languages == ("is", "mt")
