"""Check every kept file and the whole chain, and name what is not as it was kept (P8, FAULTS G4).

What is found: a byte flipped, a file replaced or missing; a link changed, removed, moved, or cut
off the end. What cannot be found from inside: all of it, the record included, replaced by somebody
who recomputes every hash; for that, a digest states the head of the chain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from monitor.errors import EvidenceError
from monitor.evidence import record
from monitor.evidence.purge import read_tombstones
from monitor.evidence.store import BODIES, CHAIN, DAMAGED, HEADERS, EvidenceStore, hash_file
from monitor.model import EvidenceLink, EvidenceProblem, Verification
from monitor.model.evidence import FIRST_PREVIOUS, Tombstone, hash_link


def verify(
    store: EvidenceStore,
    links: Iterable[EvidenceLink],
    *,
    purges: Iterable[EvidenceLink] = (),
) -> Verification:
    """Check `links`, the whole chain in its order, against themselves, the record and the files.

    `purges` are those of the links that hold removals; what they removed may be missing.
    Streams: memory does not grow with the chain, only with the problems and removals.
    """
    walk = _Walk(
        store=store,
        recorded=record.read(store.folder / CHAIN),
        tombstones=read_tombstones(store, purges),
    )
    for link in links:
        walk.check_link(link)
    walk.finish()
    return Verification(
        checked=walk.checked,
        problems=tuple(walk.problems),
        head=walk.head,
        purged=tuple(walk.purged),
    )


@dataclass
class _Walk:
    """One pass over the chain, with the record read in step."""

    store: EvidenceStore
    recorded: Iterator[tuple[int, str] | None]
    tombstones: Mapping[int, Tombstone] = field(default_factory=dict)
    purged: list[Tombstone] = field(default_factory=list)
    problems: list[EvidenceProblem] = field(default_factory=list)
    checked: int = 0
    last: int = 0
    head: str = FIRST_PREVIOUS
    waiting: tuple[int, str] | None = None
    last_recorded: int = 0

    def check_link(self, link: EvidenceLink) -> None:
        self.checked += 1
        follows = self._check_gap(link)
        purged = self._check_tombstone(link)
        if not (purged and not link.url) and _hash_again(link) != link.hash:
            self._found(link.seq, "link changed", "its values no longer give its hash")
        elif follows and link.previous != self.head:
            self._found(link.seq, "order changed", f"it does not follow link {link.seq - 1}")
        self._check_record(link)
        if not purged:
            self._check_file(link, BODIES, link.sha256)
            self._check_file(link, HEADERS, link.headers_sha256)
        self.last, self.head = link.seq, link.hash

    def _check_tombstone(self, link: EvidenceLink) -> bool:
        """Say whether the page of this link was removed, by a removal in the chain.

        Its address may be gone, and with it what its hash could be made of again; the hash itself
        has to be the one that the removal, the record and the next link know.
        """
        tombstone = self.tombstones.get(link.seq)
        if tombstone is None:
            return False
        if tombstone.hash != link.hash:
            self._found(link.seq, "link changed", "it has not the hash that its removal names")
        self.purged.append(tombstone)
        return True

    def _check_gap(self, link: EvidenceLink) -> bool:
        """Name the links that are missing before this one; say whether there are none."""
        if link.seq == self.last + 1:
            return True
        for missing in range(self.last + 1, link.seq):
            self._found(missing, "link removed", "it is not in the chain any more")
        if link.seq <= self.last:
            self._found(link.seq, "order changed", f"it comes after link {self.last}")
        return False

    def _check_record(self, link: EvidenceLink) -> None:
        hash_then = self._recorded_hash(link.seq)
        if hash_then is not None and hash_then != link.hash:
            self._found(link.seq, "link changed", "it had another hash when it was recorded")

    def _recorded_hash(self, seq: int) -> str | None:
        """Return the recorded hash of a link, reading the record as far as that."""
        while self.waiting is None or self.waiting[0] < seq:
            if not self._read_record():
                return None
        assert self.waiting is not None
        return self.waiting[1] if self.waiting[0] == seq else None

    def _read_record(self) -> bool:
        for line in self.recorded:
            if line is None or line[0] != self.last_recorded + 1:
                self._found(
                    None, "record changed", f"{CHAIN} is not whole after link {self.last_recorded}"
                )
            if line is not None:
                self.waiting, self.last_recorded = line, line[0]
                return True
        return False

    def _check_file(self, link: EvidenceLink, kind: str, sha256: str) -> None:
        try:
            path = self.store.path_of(kind, sha256)
            actual = hash_file(path)
        except EvidenceError:
            return  # no hash at all: named as a changed link
        except FileNotFoundError:
            self._found(link.seq, "file missing", f"{kind}: {sha256} of {link.url} is not there")
            return
        except OSError as error:
            self._found(link.seq, "file unreadable", f"{kind}: {sha256} of {link.url}: {error}")
            return
        if actual != sha256:
            self._found(
                link.seq, "file changed", f"{kind}: {sha256} of {link.url} now has hash {actual}"
            )

    def finish(self) -> None:
        """Name what the record knows beyond the end of the chain, and what was damaged before."""
        while self._read_record():
            pass
        for missing in range(self.last + 1, self.last_recorded + 1):
            self._found(missing, "tail cut", "it was recorded, and is not in the chain any more")
        if self.last and not self.last_recorded:
            self._found(None, "record missing", f"{CHAIN} is gone; an end cut off would not show")
        for path in sorted((self.store.folder / DAMAGED).glob("*")):
            self._found(
                None, "file changed", f"{path.name} was found damaged, and the same bytes kept anew"
            )

    def _found(self, seq: int | None, kind: str, problem: str) -> None:
        where = "" if seq is None else f"link {seq}: "
        self.problems.append(EvidenceProblem(seq=seq, kind=kind, problem=f"{where}{problem}"))


def _hash_again(link: EvidenceLink) -> str:
    return hash_link(
        seq=link.seq,
        sha256=link.sha256,
        headers_sha256=link.headers_sha256,
        url=link.url,
        time=link.time,
        previous=link.previous,
    )
