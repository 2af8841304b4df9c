"""Sitemaps and their indexes, with loops, bombs and strangers among them (FAULTS C17)."""

from __future__ import annotations

import gzip

import pytest

from spiders.workers import WorkerHost
from tests.fakes.site import MEGABYTE, Reply, Site, redirect
from tests.spiders.crawling import Crawled, crawl, look_at, settings

XML = "application/xml"
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urls(*found: str) -> bytes:
    rows = "".join(f"<url><loc>{each}</loc></url>" for each in found)
    return f'<?xml version="1.0"?><urlset {NS}>{rows}</urlset>'.encode()


def index(*found: str) -> bytes:
    rows = "".join(f"<sitemap><loc>{each}</loc></sitemap>" for each in found)
    return f'<?xml version="1.0"?><sitemapindex {NS}>{rows}</sitemapindex>'.encode()


@pytest.fixture(scope="module")
def crawled(host: WorkerHost, site: Site) -> Crawled:
    def put(name: str, path: str, body: bytes | Reply, **kw: str) -> str:
        reply = body if isinstance(body, Reply) else Reply(body=body, content_type=XML)
        site.route(path, reply, host=f"{name}.test")
        return site.url(path, host=f"{name}.test")

    def at(name: str, path: str) -> str:
        return site.url(path, host=f"{name}.test")

    put("plain", "/s", urls(at("plain", "/1"), at("plain", "/2")))
    put("foreign", "/s", urls(at("foreign", "/1"), "http://elsewhere.example/2"))
    put("zipped", "/s", gzip.compress(urls(at("zipped", "/1"))))
    put("bomb", "/s", gzip.compress(b" " * 300 * MEGABYTE))
    put("index", "/s", index(*(at("index", f"/s{n}") for n in range(3)), at("index", "/gone")))
    for n in range(3):
        put("index", f"/s{n}", urls(at("index", f"/page{n}"), at("index", "/shared")))
    put("loop", "/s", index(at("loop", "/s"), at("loop", "/t")))
    put("loop", "/t", index(at("loop", "/s"), at("loop", "/t"), at("loop", "/u")))
    put("loop", "/u", index(at("loop", "/v")))
    put("loop", "/v", urls(at("loop", "/1")))
    put("many", "/s", index(*(at("many", f"/s{n}") for n in range(5000))))
    put("strange", "/s", index("http://elsewhere.example/s", "http://127.0.0.2/s"))
    put("leads", "/s", index(at("leads", "/away")))
    put("leads", "/away", redirect(site.url("/s", host="plain.test")))
    names = ("plain", "foreign", "zipped", "bomb", "index", "loop", "many", "strange", "leads")
    tasks = [look_at(at(name, "/s"), kind="sitemap", name=name) for name in names]
    return crawl(host, tasks, fetch=settings(obey_robots=False))


def offered(crawled: Crawled, name: str) -> list[str]:
    return [entry.url.rsplit("/", 1)[1] for entry in crawled.looks[name].entries]


@pytest.mark.parametrize(
    ("name", "pages"),
    [
        ("plain", ["1", "2"]),
        ("foreign", ["1"]),
        ("zipped", ["1"]),
        ("index", ["page0", "page1", "page2", "shared"]),
        ("strange", []),
        ("bomb", []),
    ],
)
def test_sitemap_offers_the_pages_of_its_site(
    crawled: Crawled, name: str, pages: list[str]
) -> None:
    assert sorted(offered(crawled, name)) == pages


def test_sitemap_of_an_index_that_fails_is_told(crawled: Crawled) -> None:
    look = crawled.looks["index"]
    assert look.problem is not None
    assert "/gone: the site answered 404" in look.problem
    assert look.validators.etag is None


def test_index_that_names_itself_ends(crawled: Crawled, site: Site) -> None:
    """Each sitemap is asked for once, and no index below an index below an index is followed."""
    asked = [each.path for each in site.asked if each.host == "loop.test"]
    assert asked == ["/s", "/t", "/u"]


def test_index_of_thousands_is_read_in_part(crawled: Crawled, site: Site) -> None:
    asked = [each.path for each in site.asked if each.host == "many.test"]
    assert len(asked) == 13
    assert "4,988 more sitemaps" in (crawled.looks["many"].problem or "")


def test_sitemap_that_leads_to_another_site_is_not_read(crawled: Crawled) -> None:
    assert offered(crawled, "leads") == []
    assert "leads to another site" in (crawled.looks["leads"].problem or "")


def test_bomb_is_told(crawled: Crawled) -> None:
    """C8, C17."""
    assert crawled.looks["bomb"].problem is not None
