"""Search in what was flagged, with the words marked on the original text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from monitor.model import SearchHit
from monitor.text.normal import Normal, normalise
from storage.database import Storage

CONTEXT = 120
"""Characters shown on either side of the first place found."""

QUOTES = re.compile('["“”„«»「」『』＂]')


@dataclass(frozen=True, kw_only=True)
class Found:
    """One article that holds what was searched for; `marks` are offsets into `snippet`."""

    article_id: str
    story_id: str | None
    title: str
    url: str
    outlet: str
    country: str | None
    language: str | None
    published: datetime | None
    first_seen: datetime
    historic: bool
    snippet: str
    marks: tuple[tuple[int, int], ...]


def find_texts(storage: Storage, query: str, *, limit: int) -> tuple[Found, ...]:
    """Return the flagged articles that hold `query`, the best first."""
    phrases = split_query(query)
    return tuple(build_found(hit, phrases) for hit in storage.search.find(query, limit=limit))


def split_query(query: str) -> list[str]:
    """Return the words and quoted phrases of a query in normal form."""
    phrases: list[str] = []
    for position, part in enumerate(QUOTES.split(query)):
        phrases += [part] if position % 2 else part.split()
    normal = (normalise(phrase.rstrip("*")).text.strip() for phrase in phrases)
    return [phrase for phrase in normal if phrase]


def build_found(hit: SearchHit, phrases: list[str]) -> Found:
    """Return a hit with the place in its text that shows the most of what was searched for."""
    places = find_places(normalise(hit.text), phrases)
    first = places[0][0] if places else 0
    begin, end = max(0, first - CONTEXT), first + 2 * CONTEXT
    return Found(
        article_id=hit.article_id,
        story_id=hit.story_id,
        title=hit.title,
        url=hit.url,
        outlet=hit.outlet,
        country=hit.country,
        language=hit.language,
        published=hit.published,
        first_seen=hit.first_seen,
        historic=hit.historic,
        snippet=hit.text[begin:end].replace("\n", " "),
        marks=tuple((a - begin, b - begin) for a, b in places if begin <= a and b <= end),
    )


def find_places(normal: Normal, phrases: list[str]) -> list[tuple[int, int]]:
    """Return where the phrases stand in the original, in order and without overlaps."""
    spans: list[tuple[int, int]] = []
    for phrase in phrases:
        at = normal.text.find(phrase)
        while at >= 0 and len(spans) < 1000:
            spans.append((normal.start_of(at), normal.end_of(at + len(phrase))))
            at = normal.text.find(phrase, at + len(phrase))
    places: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if not places or start >= places[-1][1]:
            places.append((start, end))
    return places
