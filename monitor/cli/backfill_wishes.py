"""What a person asked of `backfill`, checked: every wrong combination is one sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.cli.options import check_topics
from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.config.folder import Configuration
    from monitor.jobs.backfill_sources import Inputs
    from monitor.model import Keywords
    from spiders.units import Wanted

REVEALS = (
    "a search tells its company the words that are searched for, when, and your network address;"
    " everything else in Stationwatch is matched on this machine and tells nobody what is watched"
)
SOURCES = "sources"
"""In place of a host: those of the chosen sources."""

SEARCHERS = ("gdelt", "google-news")
FIRST_YEAR = 1995


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """The options as they were typed."""

    since: str | None = None
    until: str | None = None
    source: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    sites: bool = False
    sitemap: tuple[str, ...] = ()
    wayback: tuple[str, ...] = ()
    archive: str | None = None
    warc: tuple[str, ...] = ()
    ccnews: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    search_topic: tuple[str, ...] = ()
    search_by: str = "gdelt"
    search_option: str = "--search"
    reveal: bool = False

    @property
    def reads_sites(self) -> bool:
        """Say whether the sites' own archives are read: the default when nothing else is named."""
        searches = self.search or self.search_topic
        named = self.sitemap or self.wayback or self.warc or self.ccnews or searches
        return self.sites or not named


def check_wishes(wishes: Wishes, configuration: Configuration, *, now: datetime) -> None:
    """Raise UsageError for what cannot be done or would do what nobody meant."""
    since, until = read_day(wishes.since, "--from"), read_day(wishes.until, "--to")
    for day, option in ((since, "--from"), (until, "--to")):
        if day is not None and day.year < FIRST_YEAR:
            raise UsageError(f"while reading {option}: the web begins in {FIRST_YEAR}")
    if since is not None and until is not None and since > until:
        raise UsageError(
            f"while reading --from {wishes.since!r} --to {wishes.until!r}: the first day is after"
            " the last; exchange them"
        )
    if since is not None and since > now:
        raise UsageError(
            f"while reading --from {wishes.since!r}: that day has not come; a backfill reads what"
            " was published before, 'stationwatch run' what comes"
        )
    check_topics(wishes.topic, [topic.id for topic in configuration.keywords.topics])
    for language in wishes.language:
        _check_language(language, configuration.keywords)
    _check_inputs(wishes, since)


def _check_language(language: str, keywords: Keywords) -> None:
    """Raise UsageError for a language that no term is of: nothing would be found in it."""
    written = {each for concept in keywords.concepts for each in concept.terms} - {"any"}
    if written and language.lower() not in written:
        raise UsageError(
            f"while reading --language {language!r}: the keywords have no words in it; write one of"
            f" {', '.join(sorted(written))}"
        )


def _check_inputs(wishes: Wishes, since: datetime | None) -> None:
    asks = wishes.reads_sites or wishes.sitemap or wishes.wayback or wishes.search
    if asks and since is None:
        raise UsageError(
            "while starting a backfill: how far back? say the first day: --from 2019-01-01"
        )
    for url in (*wishes.sitemap, *((wishes.archive,) if wishes.archive else ())):
        if not url.startswith(("http://", "https://")):
            raise UsageError(
                f"while reading {url!r}: write a whole address, https://www.example.org/sitemap.xml"
            )
    for host in wishes.wayback:
        if not re.fullmatch(r"[\w-]+(\.[\w-]+)+|" + SOURCES, host.lower()):
            raise UsageError(
                f"while reading --wayback {host!r}: write a host, such as www.example.org,"
                f" or the word '{SOURCES}'"
            )
    for month in wishes.ccnews:
        if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month):
            raise UsageError(f"while reading --ccnews {month!r}: write a month as 2024-03")
    if wishes.search_by not in SEARCHERS:
        raise UsageError(
            f"while reading --search-by {wishes.search_by!r}: write {' or '.join(SEARCHERS)}"
        )
    if wishes.search and not wishes.reveal:
        raise UsageError(
            f"while reading {wishes.search_option}: {REVEALS}; if that may be, say it with"
            " --reveal-subject"
        )


def read_day(text: str | None, option: str, *, after: bool = False) -> datetime | None:
    """Return the beginning of a day in UTC; with `after`, its end."""
    if text is None:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        is_day = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
        cure = "there is no such day" if is_day else "write a day as 2024-03-01"
        raise UsageError(f"while reading {option} {text!r}: {cure}") from error
    return datetime.fromordinal(day.toordinal() + 1).replace(tzinfo=UTC) if after else day


def make_wishes_wanted(wishes: Wishes, configuration: Configuration) -> Wanted:
    """Return what articles are wanted."""
    from monitor.jobs.backfill_plan import make_wanted

    return make_wanted(
        configuration.sources,
        since=read_day(wishes.since, "--from"),
        until=read_day(wishes.until, "--to", after=True),
        source_ids=wishes.source,
        countries=wishes.country,
        languages=wishes.language,
        topics=wishes.topic,
    )


def make_inputs(wishes: Wishes, wanted: Wanted, configuration: Configuration) -> Inputs:
    """Return what is read over the network."""
    from monitor.jobs.backfill_sources import Inputs
    from monitor.urls import host_of, site_of
    from spiders.archive import CdxServer
    from spiders.archive_google import GOOGLE

    chosen = [
        source
        for source in configuration.sources
        if source.enabled and (not wanted.sites or site_of(source.url) in wanted.sites)
    ]
    if not chosen and (wishes.reads_sites or SOURCES in wishes.wayback):
        raise UsageError("while choosing sources: none is enabled; see 'stationwatch sources list'")
    hosts: list[str] = []
    for host in wishes.wayback:
        hosts += (
            [host_of(s.url).removeprefix("www.") for s in chosen] if host == SOURCES else [host]
        )
    archives = configuration.settings.archives
    return Inputs(
        sources=tuple(chosen) if wishes.reads_sites else (),
        sitemaps=wishes.sitemap,
        hosts=tuple(dict.fromkeys(hosts)),
        searches=wishes.search,
        server=CdxServer(base=wishes.archive or archives.captures),
        gdelt=archives.gdelt,
        google=GOOGLE if wishes.search_by == "google-news" else None,
    )


def say_period(wishes: Wishes) -> str:
    """Return the days that were asked for, in words, for a title."""
    if wishes.until is None:
        return f"since {wishes.since or 'the beginning'}"
    return f"from {wishes.since} to {wishes.until}" if wishes.since else f"until {wishes.until}"


def name_inputs(wishes: Wishes) -> str:
    """Return whose pages are read, in few words, for a title."""
    names = [*wishes.country, *wishes.source, *wishes.wayback]
    files = bool(wishes.warc or wishes.ccnews)
    if names and files:
        names = [*names[:6], "in archive files"]
    if not names:
        searched = wishes.search or wishes.search_topic
        kinds = (
            ("all sources", wishes.reads_sites),
            ("sitemaps", wishes.sitemap),
            ("archive files", files),
            ("a search", searched),
        )
        names = [name for name, is_read in kinds if is_read]
    return ", ".join(names[:7])


def name_files(wishes: Wishes) -> list[str]:
    """Return the files and folders that were named, without where they lie."""
    paths = [each if "://" in each else Path(each).resolve().name for each in wishes.warc]
    return [*(name for name in paths if name), *(f"CC-NEWS {month}" for month in wishes.ccnews)]


def describe(wishes: Wishes) -> dict[str, Any]:
    """Return what was asked for, in words, for the report and to be remembered."""
    parts: Sequence[tuple[str, Any]] = (
        ("first day", wishes.since or "any"),
        ("last day", wishes.until or "until now"),
        ("sources", ", ".join(wishes.source)),
        ("countries", ", ".join(each.upper() for each in wishes.country)),
        ("languages", ", ".join(wishes.language)),
        ("topics", ", ".join(wishes.topic)),
        ("the sites' own archives", "yes" if wishes.reads_sites else ""),
        ("sitemaps", ", ".join(wishes.sitemap)),
        ("archived captures of", ", ".join(wishes.wayback)),
        ("archive", wishes.archive if wishes.wayback and wishes.archive else ""),
        ("files", ", ".join(name_files(replace(wishes, ccnews=())))),
        ("Common Crawl news of", ", ".join(wishes.ccnews)),
        ("searched for", ", ".join(wishes.search)),
        ("searched by", wishes.search_by if wishes.search else ""),
    )
    return {name: value for name, value in parts if value}
