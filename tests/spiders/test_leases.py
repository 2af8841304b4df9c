"""Hosts that two programs ask: never at once, pauses kept, the live watch first (P5)."""

from __future__ import annotations

import asyncio
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Coroutine
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import pytest

from spiders import leases
from spiders.errors import HostHeld
from spiders.leases import GAVE_WAY, Leases, asked_to_wait, place_of

HOST = "daily.example.org"


class Clock(selectors.DefaultSelector):
    """Time that passes only while nobody has anything to do: a busy machine changes no order."""

    passed = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            Clock.passed += timeout
        return ready

    @staticmethod
    def now() -> float:
        return Clock.passed


class Loop(asyncio.SelectorEventLoop):
    """A loop by that clock."""

    def __init__(self) -> None:
        super().__init__(Clock())

    def time(self) -> float:
        return Clock.now()


open_leases = partial(Leases, monotonic=Clock.now)
T = TypeVar("T")


def play(main: Coroutine[Any, Any, T]) -> T:
    """Return what `main` returns, by the clock of these tests."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(main)


class Book:
    """Who asked a host, from when to when, by the loop's clock."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, float, float]] = []

    async def ask(
        self, program: Leases, who: str, *, seconds: float = 0.02, pause: float = 0.0
    ) -> None:
        now = asyncio.get_running_loop().time
        async with program.hold(HOST, lambda: pause):
            begun = now()
            try:
                await asyncio.sleep(seconds)
            finally:
                self.rows.append((who, begun, now()))

    @property
    def order(self) -> list[str]:
        return [who for who, _, _ in self.rows]

    @property
    def gaps(self) -> list[float]:
        rows = sorted(self.rows, key=lambda row: row[1])
        return [after[1] - before[2] for before, after in pairwise(rows)]


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "hosts.lease")


def test_two_programs_never_ask_a_host_at_once_and_keep_its_pause(file: str) -> None:
    live, backfill = open_leases(file), open_leases(file, gives_way=True)
    book = Book()

    async def program(which: Leases, who: str) -> None:
        for _ in range(4):
            await book.ask(which, who, pause=0.15)
            await asyncio.sleep(0.15)  # a crawl's own slot keeps its own pause

    async def both() -> None:
        await asyncio.gather(program(live, "live"), program(backfill, "backfill"))

    play(both())
    assert len(book.rows) == 8
    assert min(book.gaps) >= 0.15 - 1e-6


def test_other_hosts_wait_for_nobody(file: str) -> None:
    live, backfill = open_leases(file), open_leases(file, gives_way=True)

    async def both() -> bool:
        async with live.hold(HOST, lambda: 60.0), backfill.hold("other.example", lambda: 60.0):
            return True

    assert play(asyncio.wait_for(both(), 5))


def test_live_request_that_waits_goes_before_a_backfill_that_waited_first(file: str) -> None:
    holder, live, backfill = open_leases(file), open_leases(file), open_leases(file, gives_way=True)
    book = Book()

    async def all_three() -> None:
        first = asyncio.create_task(book.ask(holder, "holder", seconds=0.5))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(book.ask(backfill, "backfill"))
        await asyncio.sleep(0.1)
        await asyncio.gather(first, second, book.ask(live, "live"))

    play(all_three())
    assert book.order == ["holder", "live", "backfill"]


def test_backfill_ends_a_request_that_keeps_a_live_one_waiting(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So long a host may dawdle with a backfill's page; a live look waits some seconds at most."""
    monkeypatch.setattr(leases, "COURTESY", 0.3)
    live, backfill = open_leases(file), open_leases(file, gives_way=True)
    book = Book()

    async def both() -> str:
        slow = asyncio.create_task(book.ask(backfill, "backfill", seconds=60))
        await asyncio.sleep(0.05)
        await book.ask(live, "live")
        with pytest.raises(HostHeld) as caught:
            await slow
        return str(caught.value)

    assert play(asyncio.wait_for(both(), 20)) == GAVE_WAY
    assert book.order == ["backfill", "live"]


def test_backfill_behind_a_watch_that_never_rests_gets_its_turn(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "STARVED", 0.6)
    live, backfill = open_leases(file), open_leases(file, gives_way=True)
    book = Book()

    async def both() -> None:
        others = [open_leases(file), live]  # always one of them has it, and one waits
        waits: asyncio.Task[None] | None = None
        for _ in range(40):
            pair = [asyncio.create_task(book.ask(each, "live", seconds=0.2)) for each in others]
            await asyncio.sleep(0.05)
            waits = waits or asyncio.create_task(book.ask(backfill, "backfill"))
            await asyncio.gather(*pair)
            if waits.done():
                return

    play(asyncio.wait_for(both(), 30))
    assert "backfill" in book.order
    assert book.order.index("backfill") > 2


def test_killed_program_gives_its_lease_back(file: str) -> None:
    code = (
        "import asyncio, sys\n"
        "from spiders.leases import Leases\n"
        "async def hold():\n"
        f"    async with Leases(sys.argv[1]).hold({HOST!r}, lambda: 0.0):\n"
        "        print('held', flush=True)\n"
        "        await asyncio.sleep(600)\n"
        "asyncio.run(hold())\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, file], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process, process.stdout:
        assert process.stdout.readline() == "held\n"
        live = Leases(file)
        assert not live._lock(place_of(HOST))
        os.kill(process.pid, signal.SIGKILL)
    asyncio.run(asyncio.wait_for(Book().ask(live, "live"), 10))


def test_live_watch_passes_over_a_program_that_was_stopped_with_a_lease(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "FROZEN", 0.5)
    frozen, live, backfill = open_leases(file), open_leases(file), open_leases(file, gives_way=True)
    assert frozen._lock(place_of(HOST))
    play(asyncio.wait_for(Book().ask(live, "live"), 10))
    with pytest.raises(HostHeld):
        play(asyncio.wait_for(Book().ask(backfill, "backfill"), 10))


def test_host_that_asked_one_program_to_wait_is_left_alone_by_the_others(file: str) -> None:
    backfill, live = open_leases(file, gives_way=True), open_leases(file)
    backfill.note(HOST, 429, 120)
    with pytest.raises(HostHeld) as caught:
        play(Book().ask(live, "live"))
    assert caught.value.retry_after == pytest.approx(120, abs=1)  # in whole seconds, upwards


@pytest.mark.parametrize(
    ("status", "retry_after", "seconds"),
    [(200, 10, None), (429, 10, 10), (429, None, 300), (503, 10, 10), (503, None, None)],
)
def test_answer_that_asks_to_wait_is_known(
    status: int, retry_after: int | None, seconds: int | None
) -> None:
    assert asked_to_wait(status, retry_after) == seconds


def test_file_names_no_host_and_is_private(file: str) -> None:
    play(Book().ask(open_leases(file), "live"))
    assert b"example" not in Path(file).read_bytes()
    assert Path(file).stat().st_mode & 0o077 == 0


def test_leases_of_a_machine_before_it_was_started_anew_are_forgotten(file: str) -> None:
    open_leases(file).note(HOST, 429, 500)
    with Path(file).open("r+b") as opened:
        opened.write(b"another start of the machine    ")
    book = Book()
    play(book.ask(open_leases(file), "live"))
    assert book.order == ["live"]


def test_without_a_file_nobody_waits(tmp_path: Path) -> None:
    """A full or read-only disk, or a system that has no such locks, stops no crawl."""
    for file in (None, str(tmp_path / "missing" / "hosts.lease")):
        book = Book()

        async def both(book: Book = book, file: str | None = file) -> None:
            await asyncio.gather(
                book.ask(open_leases(file), "live", pause=60),
                book.ask(open_leases(file, gives_way=True), "backfill", pause=60),
            )

        play(asyncio.wait_for(both(), 5))
        assert sorted(book.order) == ["backfill", "live"]
        assert max(book.gaps) < 0  # both at once
