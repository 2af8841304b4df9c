"""What an article is held against others by, when stories are formed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class StoryFeatures:
    """All that tells of which event an article tells, small enough to be kept for each.

    `pool` names the languages whose words may be held against each other ("en", "han").
    `published` is what the page claims, where it can be so; `seen` is when it was met live, None
    for what a backfill found.
    `terms` are (stem, weight) with the heaviest first; `names` (as written, skeleton).
    `cities` are (country, the city's name); those in `focus` stand in headline or lead,
    `title_cities` in the headline, as `title_countries` do.
    `countries` are the host countries, the likeliest first.
    `kinds` say what happened, in the whole text; `lead_kinds` in headline and lead; `title_kinds`
    in the headline. `retold` is the outlet whose report the article goes by, "" without one.
    """

    language: str | None = None
    pool: str = ""
    published: datetime | None = None
    seen: datetime | None = None
    title: str = ""
    terms: tuple[tuple[str, float], ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    cities: tuple[tuple[str, str], ...] = ()
    focus: tuple[tuple[str, str], ...] = ()
    title_cities: tuple[tuple[str, str], ...] = ()
    title_countries: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    kinds: tuple[str, ...] = ()
    lead_kinds: tuple[str, ...] = ()
    title_kinds: tuple[str, ...] = ()
    retold: str = ""

    @property
    def moment(self) -> datetime | None:
        """Return when it came out, as far as is known: published, or else first seen."""
        return self.published or self.seen


@dataclass(frozen=True, kw_only=True, eq=False)
class TermCounts:
    """In how many articles of a pool each term stands, out of `articles`; one is like no other."""

    articles: int = 0
    counts: Mapping[str, int] | None = None

    def count(self, term: str) -> int:
        """Return in how many articles a term stands."""
        return (self.counts or {}).get(term, 0)


@dataclass(frozen=True, kw_only=True)
class StoryMember:
    """One article of a story as it is held against a new one."""

    article_id: str
    story_id: str
    features: StoryFeatures
    outlet: str = ""
    publisher: str | None = None
