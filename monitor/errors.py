"""Every error that Stationwatch raises on purpose.

    StationwatchError            one clear sentence with its cure; exit status 1
    ├── ConfigError              a configuration file is wrong: carries all Problems; exit status 2
    ├── UsageError               the command line asks for what cannot be; exit status 2
    ├── StorageError             the database cannot be used
    │   ├── StorageMissing       there is none where one was expected
    │   ├── StorageBusy          another process holds it for writing
    │   ├── StorageFull          the disk is full
    │   ├── StorageTooNew        written by a newer Stationwatch
    │   └── StorageCorrupt       SQLite finds it damaged
    ├── EvidenceError            kept bytes cannot be written or read
    ├── EgressRefused            an address that may not be contacted
    ├── FeedError                bytes that hold no entries and are no feed, sitemap or page
    ├── ExtractionError          a page too hostile to read at all
    ├── FilterMissing            a backfill has to extract every page, and why
    ├── WorkerLost               a worker was killed, ran out of time or out of memory
    ├── FrameError               the crawl child said something that is not in the protocol
    └── DeliveryFailed           a channel could not hand a message over; says if to try again

An expected failure of one page or source is a value (an outcome with a reason), not one of these.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


def reason_of(error: OSError) -> str:
    """Return what the system says of `error`, in words that fit into a sentence."""
    # A failed look-up carries a number of its own, below zero, and the resolver's words.
    known = error.errno is not None and error.errno > 0 and not isinstance(error, socket.gaierror)
    said = os.strerror(error.errno) if known and error.errno else error.strerror or str(error)
    return said[:1].lower() + said[1:]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong in a configuration file; `line` and `column` count from 1."""

    file: str
    line: int | None
    problem: str
    cure: str
    column: int | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.problem} ({self.cure})"


class StationwatchError(Exception):
    """A failure with a sentence for a person; `exit_status` is what the program ends with."""

    exit_status = 1


class ConfigError(StationwatchError):
    """One or more configuration files are wrong; nothing was started."""

    exit_status = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(StationwatchError):
    """The command line asks for something that cannot be."""

    exit_status = 2


class StorageError(StationwatchError):
    """The database cannot be used."""


class StorageMissing(StorageError):
    """There is no database where one was expected."""


class StorageBusy(StorageError):
    """Another process holds the database for writing."""


class StorageFull(StorageError):
    """The disk is full; the transaction that met it was rolled back whole."""


class StorageTooNew(StorageError):
    """A newer Stationwatch wrote this database."""


class StorageCorrupt(StorageError):
    """SQLite finds the database damaged."""


class EvidenceError(StationwatchError):
    """Kept bytes cannot be written or read."""


class EgressRefused(StationwatchError):
    """An address, scheme or port that may not be contacted."""


class FeedError(StationwatchError):
    """Bytes that are no feed, sitemap or section page, and hold no entries."""


class ExtractionError(StationwatchError):
    """A page too hostile to read at all."""


class FilterMissing(StationwatchError):
    """There is no filter before extraction, for a reason that ends with its cure."""


class WorkerLost(StationwatchError):
    """A worker was killed, ran out of time or out of memory on one piece of work."""


class FrameError(StationwatchError):
    """A frame between the service and its crawl child breaks the protocol."""


class DeliveryFailed(StationwatchError):
    """A channel could not hand a message over.

    `permanent` means that trying again cannot help (a 550, a 410).
    `retry_at` is when the receiver asked to be tried again, if it did.
    `disable` means that the receiver wants no more messages at all (a webhook's 410).
    `needs_person` means that somebody must mend the configuration (a refused login, a certificate
    that does not verify); it is tried again meanwhile, and is worth an alarm at once.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        retry_at: datetime | None = None,
        disable: bool = False,
        needs_person: bool = False,
    ) -> None:
        self.reason = reason
        self.permanent = permanent
        self.retry_at = retry_at
        self.disable = disable
        self.needs_person = needs_person
        super().__init__(reason)
