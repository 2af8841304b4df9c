"""The files that `stationwatch init` writes are read back as what was answered."""

from __future__ import annotations

import base64
import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.files import shipped_file
from monitor.config.init import Answers, MailAnswers, build_files, quote, write_files
from monitor.config.reader import read_document
from monitor.config.settings import read_settings
from monitor.config.sources import read_sources
from monitor.errors import UsageError
from monitor.model import EmailChannel, FolderChannel, Settings, WebhookChannel

KEY = base64.b64encode(b"k" * 32).decode()


def settings_of(folder: Path) -> Settings:
    document = read_document(folder / "settings.toml")
    settings, problems = read_settings(document, folder=folder, environment={})
    assert problems == ()
    assert settings is not None
    return settings


def test_answers_without_mail_give_a_folder(tmp_path: Path) -> None:
    write_files(tmp_path / "new", build_files(Answers(time_zone="Europe/Zagreb")))
    (me,) = settings_of(tmp_path / "new").subscribers
    assert (me.name, me.channel, me.time_zone) == ("me", FolderChannel(), "Europe/Zagreb")
    shipped = read_document(shipped_file("sources.yaml"))
    own = read_document(tmp_path / "new" / "sources.yaml")
    assert read_sources(shipped, own) == read_sources(shipped)


def test_full_answers_are_read_back(tmp_path: Path) -> None:
    answers = Answers(
        name='Zoë "Z" \\ Ó',
        time_zone="Asia/Taipei",
        digest_at="06:45",
        topics=("overseas-stations",),
        countries=("HU", "IT"),
        languages=("zh",),
        mail=MailAnswers(
            host="mail.example.org",
            sender="watch@example.org",
            port=2525,
            security="tls",
            username="watch",
            password='p"\\ä#',
        ),
        mail_to="duty@example.org",
        webhook_url="https://hooks.example.org/in",
        webhook_secret=KEY,
    )
    paths = write_files(tmp_path, build_files(answers))
    mail, hook = settings_of(tmp_path).subscribers
    assert isinstance(mail.channel, EmailChannel)
    assert isinstance(hook.channel, WebhookChannel)
    assert (mail.channel.password, mail.channel.port) == ('p"\\ä#', 2525)
    assert hook.channel.secrets == (KEY,)
    assert (mail.name, hook.name) == ('Zoë "Z" \\ Ó (email)', 'Zoë "Z" \\ Ó (webhook)')
    assert (mail.digest_at.isoformat(), mail.countries) == ("06:45:00", ("HU", "IT"))
    if os.name == "posix":
        modes = {path.name: path.stat().st_mode & 0o777 for path in paths}
        assert modes["smtp-password"] == modes["hook-secret"] == 0o600


def test_secrets_stand_in_their_own_files_only(tmp_path: Path) -> None:
    """FAULTS H1."""
    mail = MailAnswers(host="h", sender="s@example.org", username="u", password="canary")
    answers = Answers(mail=mail, mail_to="a@example.org", webhook_url="https://x.example/canary")
    files = build_files(answers)
    holding = {file.name for file in files if "canary" in file.text}
    assert holding <= {"smtp-password", "settings.toml"}
    assert "password_file" in files[0].text
    assert "canary" not in files[0].text.replace("https://x.example/canary", "")
    assert "canary" not in repr(answers) + repr(mail) + repr(files)


def test_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text("mine")
    with pytest.raises(UsageError, match=r"sources.yaml is there already"):
        write_files(tmp_path, build_files(Answers()))
    assert (tmp_path / "sources.yaml").read_text() == "mine"
    assert not (tmp_path / "settings.toml").exists()


def test_keywords_are_copied_when_asked_for(tmp_path: Path) -> None:
    write_files(tmp_path, build_files(Answers(copy_keywords=True)))
    assert (tmp_path / "keywords.yaml").read_bytes() == shipped_file("keywords.yaml").read_bytes()
    assert "keywords.yaml" not in [file.name for file in build_files(Answers())]


def test_every_line_of_advice_works_when_its_mark_is_taken_away(tmp_path: Path) -> None:
    text = build_files(Answers())[0].text
    lines = []
    for line in text.splitlines():
        advice = line.removeprefix("# ")
        is_setting = line.startswith("# ") and " = " in advice and "topics = [" not in advice
        is_section = line.startswith("# [") and line.endswith("]")
        takes = (is_setting and not advice.startswith('"')) or is_section
        lines.append(advice if takes else line)
    assert lines != text.splitlines()
    (tmp_path / "settings.toml").write_text("\n".join(lines))
    secret = tmp_path / "heartbeat-url"
    secret.touch(mode=0o600)
    secret.write_text("https://beats.example.org/1234")
    settings = settings_of(tmp_path)
    assert settings.heartbeat is not None
    assert settings.network.allow_private
    assert settings.subscribers[0].quiet_hours is not None


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_can_be_quoted(text: str) -> None:
    assert tomllib.loads(f"key = {quote(text)}") == {"key": text}
