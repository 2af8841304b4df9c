"""`check`: what a person sees of it who waits, and which folders it means."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.cli.terminal import ROOT, Terminal
from tests.fakes.site import Feed, Site

SETTINGS = """
[network]
allow_private = ["127.0.0.1"]
delay = 0.0
[[subscribers]]
name = "Ana"
channel = "folder"
"""


def test_check_live_shows_how_far_it_is(tmp_path: Path) -> None:
    with Site() as site:
        feeds = [Feed(site=site, path=f"/feed{at}") for at in range(3)]
        for feed in feeds:
            feed.add("/one")
        listed = "".join(
            f"- id: s{at}\n  outlet: O\n  kind: feed\n  url: {feed.url}\n"
            for at, feed in enumerate(feeds)
        )
        (tmp_path / "settings.toml").write_text(SETTINGS)
        (tmp_path / "sources.yaml").write_text(f"version: 1\nreplace: true\nsources:\n{listed}")
        with Terminal("check", "--live", "--data", "d", folder=tmp_path, columns=120) as terminal:
            for seen in ("sources", "0/3", "works"):  # a bar is drawn ten times a second at most
                terminal.expect(seen)
            assert terminal.finish() == 0, terminal.screen
    assert "source s2: 1 entry" in terminal.screen
    assert "Traceback" not in terminal.screen


def test_folders_may_be_said_once_for_every_command(tmp_path: Path) -> None:
    """Without it, a command given in another folder reads the files that ship, and says nothing."""
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "settings.toml").write_text("[log]\nlevle = 1\n")
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "settings.toml").write_text("")
    folders = {
        "STATIONWATCH_CONFIG": str(tmp_path / "watch"),
        "STATIONWATCH_DATA": str(tmp_path / "kept"),
    }
    said = {
        command: subprocess.run(
            [sys.executable, "-m", "monitor", *command.split()],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "HOME": "/", **folders},
            capture_output=True,
            text=True,
            check=False,
        )
        for command in ("check", "status --config good", "stories --config other")
    }
    assert str(tmp_path / "watch" / "settings.toml") in said["check"].stderr
    assert said["check"].returncode == 2
    assert str(tmp_path / "kept") in said["status --config good"].stderr
    assert "other" in said["stories --config other"].stderr, "what is typed goes first"


def test_check_counts_the_sources_that_are_off(tmp_path: Path) -> None:
    listed = "".join(
        f"- id: s{at}\n  outlet: O\n  kind: feed\n  url: https://s{at}.example/feed\n"
        for at in range(3)
    )
    (tmp_path / "settings.toml").write_text(SETTINGS)
    (tmp_path / "sources.yaml").write_text(
        f"version: 1\nreplace: true\nsources:\n{listed}  enabled: false\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "check", "--data", "d"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "HOME": "/"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 sources (1 is off)" in done.stdout, done.stdout + done.stderr
