"""What was read from a file, kept as JSON under the hash of its bytes, so that it starts fast.

What is kept is data, never code: a damaged or foreign file is passed over, and the original is read
again.  The program's version is part of the name, because another one may judge the file anew.
Without domain knowledge.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

MOST_BYTES = 64 * 1024 * 1024
MOST_KEPT = 8


def find_kept(folder: Path, kind: str, digest: str) -> Any:
    """Return what is kept of that `kind` for bytes with that hash, or None."""
    path = _path(folder, kind, digest)
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        data = path.read_bytes()
    except OSError:
        return None
    checksum, _, body = data.partition(b"\n")
    if checksum.decode("ascii", "replace") != hashlib.sha256(body).hexdigest():
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def keep(folder: Path, kind: str, digest: str, value: Any) -> None:
    """Keep a plain value; a folder that cannot be written is no error."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    path = _path(folder, kind, digest)
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{kind}-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
        _forget_old(folder.glob(f"{kind}-*.json"))


def _path(folder: Path, kind: str, digest: str) -> Path:
    return folder / f"{kind}-{_program()}-{digest[:32]}.json"


def _program() -> str:
    try:
        return version("stationwatch")
    except PackageNotFoundError:
        return "checkout"


def _forget_old(kept: Iterable[Path]) -> None:
    newest = sorted(kept, key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest[MOST_KEPT:]:
        path.unlink(missing_ok=True)
