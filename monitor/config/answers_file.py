"""The answers of `init` from a file, for machines that nobody sits at; every one is checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from monitor.config import answers as read
from monitor.config.init import Answers, MailAnswers
from monitor.config.reader import StrictModel, WrongValue, raise_problems, read_document, validate
from monitor.config.secrets import SecretMissing, SecretPlaces, check_signing_key

EXAMPLE = """\
# Answers for `stationwatch init --answers FILE`. Every line may be left out.
name = "me"
time_zone = "Europe/Zagreb"
digest_at = "07:00"
topics = []                           # [] means all
countries = ["HU", "IT"]
languages = []
copy_keywords = false                 # true: a copy of keywords.yaml to change
systemd_unit = false                  # true: also writes stationwatch.service

[mail]
host = "smtp.example.org"
port = 587
security = "starttls"                 # or "tls", with port 465
sender = "watch@example.org"
to = "you@example.org"
username = "watch@example.org"
password_file = "smtp-password.txt"   # beside this file, the password alone in it
send_test = true                      # nothing is written when the test fails

[webhook]
url = "https://hooks.example.org/stationwatch"
secret_file = "hook-secret.txt"
"""


@dataclass(frozen=True, kw_only=True)
class GivenAnswers:
    """What a file of answers says; `send_test` and `unit` are what else is to be done."""

    answers: Answers
    send_test: bool
    unit: bool


def _take(reader: Callable[[str], Any], written: str) -> Any:
    try:
        return reader(written)
    except read.WrongAnswer as wrong:
        problem, _, advice = re.sub(": (write|did you mean) ", r"\n\1 ", str(wrong)).partition("\n")
        cure = f"did you mean {wrong.likely!r}?" if wrong.likely else advice or "correct it"
        raise WrongValue(problem, cure) from None


class MailForm(StrictModel):
    """[mail]: the mail server, and whom to send to."""

    host: str
    sender: str
    to: str
    port: int | None = Field(default=None, ge=1, le=65535)
    security: str = "starttls"
    username: str | None = None
    password_file: str | None = None
    password_env: str | None = None
    send_test: bool = False

    @field_validator("host")
    @classmethod
    def _is_host(cls, written: str) -> Any:
        return _take(read.read_host, written)

    @field_validator("sender")
    @classmethod
    def _is_sender(cls, written: str) -> Any:
        return _take(read.read_sender, written)

    @field_validator("to")
    @classmethod
    def _are_addresses(cls, written: str) -> Any:
        return _take(read.read_addresses, written)

    @field_validator("security")
    @classmethod
    def _is_security(cls, written: str) -> Any:
        return _take(read.read_security, written)


class WebhookForm(StrictModel):
    """[webhook]: a program of one's own that is called."""

    url: str
    secret_file: str | None = None
    secret_env: str | None = None

    @field_validator("url")
    @classmethod
    def _is_hook(cls, written: str) -> Any:
        return _take(read.read_hook, written)


class AnswersForm(StrictModel):
    """A whole file of answers."""

    name: str = "me"
    time_zone: str = "UTC"
    digest_at: str = "07:00"
    topics: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    copy_keywords: bool = False
    systemd_unit: bool = False
    mail: MailForm | None = None
    webhook: WebhookForm | None = None

    @field_validator("name")
    @classmethod
    def _is_name(cls, written: str) -> Any:
        return _take(read.read_name, written)

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, written: str) -> Any:
        return _take(read.read_zone, written)

    @field_validator("digest_at")
    @classmethod
    def _is_time(cls, written: str) -> Any:
        return _take(read.read_time, written)

    @field_validator("countries")
    @classmethod
    def _are_countries(cls, written: tuple[str, ...]) -> Any:
        return _take(read.read_countries, ", ".join(written))

    @field_validator("languages")
    @classmethod
    def _are_languages(cls, written: tuple[str, ...]) -> Any:
        return _take(read.read_languages, ", ".join(written))


def read_answers(
    file: Path, *, topics: Sequence[str], environment: Mapping[str, str]
) -> GivenAnswers:
    """Return the answers in the TOML `file`; raise ConfigError with every problem at once.

    `topics` are those that there are; files with secrets are looked for beside `file`.
    """
    document = read_document(file)
    form, problems = validate(AnswersForm, document)
    raise_problems(problems)
    assert form is not None
    wrong = []
    try:
        wanted = read.topic_reader(topics)(", ".join(form.topics))
    except read.WrongAnswer as error:
        wanted = ()
        wrong.append(document.problem(("topics",), str(error), "correct it"))
    places = SecretPlaces(folder=file.absolute().parent, environment=environment)
    found: dict[str, str | None] = {}
    for section, key, part in (
        ("mail", "password", form.mail),
        ("webhook", "secret", form.webhook),
    ):
        try:
            found[section] = _find_secret(part, key, places) if part is not None else None
        except SecretMissing as missing:
            wrong.append(document.problem((section,), missing.problem, missing.cure))
    raise_problems(wrong)
    return GivenAnswers(
        answers=_build(form, wanted, password=found["mail"], secret=found["webhook"]),
        send_test=form.mail is not None and form.mail.send_test,
        unit=form.systemd_unit,
    )


def _find_secret(form: MailForm | WebhookForm, key: str, places: SecretPlaces) -> str | None:
    file, variable = getattr(form, f"{key}_file"), getattr(form, f"{key}_env")
    if isinstance(form, MailForm) and form.username is None and not (file or variable):
        return None
    if bool(file) == bool(variable):
        raise SecretMissing(
            f"the {key} is missing" if not file else f"the {key} stands in two places",
            f'write {key}_file = "…" with the {key} alone in that file, or {key}_env',
        )
    secret = places.read_file(file) if file else places.read_variable(variable)
    return check_signing_key(secret, file or variable) if key == "secret" else secret


def _build(
    form: AnswersForm, topics: tuple[str, ...], *, password: str | None, secret: str | None
) -> Answers:
    mail = None
    if form.mail is not None:
        mail = MailAnswers(
            host=form.mail.host,
            port=form.mail.port,
            security=form.mail.security,
            sender=form.mail.sender,
            username=form.mail.username,
            password=password,
        )
    return Answers(
        name=form.name,
        time_zone=form.time_zone,
        digest_at=form.digest_at,
        topics=topics,
        countries=form.countries,
        languages=form.languages,
        mail=mail,
        mail_to=form.mail.to if form.mail else None,
        webhook_url=form.webhook.url if form.webhook else None,
        webhook_secret=secret,
        copy_keywords=form.copy_keywords,
    )
