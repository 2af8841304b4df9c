"""The report of the last recall check, as a file of the data folder; see monitor/jobs/recall.py."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from monitor.jobs.watch import Watch
from monitor.model import SourceTrouble
from monitor.model.recall import RecallReport

FILE = "recall.json"
MOST_GAPS = 200
"""Gaps that a report names; a search that finds more says that the sources do not fit the topic."""

_REPORT = TypeAdapter(RecallReport)


def keep_report(data: Path, report: RecallReport) -> None:
    """Write the report whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=data, prefix=f".{FILE}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(to_json(replace(report, gaps=report.gaps[:MOST_GAPS]), indent=1))
        Path(name).replace(data / FILE)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_report(data: Path) -> RecallReport | None:
    """Return the last report; None before the first, or where the file is not one of ours."""
    try:
        return _REPORT.validate_json((data / FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def find_seen_elsewhere(watch: Watch) -> tuple[SourceTrouble, ...]:
    """Return what the last check found elsewhere and the watch has not; empty while it is off."""
    report = read_report(watch.data) if watch.settings.recall is not None else None
    if report is None:
        return ()
    return tuple(
        SourceTrouble(
            name=gap.outlet,
            why=f"{gap.fate.value}{f' ({gap.source_id})' if gap.source_id else ''}: “{gap.title}”",
            since=gap.published,
        )
        for gap in report.gaps
    )
