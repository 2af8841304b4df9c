"""Which way a backfill goes out, and that what comes from an archive is a capture."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.jobs import backfill_lists
from monitor.jobs.backfill_errand import Errand
from monitor.jobs.backfill_sources import Inputs
from monitor.jobs.fetching import by_way
from monitor.jobs.watch import Watch
from monitor.model import Egress, Source
from spiders.archive import CdxServer
from spiders.work import WorkerSetup
from spiders.workers import WorkerHost
from tests.archives.press import make_config
from tests.archives.test_network import SINCE, Travel
from tests.fakes.proxy import FakeProxy
from tests.fakes.site import Asked, Reply, Site, redirect

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
CAPTURE = "/web/20210305093000id_/https://town.example/a"


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerHost]:
    setup = WorkerSetup(factory="tests.fakes.preparing:load_fake", arguments={})
    with WorkerHost(setup) as host:
        yield host


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    from monitor.wiring import open_watch, read_config

    config = make_config(tmp_path)
    with open_watch(tmp_path / "data", read_config(config, tmp_path / "data")) as opened:
        yield opened


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_live_page_behind_a_captured_redirect_is_no_capture(
    watch: Watch, workers: WorkerHost, host: str
) -> None:
    """Taken for one, today's page would be kept as evidence of 2021, and past its site's way."""
    with Site() as site:
        server = CdxServer(base=site.url("/cdx/search/cdx"))
        first = server.ask("town.example", SINCE, None)
        head = ["timestamp", "original", "mimetype", "statuscode", "digest"]
        row = ["20210305093000", "https://town.example/a", "text/html", "-", "A"]
        site.route("/robots.txt", Reply(status=404))
        site.route(first[first.index("/cdx") :], body=json.dumps([head, row]).encode())
        site.route(CAPTURE, redirect(site.url("/live", host=host)))
        site.route("/live", body=b"<html><p>bread</p></html>")
        travel = Travel(watch, workers, Inputs(hosts=("town.example",), server=server))
        travel.go()
        assert CAPTURE in site.paths
        assert ("/live" in site.paths) is (host == "127.0.0.1")
    assert watch.storage.coverage.count_found() == 0
    assert travel.report.total("failed") == 1
    why = "leads away from itself" if host == "localhost" else "is no capture"
    assert any(why in each.why for each in travel.report.unseen)


def test_capture_of_another_moment_is_followed(watch: Watch, workers: WorkerHost) -> None:
    with Site() as site:
        server = CdxServer(base=site.url("/cdx/search/cdx"))
        first = server.ask("town.example", SINCE, None)
        head = ["timestamp", "original", "mimetype", "statuscode", "digest"]
        row = ["20210305093000", "https://town.example/a", "text/html", "-", "A"]
        nearest = CAPTURE.replace("0305", "0306")
        site.route("/robots.txt", Reply(status=404))
        site.route(first[first.index("/cdx") :], body=json.dumps([head, row]).encode())
        site.route(CAPTURE, redirect(nearest))
        site.route(nearest, body=b"<html><p>bread</p></html>")
        travel = Travel(watch, workers, Inputs(hosts=("town.example",), server=server))
        travel.go()
    assert travel.report.total("covered") == 1


def test_what_a_search_found_goes_the_way_of_its_site(watch: Watch, workers: WorkerHost) -> None:
    """C18: a page, or a sitemap that a person named, of a site that is watched through Tor."""
    hidden = Source(
        id="hidden", kind="feed", url="https://hidden.example/f", outlet="x", egress="tor"
    )
    plan = Travel(watch, workers, Inputs()).plan
    errand = Errand(watch=replace(watch, sources=(hidden,)), plan=plan, workers=lambda: workers)
    asked = [
        errand.source_of("hidden.example", "https://www.hidden.example/found"),
        errand.source_of("hidden", "https://www.hidden.example/own"),
        errand.source_of("other.example", "https://other.example/found"),
    ]
    ways = by_way(asked, watch.settings.network)
    assert {way.egress: len(batch) for way, batch in ways.items()} == {"direct": 1, "tor": 2}


def serve_one_capture(site: Site) -> CdxServer:
    """Return an archive under a name that only a proxy knows the address of."""
    server = CdxServer(base=site.url("/cdx/search/cdx", host="hang.test"))
    first = server.ask("town.example", SINCE, None)
    head = ["timestamp", "original", "mimetype", "statuscode", "digest"]
    row = ["20210305093000", "https://town.example/a", "text/html", "-", "A"]
    site.route("/robots.txt", Reply(status=404))
    site.route(first[first.index("/cdx") :], body=json.dumps([head, row]).encode())
    site.route(CAPTURE, body=b"<html><p>bread</p></html>")
    return server


def through(watch: Watch, proxy: FakeProxy) -> Watch:
    """Return a watch that reaches one town through a proxy, and everything else directly."""
    around = Egress(name="around", proxy=f"socks5h://127.0.0.1:{proxy.port}")
    network = watch.settings.network
    network = replace(network, ways=(*network.ways, around))
    town = Source(
        id="town", kind="feed", url="https://www.town.example/f", outlet="x", egress="around"
    )
    settings = replace(watch.settings, network=network)
    return replace(watch, sources=(town,), settings=settings)


def test_captures_go_the_way_of_the_site_that_was_captured(
    watch: Watch, workers: WorkerHost
) -> None:
    """C18: the archive would learn from where a site is read that must not see it."""
    with Site() as site, FakeProxy() as proxy:
        inputs = Inputs(hosts=("town.example",), server=serve_one_capture(site))
        travel = Travel(through(watch, proxy), workers, inputs)
        travel.go()
        assert CAPTURE in site.paths
        assert {name for name, _ in proxy.asked} == {"hang.test"}
        assert travel.report.total("covered") == 1


def test_captures_are_not_asked_for_past_a_proxy_that_is_down(
    watch: Watch, workers: WorkerHost
) -> None:
    with Site() as site, FakeProxy() as proxy:
        proxy.close()
        inputs = Inputs(hosts=("town.example",), server=serve_one_capture(site))
        travel = Travel(through(watch, proxy), workers, inputs)
        travel.go()
        assert site.asked == []
    assert travel.report.total("covered") == 0


def test_site_that_names_ever_more_lists_comes_to_an_end(
    watch: Watch, workers: WorkerHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would hold up every other site; what is left out is told, what is known is no more."""
    monkeypatch.setattr(backfill_lists, "MOST_LISTS", 9)
    with Site() as site:

        def index(asked: Asked) -> Reply:
            names = [site.url(f"{asked.path}{at}") for at in range(4)]
            listed = "".join(f"<sitemap><loc>{name}</loc></sitemap>" for name in names)
            body = f'<sitemapindex xmlns="{NAMESPACE}">{listed}</sitemapindex>'
            return Reply(body=body.encode(), content_type="application/xml")

        site.route("/robots.txt", Reply(status=404))
        for at in ("", *(f"{one}{two}" for one in range(4) for two in ("", 0, 1, 2, 3))):
            site.route(f"/map{at}", index)
        travel = Travel(watch, workers, Inputs(sitemaps=(site.url("/map"),)))
        travel.go()
        assert sum(path.startswith("/map") for path in site.paths) == 9
    assert any("lists left out: more than 9" in each.why for each in travel.report.unseen)
