"""The demo: the whole chain on loopback, from a feed to a mail, a webhook and a digest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.timeout(600)
def test_demo_flags_exactly_the_reports_and_delivers_them(root: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "demo", "--json", "--data", str(tmp_path / "demo")],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    said = json.loads(done.stdout)
    assert said["missed"] == []
    assert said["wrong"] == []
    assert done.returncode == 0, done.stderr
    assert sum(said["outcomes"].values()) == said["pages"]
    assert said["mails"] >= 2
    assert said["webhooks"]["received"] == said["webhooks"]["verified"] >= 1
    assert {row["state"] for row in said["deliveries"]} == {"delivered"}
    assert "<html" in Path(said["digest"]).read_text(encoding="utf-8")


def test_demo_refuses_a_folder_that_holds_something_else(root: Path, tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "demo", "--data", str(tmp_path)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "holds something else" in done.stderr
    assert (tmp_path / "precious.txt").read_text() == "mine"
