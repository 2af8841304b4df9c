"""The process that workers are forked from: everything is loaded and warm before the first fork.

Loading takes seconds (the language model, the date parser, the keywords), a fork some
milliseconds, so a worker that was killed is replaced at once.  One zygote serves several clients
(crawl children, commands); when a client goes, its workers are killed.

    host  → zygote   {"setup"} once, then {"client"} with a socket for each client
    client → zygote  {"fork": id} with a socket for the worker, {"kill": id}, {"version"}

Asked and answered one line of JSON at a time.  Single-threaded, as whatever forks must be.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from monitor.errors import StationwatchError
from spiders.warm import warm_up
from spiders.work import WorkerSetup
from spiders.worker import Job, work_until_closed

LONGEST_LINE = 1024 * 1024
MOST_WORKERS = 64
ANSWER_SECONDS = 5.0


def load(name: str) -> Callable[..., Any]:
    """Return the function that `module:function` names."""
    module, _, attribute = name.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return function


def build_job(setup: WorkerSetup) -> Job:
    """Return what workers do, with everything loaded that they will need."""
    preparer = load(setup.factory)(**setup.arguments)
    read = load(setup.reader)
    return Job(preparer=preparer, read=read, rules_version=warm_up(preparer, read))


class Zygote:
    """Fork workers on request, and answer for how they ended."""

    def __init__(self, job: Job, host: socket.socket) -> None:
        self._job = job
        self._host = host
        self._selector = selectors.DefaultSelector()
        self._workers: dict[tuple[int, int], int] = {}  # (client, worker id) → pid

    def serve(self) -> None:
        """Serve until the host closes its end."""
        self._selector.register(self._host, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                sock = key.fileobj
                assert isinstance(sock, socket.socket)
                if not self._serve_one(sock):
                    return

    def _serve_one(self, sock: socket.socket) -> bool:
        try:
            line, fds, _, _ = socket.recv_fds(sock, LONGEST_LINE, 1)
        except OSError:
            line, fds = b"", []
        if not line:
            if sock is self._host:
                self._kill_all()
                return False
            self._drop(sock)
            return True
        try:
            answer = self._obey(sock, json.loads(line), fds)
            sock.sendall(json.dumps(answer).encode() + b"\n")
        except (ValueError, LookupError, TypeError, OSError):
            # A client that talks nonsense, or does not listen, is dropped, and the others go on.
            for fd in fds:
                with contextlib.suppress(OSError):
                    os.close(fd)
            self._drop(sock)
        return True

    def _obey(self, sock: socket.socket, request: dict[str, Any], fds: list[int]) -> dict[str, Any]:
        if "version" in request:
            return {"version": self._job.rules_version}
        if "client" in request and sock is self._host:
            client = socket.socket(fileno=fds[0])
            client.settimeout(ANSWER_SECONDS)
            self._selector.register(client, selectors.EVENT_READ)
            return {}
        if "fork" in request:
            if sum(client == sock.fileno() for client, _ in self._workers) >= MOST_WORKERS:
                raise LookupError("too many workers")
            return {"pid": self._fork(sock, int(request["fork"]), fds[0])}
        return {"status": self._end((sock.fileno(), int(request["kill"])))}

    def _fork(self, client: socket.socket, worker: int, fd: int) -> int:
        pid = os.fork()
        if pid == 0:
            self._become_worker(fd)
        os.close(fd)
        replaced = self._workers.pop((client.fileno(), worker), None)
        if replaced is not None:
            end_process(replaced)
        self._workers[client.fileno(), worker] = pid
        return pid

    def _become_worker(self, fd: int) -> None:
        status = 1
        try:
            for key in list(self._selector.get_map().values()):
                assert isinstance(key.fileobj, socket.socket)
                key.fileobj.close()
            self._selector.close()
            work_until_closed(socket.socket(fileno=fd), self._job)
            status = 0
        finally:
            os._exit(status)

    def _end(self, worker: tuple[int, int]) -> int | None:
        """Kill a worker that still runs, and return how it ended (minus the signal's number)."""
        pid = self._workers.pop(worker, None)
        if pid is None:
            return None
        # One that died by itself is a zombie until here, so its number is still its own. It gets a
        # moment to finish dying: its socket closes before it does.
        for _ in range(20):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.002)
        return end_process(pid)

    def _drop(self, client: socket.socket) -> None:
        for worker in [each for each in self._workers if each[0] == client.fileno()]:
            end_process(self._workers.pop(worker))
        self._selector.unregister(client)
        client.close()

    def _kill_all(self) -> None:
        for pid in self._workers.values():
            end_process(pid)


def end_process(pid: int) -> int:
    """Kill a child of this process, and return how it ended."""
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> None:
    """Serve the host at the socket whose number is the first argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the host's to handle
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold pages
    host = socket.socket(fileno=int(sys.argv[1]))
    line = host.makefile("rb").readline(LONGEST_LINE)
    if not line:
        return
    try:
        job = build_job(WorkerSetup(**json.loads(line)["setup"]))
    except StationwatchError as error:
        host.sendall(json.dumps({"failed": str(error)}).encode() + b"\n")
        return
    gc.collect()
    gc.freeze()  # pages that the collector does not touch stay shared with the workers
    host.sendall(json.dumps({"ready": job.rules_version}).encode() + b"\n")
    Zygote(job, host).serve()


if __name__ == "__main__":
    main()
