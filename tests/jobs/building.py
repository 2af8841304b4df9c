"""A watch with a real database, a clock to hold, and receivers that do as they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from monitor.commit import Committer
from monitor.errors import DeliveryFailed
from monitor.evidence.store import EvidenceStore
from monitor.jobs.watch import Watch
from monitor.model import (
    EmailChannel,
    FolderChannel,
    Keywords,
    Message,
    Receipt,
    Settings,
    Source,
    Subscriber,
    WebhookChannel,
)
from spiders.workers import WorkerHost
from storage.database import Storage
from storage.files import DATABASE
from tests.storage.building import Desk, HeldClock

MAIL = EmailChannel(to="duty@example.org", sender="w@example.org", host="localhost", port=25)
HOOK = WebhookChannel(url="https://hooks.example.org/in", secrets=("whsec_x",))
KEEPER = Subscriber(name="keeper", channel=MAIL, alarms=True)
PROGRAM = Subscriber(name="program", channel=HOOK, alarms=True)
FOLDER = Subscriber(name="me", channel=FolderChannel(), alarms=True)


@dataclass
class Post:
    """Every message that was taken, and what is answered to whom; a subscriber's name is a key."""

    taken: list[Message] = field(default_factory=list)
    failures: dict[str, DeliveryFailed] = field(default_factory=dict)
    tries: list[tuple[str, str]] = field(default_factory=list)

    def sender(self, subscriber: Subscriber) -> Sender:
        return Sender(self, subscriber)

    def to(self, name: str) -> list[Message]:
        return [message for message in self.taken if message.subscriber == name]


@dataclass
class Sender:
    """A receiver in memory."""

    post: Post
    subscriber: Subscriber

    def send(self, message: Message, *, deadline: float) -> Receipt:
        assert deadline > 0
        self.post.tries.append((self.subscriber.name, message.id))
        failure = self.post.failures.get(self.subscriber.name)
        if failure is not None:
            raise failure
        self.post.taken.append(message)
        return Receipt(response="250 ok")


@dataclass
class Place:
    """A watch, and the parts of it that a test moves."""

    watch: Watch
    clock: HeldClock
    post: Post
    desk: Desk

    @property
    def storage(self) -> Storage:
        return self.watch.storage

    def with_subscribers(self, *subscribers: Subscriber) -> Watch:
        return replace(
            self.watch, settings=replace(self.watch.settings, subscribers=tuple(subscribers))
        )


def no_workers() -> WorkerHost:
    raise AssertionError("this test reads no pages")


@contextmanager
def open_place(
    folder: Path,
    *subscribers: Subscriber,
    sources: tuple[Source, ...] = (),
    settings: Settings | None = None,
    workers: Callable[[], WorkerHost] = no_workers,
    clock: HeldClock | None = None,
) -> Iterator[Place]:
    """Open a watch in `folder`, a new one where there is none."""
    clock, post = clock or HeldClock(), Post()
    known = (folder / DATABASE).exists()
    with (Storage.open_writer if known else Storage.create)(folder, clock) as storage:
        desk = Desk(storage, clock)
        if sources:
            storage.sources.sync(sources)
        evidence = EvidenceStore(folder / "evidence")
        settings = replace(settings or Settings(), subscribers=subscribers or (FOLDER,))
        storage.outbox.sync_subscribers([each.name for each in settings.subscribers])
        watch = Watch(
            data=folder,
            storage=storage,
            evidence=evidence,
            make_committer=lambda: Committer(
                storage,
                evidence,
                subscribers=settings.subscribers,
                silent_topics=frozenset(),
                clock=clock,
            ),
            keywords=Keywords(concepts=(), topics=(), version="none"),
            settings=settings,
            sources=sources,
            make_sender=post.sender,
            workers=workers,
            clock=clock,
            chance=lambda: 0.5,
        )
        yield Place(watch=watch, clock=clock, post=post, desk=desk)
