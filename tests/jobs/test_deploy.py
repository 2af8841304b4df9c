"""What deploy/ promises: little exposure, and commands that are there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

MOST_EXPOSED = 2.0
MOST_EXPOSED_WITH_BROWSER = 2.2


def measure_exposure(unit: Path) -> float:
    """Return what systemd says of a unit, its drop-ins included."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed (apt-get install systemd)")
    done = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert found is not None, done.stderr
    assert "Failed to parse" not in done.stderr
    assert "Unknown key" not in done.stderr
    return float(found[1])


def test_unit_is_hardened(root: Path) -> None:
    assert measure_exposure(root / "deploy" / "stationwatch.service") <= MOST_EXPOSED


def test_unit_that_lets_a_browser_start_is_hardened_otherwise(root: Path, tmp_path: Path) -> None:
    unit = tmp_path / "stationwatch.service"
    alone = measure_exposure(Path(shutil.copy(root / "deploy" / "stationwatch.service", unit)))
    drop_in = tmp_path / "stationwatch.service.d" / "browser.conf"
    drop_in.parent.mkdir()
    shutil.copy(root / "deploy" / "browser.conf", drop_in)
    assert alone < measure_exposure(unit) <= MOST_EXPOSED_WITH_BROWSER


def test_unit_starts_what_a_checkout_has(root: Path) -> None:
    """`./stationwatch` installs packages into .venv, not itself: there is no script of ours."""
    unit = (root / "deploy" / "stationwatch.service").read_text()
    started = re.findall(r"(?m)^ExecStart=/opt/stationwatch/(\S+)", unit)
    assert len(started) == 1
    assert os.access(root / started[0], os.X_OK)


def test_unit_s_service_sets_nothing_up(root: Path, tmp_path: Path) -> None:
    unit = (root / "deploy" / "stationwatch.service").read_text()
    name, _, value = re.findall(r"(?m)^Environment=(.*)$", unit)[0].partition("=")
    for part in ("stationwatch", "tooling", "requirements.lock"):
        place = tmp_path / part
        copy = shutil.copytree if (root / part).is_dir() else shutil.copy
        copy(root / part, place)
    done = subprocess.run(
        [tmp_path / "stationwatch", "run"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), name: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "stationwatch --version once by hand" in done.stderr
    assert not (tmp_path / ".venv").exists()
    assert not (tmp_path / ".cache").exists()


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
