"""Who is told of a trouble of the watch itself: pure."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.model import FolderChannel, Subscriber

FALLBACK = Subscriber(
    name="/outgoing", channel=FolderChannel(), alerts=False, digest=False, alarms=True
)
"""Nobody's name holds a slash; its notices are files in the folder `outgoing` of the data."""


def choose_receivers(
    subscribers: Sequence[Subscriber], *, but: frozenset[str] = frozenset()
) -> tuple[Subscriber, ...]:
    """Return everybody with alarms but those named; where there is nobody, the others and a folder.

    A trouble of the only channel with alarms is told over the others: somebody hears of it as long
    as anything works at all (FAULTS P2).
    """
    wanted = tuple(each for each in subscribers if each.alarms and each.name not in but)
    others = tuple(each for each in subscribers if each.name not in but)
    return wanted or (*others, FALLBACK)
