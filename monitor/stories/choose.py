"""Which story an article belongs to, of those that were found near it: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.model import JoinEvidence
from monitor.model.grouping import StoryFeatures, StoryMember
from monitor.stories.compare import Counts, Likeness, compare

# Log-odds: 0 is as likely as not. A wrong join hides a report, a missed one sends one alert more.
FIRM, WEAK = 0.0, -0.9
# How far a story reaches: from its article that came out nearest.
WINDOW = timedelta(days=21)
SAME_WORDS = 2.0  # of the words' log-odds: whole sentences may be shared
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


Contradict = Callable[[StoryMember], str | None]


def choose_story(
    features: StoryFeatures,
    members: Sequence[StoryMember],
    counts: Counts,
    *,
    contradict: Contradict = lambda member: None,
) -> Choice | None:
    """Return the likeliest story of `members`, firm or weak; None where none is likely.

    A story is judged by its three likest members, most by the likest: an article of a long story
    shares much with some of it and little with the rest. `contradict` says what the text of a
    member states differently in the same words, where so many are shared that it has to be asked:
    a report made from the same template tells of another event.
    """
    by_story: defaultdict[str, list[tuple[Likeness, StoryMember]]] = defaultdict(list)
    for member in members:
        if is_in_window(features, member.features):
            likeness = compare(features, member.features, counts)
            if likeness.of("words") >= SAME_WORDS and contradict(member) is not None:
                continue
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
