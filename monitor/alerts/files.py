"""Files that are there whole or not at all, readable by their owner only."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from monitor.errors import DeliveryFailed


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` beside `path` and rename it into place, both durable (mode 0600).

    Raises OSError; what stood there before is then untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def inside(data: Path, relative: str) -> Path:
    """Return `relative` under `data`; refuses with DeliveryFailed what leads out of it."""
    root = data.resolve()
    path = (root / relative).resolve()
    if path == root or root not in path.parents:
        raise DeliveryFailed(
            f"while finding a folder to write to: {relative!r} leads out of the data folder"
            " (write a path relative to it)",
            needs_person=True,
        )
    return path


def is_plain_id(key: str) -> bool:
    """Return whether `key` is fit for a file name as it is (a UUID is)."""
    return re.fullmatch(r"[A-Za-z0-9-]{1,100}", key) is not None
