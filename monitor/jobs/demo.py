"""The whole chain on a press of the demo's own: fetch, flag, group, deliver, digest."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from monitor.demo.world import DemoWorld
from monitor.errors import UsageError
from monitor.jobs.deliver import deliver
from monitor.jobs.digests import begin_now, local_today, preview_digest
from monitor.jobs.once import add, run_once
from monitor.jobs.watch import Progress, Watch, ignore_progress
from monitor.model import Delivery, FlaggedArticle, Outcome, Story, Subscriber
from monitor.render.digest import render_digest
from monitor.urls import canonical_url

MARKER = "this-is-a-demo"
"""A file that says that a folder was made by a demo, and may be emptied by the next one."""

DIGEST = "digest.html"
READER = "reader"

OpenWatch = Callable[[Path, Path], AbstractContextManager[Watch]]


@dataclass(frozen=True, kw_only=True)
class Demo:
    """What the demo did, and what arrived at its mail server and webhook receiver."""

    pages: int
    outcomes: Mapping[Outcome, int]
    articles: tuple[FlaggedArticle, ...]
    stories: tuple[Story, ...]
    deliveries: tuple[Delivery, ...]
    mails: int
    hooks: int
    hooks_verified: int
    digest: Path
    digest_text: str
    missed: tuple[str, ...]
    wrong: tuple[str, ...]
    topics: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Say whether exactly what should be flagged was flagged, and all of it arrived."""
        arrived = all(delivery.state == "delivered" for delivery in self.deliveries)
        return not self.missed and not self.wrong and arrived and bool(self.deliveries)


def run_demo(folder: Path, *, open_watch: OpenWatch, progress: Progress = ignore_progress) -> Demo:
    """Show the whole chain in `folder`, which is emptied first if it is an earlier demo's.

    Everything runs on loopback, and nothing is left running.
    """
    config, data = prepare_folder(folder)
    with DemoWorld(config) as world, open_watch(data, config) as watch:
        result = run_once(watch, progress=progress)
        delivered = result.delivered
        for subscriber in watch.subscribers:
            if subscriber.digest:
                begin_now(watch, subscriber, local_today(watch, subscriber))
        delivered = add(delivered, deliver(watch))
        reader = next(each for each in watch.subscribers if each.name == READER)
        path, text = write_digest(watch, reader, folder)
        articles = read_articles(watch, result.stories)
        flagged = {each.stored.article.canonical_url for each in articles if is_report(each)}
        quiet = {canonical_url(url) for url in world.quiet}
        run = result.polled.run
        return Demo(
            pages=sum(run.outcomes.values()),
            outcomes=run.outcomes,
            articles=articles,
            stories=result.stories,
            deliveries=watch.storage.outbox.read_deliveries(limit=1000),
            mails=len(world.mails),
            hooks=len(world.hooks),
            hooks_verified=sum(hook.verified for hook in world.hooks),
            digest=path,
            digest_text=text,
            missed=tuple(e.url for e in world.expected if canonical_url(e.url) not in flagged),
            wrong=tuple(sorted(flagged & quiet)),
            topics=watch.topic_titles,
        )


def prepare_folder(folder: Path) -> tuple[Path, Path]:
    """Empty `folder` if an earlier demo made it, and return its places for files and data."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).is_file():
            raise UsageError(
                f"while starting the demo: {str(folder)!r} holds something else; name an empty"
                " folder with --data"
            )
        shutil.rmtree(folder)
    config, data = folder / "config", folder / "data"
    for each in (folder, config, data):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / MARKER).touch()
    return config, data


def read_articles(watch: Watch, stories: tuple[Story, ...]) -> tuple[FlaggedArticle, ...]:
    """Return every flagged article with its matches."""
    return tuple(
        watch.storage.matches.get_flagged(article.article_id)
        for story in stories
        for article in story.articles
    )


def is_report(article: FlaggedArticle) -> bool:
    """Say whether a topic is reported on, not only mentioned."""
    return any(match.level == "report" for match in article.matches)


def write_digest(watch: Watch, subscriber: Subscriber, folder: Path) -> tuple[Path, str]:
    """Write today's digest as a page and return its path and its text."""
    message = render_digest(preview_digest(watch, subscriber, None), subscriber)
    path = folder / DIGEST
    path.write_text(message.html or message.text, encoding="utf-8")
    return path.resolve(), message.text
