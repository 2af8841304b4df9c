"""Secrets of settings.toml: how they come in, and that they never come out."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.model import ChatChannel, EmailChannel, WebhookChannel
from tests.config.settings_files import HOOK, MAIL, SMTP, read, settings_of, write_secret


@pytest.mark.parametrize(
    "written", ["short", "whsec_c2hvcnQ=", "not base64 at all, but quite long enough for it!"]
)
def test_weak_signing_key_is_refused_without_being_shown(tmp_path: Path, written: str) -> None:
    settings, problems = read(tmp_path, HOOK, {"STATIONWATCH_HOOK": written})
    assert settings is None
    assert "no signing key" in problems[0].problem
    assert "openssl rand -base64 32" in problems[0].cure
    assert written not in str(problems)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
def test_secret_that_everybody_may_read_is_refused_with_the_command(tmp_path: Path) -> None:
    """FAULTS H3."""
    write_secret(tmp_path, "smtp-password", "canary")
    (tmp_path / "smtp-password").chmod(0o644)
    text = SMTP + 'username = "me"\npassword_file = "smtp-password"\n' + MAIL
    settings, problems = read(tmp_path, text)
    assert settings is None
    assert problems[0].line == 5
    assert "everybody on this machine may read" in problems[0].problem
    assert problems[0].cure == f"run: chmod 600 '{tmp_path / 'smtp-password'}'"
    (tmp_path / "smtp-password").chmod(0o640)
    assert settings_of(tmp_path, text)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"two\nlines", "not one line"),
        (b"x" * 5000, "not one line"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_secret_file_of_no_use_is_told(tmp_path: Path, content: bytes, said: str) -> None:
    write_secret(tmp_path, "pw", "")
    (tmp_path / "pw").write_bytes(content)
    _, problems = read(tmp_path, SMTP + 'username = "me"\npassword_file = "pw"\n')
    assert said in problems[0].problem
    assert "xxxx" not in problems[0].problem


def test_byte_order_mark_and_line_break_are_no_part_of_a_secret(tmp_path: Path) -> None:
    write_secret(tmp_path, "pw", "\ufeffpass word \r\n")
    text = SMTP + 'username = "me"\npassword_file = "pw"\n' + MAIL
    channel = settings_of(tmp_path, text).subscribers[0].channel
    assert isinstance(channel, EmailChannel)
    assert channel.password == "pass word"


CANARIES = ("canary-password", "Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2Fu", "canary-token")
CANARY_TEXT = f"""\
{SMTP}username = "me"
password_env = "STATIONWATCH_PASSWORD"
{MAIL}
[[subscribers]]
name = "hook"
channel = "webhook"
url_env = "STATIONWATCH_URL"
secret_env = "STATIONWATCH_KEY"
[[subscribers]]
name = "chat"
channel = "chat"
url_env = "STATIONWATCH_CHAT"
"""
CANARY_VARIABLES = {
    "STATIONWATCH_PASSWORD": CANARIES[0],
    "STATIONWATCH_KEY": CANARIES[1],
    "STATIONWATCH_URL": f"https://hooks.example.org/{CANARIES[2]}",
    "STATIONWATCH_CHAT": f"ntfys://ntfy.example/{CANARIES[2]}",
}


def test_secrets_are_read_but_shown_nowhere(tmp_path: Path) -> None:
    """FAULTS H1: neither settings nor problems nor a traceback hold a secret."""
    settings = settings_of(tmp_path, CANARY_TEXT, CANARY_VARIABLES)
    mail, hook, chat = (subscriber.channel for subscriber in settings.subscribers)
    assert isinstance(mail, EmailChannel)
    assert isinstance(hook, WebhookChannel)
    assert isinstance(chat, ChatChannel)
    assert (mail.password, hook.secrets) == (CANARIES[0], (CANARIES[1],))
    assert CANARIES[2] in hook.url
    assert CANARIES[2] in chat.url
    for value in (settings, *settings.subscribers, mail, hook, chat):
        assert not [one for one in CANARIES if one in repr(value) or one in str(value)]


def test_problems_beside_secrets_do_not_hold_them(tmp_path: Path) -> None:
    """FAULTS H1: every way in which a setting around a secret can be wrong."""
    for wrong in ('security = "ssl"\n', "port = 0\n", 'passwort = "canary-password"\n'):
        _, problems = read(
            tmp_path, CANARY_TEXT.replace("username", wrong + "username"), CANARY_VARIABLES
        )
        assert problems
        try:
            raise ConfigError(problems)
        except ConfigError:
            printed = traceback.format_exc()
        assert not [one for one in CANARIES if one in printed]
