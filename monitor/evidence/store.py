"""Bytes as received, kept as files under their SHA-256 before anything speaks of them.

evidence/
  bodies/ab/ab12…      what came over the wire
  headers/cd/cd34…     the headers, a JSON array of [name, value] in the order received
  unfinished/          what a killed process left; never evidence
  damaged/             a file that no longer had its hash when the same bytes came again
  chain.jsonl          the chain's hashes, once more, beside the database
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from monitor.errors import EvidenceError
from monitor.evidence import record
from monitor.log import get_logger
from monitor.model import EvidenceLink, Header, Kept

BODIES = "bodies"
HEADERS = "headers"
UNFINISHED = "unfinished"
DAMAGED = "damaged"
CHAIN = "chain.jsonl"

log = get_logger("evidence")


class EvidenceStore:
    """The folder of kept bytes; one process at a time keeps, any number read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(
        self, body: bytes, *, headers: Sequence[Header], url: str, fetched_at: datetime
    ) -> Kept:
        """Put the bytes and headers of a page on the disk, and return what the chain will say.

        When this returns, a power cut takes nothing away. The same bytes are kept once. Raises
        EvidenceError (the disk is full, above all) with nothing half-written left behind.
        """
        with explained(f"keeping the bytes of {url[:200]!r}"):
            written = json.dumps([list(pair) for pair in headers], separators=(",", ":"))
            return Kept(
                sha256=self._write(BODIES, body),
                headers_sha256=self._write(HEADERS, written.encode("ascii")),
                url=url,
                fetched_at=fetched_at,
            )

    def _write(self, kind: str, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        path = self.path_of(kind, name)
        if path.exists():
            if hash_file(path) == name:
                return name
            self._put_aside(path)
        make_folder(path.parent)
        unfinished = make_folder(self.folder / UNFINISHED) / str(uuid4())
        try:
            write_through(unfinished, content)
            unfinished.rename(path)
        finally:
            unfinished.unlink(missing_ok=True)
        sync_folder(path.parent)
        return name

    def _put_aside(self, path: Path) -> None:
        """Keep a damaged file for whoever asks what happened to it; `verify` names it."""
        log.error("a kept file was damaged; the same bytes came again", sha256=path.name)
        path.rename(make_folder(self.folder / DAMAGED) / f"{path.name}.{uuid4()}")

    def path_of(self, kind: str, sha256: str) -> Path:
        """Return where the file with this hash is, or would be; refuses what is no hash."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise EvidenceError(f"while looking for kept bytes: {sha256[:80]!r} is no SHA-256")
        return self.folder / kind / sha256[:2] / sha256

    def read_body(self, sha256: str) -> bytes:
        """Return kept bytes; raises EvidenceError when they are missing or have changed."""
        return self._read(BODIES, sha256)

    def read_headers(self, sha256: str) -> tuple[Header, ...]:
        """Return kept headers in the order received; raises EvidenceError as `read_body` does."""
        return tuple((name, value) for name, value in json.loads(self._read(HEADERS, sha256)))

    def _read(self, kind: str, sha256: str) -> bytes:
        with explained(f"reading the kept bytes {sha256[:80]!r}"):
            content = self.path_of(kind, sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise EvidenceError(
                f"while reading the kept bytes {sha256!r}: they have changed since; "
                "`stationwatch verify` names everything that has"
            )
        return content

    def record_links(self, links: Iterable[EvidenceLink]) -> None:
        """Write links of the chain into the record beside the database, after their transaction.

        What is recorded already is left as it is, even where it says something else: `verify` has
        to find that.
        """
        with explained("recording the chain"):
            make_folder(self.folder)
            record.append(self.folder / CHAIN, links)

    def last_recorded(self) -> int:
        """Return the number of the last recorded link, 0 before the first."""
        with explained("reading the record of the chain"):
            return record.last_number(self.folder / CHAIN)

    def begin_record_anew(self, stamp: str) -> None:
        """Put the record aside after a restore: the restored chain is shorter than it was.

        `stamp` goes into the name of the old record, which stays for whoever asks.
        """
        with explained("putting the record of the chain aside"):
            path = self.folder / CHAIN
            if path.exists():
                path.rename(path.with_name(f"{CHAIN}.before-{stamp}"))
                sync_folder(self.folder)

    def sweep(self) -> int:
        """Remove what killed processes left half-written, and return how many files that were."""
        with explained("sweeping the kept bytes"):
            left = list((self.folder / UNFINISHED).glob("*"))
            for path in left:
                path.unlink(missing_ok=True)
        return len(left)


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turn what the file system says into one sentence with the cure."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise EvidenceError(
            f"while {doing}: {reason}; check the room on the disk and the rights of the folder"
        ) from error


def make_folder(path: Path) -> Path:
    """Make a folder that only its owner may use, and return it; its own name is on the disk."""
    if not path.is_dir():
        for folder in (*reversed(path.parents), path):
            if not folder.is_dir():
                folder.mkdir(mode=0o700, exist_ok=True)
                sync_folder(folder.parent)
    return path


def write_through(path: Path, content: bytes) -> None:
    """Write a new file and wait until it is on the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def hash_file(path: Path) -> str:
    """Return the hex SHA-256 of a file, read in portions."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
