"""What `--json` prints stays as the room's README promises it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from storage.database import Storage


def read_promises(root: Path) -> dict[str, set[str]]:
    """Return the keys that the README names for each command, from its table."""
    text = (root / "monitor" / "cli" / "README.md").read_text(encoding="utf-8")
    table = text.partition("## What `--json` prints")[2].partition("\n## ")[0]
    rows = re.findall(r"(?m)^\| `([^`]+)` \| (.+) \|$", table)
    return {command: set(re.findall(r"`([^`]+)`", keys)) for command, keys in rows}


def test_documents_have_the_keys_that_are_promised(root: Path, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("")
    (tmp_path / "sources.yaml").write_text("version: 1\nreplace: true\nsources: []\n")
    (tmp_path / "settings.toml").write_text('[log]\nlevel = "error"\n')
    Storage.create(tmp_path / "data", SystemClock()).close()
    promises = read_promises(root)
    assert {"status", "check", "run --once", "verify"} <= set(promises)
    for command in ("status", "check", "run --once", "verify"):
        done = subprocess.run(
            [sys.executable, "-m", "monitor", *command.split(), "--json",
             "--config", str(tmp_path), "--data", str(tmp_path / "data")],
            cwd=root, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert set(json.loads(done.stdout)) == promises[command], command


@pytest.mark.parametrize("status", ["0", "1", "2", "130"])
def test_exit_statuses_are_documented(root: Path, status: str) -> None:
    text = (root / "monitor" / "cli" / "README.md").read_text(encoding="utf-8")
    assert f"| {status} |" in text.partition("## Exit status")[2].partition("\n## ")[0]
