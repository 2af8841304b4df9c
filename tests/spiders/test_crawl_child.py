"""The child process: killed, late, stopped, talking nonsense; and what it lets others know."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import FrameError
from spiders import crawl as crawl_module
from spiders.crawl import CrawlChild, Lost, Said
from spiders.frames import Done, Looked, PagePrepared, SourceDone
from spiders.workers import WorkerHost, child_environment
from tests.fakes.site import MEGABYTE, Feed, Site, page
from tests.spiders.crawling import crawl, look_at, only_fetch, peak_memory, pend, settings


@pytest.fixture(scope="module")
def feed(site: Site) -> Feed:
    feed = Feed(site=site, host="slow.test")
    for at in range(6):
        feed.add(f"/{at}", body=page("Page", "text"), wait=0.4)
    return feed


def test_killed_child_leaves_a_list_of_what_is_unfinished(host: WorkerHost, feed: Feed) -> None:
    """A1: a child that is killed has changed nothing."""

    def kill_after_first(child: CrawlChild, message: Said) -> None:
        if isinstance(message, PagePrepared):
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)

    crawled = crawl(host, [look_at(feed.url, name="slow")], meanwhile=kill_after_first)
    assert crawled.done is None
    assert crawled.lost is not None
    assert crawled.lost.sources == ("slow",)
    assert 4 <= len(crawled.lost.entries) <= 5
    assert "-9" in crawled.lost.reason


def test_looks_go_on_while_pages_wait_for_the_processor(host: WorkerHost, site: Site) -> None:
    """One worker, two seconds a page: eight sources are looked at before three pages are done.

    With places in common for looks and pages, only six would have been.
    """
    tasks = []
    for number in range(8):
        feed = Feed(site=site, host=f"lingers-{number}.test")
        feed.add("/page", body=b"do: linger")
        tasks.append(look_at(feed.url))
    done: list[Said] = []

    def stop_after_three(child: CrawlChild, message: Said) -> None:
        if isinstance(message, PagePrepared):
            done.append(message)
            if len(done) == 3:
                child.stop()

    fetch = settings(workers=1, concurrent_sources=4)
    crawled = crawl(host, tasks, fetch=fetch, meanwhile=stop_after_three)
    assert len(done) >= 3
    assert len(crawled.looks) == 8


def test_workers_of_a_killed_child_are_gone(host: WorkerHost, site: Site) -> None:
    feed = Feed(site=site, host="sleeps.test")
    feed.add("/sleeps", body=b"do: sleep")
    during: set[int] = set()

    def kill(pid: int) -> None:
        during.update(children_of(host))
        os.kill(pid, signal.SIGKILL)

    def kill_soon(child: CrawlChild, message: Said) -> None:
        if isinstance(message, Looked):
            pid = child.pid
            assert pid is not None
            threading.Timer(1.0, kill, [pid]).start()

    before = children_of(host)
    crawled = crawl(host, [look_at(feed.url)], meanwhile=kill_soon, fetch=settings(page_seconds=30))
    assert crawled.lost is not None
    assert during - before
    for _ in range(1500):  # the zygote notices at once, when a busy machine lets it
        if children_of(host) <= before:
            return
        time.sleep(0.02)
    pytest.fail("a worker outlives its crawl child")


def children_of(host: WorkerHost) -> set[int]:
    """Return the ids of the worker processes of this zygote; other tests have their own."""
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                stat = (folder / "stat").read_text()
                if int(stat.rpartition(")")[2].split()[1]) == host.pid:
                    found.add(int(folder.name))
    return found


def test_child_past_its_deadline_is_ended(host: WorkerHost, site: Site, feed: Feed) -> None:
    """P5: SIGTERM first, and the reason is told."""
    crawled = crawl(host, [look_at(feed.url, name="slow")], deadline=2.5)
    assert crawled.lost is not None
    assert "longer than 2 s" in crawled.lost.reason
    # On a busy machine the look was given up, and told, before the child ended.
    assert {*crawled.lost.sources, *crawled.looks} == {"slow"}


def test_child_that_ignores_sigterm_is_killed(
    host: WorkerHost, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawl_module, "GRACE_SECONDS", 0.3)
    monkeypatch.setattr(subprocess, "Popen", stand_in("signal.signal(15, 1); time.sleep(600)"))
    crawled = crawl(host, [look_at(feed.url, name="slow")], deadline=1.0)
    assert crawled.lost is not None
    assert crawled.lost.sources == ("slow",)


def test_stopped_from_another_thread_the_crawl_ends(host: WorkerHost, feed: Feed) -> None:
    """A11."""

    def stop(child: CrawlChild, message: Said) -> None:
        if isinstance(message, PagePrepared):
            threading.Thread(target=child.stop, args=("the service ends",)).start()

    crawled = crawl(host, [look_at(feed.url, name="slow")], meanwhile=stop)
    assert crawled.lost is not None
    assert crawled.lost.reason == "the service ends"


def stand_in(code: str) -> Any:
    """Return a Popen that starts `code` in place of the crawl child; `out` is its pipe to us."""
    original = subprocess.Popen

    def start(command: list[str], **kw: Any) -> Any:
        if "spiders.child" not in command:
            return original(command, **kw)
        text = f"import os, signal, struct, sys, time\nout = {command[4]}\n{code}"
        return original([sys.executable, "-c", text], **kw)

    return start


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("os.write(out, b'\\x00\\x00\\x00\\x02{}')", "type"),
        ("os.write(out, struct.pack('>I', 5) + b'\\x80\\x04K\\x01.')", "JSON"),
        ("os.write(out, b'\\xff\\xff\\xff\\xff')", "announced"),
        ("m = b'{\"type\": \"start\", \"tasks\": []}'\n"
         "os.write(out, struct.pack('>I', len(m)) + m)", "start"),
        ("m = b'{\"type\": \"source done\", \"source_id\": 7}'\n"
         "os.write(out, struct.pack('>I', len(m)) + m)", "source_id"),
        ("m = b'{\"type\": \"done\", \"more\": 1}'\n"
         "os.write(out, struct.pack('>I', len(m)) + m)", "more"),
    ],
)  # fmt: skip
def test_child_that_breaks_the_protocol_is_killed(
    host: WorkerHost, feed: Feed, monkeypatch: pytest.MonkeyPatch, code: str, reason: str
) -> None:
    monkeypatch.setattr(subprocess, "Popen", stand_in(code + "\ntime.sleep(600)"))
    child = CrawlChild([look_at(feed.url, name="slow")], workers=host, deadline=20)
    with child, pytest.raises(FrameError, match=reason):
        list(child)
    assert child.unfinished == (("slow",), ())
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid or 0, 0)


def test_half_a_frame_is_no_message(
    host: WorkerHost, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "Popen", stand_in("os.write(out, b'\\x00\\x00\\x00\\x09{')"))
    crawled = crawl(host, [look_at(feed.url, name="slow")])
    assert [type(each) for each in crawled.said] == [Lost]


def test_noise_on_standard_output_disturbs_nothing(
    host: WorkerHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Libraries print; the frames have pipes of their own."""
    code = (
        "print('noise'); m = b'{\"type\": \"done\"}'\nos.write(out, struct.pack('>I', len(m)) + m)"
    )
    monkeypatch.setattr(subprocess, "Popen", stand_in(code))
    assert crawl(host, []).done == Done()


def test_child_with_other_rules_does_not_begin(host: WorkerHost, feed: Feed) -> None:
    crawled = crawl(host, [look_at(feed.url, name="slow")], rules_version="newer")
    assert crawled.done is not None
    assert "start the workers again" in (crawled.done.problem or "")
    assert crawled.looks == {}


def test_child_has_no_secret_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """H1."""
    monkeypatch.setenv("STATIONWATCH_SMTP_PASSWORD", "canary")
    monkeypatch.setenv("https_proxy", "http://user:canary@127.0.0.1:1")
    assert "canary" not in str(child_environment())


def test_pending_entries_are_fetched_without_a_look(host: WorkerHost, site: Site) -> None:
    urls = [site.url(f"/p{at}", host="later.test") for at in range(510)]
    for at in range(510):
        site.route(f"/p{at}", body=page("Page", "text"), host="later.test")
    crawled = crawl(host, [only_fetch("later")], pending={"later": urls})
    assert set(crawled.prepared) == set(urls)
    assert crawled.looks == {}
    assert crawled.sources_done == ["later"]


def test_no_request_says_who_asks(host: WorkerHost, site: Site) -> None:
    """Safety: no keyword, no organisation, no cookie, no referrer; the same for every request."""
    feed = Feed(site=site, host="watching.test")
    site.route(
        "/robots.txt", host="watching.test", body=b"", headers=(("Set-Cookie", "id=1; Path=/"),)
    )
    for at in range(3):
        feed.add(f"/w{at}", body=page("P", "t"), headers=(("Set-Cookie", f"id={at}; Path=/"),))
    crawl(host, [look_at(feed.url)])
    asked = [each for each in site.asked if each.host == "watching.test"]
    assert len(asked) == 5
    for each in asked:
        assert {name.lower(): value for name, value in each.headers} == {
            "host": f"watching.test:{site.port}",
            "user-agent": "Mozilla/5.0 (compatible; newsreader/1.0)",
            "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "accept-language": "*",
            "accept-encoding": "gzip, deflate, br, zstd",
        }


def test_slow_service_leaves_the_memory_of_the_child_flat(host: WorkerHost, site: Site) -> None:
    """200 MB of flagged pages from 80 sources, for a service that takes its time.

    Without a bound the child has 370 MB at its peak, with it 220.
    """
    body = page("Large", "flagged " + "text " * 500_000)
    feeds = [Feed(site=site, host=f"large{at}.test") for at in range(80)]
    for each in feeds:
        each.add("/1", body=body)
    peaks: list[int] = []

    def dawdle(child: CrawlChild, message: Said) -> None:
        peaks.append(peak_memory(child.pid))
        if isinstance(message, PagePrepared):
            time.sleep(0.02)

    crawled = crawl(
        host,
        [look_at(each.url) for each in feeds],
        meanwhile=dawdle,
        fetch=settings(page_deadline=40.0, obey_robots=False),
    )
    assert len(crawled.prepared) == 80
    assert 0 < max(peaks) < 320 * MEGABYTE


def test_run_answers_through_a_function(host: WorkerHost, site: Site) -> None:
    """The way to use it from asyncio: `asyncio.to_thread(child.run, handle)`."""
    feed = Feed(site=site, host="function.test")
    feed.add("/x", body=page("P", "t"))
    said: list[Said] = []

    def handle(child: CrawlChild, message: Said) -> None:
        said.append(message)
        if isinstance(message, Looked):
            child.fetch("f", [pend("f", each) for each in message.look.entries])

    CrawlChild([look_at(feed.url, name="f")], workers=host, settings=settings()).run(handle)
    kinds = [type(each) for each in said]
    assert kinds[-2:] == [SourceDone, Done]
    assert PagePrepared in kinds


def test_service_that_goes_away_takes_the_child_with_it(host: WorkerHost, feed: Feed) -> None:
    child = CrawlChild([look_at(feed.url, name="slow")], workers=host, settings=settings())
    with child:
        pid = child.pid
        assert pid is not None
        os.close(child._write)
        child._write = -1
        for _ in range(1500):  # a busy machine needs seconds to start the child at all
            if child._process is not None and child._process.poll() is not None:
                return
            time.sleep(0.02)
    pytest.fail("the child lives on")
