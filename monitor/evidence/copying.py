"""Copying kept bytes: each file once, checked by its own name, linked where the disk is one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from monitor.errors import EvidenceError
from monitor.evidence.purge import LIST
from monitor.evidence.store import (
    BODIES,
    CHAIN,
    HEADERS,
    UNFINISHED,
    explained,
    hash_file,
    sync_folder,
)
from monitor.text.counting import plural


def copy_evidence(
    source: Path, target: Path, *, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> int:
    """Copy what is missing in `target`, the record and the removals too; return how many files.

    On one disk a file is linked, which takes no room and outlives its first name; on another it is
    copied and read back. A file that is not what its name says is left out, and raises
    EvidenceError at the end, when everything else is copied.
    """
    copied, damaged = 0, []
    with explained(f"copying the kept bytes to {str(target)!r}"):
        there = [
            path for kind in (BODIES, HEADERS) for path in sorted((source / kind).glob("??/*"))
        ]
        for number, path in enumerate(there, 1):
            place = target / path.relative_to(source)
            if not place.exists():
                if _copy(path, place, target / UNFINISHED):
                    copied += 1
                else:
                    damaged.append(path.name)
            progress(number, len(there))
        for name in (CHAIN, LIST):
            if (source / name).exists() and not (name == CHAIN and target.parent == source):
                _copy_list(source / name, target / name)
    if damaged:
        raise EvidenceError(
            f"while copying the kept bytes: not what was kept: {plural(len(damaged), 'file')}"
            f" (the first is {damaged[0]}); 'stationwatch verify' names them all"
        )
    return copied


def _copy(path: Path, place: Path, unfinished: Path) -> bool:
    """Copy or link one file; say whether it is what its name says."""
    if hash_file(path) != path.name:
        return False
    _make_folder(place.parent)
    with suppress(OSError):  # another disk, or one without links
        os.link(path, place)
        _sync_folder(place.parent)
        return True
    _make_folder(unfinished)
    copy = unfinished / str(uuid4())
    try:
        shutil.copyfile(path, copy)
        _make_private(copy)
        with copy.open("rb") as file:
            os.fsync(file.fileno())
        if hash_file(copy) != path.name:
            return False
        copy.rename(place)
        _sync_folder(place.parent)
    finally:
        copy.unlink(missing_ok=True)
    return True


def _copy_list(path: Path, place: Path) -> None:
    """Copy a list that only grows, unless the one there is longer."""
    if place.exists() and place.stat().st_size >= path.stat().st_size:
        return
    _make_folder(place.parent)
    copy = place.with_name(f".{place.name}.unfinished")
    shutil.copyfile(path, copy)
    _make_private(copy)
    copy.replace(place)


def _make_folder(path: Path) -> None:
    if not path.is_dir():
        for folder in (*reversed(path.parents), path):
            if not folder.is_dir():
                folder.mkdir(mode=0o700, exist_ok=True)
                _sync_folder(folder.parent)


def _make_private(path: Path) -> None:
    with suppress(OSError):  # sticks and shares know no rights of a file
        path.chmod(0o600)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # some shares cannot wait for a folder
        sync_folder(folder)
