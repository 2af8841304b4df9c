"""Copy the nightly backup into a second folder, on another disk or a share; a process of its own.

    python -m monitor.jobs.second_copy DATA FOLDER OLDEST     copy; backups from before OLDEST go
    python -m monitor.jobs.second_copy DATA FOLDER            only look at the folder

A share that does not answer holds up whoever asks for it, for hours and against any signal: so
nobody but this process touches the folder, and it holds nothing that others wait for.  Its last
line is what came of it, as JSON.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from monitor.clock import SystemClock
from monitor.errors import EvidenceError, StationwatchError, reason_of
from monitor.evidence.copying import copy_evidence
from monitor.evidence.purge import remove_files
from monitor.evidence.store import EvidenceStore, hash_file
from monitor.jobs.backups import EVIDENCE, find_newest, prune_backups
from monitor.jobs.purge import find_purged_files
from storage.database import Storage
from storage.files import BACKUPS, TEXTS

MARK = "stationwatch-backups.json"
"""In the second folder: whose copies lie there."""
REMEMBERED = "second-folder.json"
"""Beside the nightly backups: which folder was the last, and whether it was on another disk."""


@dataclass(frozen=True, kw_only=True)
class SecondCopy:
    """What came of a copy, or of a look at the folder; `problem` is None when all is well."""

    problem: str | None = None
    same_disk: bool = False
    database: str | None = None
    files: int = 0


def copy_backup(data: Path, folder: Path, *, oldest: datetime) -> SecondCopy:
    """Copy the newest nightly backup into `folder`, read it back, and forget what is too old there.

    what was removed since ─ removed there    database ─ evidence ─ texts    old databases go

    The folder is never made: where it is missing, a disk is. Whatever fails is said, not raised.
    """
    found = look_at(data, folder)
    newest = find_newest(data / BACKUPS)
    if found.problem is not None or newest is None:
        return SecondCopy(problem=found.problem or "there is no nightly backup yet to be copied")
    files = 0
    try:
        _mark(data, folder, elsewhere=not found.same_disk)
        _forget_removed(data, folder)
        copy_file(newest, folder / newest.name)
        EvidenceStore(folder / EVIDENCE).sweep()
        files = copy_evidence(data / BACKUPS / EVIDENCE, folder / EVIDENCE)
        if (data / BACKUPS / TEXTS).exists():
            copy_file(data / BACKUPS / TEXTS, folder / TEXTS)
        prune_backups(folder, before=oldest)
    except OSError as error:
        return _failed(folder, error, found, files)
    except StationwatchError as error:
        return SecondCopy(problem=str(error), same_disk=found.same_disk, files=files)
    return SecondCopy(same_disk=found.same_disk, database=newest.name, files=files)


def look_at(data: Path, folder: Path) -> SecondCopy:
    """Say whether `folder` can take copies, and whether it is on the disk of the data."""
    try:
        same_disk = folder.is_dir() and folder.stat().st_dev == _device_of(data)
        problem = _judge(data, folder, same_disk=same_disk)
        if problem is None:
            probe = folder / f".stationwatch-{uuid4()}"
            probe.touch(mode=0o600)
            probe.unlink()
    except OSError as error:
        return _failed(folder, error, SecondCopy(), 0)
    return SecondCopy(problem=problem, same_disk=same_disk)


def _device_of(data: Path) -> int:
    """Return the disk of the data, or the one that they will be on."""
    return next(each.stat().st_dev for each in (data, *data.absolute().parents) if each.exists())


def _judge(data: Path, folder: Path, *, same_disk: bool) -> str | None:
    where = f"while looking at the second folder for backups, {str(folder)!r}"
    if folder.exists() and not folder.is_dir():
        return f"{where}: it is a file, not a folder; name a folder of another disk or a share"
    if not folder.is_dir():
        return (
            f"{where}: it is not there; is the disk or share mounted? If it is, make the folder"
            " there yourself: it is never made by Stationwatch, so that nothing is written where"
            " a disk is missing"
        )
    if folder.resolve().is_relative_to(data.resolve()):
        return f"{where}: it lies inside the data; name one on another disk"
    remembered = read_json(data / BACKUPS / REMEMBERED)
    if same_disk and remembered.get("folder") == str(folder) and remembered.get("elsewhere"):
        return (
            f"{where}: it is on the same disk as the data now, and was on another one before; is"
            " the disk or share mounted?"
        )
    marked = read_json(folder / MARK).get("of")
    if marked is not None and marked != remembered.get("of"):
        return (
            f"{where}: copies of another watch lie there; name a folder of its own, or remove"
            f" {MARK} there if that watch is no more"
        )
    return None


def _mark(data: Path, folder: Path, *, elsewhere: bool) -> None:
    """Leave in both places whose copies lie there, before the first of them."""
    remembered = read_json(data / BACKUPS / REMEMBERED)
    wanted = {
        "of": remembered.get("of") or str(uuid4()),
        "folder": str(folder),
        "elsewhere": elsewhere,
    }
    if remembered != wanted:
        write_json(data / BACKUPS / REMEMBERED, wanted)
    if not (folder / MARK).exists():
        write_json(folder / MARK, {"of": wanted["of"]})


def _forget_removed(data: Path, folder: Path) -> None:
    """Remove the kept bytes there that a removal took from the data."""
    with Storage.open_reader(data, SystemClock()) as storage:
        bodies, headers = find_purged_files(storage, EvidenceStore(data / EVIDENCE))
    with suppress(FileNotFoundError):  # nothing was copied yet
        remove_files(folder / EVIDENCE, bodies, headers)


def copy_file(source: Path, place: Path) -> None:
    """Copy a file, read the copy back from its disk, and put it in the place of the one before.

    Raises OSError, EvidenceError where the copy is not what was written.
    """
    unfinished = place.with_name(f".{place.name}.unfinished")
    written = hashlib.sha256()
    try:
        with source.open("rb") as original, _create(unfinished) as copy:
            while part := original.read(1 << 20):
                written.update(part)
                copy.write(part)
            copy.flush()
            os.fsync(copy.fileno())
            # what is read back has to come from the disk, not from memory
            with suppress(OSError):
                os.posix_fadvise(copy.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        if hash_file(unfinished) != written.hexdigest():
            raise EvidenceError(
                f"while reading back {str(unfinished)!r}: it is not what was written; check that"
                " disk, or take another"
            )
        unfinished.replace(place)
        with suppress(OSError):  # shares and sticks often cannot
            descriptor = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    finally:
        with suppress(OSError):
            unfinished.unlink()


def _create(path: Path) -> BinaryIO:
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def read_json(path: Path) -> dict[str, object]:
    """Return a small JSON object, an empty one where there is none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def write_json(path: Path, value: dict[str, object]) -> None:
    """Write a small JSON object, whole or not at all."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    with _create(unfinished) as file:
        file.write(json.dumps(value).encode())
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _failed(folder: Path, error: OSError, found: SecondCopy, files: int) -> SecondCopy:
    cure = "check the room there and the rights of the folder"
    if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        cure += " (under systemd it has to stand in ReadWritePaths, see deploy/README.md)"
    return SecondCopy(
        problem=f"while copying the backup to {str(folder)!r}: {reason_of(error)}; {cure}",
        same_disk=found.same_disk,
        files=files,
    )


def main(arguments: list[str]) -> None:
    """Do what the arguments say, and print what came of it."""
    data, folder = Path(arguments[0]), Path(arguments[1])
    if len(arguments) > 2:
        found = copy_backup(data, folder, oldest=datetime.fromisoformat(arguments[2]))
    else:
        found = look_at(data, folder)
    sys.stdout.write(json.dumps(asdict(found)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
