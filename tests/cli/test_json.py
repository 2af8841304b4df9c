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


KEYWORDS = """\
version: 1
concepts: {station: {en: [Chinese police station*]}}
topics:
  stations:
    title: Stations
    rules: [{name: named, any: [station], score: 10}]
    report at: 10
    mention at: 4
    examples: {report: [A Chinese police station]}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("watched")
    (folder / "settings.toml").write_text('[log]\nlevel = "error"\n[network]\nworkers = 1\n')
    (folder / "sources.yaml").write_text("version: 1\nreplace: true\nsources: []\n")
    (folder / "keywords.yaml").write_text(KEYWORDS)
    Storage.create(folder / "data", SystemClock()).close()
    return folder


@pytest.mark.parametrize("command", ["status", "check", "run --once", "verify"])
def test_document_has_the_keys_that_are_promised(root: Path, folder: Path, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "monitor", *command.split(), "--json",
         "--config", str(folder), "--data", str(folder / "data")],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) == read_promises(root)[command]


@pytest.mark.parametrize("status", ["0", "1", "2", "130"])
def test_exit_statuses_are_documented(root: Path, status: str) -> None:
    text = (root / "monitor" / "cli" / "README.md").read_text(encoding="utf-8")
    assert f"| {status} |" in text.partition("## Exit status")[2].partition("\n## ")[0]
