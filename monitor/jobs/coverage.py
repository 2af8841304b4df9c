"""Which countries and languages the sources cover, and which of those of interest they do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.model import Keywords, Source, Subscriber

SHARED = frozenset({"any"})
"""Keys of terms that are no language."""


@dataclass(frozen=True, kw_only=True)
class Gaps:
    """Countries and languages without any enabled source, in alphabetical order."""

    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How many enabled sources there are by country, language and class, the most first.

    A source without a country or language is counted under `none`.
    """

    countries: dict[str, int]
    languages: dict[str, int]
    classes: dict[str, int]
    gaps: Gaps


def find_coverage(
    sources: Sequence[Source],
    *,
    shipped: Iterable[Source],
    keywords: Keywords,
    subscribers: Iterable[Subscriber],
) -> Coverage:
    """Return what the enabled sources cover.

    Of interest are the countries of every source that ships or is listed, switched off or not, the
    languages that the keywords have terms in, and what subscribers ask for by name.
    """
    enabled = [source for source in sources if source.enabled]
    readers = tuple(subscribers)
    countries = {source.country for source in (*shipped, *sources) if source.country}
    countries.update(country for reader in readers for country in reader.countries)
    languages = {key for concept in keywords.concepts for key in concept.terms} - SHARED
    languages.update(language for reader in readers for language in reader.languages)
    here = {source.country for source in enabled}
    spoken = {source.language for source in enabled}
    return Coverage(
        countries=count(source.country or "none" for source in enabled),
        languages=count(source.language or "none" for source in enabled),
        classes=count(source.source_class for source in enabled),
        gaps=Gaps(
            countries=tuple(sorted(countries - here)), languages=tuple(sorted(languages - spoken))
        ),
    )


def count(names: Iterable[str]) -> dict[str, int]:
    """Return how often each of `names` comes, the most first, equals by name."""
    return dict(sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0])))
