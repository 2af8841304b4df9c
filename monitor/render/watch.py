"""The state of the watch in words: what proves that a silence is real, or says that it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.model.digest import SourceTrouble, WatchState
from monitor.render.clean import one_line
from monitor.render.names import say_time, short_day
from monitor.text.counting import plural

# Half of the sources without an answer means that the fault is here, or the network's.
MANY_FAILED = 0.5
CANARY_LATE = timedelta(hours=25)
MOST_NAMES = 25
LONGEST_WHY = 300
MOST_DAYS = 10
FEW_NAMES = 5


@dataclass(frozen=True, kw_only=True)
class TroubleView:
    """One thing that did not work, with its reason."""

    name: str
    why: str


@dataclass(frozen=True, kw_only=True)
class WatchView:
    """The state of the watch, said in rows and sentences."""

    span: str
    sources: tuple[tuple[str, str], ...]
    failed: tuple[TroubleView, ...]
    silent: tuple[TroubleView, ...]
    elsewhere: tuple[TroubleView, ...]
    outcomes: tuple[tuple[str, str], ...]
    pages: tuple[str, str]
    suppressed: tuple[tuple[str, str], ...]
    deliveries: tuple[TroubleView, ...]
    canary: str
    warnings: tuple[str, ...]


def view_watch(watch: WatchState, *, zone: str) -> WatchView:
    """Return the watch in words, and as `warnings` what a reader must know before all else."""
    asked, failed = watch.sources_asked, len(watch.sources_failed)
    outcomes = sorted(watch.outcomes.items(), key=lambda pair: -pair[1])
    return WatchView(
        span=_span(watch, zone),
        sources=(
            ("Sources asked", f"{asked:,}"),
            ("of which answered", f"{max(asked - failed, 0):,}"),
            ("could not be read", f"{failed:,}"),
            ("silent for longer than usual", f"{len(watch.sources_silent):,}"),
        ),
        # In an outage of one's own the reasons are all the same, and the warning stands above.
        failed=_troubles(watch.sources_failed, zone, most=FEW_NAMES if _is_outage(watch) else None),
        silent=_troubles(watch.sources_silent, zone),
        elsewhere=_troubles(
            watch.seen_elsewhere,
            zone,
            since="published",
            others="in `recall.json` of the data folder",
        ),
        outcomes=tuple((one_line(str(name)), f"{count:,}") for name, count in outcomes if count),
        pages=("Pages in all", f"{watch.pages:,}"),
        suppressed=tuple(
            (one_line(reason), f"{count:,}") for reason, count in watch.suppressed.items() if count
        ),
        deliveries=tuple(
            TroubleView(
                name=f"{one_line(failure.what)} ({failure.channel})",
                why=f"{one_line(failure.why, longest=LONGEST_WHY)}, "
                f"{say_time(failure.at, zone)}; "
                + ("it will not be tried again" if failure.dead else "it is tried again"),
            )
            for failure in watch.deliveries_failed
        ),
        canary=_canary(watch, zone),
        warnings=_warnings(watch, zone),
    )


def is_sound(watch: WatchState) -> bool:
    """Return whether the watch worked, so that "nothing found" can be believed."""
    return not _warnings(watch, "UTC")


def _join(words: Sequence[str]) -> str:
    """Return a list as a sentence has it: `a, b and c`."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _span(watch: WatchState, zone: str) -> str:
    until = say_time(watch.until, zone)
    return f"until {until}" if watch.since is None else f"{say_time(watch.since, zone)} to {until}"


def _troubles(
    rows: Sequence[SourceTrouble],
    zone: str,
    *,
    since: str = "since",
    most: int | None = None,
    others: str = "see `stationwatch status --all`",
) -> tuple[TroubleView, ...]:
    most = most or MOST_NAMES
    shown = [
        TroubleView(
            name=one_line(row.name, longest=80),
            why=one_line(row.why, longest=LONGEST_WHY)
            + (f" ({since} {say_time(row.since, zone)})" if row.since else ""),
        )
        for row in rows[:most]
    ]
    if len(rows) > most:
        more = len(rows) - most
        shown.append(TroubleView(name=f"and {more} more", why=others))
    return tuple(shown)


def _is_outage(watch: WatchState) -> bool:
    return 0 < watch.sources_asked * MANY_FAILED <= len(watch.sources_failed)


def _canary(watch: WatchState, zone: str) -> str:
    if watch.canary_problem:
        return (
            "The test report that is sent through the whole watch did not come through:"
            f" {one_line(watch.canary_problem)}. Real reports may be missing, too."
        )
    if watch.canary_at is None:
        return "No test report has been sent through the watch yet."
    return (
        f"The last test report came through the whole watch on {say_time(watch.canary_at, zone)}."
    )


def _warnings(watch: WatchState, zone: str) -> tuple[str, ...]:
    found: list[str] = []
    asked, failed = watch.sources_asked, len(watch.sources_failed)
    if watch.not_running:
        days = _join([short_day(day) for day in watch.not_running[:MOST_DAYS]])
        if len(watch.not_running) > MOST_DAYS:
            days += f" (and {plural(len(watch.not_running) - MOST_DAYS, 'more day')})"
        found.append(f"The watch did not run on {days}; what was published then comes in late.")
    if not asked:
        found.append("No source was asked in this time, so this says nothing about the press.")
    elif _is_outage(watch):
        found.append(
            f"{failed:,} of {plural(asked, 'source')} could not be read: the fault is probably on"
            " this side, and reports may be missing."
        )
    if not watch.sums_agree:
        found.append(
            f"The figures do not add up: {watch.pages:,} pages were fetched, and"
            f" {sum(watch.outcomes.values()):,} outcomes are known."
        )
    if watch.canary_problem:
        found.append(_canary(watch, zone))
    elif watch.canary_at is not None and watch.until - watch.canary_at > CANARY_LATE:
        found.append(f"No test report has come through since {say_time(watch.canary_at, zone)}.")
    dead = sum(failure.dead for failure in watch.deliveries_failed)
    if dead:
        found.append(f"{plural(dead, 'message')} could not be delivered; see the end.")
    return tuple(found)
