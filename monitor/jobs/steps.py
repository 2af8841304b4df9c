"""Work that takes long, done a step at a time, so that whoever does it can do other things between.

Knows nothing of what is done.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

from monitor.jobs.watch import Progress

Result = TypeVar("Result")

Steps = Generator[tuple[int, int], None, Result]
"""Yields after each step how much is done and how much there is; returns what came of it."""


def run_through(steps: Steps[Result], progress: Progress) -> Result:
    """Do every step at once and return what came of it."""
    while True:
        try:
            done, total = next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result
        progress(done, total)
