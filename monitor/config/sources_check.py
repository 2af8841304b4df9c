"""What is wrong with a list of sources once the settings are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from monitor.config.files import SETTINGS, SOURCES
from monitor.config.reader import Document, suggestion_cure
from monitor.egress import Allowance, check_url, parse_allowance
from monitor.errors import EgressRefused, Problem
from monitor.model import Settings, Source
from monitor.urls import host_of
from monitor.urls.search_feeds import REVEALS, find_engine

OTHER_SEARCH = "it tells whoever runs it the words that are searched for, and your IP address"


def check_sources(
    sources: Iterable[Source], settings: Settings, own: Document | None
) -> Iterator[Problem]:
    """Tell which enabled sources could not be asked, or would tell what is watched unasked."""
    allowance = parse_allowance(settings.network.allow_private)
    lines = _find_lines(own)
    ways = [way.name for way in settings.network.ways]
    enabled = [source for source in sources if source.enabled]
    pinned = {host_of(source.url): source for source in enabled if source.pins}
    for source in enabled:
        line = lines.get(source.id)
        file = own.file if own is not None and line is not None else SOURCES
        judged = (*_judge(source, settings, allowance, ways), *_judge_browser(source, pinned))
        for problem, cure in judged:
            yield Problem(file=file, line=line, problem=problem, cure=cure)


def _judge(
    source: Source, settings: Settings, allowance: Allowance, ways: list[str]
) -> Iterator[tuple[str, str]]:
    if source.egress is not None and source.egress not in ways:
        yield (
            f"the source {source.id!r} wants the way out {source.egress!r}, which there is not",
            f"{suggestion_cure(source.egress, ways)}; others are named under [egress.NAME] in"
            f" {SETTINGS}",
        )
    reveals = say_reveals(source)
    if reveals is not None and not settings.network.search_feeds:
        yield (
            f"the source {source.id!r} is a search feed: {reveals}",
            f"if that may be known, write search_feeds = true under [network] in {SETTINGS};"
            " else remove the source",
        )
    if not source.url:
        return  # a search for a topic of keywords that could not be read, which is told already
    try:
        check_url(source.url, allowance)
    except EgressRefused as refused:
        yield (
            f"the source {source.id!r} cannot be asked: {refused}",
            f"correct its url, or name the address in {SETTINGS}: [network] allow_private",
        )


def _judge_browser(source: Source, pinned: Mapping[str, Source]) -> Iterator[tuple[str, str]]:
    """Tell of a page that would be opened in a browser on a host that another source pins.

    A browser checks certificates by its own list of authorities only: the pin would not hold for
    what the page's scripts ask.
    """
    other = pinned.get(host_of(source.url)) if source.browser else None
    if other is not None and other.id != source.id:
        yield (
            f"the source {source.id!r} opens a browser, and {other.id!r} pins the keys of the same"
            " host: a browser cannot be held to a pinned certificate",
            f"remove browser of {source.id!r} or pins of {other.id!r}",
        )


def say_reveals(source: Source) -> str | None:
    """Return what asking `source` tells a search company, in words; None for other sources."""
    engine = find_engine(source.url)
    if engine is not None:
        return REVEALS[engine]
    return OTHER_SEARCH if source.kind == "search" else None


def _find_lines(document: Document | None) -> dict[str, int | None]:
    """Return the line of each source in a list that was read without a problem."""
    if document is None or not isinstance(document.value, dict):
        return {}
    written = document.value.get("sources") or ()
    return {
        one["id"]: document.line_of(("sources", at, "url" if "url" in one else "id"))
        for at, one in enumerate(written)
        if isinstance(one, dict) and isinstance(one.get("id"), str)
    }
