"""A command on a real terminal (a pseudo-terminal): what a person sees, types and interrupts."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]")


class Terminal:
    """Start `stationwatch` with `arguments` on a terminal of `columns`; a context manager."""

    def __init__(
        self,
        *arguments: str,
        folder: Path,
        columns: int = 80,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._end, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        added = {"PYTHONPATH": str(ROOT), "HOME": str(folder), "TERM": "xterm", "TZ": "UTC"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "monitor", *arguments],
            cwd=folder,
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 - no threads
            env={**os.environ, **added, **(environment or {})},
        )
        os.close(other)
        self._read = 0
        self.screen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._end)

    def expect(self, text: str, *, within: float = 120) -> None:
        """Wait until `text` appears after what was expected before."""
        ends_at = time.monotonic() + within
        while (found := self.screen.find(text, self._read)) < 0:
            left = ends_at - time.monotonic()
            if left <= 0 or not self._take(left):
                raise AssertionError(f"{text!r} did not appear; the screen:\n{self.screen}")
        self._read = found + len(text)

    def answer(self, *pairs: tuple[str, str]) -> None:
        """Wait for each question and type its answer."""
        for question, said in pairs:
            self.expect(question)
            os.write(self._end, f"{said}\n".encode())

    def interrupt(self, *, said: str, within: float = 120, patience: float = 1) -> None:
        """Press Ctrl-C, and again where nothing comes of it, as a person would, until `said`.

        Python's readline misses a signal between its prompt and its wait for a key.
        """
        ends_at = time.monotonic() + within
        while said not in self.screen and self._process.poll() is None:
            if time.monotonic() > ends_at:
                raise AssertionError(f"Ctrl-C did not end it; the screen:\n{self.screen}")
            os.write(self._end, b"\x03")
            again_at = time.monotonic() + patience
            while said not in self.screen and self._take(max(0.0, again_at - time.monotonic())):
                pass

    def finish(self, *, within: float = 120) -> int:
        """Read until the command ends and return its exit status."""
        while self._take(within):
            pass
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            raise

    def _take(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._end], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._end, 65536)
        except OSError:  # Linux says EIO when the other end is closed
            return False
        self.screen += ESCAPES.sub("", data.decode("utf-8", "replace")).replace("\r", "")
        return bool(data)


def _take_terminal() -> None:
    """Have the terminal belong to the command, as a shell gives it: Ctrl-C is for it.

    What is started in the background ignores it, and so would all that it starts.
    """
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
