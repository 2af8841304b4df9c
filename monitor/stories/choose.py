"""Which story an article belongs to, of those that were found near it: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from monitor.model import JoinEvidence
from monitor.model.grouping import StoryFeatures, StoryMember
from monitor.stories.compare import Likeness, compare
from monitor.stories.evidence import Counts

# Log-odds: 0 is as likely as not. A wrong join hides a report, a missed one sends one alert more.
FIRM, WEAK = 0.0, -0.9
# How far a story reaches: from its article that came out nearest.
WINDOW = timedelta(days=21)
SAME_WORDS = 2.0  # of the words' log-odds: whole sentences may be shared
BEST_MEMBERS = 3
BEST_SHARE = 0.65
MOST_REASONS = 6
MOST_ASKED = 8


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A story near an article, the member it is likest to, and the evidence for one event."""

    story_id: str
    member: StoryMember
    odds: float
    firm: bool
    evidence: JoinEvidence


Contradict = Callable[[StoryMember], str | None]
Judged = tuple[Likeness, StoryMember]


def choose_story(
    features: StoryFeatures,
    members: Sequence[StoryMember],
    counts: Counts,
    *,
    contradict: Contradict = lambda member: None,
    phrases: Mapping[str, float] = MappingProxyType({}),
) -> Choice | None:
    """Return the likeliest story of `members`, firm or weak; None where none is likely.

    A story is judged by its three likest members, most by the likest: an article of a long story
    shares much with some of it and little with the rest. `contradict` says what the text of a
    member states differently in the same words, where so many are shared that it has to be asked:
    a report made from the same template tells of another event. `phrases` says by article how much
    of the shorter text stands in the other one.
    """
    by_story: defaultdict[str, list[Judged]] = defaultdict(list)
    for member in members:
        if is_in_window(features, member.features):
            same = phrases.get(member.article_id, 0.0)
            likeness = compare(features, member.features, counts, phrases=same)
            by_story[member.story_id].append((likeness, member))
    likely: list[tuple[float, str]] = []
    for story_id, judged in by_story.items():
        judged.sort(key=lambda pair: -pair[0].odds)
        if (odds := story_odds(judged)) >= WEAK:
            likely.append((odds, story_id))
    asked = _Asked(contradict)
    best: Choice | None = None
    for odds, story_id in sorted(likely, key=lambda pair: -pair[0]):
        if best is not None and odds <= best.odds:
            break  # what contradicts takes members away, and none of the rest can be likelier
        judged = asked.drop_contradicted(by_story[story_id])
        if judged and (odds := story_odds(judged)) >= WEAK and (not best or odds > best.odds):
            best = _make_choice(story_id, judged[0], odds)
    return best


@dataclass
class _Asked:
    """Ask which members a text contradicts, of the likeliest ones, so many times at most.

    Asking means reading and laying side by side two texts: it is most of the cost of a choice.
    """

    contradict: Contradict
    left: int = MOST_ASKED

    def drop_contradicted(self, judged: Sequence[Judged]) -> list[Judged]:
        """Return the best of a story's members that nothing speaks against, the likeliest first."""
        kept: list[Judged] = []
        for likeness, member in judged:
            if likeness.of("words") >= SAME_WORDS or likeness.of("phrases"):
                # what is not asked any more counts as another event: that only sends an alert more
                self.left -= 1
                if self.left < 0 or self.contradict(member) is not None:
                    continue
            kept.append((likeness, member))
            if len(kept) == BEST_MEMBERS:
                break
        return kept


def is_in_window(one: StoryFeatures, other: StoryFeatures) -> bool:
    """Say whether two articles came out near enough to tell of one event.

    Where one has no date, they were seen near each other, at least.
    """
    if one.published is not None and other.published is not None:
        return abs(one.published - other.published) <= WINDOW
    if one.seen is not None and other.seen is not None:
        return abs(one.seen - other.seen) <= WINDOW
    return True


def story_odds(judged: Sequence[Judged]) -> float:
    """Return the log-odds of a story from those of its members, the best first."""
    best = [likeness.odds for likeness, _ in judged[:BEST_MEMBERS]]
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
