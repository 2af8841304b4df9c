"""One unit of an archive, worked through: pages in, what matched and what was counted out; pure.

    part of a WARC file ─ pages ─ wanted? ─ sieve ─ prepare ─ Flagged … UnitDone

The same unit, rules and wishes give the same answer on any machine.  What goes over a pipe is JSON,
checked, never pickle.
"""

from __future__ import annotations

import base64
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, Protocol

from pydantic import TypeAdapter

from monitor.model import Article, Header, LeftOutPage, Outcome, Page, Prepared
from monitor.model.grouping import StoryFeatures
from monitor.urls import site_of
from spiders.warc import Tally, read_pages
from spiders.warc_records import Place

if TYPE_CHECKING:  # who only hands units out loads no parser
    from monitor.extract.page_text import PageText

OTHER_SITE = "another site"
"""Why a page was left out that is of no site that is wanted."""

OUTSIDE = "published outside the period"
UNDATED = "without a date of publication, and captured outside the period"
"""Why a flagged page was left out for its day."""

REACHED_EVERY = 50
"""Pages between two signs of life; each page that is extracted gives one, too."""


class Preparing(Protocol):
    """What turns pages into prepared values."""

    def begin(self, page: Page) -> PageText:
        """Return what is read of a page for all who ask for it."""
        ...

    def prepare_match(self, page: Page, *, text: PageText | None = None) -> Prepared:
        """Return what a page comes to; without a match, its outcome."""
        ...


class Sieving(Protocol):
    """What rules pages out before that."""

    def rules_out(self, page: Page, *, text: PageText | None = None) -> bool:
        """Say whether a page can hold no match."""
        ...


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A part of an archive file: the records that begin from `start` up to, not including, `end`.

    `skip` are the places of pages that cost a worker its life.
    """

    path: str
    name: str
    start: int = 0
    end: int | None = None
    skip: tuple[Place, ...] = ()

    @property
    def file_name(self) -> str:
        """Return the file's own name: `name` begins with it, and adds what tells it from others."""
        return self.name.rsplit(" ", 3)[0]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a backfill is for; empty means everything.

    `since` and `until` are of the article's date, or where it has none, of the day of the capture;
    `until` is not included.  `sites` are registrable domains.  `languages` are of the text; an
    article is left out for its language only where that is known to be another one.
    """

    since: datetime | None = None
    until: datetime | None = None
    sites: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()

    def has_site(self, url: str) -> bool:
        """Say whether a page of this address is wanted."""
        return not self.sites or site_of(url) in self.sites

    def has(self, prepared: Prepared) -> str | None:
        """Return why a flagged page is not wanted, or None where it is."""
        article, analysis = prepared.article, prepared.analysis
        if article is None or analysis is None:
            return "nothing in it"
        moment = article.published or prepared.fetched_at
        if (self.since and moment < self.since) or (self.until and moment >= self.until):
            return OUTSIDE if article.published else UNDATED
        known = languages_of(article)
        if self.languages and known and not known.intersection(self.languages):
            return "in another language"
        if self.topics and not any(match.topic in self.topics for match in analysis.matches):
            return "on another topic"
        return None


def languages_of(article: Article) -> frozenset[str]:
    """Return the languages that an article counts for: that of its text, whatever is declared.

    A text too short to tell counts for the declared one, too.
    """
    from monitor.text.language import (  # noqa: PLC0415  # who only hands units out needs no model
        SHORT,
        primary,
    )

    tags = [article.language]
    if len(article.title) + len(article.text) < SHORT:
        tags.append(article.declared_language)
    return frozenset(name for name in map(primary, tags) if name)


@dataclass(frozen=True, kw_only=True)
class Flagged:
    """A page that matched, with what came over the wire, packed for the pipe.

    `origin` names the file and record that it lies in, where it was not fetched; `features` are
    what its article is held against others by, found here so that stories form sooner.
    """

    prepared: Prepared
    headers: tuple[Header, ...]
    packed: str
    origin: str = ""
    features: StoryFeatures | None = None

    @property
    def body(self) -> bytes:
        """Return the bytes as they were received."""
        return zlib.decompress(base64.b64decode(self.packed))


@dataclass(frozen=True, kw_only=True)
class Reached:
    """A sign of life: work goes on at the record at `place`."""

    place: Place
    pages: int


@dataclass(frozen=True, kw_only=True)
class UnitDone:
    """What a unit came to; outcomes of pages by month of capture (2024-03), and what was not read.

    `ends` are the outcomes by site and month, as far as sites are told apart.
    `skipped` counts records that are no pages, `unwanted` flagged pages outside of what was asked,
    which are named in `left_out`;
    `rules` are those that the pages were matched with, where a worker says so; `unfiltered` is why
    each page had to be extracted, if nobody wanted that.
    """

    records: int
    rules: str = ""
    unfiltered: str = ""
    outcomes: dict[str, dict[Outcome, int]] = field(default_factory=dict)
    sites: dict[str, dict[str, int]] = field(default_factory=dict)
    ends: dict[str, dict[str, dict[Outcome, int]]] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    unwanted: dict[str, int] = field(default_factory=dict)
    left_out: tuple[LeftOutPage, ...] = ()
    damages: tuple[str, ...] = ()
    damaged: int = 0


@dataclass(frozen=True, kw_only=True)
class UnitFailed:
    """The unit could not be opened or read at all."""

    reason: str


Told = Flagged | Reached | UnitDone | UnitFailed
_ADAPTERS: dict[type, TypeAdapter[Told]] = {  # milliseconds to make, each
    kind: TypeAdapter(kind) for kind in (Flagged, Reached, UnitDone, UnitFailed)
}
MOST_SITES = 5_000


def pack_told(told: Told) -> bytes:
    """Return a message for the pipe."""
    return type(told).__name__.encode() + b"\n" + _ADAPTERS[type(told)].dump_json(told)


def unpack_told(data: bytes) -> Told:
    """Return the message; raises ValueError where it is none."""
    name, _, text = data.partition(b"\n")
    kinds = {kind.__name__.encode(): kind for kind in _ADAPTERS}
    if name not in kinds:
        raise ValueError(f"while reading an archive worker's answer: {name[:40]!r}")
    told: Told = _ADAPTERS[kinds[name]].validate_json(text)
    return told


@dataclass
class _Counts:
    """Outcomes by month, and pages by site and month."""

    outcomes: dict[str, Counter[Outcome]] = field(default_factory=dict)
    sites: dict[str, Counter[str]] = field(default_factory=dict)
    ends: dict[str, dict[str, Counter[Outcome]]] = field(default_factory=dict)
    pages: int = 0

    def count(self, page: Page, site: str, outcome: Outcome) -> None:
        month = f"{page.fetched_at:%Y-%m}"
        self.outcomes.setdefault(month, Counter())[outcome] += 1
        if site in self.sites or len(self.sites) < MOST_SITES:
            self.sites.setdefault(site, Counter())[month] += 1
            self.ends.setdefault(site, {}).setdefault(month, Counter())[outcome] += 1
        self.pages += 1


def work_unit(
    unit: Unit,
    wanted: Wanted,
    *,
    preparer: Preparing,
    sieve: Sieving | None,
    open_file: Callable[[str], BinaryIO],
) -> Iterator[Told]:
    """Yield what is in a unit; the last is UnitDone or UnitFailed.

    Without a sieve every page is extracted.
    """
    tally, counts, left_out = Tally(), _Counts(), list[LeftOutPage]()
    try:
        with open_file(unit.path) as file:
            for place, page in read_pages(file, tally, start=unit.start, end=unit.end):
                site = site_of(page.url) or ""
                if not wanted.has_site(page.url):
                    tally.skipped[OTHER_SITE] += 1
                    continue
                if place in unit.skip:
                    counts.count(page, site, Outcome.WORKER_LOST)
                    continue
                if counts.pages % REACHED_EVERY == 0:
                    yield Reached(place=place, pages=counts.pages)
                text = preparer.begin(page)
                if sieve is not None and sieve.rules_out(page, text=text):
                    counts.count(page, site, Outcome.RULED_OUT)
                    continue
                yield Reached(place=place, pages=counts.pages)
                prepared = preparer.prepare_match(page, text=text)
                matched = bool(prepared.analysis and prepared.analysis.matches)
                why = wanted.has(prepared) if matched else None
                origin = f"{unit.file_name}, the record at {place}"
                if matched and why is None:
                    yield flag(page, prepared, origin=origin)
                    counts.count(page, site, Outcome.NEW)  # commit says what it really is
                    continue
                if why is not None:
                    left_out.append(leave_out(prepared, why, origin=origin))
                    counts.count(page, site, Outcome.LEFT_OUT)
                    continue
                counts.count(page, site, prepared.outcome or Outcome.NO_MATCH)
    except OSError as error:
        yield UnitFailed(reason=f"{unit.name}: {error.strerror or error}")
        return
    yield _finish(tally, counts, left_out)


def flag(page: Page, prepared: Prepared, *, origin: str) -> Flagged:
    """Return a page that matched, with what it is held against others by."""
    from monitor.features import find_features  # noqa: PLC0415  # loads all places

    assert prepared.article is not None
    assert prepared.analysis is not None
    return Flagged(
        prepared=prepared,
        headers=page.headers,
        packed=_pack(page),
        origin=origin,
        features=find_features(prepared.article, prepared.analysis, seen_at=None),
    )


def leave_out(prepared: Prepared, why: str, *, origin: str = "") -> LeftOutPage:
    """Return a flagged page that is outside of what was asked as its report names it."""
    article = prepared.article
    return LeftOutPage(
        url=prepared.url,
        canonical_url=article.canonical_url if article else prepared.url,
        title=article.title if article else "",
        published=article.published if article else None,
        language=article.language if article else None,
        why=why,
        origin=origin,
    )


def _finish(tally: Tally, counts: _Counts, left_out: list[LeftOutPage]) -> UnitDone:
    return UnitDone(
        records=tally.records,
        outcomes={month: dict(found) for month, found in counts.outcomes.items()},
        sites={site: dict(found) for site, found in counts.sites.items()},
        ends={
            site: {month: dict(found) for month, found in months.items()}
            for site, months in counts.ends.items()
        },
        skipped=dict(tally.skipped),
        unwanted=dict(Counter(page.why for page in left_out)),
        left_out=tuple(left_out),
        damages=tuple(f"at byte {each.offset}: {each.problem}" for each in tally.damages),
        damaged=tally.damaged,
    )


def _pack(page: Page) -> str:
    return base64.b64encode(zlib.compress(page.wire_body, 1)).decode("ascii")
