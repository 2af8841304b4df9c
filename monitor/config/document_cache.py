"""A configuration file without a problem of form, kept as read: see `monitor.config.kept`.

Reading the YAML of the sources that ship takes a third of a second of processor time, and every
command reads them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from monitor.config.kept import find_kept, keep
from monitor.config.lines import Place
from monitor.config.reader import MOST_BYTES, Document, read_document

# The number is the form's; a change of what the reader accepts changes it.
KIND = "document-1"
# Below so many bytes reading is as fast as looking for what is kept.
WORTH_IT = 8 * 1024


def read_kept_document(path: Path, *, cache: Path | None) -> Document:
    """Return what `read_document` returns, from `cache` when the same bytes were read before."""
    digest = None if cache is None else _hash_large(path)
    if cache is None or digest is None:
        return read_document(path)
    kept = find_kept(cache, KIND, digest)
    try:
        place, value = _thaw(kept["place"]), kept["value"]
        return Document(file=str(path), value=value, place=place, sha256=digest)
    except (LookupError, TypeError, ValueError, RecursionError):
        document = read_document(path)
    if not document.problems:
        plain = {"place": _freeze(document.place), "value": document.value}
        keep(cache, KIND, document.sha256, plain)
    return document


def _hash_large(path: Path) -> str | None:
    """Return the hash of a file that is worth being kept; the reader says what is wrong with it."""
    try:
        if not WORTH_IT <= path.stat().st_size <= MOST_BYTES:
            return None
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _freeze(place: Place) -> list[Any]:
    """Return a place as [line, [[step, place], …]]; JSON keys could not be numbers."""
    inside = (place.inside or {}).items()
    return [place.line, [[step, _freeze(each)] for step, each in inside]]


def _thaw(plain: list[Any]) -> Place:
    line, inside = plain
    return Place(line=line, inside={step: _thaw(each) for step, each in inside} or None)
