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


def test_proxy_is_valid_hands_no_password_on_and_writes_nothing_down(
    root: Path, tmp_path: Path
) -> None:
    written = (root / "deploy" / "Caddyfile").read_text()
    rules = "\n".join(line for line in written.splitlines() if not line.lstrip().startswith("#"))
    assert "reverse_proxy 127.0.0.1:9464" in rules
    assert "header_up -Authorization" in rules
    assert "header_up Host 127.0.0.1:9464" in rules, "the figures answer to their own names only"
    assert not re.search(r"(?m)^\s*log\b", rules)
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("caddy is not installed (apt-get install caddy)")
    some = "$2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG"
    filled = tmp_path / "Caddyfile"
    filled.write_text(re.sub(r"\$2a\$14\$REPLACE[A-Z-]*", lambda _: some, written))
    done = subprocess.run(
        [caddy, "validate", "--adapter", "caddyfile", "--config", str(filled)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
