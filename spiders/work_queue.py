"""Work that waits for a worker: feeds and lists first, so that looks go on while pages queue.

A list takes milliseconds, and a report may stand in it; a page of a queue of hundreds takes its
time, and has been found already.
"""

from __future__ import annotations

import itertools
import queue
from concurrent.futures import Future
from typing import Any, NamedTuple

from spiders.work import PageWork, Work

LISTS, PAGES, END = 0, 1, 2


class _Waiting(NamedTuple):
    rank: int
    order: int
    item: tuple[Work, Future[Any]] | None


class WorkQueue:
    """A queue of work with the futures of its answers, for several threads."""

    def __init__(self) -> None:
        self._queue: queue.PriorityQueue[_Waiting] = queue.PriorityQueue()
        self._order = itertools.count()

    def put(self, work: Work, future: Future[Any]) -> None:
        """Add work; what is of one rank keeps its order."""
        rank = PAGES if isinstance(work, PageWork) else LISTS
        self._queue.put(_Waiting(rank, next(self._order), (work, future)))

    def end(self) -> None:
        """Add an end for one of those who take, behind all work."""
        self._queue.put(_Waiting(END, next(self._order), None))

    def get(self) -> tuple[Work, Future[Any]] | None:
        """Return what is next, once there is something; None at the end."""
        return self._queue.get().item
