"""Which story an article belongs to, of those that were found near it: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.model import JoinEvidence
from monitor.model.grouping import StoryFeatures, StoryMember
from monitor.stories.compare import Counts, Likeness, compare

# Log-odds: 0 is as likely as not. A wrong join hides a report, a missed one sends one alert more.
FIRM, WEAK = 0.1, -0.9
# How far a story reaches: from its article that came out nearest.
WINDOW = timedelta(days=21)
BEST_MEMBERS = 3
BEST_SHARE = 0.65
MOST_REASONS = 6


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A story near an article, the member it is likest to, and the evidence for one event."""

    story_id: str
    member: StoryMember
    odds: float
    firm: bool
    evidence: JoinEvidence


def choose_story(
    features: StoryFeatures, members: Sequence[StoryMember], counts: Counts
) -> Choice | None:
    """Return the likeliest story of `members`, firm or weak; None where none is likely.

    A story is judged by its three likest members, most by the likest: an article of a long story
    shares much with some of it and little with the rest.
    """
    by_story: defaultdict[str, list[tuple[Likeness, StoryMember]]] = defaultdict(list)
    for member in members:
        if is_in_window(features, member.features):
            likeness = compare(features, member.features, counts)
            by_story[member.story_id].append((likeness, member))
    best: Choice | None = None
    for story_id, judged in by_story.items():
        judged.sort(key=lambda pair: -pair[0].odds)
        odds = story_odds([likeness.odds for likeness, _ in judged])
        if odds >= WEAK and (best is None or odds > best.odds):
            best = _make_choice(story_id, judged[0], odds)
    return best


def is_in_window(one: StoryFeatures, other: StoryFeatures) -> bool:
    """Say whether two articles came out near enough to tell of one event.

    Where one has no date, they were seen near each other, at least.
    """
    if one.published is not None and other.published is not None:
        return abs(one.published - other.published) <= WINDOW
    if one.seen is not None and other.seen is not None:
        return abs(one.seen - other.seen) <= WINDOW
    return True


def story_odds(odds: Sequence[float]) -> float:
    """Return the log-odds of a story from those of its members, the best first."""
    best = odds[:BEST_MEMBERS]
    return BEST_SHARE * best[0] + (1 - BEST_SHARE) * sum(best) / len(best)


def _make_choice(story_id: str, likest: tuple[Likeness, StoryMember], odds: float) -> Choice:
    likeness, member = likest
    firm = odds >= FIRM
    opening = "the same event as" if firm else "probably the same as"
    return Choice(
        story_id=story_id,
        member=member,
        odds=odds,
        firm=firm,
        evidence=JoinEvidence(
            kind="same event" if firm else "probably the same event",
            because=(f"{opening} {member.features.title!r}", *likeness.because[:MOST_REASONS]),
            score=round(likeness.chance, 3),
        ),
    )
