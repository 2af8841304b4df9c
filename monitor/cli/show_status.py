"""What `status` prints: how the watch stands, what needs a person first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from monitor.cli.failures import Failure, group_failures
from monitor.cli.output import Output, count_words, number
from monitor.cli.recall import say_recall

if TYPE_CHECKING:
    from monitor.jobs.second_backup import SecondState
    from monitor.jobs.status import Status
    from monitor.model import DayLedger, Outcome, Run

SHOWN_TROUBLES = 10
SHOWN_NAMES = 5
NOTHING_READ = "no page was read"


def show_status(out: Output, found: Status, *, whole: bool) -> None:
    """Print how the watch stands, what needs a person first."""
    for need in found.needs:
        out.prose(need, label="needs you    ")
    if found.ok:
        out.say("[bold green]all well[/]")
    last = found.last_run
    ran = f"{last.started_at:%Y-%m-%d %H:%M} UTC: {pages_read(last)}" if last else "never"
    counts = found.sources
    lines = [("backfill", found.backfill)] if found.backfill else []
    lines += [
        ("last run", ran),
        ("held by", found.held_by or "nobody: no service is running"),
        ("sources", count_words(counts)),
        ("pending", f"{number(found.pending, 'entry', 'entries')}, {found.pending_due} due"),
        ("outbox", count_words(found.outbox_counts)),
    ]
    for proof in found.proofs:
        at = f"{proof.proved_at:%Y-%m-%d %H:%M} UTC" if proof.proved_at else "never"
        problem = f"; failed: {proof.problem}" if proof.problem else ""
        lines.append((f"last {proof.name}", f"{at}{problem}"))
    if found.second_backup is not None:
        lines.append(("second backup", say_second(found.second_backup)))
    for day in reversed(found.days):
        if day.outcomes or day.backfilled or day.suppressed:
            lines.append((str(day.day), say_ledger(day)))
    if found.recall is not None:
        lines.append(("elsewhere", say_recall(found.recall)))
    lines.append(("versions", ", ".join(f"{k} {v}" for k, v in found.versions.items())))
    lines += [("note", note) for note in found.notes if note != found.backfill]
    for label, said in lines:
        out.prose(said, label=f"{label:<12} ")
    show_troubles(out, found, whole=whole)


def pages_read(run: Run) -> str:
    """Return what the pages of a run came to; one that was a backfill is named so."""
    if run.kind == "backfill":
        return f"backfill: {count_backfilled(run.outcomes)}"
    return count_words(run.outcomes) if any(run.outcomes.values()) else NOTHING_READ


def count_backfilled(outcomes: Mapping[Outcome, int]) -> str:
    """Return the counts of a backfill, with its word for pages that brought nothing new."""
    named = {
        "already known" if outcome == "unchanged" else str(outcome): pages
        for outcome, pages in outcomes.items()
    }
    return count_words(named) if any(named.values()) else NOTHING_READ


def say_ledger(day: DayLedger) -> str:
    """Return how the pages of a day ended, and what was held back, with why and how often.

    What backfills read is told apart: it is no work of the watch.
    """
    pages = number(sum(day.outcomes.values()), "page")
    said = f"{pages}: {count_words(day.outcomes)}" if day.outcomes else pages
    if day.backfilled:
        read = number(sum(day.backfilled.values()), "page")
        said += f"; backfill: {read}: {count_backfilled(day.backfilled)}"
    sums: Counter[str] = Counter()
    for reason, times in day.suppressed.items():
        bare = reason.removeprefix("alerts not sent: ")
        sums[bare if bare in day.suppressed else reason] += times
    held = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
    reasons = "; ".join(f"{reason} ({times:,})" for reason, times in held if times)
    return f"{said}; held back: {reasons}" if reasons else said


def say_second(second: SecondState) -> str:
    """Return when the copy in the second folder was last made, and what keeps one from it."""
    made = f"{second.made:%Y-%m-%d %H:%M} UTC" if second.made else "never"
    wrong = f"; failed: {second.problem}" if second.problem else ""
    if second.missing:
        wrong = ", which can take none now"
    return f"{made}, to {second.folder}{wrong}"


def show_troubles(out: Output, found: Status, *, whole: bool) -> None:
    """Print the sources in trouble: the first of each kind, or with `whole` every one."""
    if not found.troubles:
        return
    out.say()
    if whole or len(found.troubles) <= SHOWN_TROUBLES:
        for each in found.troubles:
            since = f" (since {each.since:%Y-%m-%d %H:%M} UTC)" if each.since else ""
            out.prose(f"{each.why}{since}", label=f"{each.name}: ")
        return
    failures = [Failure(name=each.name, why=each.why) for each in found.troubles]
    kinds = group_failures(failures)
    out.prose(f"{number(len(failures), 'source')} in trouble (status --all names every one):")
    for kind in kinds[:SHOWN_TROUBLES]:
        more = len(kind.names) - SHOWN_NAMES
        names = ", ".join(kind.names[:SHOWN_NAMES]) + (f" and {more} more" if more > 0 else "")
        out.prose(f"{kind.why}", label=f"{len(kind.names):>5}  ")
        out.prose(names, label=" " * 7)
    if len(kinds) > SHOWN_TROUBLES:
        out.prose(f"and {len(kinds) - SHOWN_TROUBLES} more kinds of trouble")
