"""What must be read beside the first figures of a backfill's report, in sentences: pure.

What was flagged and left out, whether captures are of the period at all, and what went into it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from monitor.render.backfill import COUNTED
from monitor.text.counting import plural
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
    return read_unit(unit.unit).name


class FilePart(NamedTuple):
    """What a unit's name says: a part of the file of this name, size and beginning.

    `changed` is the digest of one that was damaged before, and read again with other bytes.
    """

    name: str
    size: int
    mark: str
    start: int
    end: int
    changed: str = ""


def read_unit(unit: str) -> FilePart:
    """Return what the name of a unit of a file says."""
    name, size, mark, span = unit.rsplit(" ", 3)
    start, _, end = span.partition("-")
    mark, _, changed = mark.partition("+")
    return FilePart(name, int(size), mark, int(start), int(end), changed)


def file_of(unit: str) -> str:
    """Return what the parts of a file have in common: its name, its size and its beginning."""
    return unit.rpartition(" ")[0]


def rename_changed(unit: str, digest: str) -> str:
    """Return the name of a unit of a file that was damaged, and holds these bytes now."""
    file, _, span = unit.rpartition(" ")
    return f"{file}+{digest} {span}"


def without_replaced(units: Sequence[CoveredUnit]) -> tuple[CoveredUnit, ...]:
    """Return the units but for those of damaged files that were read again whole when changed."""
    read = Counter[str]()
    for unit in units:
        if unit.kind == "warc":
            part = read_unit(unit.unit)
            read[file_of(unit.unit)] += part.end - part.start
    parts = {file: read_unit(f"{file} 0-0") for file in read}
    again = {
        (part.name, part.size, part.mark)
        for file, part in parts.items()
        if part.changed and read[file] == part.size
    }
    replaced = {
        file
        for file, part in parts.items()
        if not part.changed and (part.name, part.size, part.mark) in again
    }
    return tuple(unit for unit in units if file_of(unit.unit) not in replaced)


def find_mended(units: Iterable[CoveredUnit]) -> frozenset[str]:
    """Return the damaged files of which a whole copy was read later, or before.

    A copy came under the same path, or has the same name and beginning.
    """
    read, damaged, paths = Counter[str](), set[str](), dict[str, str]()
    for unit in units:
        if unit.kind == "warc":
            part = read_unit(unit.unit)
            read[file_of(unit.unit)] += part.end - part.start
            paths[file_of(unit.unit)] = unit.path or unit.unit
            if unit.damages:
                damaged.add(file_of(unit.unit))
    parts = {file: read_unit(f"{file} 0-0") for file in read}
    whole = [file for file in read if file not in damaged and read[file] == parts[file].size]
    begin = {(parts[file].name, parts[file].mark) for file in whole}
    lay = {paths[file] for file in whole}
    return frozenset(
        file
        for file in damaged
        if paths[file] in lay or (parts[file].name, parts[file].mark) in begin
    )


def say_counted(units: Sequence[CoveredUnit], runs: Iterable[str], named: Sequence[str]) -> str:
    """Return whose counts these are: of which runs, and of which files and folders."""
    parts = [unit for unit in units if unit.kind == "warc"]
    known = len(set(runs))
    counted = COUNTED
    if known > 1:
        counted = counted.replace("keywords,", f"keywords ({known:,} so far),")
    if not parts:
        return counted
    files = {file_of(unit.unit): name_file(unit) for unit in parts}
    given = [each for each in named if each not in files.values()]
    whence = f"; you named: {shorten_names(given)}" if given else ""
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
