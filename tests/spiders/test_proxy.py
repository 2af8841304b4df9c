"""Through a proxy and never past it: nothing else goes out, no name is looked up here (C18)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitor.model import Outcome
from spiders.proxying import Proxy, parse_proxy
from spiders.workers import WorkerHost
from tests.fakes.proxy import FakeProxy
from tests.fakes.site import Certificates, Feed, Site, page
from tests.spiders.crawling import Crawled, crawl, look_at, only_fetch, settings


@pytest.fixture(scope="module")
def certificates() -> Iterator[Certificates]:
    certificates = Certificates()
    yield certificates
    certificates.close()


@pytest.fixture(scope="module")
def secure(certificates: Certificates) -> Iterator[Site]:
    with Site(certificates=certificates) as secure:
        secure.route("/page", body=page("Secure", "text"))
        yield secure


def through(
    host: WorkerHost, site: Site, secure: Site, certificates: Certificates, proxy: str
) -> Crawled:
    """Crawl names that no resolver of ours knows; a lookup would hang until it is noticed."""
    feed = Feed(site=site, host="hang.test")
    feed.add("/one", body=page("One", "text"))
    feed.add_url(secure.url("/page", host="hang2.test"))
    feed.add_url(secure.url("/page", host="expired.test"))
    return crawl(
        host,
        [look_at(feed.url, name="feed"), only_fetch("private")],
        pending={"private": ["http://10.0.0.1/", "http://127.0.0.2/", "http://localhost/"]},
        fetch=settings(proxy=proxy, ca_file=certificates.ca_file, allow_private=()),
    )


@pytest.mark.parametrize("scheme", ["socks5h", "http"])
def test_everything_goes_through_the_proxy_by_name(
    host: WorkerHost, site: Site, secure: Site, certificates: Certificates, scheme: str
) -> None:
    with FakeProxy() as proxy:
        crawled = through(host, site, secure, certificates, f"{scheme}://127.0.0.1:{proxy.port}")
        assert set(proxy.asked) == {
            ("hang.test", site.port),
            ("hang2.test", secure.port),
            ("expired.test", secure.port),
        }
    assert set(crawled.prepared) == {
        site.url("/one", host="hang.test"),
        secure.url("/page", host="hang2.test"),
    }
    assert "certificate" in crawled.failed[secure.url("/page", host="expired.test")].reason
    for url in ("http://10.0.0.1/", "http://127.0.0.2/", "http://localhost/"):
        assert crawled.failed[url].outcome is Outcome.REFUSED


def test_each_site_has_a_circuit_of_its_own_through_tor(host: WorkerHost, site: Site) -> None:
    """Tor parts what comes with different logins (IsolateSOCKSAuth); nobody's own is sent."""
    tasks = []
    for name in ("one.test", "two.test"):
        feed = Feed(site=site, host=name)
        feed.add("/a")
        tasks.append(look_at(feed.url, name=name))
    with FakeProxy(any_login=True) as proxy:
        crawled = crawl(host, tasks, fetch=settings(proxy=f"socks5h://127.0.0.1:{proxy.port}"))
        assert len(crawled.prepared) == 2
        assert {name for name, _ in proxy.logins} == {"one.test", "two.test"}
    with FakeProxy(login=("a", "b")) as proxy:
        crawl(host, tasks, fetch=settings(proxy=f"socks5h://a:b@127.0.0.1:{proxy.port}"))
        assert set(proxy.logins) == {("a", "b")}


@pytest.mark.parametrize("kind", ["down", "refuses", "password", "silent", "no-proxy"])
def test_proxy_that_does_not_serve_lets_nothing_out(
    host: WorkerHost, site: Site, secure: Site, certificates: Certificates, kind: str
) -> None:
    site.forget()
    secure.forget()
    with FakeProxy(
        login=("a", "b") if kind == "password" else None, refuse=kind == "refuses"
    ) as proxy:
        place = f"127.0.0.1:{proxy.port}"
        if kind == "down":
            proxy.close()
        if kind == "silent":
            site.route("/hang", hang=True)
            place = site.place  # a web server in its place
        login = "a:wrong@" if kind == "password" else ""
        scheme = "http" if kind == "no-proxy" else "socks5h"
        if kind == "no-proxy":
            place = site.place
        crawled = through(host, site, secure, certificates, f"{scheme}://{login}{place}")
    assert crawled.looks["feed"].problem is not None
    assert crawled.prepared == {}
    assert secure.asked == []
    assert {each.method for each in site.asked} <= {"CONNECT"}


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("socks5://127.0.0.1:9050", Proxy(scheme="socks5h", host="127.0.0.1", port=9050)),
        (
            "http://me:se%40cret@proxy.example:3128",
            Proxy(
                scheme="http",
                host="proxy.example",
                port=3128,
                username="me",
                password="se@cret",
            ),
        ),
    ],
)
def test_proxy_is_read(url: str, proxy: Proxy) -> None:
    assert parse_proxy(url) == proxy
    assert "cret" not in repr(proxy)


@pytest.mark.parametrize(
    "url", ["127.0.0.1:9050", "socks4://x:1", "socks5h://x", "https://x:1", ""]
)
def test_what_is_no_proxy_is_refused_with_its_cure(url: str) -> None:
    with pytest.raises(ValueError, match="write socks5h://"):
        parse_proxy(url)


def test_crawl_with_such_a_proxy_does_not_begin(host: WorkerHost) -> None:
    with pytest.raises(ValueError, match="while reading the proxy"):
        crawl(host, [], fetch=settings(proxy="localhost"))
    with pytest.raises(ValueError, match="while reading allowed private addresses"):
        crawl(host, [], fetch=settings(allow_private=("10.0.0.0/99",)))


def test_refusal_shows_no_password() -> None:
    with pytest.raises(ValueError, match="proxy") as caught:
        parse_proxy("socks4://me:canary@x:1")
    assert "canary" not in str(caught.value)
