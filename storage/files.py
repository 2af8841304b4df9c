"""The files of the data folder: their names, their rights, and getting them onto the disk."""

from __future__ import annotations

import os
from pathlib import Path

from monitor.log import get_logger

DATABASE = "stationwatch.db"
TEXTS = "texts.db"
RESTORING = "restore-in-progress"
BACKUPS = "backups"

log = get_logger("storage")


def make_private(folder: Path) -> None:
    """Take the folder and its databases away from group and others (FAULTS H3), and say so.

    What belongs to another user is left alone: `find_public` names it.
    """
    for path in find_public(folder):
        if path.stat().st_uid == os.geteuid():
            path.chmod(path.stat().st_mode & 0o700)
            log.warning("rights taken from group and others", path=str(path))


def find_public(folder: Path) -> tuple[Path, ...]:
    """Return what group or others may use of the folder and its databases."""
    candidates = [folder, *sorted(folder.glob("*.db*"))]
    return tuple(path for path in candidates if path.exists() and path.stat().st_mode & 0o077)


def sync_file(path: Path) -> None:
    """Wait until the contents of `path` are on the disk."""
    _sync(path, os.O_RDONLY)


def sync_folder(folder: Path) -> None:
    """Wait until the names in `folder` are on the disk: a rename is not before that."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def size_of(path: Path) -> int:
    """Return the size of a file in bytes, 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
