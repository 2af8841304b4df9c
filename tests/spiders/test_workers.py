"""Workers that die, hang and eat: each costs one piece of work, and the next is done."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.errors import ExtractionError, FeedError, StationwatchError, WorkerLost
from monitor.model import Analysis, Entry, Outcome, Page, Prepared, SiteBlocks
from spiders.work import FeedWork, PageWork, WorkerSetup, pack_work, unpack_work
from spiders.workers import Limits, WorkerHost, WorkerPool
from tests.fakes.site import MEGABYTE

LIMITS = Limits(
    feed_seconds=1.5, page_seconds=1.5, memory=200 * MEGABYTE, feed_memory=200 * MEGABYTE
)
RSS = b"<rss><channel><item><title>T</title><link>http://x.test/1</link></item></channel></rss>"


def work(body: bytes) -> PageWork:
    page = Page(
        url="http://x.test/",
        final_url="http://x.test/",
        status=200,
        headers=(("Content-Type", "text/html"),),
        body=body,
        wire_body=body,
        fetched_at=datetime(2026, 1, 2, tzinfo=UTC),
    )
    return PageWork(page=page, entry=Entry(url="http://x.test/", title="Title"))


def feed_work(body: bytes) -> FeedWork:
    return FeedWork(body=body, kind="feed", url="http://x.test/feed")


@pytest.fixture(scope="module")
def pool(host: WorkerHost) -> Iterator[WorkerPool]:
    with WorkerPool(host, size=2, limits=LIMITS) as pool:
        yield pool


DEATHS = {
    "sleep": "time",
    "spin": "time",
    "eat": "memory|time",  # on a machine that hardly gives it any processor, time runs out first
    "crash": "crashed",
    "die": "killed",
    "exit": "ended with 3",
}


@pytest.mark.parametrize(("order", "reason"), DEATHS.items())
def test_page_that_costs_its_worker_costs_nothing_else(
    pool: WorkerPool, order: str, reason: str
) -> None:
    """A12, P5."""
    lost = pool.run(work(f"do: {order}".encode()))
    others = [pool.run(work(b"flagged %d" % at)) for at in range(10)]
    with pytest.raises(WorkerLost, match=reason):
        lost.result()
    assert all(each.result().analysis for each in others)


@pytest.mark.parametrize("order", ["spin", "eat", "die"])
def test_feed_that_costs_its_worker_costs_nothing_else(pool: WorkerPool, order: str) -> None:
    """C14."""
    lost = pool.run(feed_work(f"do: {order}".encode()))
    good = pool.run(feed_work(RSS))
    with pytest.raises(WorkerLost):
        lost.result()
    assert [entry.url for entry in good.result().entries] == ["http://x.test/1"]


def test_work_that_raises_leaves_its_worker_alive(pool: WorkerPool) -> None:
    with pytest.raises(ExtractionError, match="the page asked for it"):
        pool.run(work(b"do: raise")).result()
    with pytest.raises(FeedError, match="the page asked for it"):
        pool.run(feed_work(b"do: raise")).result()


def test_all_workers_killed_at_once_are_replaced(pool: WorkerPool) -> None:
    lost = [pool.run(work(b"do: die")) for _ in range(30)]
    good = pool.run(work(b"fine"))
    assert {type(each.exception()) for each in lost} == {WorkerLost}
    assert good.result().status == 200


def test_answer_equals_what_was_prepared(pool: WorkerPool) -> None:
    prepared = pool.run(work(b"\xff\x00 flagged \xe4")).result()
    assert isinstance(prepared, Prepared)
    assert prepared.fetched_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert isinstance(prepared.analysis, Analysis)
    assert prepared.analysis.matches[0].topic == "t"
    assert pool.run(work(b"")).result().outcome is Outcome.EXTRACTION_FAILED


def test_works_of_many_threads_do_not_mix(pool: WorkerPool) -> None:
    got: dict[int, str] = {}

    def ask(at: int) -> None:
        article = pool.run(work(b"number %d" % at)).result().article
        got[at] = article.text if article else ""

    threads = [threading.Thread(target=ask, args=(at,)) for at in range(40)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert got == {at: f"number {at}" for at in range(40)}


def test_cancelled_work_is_not_done(host: WorkerHost) -> None:
    with WorkerPool(host, size=1, limits=LIMITS) as pool:
        first = pool.run(work(b"do: spin"))
        second = pool.run(work(b"fine"))
        assert second.cancel()
        with pytest.raises(WorkerLost):
            first.result()


def test_closed_pool_refuses_work(host: WorkerHost) -> None:
    with WorkerPool(host, size=1) as pool:
        pool.run(work(b"fine")).result()
    with pytest.raises(WorkerLost, match="closed"):
        pool.run(work(b"fine")).result()


def test_worker_makes_room_for_a_fresh_one(
    host: WorkerHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spiders.workers.MOST_WORKS", 3)
    with WorkerPool(host, size=1, limits=LIMITS) as pool:
        assert all(pool.run(work(b"fine")).result().status == 200 for _ in range(20))


def test_zygote_that_has_gone_is_told(host: WorkerHost) -> None:
    other = WorkerHost(
        WorkerSetup(factory="tests.fakes.preparing:load_fake", arguments={"version": "v2"})
    )
    with other, WorkerPool(other, size=1, limits=LIMITS) as pool:
        assert pool.rules_version == "v2"
        other.close()
        with pytest.raises(WorkerLost):
            pool.run(work(b"fine")).result()


def test_rules_that_cannot_be_loaded_are_told_with_their_line() -> None:
    setup = WorkerSetup(factory="tests.fakes.preparing:load_fake", arguments={"broken": True})
    with WorkerHost(setup) as host, pytest.raises(StationwatchError, match=r"keywords.yaml:3"):
        _ = host.rules_version


def test_factory_that_is_none_is_told() -> None:
    setup = WorkerSetup(factory="tests.fakes.preparing:no_such_thing", arguments={})
    with WorkerHost(setup) as host, pytest.raises(StationwatchError, match="while starting"):
        _ = host.rules_version


def test_work_survives_packing() -> None:
    page = work(b"\x00\xff body")
    packed = PageWork(
        page=page.page, entry=page.entry, blocks=SiteBlocks(site="x", repeated=frozenset({-1, 2}))
    )
    assert unpack_work(*pack_work(packed)) == packed
    feed = feed_work(RSS)
    assert unpack_work(*pack_work(feed)) == feed


def test_wire_body_of_its_own_survives_packing() -> None:
    page = work(b"plain").page
    zipped = PageWork(page=Page(**(page.__dict__ | {"wire_body": b"\x1f\x8bzipped"})))
    assert unpack_work(*pack_work(zipped)) == zipped


@pytest.mark.parametrize("order", ["shout", "lie", "pickle"])
def test_answer_that_is_no_answer_costs_its_worker(pool: WorkerPool, order: str) -> None:
    """What comes from a worker is checked: a parser that a page took over can send anything."""
    lost = pool.run(work(f"do: {order}".encode()))
    with pytest.raises(WorkerLost, match="while reading a worker's answer"):
        lost.result()
    assert pool.run(work(b"fine")).result().status == 200


@pytest.mark.parametrize("order", ["connect", "look up", "start"])
def test_worker_may_not_reach_outside(pool: WorkerPool, order: str) -> None:
    """C9: whatever a page makes a library do, a worker opens no connection and starts nothing."""
    with pytest.raises(ExtractionError, match="a worker may not do"):
        pool.run(work(f"do: {order}".encode())).result()


def test_workers_inherit_nothing_that_leads_outside(host: WorkerHost, pool: WorkerPool) -> None:
    """A worker holds its own socket and no other."""
    pool.run(work(b"fine")).result()
    time.sleep(0.05)
    zygote = host._process.pid
    listing = Path(f"/proc/{zygote}/task/{zygote}/children")
    if not listing.exists():
        pytest.skip("the system does not list children")
    children = listing.read_text().split()
    assert children
    for child in children:
        links = [str(each.readlink()) for each in Path(f"/proc/{child}/fd").iterdir()]
        assert sum(link.startswith("socket:") for link in links) == 1


@pytest.mark.parametrize("line", [b"nonsense\n", b"{}\n", b'{"fork": "x"}\n', b"[]\n", b'{"kill":'])
def test_client_that_talks_nonsense_is_dropped_alone(
    host: WorkerHost, pool: WorkerPool, line: bytes
) -> None:
    """A crawl child that was taken over cannot take the workers of others along."""
    with host.new_client() as client:
        client.sendall(line)
        client.settimeout(10)
        assert client.recv(100) == b""
    assert pool.run(work(b"fine")).result().status == 200


def test_client_may_not_make_clients(host: WorkerHost, pool: WorkerPool) -> None:
    ours, theirs = socket.socketpair()
    with host.new_client() as client, ours, theirs:
        socket.send_fds(client, [b'{"client": 1}\n'], [theirs.fileno()])
        client.settimeout(10)
        assert client.recv(100) == b""
    assert pool.run(work(b"fine")).result().status == 200


def test_host_that_has_died_says_so() -> None:
    with WorkerHost(WorkerSetup(factory="tests.fakes.preparing:load_fake", arguments={})) as other:
        _ = other.rules_version
        assert other.alive
        os.kill(other.pid, signal.SIGKILL)
        while other.alive:
            time.sleep(0.02)
        with pytest.raises(StationwatchError, match="has ended"):
            other.new_client()
