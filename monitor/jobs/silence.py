"""Which sources fail, and which say nothing: what a digest must tell so that silence is real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from monitor.model import Source, SourceState, SourceTrouble

SILENT_AFTER = timedelta(days=7)
"""A news source that has had nothing new for a week is worth a look."""


def find_failing(
    sources: Sequence[Source], states: Mapping[str, SourceState]
) -> tuple[SourceTrouble, ...]:
    """Return the sources whose last look failed, the longest failing first."""
    found = [
        SourceTrouble(
            name=source.outlet,
            why=state.problem or "no answer",
            since=state.failing_since,
        )
        for source in sources
        if source.enabled and (state := states.get(source.id)) is not None and state.failures
    ]
    return tuple(sorted(found, key=lambda trouble: (trouble.since is None, trouble.since)))


def find_silent(
    sources: Sequence[Source], states: Mapping[str, SourceState], *, now: datetime
) -> tuple[SourceTrouble, ...]:
    """Return the sources that answer and have had nothing new for SILENT_AFTER."""
    found = []
    for source in sources:
        state = states.get(source.id)
        if not source.enabled or state is None or state.failures or state.looked_at is None:
            continue
        since = state.new_entry_at or state.added_at
        if now - since > SILENT_AFTER:
            found.append(
                SourceTrouble(name=source.outlet, why="answers, with nothing new", since=since)
            )
    return tuple(found)
