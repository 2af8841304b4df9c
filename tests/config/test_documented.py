"""Everything a person can write into a file is in the README of the room."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.config.files import NAMES
from monitor.config.settings_form import SettingsForm
from monitor.config.sources import SourcesForm
from monitor.config.validation import known_keys
from monitor.model import ChangeKind

CHANNELS = ("folder", "email", "webhook", "chat", "atom")


@pytest.fixture(scope="module")
def documented(root: Path) -> set[str]:
    text = (root / "monitor" / "config" / "README.md").read_text("utf-8")
    blocks = re.findall(r"(?s)```.*?```", text)
    quoted = re.findall(r"`([^`\n]+)`", re.sub(r"(?s)```.*?```", "", text))
    in_blocks = re.findall(r"(?m)^[- ]*([a-z]+):", "\n".join(blocks))
    return {word.strip("[]\"'") for word in quoted} | set(in_blocks)


def test_every_setting_is_documented(documented: set[str]) -> None:
    keys = set(known_keys(SettingsForm, ()))
    for section in ("data", "network", "smtp", "log", "heartbeat"):
        keys.update(known_keys(SettingsForm, (section,)))
    for channel in CHANNELS:
        keys.update(known_keys(SettingsForm, ("subscribers", 0, channel)))
    assert len(keys) > 50
    assert keys - documented == set()


def test_every_key_of_a_source_is_documented(documented: set[str]) -> None:
    keys = set(known_keys(SourcesForm, ())) | set(known_keys(SourcesForm, ("sources", 0)))
    keys |= set(known_keys(SourcesForm, ("sources", 0, "links")))
    assert len(keys) > 14
    assert keys - documented == set()


def test_every_channel_change_and_file_is_documented(documented: set[str]) -> None:
    assert {*CHANNELS, *NAMES, *(kind.value for kind in ChangeKind)} - documented == set()
