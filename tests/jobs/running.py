"""The service as a process of its own, with receivers and a press of a test's making."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import ROOT
from tests.fakes.kept import fill_cache

ENOUGH = 180.0
"""Seconds after which a test stops waiting for what the service should have done."""


class Running:
    """A service that runs; `stop` ends it and returns its exit status."""

    def __init__(self, config: Path, data: Path, *, env: dict[str, str] | None = None) -> None:
        self.config, self.data = config, data
        self._env = {**os.environ, **(env or {})}
        self.process = self.start("run", "--new")

    def start(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "monitor", *command, *self.places()],
            cwd=ROOT,
            env=self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def keep(self) -> None:
        """Start it again where it has ended, as systemd does."""
        if self.process.poll() is not None:
            self.process.communicate()
            self.process = self.start("run")

    def places(self) -> list[str]:
        return ["--data", str(self.data), "--config", str(self.config)]

    def command(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "monitor", *command, *self.places()],
            cwd=ROOT,
            env=self._env,
            capture_output=True,
            text=True,
            timeout=ENOUGH,
            check=False,
        )

    def messages(self, kind: str) -> list[Path]:
        """Return the files of a kind of message in the outgoing folder."""
        return sorted((self.data / "outgoing").glob(f"*-{kind}-*.eml"))

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float, str]:
        """Send a signal; return the status, the seconds until it ended, and all it said."""
        begun = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=ENOUGH)
        return self.process.returncode, time.monotonic() - begun, said


@contextmanager
def running(
    folder: Path, settings: str = "", sources: str = "", *, env: dict[str, str] | None = None
) -> Iterator[Running]:
    config = folder / "config"
    config.mkdir(parents=True, exist_ok=True)
    (config / "settings.toml").write_text(settings)
    listed = sources or "version: 1\nreplace: true\nsources: []\n"
    (config / "sources.yaml").write_text(listed)
    fill_cache(folder / "data")
    service = Running(config, folder / "data", env=env)
    try:
        yield service
    finally:
        if service.process.poll() is None:
            os.killpg(service.process.pid, signal.SIGKILL)
            service.process.wait()
        if service.process.stdout is not None:  # or a failed test breaks the one behind it, too
            service.process.stdout.close()


def wait_until(true: Callable[[], bool], what: str, *, enough: float = ENOUGH) -> None:
    """Wait for what must come; the test fails when it does not."""
    end = time.monotonic() + enough
    while not true():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.1)
