"""What an article is found again by, and what is counted of it: pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.model.grouping import StoryFeatures
from monitor.stories.evidence import NO_COUNTS, Counts, rarity

MOST_TERM_KEYS = 24
MOST_NAME_KEYS = 24
SHORTEST_NAME = 3  # consonants; shorter skeletons are shared by too many words
MOST_COUNTRIES = 2
COUNTED_TERMS = 150
SAME_TIME = timedelta(days=2)


def index_keys(features: StoryFeatures, counts: Counts) -> tuple[str, ...]:
    """Return what an article is found again by: its people, places, figures, days, rarest words.

    Every key of the same article is made the same way, so that what two articles share is found.
    """
    known = counts.get(features.pool, NO_COUNTS)
    terms = sorted(features.terms, key=lambda pair: -pair[1] * rarity(pair[0], known))
    bones = {bones for _, bones in features.names if len(bones) >= SHORTEST_NAME}
    keys = [f"person {each}" for each in features.persons]
    keys += [f"body {each}" for each in features.bodies]
    keys += [f"city {code} {city}" for code, city in features.cities]
    keys += [f"country {code}" for code in features.countries[:MOST_COUNTRIES]]
    keys += [f"number {each}" for each in features.numbers]
    keys += [f"day {each.isoformat()}" for each in features.days]
    keys += [f"name {each[:6]}" for each in sorted(bones, key=_by_length)[-MOST_NAME_KEYS:]]
    keys += [f"term {features.pool} {term}" for term, _ in terms[:MOST_TERM_KEYS]]
    return tuple(dict.fromkeys(keys))


def _by_length(bones: str) -> tuple[int, str]:
    """Order by length, then by letters: the order of a set is another one in each process."""
    return len(bones), bones


def counted_terms(features: StoryFeatures) -> dict[str, tuple[str, ...]]:
    """Return what is counted of an article, by pool."""
    counted = {
        features.pool: tuple(term for term, _ in features.terms[:COUNTED_TERMS]),
        "names": tuple({bones for _, bones in features.names}),
        "numbers": features.numbers,
        "countries": features.countries[:1],
    }
    return {pool: terms for pool, terms in counted.items() if pool and terms}


def find_moments(features: StoryFeatures) -> tuple[datetime, ...]:
    """Return when an article is looked for: when it came out, and when it was met live.

    A feed may offer an old article today, beside one without a date that tells of the same.
    """
    if features.published is None or features.seen is None:
        return (features.moment,) if features.moment else ()
    if abs(features.published - features.seen) <= SAME_TIME:
        return (features.published,)
    return (features.published, features.seen)
