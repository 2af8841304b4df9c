"""One backfill as it was asked for: what is kept under which name, and its way over the network."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import to_json

from monitor.jobs.backfill_crawl import fetch_pages, open_lists, read_lists
from monitor.jobs.backfill_errand import Errand, NetworkPlan, Tell
from monitor.jobs.backfill_plan import make_asked
from monitor.jobs.backfill_sources import Inputs
from monitor.jobs.watch import Watch
from monitor.model import ArchiveSettings
from spiders.units import Wanted
from spiders.workers import WorkerHost
from storage.backfill_requests import BackfillRequest


def make_network_plan(
    inputs: Inputs, wanted: Wanted, archives: ArchiveSettings, *, rules: str
) -> NetworkPlan:
    """Return what is asked over the network; the same wishes and rules have the same name."""
    told = (
        sorted(source.id for source in inputs.sources),
        sorted(inputs.sitemaps),
        sorted(inputs.hosts),
        sorted(inputs.searches),
        inputs.server.base if inputs.hosts else "",
    )
    text = to_json({"files": make_asked(rules, wanted, sieve=True), "inputs": told})
    return NetworkPlan(
        asked=hashlib.sha256(text).hexdigest()[:32],
        inputs=inputs,
        wanted=wanted,
        rules=rules,
        archive_delay=60 / archives.requests_a_minute,
    )


def begin_request(
    watch: Watch, plan: NetworkPlan, words: Mapping[str, Any], *, run_id: str | None = None
) -> BackfillRequest:
    """Remember what was asked for, and return it as it is remembered."""
    watch.storage.backfills.note(plan.asked, words, run_id=run_id)
    request = watch.storage.backfills.find(plan.asked)
    assert request is not None
    return request


def read_network_lists(
    watch: Watch, plan: NetworkPlan, workers: Callable[[], WorkerHost], tell: Tell
) -> None:
    """Read the lists and fetch no page."""
    errand = Errand(watch=watch, plan=plan, workers=workers, tell=tell)
    open_lists(errand)
    read_lists(errand)


def run_network(
    watch: Watch, plan: NetworkPlan, workers: Callable[[], WorkerHost], run_id: str, tell: Tell
) -> list[str]:
    """Read lists, fetch pages, and return in words what was left for the next run."""
    if plan.inputs.is_empty:
        return []
    watch.storage.backfills.note_run(plan.asked, run_id)
    errand = Errand(watch=watch, plan=plan, workers=workers, run_id=run_id, tell=tell)
    open_lists(errand)
    read_lists(errand)
    fetch_pages(errand)
    return errand.left
