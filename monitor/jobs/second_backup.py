"""The nightly backup once more, in a second folder: begun, watched and judged by the service.

nightly backup ─ a process copies it (second_copy.py) ─ how it went is kept ─ told when not well
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from monitor.jobs.second_copy import REMEMBERED, SecondCopy, read_json
from monitor.jobs.watch import Watch
from monitor.log import get_logger
from monitor.model import Proof
from spiders.workers import child_environment
from storage.files import BACKUPS

log = get_logger("backup")

PROOF = "second backup"
AGAIN = timedelta(hours=1)
LATE = timedelta(hours=49)
LONGEST = timedelta(hours=12)
"""After so long a copy is given up: its share does not answer."""
LOOK_SECONDS = 10.0
TOLD_AS = "storage:second-backup"


@dataclass
class _UnderWay:
    process: subprocess.Popen[bytes]
    folder: str
    began: float
    given_up: bool = False


class SecondBackup:
    """One copy at a time, in a process of its own; the service only ever asks whether it ended."""

    def __init__(self) -> None:
        self._under_way: _UnderWay | None = None

    def turn(self, watch: Watch) -> None:
        """Begin a copy when one is due, and keep how the last one went."""
        folder, now = watch.settings.data.second_backup, watch.clock.now()
        if self._under_way is not None:
            self._follow(watch, self._under_way, now)
        elif folder is not None and is_due(watch, folder, now):
            self._under_way = _UnderWay(
                process=_start(watch, folder, now), folder=folder, began=watch.clock.monotonic()
            )

    def close(self, watch: Watch) -> None:
        """Keep how a copy went that has ended; one under way is no backup, and is written anew."""
        if self._under_way is None:
            return
        if self._under_way.process.poll() is not None:
            self._follow(watch, self._under_way, watch.clock.now())
        else:
            _leave(self._under_way.process)
            self._under_way = None

    def _follow(self, watch: Watch, under_way: _UnderWay, now: datetime) -> None:
        process = under_way.process
        if process.poll() is None:
            taken = timedelta(seconds=watch.clock.monotonic() - under_way.began)
            if taken > LONGEST and not under_way.given_up:
                under_way.given_up = True
                process.kill()
                problem = (
                    f"while copying the backup to {under_way.folder!r}: it has gone on for"
                    f" {LONGEST // timedelta(hours=1)} hours; does the disk or share still answer?"
                )
                watch.storage.proofs.keep(PROOF, at=now, problem=problem)
            return
        self._under_way = None
        done = _read_answer(process)
        if under_way.given_up:
            return
        watch.storage.proofs.keep(PROOF, at=now, problem=done.problem)
        log.info("second backup", problem=done.problem, files=done.files, same_disk=done.same_disk)


def is_due(watch: Watch, folder: str, now: datetime) -> bool:
    """Say whether a copy is due: after each nightly backup, in a new folder, or after a failure."""
    nightly, last = watch.storage.proofs.find("backup"), watch.storage.proofs.find(PROOF)
    if nightly is None:
        return False
    if last is None or last.tried_at > now:
        return True
    if last.problem is not None:
        return now - last.tried_at >= AGAIN
    return nightly.tried_at > last.tried_at or _last_folder(watch) != folder


def _last_folder(watch: Watch) -> object:
    return read_json(watch.data / BACKUPS / REMEMBERED).get("folder")


def judge_second(watch: Watch) -> str | None:
    """Return what is wrong with the second backup, None where all is well or none is wanted."""
    last: Proof | None = watch.storage.proofs.find(PROOF)
    if watch.settings.data.second_backup is None or last is None:
        return None
    if last.problem is None and watch.clock.now() - last.tried_at < LATE:
        return None
    return last.problem or f"the last one was made on {last.tried_at:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, kw_only=True)
class SecondState:
    """How the copies in the second folder stand.

    `made` is when the last was made, None before the first; `problem` is why the last try failed,
    `missing` why none can be made now. `told`: the keeper was told that there is no new one.
    """

    folder: str
    made: datetime | None
    problem: str | None
    missing: str | None
    told: bool

    @property
    def need(self) -> str | None:
        """Return what a person has to do, None where nothing is or the keeper was told."""
        if self.missing is None or self.told:
            return None
        return f"no backup can go to the second folder: {self.missing}"


def read_second(watch: Watch) -> SecondState | None:
    """Return how the copies in the second folder stand now, None where none are wanted."""
    folder = watch.settings.data.second_backup
    if folder is None:
        return None
    last = watch.storage.proofs.find(PROOF)
    return SecondState(
        folder=folder,
        made=last.proved_at if last else None,
        problem=last.problem if last else None,
        missing=look_at_second(watch.data, folder).problem,
        told=any(each.key == TOLD_AS for each in watch.storage.notices.read_lasting()),
    )


def look_at_second(data: Path, folder: str) -> SecondCopy:
    """Say whether the folder can take copies, within some seconds, whatever its disk does."""
    process = _run(data, folder)
    try:
        process.wait(timeout=LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        _leave(process)
        return SecondCopy(
            problem=f"while looking at {folder!r}: no answer in {LOOK_SECONDS:.0f} s; does the disk"
            " or share still answer?"
        )
    return _read_answer(process)


def _start(watch: Watch, folder: str, now: datetime) -> subprocess.Popen[bytes]:
    oldest = now - timedelta(days=watch.settings.data.keep_backups)
    return _run(watch.data, folder, oldest.isoformat())


def _run(data: Path, folder: str, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, "-m", "monitor.jobs.second_copy", str(data), folder, *more],
        env=child_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _leave(process: subprocess.Popen[bytes]) -> None:
    """End a process, and wait no longer for it than it may need where its disk answers."""
    process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=1.0)
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def _read_answer(process: subprocess.Popen[bytes]) -> SecondCopy:
    """Return what a process that has ended said; it says too little to fill a pipe."""
    said, complained = process.communicate()
    try:
        return SecondCopy(**json.loads(said.splitlines()[-1]))
    except (ValueError, IndexError, TypeError):
        log.error("second backup broke", said=complained.decode("utf-8", "replace"))
        return SecondCopy(
            problem=f"what copies it ended with {process.returncode}; the log tells more"
        )


def check_second(data: Path, folder: str) -> tuple[str | None, str | None]:
    """Return what is wrong with a second folder, and what is worth a warning."""
    found = look_at_second(data, folder)
    warning = (
        f"the second folder for backups, {folder!r}, is on the same disk as the data: a disk that"
        " dies takes both along, unless something else carries that folder away"
        if found.problem is None and found.same_disk
        else None
    )
    return found.problem, warning
