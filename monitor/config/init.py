"""The text of new configuration files, with comments for the person who will edit them next."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.config.files import KEYWORDS, SETTINGS, SOURCES, shipped_file
from monitor.config.reader import Document, raise_problems
from monitor.config.secrets import SecretMissing, SecretPlaces
from monitor.config.settings import read_settings
from monitor.config.toml_file import read_toml
from monitor.errors import UsageError
from monitor.model import Settings

PASSWORD_FILE = "smtp-password"  # noqa: S105 - the name of a file
HOOK_SECRET_FILE = "hook-secret"  # noqa: S105 - the name of a file


@dataclass(frozen=True, kw_only=True)
class MailAnswers:
    """The mail server to send through. `port` None is the usual one of `security`.

    `ca_file` is the path of a certificate authority of its own.
    """

    host: str
    sender: str
    port: int | None = None
    security: str = "starttls"
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None

    def __repr__(self) -> str:
        """Return the answers without the password."""
        return f"MailAnswers(host={self.host!r}, sender={self.sender!r})"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What `stationwatch init` asks. Without mail and webhook, messages are files in a folder.

    `mail_to` and `webhook_url` each make a subscriber; empty lists mean everything.
    """

    name: str = "me"
    time_zone: str = "UTC"
    digest_at: str = "07:00"
    topics: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    mail: MailAnswers | None = None
    mail_to: str | None = None
    webhook_url: str | None = None
    webhook_secret: str | None = None
    copy_keywords: bool = False

    def __repr__(self) -> str:
        """Return the answers without what may be secret."""
        return f"Answers(name={self.name!r}, time_zone={self.time_zone!r})"


MAIL_NAMES = ("host", "port", "security", "sender", "username", "ca_file")
OTHER_NAMES = (
    "name", "time_zone", "digest_at", "topics", "countries", "languages", "copy_keywords",
)  # fmt: skip


def build_answers(given: Mapping[str, Any]) -> Answers:
    """Return the answers `given` under their names; what is missing there was not asked."""
    mail = hook = None
    if given.get("host"):
        found = {name: given[name] for name in MAIL_NAMES if given.get(name)}
        if "username" in found:
            found["password"] = given.get("password")
        mail = MailAnswers(**found)
    if given.get("webhook_url"):
        hook = str(given["webhook_url"])
    return Answers(
        **{name: given[name] for name in OTHER_NAMES if name in given},
        mail=mail,
        mail_to=given.get("mail_to") if mail else None,
        webhook_url=hook,
        webhook_secret=given.get("webhook_secret") if hook else None,
    )


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """A file to write; `secret` ones are for their owner alone."""

    name: str
    text: str
    secret: bool = False

    def __repr__(self) -> str:
        """Return the name only; the text may be a password."""
        return f"NewFile(name={self.name!r})"


def build_files(answers: Answers) -> tuple[NewFile, ...]:
    """Return the files of a new configuration folder."""
    files = [
        NewFile(name=SETTINGS, text=build_settings(answers)),
        NewFile(name=SOURCES, text=SOURCES_TEXT),
    ]
    if answers.mail is not None and answers.mail.password:
        files.append(NewFile(name=PASSWORD_FILE, text=answers.mail.password + "\n", secret=True))
    if answers.webhook_url and answers.webhook_secret:
        text = answers.webhook_secret + "\n"
        files.append(NewFile(name=HOOK_SECRET_FILE, text=text, secret=True))
    if answers.copy_keywords:
        keywords = shipped_file(KEYWORDS).read_text(encoding="utf-8")
        files.append(NewFile(name=KEYWORDS, text=keywords))
    return tuple(files)


def build_settings(answers: Answers) -> str:
    """Return the text of settings.toml."""
    parts = [SETTINGS_HEAD]
    if answers.mail is not None:
        parts.append(_build_smtp(answers.mail))
    parts.append(SUBSCRIBERS_HEAD)
    parts.extend(_build_subscriber(answers, channel) for channel in _channels(answers))
    return "\n".join(parts)


@dataclass(frozen=True, kw_only=True)
class UnwrittenSecrets(SecretPlaces):
    """Secrets of files that are not written yet."""

    files: tuple[NewFile, ...]

    def read_file(self, name: str) -> str:
        """Return what will stand in the file `name`; raise SecretMissing."""
        for file in self.files:
            if file.name == name:
                return file.text.strip()
        raise SecretMissing(f"there is no file {name!r}", "answer the question about it")


def read_back(files: tuple[NewFile, ...]) -> Settings:
    """Return the settings that `files` will be read as; raise ConfigError with every problem."""
    text = next(file.text for file in files if file.name == SETTINGS)
    value, place, problems = read_toml(text, file=SETTINGS)
    raise_problems(problems)
    document = Document(file=SETTINGS, value=value, place=place, sha256="")
    places = UnwrittenSecrets(folder=Path(), environment={}, files=files)
    settings, problems = read_settings(document, folder=Path(), environment={}, places=places)
    raise_problems(problems)
    assert settings is not None
    return settings


def write_files(folder: Path, files: Iterable[NewFile]) -> tuple[Path, ...]:
    """Write the files into `folder`, which is made when it is missing; return their paths.

    Refuses with UsageError, before anything is written, when one of them exists already.
    Secrets get mode 0600 from their first byte on. Interrupted, it takes away what it wrote.
    """
    wanted = tuple(files)
    existing = [file.name for file in wanted if (folder / file.name).exists()]
    if existing:
        are, them = ("is", "it") if len(existing) == 1 else ("are", "them")
        raise UsageError(
            f"while writing a new configuration to {str(folder)!r}: {' and '.join(existing)} {are}"
            f" there already (move {them} away, or name another folder with --config)"
        )
    written: list[Path] = []
    is_new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file in wanted:
            path = folder / file.name
            mode = 0o600 if file.secret else 0o644
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            written.append(path)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(file.text)
    except BaseException:
        remove_files(written, folder=folder if is_new else None)
        raise
    return tuple(written)


def remove_files(written: Iterable[Path], *, folder: Path | None) -> None:
    """Take away files that were written in vain, and the `folder` that was made for them."""
    with contextlib.suppress(OSError):
        for path in written:
            path.unlink(missing_ok=True)
        if folder is not None:
            folder.rmdir()


def _channels(answers: Answers) -> list[list[str]]:
    """Return the lines that are the channel's own, for each subscriber."""
    channels = []
    if answers.mail is not None and answers.mail_to:
        channels.append(['channel = "email"', f"to = {quote(answers.mail_to)}"])
    if answers.webhook_url:
        lines = ['channel = "webhook"', f"url = {quote(answers.webhook_url)}"]
        channels.append([*lines, f"secret_file = {quote(HOOK_SECRET_FILE)}"])
    return channels or [['channel = "folder"   # an .eml and a .json file for each message']]


def _build_smtp(mail: MailAnswers) -> str:
    lines = [
        "[smtp]",
        f"host = {quote(mail.host)}",
        f"security = {quote(mail.security)}   # starttls (port 587) or tls (port 465)",
        f"sender = {quote(mail.sender)}",
    ]
    if mail.port is not None:
        lines.insert(2, f"port = {mail.port}")
    if mail.username:
        lines.append(f"username = {quote(mail.username)}")
        lines.append(
            "# The password stands alone in this file, which only you may read (chmod 600)."
        )
        lines.append("# Or leave the line out and set the variable STATIONWATCH_SMTP_PASSWORD.")
        lines.append(f"password_file = {quote(PASSWORD_FILE)}")
    if mail.ca_file:
        lines.append("# The mail server's own certificate authority; only this one is believed.")
        lines.append(f"ca_file = {quote(mail.ca_file)}")
    return "\n".join([*lines, ""])


def _build_subscriber(answers: Answers, channel: list[str]) -> str:
    kind = channel[0].split('"')[1]
    name = answers.name if len(_channels(answers)) == 1 else f"{answers.name} ({kind})"
    lines = [
        "[[subscribers]]",
        f"name = {quote(name)}",
        *channel,
        f"time_zone = {quote(answers.time_zone)}",
        '# "daily", "weekly" (then also digest_on = "monday"), or "off"',
        'digest = "daily"',
        f"digest_at = {quote(answers.digest_at)}",
        "# false: everything waits for the digest",
        "alerts = true",
        "# An empty list means all. Topics as in keywords.yaml, countries and languages as codes:",
        '# topics = ["overseas-stations"], countries = ["HU", "IT"], languages = ["hu", "en"]',
        f"topics = {_quote_all(answers.topics)}",
        f"countries = {_quote_all(answers.countries)}",
        f"languages = {_quote_all(answers.languages)}",
        '# quiet_hours = ["22:00", "06:30"]   # alerts wait until it ends',
        '# levels = ["report", "mention"]     # mentions at once, too',
        "# alarms = true                     # hears of troubles of the watch itself",
        "",
    ]
    return "\n".join(lines)


def quote(text: str) -> str:
    """Return `text` as a TOML string."""
    # JSON's escapes are TOML's; DEL is the one character that JSON leaves and TOML refuses.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _quote_all(texts: Iterable[str]) -> str:
    return "[" + ", ".join(quote(text) for text in texts) + "]"


SETTINGS_HEAD = """\
# Settings of Stationwatch. Lines that begin with # are remarks.
# After every change: stationwatch check

[data]
keep_texts = "90 days"     # texts that matched nothing, for later keywords; what was flagged stays
keep_backups = "14 days"
# second_backup = "/mnt/other-disk/stationwatch"   # for a copy of each; encrypt that disk
keep_logs = "30 days"

[network]
# feed_deadline = "30 seconds"
# page_deadline = "60 seconds"
# delay = 1.0              # seconds between two requests to one host
# allow_private = ["intranet.example.org", "10.20.0.0/16"]   # otherwise public addresses only

# A dead man's switch: an address of your choice (a service like healthchecks.io) is called for as
# long as everything works, and raises the alarm when the calls stop. The address is a secret.
# [heartbeat]
# url_file = "heartbeat-url"
# every = "5 minutes"

# A weekly look at what a search found of your topics and your sources did not bring. Off unless
# you take the mark away: it tells the GDELT project, which Google hosts, the words that are
# searched for, how often, and your IP address (google-news: Google; bing-news: Microsoft).
# [recall]
# search = "gdelt"
# every = "7 days"
# languages = ["en"]

[log]
level = "warning"          # debug, info, warning or error
"""

SUBSCRIBERS_HEAD = """\
# Who hears of what. Repeat the section for everybody.
# Channels: folder, email, webhook, chat, atom.
"""

SOURCES_TEXT = """\
# Your own sources. They lie over the list that ships with Stationwatch
# (stationwatch sources list shows all of them).
# After every change: stationwatch check

version: 1

# true: only what stands here is watched, nothing of the list that ships.
replace: false

sources: []

# Remove the [] above and the # below to add a source:
#  - id: daily-example              # small letters, digits and hyphens; unique
#    outlet: The Daily Example
#    kind: feed                     # feed, sitemap or section
#    url: https://daily.example.org/rss.xml
#    country: IE                    # two letters
#    language: en
#    class: independent             # independent, state, public, ngo, diaspora, official, other
#    every: 15 minutes              # may be left out
#
# The id of a source that ships changes only what is given:
#  - id: some-shipped-source
#    enabled: false
"""
