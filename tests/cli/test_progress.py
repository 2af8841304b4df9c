"""Commands that take long show how far they are on a terminal, and nothing of it elsewhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.cli.test_json import KEYWORDS
from tests.jobs.arriving import commit
from tests.jobs.building import FOLDER, open_place

BARS = {"verify": "pages as received", "backup": "kept files", "rematch": "texts"}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a report and its evidence."""
    folder = tmp_path_factory.mktemp("watched")
    (folder / "keywords.yaml").write_text(KEYWORDS)
    with open_place(folder / "var", FOLDER) as place:
        commit(place, 1, "The office in the harbour was closed. " * 5)
        evidence = place.watch.evidence
        evidence.record_links(place.storage.evidence.read_links(after=evidence.last_recorded()))
    return folder


@pytest.mark.parametrize("command", BARS)
def test_terminal_shows_how_far_it_is_and_then_what_came_of_it(watched: Path, command: str) -> None:
    with Terminal(command, "--data", str(watched / "var"), folder=watched) as terminal:
        terminal.expect(BARS[command])
        assert terminal.finish() == 0
    assert re.search(r"([12])/\1 ", terminal.screen), terminal.screen


@pytest.mark.parametrize("command", ["verify", "verify --json", "backup", "rematch --json"])
def test_pipe_and_json_hold_no_bar(watched: Path, root: Path, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "monitor", *command.split(), "--data", str(watched / "var")],
        cwd=watched, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert "/1" not in done.stdout
    if "--json" in command:
        json.loads(done.stdout)
