"""Try the configuration against the world: every channel, every source; nothing is stored."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.alerts.sender import Sender
from monitor.clock import Clock
from monitor.errors import DeliveryFailed
from monitor.jobs.fetching import by_way, fetch_settings, pins_of
from monitor.jobs.second_backup import check_second
from monitor.model import Settings, Source, Subscriber
from monitor.render.notice import render_test
from monitor.text.counting import plural
from spiders.crawl import CrawlChild, Lost
from spiders.frames import Looked, SourceTask
from spiders.settings import FetchSettings
from spiders.workers import WorkerHost

DEADLINE = 30.0

Tell = Callable[[str, int, int], None]
"""Called with what is tried now, how many were tried, and how many there are."""


def tell_nobody(_what: str, _done: int, _total: int) -> None:
    """Show nothing."""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One thing that was tried; `problem` is None when it works, `said` is what it answered."""

    what: str
    problem: str | None
    said: str = ""


def try_channels(
    settings: Settings,
    make_sender: Callable[[Subscriber], Sender],
    clock: Clock,
    *,
    tell: Tell = tell_nobody,
) -> list[Tried]:
    """Send a test message to every subscriber."""
    tried: list[Tried] = []
    for each in settings.subscribers:
        tell(f"a test to {each.name}", len(tried), len(settings.subscribers))
        tried.append(try_channel(each, make_sender, clock))
    return tried


def try_channel(
    subscriber: Subscriber, make_sender: Callable[[Subscriber], Sender], clock: Clock
) -> Tried:
    """Send one test message, marked as such, and return what the receiver said."""
    what = f"{subscriber.channel.kind} to {subscriber.name}"
    message = render_test(subscriber, message_id=str(uuid.uuid4()), now=clock.now())
    try:
        receipt = make_sender(subscriber).send(message, deadline=DEADLINE)
    except DeliveryFailed as failure:
        return Tried(what=what, problem=failure.reason)
    return Tried(what=what, problem=None, said=receipt.response)


def try_second_backup(data: Path, settings: Settings) -> tuple[list[Tried], list[str]]:
    """Look at the second folder for backups, where there is one; return also what is a warning."""
    folder = settings.data.second_backup
    if folder is None:
        return [], []
    problem, warning = check_second(data, folder)
    said = "copies of the nightly backups go there"
    return [Tried(what=f"folder {folder}", problem=problem, said=said)], [
        warning
    ] if warning else []


def try_sources(
    sources: Sequence[Source],
    settings: Settings,
    workers: WorkerHost,
    *,
    tell: Tell = tell_nobody,
) -> list[Tried]:
    """Ask every enabled source once and fetch no page of it."""
    enabled = {source.id: source for source in sources if source.enabled}
    tried: dict[str, Tried] = {}
    tell("sources", 0, len(enabled))
    pins = pins_of(enabled.values())
    for way, batch in by_way(enabled.values(), settings.network).items():
        fetch = fetch_settings(settings.network, way=way, pins=pins)
        _try_batch(batch, fetch, workers, tried, lambda: tell("sources", len(tried), len(enabled)))
    return [tried[key] for key in enabled if key in tried]


def _try_batch(
    sources: Sequence[Source],
    settings: FetchSettings,
    workers: WorkerHost,
    tried: dict[str, Tried],
    went_on: Callable[[], None],
) -> None:
    child = CrawlChild(
        [SourceTask(source=source) for source in sources],
        workers=workers,
        settings=settings,
        rules_version=workers.rules_version,
    )
    with child:
        for message in child:
            if isinstance(message, Looked):
                look = message.look
                child.fetch(look.source_id)
                tried[look.source_id] = Tried(
                    what=f"source {look.source_id}",
                    problem=look.problem,
                    said=plural(len(look.entries), "entry", "entries"),
                )
                went_on()
            elif isinstance(message, Lost):
                for source_id in message.sources:
                    tried.setdefault(
                        source_id, Tried(what=f"source {source_id}", problem=message.reason)
                    )
