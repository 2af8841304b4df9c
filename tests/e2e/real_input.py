"""Set a watch up on a press, and run it the way a person does."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fakes.press import Press

ROOT = Path(__file__).resolve().parents[2]

SETTINGS = """\
[network]
allow_private = ["127.0.0.0/8"]
delay = 0

[[subscribers]]
name = "desk"
channel = "folder"
digest = "off"
"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Folders of one watch."""

    config: Path
    data: Path


def write_config(folder: Path, press: Press) -> Place:
    """Write a configuration that watches `press` only."""
    return write_place(folder, sources=press.sources_yaml())


def write_place(folder: Path, *, sources: str, settings: str = SETTINGS) -> Place:
    """Write a configuration of one's own."""
    place = Place(config=folder / "config", data=folder / "data")
    place.config.mkdir(parents=True)
    (place.config / "sources.yaml").write_text(sources, encoding="utf-8")
    (place.config / "settings.toml").write_text(settings, encoding="utf-8")
    return place


def stationwatch(place: Place, *arguments: str, check: bool = True) -> str:
    """Run one command as a process of its own and return its standard output."""
    command = [sys.executable, "-m", "monitor", *arguments]
    command += ["--data", str(place.data), "--config", str(place.config)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def run_once(place: Place, *extra: str) -> dict[str, Any]:
    """Run `run --once --json` and return what it says."""
    said = json.loads(stationwatch(place, "run", "--once", "--json", *extra))
    assert isinstance(said, dict)
    return said


def messages(place: Place) -> dict[str, list[str]]:
    """Return the ids of the alerts in each message of the folder, by message id."""
    found = {}
    for file in (place.data / "outgoing").glob("**/*.json"):
        message = json.loads(file.read_text(encoding="utf-8"))
        found[message["id"]] = [alert["id"] for alert in message["data"]["alerts"]]
    return found
