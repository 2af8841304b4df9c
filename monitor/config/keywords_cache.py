"""A checked keywords.yaml kept as JSON under the hash of its bytes, so that it starts fast.

What is kept is data, never code: a damaged or foreign file is passed over, and the YAML is read
again.  The program's version is part of the name, because another one may judge the file anew.
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

from pydantic import TypeAdapter, ValidationError

from monitor.model.rules import Keywords

FORM = 3  # of the JSON; a change of the values in monitor.model.rules changes it
MOST_BYTES = 64 * 1024 * 1024
MOST_KEPT = 8


def find_cached(folder: Path, digest: str) -> Keywords | None:
    """Return the keywords kept for a file with that hash, or None."""
    path = _path(folder, digest)
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
        keywords = _adapter().validate_python(_thaw(json.loads(body)))
    except (ValueError, ValidationError, RecursionError, KeyError, TypeError):
        return None
    return keywords if keywords.version == digest else None


def keep_cached(folder: Path, keywords: Keywords) -> None:
    """Keep the keywords; a folder that cannot be written is no error."""
    body = json.dumps(_freeze(keywords), ensure_ascii=False, separators=(",", ":")).encode()
    path = _path(folder, keywords.version)
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".keywords-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
        _forget_old(folder.glob("keywords-*.json"))


def _path(folder: Path, digest: str) -> Path:
    return folder / f"keywords-{FORM}-{_program()}-{digest[:32]}.json"


def _program() -> str:
    try:
        return version("stationwatch")
    except PackageNotFoundError:
        return "checkout"


def _forget_old(kept: Iterable[Path]) -> None:
    newest = sorted(kept, key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest[MOST_KEPT:]:
        path.unlink(missing_ok=True)


def _adapter() -> TypeAdapter[Keywords]:
    return TypeAdapter(Keywords)


def _freeze(keywords: Keywords) -> Any:
    """Return plain values; the lines of terms become lists, because JSON keys are text."""
    plain: Any = TypeAdapter(Keywords).dump_python(keywords, mode="python")
    for concept in plain["concepts"]:
        concept["lines"] = [[*key, line] for key, line in concept["lines"].items()]
    return plain


def _thaw(plain: Any) -> Any:
    for concept in plain["concepts"]:
        concept["lines"] = {(language, term): line for language, term, line in concept["lines"]}
    return plain
