"""Why one page or text is flagged, or not: from a file, or fetched as the watch would fetch it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.errors import StationwatchError, UsageError, reason_of
from monitor.jobs.extract import extract_file
from monitor.jobs.fetching import Way, egress_for, fetch_settings, pins_of
from monitor.match.matcher import Matcher
from monitor.model import Analysis, Entry, PendingEntry, Prepared, Settings, Source
from spiders.crawl import CrawlChild
from spiders.frames import PageFailed, PagePrepared, SourceTask
from spiders.work import WorkerSetup
from spiders.workers import WorkerHost

MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")


@dataclass(frozen=True, kw_only=True)
class Explained:
    """The article that was judged, and all that the rules say of it, near misses included."""

    title: str
    text: str
    analysis: Analysis
    url: str | None = None
    problem: str | None = None


def explain_place(
    place: str,
    *,
    url: str | None,
    configuration_settings: Settings,
    setup: WorkerSetup,
    matcher: Matcher,
    sources: Sequence[Source] = (),
) -> Explained:
    """Return the explanation of the page at a web address, or of a page or plain text in a file.

    In a text file the first line is the title.
    """
    if place.startswith(("http://", "https://")):
        return judge(fetch_page(place, configuration_settings, setup, sources), matcher)
    file = Path(place)
    try:
        begin = file.read_bytes()[:2000].lstrip().lower()
    except OSError as error:
        raise UsageError(
            f"while reading {place!r}: {reason_of(error)}; name a page or text"
        ) from error
    if begin.startswith(MARKUP):
        address = url or "https://page.invalid/"
        return judge(extract_file(file, url=address, setup=setup), matcher)
    title, _, text = file.read_text(encoding="utf-8", errors="replace").partition("\n")
    return Explained(title=title, text=text, analysis=matcher.explain(title, text))


def judge(prepared: Prepared, matcher: Matcher) -> Explained:
    """Return the explanation of a prepared page."""
    article = prepared.article
    if article is None:
        reason = prepared.reason or "no text could be had"
        raise UsageError(f"while explaining {prepared.final_url!r}: {prepared.outcome}: {reason}")
    analysis = matcher.explain(
        article.title, article.text, language=article.language, declared=article.declared_language
    )
    return Explained(
        title=article.title,
        text=article.text,
        analysis=analysis,
        url=article.canonical_url,
        problem=prepared.reason,
    )


def fetch_page(
    url: str, settings: Settings, setup: WorkerSetup, sources: Sequence[Source] = ()
) -> Prepared:
    """Fetch one page as the watch would: the same politeness, limits, workers and way out."""
    way = Way(egress=egress_for(url, sources) or settings.network.egress)
    source = Source(id="asked", kind="feed", url=url, outlet="asked")
    entry = PendingEntry(id="asked", source_id="asked", entry=Entry(url=url))
    with WorkerHost(setup) as workers:
        child = CrawlChild(
            [SourceTask(source=source, look=False)],
            workers=workers,
            settings=fetch_settings(settings.network, way=way, pins=pins_of(sources)),
            rules_version=workers.rules_version,
        )
        with child:
            child.fetch("asked", [entry])
            for message in child:
                if isinstance(message, PagePrepared):
                    return message.prepared
                if isinstance(message, PageFailed):
                    raise StationwatchError(f"while fetching {url!r}: {message.reason}")
    raise StationwatchError(
        f"while fetching {url!r} at {datetime.now(UTC):%H:%M}: no answer; try again"
    )
