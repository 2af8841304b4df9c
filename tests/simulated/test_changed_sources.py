"""A broken layout, a frozen feed and a consent page with status 200, from the site to the alarm.

The site, the crawl children, the extractor and the health job are real; the time is held, and what
children say of it is moved. Twenty days of the past are stored as the watch would have stored them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

import monitor.jobs.crawl
import spiders.crawl
from monitor.feeds.schedule import decide_next_look
from monitor.jobs.poll import poll
from monitor.jobs.source_health import HealthBook, check_sources
from monitor.model import (
    HealthState,
    Look,
    NetworkSettings,
    Outcome,
    RunKind,
    Settings,
    Source,
    SourceHealth,
)
from spiders.frames import FromChild, Looked, PagePrepared
from spiders.work import WorkerSetup
from spiders.workers import WorkerHost
from storage.source_days import ReadText
from tests.conftest import ROOT
from tests.fakes.reports import sentence
from tests.fakes.site import Feed, Site
from tests.jobs.building import FOLDER, Place, open_place
from tests.storage.building import make_entry, make_offer, make_page

pytestmark = pytest.mark.timeout(600)

NAMES = ("layout", "frozen", "consent", "living")
STEP = timedelta(hours=3)
DAYS = 20
LENGTH = 2_600

ARTICLE = (
    "<!doctype html><html lang=en><head><title>{title}</title></head><body><nav><a href=/>Home</a>"
    "</nav><article><h1>{title}</h1>{body}</article></body></html>"
)
CONSENT = (
    "<!doctype html><html lang=en><head><title>Before you continue</title></head><body><main>"
    "<h1>We value your privacy</h1><p>We and our partners store and read information on a device,"
    " such as cookies, and process personal data for advertising, measurement and research.</p>"
    "<form action=/consent><button>Accept all</button><button>Manage</button></form></main>"
    "</body></html>"
)
SHELL = (
    "<!doctype html><html lang=en><head><title>{title}</title><script src=/app.js></script></head>"
    "<body><div id=root></div><noscript>Please switch JavaScript on.</noscript></body></html>"
)


@pytest.fixture(scope="module")
def host() -> Iterator[WorkerHost]:
    with WorkerHost(WorkerSetup(arguments={"keywords": str(ROOT / "keywords.yaml")})) as started:
        yield started


class Papers:
    """Four papers on one site, their past, and the days that follow."""

    def __init__(self, place: Place, site: Site) -> None:
        self.place, self.site, self.number = place, site, 0
        self.feeds = {name: Feed(site=site, host=f"{name}.test") for name in NAMES}
        self.book = HealthBook()
        self.told: list[str] = []
        self.dice = Random(3)

    def publish(self, name: str, layout: str = ARTICLE) -> None:
        self.number += 1
        words = " ".join(sentence(self.dice) for _ in range(LENGTH // 90))
        title = f"The {name} paper of day {self.number}"
        body = layout.format(title=title, body=f"<p>{words}</p>").encode()
        self.feeds[name].add(f"/news/{self.number}-{name}", body=body)

    def remember(self) -> None:
        """Store twenty days, an article every three hours, as polls and commits store them."""
        storage, clock = self.place.storage, self.place.clock
        run = storage.runs.begin(RunKind.POLL).id
        with storage.transaction():
            for _ in range(DAYS * 8):
                clock.move(seconds=STEP.total_seconds())
                for source in self.place.watch.sources:
                    self._remember_one(source, run)
        storage.runs.end(run)

    def _remember_one(self, source: Source, run: str) -> None:
        storage, now = self.place.storage, self.place.clock.now()
        self.number += 1
        entry = replace(make_entry(self.number), url=f"{source.url}/old-{self.number}")
        look = Look(source_id=source.id, looked_at=now, status=200, entries=(entry,))
        offered = storage.sources.offer(look, [make_offer(entry)], run_id=run)
        rhythm = storage.sources.get_state(source.id).rhythm
        after = decide_next_look(source, rhythm, look, new=offered.new, now=now, chance=0)
        storage.sources.keep_rhythm(source.id, after.rhythm)
        storage.pages.add(
            make_page(
                run,
                self.number,
                source_id=source.id,
                url=entry.url,
                entry_id=offered.pending[0].id,
                fetched_at=now,
                outcome=Outcome.NO_MATCH,
            )
        )
        read = ReadText(
            source_id=source.id, at=now, characters=LENGTH, language="en", repeated=False
        )
        storage.source_days.count_texts([read])

    def look(self) -> dict[str, SourceHealth]:
        """Three hours later: look at all of them, judge, and note what the keeper is told."""
        self.place.clock.move(seconds=STEP.total_seconds())
        polled = poll(self.place.watch, choose=lambda _source, _state: True)
        assert polled.problems == ()
        found = {each.source_id: each for each in check_sources(self.place.watch, self.book)}
        now = self.place.clock.now()
        for notice in self.place.storage.outbox.claim_notices(now):
            self.place.storage.outbox.mark_delivered(notice.id, at=now, response="ok")
            self.told.append(str(notice))
        return found


@pytest.fixture
def papers(tmp_path: Path, host: WorkerHost, monkeypatch: pytest.MonkeyPatch) -> Iterator[Papers]:
    settings = Settings(network=NetworkSettings(allow_private=("127.0.0.1",), delay=0))
    with Site() as site:
        sources = tuple(
            Source(
                id=name,
                kind="feed",
                url=site.url("/feed", host=f"{name}.test"),
                outlet=name,
                language="en",
            )
            for name in NAMES
        )
        with open_place(
            tmp_path / "var", FOLDER, sources=sources, settings=settings, workers=lambda: host
        ) as place:
            hold_time(place, monkeypatch)
            yield Papers(place, site)


def hold_time(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let children say the held time, and find names without a resolver."""
    read, settings = spiders.crawl.read_from_child, monitor.jobs.crawl.fetch_settings

    def moved(payload: bytes) -> FromChild:
        message = read(payload)
        now = place.clock.now()
        if isinstance(message, Looked):
            return message.model_copy(update={"look": replace(message.look, looked_at=now)})
        if isinstance(message, PagePrepared):
            prepared = replace(message.prepared, fetched_at=now)
            return message.model_copy(update={"prepared": prepared})
        return message

    monkeypatch.setattr(spiders.crawl, "read_from_child", moved)
    monkeypatch.setattr(
        monitor.jobs.crawl,
        "fetch_settings",
        lambda *args, **named: replace(
            settings(*args, **named), lookup="tests.simulated.names:look_up"
        ),
    )


def test_broken_layout_frozen_feed_and_consent_page_are_each_named_within_a_day(
    papers: Papers,
) -> None:
    """FAULTS P3, C15: 24 hours, since three of their usual gaps are nine."""
    papers.remember()
    for name in NAMES:
        papers.publish(name)
    found = papers.look()
    assert {each.state for each in found.values()} <= {HealthState.FINE}

    named: dict[str, int] = {}
    for hours in range(3, 28, 3):
        papers.publish("living")
        papers.publish("layout", SHELL)
        papers.publish("consent", CONSENT)
        found = papers.look()
        for name in NAMES:
            if found[name].alarm:
                named.setdefault(name, hours)
    assert named.keys() == {"layout", "frozen", "consent"}
    assert max(named.values()) <= 24
    assert found["layout"].state is HealthState.CHANGED
    assert "28 characters in the mean" in found["layout"].why
    assert found["consent"].state is HealthState.CHANGED
    assert "consent" in found["consent"].why
    assert found["frozen"].state is HealthState.SILENT
    assert found["living"].state is HealthState.FINE
    assert len(papers.told) == 2  # what is found in one turn is told in one message
    for name in named:
        assert any(f"({name})" in told or f"{name}:" in told for told in papers.told), papers.told
