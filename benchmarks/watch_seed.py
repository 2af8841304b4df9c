"""Give a new database the past that it would have after some quarters of an hour of running.

What each outlet's feed shows at the start is stored as seen and done, and the next looks are spread
over the time between two: a watch of 5,000 sources is measured as it runs for months, not while it
fetches 100,000 old pages on its first day.
"""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

from benchmarks.simulated_news import Outlet, etag_of, render_feed
from monitor.clock import SystemClock
from monitor.config.durations import say
from monitor.feeds.read import read_entries
from monitor.jobs.offering import offered_entries
from monitor.model import (
    Look,
    Outcome,
    PageRecord,
    RunKind,
    Source,
    SourceRhythm,
    Validators,
)
from storage.database import Storage

EVERY = 900
QUICK = 60
AT_ONCE = 250


def pace_of(outlet: Outlet) -> int:
    """Return how often an outlet is looked at: one in 250 each minute, the others each quarter."""
    return QUICK if outlet.number % 250 == 7 and not outlet.ill else EVERY


def source_of(outlet: Outlet, port: int) -> Source:
    """Return the source that reads an outlet's feed at its pace."""
    return Source(
        id=f"outlet-{outlet.number}",
        kind="feed",
        url=f"http://{outlet.address}:{port}/feed",
        outlet=f"Outlet {outlet.number}",
        language="en",
        every=pace_of(outlet),
    )


def write_sources(folder: Path, outlets: list[Outlet], port: int) -> None:
    """Write sources.yaml."""
    rows = [
        f"  - id: {source.id}\n    outlet: {source.outlet}\n    kind: feed\n"
        f"    language: en\n    every: {say(source.every or EVERY)}\n    url: {source.url}\n"
        for source in (source_of(each, port) for each in outlets)
    ]
    text = "version: 1\nreplace: true\nsources:\n" + "".join(rows)
    (folder / "sources.yaml").write_text(text)


def seed(data: Path, outlets: list[Outlet], port: int, began: float) -> None:
    """Make the database and store what the feeds show at the start; `began` dates their items."""
    with Storage.create(data, SystemClock()) as storage:
        storage.sources.sync([source_of(outlet, port) for outlet in outlets])
        run = storage.runs.begin(RunKind.POLL).id
        seeder = Seeder(storage, run, port, began)
        for start in range(0, len(outlets), AT_ONCE):
            with storage.transaction():
                for outlet in outlets[start : start + AT_ONCE]:
                    seeder.add(outlet)
        storage.runs.end(run)


class Seeder:
    """Stores the past of one outlet after the other."""

    def __init__(self, storage: Storage, run: str, port: int, began: float) -> None:
        self._storage, self._run, self._port, self._began = storage, run, port, began
        self._dice = random.Random(7)

    def add(self, outlet: Outlet) -> None:
        """Store what the feed of `outlet` shows as seen and done, and when it is looked at next."""
        now = SystemClock().now()
        source = source_of(outlet, self._port)
        body = render_feed(outlet, f"http://{outlet.address}:{self._port}", 0, self._began)
        reading = read_entries(body, kind="feed", url=source.url, language="en")
        look = Look(
            source_id=source.id,
            looked_at=now - timedelta(seconds=EVERY),
            status=200,
            entries=reading.entries,
            validators=Validators(etag=etag_of(outlet, 0) if outlet.validators else None),
        )
        offered = self._storage.sources.offer(look, offered_entries(look), run_id=self._run)
        every = pace_of(outlet)
        following = now + timedelta(seconds=self._dice.uniform(0, every))
        rhythm = SourceRhythm(
            url=source.url,
            looked_at=following - timedelta(seconds=every),
            answered_at=look.looked_at,
            next_look_at=following,
        )
        self._storage.sources.keep_rhythm(source.id, rhythm)
        for entry in offered.pending:
            self._storage.pages.add(
                PageRecord(
                    run_id=self._run,
                    source_id=source.id,
                    entry_id=entry.id,
                    url=entry.entry.url,
                    fetched_at=now - timedelta(hours=1),
                    outcome=Outcome.NO_MATCH,
                    status=200,
                    body_sha256="ab" * 32,
                    body_bytes=100_000,
                )
            )
