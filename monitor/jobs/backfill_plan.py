"""What a backfill reads: files and addresses → units of work, before anything is read."""

from __future__ import annotations

import glob
import hashlib
import mmap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from pydantic_core import to_json

from monitor.config.validation import suggest
from monitor.errors import UsageError
from monitor.jobs.backfill_summary import file_of, rename_changed
from monitor.jobs.backfill_unread import ABSENT, NO_ARCHIVES, NO_FILE, NO_FIT, find_gone
from monitor.model import Source
from monitor.render.names import country_names
from monitor.urls import site_of
from spiders.units import Unit, Wanted
from spiders.warc_records import MAGIC, RECORD, unpack_beginning

PART = 64 * 1024 * 1024
"""Bytes of an archive file to one unit: minutes of work, and what a kill costs at most."""
LEAST_PART = 4 * 1024 * 1024
NO_ARCHIVE = "it is no WARC file"
EMPTY = "the file is empty"
DAMAGED = "damaged"
"""Begins the name that stands for a damaged file as it was when it was read."""
HEAD = 4096
"""Bytes of a file, or of a gzip member, that tell whether a record begins there."""
PARTS = 16
"""Units that a smaller file is cut into, so that all workers have some of it until its end."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be read, and of which files nothing can be, each with why."""

    units: tuple[Unit, ...]
    missing: tuple[tuple[str, str], ...] = ()

    @property
    def bytes(self) -> int:
        """Return how much there is to read, as it lies on the disk."""
        return sum((unit.end or 0) - unit.start for unit in self.units)


def plan_files(patterns: Iterable[str], *, part: int = PART) -> Plan:
    """Return the units of local WARC files, named by paths, globs, folders, or lists (`@FILE`).

    The same file under another path is the same unit: it is known by name, size and its beginning.
    """
    units: list[Unit] = []
    missing: list[tuple[str, str]] = []
    for pattern in patterns:
        files = list(find_files(pattern))
        is_folder = Path(pattern).is_dir()
        if not files:
            missing.append((pattern, say_absent(pattern)))
        for file in files:
            try:
                size = file.stat().st_size
                if size and holds_records(file):
                    units += cut_file(file, part)
                elif not is_folder or file.name.endswith((".warc", ".warc.gz")):
                    # others lie beside: an index, a sum; an empty one is a download that failed
                    missing.append((str(file), NO_ARCHIVE if size else EMPTY))
            except OSError as error:
                missing.append((str(file), error.strerror or str(error)))
    return Plan(units=tuple(dict.fromkeys(units)), missing=tuple(missing))


def say_absent(pattern: str) -> str:
    """Return why nothing can be read of what one `--warc` names, where there is no file of it."""
    if Path(pattern).is_dir():
        return NO_ARCHIVES
    return NO_FIT if glob.has_magic(pattern) else NO_FILE


def without_gone(plan: Plan, before: Mapping[str, Any]) -> Plan:
    """Return the plan without places where all that an earlier run could not read was removed.

    `before` are the words of its request.
    """
    missing = tuple(
        (what, why)
        for what, why in plan.missing
        if why not in ABSENT or not find_gone(before, what)
    )
    return replace(plan, missing=missing)


def find_files(pattern: str) -> Iterator[Path]:
    """Yield the files that one `--warc` names."""
    if pattern.startswith("@"):
        lines = Path(pattern[1:]).read_text(encoding="utf-8").splitlines()
        for line in lines:
            if line.strip() and not line.startswith("#"):
                yield from find_files(line.strip())
        return
    if "://" in pattern:
        raise UsageError(
            f"while reading --warc {pattern!r}: archives are read from files;"
            " download it first, and name the file"
        )
    path = Path(pattern)
    if path.is_dir():
        yield from sorted(each for each in path.rglob("*.warc*") if each.is_file())
    elif path.is_file():
        yield path
    else:
        yield from sorted(Path(each) for each in glob.glob(pattern, recursive=True))  # noqa: PTH207 - a whole pattern


def holds_records(file: Path) -> bool:
    """Say whether a file, which is not empty, may hold records: also behind a damaged beginning."""
    with file.open("rb") as opened:
        head = opened.read(HEAD)
        if head.startswith(MAGIC[:2]):
            return unpack_beginning(head) in {None, b"", RECORD} or holds_members(opened)
        if head.startswith(RECORD):
            return True
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            return any(whole.find(mark) >= 0 for mark in (RECORD, MAGIC))


def holds_members(opened: BinaryIO) -> bool:
    """Say whether any gzip member of a file holds records, where the first holds something else."""
    with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        at = 0
        while (at := whole.find(MAGIC, at + 1)) > 0:
            if unpack_beginning(whole[at : at + HEAD]) == RECORD:
                return True
    return False


def cut_file(file: Path, part: int) -> Iterator[Unit]:
    """Yield the parts of one file, of `part` bytes at most; one not of gzip members is not cut.

    Told by the file alone: the same file is cut in the same way on any machine.
    """
    size = file.stat().st_size
    with file.open("rb") as opened:
        head = opened.read(64 * 1024)
    mark = hashlib.sha256(head).hexdigest()[:12]
    step = min(part, max(LEAST_PART, -(-size // PARTS)))
    step = step if head.startswith(b"\x1f\x8b") else max(size, 1)
    for start in range(0, max(size, 1), step):
        end = min(start + step, size)
        name = f"{file.name} {size} {mark} {start}-{end}"
        yield Unit(path=str(file), name=name, start=start, end=end)


def make_asked(rules_version: str, wanted: Wanted) -> str:
    """Return the hash of the rules and wishes that a unit is covered for.

    With or without the filter the same is found, so it makes no difference.
    """
    text = to_json({"rules": rules_version, "wanted": asdict(wanted)})
    return hashlib.sha256(text).hexdigest()[:32]


def make_wanted(
    sources: Sequence[Source],
    *,
    since: datetime | None,
    until: datetime | None,
    source_ids: Sequence[str],
    countries: Sequence[str],
    languages: Sequence[str],
    topics: Sequence[str],
) -> Wanted:
    """Return what is wanted; raises UsageError for a source or country that nothing is known of."""
    chosen: list[Source] = []
    for source_id in source_ids:
        found = [source for source in sources if source.id == source_id]
        if not found:
            raise UsageError(
                f"while reading --source: there is no source {source_id!r};"
                f" {_suggest_source(source_id, sources)}see 'stationwatch sources list'"
            )
        chosen += found
    for country in countries:
        found = [source for source in sources if source.country == country.upper()]
        if not found:
            raise UsageError(
                f"while reading --country: no source is of {country!r}; for everything about"
                f" {country_names([country])} in files leave --country out, then: stationwatch"
                f" stories --country {country}"
            )
        chosen += found
    sites = sorted({site for source in chosen if (site := site_of(source.url))})
    return Wanted(
        since=since,
        until=until,
        sites=tuple(sites),
        languages=tuple(sorted(language.lower() for language in languages)),
        topics=tuple(sorted(topics)),
    )


def _suggest_source(written: str, sources: Sequence[Source]) -> str:
    known = [source.id for source in sources]
    begin = (each for each in known if written and each.startswith(written))
    meant = next(begin, None) or suggest(written, known)
    return f"did you mean {meant!r}? " if meant else ""


def without_done(plan: Plan, done: frozenset[str]) -> Plan:
    """Return the plan without what is covered already.

    A file that was damaged, and holds other bytes now, is read again as another one.
    """
    damaged = {
        each.removeprefix(f"{DAMAGED} ").rpartition(" ")[0]
        for each in done
        if each.startswith(f"{DAMAGED} ")
    }
    units = (
        replace(unit, name=rename_changed(unit.name, digest))
        if file_of(unit.name) in damaged and (digest := find_change(unit, done))
        else unit
        for unit in plan.units
    )
    return replace(plan, units=tuple(unit for unit in units if unit.name not in done))


def name_damaged(unit: Unit) -> str | None:
    """Return the name that stands for a damaged file with just these bytes; None if it is gone."""
    digest = digest_file(unit.path)
    return digest and f"{DAMAGED} {file_of(unit.name)} {digest}"


def find_change(unit: Unit, done: frozenset[str]) -> str | None:
    """Return the digest of a damaged file that holds other bytes than when it was read, or None."""
    name = name_damaged(unit)
    return None if name is None or name in done else name.rpartition(" ")[2]


def digest_file(path: str) -> str | None:
    """Return a hash of the whole file, None where it cannot be read; each state is read once."""
    try:
        found = Path(path).stat()
        return _digest(path, found.st_size, found.st_mtime_ns)
    except OSError:
        return None


@lru_cache
def _digest(path: str, _size: int, _changed: int) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]
