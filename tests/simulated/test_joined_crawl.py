"""Sources that join a crawl under way; pauses as the host sees them; a clock that is set back."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import apscheduler.schedulers.base
import apscheduler.triggers.interval
import pytest
from apscheduler.jobstores.base import JobLookupError

from monitor.jobs.timetable import Timetable
from monitor.model import PendingEntry
from spiders.crawl import CrawlChild
from spiders.frames import Done, Looked, PagePrepared, SourceDone
from spiders.work import WorkerSetup
from spiders.workers import WorkerHost
from tests.fakes.site import Feed, Site, page
from tests.simulated.clock import MovedClock, datetime_of
from tests.spiders.crawling import look_at, settings


@pytest.fixture(scope="module")
def host() -> Iterator[WorkerHost]:
    setup = WorkerSetup(factory="tests.fakes.preparing:load_fake", arguments={})
    with WorkerHost(setup) as started:
        yield started


class Joining:
    """A crawl that one source after the other joins; the first comes again at the end."""

    def __init__(self, host: WorkerHost, feeds: list[Feed], delay: float) -> None:
        self.tasks = [look_at(feed.url, name=feed.host) for feed in feeds]
        self.tasks.append(self.tasks[0])
        self.child = CrawlChild(
            (), workers=host, settings=settings(delay=delay), between=self.between, deadline=60
        )
        self.done: list[str] = []
        self.prepared: set[str] = set()

    def between(self) -> None:
        if not self.tasks:
            self.child.finish()
        elif self.tasks[0].source.id not in self.child.under_way:
            self.child.add([self.tasks.pop(0)])

    def run(self) -> bool:
        """Answer the child until it ends; say whether it said that it was done."""
        with self.child:
            for message in self.child:
                if isinstance(message, Looked):
                    self.ask_for(message)
                elif isinstance(message, PagePrepared):
                    self.prepared.add(message.prepared.url)
                elif isinstance(message, SourceDone):
                    self.done.append(message.source_id)
        return isinstance(message, Done)

    def ask_for(self, message: Looked) -> None:
        name = message.look.source_id
        entries = [
            PendingEntry(id=str(uuid.uuid4()), source_id=name, entry=each)
            for each in message.look.entries
        ]
        self.child.fetch(name, entries)


def test_sources_join_a_crawl_under_way_and_one_may_come_again(host: WorkerHost) -> None:
    with Site() as site:
        feeds = [Feed(site=site, host=f"{name}.test") for name in ("a", "b", "c")]
        for feed in feeds:
            feed.add(f"/{feed.host}", body=page("Page", "text"))
        joining = Joining(host, feeds, delay=0.0)
        assert joining.run()
        assert sorted(joining.done) == ["a.test", "a.test", "b.test", "c.test"]
        assert len(joining.prepared) == 3
        robots = [asked for asked in site.asked if asked.path == "/robots.txt"]
        assert len(robots) == 3  # what a site said is still known when it comes again


def test_pause_between_two_requests_is_kept_as_the_host_sees_it(host: WorkerHost) -> None:
    """From the end of one answer, also between two looks of one crawl."""
    with Site() as site:
        feed = Feed(site=site, host="slow.test")
        for number in range(2):
            feed.add(f"/{number}", body=page("Page", "text"), wait=0.3)
        joining = Joining(host, [feed], delay=0.4)
        assert joining.run()
        asked = [each.at for each in site.asked]
        waits = {"/0": 0.3, "/1": 0.3}
        pauses = [
            later - earlier - waits.get(each.path, 0.0)
            for each, earlier, later in zip(site.asked, asked, asked[1:], strict=False)
        ]
        assert len(pauses) >= 6
        assert min(pauses) >= 0.4
        assert site.most_at_once["slow.test"] == 1


def test_jobs_go_on_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """FAULTS B3: by an hour, and from ten years ahead."""
    clock = MovedClock()
    moved = datetime_of(clock)
    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", moved)
    monkeypatch.setattr(apscheduler.triggers.interval, "datetime", moved)
    monkeypatch.setattr("monitor.jobs.timetable.LONGEST_SLEEP", 0.05)
    timetable = Timetable(clock)
    ran: list[int] = []

    def job() -> None:
        ran.append(1)
        if len(ran) == 2:
            clock.set(-3600)
        elif len(ran) == 4:
            clock.set(timedelta(days=3650).total_seconds())
        elif len(ran) == 6:
            clock.set(-timedelta(days=3650).total_seconds())
        elif len(ran) == 8:
            timetable.shutdown(wait=False)

    timetable.add_job(job, "interval", seconds=0.05, next_run_time=clock.now())
    stuck = threading.Timer(40, lambda: timetable.shutdown(wait=False))
    stuck.start()
    with suppress(JobLookupError):  # stopped in the middle of a turn
        timetable.start()
    stuck.cancel()
    assert len(ran) >= 8
