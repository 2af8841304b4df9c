"""Features of an article in Italy, as few as a test names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from monitor.model.grouping import StoryFeatures

City = tuple[str, str]


def make_story_features(
    *, focus: Sequence[City] = (), title_cities: Sequence[City] = ()
) -> StoryFeatures:
    """Return the features of an article of one day that names these cities."""
    moment = datetime(2026, 3, 1, 9, tzinfo=UTC)
    return StoryFeatures(
        language="it",
        pool="it",
        published=moment,
        seen=moment,
        cities=tuple(focus),
        focus=tuple(focus),
        title_cities=tuple(title_cities),
        countries=("IT",),
    )
