"""The answers of `init` from a file, for machines that nobody sits at; every one is checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ValidationInfo, field_validator

from monitor.config import answers as read
from monitor.config.init import Answers, build_answers
from monitor.config.reader import StrictModel, WrongValue, raise_problems, read_document, validate
from monitor.config.secrets import SecretMissing, SecretPlaces, check_signing_key

EXAMPLE = """\
# Answers for `stationwatch init --answers FILE`. Every line may be left out, and every section.
name = "me"
time_zone = "Europe/Zagreb"
digest_at = "07:00"
topics = []                           # [] means all
countries = ["HU", "IT"]
languages = []
copy_keywords = false                 # true: a copy of keywords.yaml to change
systemd_unit = false                  # true: also writes stationwatch.service

# Without the two sections below, every message is a file in the data folder. Take away the '#' at
# the beginning of the lines that you want. A secret stands alone in a file of its own beside this
# one, which others may not read; make it before you call `init`:
#     (umask 077; cat > smtp-password.txt)                       the password, Enter, Ctrl-D
#     (umask 077; openssl rand -base64 32 > hook-secret.txt)     the receiver needs it, too

#[mail]
#host = "smtp.example.org"
#port = 587
#security = "starttls"                # or "tls", with port 465
#sender = "watch@example.org"
#to = "you@example.org"
#username = "watch@example.org"       # without it, no password is needed
#password_file = "smtp-password.txt"
#ca_file = "authority.pem"            # only for a certificate authority of the server's own
#send_test = true                     # nothing is written when the test fails

#[webhook]
#url = "https://hooks.example.org/stationwatch"
#secret_file = "hook-secret.txt"
"""


@dataclass(frozen=True, kw_only=True)
class GivenAnswers:
    """What a file of answers says; `send_test` and `unit` are what else is to be done."""

    answers: Answers
    send_test: bool
    unit: bool


class ReadForm(StrictModel):
    """A part of the file whose values are read as answers typed at a question are."""

    named: ClassVar[Mapping[str, str]] = {}
    """The keys that go by another name among the questions."""

    @field_validator("*")
    @classmethod
    def _read(cls, written: Any, info: ValidationInfo) -> Any:
        key = info.field_name or ""
        reader = read.READERS.get(cls.named.get(key, key))
        if reader is None or written is None:
            return written
        try:
            return reader(", ".join(written) if isinstance(written, tuple) else str(written))
        except read.WrongAnswer as wrong:
            said = re.sub(": (write|did you mean) ", r"\n\1 ", str(wrong))
            problem, _, advice = said.partition("\n")
            cure = f"did you mean {wrong.likely!r}?" if wrong.likely else advice or "correct it"
            raise WrongValue(problem, cure) from None


class MailForm(ReadForm):
    """[mail]: the mail server, and whom to send to."""

    named: ClassVar[Mapping[str, str]] = {"to": "mail_to", "ca_file": ""}

    host: str
    sender: str
    to: str
    port: int | None = None
    security: str = "starttls"
    username: str | None = None
    password_file: str | None = None
    password_env: str | None = None
    ca_file: str | None = None
    send_test: bool = False


class WebhookForm(ReadForm):
    """[webhook]: a program of one's own that is called."""

    named: ClassVar[Mapping[str, str]] = {"url": "webhook_url"}

    url: str
    secret_file: str | None = None
    secret_env: str | None = None


class AnswersForm(ReadForm):
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


def read_answers(
    file: Path, *, topics: Sequence[str], environment: Mapping[str, str]
) -> GivenAnswers:
    """Return the answers in the TOML `file`; raise ConfigError with every problem at once.

    The file may have any name. `topics` are those that there are; files with secrets are looked for
    beside it.
    """
    document = read_document(file, form="toml")
    form, problems = validate(AnswersForm, document)
    raise_problems(problems)
    assert form is not None
    wrong = []
    folder = file.absolute().parent
    found: dict[str, Any] = {}
    for path, reader, written in (
        (("topics",), read.topic_reader(topics), ", ".join(form.topics)),
        (("mail", "ca_file"), read.read_authority, _find_authority(form, folder)),
    ):
        try:
            found[path[-1]] = reader(written)
        except read.WrongAnswer as error:
            wrong.append(document.problem(path, str(error), "correct it"))
    places = SecretPlaces(folder=folder, environment=environment)
    for section, key, part, name in (
        ("mail", "password", form.mail, "password"),
        ("webhook", "secret", form.webhook, "webhook_secret"),
    ):
        try:
            found[name] = _find_secret(part, key, places) if part is not None else None
        except SecretMissing as missing:
            cure = f"{missing.cure}; or leave [{section}] out"
            wrong.append(document.problem((section,), missing.problem, cure))
    raise_problems(wrong)
    return GivenAnswers(
        answers=build_answers(_as_given(form) | found),
        send_test=form.mail is not None and form.mail.send_test,
        unit=form.systemd_unit,
    )


def _find_authority(form: AnswersForm, folder: Path) -> str:
    """Return the file of the mail server's authority, looked for beside the file of answers."""
    named = form.mail.ca_file if form.mail is not None else None
    return str(folder / Path(named).expanduser()) if named else ""


def _as_given(form: AnswersForm) -> dict[str, Any]:
    """Return the answers under the names that they have among the questions."""
    given: dict[str, Any] = {}
    for part in (form, form.mail, form.webhook):
        if part is not None:
            given |= {part.named.get(key) or key: value for key, value in part}
    return given


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
