"""Whether what a source's pages hold is still what they held: against its own history, pure.

A site that changes its layout, starts to serve a consent page with status 200, or forbids its pages
in robots.txt goes on answering (FAULTS C15); what is read from it tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.model import Outcome, SourceDay

RECENT_DAYS = 3
"""Today and the two days before it, so that the promise of 24 h is kept with a few pages a day."""

LEAST_RECENT = 6
LEAST_BEFORE = 20
"""Pages below which nothing is said: three of four pages of one day may be a series of pictures."""

READ = frozenset({Outcome.NEW, Outcome.UPDATED, Outcome.NO_MATCH, Outcome.DUPLICATE})
UNREAD = frozenset({Outcome.EXTRACTION_FAILED, Outcome.NOT_AN_ARTICLE, Outcome.WORKER_LOST})

MOST_NOW = 0.5
MOST_BEFORE = 0.25
SHORTER = 0.35
"""A text of a third of the usual length is a teaser or a wall."""


@dataclass(frozen=True, kw_only=True)
class Changed:
    """What is other than before: what was seen, what to do, and since which UTC day."""

    why: str
    cure: str
    since: str = ""


@dataclass(frozen=True, kw_only=True)
class _Span:
    """Several days as one."""

    outcomes: Counter[str]
    languages: Counter[str]
    texts: int
    characters: int
    repeated: int

    @property
    def pages(self) -> int:
        return sum(self.outcomes[each] for each in READ | UNREAD) + self.outcomes[Outcome.ROBOTS]

    def share(self, outcomes: frozenset[Outcome]) -> float:
        return sum(self.outcomes[each] for each in outcomes) / max(self.pages, 1)


def find_change(
    days: Sequence[SourceDay], *, today: str, reason: str = "", known_since: str | None = None
) -> Changed | None:
    """Return how the last days of a source differ from those before, or None.

    `days` are oldest first, `today` is the UTC day as 2026-11-21. `reason` is what most of the
    pages that could not be read were said to be. `known_since` is the day of a change that is known
    already: what came after it is no measure of what is usual.
    """
    recent, before, since = _split(days, today, known_since)
    if recent.pages < LEAST_RECENT or before.pages < LEAST_BEFORE:
        return None
    for judge in (_judge_robots, _judge_unread, _judge_repeated, _judge_length, _judge_language):
        changed = judge(recent, before)
        if changed is not None:
            why = f"{changed.why} ({reason})" if reason and judge is _judge_unread else changed.why
            return replace(changed, why=why, since=since)
    return None


def _split(
    days: Sequence[SourceDay], today: str, known_since: str | None
) -> tuple[_Span, _Span, str]:
    """Return the newest days with enough pages, all before them, and the first of the newest.

    The present day alone where it has enough: a change is named within the day.
    """
    known = [day for day in days if day.day <= today]
    count = min(RECENT_DAYS, len(known))
    for fewer in range(1, count):
        if _add(known[-fewer:]).pages >= LEAST_RECENT:
            count = fewer
            break
    recent = known[len(known) - count :]
    since = known_since or (recent[0].day if recent else today)
    earlier = known[: len(known) - count]
    return _add(recent), _add([day for day in earlier if day.day < since]), since


def _add(days: Sequence[SourceDay]) -> _Span:
    outcomes: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    for day in days:
        outcomes.update(day.outcomes)
        languages.update(day.languages or {})
    return _Span(
        outcomes=outcomes,
        languages=languages,
        texts=sum(day.texts for day in days),
        characters=sum(day.characters for day in days),
        repeated=sum(day.repeated for day in days),
    )


def _judge_robots(recent: _Span, before: _Span) -> Changed | None:
    robots = frozenset({Outcome.ROBOTS})
    if recent.share(robots) < MOST_NOW or before.share(robots) > MOST_BEFORE:
        return None
    return Changed(
        why=f"robots.txt now forbids {recent.outcomes[Outcome.ROBOTS]} of {recent.pages} pages",
        cure="Ask the outlet, or take another source of it; its feed's own words are not fetched.",
    )


def _judge_unread(recent: _Span, before: _Span) -> Changed | None:
    now, then = recent.share(UNREAD), before.share(UNREAD)
    if now < MOST_NOW or then > MOST_BEFORE:
        return None
    unread = sum(recent.outcomes[each] for each in UNREAD)
    return Changed(
        why=f"{unread} of {recent.pages} pages have no text that can be read; before, {then:.0%}",
        cure="Open one of its pages: it shows a new layout, or a wall.",
    )


def _judge_repeated(recent: _Span, before: _Span) -> Changed | None:
    if recent.texts < LEAST_RECENT or before.texts < LEAST_BEFORE:
        return None
    if recent.repeated < MOST_NOW * recent.texts or before.repeated > MOST_BEFORE * before.texts:
        return None
    return Changed(
        why=f"{recent.repeated} of {recent.texts} pages say the same: probably a consent or login"
        " page in the place of the articles",
        cure="Open one of its pages; another source of the outlet may be without the wall.",
    )


def _judge_length(recent: _Span, before: _Span) -> Changed | None:
    if recent.texts < LEAST_RECENT or before.texts < LEAST_BEFORE:
        return None
    now, then = recent.characters / recent.texts, before.characters / before.texts
    if now > SHORTER * then:
        return None
    return Changed(
        why=f"its texts have {now:.0f} characters in the mean; before, {then:.0f}",
        cure="Open one of its pages: a new layout, a paywall, or a notice in place of the text.",
    )


def _judge_language(recent: _Span, before: _Span) -> Changed | None:
    if recent.texts < LEAST_RECENT or before.texts < LEAST_BEFORE:
        return None
    usual, count = before.languages.most_common(1)[0]
    newest, _ = recent.languages.most_common(1)[0]
    if not usual or count < 0.8 * before.texts or recent.languages[usual] > 0.2 * recent.texts:
        return None
    return Changed(
        why=f"its texts are in {newest or 'no language that could be told'!r}; before, in"
        f" {usual!r}",
        cure="Open one of its pages; perhaps another edition is served, or a wall.",
    )
