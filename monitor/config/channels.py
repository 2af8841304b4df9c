"""The channels of subscribers, made from their checked forms, with secrets read.

Nothing of a secret, or of an address that may hold one, is shown in a problem.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from monitor.config.durations import read_seconds
from monitor.config.lines import Step
from monitor.config.reader import Document
from monitor.config.secrets import SecretMissing, SecretPlaces, check_signing_key
from monitor.config.settings_form import (
    AtomForm,
    ChatForm,
    EmailForm,
    FolderForm,
    HeartbeatForm,
    SmtpForm,
    SubscriberForm,
    WebhookForm,
    check_authority,
)
from monitor.config.validation import WrongValue
from monitor.egress import check_url, parse_allowance
from monitor.errors import EgressRefused, Problem
from monitor.model import (
    AtomChannel,
    Channel,
    ChatChannel,
    EmailChannel,
    FolderChannel,
    HeartbeatSettings,
    WebhookChannel,
)

PORTS = {"starttls": 587, "tls": 465, "none": 25}
PASSWORD_VARIABLE = "STATIONWATCH_SMTP_PASSWORD"  # noqa: S105 - the name of a variable
Path = tuple[Step, ...]


class ChannelBuilder:
    """Makes channels, and gathers what is wrong with them in `problems`.

    `allow_private` are the private places that hold for every channel. `wrong` are sections that
    could not be read: what depends on them is not judged.
    """

    def __init__(
        self,
        document: Document,
        places: SecretPlaces,
        *,
        allow_private: tuple[str, ...],
        wrong: frozenset[str] = frozenset(),
    ) -> None:
        self.problems: list[Problem] = []
        self._document = document
        self._places = places
        self._allow_private = allow_private
        self._wrong = wrong
        self._smtp: dict[str, Any] | None = None

    def tell(self, path: Iterable[Step], problem: str, cure: str) -> None:
        """Gather a problem about the value at `path`."""
        self.problems.append(self._document.problem(path, problem, cure))

    def build(self, path: Path, form: SubscriberForm) -> Channel | None:
        """Return the channel of the subscriber at `path`, or None when problems leave none."""
        if isinstance(form, FolderForm):
            return FolderChannel(path=form.path)
        if isinstance(form, AtomForm):
            return AtomChannel(path=form.path, entries=form.entries)
        if isinstance(form, EmailForm):
            return self._build_email(path, form)
        if isinstance(form, WebhookForm):
            return self._build_webhook(path, form)
        assert isinstance(form, ChatForm)
        return self._build_chat(path, form)

    def take_smtp(self, form: SmtpForm) -> None:
        """Keep what every email channel has in common; call it before `build`."""
        if form.security == "none" and not is_loopback(form.host):
            self.tell(
                ("smtp", "security"),
                f"mail would go to {form.host!r} in clear text",
                'write security = "starttls" (or "tls")',
            )
        self._smtp = {
            "host": form.host,
            "port": form.port or PORTS[form.security],
            "security": form.security,
            "sender": form.sender,
            "username": form.username,
            "password": self._find_password(form),
            "ca_file": self._find_file(("smtp", "ca_file"), form.ca_file),
            "timeout": float(read_seconds(form.timeout)),
        }

    def _find_password(self, form: SmtpForm) -> str | None:
        if form.username is None:
            if form.password_file or form.password_env:
                self.tell(("smtp",), "a password without a 'username'", "add the user name")
            return None
        variable = form.password_env
        if not form.password_file and not variable:
            if PASSWORD_VARIABLE not in self._places.environment:
                self.tell(
                    ("smtp", "username"),
                    "a 'username' without a password",
                    f'write password_file = "smtp-password", or set {PASSWORD_VARIABLE}',
                )
                return None
            variable = PASSWORD_VARIABLE
        found = self._find_secrets(("smtp",), "password", form.password_file, variable)
        return found[0] if found else None

    def _find_secrets(
        self,
        path: Path,
        key: str,
        files: str | tuple[str, ...] | None,
        variables: str | tuple[str, ...] | None,
    ) -> list[str]:
        """Return the secrets in the files and variables named under `key`_file and `key`_env."""
        named = [(f"{key}_file", self._places.read_file, name) for name in _each(files)]
        named += [(f"{key}_env", self._places.read_variable, name) for name in _each(variables)]
        found: list[str] = []
        for step, read, name in named:
            try:
                found.append(read(name))
            except SecretMissing as missing:
                self.tell((*path, step), missing.problem, missing.cure)
        return found

    def _find_file(self, path: Path, name: str | None) -> str | None:
        if name is None:
            return None
        found = self._places.folder / name
        if not found.is_file():
            self.tell(path, f"there is no file {str(found)!r}", "correct the name")
            return str(found)
        try:
            check_authority(found)
        except WrongValue as wrong:
            self.tell(path, wrong.problem, wrong.cure)
        return str(found)

    def _build_email(self, path: Path, form: EmailForm) -> EmailChannel | None:
        if self._smtp is None and "smtp" in self._wrong:
            return None
        if self._smtp is None:
            self.tell(
                (*path, "channel"),
                f"{form.name!r} wants mail, but there is no section [smtp]",
                "add [smtp] with host and sender",
            )
            return None
        return EmailChannel(
            to=form.to,
            neutral_subject=form.neutral_subject,
            unsubscribe_url=form.unsubscribe_url,
            **self._smtp,
        )

    def _build_webhook(self, path: Path, form: WebhookForm) -> WebhookChannel | None:
        url = self._find_url(path, repr(form.name), form.url, form.url_file, form.url_env)
        secrets = self._find_signing_keys(path, form)
        allowed = self._join_allowances(form.allow_private)
        if url is None:
            return None
        self._check_hook_url((*path, "url" if form.url else "url_file"), url, allowed)
        return WebhookChannel(
            url=url,
            secrets=tuple(secrets),
            ca_file=self._find_file((*path, "ca_file"), form.ca_file),
            timeout=float(read_seconds(form.timeout)),
            allow_private=allowed,
        )

    def _find_signing_keys(self, path: Path, form: WebhookForm) -> list[str]:
        if not form.secret_file and not form.secret_env:
            self.tell(
                path,
                f"the webhook of {form.name!r} has no secret to sign with",
                'write secret_file = "hook-secret"; make one with: openssl rand -base64 32',
            )
        secrets = self._find_secrets(path, "secret", form.secret_file, form.secret_env)
        for secret in secrets:
            try:
                check_signing_key(secret, f"the webhook of {form.name!r}")
            except SecretMissing as missing:
                step = "secret_file" if form.secret_file else "secret_env"
                self.tell((*path, step), missing.problem, missing.cure)
        return secrets

    def _build_chat(self, path: Path, form: ChatForm) -> ChatChannel | None:
        url = self._find_url(path, repr(form.name), None, form.url_file, form.url_env)
        if url is None:
            return None
        return ChatChannel(
            url=url,
            timeout=float(read_seconds(form.timeout)),
            allow_private=self._join_allowances(form.allow_private),
            ca_file=self._find_file((*path, "ca_file"), form.ca_file),
        )

    def build_heartbeat(self, form: HeartbeatForm | None) -> HeartbeatSettings | None:
        """Return the dead man's switch, or None without one or with problems."""
        if form is None:
            return None
        path: Path = ("heartbeat",)
        url = self._find_url(path, "the heartbeat", form.url, form.url_file, form.url_env)
        if url is None:
            return None
        self._check_hook_url((*path, "url" if form.url else "url_file"), url, self._allow_private)
        return HeartbeatSettings(
            url=url,
            every=float(read_seconds(form.every)),
            allow_private=self._allow_private,
            ca_file=self._find_file((*path, "ca_file"), form.ca_file),
        )

    def _join_allowances(self, own: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self._allow_private, *own)))

    def _find_url(
        self, path: Path, who: str, written: str | None, file: str | None, variable: str | None
    ) -> str | None:
        """Return the address from the one place that says it."""
        said = [place for place in (written, file, variable) if place]
        if len(said) != 1:
            self.tell(
                path,
                f"{who} has {'no address' if not said else 'more than one address'}",
                'write url_file = "…" with the address alone in that file, or url_env',
            )
            return None
        if written:
            return written
        found = self._find_secrets(path, "url", file, variable)
        return found[0] if found else None

    def _check_hook_url(self, path: Path, url: str, allowed: tuple[str, ...]) -> None:
        if "network" in self._wrong:
            return  # nobody knows which private places were allowed
        allowance = parse_allowance(allowed)
        try:
            target = check_url(url, allowance)
        except EgressRefused as refused:
            problem = f"the address is refused: {_without_url(str(refused), url)}"
            self.tell(path, problem, "correct it")
            return
        if target.scheme == "http" and not allowed and not is_loopback(target.host):
            self.tell(path, f"messages would go to {target.host!r} in clear text", "use https://")


def is_loopback(host: str) -> bool:
    """Say whether `host` is this machine itself."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _without_url(said: str, url: str) -> str:
    """Return an error's sentence without what was being done, and with the host for the URL."""
    try:
        host = urlsplit(url).hostname or "…"
    except ValueError:
        host = "…"
    return said.replace(repr(url), repr(host)).replace(url, host).partition(": ")[2]


def _each(named: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (named,) if isinstance(named, str) else (named or ())
