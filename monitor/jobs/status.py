"""How the watch stands: what needs a person, and what stands behind the digest's figures."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

from monitor.jobs.backfill_progress import find_progress, find_unread
from monitor.jobs.recall_report import read_report
from monitor.jobs.source_health import find_failing, find_silent
from monitor.jobs.watch import Watch
from monitor.model import DayLedger, OutboxCounts, Proof, Run, SourceTrouble, StorageHealth
from monitor.model.recall import RecallReport
from storage.lock import find_holder

if TYPE_CHECKING:
    from monitor.jobs.second_backup import SecondState

SHOWN_DAYS = 7
SHOWN_PROOFS = ("canary", "backup", "prune")
TOLD_OF_STORAGE = frozenset({"storage:backup", "storage:second-backup"})
"""Troubles of the storage that its own health does not say."""
SHOWN_LIBRARIES = ("scrapy", "trafilatura", "feedparser", "sqlite-utils")


@dataclass(frozen=True, kw_only=True)
class Status:
    """How the watch stands.

    `needs` are sentences for the one who keeps it running, who must do something; `notes` are what
    is good to know, `backfill` among them: how far one is. `recall` is the last recall check, None
    while it is off, and `second_backup` is None while no second folder is named.
    """

    ok: bool
    needs: tuple[str, ...]
    notes: tuple[str, ...]
    last_run: Run | None
    held_by: str | None
    sources: Mapping[str, int]
    troubles: tuple[SourceTrouble, ...]
    pending: int
    pending_due: int
    outbox: OutboxCounts
    storage: StorageHealth
    versions: Mapping[str, str]
    days: tuple[DayLedger, ...] = ()
    proofs: tuple[Proof, ...] = ()
    recall: RecallReport | None = None
    second_backup: SecondState | None = None
    backfill: str | None = None

    @property
    def outbox_counts(self) -> dict[str, int]:
        """Return the outbox by state."""
        counts = self.outbox
        return {
            "owed": counts.owed,
            "on their way": counts.claimed,
            "delivered": counts.delivered,
            "dead": counts.dead,
        }


def read_status(watch: Watch) -> Status:
    """Return how the watch stands; reads only, so that it works beside the service.

    Asks the second folder for backups, and no longer than some seconds where it does not answer.
    """
    now = watch.clock.now()
    storage = watch.storage
    found = storage.source_days.read_health()
    failing, silent = find_failing(found), find_silent(found)
    outbox = storage.outbox.count()
    health = storage.health()
    holder = find_holder(watch.data)
    notes = [health.sqlite_problem] if health.sqlite_problem else []
    needs = [each for each in health.problems if each not in notes]
    needs += storage.runs.check_ledger()
    second = _read_second(watch)
    if second is not None and second.need:
        needs.append(second.need)
    if backfill := find_progress(watch):
        notes.append(backfill)
    if unread := find_unread(watch, now - timedelta(days=SHOWN_DAYS)):
        needs.append(unread)
    if outbox.dead:
        needs.append(
            f"{outbox.dead} message{'s were' if outbox.dead > 1 else ' was'} given up:"
            " see 'stationwatch deliveries --failed'"
        )
    enabled = sum(1 for source in watch.sources if source.enabled)
    none_readable = bool(failing) and len(failing) >= enabled
    needs += [
        f"{trouble.headline}: {trouble.why}. {trouble.cure}".strip()
        for trouble in storage.notices.read_lasting()
        if (not trouble.key.startswith("storage:") or trouble.key in TOLD_OF_STORAGE)
        and not (none_readable and trouble.key == "source:all")  # said below, with the first reason
    ]
    if none_readable:
        needs.append(
            f"none of the {enabled} sources can be read: look at the network of this machine"
            f" (the first says: {failing[0].why})"
        )
    return Status(
        ok=not needs,
        needs=tuple(needs),
        notes=tuple(notes),
        last_run=storage.runs.find_latest(),
        held_by=f"{holder.command} (process {holder.pid} on {holder.host})" if holder else None,
        sources=_count_sources(watch) | {"failing": len(failing), "silent": len(silent)},
        troubles=failing + silent,
        pending=storage.entries.count_pending(),
        pending_due=storage.entries.count_pending(now),
        outbox=outbox,
        storage=health,
        versions=read_versions(health),
        days=storage.runs.outcomes_by_day(now.date() - timedelta(days=SHOWN_DAYS - 1), now.date()),
        recall=read_report(watch.data) if watch.settings.recall is not None else None,
        second_backup=second,
        backfill=backfill,
        proofs=tuple(
            proof for name in SHOWN_PROOFS if (proof := storage.proofs.find(name)) is not None
        ),
    )


def _read_second(watch: Watch) -> SecondState | None:
    """Return how the second backup stands; what makes it is loaded only where one is wanted."""
    if watch.settings.data.second_backup is None:
        return None
    from monitor.jobs.second_backup import read_second  # noqa: PLC0415  # a second: see above

    return read_second(watch)


def _count_sources(watch: Watch) -> dict[str, int]:
    states = watch.storage.sources.read_states()
    kinds = Counter(
        "off" if not source.enabled else "never asked" if _never(states.get(source.id)) else "asked"
        for source in watch.sources
    )
    return dict(kinds)


def _never(state: object) -> bool:
    return state is None or getattr(state, "looked_at", None) is None


def read_versions(health: StorageHealth) -> dict[str, str]:
    """Return what runs, by name."""
    found = {"python": platform.python_version(), "sqlite": health.sqlite_version}
    return found | {name: version(name) for name in SHOWN_LIBRARIES}
