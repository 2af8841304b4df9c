"""Jobs that commands hand to the running service, since only one process may write.

    command ─ ID.json (renamed into place) ─▶ service: run by name ─ ID.done ─▶ command prints

The folder is the data folder's own (0700), so whoever may write there may write the database, too.
"""

from __future__ import annotations

import contextlib
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.errors import StationwatchError
from monitor.jobs.watch import Watch
from monitor.log import get_logger

log = get_logger("spool")

FOLDER = "spool"
WAIT = 0.2
PATIENCE = 60.0
"""Seconds that a command waits for the service to take its job; longer while it works on it."""

LONGEST = 64 * 1024

Handler = Callable[[Watch, Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the service answered: `said` is the job's own result, `problem` why there is none."""

    said: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None


def hand_over(
    data: Path,
    job: str,
    arguments: Mapping[str, Any],
    *,
    patience: float = PATIENCE,
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

    def add(self, job: str, handler: Handler) -> None:
        """Know one more job."""
        self._handlers[job] = handler

    def has_work(self, data: Path) -> bool:
        """Say whether a job was handed over."""
        return any((data / FOLDER).glob("*.json"))

    def work(self, watch: Watch) -> int:
        """Run every job that was handed over and return how many; a failure is its answer.

        The order is renamed before it is worked on, so that a job that kills the service is not
        run again at every start.
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
            _write(
                order.with_suffix(".done"), {"said": dict(answer.said), "problem": answer.problem}
            )
            taken.unlink(missing_ok=True)
            done += 1
        return done

    def sweep(self, data: Path) -> None:
        """Answer for jobs that an earlier service died of, so that nobody waits for them."""
        for taken in (data / FOLDER).glob("*.taken"):
            ended = {"said": {}, "problem": "the service ended in the middle of it"}
            _write(taken.with_suffix(".done"), ended)
            taken.unlink(missing_ok=True)

    def _run(self, watch: Watch, taken: Path) -> Answer:
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
            return Answer(said=handler(watch, arguments))
        except StationwatchError as error:
            return Answer(problem=str(error))
        except Exception as error:
            log.exception("job from the spool broke", job=job)
            return Answer(problem=f"broke inside Stationwatch: {error!r}")


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
