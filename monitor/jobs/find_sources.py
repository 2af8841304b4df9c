"""What a site offers to be watched: its feeds, its sitemaps, and failing these the page itself.

    page ─▶ what it names, what robots.txt names ─▶ usual places ─▶ the page as a list of links

Each step is taken only when the one before gave nothing to rely on: few requests, and politely.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from monitor.feeds.autodiscovery import find_sitemaps, list_usual_places
from monitor.jobs.fetching import egress_for
from monitor.model import Look, Source, SourceKind
from monitor.urls import canonical_url, host_of, join
from spiders.frames import RobotsRecord

MOST_FEEDS = 6
MOST_SITEMAPS = 4
MOST_PLACES = 8
STALE = timedelta(days=60)
"""A feed whose newest entry is older was left behind by its site more often than not."""
FLOOD = 2000
"""A list with more entries is an archive: each would be fetched once, for days."""
EXAMPLES = 3
SITEMAPS = frozenset({"sitemap", "sitemap index", "text sitemap"})
NOT_NEWS = re.compile(r"(?i)comment|podcast|/author/|/tag/")


class Asks(Protocol):
    """Who looks at sources; see `monitor.jobs.sources.Asker`."""

    def ask(self, sources: Sequence[Source]) -> dict[str, Look]:
        """Return one look at each by id."""
        ...

    @property
    def robots(self) -> Mapping[str, RobotsRecord]:
        """Return the robots.txt files that were read so far, by origin."""
        ...


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One thing of a site that could be watched, and what it yields today.

    `newest` is the latest date that is not in the future; `watched_as` the id of the source that
    has this address already.
    """

    kind: SourceKind
    url: str
    title: str = ""
    language: str | None = None
    entries: int = 0
    newest: datetime | None = None
    examples: tuple[str, ...] = ()
    problem: str | None = None
    watched_as: str | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a site offers, the best first; `problem` says why nothing could be found."""

    url: str
    offers: tuple[Offer, ...] = ()
    problem: str | None = None

    @property
    def best(self) -> Offer | None:
        """Return the offer to take, or None where none yields anything."""
        return next((offer for offer in self.offers if offer.entries), None)


class Search:
    """The search of one site; every address is asked once for each kind."""

    def __init__(self, url: str, *, asker: Asks, known: Iterable[Source], now: datetime) -> None:
        self._url = url
        self._asker = asker
        listed = tuple(known)
        self._egress = egress_for(url, listed)
        self._known = {key_of(source.url): source.id for source in listed}
        self._now = now
        self._offers: dict[tuple[str, str], Offer] = {}
        self._feeds: dict[str, None] = {}

    def run(self) -> Found:
        """Return what the site offers."""
        first = self._ask([(self._url, "feed")])[0]
        if first.entries:
            return self._end()
        if first.status is None:
            return Found(url=self._url, problem=first.problem)
        self._feeds.update(dict.fromkeys(first.feeds))
        self._ask(
            [(url, "feed") for url in list(self._feeds)[:MOST_FEEDS]] + self._named_sitemaps()
        )
        if not self._has("feed"):
            self._ask_elsewhere()
        if not self._has("feed", "sitemap") and first.status == 200:
            self._ask([(self._url, "section")])
        return self._end(first.problem)

    def _ask_elsewhere(self) -> None:
        """Ask the home page for feeds, and the usual places."""
        home = join(self._url, "/") or self._url
        places = list_usual_places(self._url)
        feeds = [url for url in places if "sitemap" not in url and "robots" not in url]
        sitemaps = [url for url in places if "sitemap" in url]
        wanted: list[tuple[str, SourceKind]] = [(url, "feed") for url in feeds[:MOST_PLACES]]
        if not self._has("sitemap"):
            wanted += [(url, "sitemap") for url in sitemaps[:MOST_SITEMAPS]]
        if home != self._url:
            looks = self._ask([(home, "feed")])
            named = [url for look in looks for url in look.feeds]
            self._ask([(url, "feed") for url in named[:MOST_FEEDS]])
        if not self._has("feed"):
            self._ask(wanted)

    def _named_sitemaps(self) -> list[tuple[str, SourceKind]]:
        """Return the sitemaps that robots.txt names, those of news first."""
        texts = [(each.text, each.origin) for each in self._asker.robots.values() if each.text]
        found = [each.url for text, origin in texts for each in find_sitemaps(text, origin)]
        found.sort(key=lambda url: "news" not in url.lower())
        return [(url, "sitemap") for url in found[:MOST_SITEMAPS]]

    def _ask(self, wanted: Sequence[tuple[str, SourceKind]]) -> list[Look]:
        fresh = [each for each in dict.fromkeys(wanted) if each not in self._offers]
        sources = [
            Source(id=f"asked-{at}", kind=kind, url=url, outlet="asked", egress=self._egress)
            for at, (url, kind) in enumerate(fresh)
        ]
        looks = self._asker.ask(sources) if sources else {}
        for source in sources:
            offer = self._judge(source, looks[source.id])
            self._offers[source.url, source.kind] = offer
        return [looks[source.id] for source in sources]

    def _judge(self, source: Source, look: Look) -> Offer:
        dates = [each.published or each.updated for each in look.entries]
        past = [date for date in dates if date is not None and date <= self._now]
        kind: SourceKind = source.kind
        if kind != "section" and look.entries:
            kind = "sitemap" if look.format in SITEMAPS else "feed"
        return Offer(
            kind=kind,
            url=source.url,
            title=look.title,
            language=look.language,
            entries=len(look.entries),
            newest=max(past, default=None),
            examples=tuple(each.title or each.url for each in look.entries[:EXAMPLES]),
            problem=look.problem,
            watched_as=self._known.get(key_of(source.url)),
        )

    def _has(self, *kinds: SourceKind) -> bool:
        """Say whether something of these kinds was found that can be relied on."""
        return any(
            offer.kind in kinds and offer.entries and rank(offer, self._now)[0] == 0
            for offer in self._offers.values()
        )

    def _end(self, problem: str | None = None) -> Found:
        ranked = sorted(self._offers.values(), key=lambda offer: rank(offer, self._now))
        unique = {offer.url: offer for offer in reversed(ranked) if offer.entries}
        offers = tuple(offer for offer in ranked if unique.get(offer.url) is offer)
        return Found(url=self._url, offers=offers, problem=None if offers else problem)


def rank(offer: Offer, now: datetime) -> tuple[int, int, int]:
    """Return the place of an offer among others; smaller is better, and 0 first is good.

    Doubts (nothing in it, comments, stale, a flood) weigh more than the kind.
    """
    doubts = (
        8 * (offer.entries == 0)
        + 4 * bool(NOT_NEWS.search(offer.url))
        + 2 * (offer.newest is not None and now - offer.newest > STALE)
        + (offer.entries > FLOOD)
    )
    kinds = ("feed", "sitemap", "section")
    news = 0 if offer.kind != "sitemap" or "news" in offer.url.lower() else 1
    return doubts, kinds.index(offer.kind), news


def key_of(url: str) -> str:
    """Return what tells two addresses apart; the address itself where it is none."""
    try:
        return canonical_url(url)
    except ValueError:
        return url


def build_id(url: str, taken: Iterable[str]) -> str:
    """Return an id for a source of the site of `url` that none of `taken` is."""
    host = host_of(url).removeprefix("www.")
    slug = re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-")[:70] or "source"
    known, number = set(taken), 1
    while (key := slug if number == 1 else f"{slug}-{number}") in known:
        number += 1
    return key
