"""Everything the demo needs beside the program itself, started and stopped together."""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import socket
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from monitor.config.init import quote
from monitor.demo.certificate import Certificate, make_certificate
from monitor.demo.hook import HookReceiver, ReceivedHook
from monitor.demo.mailbox import Mailbox, ReceivedMail
from monitor.demo.outlets import ODD_PAGES, OUTLETS
from monitor.demo.site import Request, Site
from monitor.demo.texts import Expected, Text, read_texts

Part = TypeVar("Part", Site, Mailbox, HookReceiver)

USERNAME = "demo"
# Long enough for a page on loopback on a busy machine, short enough to wait for the one that drips.
PAGE_DEADLINE = 4


class DemoWorld:
    """A press, a mail server and a webhook receiver on loopback, with a configuration for them.

        with DemoWorld(folder) as world:
            run_once(config=world.config, data=...)
            assert {mail.recipients for mail in world.mails}

    `folder` is an existing folder for the configuration; it is left behind, and harmless then.
    Entering starts everything on free ports; leaving stops all of it and waits for every thread.
    """

    def __init__(self, folder: Path, *, now: datetime | None = None) -> None:
        self.config = folder
        self._now = now or datetime.now(UTC)
        self._texts = read_texts(self._now)
        self._password = secrets.token_urlsafe(18)
        self._hook_secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
        self._sites: dict[str, Site] = {}
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> DemoWorld:
        with self._stack:
            certificate = make_certificate(self.config, self._now)
            for number, outlet in enumerate(OUTLETS, start=2):
                make = partial(Site, outlet, self._texts, find_host(number))
                self._sites[outlet.id] = self._start(make)
            self._mailbox = self._start(
                lambda: Mailbox(certificate.server, username=USERNAME, password=self._password)
            )
            self._hook = self._start(
                lambda: HookReceiver(certificate.server, secret=self._hook_secret)
            )
            self._write_config(certificate)
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def sites(self) -> dict[str, str]:
        """Return the address of each outlet's site, by the outlet's name."""
        return {site.outlet.name: site.base for site in self._sites.values()}

    @property
    def pages(self) -> int:
        """Return how many pages the sources offer together."""
        return len(self._texts) + sum(len(pages) for pages in ODD_PAGES.values())

    @property
    def expected(self) -> tuple[Expected, ...]:
        """Return what must be flagged, copies included, newest first."""
        return tuple(
            Expected(
                url=self._url(text),
                title=text.title,
                language=text.language,
                topic=text.topic,
                countries=text.countries,
                copy_of=self._url_of(text.copy_of),
            )
            for text in self._texts
            if text.topic
        )

    @property
    def quiet(self) -> dict[str, str]:
        """Return what must not be flagged: URL → why it looks like the subject."""
        return {self._url(text): text.because for text in self._texts if not text.topic}

    @property
    def mails(self) -> tuple[ReceivedMail, ...]:
        """Return the mails that have arrived, oldest first."""
        return tuple(self._mailbox.received)

    @property
    def hooks(self) -> tuple[ReceivedHook, ...]:
        """Return the webhook calls that have arrived, oldest first."""
        return tuple(self._hook.received)

    @property
    def requests(self) -> tuple[Request, ...]:
        """Return every request the sites have had."""
        return tuple(one for site in self._sites.values() for one in site.requests)

    def _start(self, make: Callable[[], Part]) -> Part:
        part = make()
        self._stack.callback(part.close)
        return part

    def _write_config(self, certificate: Certificate) -> None:
        self._write("sources.yaml", build_sources(tuple(self._sites.values())))
        self._write("smtp-password", self._password + "\n")
        self._write("hook-secret", self._hook_secret + "\n")
        settings = SETTINGS.format(
            page_deadline=PAGE_DEADLINE,
            smtp_port=self._mailbox.port,
            username=quote(USERNAME),
            ca_file=quote(certificate.ca_file.name),
            hook_url=quote(self._hook.url),
        )
        self._write("settings.toml", settings)

    def _write(self, name: str, text: str) -> None:
        path = self.config / name
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")

    def _url(self, text: Text) -> str:
        return self._sites[text.outlet].base + text.path

    def _url_of(self, text_id: str | None) -> str | None:
        return next((self._url(text) for text in self._texts if text.id == text_id), None)


def find_host(number: int) -> str:
    """Return a loopback address for one site, so that each has a host of its own.

    Linux answers on all of 127.0.0.0/8; elsewhere only 127.0.0.1 is there, and is shared.
    """
    host = f"127.0.0.{number}"
    try:
        with socket.create_server((host, 0)):
            return host
    except OSError:
        return "127.0.0.1"


def build_sources(sites: Sequence[Site]) -> str:
    """Return a sources.yaml that names the demo's sites and nothing else."""
    lines = ["version: 1", "replace: true", "sources:"]
    for site in sites:
        outlet = site.outlet
        lines += [
            f"- id: {outlet.id}",
            f"  outlet: {outlet.name}",
            f"  kind: {outlet.kind}",
            f"  url: {site.base}{outlet.listing}",
            f"  country: {outlet.country}",
            f"  class: {outlet.source_class}",
        ]
        if outlet.kind == "section":
            lines += ["  links:", "    selector: .teaser a"]
    return "\n".join(lines) + "\n"


SETTINGS = """\
# The demo's own settings: loopback may be asked, and nothing needs to be waited for.

[network]
allow_private = ["127.0.0.0/8"]
feed_deadline = "10 seconds"
page_deadline = "{page_deadline} seconds"
delay = 0

[smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "starttls"
sender = "Stationwatch demo <demo@example.org>"
username = {username}
password_file = "smtp-password"
ca_file = {ca_file}

[[subscribers]]
name = "officer on duty"
channel = "email"
to = "duty@example.org"

[[subscribers]]
name = "case system"
channel = "webhook"
url = {hook_url}
secret_file = "hook-secret"
ca_file = {ca_file}
digest = "off"

[[subscribers]]
name = "reader"
channel = "folder"
levels = ["report", "mention"]
"""
