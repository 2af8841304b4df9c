"""How a source stands, from what is remembered of it: pure.

    410 ─ failing ─ blocked ─ changed ─ silent ─ moved ─ slow ─ fine

The first that holds is told; each says why, since when, and what a person can do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.health.contents import find_change
from monitor.health.rhythm import Rhythm, after_counted, when_silent
from monitor.model import (
    HealthState,
    LookRecord,
    Outcome,
    Source,
    SourceDay,
    SourceHealth,
    SourceState,
)
from monitor.text.counting import plural

FAILING_ALARM = timedelta(hours=24)
"""A source that cannot be read for so long is told: P3 gives no more."""

REFUSALS = frozenset({401, 402, 403, 407, 429, 451})
LEAST_REFUSED = 6
MOVED_TIMES = 3
SLOW_AFTER = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True)
class SourceFacts:
    """What is known of one source.

    `times` are when looks brought new entries, oldest first, and `rhythm` what they taught.
    `last_answer` is the newest look that was no 304. `days` are those of the last weeks, `refused`
    counts pages of the last days that were refused, `reason` is why most of the unread ones were.
    `told` is the state that the one who keeps the watch running was last told of, None for none;
    `told_since` is since when that was.
    """

    source: Source
    state: SourceState
    rhythm: Rhythm
    last_new: datetime | None = None
    last_answer: LookRecord | None = None
    days: Sequence[SourceDay] = ()
    refused: int = 0
    reason: str = ""
    told: HealthState | None = None
    told_since: datetime | None = None


def judge_source(facts: SourceFacts, *, now: datetime) -> SourceHealth:
    """Return how a source stands at `now`; one that was never looked at is fine as yet."""
    if facts.state.looked_at is None:
        return _say(facts, HealthState.FINE, "not looked at yet")
    for judge in (
        _judge_gone,
        _judge_failing,
        _judge_blocked_pages,
        _judge_changed,
        _judge_silent,
        _judge_moved,
        _judge_slow,
    ):
        found = judge(facts, now)
        if found is not None:
            return found
    return _say(facts, HealthState.FINE)


def _say(
    facts: SourceFacts,
    state: HealthState,
    why: str = "",
    cure: str = "",
    *,
    since: datetime | None = None,
    alarm: bool = False,
) -> SourceHealth:
    return SourceHealth(
        source_id=facts.source.id,
        outlet=facts.source.outlet,
        state=state,
        why=why,
        cure=cure,
        since=since,
        usual_gap=facts.rhythm.usual if facts.rhythm.gaps else None,
        alarm=alarm,
    )


def _judge_gone(facts: SourceFacts, _now: datetime) -> SourceHealth | None:
    rhythm = facts.state.rhythm
    if rhythm is None or rhythm.stopped is None:
        return None
    return _say(
        facts,
        HealthState.FAILING,
        rhythm.stopped,
        "Give it another address in sources.yaml, or remove it.",
        since=facts.state.looked_at,
        alarm=True,
    )


def _judge_failing(facts: SourceFacts, now: datetime) -> SourceHealth | None:
    state = facts.state
    if not state.failures:
        return _judge_not_modified(facts)
    since = state.failing_since or state.looked_at or now
    blocked = state.status in REFUSALS
    return _say(
        facts,
        HealthState.BLOCKED if blocked else HealthState.FAILING,
        f"{state.problem or 'no answer'} ({_looks(state.failures)} in a row)",
        "The outlet may refuse automatic readers: ask it, or take another source of it."
        if blocked
        else "Open its address in a browser; correct it in sources.yaml if it has changed.",
        since=since,
        alarm=now - since >= FAILING_ALARM,
    )


def _judge_not_modified(facts: SourceFacts) -> SourceHealth | None:
    """Judge a 304 after a failure: it says that nothing is new since a look that failed.

    What was told as failing stays so until the source is read again; a passing failure is no more
    than a reason to look.
    """
    answer = facts.last_answer
    if not facts.state.not_modified or answer is None or not has_failed(answer):
        return None
    told = facts.told in {HealthState.FAILING, HealthState.BLOCKED}
    return _say(
        facts,
        facts.told if told and facts.told is not None else HealthState.SLOW,
        f"answers 'not modified' and nothing else since it failed: {answer.problem or 'no answer'}",
        "Look at it with 'stationwatch sources test'.",
        since=answer.looked_at,
        alarm=told,
    )


def has_failed(look: LookRecord) -> bool:
    """Say whether a look yielded nothing that could be read."""
    if look.not_modified or look.offered:
        return False
    return look.status is None or look.status >= 400 or look.problem is not None


def _judge_blocked_pages(facts: SourceFacts, _now: datetime) -> SourceHealth | None:
    """Judge a source whose list is open and whose pages are not."""
    read = sum(
        count
        for day in facts.days[-3:]
        for outcome, count in day.outcomes.items()
        if outcome not in {Outcome.FETCH_FAILED, Outcome.UNCHANGED}
    )
    if facts.refused < LEAST_REFUSED or facts.refused < read:
        return None
    return _say(
        facts,
        HealthState.BLOCKED,
        f"refused {facts.refused} of its pages in the last days, and gave {read}",
        "What its list says is matched meanwhile; ask the outlet, or give the source a proxy.",
        alarm=True,
    )


def _judge_changed(facts: SourceFacts, now: datetime) -> SourceHealth | None:
    known = facts.told_since if facts.told is HealthState.CHANGED else None
    changed = find_change(
        facts.days,
        today=f"{now:%Y-%m-%d}",
        reason=facts.reason,
        known_since=f"{known:%Y-%m-%d}" if known else None,
    )
    if changed is None:
        return None
    since = datetime.fromisoformat(changed.since).replace(tzinfo=now.tzinfo)
    return _say(facts, HealthState.CHANGED, changed.why, changed.cure, since=since, alarm=True)


def _judge_silent(facts: SourceFacts, now: datetime) -> SourceHealth | None:
    last, until = _silence(facts, now)
    if until < when_silent(facts.rhythm, last):
        return None
    return _say(
        facts,
        HealthState.SILENT,
        _describe_silence(facts),
        "Open it in a browser: if it publishes, its address has probably changed"
        " ('stationwatch sources test'); if the outlet rests, nothing has to be done.",
        since=last,
        alarm=True,
    )


def _silence(facts: SourceFacts, now: datetime) -> tuple[datetime, datetime]:
    """Return since when nothing was new, and until when that is known.

    A silence lasts until the last look that was answered: what was not looked at is not silent.
    A moment in the future was written by a clock that was wrong (FAULTS B3).
    """
    last = facts.last_new or facts.state.new_entry_at
    if last is None or last > now:
        last = min(facts.state.added_at, now)
    return last, min(now, facts.state.succeeded_at or last)


def _describe_silence(facts: SourceFacts) -> str:
    usual = _say_span(facts.rhythm.usual)
    said = f"nothing new; usually there is within {usual}" if facts.rhythm.gaps else "nothing new"
    answer = facts.last_answer
    if answer is not None and answer.offered == 0:
        return f"answers with an empty list: {said}"
    if facts.state.not_modified:
        return f"answers 'not modified' ({facts.state.not_modified} times in a row): {said}"
    if facts.state.last_offered:
        entries = plural(facts.state.last_offered, "entry", "entries")
        return f"answers with the same {entries}, frozen: {said}"
    return f"answers, and offers {said}"


def _say_span(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"


def _judge_moved(facts: SourceFacts, _now: datetime) -> SourceHealth | None:
    state = facts.state
    if state.moved_to is None or state.moved_times < MOVED_TIMES:
        return None
    return _say(
        facts,
        HealthState.MOVED,
        f"has sent every look on to {state.moved_to}, for good as it says",
        "Write that address into sources.yaml.",
        alarm=True,
    )


def _judge_slow(facts: SourceFacts, now: datetime) -> SourceHealth | None:
    last, until = _silence(facts, now)
    at = after_counted(facts.rhythm, last, max(SLOW_AFTER, facts.rhythm.usual))
    if until < at:
        return None
    return _say(facts, HealthState.SLOW, _describe_silence(facts), since=last)


def _looks(count: int) -> str:
    return plural(count, "look")
