"""The form of settings.toml: which keys there are, and what each may hold."""

from __future__ import annotations

import re
import ssl
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from monitor.config.archives_form import ArchivesForm
from monitor.config.data_form import ELSEWHERE, DataForm
from monitor.config.durations import read_duration
from monitor.config.places import check_country, check_language, check_time_zone
from monitor.config.recall_form import RecallForm
from monitor.config.validation import StrictModel, WrongValue
from monitor.egress import parse_allowance
from monitor.model import ChangeKind

MEGABYTE = 1024 * 1024
PROXIES = frozenset({"socks5", "socks5h", "http"})
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
ADDRESS = re.compile(r"[^\s@,;<>\"()\[\]\\]{1,64}@[^\s@,;<>\"()\[\]\\]{1,255}")
NAMED_ADDRESS = re.compile(r"(?:[^<>@\",;\x00-\x1f]*)<([^<>]+)>")


class NetworkForm(StrictModel):
    """[network]: how the press is asked."""

    user_agent: str | None = Field(default=None, min_length=1, max_length=300)
    allow_private: tuple[str, ...] = ()
    feed_deadline: str = "30 seconds"
    page_deadline: str = "60 seconds"
    worker_deadline: str = "30 seconds"
    most_feed_megabytes: int = Field(default=20, ge=1, le=200)
    most_page_megabytes: int = Field(default=10, ge=1, le=100)
    at_once: int = Field(default=128, ge=1, le=500)
    delay: float = Field(default=1.0, ge=0, le=600)
    workers: int = Field(default=2, ge=1, le=64)
    egress: str = "direct"
    browser: str | None = None
    search_feeds: bool = False

    @field_validator("user_agent")
    @classmethod
    def _is_header(cls, written: str | None) -> str | None:
        if written is not None and not (written.isascii() and written.isprintable()):
            raise WrongValue(
                f"the user agent {written!r} cannot be sent", "use plain letters in one line"
            )
        return written

    @field_validator("allow_private")
    @classmethod
    def _are_places(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        return check_allowance(written)

    @field_validator("feed_deadline", "page_deadline", "worker_deadline")
    @classmethod
    def _is_duration(cls, written: str) -> str:
        read_duration(written, least=1, most=600)
        return written


class EgressForm(StrictModel):
    """One [egress.NAME]: a proxy that carries the requests of the sources that name it."""

    proxy: str
    username: str | None = None
    password_file: str | None = None
    password_env: str | None = None
    password: Any = Field(default=None, exclude=True)

    @field_validator("password", mode="before")
    @classmethod
    def _is_elsewhere(cls, written: Any) -> Any:
        raise WrongValue(
            "a password may not stand in settings.toml",
            'put it alone into a file beside it and write password_file = "proxy-password"',
        )

    @field_validator("proxy")
    @classmethod
    def _is_proxy(cls, written: str) -> str:
        return check_proxy(written)


class SmtpForm(StrictModel):
    """[smtp]: the server that takes mail, for every subscriber with the channel email."""

    host: str = Field(min_length=1, max_length=253)
    port: int | None = Field(default=None, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: str
    username: str | None = None
    password_file: str | None = None
    password_env: str | None = None
    ca_file: str | None = None
    timeout: str = "30 seconds"
    password: Any = Field(default=None, exclude=True)

    @field_validator("password", mode="before")
    @classmethod
    def _is_elsewhere(cls, written: Any) -> Any:
        raise WrongValue(
            "a password may not stand in settings.toml",
            'put it alone into a file beside it and write password_file = "smtp-password"',
        )

    @field_validator("sender")
    @classmethod
    def _is_sender(cls, written: str) -> str:
        named = NAMED_ADDRESS.fullmatch(written.strip())
        check_mail_address(named[1] if named else written.strip())
        return written.strip()

    @field_validator("timeout")
    @classmethod
    def _is_duration(cls, written: str) -> str:
        read_duration(written, least=1, most=600)
        return written


class HeartbeatForm(StrictModel):
    """[heartbeat]: an address outside that is called for as long as everything works."""

    url: str | None = None
    url_file: str | None = None
    url_env: str | None = None
    every: str = "5 minutes"
    ca_file: str | None = None

    @field_validator("every")
    @classmethod
    def _is_duration(cls, written: str) -> str:
        # P4 promises that somebody outside learns within an hour
        read_duration(written, least=60, most=1800)
        return written


class LogForm(StrictModel):
    """[log]: what is logged, and for whom."""

    level: Literal["debug", "info", "warning", "error"] = "warning"
    json_lines: bool = False


class SubscriberForm(StrictModel):
    """One of [[subscribers]]: what every channel has."""

    name: str
    topics: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    levels: tuple[Literal["report", "mention"], ...] = ("report",)
    alerts: bool = True
    muted_changes: tuple[ChangeKind, ...] = ()
    quiet_hours: tuple[time, time] | None = None
    digest: Literal["daily", "weekly", "off"] = "daily"
    digest_at: time = time(7, 0)
    digest_on: Weekday = "monday"
    digest_mentions: bool = True
    alarms: bool | None = None
    time_zone: str = "UTC"

    @field_validator("name")
    @classmethod
    def _is_name(cls, written: str) -> str:
        if not 1 <= len(written.strip()) <= 60 or not written.isprintable() or "/" in written:
            raise WrongValue(
                f"the name {written[:80]!r} cannot be used",
                "write 1 to 60 letters, digits and spaces",
            )
        return written.strip()

    @field_validator("countries")
    @classmethod
    def _are_countries(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(check_country(one) for one in written)

    @field_validator("languages")
    @classmethod
    def _are_languages(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(check_language(one) for one in written)

    @field_validator("time_zone")
    @classmethod
    def _is_time_zone(cls, written: str) -> str:
        return check_time_zone(written)

    @field_validator("digest_at", "quiet_hours")
    @classmethod
    def _is_local(cls, written: Any) -> Any:
        for one in written if isinstance(written, tuple) else (written,):
            if one is not None and one.tzinfo is not None:
                raise WrongValue(
                    f"the time of day {one.isoformat()!r} carries a time zone",
                    'write it like "07:30"; time_zone says which',
                )
        return written


class FolderForm(SubscriberForm):
    """A subscriber who reads files in a folder."""

    channel: Literal["folder"]
    path: str = "outgoing"

    @field_validator("path")
    @classmethod
    def _is_inside(cls, written: str) -> str:
        return check_inside_path(written)


class EmailForm(SubscriberForm):
    """A subscriber who gets mail through [smtp]."""

    channel: Literal["email"]
    to: str
    neutral_subject: bool = False
    unsubscribe_url: str | None = None

    @field_validator("to")
    @classmethod
    def _are_addresses(cls, written: str) -> str:
        return ", ".join(check_mail_address(one.strip()) for one in written.split(","))


class WebhookForm(SubscriberForm):
    """A subscriber whose own program is called."""

    channel: Literal["webhook"]
    url: str | None = None
    url_file: str | None = None
    url_env: str | None = None
    secret_file: str | tuple[str, ...] = ()
    secret_env: str | tuple[str, ...] = ()
    ca_file: str | None = None
    allow_private: tuple[str, ...] = ()
    timeout: str = "30 seconds"
    secret: Any = Field(default=None, exclude=True)

    @field_validator("secret", mode="before")
    @classmethod
    def _is_elsewhere(cls, written: Any) -> Any:
        raise WrongValue(
            "a secret may not stand in settings.toml",
            'put it alone into a file beside it and write secret_file = "hook-secret"',
        )

    @field_validator("allow_private")
    @classmethod
    def _are_places(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        return check_allowance(written)

    @field_validator("timeout")
    @classmethod
    def _is_duration(cls, written: str) -> str:
        read_duration(written, least=1, most=600)
        return written


class MetricsForm(StrictModel):
    """[metrics]: figures for a Prometheus on this machine."""

    port: int = Field(ge=1, le=65535)
    host: str = "127.0.0.1"

    @field_validator("host")
    @classmethod
    def _is_loopback(cls, written: str) -> str:
        if written not in {"127.0.0.1", "::1"}:
            raise WrongValue(
                f"figures are served on this machine alone, not on {written!r}",
                'leave host out, or write "127.0.0.1" or "::1"; who reads them from elsewhere goes'
                " through a reverse proxy (deploy/Caddyfile)",
            )
        return written


class ChatForm(SubscriberForm):
    """A subscriber in a chat or push service; its Apprise address is a secret."""

    channel: Literal["chat"]
    url_file: str | None = None
    url_env: str | None = None
    ca_file: str | None = None
    allow_private: tuple[str, ...] = ()
    timeout: str = "30 seconds"

    @field_validator("allow_private")
    @classmethod
    def _are_places(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        return check_allowance(written)


class AtomForm(SubscriberForm):
    """A subscriber who lives in a feed reader."""

    channel: Literal["atom"]
    path: str = "feed/stories.atom"
    entries: int = Field(default=200, ge=1, le=5000)

    @field_validator("path")
    @classmethod
    def _is_inside(cls, written: str) -> str:
        return check_inside_path(written)


AnySubscriberForm = Annotated[
    FolderForm | EmailForm | WebhookForm | ChatForm | AtomForm, Field(discriminator="channel")
]


class SettingsForm(StrictModel):
    """A whole settings.toml."""

    elsewhere = ELSEWHERE
    data: DataForm = DataForm()
    network: NetworkForm = NetworkForm()
    archives: ArchivesForm = ArchivesForm()
    egress: dict[str, EgressForm] = Field(default_factory=dict)
    smtp: SmtpForm | None = None
    log: LogForm = LogForm()
    heartbeat: HeartbeatForm | None = None
    metrics: MetricsForm | None = None
    recall: RecallForm | None = None
    subscribers: tuple[AnySubscriberForm, ...] = ()


def check_proxy(written: str) -> str:
    """Return `written` when it is a proxy's address without a login; else raise WrongValue."""
    try:
        parts = urlsplit(written)
        right = parts.scheme in PROXIES and bool(parts.hostname) and parts.port is not None
    except ValueError:
        right = False
    if "@" in written:
        raise WrongValue(
            "the proxy's address holds a login (hidden)",
            "write username = and password_file = beside it",
        )
    if not right or not written.isprintable():
        raise WrongValue(
            f"{written[:80]!r} is no address of a proxy",
            'write it like "socks5h://127.0.0.1:9050" or "http://proxy.example.org:3128"',
        )
    return written.rstrip("/")


def check_authority(file: Path) -> None:
    """Raise WrongValue for a file that holds no certificates of an authority."""
    try:
        ssl.create_default_context(cafile=file)
    except (ssl.SSLError, OSError):
        raise WrongValue(
            f"the file {str(file)!r} holds no certificate of an authority",
            "use its certificate in PEM form (-----BEGIN CERTIFICATE-----)",
        ) from None


def check_mail_address(written: str) -> str:
    """Return `written` when it is one mail address; else raise WrongValue."""
    if ADDRESS.fullmatch(written) and written.isprintable():
        return written
    raise WrongValue(f"{written[:80]!r} is no mail address", "write it like 'name@example.org'")


def check_allowance(written: tuple[str, ...]) -> tuple[str, ...]:
    """Return the private places when each can be read; else raise WrongValue."""
    for entry in written:
        try:
            parse_allowance((entry,))
        except ValueError:
            raise WrongValue(
                f"{entry!r} is no address", "write a host, host:port, 10.0.0.0/8 or [::1]:8080"
            ) from None
    return written


def check_inside_path(written: str) -> str:
    """Return `written` when it leads to a place inside the data folder; else raise WrongValue."""
    steps = written.replace("\\", "/").split("/")
    if written and not written.startswith(("/", "~")) and ".." not in steps and ":" not in written:
        return written
    raise WrongValue(
        f"the path {written[:80]!r} leads out of the data folder", 'write one like "outgoing"'
    )
