"""One backfill as it was asked for, checked, with everything that it needs."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.cli.backfill_searches import search_topics
from monitor.cli.backfill_wishes import (
    Wishes,
    check_wishes,
    make_inputs,
    make_wishes_wanted,
)
from monitor.cli.options import read_countries, read_languages

if TYPE_CHECKING:
    from monitor.config.folder import Configuration
    from monitor.jobs.backfill_sources import Inputs
    from spiders.units import Wanted


@dataclass(frozen=True, kw_only=True)
class Job:
    """One backfill as it was asked for, with everything it needs; `rules` names its keywords."""

    configuration: Configuration
    rules: str
    data: Path
    wishes: Wishes
    wanted: Wanted
    inputs: Inputs
    workers: int
    sieve: bool
    unfiltered: str | None = None
    """Why there is no filter on this machine though it is wanted."""

    @property
    def filters(self) -> bool:
        """Say whether workers of this machine rule pages out."""
        return self.sieve and self.unfiltered is None


def make_job(
    wishes: Wishes, data: Path, config: Path | None, *, workers: int | None, sieve: bool
) -> Job:
    """Return the job that the wishes come to; raises UsageError for what cannot be done."""
    from monitor.wiring import find_rules_version, read_config

    configuration = read_config(config, data)
    wishes = replace(
        wishes, country=read_countries(wishes.country), language=read_languages(wishes.language)
    )
    of_topics = search_topics(wishes.search_topic, wishes.language, configuration.keywords)
    wishes = replace(wishes, search=(*wishes.search, *of_topics))
    check_wishes(wishes, configuration, now=datetime.now(UTC))
    wanted = make_wishes_wanted(wishes, configuration)
    return Job(
        configuration=configuration,
        rules=find_rules_version(configuration),
        data=data,
        wishes=wishes,
        wanted=wanted,
        inputs=make_inputs(wishes, wanted, configuration),
        workers=workers or os.cpu_count() or 1,
        sieve=sieve,
    )
