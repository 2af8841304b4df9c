"""Sections of settings.toml, and how tests read them: with secrets in files and variables."""

from __future__ import annotations

import base64
from pathlib import Path

from monitor.config.reader import read_document
from monitor.config.settings import read_settings
from monitor.errors import Problem
from monitor.model import Settings

KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()
SMTP = """\
[smtp]
host = "mail.example.org"
sender = "Watch <watch@example.org>"
"""
MAIL = '[[subscribers]]\nname = "duty"\nchannel = "email"\nto = "duty@example.org"\n'
FOLDER = '[[subscribers]]\nname = "x"\nchannel = "folder"\n'
HOOK = """\
[[subscribers]]
name = "hook"
channel = "webhook"
url = "https://hooks.example.org/in"
secret_env = "STATIONWATCH_HOOK"
"""


def read(
    folder: Path, text: str, environment: dict[str, str] | None = None
) -> tuple[Settings | None, tuple[Problem, ...]]:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    document = read_document(path, file="settings.toml")
    return read_settings(document, folder=folder, environment=environment or {})


def settings_of(folder: Path, text: str, environment: dict[str, str] | None = None) -> Settings:
    settings, problems = read(folder, text, environment)
    assert problems == ()
    assert settings is not None
    return settings


def write_secret(folder: Path, name: str, secret: str) -> None:
    path = folder / name
    path.touch(mode=0o600)
    path.write_text(secret)
