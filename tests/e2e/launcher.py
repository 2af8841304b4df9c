"""Start runs of the program, one after the other, and tell how each ended and what it left behind.

    python -m tests.e2e.launcher [KEYWORDS CACHE]    asked and answered a line of JSON at a time

Orphans of a killed run become children of this process, which waits until they have ended too.

With KEYWORDS and CACHE everything is loaded once and runs are forked from it: loading takes five
seconds of processor time, and a run a third of one. The program, its crawl child and its worker
zygote are then forked instead of started; everything else is as it always is: pipes, limits,
sockets and signals.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from spiders import child, crawl, workers, zygote
from spiders.work import WorkerSetup
from tests.e2e.stopping import be_program

PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
ORPHAN_SECONDS = 30.0
MAINS: dict[str, Callable[[], object]] = {
    "spiders.child": child.main,
    "spiders.zygote": zygote.main,
}


class Forked:
    """What the program uses of `subprocess.Popen`, for its own two kinds of children."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        pass_fds: Sequence[int],
        env: Mapping[str, str],
        start_new_session: bool = False,
        **_streams: Any,
    ) -> None:
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            if start_new_session:
                os.setsid()
            close_all_but(pass_fds)
            os.environ.clear()
            os.environ.update(env)
            sys.argv = [command[2], *command[3:]]
            end_with(MAINS[command[2]])

    def poll(self) -> int | None:
        """Return how it ended, or None while it runs."""
        if self.returncode is None:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return how it ended; raises TimeoutExpired."""
        ends = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if ends is not None and time.monotonic() > ends:
                raise subprocess.TimeoutExpired("forked", timeout or 0)
            select.select([], [], [], 0.002)
        return status

    def kill(self) -> None:
        """Send SIGKILL."""
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def close_all_but(kept: Sequence[int]) -> None:
    """Close every descriptor but the standard ones and `kept`, as `subprocess` does."""
    for entry in list(Path("/proc/self/fd").iterdir()):
        if int(entry.name) > 2 and int(entry.name) not in kept:
            with contextlib.suppress(OSError):
                os.close(int(entry.name))


def end_with(main: Callable[[], object]) -> None:
    """Call `main`, and end the process with what it returns."""
    status = 1
    try:
        found = main()
        status = found if isinstance(found, int) else 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def load_all(keywords: str, cache: str) -> None:
    """Load what every run would load, and have children forked from here on."""
    import monitor.jobs.digests
    import monitor.jobs.once
    import monitor.jobs.status
    import monitor.wiring  # noqa: F401

    job = zygote.build_job(WorkerSetup(arguments={"keywords": keywords, "cache": cache}))
    zygote.build_job = lambda _setup: job
    forking = SimpleNamespace(
        Popen=Forked, DEVNULL=subprocess.DEVNULL, TimeoutExpired=subprocess.TimeoutExpired
    )
    workers.subprocess = crawl.subprocess = forking  # type: ignore[assignment]


def start(asked: Mapping[str, Any], *, warm: bool) -> int:
    """Start one run as a child of this process and return its process id."""
    how = json.dumps({name: asked[name] for name in ("step", "number", "tree", "later")})
    command = [sys.executable, "-m", "tests.e2e.stopping", how, *asked["arguments"]]
    pid = os.fork()
    if pid == 0:
        for stream, name in ((1, "out"), (2, "err")):
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            os.dup2(os.open(asked[name], flags, 0o600), stream)
        os.setsid()
        if not warm:
            os.execv(sys.executable, command)
        end_with(lambda: be_program(how, asked["arguments"]))
    return pid


def wait_for_orphans() -> int:
    """Wait until nothing that a run started is left, and return how much still is after a while."""
    ends = time.monotonic() + ORPHAN_SECONDS
    while time.monotonic() < ends:
        try:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                time.sleep(0.005)
        except ChildProcessError:
            return 0
    return len(Path("/proc/self/task").joinpath(str(os.getpid()), "children").read_text().split())


def tell(**said: int) -> None:
    """Answer one line."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Start one run for each line, and tell its process id, then how it ended."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    warm = len(sys.argv) == 3
    if warm:
        load_all(sys.argv[1], sys.argv[2])
    for line in sys.stdin:
        pid = start(json.loads(line), warm=warm)
        tell(pid=pid)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        tell(status=status, left=wait_for_orphans())


if __name__ == "__main__":
    main()
