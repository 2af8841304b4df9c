"""Removals as evidence: a document for each, kept and chained like a page; and reading them back.

    {"stationwatch": "purge", "id": …, "at": …, "kind": "article", "wish": …,
     "links": [{"seq": 3, "hash": …}], "urls": [SHA-256 of each canonical URL]}

What was removed leaves the hash that stood there, so that the rest of the chain can still be
verified by anybody; and since the document is a link of the chain itself, nobody can add, change or
take away a removal unseen.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from monitor.clock import format_time, read_time
from monitor.errors import EvidenceError
from monitor.evidence.store import (
    BODIES,
    DAMAGED,
    HEADERS,
    EvidenceStore,
    explained,
    make_folder,
    sync_folder,
)
from monitor.log import get_logger
from monitor.model import EvidenceLink
from monitor.model.evidence import Tombstone
from monitor.model.purges import Purge

LIST = "purged.jsonl"
"""The documents once more, beside the database: a backup put back knows nothing of them."""

log = get_logger("evidence")


def build_document(purge: Purge, links: Iterable[EvidenceLink]) -> bytes:
    """Return the document of a removal, which is kept and chained."""
    value = {
        "stationwatch": "purge",
        "id": purge.id,
        "at": format_time(purge.at),
        "kind": purge.kind,
        "wish": purge.wish,
        "links": [{"seq": link.seq, "hash": link.hash} for link in links],
        "urls": sorted(purge.url_hashes),
    }
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def read_tombstones(store: EvidenceStore, purges: Iterable[EvidenceLink]) -> dict[int, Tombstone]:
    """Return what stands in the place of removed links, by number; one that is broken gives none.

    The links that it spoke of are then named as changed, and its own file as damaged.
    """
    found: dict[int, Tombstone] = {}
    for link in purges:
        try:
            value = json.loads(store.read_body(link.sha256))
            for each in value["links"]:
                found[int(each["seq"])] = Tombstone(
                    seq=int(each["seq"]),
                    hash=str(each["hash"]),
                    link=link.seq,
                    at=str(value["at"]),
                    wish=str(value["wish"]),
                )
        except (EvidenceError, ValueError, KeyError, TypeError) as error:
            log.error("a removal cannot be read", link=link.seq, problem=str(error))
    return found


def remember(store: EvidenceStore, document: bytes) -> None:
    """Add a document to the list beside the database, on the disk when this returns."""
    with explained("remembering a removal"):
        make_folder(store.folder)
        path = store.folder / LIST
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            # a line of its own, whatever a killed process left before it
            file.write(b"\n" + document + b"\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(store.folder)


def read_remembered(store: EvidenceStore) -> Iterator[tuple[Purge, bytes, dict[int, str]]]:
    """Yield every removal of the list with its document, and the hashes by the links' numbers."""
    path = store.folder / LIST
    for line in path.read_bytes().splitlines() if path.exists() else ():
        value = _read_line(line)
        if value is not None:
            purge = Purge(
                id=str(value["id"]),
                at=read_time(value["at"]),
                kind="person" if value["kind"] == "person" else "article",
                wish=str(value["wish"]),
                url_hashes=tuple(map(str, value["urls"])),
            )
            yield purge, line, {int(each["seq"]): str(each["hash"]) for each in value["links"]}


def _read_line(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
        return value if value["stationwatch"] == "purge" else None
    except (ValueError, KeyError, TypeError):
        return None  # a last line that a killed process left


def remove_files(folder: Path, bodies: Iterable[str], headers: Iterable[str]) -> int:
    """Overwrite and remove kept bodies and headers, by their hashes; return how many files.

    Overwriting reaches the bytes on a plain disk; on an SSD or a file system that copies on write
    the old ones may live on below, where only an encrypted disk helps.
    """
    store, gone = EvidenceStore(folder), 0
    for kind, hashes in ((BODIES, bodies), (HEADERS, headers)):
        for each in hashes:
            damaged = (folder / DAMAGED).glob(f"{each}.*")
            for path in (store.path_of(kind, each), *damaged):
                if path.exists():
                    overwrite(path)
                    path.unlink()
                    sync_folder(path.parent)
                    gone += 1
    return gone


def overwrite(path: Path) -> None:
    """Write zeros over a file, through to the disk."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        for _ in range(0, size, 1 << 20):
            file.write(b"\0" * min(1 << 20, size - file.tell()))
        file.flush()
        os.fsync(file.fileno())
