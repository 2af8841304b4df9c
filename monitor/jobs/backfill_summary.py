"""What must be read beside the first figures of a backfill's report, in sentences: pure.

What was flagged and left out, whether captures are of the period at all, and what went into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from monitor.render.backfill import COUNTED
from monitor.render.names import plural
from storage.coverage import CoveredUnit

FLAGGED_BUT = "flagged, but "
"""Begins why a page was left out that is outside of what was asked."""

SHOWN_FILES = 6
"""Files and folders that are named; of more, these and how many more."""


def say_flagged_left_out(left_out: Mapping[str, int]) -> str:
    """Return how many flagged pages are outside of what was asked, and why; empty for none."""
    whys = {
        why.removeprefix(FLAGGED_BUT): pages
        for why, pages in left_out.items()
        if why.startswith(FLAGGED_BUT) and pages
    }
    pages = plural(sum(whys.values()), "flagged page")
    if len(whys) < 2:
        return "".join(f"{pages}, {why}" for why in whys)
    each = (f"{n:,} {why}" for why, n in sorted(whys.items(), key=lambda pair: (-pair[1], pair[0])))
    return f"{pages}: {'; '.join(each)}"


def count_flagged_left_out(left_out: Mapping[str, int]) -> int:
    """Return how many flagged pages are outside of what was asked."""
    return sum(pages for why, pages in left_out.items() if why.startswith(FLAGGED_BUT))


def say_captured(months: Iterable[str], since: str | None, until: str | None) -> str:
    """Return that no page of the files was captured in the days asked for; empty where one was.

    `months` are of captures (`2024-03`), `since` and `until` days as they were typed.
    """
    known = sorted(set(months))
    if not known or not (since or until):
        return ""
    span = known[0] if known[0] == known[-1] else f"{known[0]} to {known[-1]}"
    asked = f"{since or 'the beginning'} to {until or 'now'}"
    if since and known[-1] < since[:7]:
        return (
            f"Every page of the files was captured in {span}, before the period that was asked for"
            f" ({asked}): nothing in them can be of it."
        )
    if until and known[0] > until[:7]:
        return (
            f"Every page of the files was captured in {span}, after the period that was asked for"
            f" ({asked}): of that they hold only what sites still showed later."
        )
    return ""


def name_file(unit: CoveredUnit) -> str:
    """Return the name of the file that a unit is a part of."""
    return unit.unit.rsplit(" ", 3)[0]


def say_counted(units: Sequence[CoveredUnit], runs: Iterable[str], named: Sequence[str]) -> str:
    """Return whose counts these are: of which runs, and of which files and folders."""
    parts = [unit for unit in units if unit.kind == "warc"]
    known = len(set(runs))
    counted = COUNTED
    if known > 1:
        counted = counted.replace("keywords,", f"keywords ({known:,} so far),")
    if not parts:
        return counted
    files = {unit.unit.rpartition(" ")[0]: name_file(unit) for unit in parts}
    given = [each for each in named if each not in files.values()]
    whence = f"; named were {shorten_names(given)}" if given else ""
    names = shorten_names(sorted(files.values()))
    return f"{counted} Read {was(len(files))} {plural(len(files), 'file')}: {names}{whence}."


def was(count: int) -> str:
    """Return the verb for so many."""
    return "was" if count == 1 else "were"


def shorten_names(names: Sequence[str]) -> str:
    """Return names after one another; of many, the first and how many more."""
    shown = ", ".join(names[:SHOWN_FILES])
    more = len(names) - SHOWN_FILES
    return f"{shown} and {more:,} more" if more > 0 else shown
