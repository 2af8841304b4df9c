"""Names that hang, fail and flip, addresses that may not be contacted, certificates that lie."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitor.model import Outcome
from spiders.workers import WorkerHost
from tests.fakes.site import Certificates, Feed, Site, page, redirect
from tests.spiders.crawling import Crawled, crawl, look_at, only_fetch, settings

SPELLINGS = {
    "short": "http://127.1:{port}/",
    "decimal": "http://2130706433:{port}/",
    "hex": "http://0x7f000001:{port}/",
    "octal": "http://017700000001:{port}/",
    "zero": "http://0:{port}/",
    "localhost": "http://localhost:{port}/",
    "full-width": "http://１２７.０.０.２:{port}/",
    "shared": "http://100.64.0.1:{port}/",
    "mapped": "http://[::ffff:127.0.0.2]:{port}/",
    "nat64": "http://[64:ff9b::7f00:2]:{port}/",
    "6to4": "http://[2002:7f00:1::]:{port}/",
    "compatible": "http://[::127.0.0.2]:{port}/",
    "backslash": "http://127.0.0.2\\@example.org/",
    "other-loopback": "http://127.0.0.2:{port}/",
    "v6-loopback": "http://[::1]:{port}/",
    "link-local": "http://169.254.169.254/latest/",
    "private": "http://10.0.0.1/",
    "password": "http://user:secret@news.test:{port}/",
    "name-metadata": "http://metadata.test:{port}/",
    "name-mapped": "http://mapped.test:{port}/",
    "name-mixed": "http://mixed.test:{port}/",
    "file": "file:///etc/passwd",
    "data": "data:text/html,flagged",
    "ftp": "ftp://news.test/x",
    "mail-port": "http://news.test:25/",
}


@pytest.fixture(scope="module")
def certificates() -> Iterator[Certificates]:
    certificates = Certificates()
    yield certificates
    certificates.close()


@pytest.fixture(scope="module")
def secure(certificates: Certificates) -> Iterator[Site]:
    with Site(certificates=certificates) as secure:
        yield secure


TLS = ("fine", "expired", "wronghost", "unknownca", "selfsigned")


@pytest.fixture(scope="module")
def crawled(host: WorkerHost, site: Site, secure: Site, certificates: Certificates) -> Crawled:
    feed = Feed(site=site, host="news.test")
    via = Feed(site=site, host="via.test")
    for name, url in SPELLINGS.items():
        via.add(f"/to/{name}", redirect(url.format(port=site.port)))
    for name in TLS:
        secure.route("/feed", host=f"{name}.test", body=b"<rss><channel/></rss>")
        feed.add_url(secure.url("/page", host=f"{name}.test"))
    secure.route("/page", body=page("Secure", "flagged"))
    feed.add_url(secure.url("/down", host="fine.test"))
    secure.route("/down", redirect(site.url("/page", host="news.test")))
    site.route("/page", body=page("Plain", "text"))
    feed.add_url(site.url("/page", host="deadfirst.test"))
    feed.add_url(site.url("/page", host="nx.test"))
    feed.add_url(site.url("/page", host="servfail.test"))
    flips = [
        look_at(site.url(f"/f{at}", host=f"flip{at}.test"), name=f"flip{at}") for at in range(6)
    ]
    hangs = [look_at(site.url("/", host=f"hang{at}.test"), name=f"hang{at}") for at in range(40)]
    plain = [Feed(site=site, host=f"plain{at}.test") for at in range(10)]
    for each in plain:
        each.add("/one", body=page("One", "text"))
    return crawl(
        host,
        [
            *hangs,
            *flips,
            look_at(feed.url, name="feed"),
            look_at(via.url, name="via"),
            only_fetch("spellings"),
            *(look_at(each.url, name=each.host) for each in plain),
        ],
        fetch=settings(
            ca_file=certificates.ca_file,
            obey_robots=False,
            page_deadline=5.0,
            allow_private=("127.0.0.1/32", "127.0.0.3"),
        ),
        pending={"spellings": [url.format(port=site.port) for url in SPELLINGS.values()]},
    )


@pytest.mark.parametrize("name", SPELLINGS)
def test_address_that_may_not_be_contacted_is_refused(
    crawled: Crawled, site: Site, name: str
) -> None:
    """C5, P6: every spelling, and every name that resolves to one."""
    failed = crawled.failed[SPELLINGS[name].format(port=site.port)]
    assert failed.outcome is Outcome.REFUSED


@pytest.mark.parametrize("name", SPELLINGS)
def test_redirect_to_such_an_address_is_refused(crawled: Crawled, site: Site, name: str) -> None:
    """C5: the address is checked on every hop."""
    failed = crawled.failed[site.url(f"/to/{name}", host="via.test")]
    assert failed.outcome is Outcome.REFUSED


def test_nothing_refused_was_asked(crawled: Crawled, site: Site) -> None:
    hosts = {asked.host for asked in site.asked}
    assert crawled.done is not None
    assert {host for host in hosts if not host.endswith(".test")} == set()
    assert hosts.isdisjoint({"metadata.test", "mapped.test", "mixed.test"})


def test_page_with_a_good_certificate_is_read(crawled: Crawled, secure: Site) -> None:
    assert secure.url("/page", host="fine.test") in crawled.prepared


@pytest.mark.parametrize("name", ["expired", "wronghost", "unknownca", "selfsigned"])
def test_bad_certificate_is_never_believed(crawled: Crawled, secure: Site, name: str) -> None:
    """C2: no request is sent, nothing falls back to plain HTTP, and the reason is told."""
    failed = crawled.failed[secure.url("/page", host=f"{name}.test")]
    assert failed.retry
    assert "certificate" in failed.reason
    assert name not in {asked.host.split(".")[0] for asked in secure.asked}


@pytest.mark.parametrize("name", ["nx", "servfail"])
def test_name_without_address_is_tried_again_later(crawled: Crawled, site: Site, name: str) -> None:
    """C1."""
    failed = crawled.failed[site.url("/page", host=f"{name}.test")]
    assert failed.retry
    assert "was not found" in failed.reason


def test_names_that_hang_hold_only_themselves(crawled: Crawled, site: Site) -> None:
    """C1: forty lookups that never end, and ten sources beside them that do."""
    for at in range(40):
        assert "was not found in 2 s" in (crawled.looks[f"hang{at}"].problem or "")
    for at in range(10):
        assert site.url("/one", host=f"plain{at}.test") in crawled.prepared


def test_name_whose_answer_flips_is_refused_at_the_flip(crawled: Crawled) -> None:
    """C1, C5: each connection goes to the address that was checked for it."""
    refused = [
        name
        for name, look in crawled.looks.items()
        if name.startswith("flip") and "not a public address" in (look.problem or "")
    ]
    assert len(refused) == 3


def test_dead_first_address_leaves_time_for_the_next(crawled: Crawled, site: Site) -> None:
    assert site.url("/page", host="deadfirst.test") in crawled.prepared
