"""What a killed crawl child leaves behind is found by its folder, and ended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from spiders.browser_end import end_processes_of, find_processes_of

pytestmark = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs proc(5)")
STUBBORN = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('up', flush=True); time.sleep(600)"
)


def start(*arguments: str, home: str = "/nowhere") -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN, *arguments], env={"HOME": home}, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    return process


def test_named_by_command_or_environment_and_no_other(tmp_path: Path) -> None:
    ours = [start(f"--user-data-dir={tmp_path}/profile"), start(home=str(tmp_path))]
    other = start(home=str(tmp_path.parent))
    try:
        assert set(find_processes_of(str(tmp_path))) == {each.pid for each in ours}
        assert end_processes_of(str(tmp_path))
        assert [each.wait(5) for each in ours] == [-9, -9]
        assert other.poll() is None
    finally:
        for each in (*ours, other):
            each.kill()
            each.communicate()


def test_nothing_of_that_folder_is_nothing_to_end(tmp_path: Path) -> None:
    assert end_processes_of(str(tmp_path), patience=0.0)
