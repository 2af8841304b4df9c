"""Whether a story has something new to say when an article joins it, and why: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import ChangeKind, Level, Story
from monitor.model.grouping import StoryFeatures

# A development takes a night at the least; what comes the same day tells what happened that day.
LATER = timedelta(hours=12)
# Kinds that only say how a thing is told, not what became of it.
NO_DEVELOPMENT = frozenset({"report", "parliament", "launch"})


@dataclass(frozen=True, kw_only=True)
class ChangeDecision:
    """What makes a story speak, None where nothing does, with the reason for a person."""

    kind: ChangeKind | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Joining:
    """The article that joins a story, as the decision needs it.

    `copy_of` is the article whose text it repeats; `independent` whether it is a report of its own.
    """

    level: Level
    historic: bool
    countries: tuple[str, ...] = ()
    independent: bool = True
    copy_of: str | None = None
    features: StoryFeatures = StoryFeatures()  # noqa: RUF009  a frozen value


def decide_change(
    story: Story | None,
    joining: Joining,
    *,
    members: Sequence[StoryFeatures] = (),
    told: Sequence[ChangeKind] = (),
) -> ChangeDecision:
    """Return what an article makes a story say; `story` is as it stood before, None for a new one.

    `members` are the features of its articles, `told` what it has said already.
    """
    first = _decide_first(story, joining)
    if first is not None:
        return first
    assert story is not None
    if joining.copy_of is not None:
        return _nothing(f"a copy of {joining.copy_of}")
    if joining.level is not Level.REPORT:
        return _nothing("it only mentions what the story tells")
    if joining.historic:
        return _nothing("found by a backfill, so it is no news")
    return _decide_again(story, joining, members, told)


def _decide_first(story: Story | None, joining: Joining) -> ChangeDecision | None:
    if story is None:
        return _say(ChangeKind.FIRST_REPORT, "no story tells of it yet")
    if story.historic and not joining.historic:
        return _say(ChangeKind.FIRST_REPORT, "the first live report of what a backfill had found")
    if story.level != Level.REPORT and joining.level is Level.REPORT:
        return _say(ChangeKind.FIRST_REPORT, "until now it was only mentioned")
    return None


def _decide_again(
    story: Story,
    joining: Joining,
    members: Sequence[StoryFeatures],
    told: Sequence[ChangeKind],
) -> ChangeDecision:
    host = next(iter(joining.countries), None)
    if host is not None and story.countries and host not in story.countries:
        return _say(
            ChangeKind.NEW_COUNTRY, f"the first report on {host}; until now: "
            f"{', '.join(story.countries)}"
        )  # fmt: skip
    development = find_development(joining.features, members)
    if development is not None:
        return _say(ChangeKind.FOLLOW_UP, development)
    if not joining.independent:
        return _nothing("its publisher, or whom it retells, has reported it already")
    if ChangeKind.INDEPENDENT_REPORT not in told and count_independent(story) == 1:
        return _say(ChangeKind.INDEPENDENT_REPORT, "a second publisher reports it on its own")
    return _nothing(f"it tells what {count_independent(story)} reports have told")


def count_independent(story: Story) -> int:
    """Return how many reports of their own a story has, 1 at the least."""
    return max(1, sum(a.independent and not a.weak for a in story.articles))


def find_development(features: StoryFeatures, members: Sequence[StoryFeatures]) -> str | None:
    """Return what is new in an article that came out later than its story, or None.

    A kind of event in its headline that no article of the story told of, or a day that lies after
    all that the story has told of.
    """
    came, last = _find_moments(features, members)
    if came is None or last is None or came < last + LATER:
        return None
    known = {kind for member in members for kind in (*member.kinds, *member.title_kinds)}
    new = [k for k in features.title_kinds if k not in known and k not in NO_DEVELOPMENT]
    if new:
        return f"new in it: {', '.join(new)}"
    return _find_new_day(features, members, last)


def _find_moments(
    features: StoryFeatures, members: Sequence[StoryFeatures]
) -> tuple[datetime | None, datetime | None]:
    """Return when an article came out, and its story's last one; None where that is not known.

    Dates that pages claim are held against such dates only, and sightings against sightings.
    """
    published = [member.published for member in members]
    if features.published is not None and published and None not in published:
        return features.published, max(filter(None, published))
    seen = [member.seen for member in members]
    if features.seen is None or not seen or None in seen:
        return None, None
    return features.seen, max(filter(None, seen))


def _find_new_day(
    features: StoryFeatures, members: Sequence[StoryFeatures], last: datetime
) -> str | None:
    known = {day for member in members for day in member.days}
    later = [day for day in features.days if day not in known and day > last.date()]
    kinds = set(features.title_kinds) - NO_DEVELOPMENT
    if not later or not kinds:
        return None
    return f"new in it: {', '.join(sorted(kinds))}, {later[0].isoformat()}"


def _say(kind: ChangeKind, reason: str) -> ChangeDecision:
    return ChangeDecision(kind=kind, reason=reason)


def _nothing(reason: str) -> ChangeDecision:
    return ChangeDecision(kind=None, reason=reason)
