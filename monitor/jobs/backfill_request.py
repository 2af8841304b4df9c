"""One backfill as it was asked for: what is kept under which name, and its way over the network."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic_core import to_json

from monitor.jobs.backfill_crawl import fetch_pages, open_lists, read_lists
from monitor.jobs.backfill_errand import Errand, NetworkPlan, Tell
from monitor.jobs.backfill_plan import make_asked
from monitor.jobs.backfill_side import Side
from monitor.jobs.backfill_sources import Inputs
from monitor.model import ArchiveSettings
from spiders.reach import OFFLINE, Reach
from spiders.units import Wanted
from spiders.workers import WorkerHost
from storage.backfill_requests import BackfillRequest
from storage.database import Storage


def make_network_plan(
    inputs: Inputs, wanted: Wanted, archives: ArchiveSettings, *, rules: str
) -> NetworkPlan:
    """Return what is asked over the network; the same wishes and rules have the same name."""
    told = (
        sorted(source.id for source in inputs.sources),
        sorted(inputs.sitemaps),
        sorted(inputs.hosts),
        sorted(f"{'google: ' if inputs.google else ''}{words}" for words in inputs.searches),
        inputs.server.base if inputs.hosts else "",
    )
    text = to_json({"files": make_asked(rules, wanted), "inputs": told})
    return NetworkPlan(
        asked=hashlib.sha256(text).hexdigest()[:32],
        inputs=inputs,
        wanted=wanted,
        rules=rules,
        archive_delay=60 / archives.requests_a_minute,
    )


def begin_request(
    side: Side, plan: NetworkPlan, words: Mapping[str, Any], *, run_id: str | None = None
) -> BackfillRequest:
    """Remember what was asked for, and return it as it is remembered."""
    backfills = side.watch.storage.backfills
    backfills.note(plan.asked, words, run_id=run_id)
    request = backfills.find(plan.asked)
    assert request is not None
    return request


def find_read_before(storages: Iterable[Storage], asked: str) -> Mapping[str, Any]:
    """Return the words of a request that files were read for, in the first storage that has some.

    A dry run leaves a request, too, which knows of no file.
    """
    for storage in storages:
        request = storage.backfills.find(asked)
        if request is not None and "unread" in request.words:
            return request.words
    return {}


def read_network_lists(
    side: Side,
    plan: NetworkPlan,
    workers: Callable[[], WorkerHost],
    tell: Tell,
    *,
    reach: Reach,
) -> None:
    """Read the lists and fetch no page; `reach` hears whether anything could be reached."""
    read_lists(_open_errand(side, plan, workers, tell, reach))


def run_network(
    side: Side,
    plan: NetworkPlan,
    workers: Callable[[], WorkerHost],
    run_id: str,
    tell: Tell,
    *,
    reach: Reach | None = None,
    page_workers: Callable[[], WorkerHost] | None = None,
) -> list[str]:
    """Read lists, fetch pages, and return in words what was left for the next run.

    `page_workers` are those of pages, where they are others than those of lists.
    """
    if plan.inputs.is_empty:
        return []
    side.watch.storage.backfills.note_run(plan.asked, run_id)
    errand = _open_errand(side, plan, workers, tell, reach or Reach())
    errand.run_id = run_id
    read_lists(errand)
    errand.workers = page_workers or workers
    fetch_pages(errand)
    return [OFFLINE] if errand.reach.is_offline else errand.left


def _open_errand(
    side: Side, plan: NetworkPlan, workers: Callable[[], WorkerHost], tell: Tell, reach: Reach
) -> Errand:
    storage = side.watch.storage
    storage.parcels.take_unfinished(plan.asked, side.known.parcels)
    errand = Errand(
        watch=side.watch, plan=plan, workers=workers, tell=tell, reach=reach, known=side.known
    )
    open_lists(errand)
    return errand
