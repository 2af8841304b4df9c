"""Power cuts, simulated: what the disk may hold when the power fails between two system calls.

A writer works under strace, which logs every write, synchronisation and rename with its bytes, and
every acknowledgement, in one order.  The log is then cut at a random place, and the folder built as
a disk may leave it: what was synchronised is there; of the rest each sector is there or not, in no
order; names are as far as they were synchronised, and a little further.  The folder is opened, and
whatever was acknowledged before the cut has to be in it.

    python -m tests.storage.power_cut --cuts 1000 [--synchronous NORMAL]
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from monitor.errors import StorageError
from monitor.evidence.store import EvidenceStore
from monitor.evidence.verify import verify
from monitor.model import StoryFilter
from storage.connection import Connection
from storage.database import Storage
from tests.storage.building import Desk, HeldClock

SECTOR = 512
ACKNOWLEDGED = b"stored "
CALLS = "openat,pwrite64,write,ftruncate,fsync,fdatasync,rename,unlink,close"


def work(folder: Path, synchronous: str, commits: int) -> None:
    """Commit, checkpoint and acknowledge; what strace watches."""
    clock = HeldClock()
    storage = Storage.open_writer(folder, clock)
    connection: Connection = storage.runs._connection
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("PRAGMA wal_autocheckpoint = 60")  # pages: the WAL begins anew often
    evidence = EvidenceStore(folder / "evidence")
    desk = Desk(storage, clock)
    for number in range(commits):
        kept = evidence.keep(
            b"bytes %d " % number * 300, headers=(), url=f"u{number}", fetched_at=clock.now()
        )
        with storage.transaction():
            storage.evidence.append(kept)
            desk.owe(number)
        os.write(1, ACKNOWLEDGED + b"%d\n" % number)
        evidence.record_links(storage.evidence.read_links(after=evidence.last_recorded()))
        if number % 15 == 14:
            storage.checkpoint()
    os._exit(0)  # closing would hide what was not synchronised


@dataclass
class Inode:
    """A file: what is on the disk for sure, and what was written since."""

    safe: bytes = b""
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)  # None: cut to this size
    size: int = 0


@dataclass
class Disk:
    """What the calls so far have left, and what of it a power cut could not take."""

    root: str
    names: dict[str, Inode] = field(default_factory=dict)
    safe_names: dict[str, Inode] = field(default_factory=dict)
    renames: list[tuple[str, str | None]] = field(default_factory=list)
    places: dict[int, tuple[str, int]] = field(default_factory=dict)
    folders: dict[int, str] = field(default_factory=dict)
    acknowledged: list[int] = field(default_factory=list)

    def do(self, call: Call) -> None:
        handler = getattr(self, f"_{call.name}", None)
        if handler is not None:
            handler(call)

    def _openat(self, call: Call) -> None:
        path = call.texts[0]
        if not path.startswith(self.root):
            return
        if path not in self.names and "O_CREAT" in call.line:
            self.names[path] = Inode()
        if path not in self.names:
            self.folders[call.result] = path
            return
        appends = "O_APPEND" in call.line
        self.places[call.result] = (path, self.names[path].size if appends else 0)

    def _close(self, call: Call) -> None:
        self.places.pop(call.number, None)
        self.folders.pop(call.number, None)

    def _write(self, call: Call) -> None:
        content = call.bytes_at(0)
        if call.number == 1 and content.startswith(ACKNOWLEDGED):
            self.acknowledged.append(int(content.split()[1]))
        elif call.number in self.places:
            path, at = self.places[call.number]
            self._put(path, at, content[: call.result])
            self.places[call.number] = (path, at + call.result)

    def _pwrite64(self, call: Call) -> None:
        if call.number in self.places:
            self._put(self.places[call.number][0], call.last_number(), call.bytes_at(0))

    def _put(self, path: str, at: int, content: bytes) -> None:
        inode = self.names[path]
        inode.pending.append((at, content))
        inode.size = max(inode.size, at + len(content))

    def _ftruncate(self, call: Call) -> None:
        if call.number in self.places:
            inode = self.names[self.places[call.number][0]]
            inode.pending.append((call.last_number(), None))
            inode.size = call.last_number()

    def _fsync(self, call: Call) -> None:
        if call.number in self.folders:
            self._keep_names(self.folders[call.number])
        if call.number not in self.places:
            return
        path = self.places[call.number][0]
        inode = self.names[path]
        inode.safe = apply(inode.safe, inode.pending)
        inode.pending.clear()
        if inode not in self.safe_names.values():
            self.safe_names[path] = inode

    _fdatasync = _fsync

    def _keep_names(self, folder: str) -> None:
        """A synchronised folder keeps the names that were given and taken in it."""
        waiting = []
        for old, new in self.renames:
            if str(Path(new or old).parent) == folder:
                give_name(self.safe_names, old, new)
            else:
                waiting.append((old, new))
        self.renames = waiting

    def _rename(self, call: Call) -> None:
        old, new = call.texts
        if old in self.names:
            self.names[new] = self.names.pop(old)
            self.renames.append((old, new))

    def _unlink(self, call: Call) -> None:
        if self.names.pop(call.texts[0], None) is not None:
            self.renames.append((call.texts[0], None))

    def cut(self, chance: random.Random, target: Path) -> None:
        """Write into `target` what a power cut now might leave."""
        names = dict(self.safe_names)
        for old, new in self.renames[: chance.randint(0, len(self.renames))]:
            give_name(names, old, new)
        share = chance.choice([0.0, 0.3, 0.7, 1.0])
        for path, inode in names.items():
            place = target / Path(path).relative_to(self.root)
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.touch(mode=0o600)
            place.write_bytes(tear(inode, chance, share))


def give_name(names: dict[str, Inode], old: str, new: str | None) -> None:
    """Rename in `names`, or remove where there is no new name."""
    inode = names.pop(old, None)
    if inode is not None and new is not None:
        names[new] = inode


def apply(content: bytes, writes: list[tuple[int, bytes | None]]) -> bytes:
    """Return `content` after all of `writes`."""
    out = bytearray(content)
    for at, written in writes:
        if written is None:
            del out[at:]
            out.extend(bytes(at - len(out)))
        else:
            out.extend(bytes(max(0, at + len(written) - len(out))))
            out[at : at + len(written)] = written
    return bytes(out)


def tear(inode: Inode, chance: random.Random, share: float) -> bytes:
    """Return a file of whose pending writes about `share` of the sectors reached the disk."""
    kept: list[tuple[int, bytes | None]] = []
    for at, written in inode.pending:
        if written is None:
            if chance.random() < share:
                kept.append((at, None))
            continue
        start = 0
        while start < len(written):
            length = min(SECTOR - (at + start) % SECTOR, len(written) - start)
            if chance.random() < share:
                kept.append((at + start, written[start : start + length]))
            start += length
    return apply(inode.safe, kept)


STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True)
class Call:
    """One line of strace."""

    name: str
    line: str
    result: int

    @property
    def number(self) -> int:
        found = re.match(r"\w+\((\d+)", self.line)
        return int(found[1]) if found else -1

    @property
    def texts(self) -> list[str]:
        return [decode(text).decode() for text in STRING.findall(self.line)]

    def bytes_at(self, position: int) -> bytes:
        return decode(STRING.findall(self.line)[position])

    def last_number(self) -> int:
        return int(self.line[: self.line.rindex(")")].rsplit(", ", 1)[1])


def decode(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def read_calls(log: Path) -> Iterator[Call]:
    """Yield the calls that succeeded."""
    for line in log.read_text().splitlines():
        found = re.match(r"(?:\d+ +)?((\w+)\(.*) = (\d+)", line)
        if found:
            yield Call(name=found[2], line=found[1], result=int(found[3]))


def record(folder: Path, log: Path, *, synchronous: str, commits: int) -> None:
    """Let a writer work in `folder` under strace."""
    Storage.create(folder, HeldClock()).close()
    trace = ["strace", "-qq", "-xx", "-s", "1000000", "-e", f"trace={CALLS}", "-o", str(log)]
    child = [sys.executable, "-m", "tests.storage.power_cut", "--work", str(folder), str(commits)]
    child += ["--synchronous", synchronous]
    root = Path(__file__).parents[2]
    subprocess.run([*trace, *child], check=True, cwd=root, stdout=subprocess.DEVNULL)


def begin_disk(folder: Path) -> Disk:
    """Return a disk that safely holds what is in `folder`."""
    disk = Disk(root=str(folder))
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            disk.names[str(path)] = Inode(safe=content, size=len(content))
    disk.safe_names = dict(disk.names)
    return disk


@dataclass
class Result:
    """How many cuts were made, and what went wrong after how many."""

    cuts: int = 0
    acknowledged: int = 0
    lost: int = 0
    damaged: int = 0
    examples: list[str] = field(default_factory=list)


def run(work_folder: Path, *, cuts: int, synchronous: str, commits: int, seed: int) -> Result:
    """Record a writer once, cut its log `cuts` times, and check what is left each time."""
    folder, log = work_folder / "var", work_folder / "calls"
    folder.mkdir(parents=True)
    before = work_folder / "before"
    Storage.create(before, HeldClock()).close()
    folder.rmdir()
    record(folder, log, synchronous=synchronous, commits=commits)
    disk = Disk(root=str(folder))
    clean = begin_disk(before)
    for path, inode in clean.names.items():
        disk.names[str(folder / Path(path).relative_to(before))] = inode
    disk.safe_names = dict(disk.names)
    calls = list(read_calls(log))
    chance, result = random.Random(seed), Result()
    places = sorted(chance.randrange(len(calls)) for _ in range(cuts))
    done = 0
    for place in places:
        for call in calls[done:place]:
            disk.do(call)
        done = max(done, place)
        target = work_folder / "cut"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(mode=0o700)
        disk.cut(chance, target)
        judge(target, disk.acknowledged, result, place)
    result.acknowledged = len(disk.acknowledged)
    return result


def judge(folder: Path, acknowledged: list[int], result: Result, place: int) -> None:
    """Open what a cut left, and count what is missing or damaged."""
    result.cuts += 1
    try:
        with Storage.open_writer(folder, HeldClock()) as storage:
            problems = list(storage.check())
            told = {story.title for story in storage.stories.iterate(StoryFilter())}
            if not len(told) == storage.outbox.count().owed == storage.last_commit():
                problems.append("a commit is in pieces")
            evidence = EvidenceStore(folder / "evidence")
            evidence.record_links(storage.evidence.read_links(after=evidence.last_recorded()))
            checked = verify(evidence, storage.evidence.read_links())
            problems += [problem.problem for problem in checked.problems]
    except StorageError as error:
        told, problems = set(), [str(error)]
    missing = {f"Police station number {number} closes" for number in acknowledged} - told
    result.lost += bool(missing)
    result.damaged += bool(problems)
    if missing or problems:
        result.examples.append(f"call {place}: {len(missing)} missing, {problems[:2]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=300)
    parser.add_argument("--commits", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--synchronous", choices=["FULL", "NORMAL"], default="FULL")
    parser.add_argument("--work", nargs=2, metavar=("FOLDER", "COMMITS"))
    given = parser.parse_args()
    if given.work:
        work(Path(given.work[0]), given.synchronous, int(given.work[1]))
    with tempfile.TemporaryDirectory() as folder:
        result = run(
            Path(folder),
            cuts=given.cuts,
            synchronous=given.synchronous,
            commits=given.commits,
            seed=given.seed,
        )
    print(  # noqa: T201  # a script prints its figures
        f"{given.synchronous}: {result.cuts} power cuts over {result.acknowledged} commits: "
        f"{result.lost} lost acknowledged commits, {result.damaged} left damage"
    )
    for example in result.examples[:5]:
        print(f"  {example}")  # noqa: T201


if __name__ == "__main__":
    main()
