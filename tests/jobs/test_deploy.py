"""What deploy/ promises: little exposure, and commands that are there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

MOST_EXPOSED = 2.0


def test_unit_is_hardened(root: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    unit = root / "deploy" / "stationwatch.service"
    done = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert found is not None, done.stderr
    assert float(found[1]) <= MOST_EXPOSED


def test_unit_lets_workers_bound_themselves(root: Path) -> None:
    """`setrlimit` is in systemd's @resources; without it no worker has a limit."""
    unit = (root / "deploy" / "stationwatch.service").read_text()
    denied = re.findall(r"(?m)^SystemCallFilter=~(.*)$", unit)
    assert denied
    assert not any("@resources" in line for line in denied)
    assert "TimeoutStopSec=45" in unit  # more than the 30 s that the service takes at the most
