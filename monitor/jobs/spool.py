"""Jobs that commands hand to the running service, since only one process may write.

    command ─ ID.json (renamed into place) ─▶ service: run by name ─ ID.done ─▶ command prints
                                              a long job: a slice a turn ─ ID.progress ─▶ bar

The folder is the data folder's own (0700), so whoever may write there may write the database, too.
"""

from __future__ import annotations

import contextlib
import json
import time
import uuid
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.errors import StationwatchError
from monitor.jobs.steps import Steps
from monitor.jobs.watch import Progress, Watch, ignore_progress
from monitor.log import get_logger

log = get_logger("spool")

FOLDER = "spool"
WAIT = 0.2
PATIENCE = 60.0
"""Seconds that a command waits for the service to take its job; longer while it works on it."""

LONGEST = 64 * 1024

SLICE = 0.4
"""Seconds of a long job that are done in one turn; the service has other things to do."""

Handler = Callable[[Watch, Mapping[str, Any]], Mapping[str, Any] | Steps[Mapping[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the service answered: `said` is the job's own result, `problem` why there is none."""

    said: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class _LongJob:
    """A job that is done a slice at a time, for the watch that it was begun with."""

    job: str
    taken: Path
    watch: Watch
    steps: Steps[Mapping[str, Any]]


def hand_over(
    data: Path,
    job: str,
    arguments: Mapping[str, Any],
    *,
    patience: float = PATIENCE,
    progress: Progress = ignore_progress,
    sleep: Callable[[float], None] = time.sleep,
) -> Mapping[str, Any]:
    """Hand a job to the running service, wait for its end, and return what it said.

    Raises StationwatchError when nobody takes it within `patience` seconds: the job is withdrawn
    then, so that it does not run behind the back of whoever gave up. What the service says went
    wrong is raised as StationwatchError, too.
    """
    folder = data / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    name = str(uuid.uuid4())
    order, answer = folder / f"{name}.json", folder / f"{name}.done"
    _write(order, {"job": job, "arguments": dict(arguments)})
    waited = 0.0
    while not answer.exists():
        sleep(WAIT)
        waited += WAIT
        _show(order.with_suffix(".progress"), progress)
        if waited >= patience and order.exists():
            with contextlib.suppress(FileNotFoundError):
                order.unlink()
                raise StationwatchError(
                    f"while handing {job!r} to the process that holds {str(data)!r}: it did not"
                    f" take it in {patience:.0f} s, and it was withdrawn; wait until that one ends"
                    " ('stationwatch status' names it), or restart the service"
                )
    found = json.loads(answer.read_text(encoding="utf-8"))
    answer.unlink()
    if found.get("problem"):
        raise StationwatchError(str(found["problem"]))
    return dict(found.get("said") or {})


class Spool:
    """The service's side: takes the jobs that lie in the folder, the oldest first."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = dict(handlers)
        self._long: _LongJob | None = None

    def add(self, job: str, handler: Handler) -> None:
        """Know one more job."""
        self._handlers[job] = handler

    def has_work(self, data: Path) -> bool:
        """Say whether a job was handed over."""
        return any((data / FOLDER).glob("*.json"))

    def work(self, watch: Watch) -> int:
        """Run every job that was handed over and return how many; a failure is its answer.

        A long one is only begun: `go_on` does the rest. The order is renamed before it is worked
        on, so that a job that kills the service is not run again at every start.
        """
        folder, done = watch.data / FOLDER, 0
        if not folder.is_dir():
            return 0
        for order in sorted(folder.glob("*.json"), key=_age):
            taken = order.with_suffix(".taken")
            try:
                order.rename(taken)
            except FileNotFoundError:
                continue  # withdrawn
            answer = self._run(watch, taken)
            if answer is not None:
                _answer(taken, answer)
            done += 1
        return done

    def go_on(self, watch: Watch) -> None:
        """Do a slice of the long job that is under way, if one is.

        One that was begun before the configuration was changed is ended: it would go on with the
        old one.
        """
        if self._long is None:
            return
        if watch is not self._long.watch:
            self._end_long("the configuration was changed meanwhile; run it again, it goes on")
            return
        ends_at, counts = time.monotonic() + SLICE, (0, 0)
        try:
            while time.monotonic() < ends_at:
                counts = next(self._long.steps)
        except StopIteration as end:
            long, self._long = self._long, None
            _answer(long.taken, Answer(said=end.value))
        except Exception as error:
            long, self._long = self._long, None
            _answer(long.taken, _explain(long.job, error))
        else:
            _write(
                self._long.taken.with_suffix(".progress"), {"done": counts[0], "total": counts[1]}
            )

    def close(self) -> None:
        """Answer for a long job that the end of the service interrupts."""
        self._end_long("the service ended in the middle of it; run it again, it goes on")

    def _end_long(self, why: str) -> None:
        if self._long is not None:
            long, self._long = self._long, None
            long.steps.close()
            _answer(long.taken, Answer(problem=f"while doing {long.job!r}: {why}"))

    def sweep(self, data: Path) -> None:
        """Answer for jobs that an earlier service died of, so that nobody waits for them."""
        for taken in (data / FOLDER).glob("*.taken"):
            ended = {"said": {}, "problem": "the service ended in the middle of it"}
            _write(taken.with_suffix(".done"), ended)
            for path in (taken, taken.with_suffix(".progress")):
                path.unlink(missing_ok=True)

    def _run(self, watch: Watch, taken: Path) -> Answer | None:
        """Return what came of a job, or None where it was only begun."""
        try:
            order = json.loads(taken.read_bytes()[:LONGEST])
            job, arguments = str(order["job"]), dict(order["arguments"])
        except (ValueError, KeyError, TypeError) as error:
            return Answer(problem=f"while reading a job from the spool: {error!r}")
        handler = self._handlers.get(job)
        if handler is None:
            return Answer(problem=f"the running service knows no job {job!r}; restart it")
        log.info("job taken", job=job)
        try:
            begun = handler(watch, arguments)
        except Exception as error:
            return _explain(job, error)
        if not isinstance(begun, Generator):
            return Answer(said=begun)
        if self._long is not None:
            begun.close()
            return Answer(problem=f"the service does {self._long.job!r} already; wait for its end")
        self._long = _LongJob(job=job, taken=taken, watch=watch, steps=begun)
        return None


def _explain(job: str, error: Exception) -> Answer:
    """Return what is said of a job that failed; called where the exception is handled."""
    if isinstance(error, StationwatchError):
        return Answer(problem=str(error))
    log.exception("job from the spool broke", job=job)
    return Answer(problem=f"broke inside Stationwatch: {error!r}")


def _answer(taken: Path, answer: Answer) -> None:
    _write(taken.with_suffix(".done"), {"said": dict(answer.said), "problem": answer.problem})
    for path in (taken, taken.with_suffix(".progress")):
        path.unlink(missing_ok=True)


def _show(path: Path, progress: Progress) -> None:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        said = json.loads(path.read_text(encoding="utf-8"))
        progress(int(said["done"]), int(said["total"]))


def _age(path: Path) -> tuple[float, str]:
    try:
        return path.stat().st_mtime, path.name
    except FileNotFoundError:
        return 0.0, path.name


def _write(path: Path, value: Mapping[str, Any]) -> None:
    unfinished = path.with_suffix(".unfinished")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(value, ensure_ascii=False, default=str), encoding="utf-8")
    unfinished.rename(path)
