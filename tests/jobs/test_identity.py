"""Feeds that change what their entries are known by: no flood and no loss over looks (C12)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.jobs.offering import offered_entries
from monitor.jobs.poll import poll
from monitor.model import NetworkSettings, RunKind, Settings, Source
from spiders.crawl import CrawlChild
from spiders.frames import Looked, SourceTask
from spiders.work import WorkerSetup
from spiders.workers import WorkerHost
from tests.fakes.site import Asked, Reply, Site
from tests.jobs.building import open_place
from tests.spiders import crawling

FAKE = WorkerSetup(factory="tests.fakes.preparing:load_fake", arguments={})
FLOOD = 20_000
"""A hundred thousand are read, told apart and stored in tests of the rooms that do it."""

RFC822 = "%a, %d %b %Y 10:00:00 GMT"
Item = Callable[[int, int], str]


def item(link: str, guid: str | None, number: int, date: str = "") -> str:
    guid = "" if guid is None else f'<guid isPermaLink="false">{guid}</guid>'
    when = date or f"<pubDate>{datetime(2026, 2, 1 + number % 27, tzinfo=UTC):{RFC822}}</pubDate>"
    return (
        f"<item><title>What the harbour council said on day {number}</title><link>{link}</link>"
        f"{guid}{when}<description>Item {number} of the feed.</description></item>"
    )


# Each writes item `n` as it stands at look `k`.
FORMS: dict[str, Item] = {
    "no GUID": lambda n, k: item(f"/a/{n}", None, n),
    "one GUID for all": lambda n, k: item(f"/a/{n}", "https://paper.example/", n),
    "GUIDs that change": lambda n, k: item(f"/a/{n}", f"{n:08x}-{k:04x}-0000", n),
    "session ids in links": lambda n, k: item(
        f"/a/{n};jsessionid={k}F{n}?utm_source=r{k}", None, n
    ),
    "session ids in the path": lambda n, k: item(f"/s{k}x{n}/story", f"tag:paper,2026:{n}", n),
    "undated": lambda n, k: item(f"/a/{n}", None, n, " "),
    "dated in the future": lambda n, k: item(
        f"/a/{n}", None, n, "<pubDate>Fri, 31 Dec 2100 10:00:00 GMT</pubDate>"
    ),
    "dated in 1900": lambda n, k: item(
        f"/a/{n}", None, n, "<pubDate>Mon, 01 Jan 1900 10:00:00 GMT</pubDate>"
    ),
    "in a zone that there is not": lambda n, k: item(
        f"/a/{n}", None, n, "<pubDate>Fri, 20 Feb 2026 10:00:00 XYZ</pubDate>"
    ),
}


@pytest.fixture(scope="module")
def host() -> Iterator[WorkerHost]:
    with WorkerHost(FAKE) as host:
        yield host


def serve(site: Site, name: str, form: Item, looks: dict[str, int]) -> Source:
    """Serve a feed of ten items, of which each look shifts two out, shuffled."""
    host = f"feed-{len(looks)}.test"
    looks[host] = 0

    def answer(asked: Asked) -> Reply:
        looks[host] += 1
        look = looks[host]
        numbers = list(range(2 * look, 2 * look + 10))
        numbers = numbers[look % 10 :] + numbers[: look % 10]
        rows = "".join(form(number, look) for number in numbers)
        body = f'<?xml version="1.0"?><rss version="2.0"><channel>{rows}</channel></rss>'
        return Reply(body=body.encode(), content_type="application/rss+xml")

    site.route("/feed", answer, host=host)
    key = name.lower().replace(" ", "-")
    return Source(id=key, kind="feed", url=site.url("/feed", host=host), outlet=name)


def test_each_article_is_taken_once_whatever_the_feed_does(
    tmp_path: Path, host: WorkerHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten new at first, two with each look after it."""
    looks: dict[str, int] = {}
    with Site() as site:
        sources = tuple(serve(site, name, form, looks) for name, form in FORMS.items())
        # Pages are not what this is about: each is told apart by its 404.
        network = NetworkSettings(delay=0.0, workers=2, allow_private=("127.0.0.1/32",))
        from monitor.jobs import fetching

        monkeypatch.setattr(fetching, "FetchSettings", with_names(fetching.FetchSettings))
        with open_place(
            tmp_path / "data",
            sources=sources,
            settings=Settings(network=network),
            workers=lambda: host,
        ) as place:
            for _ in range(3):
                poll(place.watch)
                place.clock.move(seconds=7 * 3600)
            new = {
                source.id: sorted(look.new for look in place.storage.sources.read_looks(source.id))
                for source in sources
            }
        assert new == {key: [2, 2, 10] for key in new}
        assert len(new) == len(FORMS)


def with_names(settings: type) -> Callable[..., object]:
    """Have every `*.test` be this machine."""
    return lambda **kw: settings(**kw, lookup="tests.fakes.names:look_up") if kw else settings()


def test_flood_of_entries_is_taken_once(tmp_path: Path, host: WorkerHost) -> None:
    rows = "".join(f"<item><title>Item {n}</title><link>/a/{n}</link></item>" for n in range(FLOOD))
    with Site() as site:
        body = f'<?xml version="1.0"?><rss version="2.0"><channel>{rows}</channel></rss>'.encode()
        site.route("/feed", body=body, content_type="application/rss+xml")
        source = Source(id="flood", kind="feed", url=site.url("/feed"), outlet="Flood")
        # A busy machine may need long for so many, and that is not what this is about.
        fetch = crawling.settings(workers=1, feed_seconds=110.0, source_deadline=60.0)
        child = CrawlChild([SourceTask(source=source)], workers=host, settings=fetch)
        with child:
            look = next(message.look for message in child if isinstance(message, Looked))
        assert look.problem is None
        with open_place(tmp_path / "data", sources=(source,)) as place:
            run = place.storage.runs.begin(RunKind.POLL)
            new = [
                place.storage.sources.offer(look, offered_entries(look), run_id=run.id).new
                for _ in range(2)
            ]
    assert new == [FLOOD, 0]
