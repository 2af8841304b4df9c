"""What commands may hand to the running service, and doing it by oneself where none runs."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Any

from monitor.errors import StorageBusy, UsageError
from monitor.jobs.deliver import deliver
from monitor.jobs.digests import begin_now, check_began, local_today
from monitor.jobs.spool import Handler, hand_over
from monitor.jobs.steps import Steps, run_through
from monitor.jobs.upkeep import prune as prune_data
from monitor.jobs.watch import Progress, Watch, ignore_progress
from monitor.model import Subscriber


def retry(watch: Watch, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Owe one message again and send what is owed."""
    watch.storage.outbox.retry(str(arguments["message"]))
    return _deliver(watch)


def send_digest(watch: Watch, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make the digest of a subscriber for a local day now, and send what is owed."""
    subscriber = find_subscriber(watch, arguments.get("subscriber"))
    day = arguments.get("day")
    wanted = date.fromisoformat(day) if day else local_today(watch, subscriber)
    check_began(watch, subscriber, wanted)
    begin_now(watch, subscriber, wanted)
    return _deliver(watch)


def prune(watch: Watch, _arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Forget what is older than the settings want kept."""
    return prune_data(watch).as_counts()


def purge(watch: Watch, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Remove an article or a person's name."""
    from monitor.jobs.purge import Wanted  # noqa: PLC0415  # a circle: upkeep removes files, too
    from monitor.jobs.purge import purge as remove  # noqa: PLC0415  # the same

    wanted = Wanted(article=arguments.get("article"), person=arguments.get("person"))
    done = remove(watch, wanted, wish=str(arguments["wish"]))
    return {"counts": dict(done.counts), "keeps": list(done.keeps)}


def rematch(watch: Watch, _arguments: Mapping[str, Any]) -> Steps[Mapping[str, Any]]:
    """Match everything stored against the present keywords, a text at a time."""
    from monitor.jobs.rematch import rematch_by_steps  # noqa: PLC0415  # 0.3 s: the matcher
    from monitor.match.matcher import Matcher  # noqa: PLC0415  # the same

    found = yield from rematch_by_steps(watch, Matcher.load(watch.keywords))
    return {
        "run": found.run.id,
        "looked_at": found.looked_at,
        "added": found.added,
        "changed": found.changed,
    }


def _deliver(watch: Watch) -> Mapping[str, Any]:
    done = deliver(watch)
    return {"counts": done.as_counts(), "problems": list(done.problems)}


HANDLERS: dict[str, Handler] = {
    "retry": retry,
    "send digest": send_digest,
    "prune": prune,
    "purge": purge,
    "rematch": rematch,
}


def find_subscriber(watch: Watch, name: str | None) -> Subscriber:
    """Return the subscriber called `name`, or the only one there is."""
    names = [subscriber.name for subscriber in watch.subscribers]
    if name is None and len(names) == 1:
        return watch.subscribers[0]
    for subscriber in watch.subscribers:
        if subscriber.name == name:
            return subscriber
    asked = "which subscriber is not said" if name is None else f"no subscriber {name!r}"
    raise UsageError(f"while making a digest: {asked}; use --for with one of: {', '.join(names)}")


def do_or_hand_over(
    data: Path,
    job: str,
    arguments: Mapping[str, Any],
    *,
    open_watch: Callable[[], AbstractContextManager[Watch]],
    progress: Progress = ignore_progress,
) -> Mapping[str, Any]:
    """Do a job here, or let the running service do it where that holds the database."""
    try:
        opened = open_watch()
        watch = opened.__enter__()
    except StorageBusy:
        return hand_over(data, job, arguments, progress=progress)
    try:
        begun = HANDLERS[job](watch, arguments)
        return run_through(begun, progress) if isinstance(begun, Generator) else begun
    finally:
        opened.__exit__(None, None, None)
