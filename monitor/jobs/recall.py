"""Ask a search what it found of the topics, and hold it against what the sources found.

topics ─ queries ─ crawl child ─ entries ─ rules (headline) ─ compare ─ kept ─▶ status, digest

Off unless [recall] stands in settings.toml: asking tells a search company the subject. It writes
nothing into the database, so that the command works beside the service.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit, urlunsplit

from monitor.config.searches import build_topic_query
from monitor.errors import UsageError
from monitor.health.recall import Known, compare_coverage, fold_title, is_recall_due
from monitor.jobs.fetching import fetch_settings
from monitor.jobs.recall_report import keep_report, read_report
from monitor.jobs.watch import Progress, Watch, ignore_progress
from monitor.log import get_logger
from monitor.match.matcher import Matcher
from monitor.model import Source, StoryFilter
from monitor.model.recall import FoundElsewhere, RecallReport
from monitor.model.settings import RecallSettings
from monitor.urls.search_feeds import REVEALS, build_search_url
from spiders.crawl import CrawlChild, Lost
from spiders.frames import Looked, SourceTask

log = get_logger("recall")

LOOK_BACK = timedelta(days=30)
GDELT_PAUSE = 6.0
"""Seconds between two questions: GDELT asks for at least five."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """One question: a topic in a language."""

    topic: str
    source: Source


def check_recall(watch: Watch) -> RecallReport | None:
    """Ask when it is time to, and return what came of it; None where nothing was to be done."""
    wanted = watch.settings.recall
    if wanted is None:
        return None
    last = read_report(watch.data)
    if not is_recall_due(last, every=wanted.every, now=watch.clock.now()):
        return None
    return run_recall(watch)


def run_recall(watch: Watch, *, progress: Progress = ignore_progress) -> RecallReport:
    """Ask now, keep the report in the data folder, and return it.

    Raises UsageError where the check is switched off.
    """
    wanted = watch.settings.recall
    if wanted is None:
        raise UsageError(
            "while asking a search: the recall check is switched off, because"
            f" {REVEALS['gdelt']}; if that may be known, write [recall] into settings.toml"
        )
    searches = tuple(build_searches(watch, wanted))
    found, problems = ask(watch, wanted, searches, progress)
    if not searches:
        problems.append("no topic has a phrase to search for in these languages")
    report = compare_coverage(
        found,
        is_on_topic=partial(_is_on_topic, Matcher.load(watch.keywords)),
        known=read_known(watch),
        sources=watch.sources,
        at=watch.clock.now(),
        asked=wanted.search,
        problems=problems,
    )
    keep_report(watch.data, report)
    log.info("recall checked", found=report.found, gaps=len(report.gaps))
    return report


def build_searches(watch: Watch, wanted: RecallSettings) -> Iterator[Search]:
    """Yield a question for each topic that alerts, in each language that has phrases for it."""
    days = wanted.every.days + 1
    for topic in watch.keywords.topics:
        for language in wanted.languages if topic.alert else ():
            query = build_topic_query(topic.id, watch.keywords, language)
            if not query:
                continue
            url = build_search_url(wanted.search, query, language=language, days=days)
            if wanted.url is not None:
                base, asked = urlsplit(wanted.url), urlsplit(url)
                url = urlunsplit((base.scheme, base.netloc, base.path, asked.query, ""))
            source = Source(
                id=f"recall-{topic.id}-{language}", kind="search", url=url, outlet=wanted.search
            )
            yield Search(topic=topic.id, source=source)


def ask(
    watch: Watch,
    wanted: RecallSettings,
    searches: tuple[Search, ...],
    progress: Progress = ignore_progress,
) -> tuple[list[FoundElsewhere], list[str]]:
    """Return what the searches found, and what went wrong; one at a time, no page is fetched."""
    found: list[FoundElsewhere] = []
    problems: list[str] = []
    topics = {each.source.id: each.topic for each in searches}
    settings = fetch_settings(watch.settings.network, data=watch.data)
    if wanted.search == "gdelt" and wanted.url is None:
        settings = replace(settings, delay=max(settings.delay, GDELT_PAUSE))
    if not searches:
        return found, problems
    workers, done = watch.workers(), 0
    child = CrawlChild(
        [SourceTask(source=each.source) for each in searches],
        workers=workers,
        settings=settings,
        rules_version=workers.rules_version,
    )
    with child:
        for message in child:
            if isinstance(message, Looked):
                look = message.look
                child.fetch(look.source_id)
                if look.problem is not None:
                    problems.append(f"{topics[look.source_id]}: {look.problem}")
                found += [
                    FoundElsewhere(
                        url=entry.url,
                        title=entry.title,
                        topic=topics[look.source_id],
                        published=entry.published,
                        outlet=entry.publisher or "",
                        summary=entry.summary,
                    )
                    for entry in look.entries
                ]
                done += 1
                progress(done, len(searches))
            elif isinstance(message, Lost):
                problems += [f"{topics[each]}: {message.reason}" for each in message.sources]
    return found, problems


def read_known(watch: Watch) -> Known:
    """Return what the watch flagged in the last weeks, and how to ask whether it read a page."""
    storage = watch.storage
    urls: set[str] = set()
    titles: set[str] = set()
    wanted = StoryFilter(since=watch.clock.now() - LOOK_BACK)
    for row in storage.stories.export(wanted):
        urls.update((row.url, row.canonical_url))
        titles.add(fold_title(row.title, row.outlet))

    def was_read(url: str) -> bool:
        return (
            storage.texts.find_by_url(url) is not None or storage.pages.find_latest(url) is not None
        )

    return Known(flagged_urls=frozenset(urls), flagged_titles=frozenset(titles), was_read=was_read)


def _is_on_topic(matcher: Matcher, each: FoundElsewhere) -> bool:
    analysis = matcher.match(each.title, each.summary, url=each.url)
    return any(match.topic == each.topic for match in analysis.matches)
