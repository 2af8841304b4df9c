"""Who hears of what a story says: each change is owed, or counted as held back, or both.

decision ─ nothing new ───────────────────────────────────────▶ counted for the watch
─ change ─ told already? ─ route ─ send ─▶ outbox      counted for the subscriber,
└ digest, not         unless it is sent at once
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitor.alerts.route import TOLD_ALREADY, ArticleFacts, Route, Verdict, decide_route
from monitor.arrival import Committed, Found
from monitor.clock import Clock
from monitor.model import Change, ChangeKind, Outcome, StoredArticle, Story, Subscriber
from monitor.stories.changes import ChangeDecision
from storage.database import Storage

# What is counted must not vary from one article to the next: how a reason begins, and as what.
COUNTED_AS = (
    ("a copy of ", "copies of a report"),
    ("it tells what ", "it tells what other reports have told"),
)


class Teller:
    """Adds changes, and the alerts owed for them, in the transaction of whoever calls.

    `silent_topics` are those that alert nobody who does not ask for them by name.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        subscribers: Sequence[Subscriber],
        silent_topics: frozenset[str],
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._subscribers = tuple(subscribers)
        self._silent = silent_topics
        self._clock = clock

    def tell(
        self,
        found: Found,
        story: Story,
        stored: StoredArticle,
        decision: ChangeDecision,
        commit: int,
    ) -> Committed:
        """Tell every subscriber of a decision; what is held back from anybody is counted (P9)."""
        committed = Committed(
            outcome=Outcome.NEW,
            article_id=stored.id,
            story_id=story.id,
            change=decision.kind,
            reason=decision.reason,
        )
        if decision.kind is None:
            self._storage.runs.count_suppressed(
                found.arrival.run_id,
                name_reason(decision.reason),
                source_id=found.arrival.source.id,
            )
            return committed
        change = self._storage.stories.add_change(story.id, stored.id, decision.kind, commit=commit)
        told: frozenset[tuple[str, str]] = frozenset()
        if decision.kind is ChangeKind.FIRST_REPORT:  # who read a mention still wants the report
            told = self._storage.outbox.find_told(story.id, found.level)
        routes = tuple(
            (subscriber.name, self._tell_one(found, story, change, subscriber, told))
            for subscriber in self._subscribers
        )
        return replace(committed, routes=routes)

    def _tell_one(
        self,
        found: Found,
        story: Story,
        change: Change,
        subscriber: Subscriber,
        told: frozenset[tuple[str, str]],
    ) -> Route:
        if (subscriber.name, subscriber.channel.kind) in told:
            route = TOLD_ALREADY
        else:
            route = self._route(found, story, change, subscriber)
        if route.verdict is Verdict.SEND:
            self._storage.outbox.add_alert(
                change,
                subscriber=subscriber.name,
                channel=subscriber.channel.kind,
                not_before=route.send_at,
            )
        if route.held_back is not None:
            self._storage.runs.count_held_back(subscriber.name, route.held_back)
        return route

    def _route(self, found: Found, story: Story, change: Change, subscriber: Subscriber) -> Route:
        return decide_route(
            change,
            story,
            found.analysis.matches,
            facts=ArticleFacts(
                language=found.article.language,
                countries=found.analysis.countries,
                historic=found.arrival.historic,
                silent_topics=self._silent,
            ),
            subscriber=subscriber,
            now=self._clock.now(),
        )


def name_reason(reason: str) -> str:
    """Return what a reason is counted as; the article itself is named in its story."""
    return next((name for begins, name in COUNTED_AS if reason.startswith(begins)), reason)
