"""Everything that is due, once: look, fetch, try the watch, make digests, deliver, stop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.jobs.canary import check_canary
from monitor.jobs.deliver import Delivered, deliver
from monitor.jobs.digests import begin_due
from monitor.jobs.poll import Polled, due_when_asked, poll
from monitor.jobs.source_health import check_sources
from monitor.jobs.watch import Progress, Watch, ignore_progress
from monitor.model import Story


@dataclass(frozen=True, kw_only=True)
class Once:
    """What one `run --once` did; `canary` says what broke, if the test report did not arrive."""

    polled: Polled
    delivered: Delivered
    stories: tuple[Story, ...]
    canary: str | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """Return what a person should know of, in sentences."""
        lost = (f"the test report did not come through: {self.canary}",) if self.canary else ()
        return self.polled.problems + lost + self.delivered.problems


def run_once(watch: Watch, *, progress: Progress = ignore_progress) -> Once:
    """Do everything that is due and return what came of it.

    What an earlier, killed run still owes is delivered first: its alerts are the oldest.
    """
    watch.storage.outbox.sync_subscribers([subscriber.name for subscriber in watch.subscribers])
    before = deliver(watch)
    polled = poll(
        watch,
        choose=lambda source, state: due_when_asked(source, state, watch),
        progress=progress,
    )
    check_sources(watch)
    found = deliver(watch)  # before the test report, which takes seconds
    canary = check_canary(watch)
    begin_due(watch)
    after = deliver(watch)
    return Once(
        polled=polled,
        delivered=add(add(before, found), after),
        stories=tuple(_new_stories(watch, polled)),
        canary=canary,
    )


def add(before: Delivered, after: Delivered) -> Delivered:
    """Return two deliveries as one."""
    return Delivered(
        delivered=before.delivered + after.delivered,
        retried=before.retried + after.retried,
        dead=before.dead + after.dead,
        held=before.held + after.held,
        problems=before.problems + after.problems,
    )


def _new_stories(watch: Watch, polled: Polled) -> Iterator[Story]:
    """Yield the stories that this run began or added to, once each, in the order of their pages."""
    found = (page.story_id for page in polled.committed)
    for story_id in dict.fromkeys(each for each in found if each):
        yield watch.storage.stories.get(story_id)
