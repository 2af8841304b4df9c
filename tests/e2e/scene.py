"""One watch with a growing outlet and real receivers, run and killed again and again.

    with Scene(folder) as scene:
        scene.plant(1)
        scene.run("run", "--once", step="claimed")       # ends with SIGKILL
        scene.finish()
        assert scene.lost == set()

What arrives is noted with the run that it arrived in; after every run it is noted which messages
were marked as delivered, so that a repeat can be told from one that was never marked.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from monitor.demo.world import DemoWorld
from tests.e2e.program import Program
from tests.e2e.real_input import Place
from tests.fakes.press import Outlet, Press, PressHandler, PressServer
from tests.fakes.reports import write_other, write_report

FINISHING = 20
"""Runs at most until nothing is owed any more; each does everything that is due."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One message as a receiver took it: in which run, under which id, telling of which reports."""

    run: int
    channel: str
    key: str
    reports: frozenset[str]
    digest: bool


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How one run ended, with the messages that were marked as delivered then."""

    step: str
    status: int
    left: int
    marked: frozenset[str]


class Triggers:
    """What kills the program from outside, when a server or a receiver comes to a named moment."""

    def __init__(self, kill: Callable[[], None]) -> None:
        self._kill = kill
        self._armed = ""

    def arm(self, step: str) -> None:
        """Kill at the next `step`, or never for an empty one."""
        self._armed = step

    def reach(self, step: str) -> None:
        """Kill if that is what is waited for, once."""
        if self._armed == step:
            self._armed = ""
            self._kill()


OUTSIDE = ("request sent", "body received", "mail accepted", "hook taken")


class Watched(list[Any]):
    """A receiver's list that reaches a step whenever something is put into it."""

    def __init__(self, triggers: Triggers, step: str) -> None:
        super().__init__()
        self._triggers, self._step = triggers, step

    def append(self, thing: Any) -> None:
        super().append(thing)
        self._triggers.reach(self._step)


@dataclass
class WatchedOutlet(Outlet):
    """An outlet whose server reaches a step before and after it answers for a report."""

    triggers: Triggers | None = None


class WatchedHandler(PressHandler):
    """Answers as the press does, between two steps."""

    def do_GET(self) -> None:  # noqa: N802  # http.server's name
        outlet = self.server.outlet  # type: ignore[attr-defined]
        if "/report-" not in self.path:
            super().do_GET()
            return
        outlet.triggers.reach("request sent")
        super().do_GET()
        self.wfile.flush()
        time.sleep(0.02)  # it is loopback: the body is over there by then
        outlet.triggers.reach("body received")

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # who asked was killed
            super().handle()


@dataclass
class Scene:
    """The watch, its world, and everything that was noted."""

    folder: Path
    warm: bool = False
    planted: set[str] = field(default_factory=set)
    ended: list[Ended] = field(default_factory=list)
    half_files: set[str] = field(default_factory=set)
    needs: Sequence[str] = ()
    verified: bool = False

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.place = Place(config=self.folder / "config", data=self.folder / "data")
        self.place.config.mkdir()
        self._whole: set[Path] = set()
        self._stack = contextlib.ExitStack()
        self._program = self._stack.enter_context(Program(self.folder, warm=self.warm))
        self._triggers = Triggers(self._program.kill)
        self.outlet = WatchedOutlet("growing", "feed", {}, triggers=self._triggers)
        self._serve()
        self.world = self._stack.enter_context(DemoWorld(self.place.config))
        self.world._mailbox.received = Watched(self._triggers, "mail accepted")
        self.world._hook.received = Watched(self._triggers, "hook taken")
        sources = Press([self.outlet], set()).sources_yaml()
        (self.place.config / "sources.yaml").write_text(sources, encoding="utf-8")
        self._counts: list[tuple[int, int]] = []
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _serve(self) -> None:
        server = PressServer("127.0.0.1", self.outlet)
        server.RequestHandlerClass = WatchedHandler
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        self._stack.callback(server.server_close)
        self._stack.callback(server.shutdown)

    def plant(self, number: int) -> None:
        """Publish one more report, and one more page about something else."""
        report = write_report(number)
        for text in (report, write_other(number)):
            self.outlet.pages[text.path] = text.page()
        self.planted.add(self.outlet.base + report.path)

    def run(
        self,
        *arguments: str,
        step: str = "none",
        number: int = 1,
        tree: bool = True,
        after: float | None = None,
    ) -> Ended:
        """Run one command until it ends, comes to `step`, or `after` seconds are over."""
        outside = step in OUTSIDE
        self._triggers.arm(step if outside else "")
        self._program.start(
            self.place, *arguments, step="none" if outside else step, number=number, tree=tree
        )
        timer = threading.Timer(after, self._program.kill) if after is not None else None
        if timer is not None:
            timer.start()
        self._ran = self._program.finish()
        if timer is not None:
            timer.cancel()
            timer.join()
        self._triggers.arm("")
        ended = Ended(
            step=step,
            status=self._ran.status,
            left=self._ran.left,
            marked=frozenset(self._read_marked()),
        )
        self.ended.append(ended)
        self._counts.append((len(self.world.mails), len(self.world.hooks)))
        self._look_for_half_files()
        return ended

    def document(self, *arguments: str) -> Any:
        """Run one command with --json and return what it says."""
        self.run(*arguments, "--json")
        return self._ran.document

    def _read_marked(self) -> Iterable[str]:
        """Yield the ids of the messages that are marked as delivered."""
        path = self.place.data / "stationwatch.db"
        if not path.exists():
            return
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            for row in database.execute(
                "SELECT COALESCE(gathered_in, digest_id, id) FROM outbox WHERE state = 'delivered'"
            ):
                yield str(row[0])

    def _look_for_half_files(self) -> None:
        """Read every file that others may see, once: kept bytes and messages must be whole."""
        folders = [self.place.data / "evidence" / kind for kind in ("bodies", "headers")]
        for path in (each for folder in folders for each in folder.glob("*/*")):
            if path not in self._whole:
                self._whole.add(path)
                if hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
                    self.half_files.add(str(path))
        for path in (self.place.data / "outgoing").glob("[!.]*.json"):
            if path not in self._whole:
                self._whole.add(path)
                with contextlib.suppress(ValueError):
                    json.loads(path.read_text(encoding="utf-8"))
                    continue
                self.half_files.add(str(path))

    def finish(self) -> None:
        """Let the program run undisturbed until nothing is owed or pending any more."""
        for _ in range(FINISHING):
            self.run("run", "--once")
            status = self.document("status")
            outbox = status["outbox"]
            if not (outbox["owed"] or outbox["claimed"] or status["pending"]):
                break
            time.sleep(1)
        self.needs = status["needs"]
        self.verified = self.document("verify")["ok"]

    @property
    def arrivals(self) -> list[Arrival]:
        """Return everything that receivers took, in order."""
        found = [
            Arrival(
                run=self._find_run(number, 0),
                channel="email",
                key=str(mail.message["Message-ID"]).strip("<>").partition("@")[0],
                reports=self._read_links(mail),
                digest="digest" in str(mail.message["Subject"]),
            )
            for number, mail in enumerate(self.world.mails)
        ]
        for number, hook in enumerate(self.world.hooks):
            if not hook.verified:  # the program died while it was sending: refused, not taken
                continue
            alerts = hook.payload["data"].get("alerts", ())
            found.append(
                Arrival(
                    run=self._find_run(number, 1),
                    channel="webhook",
                    key=hook.id,
                    reports=frozenset(alert["article"]["url"] for alert in alerts),
                    digest=False,
                )
            )
        return found + self._read_folder()

    def _find_run(self, number: int, which: int) -> int:
        return sum(counts[which] <= number for counts in self._counts)

    def _read_links(self, mail: Any) -> frozenset[str]:
        body = mail.message.get_body(("plain",))
        lines = {line.strip() for line in (body.get_content() if body else "").splitlines()}
        return frozenset(self.planted & lines)

    def _read_folder(self) -> list[Arrival]:
        """Return the messages in the folder; a file says nothing of when it was written again."""
        found = []
        for path in sorted((self.place.data / "outgoing").glob("[!.]*.json")):
            message = json.loads(path.read_text(encoding="utf-8"))
            alerts = message["data"].get("alerts", ())
            found.append(
                Arrival(
                    run=-1,
                    channel="folder",
                    key=message["id"],
                    reports=frozenset(alert["article"]["url"] for alert in alerts),
                    digest=message["type"].startswith("digest"),
                )
            )
        return found
