"""What a prepared article is held against others by, with the places that the matcher knows, too.

make_features (monitor.stories) ← the gazetteer (monitor.match, CLDR)
"""

from __future__ import annotations

from datetime import datetime
from functools import cache

from monitor.match.inflection import build_forms
from monitor.match.places import country_terms
from monitor.model import Analysis, Article
from monitor.model.grouping import StoryFeatures
from monitor.stories.cities import read_zone_cities
from monitor.stories.features import make_features
from monitor.stories.gazetteer import Gazetteer


@cache
def load_gazetteer() -> Gazetteer:
    """Return the places of the matcher's lists and CLDR's; seconds of work, once in a process."""
    listed = list(country_terms())
    languages = sorted({each.language for each in listed} - {"any"})
    return Gazetteer([*listed, *read_zone_cities([*languages, "th"], _build_forms)])


def _build_forms(language: str, name: str) -> tuple[str, ...]:
    return build_forms("hr" if language == "sr" else language, name)


def find_features(
    article: Article,
    analysis: Analysis,
    *,
    seen_at: datetime | None,
    home: frozenset[str] = frozenset(),
) -> StoryFeatures:
    """Return what an article is held against others by; `seen_at` is when it was met live.

    `home` are the countries that host no event of the subject.
    """
    return make_features(article, analysis, load_gazetteer(), seen_at=seen_at, home=home)
