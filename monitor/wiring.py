"""Configuration → objects: the only place that chooses classes."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic_core import to_json

from monitor.alerts.sender import Sender
from monitor.clock import Clock, SystemClock
from monitor.config.folder import Configuration, read_configuration
from monitor.config.touched import Touched
from monitor.errors import ConfigError, StorageError, StorageMissing
from monitor.evidence.store import EvidenceStore
from monitor.jobs.backfill_side import Side, lock_folder, work_folder
from monitor.jobs.watch import Watch
from monitor.model import (
    AtomChannel,
    ChatChannel,
    EmailChannel,
    FolderChannel,
    Settings,
    Source,
    Subscriber,
    WebhookChannel,
)
from storage.database import Storage, find_database
from storage.files import DATABASE
from storage.lock import WriterLock

if TYPE_CHECKING:
    from monitor.commit import Committer
    from monitor.match.matcher import Matcher
    from spiders.work import WorkerSetup
    from spiders.workers import WorkerHost

# Imports inside functions: together they cost half a second of processor time, which commands that
# only read what is stored do not spend.

EVIDENCE = "evidence"
CACHE = "cache"


def make_sender(subscriber: Subscriber, *, data: Path, clock: Clock) -> Sender:
    """Return what hands messages over to `subscriber`."""
    match subscriber.channel:
        case FolderChannel() as channel:
            from monitor.alerts.folder import FolderSender

            return FolderSender(channel, data=data)
        case EmailChannel() as channel:
            from monitor.alerts.email import EmailSender

            return EmailSender(channel, data=data)
        case WebhookChannel() as channel:
            from monitor.alerts.webhook import WebhookSender

            return WebhookSender(channel, clock=clock)
        case ChatChannel() as channel:
            from monitor.alerts.chat import ChatSender

            return ChatSender(channel, clock=clock)
        case AtomChannel() as channel:
            from monitor.alerts.atom import AtomSender

            return AtomSender(channel, data=data)


def read_config(config: Path | None, data: Path) -> Configuration:
    """Return the configuration; compiled keywords are kept in the data folder, if there is one."""
    return read_configuration(config, cache=data / CACHE if data.is_dir() else None)


def worker_setup(configuration: Configuration, data: Path) -> WorkerSetup:
    """Return what workers load: the same keywords, by path."""
    from spiders.work import WorkerSetup

    return WorkerSetup(
        arguments={"keywords": str(configuration.keywords_file), "cache": str(data / CACHE)}
    )


def open_reader_storage(data: Path) -> Storage:
    """Open what is stored for reading only; a context manager."""
    return Storage.open_reader(data, SystemClock())


def check_data(data: Path) -> None:
    """Raise StorageMissing where there is no database, before anything is read or compiled."""
    find_database(data)


def create_data(data: Path) -> bool:
    """Make the database in `data` unless there is one already; say whether it was made."""
    if (data / DATABASE).exists():
        return False
    Storage.create(data, SystemClock()).close()
    return True


def load_matcher(configuration: Configuration) -> Matcher:
    """Return the matcher in this process, for texts that are no hostile bytes."""
    from monitor.match.matcher import Matcher

    return Matcher.load(configuration.keywords)


def find_rules_version(configuration: Configuration) -> str:
    """Return the version of `load_matcher`, for who needs no more of it."""
    from monitor.match.matcher import name_shipped_rules

    return name_shipped_rules(configuration.keywords)


def start_workers(configuration: Configuration, data: Path) -> WorkerHost:
    """Start a worker host; a context manager."""
    from spiders.workers import WorkerHost

    return WorkerHost(worker_setup(configuration, data))


@contextmanager
def open_workers(configuration: Configuration, data: Path) -> Iterator[WorkerHost]:
    """Open a worker host by itself, for commands that store nothing."""
    with start_workers(configuration, data) as host:
        yield host


@contextmanager
def open_archive_workers(
    configuration: Configuration, data: Path, *, sieve: bool
) -> Iterator[Callable[[], WorkerHost]]:
    """Yield what starts, on first use, a host for workers that rule pages out before extraction."""
    from spiders.work import WorkerSetup
    from spiders.workers import WorkerHost

    own = worker_setup(configuration, data)
    setup = WorkerSetup(
        factory="spiders.archive_preparer:load_sieving",
        arguments={**own.arguments, "sieve": sieve},
    )
    hosts: list[WorkerHost] = []
    with ExitStack() as stack:

        def workers() -> WorkerHost:
            if not hosts or not hosts[-1].alive:
                hosts.append(stack.enter_context(WorkerHost(setup)))
            return hosts[-1]

        yield workers


@contextmanager
def open_watch(
    data: Path, configuration: Configuration, *, write: bool = True, create: bool = False
) -> Iterator[Watch]:
    """Open everything a job works with; closes storage and workers at the end.

    With `create`, a missing database is made (a first `run --new`, the demo).
    Raises StorageMissing, StorageBusy and the like.
    """
    with ExitStack() as stack:
        storage = stack.enter_context(open_storage(data, SystemClock(), write=write, create=create))
        hosts: list[WorkerHost] = []

        def workers() -> WorkerHost:
            if not hosts or not hosts[-1].alive:
                hosts.append(stack.enter_context(start_workers(configuration, data)))
            return hosts[-1]

        watch = build_watch(data, configuration, storage=storage, workers=workers)
        if write:
            watch.evidence.sweep()
            missing = storage.evidence.read_links(after=watch.evidence.last_recorded())
            watch.evidence.record_links(missing)
        yield watch


def build_watch(
    data: Path,
    configuration: Configuration,
    *,
    storage: Storage,
    workers: Callable[[], WorkerHost],
) -> Watch:
    """Return what a job works with, around an open storage."""
    clock, settings = SystemClock(), configuration.settings
    evidence = EvidenceStore(data / EVIDENCE)

    def make_committer() -> Committer:
        from monitor.commit import Committer

        return Committer(
            storage,
            evidence,
            subscribers=settings.subscribers,
            silent_topics=frozenset(t.id for t in configuration.keywords.topics if not t.alert),
            clock=clock,
        )

    def aside(
        folder: Path, other: Storage, its_settings: Settings, sources: tuple[Source, ...]
    ) -> Watch:
        its = replace(configuration, settings=its_settings, sources=sources)
        return build_watch(folder, its, storage=other, workers=workers)

    return Watch(
        data=data,
        storage=storage,
        evidence=evidence,
        make_committer=make_committer,
        keywords=configuration.keywords,
        settings=settings,
        sources=configuration.sources,
        make_sender=lambda each: make_sender(each, data=data, clock=clock),
        workers=workers,
        clock=clock,
        chance=random.random,
        aside=aside,
    )


@contextmanager
def lock_backfill(data: Path) -> Iterator[None]:
    """Be the only backfill of a data folder; raises StorageBusy, and StorageMissing without data.

    Brings the main database up to date, which only a writer can, if that is needed.
    """
    clock = SystemClock()
    try:
        Storage.open_reader(data, clock).close()
    except StorageMissing:
        raise
    except StorageError:
        Storage.open_writer(data, clock).close()
    folder = lock_folder(data)
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = WriterLock.take(folder, clock)
    try:
        yield
    finally:
        lock.release(clean=True)


@contextmanager
def open_side(data: Path, configuration: Configuration) -> Iterator[Side]:
    """Open what a backfill works with: a database of its own, and the main one for reading."""
    clock = SystemClock()
    with ExitStack() as stack:
        known = stack.enter_context(Storage.open_reader(data, clock))
        storage = open_storage(work_folder(data), clock, write=True, create=True)
        stack.enter_context(storage)

        def workers() -> WorkerHost:
            return stack.enter_context(start_workers(configuration, data))

        watch = build_watch(data, configuration, storage=storage, workers=workers)
        yield Side(watch=watch, known=known)


class LiveWatch:
    """The watch of a running service; a changed configuration replaces it, storage stays open."""

    def __init__(self, folder: Path | None, configuration: Configuration, watch: Watch) -> None:
        self._folder = folder
        self._stamp = stamp_files(configuration)
        self._touched = Touched(folder)
        self._hosts: list[WorkerHost] = []
        self.watch = watch

    def reload(self, *, asked: bool = False) -> tuple[str, ...] | None:
        """Take changed files; None when nothing changed, else the problems (none: taken).

        With problems, the configuration in force goes on. Reading takes a fifth of a second, and
        more with thousands of sources: files that nobody touched are not read, unless `asked`.
        """
        if not self._touched.look(self.watch.clock.monotonic()) and not asked:
            return None
        try:
            configuration = read_config(self._folder, self.watch.data)
        except ConfigError as error:
            stamp = str(error)
            if stamp == self._stamp:
                return None
            self._stamp = stamp
            return tuple(str(problem) for problem in error.problems)
        stamp = stamp_files(configuration)
        if stamp == self._stamp:
            return None
        self._stamp = stamp
        self.close()
        self.watch = self._rebuild(configuration)
        return ()

    def close(self) -> None:
        """End the workers of the configuration before."""
        for host in self._hosts:
            host.close()
        self._hosts.clear()

    def _rebuild(self, configuration: Configuration) -> Watch:
        def workers() -> WorkerHost:
            if not self._hosts or not self._hosts[-1].alive:
                self._hosts.append(start_workers(configuration, self.watch.data))
            return self._hosts[-1]

        return build_watch(
            self.watch.data, configuration, storage=self.watch.storage, workers=workers
        )


def stamp_files(configuration: Configuration) -> str:
    """Return what tells two configurations apart, a changed secret included; itself no secret."""
    parts = (configuration.keywords.version, configuration.sources, configuration.settings)
    return hashlib.sha256(to_json(parts)).hexdigest()


@contextmanager
def open_live(
    data: Path, folder: Path | None, configuration: Configuration, *, create: bool
) -> Iterator[LiveWatch]:
    """Open a watch that a service keeps open while its configuration changes."""
    with open_watch(data, configuration, create=create) as watch:
        live = LiveWatch(folder, configuration, watch)
        try:
            yield live
        finally:
            live.close()


def open_storage(data: Path, clock: Clock, *, write: bool, create: bool) -> Storage:
    """Open the database in `data` for writing or reading."""
    if not write:
        return Storage.open_reader(data, clock)
    try:
        return Storage.open_writer(data, clock)
    except StorageMissing:
        if not create:
            raise
    return Storage.create(data, clock)
