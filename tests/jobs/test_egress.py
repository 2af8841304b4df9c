"""Each source goes its own way out in one poll; a proxy that is down costs its own (C18)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.errors import UsageError
from monitor.jobs.explain import fetch_page
from monitor.jobs.fetching import Way, by_way, egress_for, fetch_settings, pins_of
from monitor.jobs.find_sources import Search
from monitor.jobs.poll import poll
from monitor.jobs.sources import Asker
from monitor.model import Egress, NetworkSettings, Outcome, Settings, Source
from spiders.work import WorkerSetup
from spiders.workers import WorkerHost
from tests.fakes.proxy import FakeProxy
from tests.fakes.site import Feed, Site
from tests.jobs.building import open_place
from tests.storage.building import NOON

FAKE = WorkerSetup(factory="tests.fakes.preparing:load_fake", arguments={})


@pytest.fixture(scope="module")
def host() -> Iterator[WorkerHost]:
    with WorkerHost(FAKE) as host:
        yield host


def sources(site: Site) -> tuple[Source, ...]:
    found = []
    for name, egress in (("plain", None), ("hidden", "tor"), ("forced", "direct")):
        feed = Feed(site=site, host=f"{name}.example" if egress == "tor" else "127.0.0.1")
        feed.path = f"/{name}"
        feed.add(f"/{name}/one")
        found.append(Source(id=name, kind="feed", url=feed.url, outlet=name, egress=egress))
    return tuple(found)


def network(site: Site, proxy: FakeProxy) -> NetworkSettings:
    return NetworkSettings(
        delay=0.0,
        workers=1,
        page_deadline=5.0,
        feed_deadline=5.0,
        allow_private=(site.place,),
        ways=(Egress(name="direct"), Egress(name="tor", proxy=f"socks5h://{site_of(proxy)}")),
    )


def site_of(proxy: FakeProxy) -> str:
    return f"127.0.0.1:{proxy.port}"


@pytest.mark.parametrize("down", [False, True])
def test_each_source_goes_its_own_way(tmp_path: Path, host: WorkerHost, down: bool) -> None:
    with Site() as site, FakeProxy() as proxy:
        listed = sources(site)
        if down:
            proxy.close()
        settings = Settings(network=network(site, proxy))
        with open_place(
            tmp_path / "data", sources=listed, settings=settings, workers=lambda: host
        ) as place:
            polled = poll(place.watch)
        assert {name for name, _ in proxy.asked} == (set() if down else {"hidden.example"})
        assert sum(polled.run.outcomes.values()) == (2 if down else 3)
        assert Outcome.FETCH_FAILED not in polled.run.outcomes
        assert [line.split(":")[0] for line in polled.failing] == (["hidden"] if down else [])
        assert ("hidden.example" in {each.host for each in site.asked}) is not down
        assert max(site.most_at_once.values()) == 1  # two ways lead to one host: never both at once


def test_a_source_is_tested_by_its_own_way(host: WorkerHost) -> None:
    with Site() as site, FakeProxy() as proxy:
        listed = sources(site)
        looks = Asker(Settings(network=network(site, proxy)), host).ask(listed)
        assert {key: look.problem for key, look in looks.items()} == dict.fromkeys(looks)
        assert {name for name, _ in proxy.asked} == {"hidden.example"}


def test_no_request_holds_more_than_what_a_source_named(tmp_path: Path, host: WorkerHost) -> None:
    """Each request is for a source, its robots.txt, or what it offered: it holds no word of ours.

    What names the program or a search is compared with what any reader sends, field by field.
    """
    with Site() as site:
        feed = Feed(site=site)
        offered = [feed.add(f"/story-{at}?id={at}") for at in range(3)]
        listed = (Source(id="paper", kind="feed", url=feed.url, outlet="Paper"),)
        network = NetworkSettings(delay=0.0, workers=1, allow_private=(site.place,))
        assert network.search_feeds is False
        settings = Settings(network=network)
        with open_place(
            tmp_path / "data", sources=listed, settings=settings, workers=lambda: host
        ) as place:
            poll(place.watch)
        asked = [(each.method, site.url(each.path)) for each in site.asked]
        assert sorted(asked) == sorted(
            ("GET", url) for url in (site.url("/robots.txt"), feed.url, *offered)
        )
        said = {name.lower() for each in site.asked for name, _ in each.headers}
        assert said <= {"host", "user-agent", "accept", "accept-language", "accept-encoding"}
        assert {each.body for each in site.asked} == {b""}
        assert {each.header("accept-language") for each in site.asked} == {"*"}


def test_sources_are_parted_by_way_and_browser() -> None:
    made = [
        Source(id=name, kind="feed", url="https://x.test", outlet="x", egress=egress, browser=opens)
        for name, egress, opens in (("a", None, False), ("b", "tor", False), ("c", None, True))
    ]
    ways = by_way(made, NetworkSettings(egress="tor"))
    assert {way: [source.id for source in batch] for way, batch in ways.items()} == {
        Way(egress="tor"): ["a", "b"],
        Way(egress="tor", browser=True): ["c"],
    }


def test_way_that_there_is_not_is_never_replaced_by_another() -> None:
    with pytest.raises(UsageError, match="there is no such way"):
        fetch_settings(NetworkSettings(), way=Way(egress="office"))


def test_what_is_asked_once_goes_the_way_of_its_site(host: WorkerHost) -> None:
    """`sources add`, `sources test URL` and `keywords explain URL` of a site behind a proxy."""
    with Site() as site, FakeProxy() as proxy:
        listed = sources(site)
        place = site.url("/hidden/one", host="www.hidden.example")
        assert egress_for(place, listed) == "tor"
        assert egress_for("https://other.example/", listed) is None
        asker = Asker(Settings(network=network(site, proxy)), host)
        found = Search(place, asker=asker, known=listed, now=NOON).run()
        assert found.url == place
        assert {name for name, _ in proxy.asked} == {"www.hidden.example"}
        settings = Settings(network=network(site, proxy))
        page = fetch_page(site.url("/hidden/one", host="hidden.example"), settings, FAKE, listed)
        assert page.status == 200
        assert {each.host for each in site.asked} == {"www.hidden.example", "hidden.example"}
        assert ("hidden.example", site.port) in proxy.asked


def test_what_one_source_pins_holds_for_its_host() -> None:
    pinned = Source(id="a", kind="feed", url="https://X.test/f", outlet="x", pins=("p",))
    assert pins_of([pinned]) == {"x.test": ("p",)}
