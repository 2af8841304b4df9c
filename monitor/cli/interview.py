"""The questions of `init`: each answer is checked at once, and asked again with the likely one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from monitor.cli.called import tilde
from monitor.cli.output import Output, show
from monitor.config import answers as read
from monitor.config.init import Answers, build_answers

NONE_WORDS = frozenset({"-", "none", "all"})
HIDDEN = "(not shown)"
ZONES = "/zoneinfo/"


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question: `read` checks its answer; `when` says from the answers so far if it is asked.

    Without `read`, the reader of its key does (`READERS`), the same as for a file of answers.
    `default` is what Enter takes, None where there must be an answer; `""` means none, or all.
    """

    key: str
    words: str
    read: Callable[[str], Any] | None = None
    default: Callable[[Interview], str | None] = lambda _: None
    hint: str = ""
    hidden: bool = False
    when: Callable[[Interview], bool] = lambda _: True


class Interview:
    """The answers so far, as they were typed in `written` and as they were understood in `values`.

    `config` and `data` are folders that the command line named already.
    """

    def __init__(
        self,
        out: Output,
        *,
        topics: Sequence[tuple[str, str]],
        config: Path | None = None,
        data: Path | None = None,
    ) -> None:
        self.values: dict[str, Any] = {}
        self.written: dict[str, str] = {}
        self.topics = topics
        self._out = out
        for key, folder, reader in (
            ("config", config, read.read_config_folder),
            ("data", data, read.read_data_folder),
        ):
            if folder is not None:
                self.values[key] = reader(str(folder))
        self.distrusted = False
        self._readers = {**read.READERS, "topics": read.topic_reader([name for name, _ in topics])}
        self.questions = tuple(each for each in QUESTIONS if each.key not in self.values)

    def ask(self) -> None:
        """Ask everything that is asked."""
        for question in self.questions:
            self._ask_if_due(question)

    def review(self) -> bool:
        """Show every answer and let each be changed; say whether all is to be written."""
        while True:
            shown = [each for each in self.questions if each.when(self)]
            self._out.say()
            for number, question in enumerate(shown, 1):
                empty = "all" if question.key in ALL_IF_EMPTY else "none"
                value = HIDDEN if question.hidden else self.written[question.key] or empty
                words = question.words.partition(" (")[0]
                self._out.say(f"{number:>3}  {words}: [bold]{show(value)}[/]")
            said = typer.prompt(
                "\nIs that right? Enter: yes; a number: change that answer; q: stop",
                default="",
                show_default=False,
            ).strip()
            if said.lower() in {"", "y", "yes"}:
                return True
            if said.lower() in {"q", "n", "no", "quit"}:
                return False
            if not said.isdecimal() or not 1 <= int(said) <= len(shown):
                self._out.say(f"   There is no answer {show(repr(said))}.")
                continue
            self.change(shown[int(said) - 1].key)

    def change(self, *keys: str) -> None:
        """Ask the questions `keys` again, and those that follow from their answers."""
        for question in self.questions:
            if question.key in keys or question.key not in self.written:
                self._ask_if_due(question)

    def ask_mail_again(self, *, distrusted: bool = False) -> None:
        """Ask everything about the mail server again; Enter keeps an answer.

        With `distrusted`, its certificate was not believed, and its authority is asked for, too.
        """
        self.distrusted = self.distrusted or distrusted
        self.change(*(each.key for each in self.questions if each.key in MAIL_KEYS))

    def drop_mail(self) -> None:
        """Answer that there is no e-mail after all; what was said of its server is not written."""
        self.values["by_mail"] = False
        self.written["by_mail"] = _as_written(False, "")

    def answers(self) -> Answers:
        """Return what was answered, for `build_files`."""
        asked = [each.key for each in self.questions if each.when(self)]
        return build_answers({key: self.values[key] for key in asked if key in self.values})

    def _ask_if_due(self, question: Question) -> None:
        if question.when(self):
            self._ask(question)

    def _ask(self, question: Question) -> None:
        if question.key == "topics":
            self._show_topics()
        if question.hint:
            self._out.say()
            self._out.prose(question.hint, style="dim")
        default = self.written.get(question.key, question.default(self))
        reader = question.read or self._readers[question.key]
        while True:
            written = self._prompt(question, default)
            try:
                self.values[question.key] = reader(written)
            except read.WrongAnswer as wrong:
                self._out.prose(str(wrong), label="   no: ")
                if wrong.likely is not None and not question.hidden:
                    default = wrong.likely
                continue
            break
        if question.key == "security" and self.written.get("port") in DEFAULT_PORTS:
            del self.written["port"]  # it goes with the security, and is asked for again
        value = self.values[question.key]
        self.written[question.key] = _as_written(value, written)
        understood = self.written[question.key]
        if not isinstance(value, bool) and understood.casefold() != written.casefold():
            self._out.say(f"   that is: {show(understood)}")

    def _prompt(self, question: Question, default: str | None) -> str:
        shown = HIDDEN if question.hidden and default else default
        suffix = f" [{shown}]: " if shown else ": "
        words = question.words.replace("empty: all", "all") if default else question.words
        said: str = typer.prompt(
            words,  # with a default, nothing typed is no longer nothing
            default="",
            show_default=False,
            hide_input=question.hidden,
            prompt_suffix=suffix,
        ).strip()
        if default is not None and said.lower() in NONE_WORDS and question.key in LISTS:
            return ""
        return said or default or ""

    def _show_topics(self) -> None:
        self._out.say()
        for number, (name, title) in enumerate(self.topics, 1):
            self._out.prose(f"{name}: {title}", label=f"  {number}  ")


def _as_written(value: Any, written: str) -> str:
    """Return an answer as it was understood, in a form that can be answered again."""
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, bool):
        return "y" if value else "n"
    return value if isinstance(value, str) else written


def system_zone() -> str:
    """Return the time zone of this machine, or UTC where it does not say."""
    candidates = [os.environ.get("TZ", "").lstrip(":")]
    with contextlib.suppress(OSError, UnicodeDecodeError):
        candidates.append(Path("/etc/timezone").read_text(encoding="utf-8").strip())
    target = str(Path("/etc/localtime").resolve())
    candidates.append(target.partition(ZONES)[2])
    for zone in candidates:
        try:
            if zone and zone != "Etc/UTC":
                return read.read_zone(zone)
        except read.WrongAnswer:
            continue
    return "UTC"


def read_yes_no(written: str) -> bool:
    """Return whether the answer is yes."""
    word = written.strip().lower()
    if word in {"y", "yes", "true", "1"}:
        return True
    if word in {"n", "no", "false", "0", ""}:
        return False
    raise read.WrongAnswer("answer y (yes) or n (no)")


def _is_mail(given: Interview) -> bool:
    return bool(given.values.get("by_mail"))


def _has_login(given: Interview) -> bool:
    return _is_mail(given) and bool(given.values.get("username"))


def _default_data(given: Interview) -> str:
    return tilde(given.values["config"] / "data")


def _default_port(given: Interview) -> str:
    return str(read.SECURITY_PORTS[given.values["security"]])


def _default_login(given: Interview) -> str:
    sender = str(given.values.get("sender", ""))
    return sender.rpartition("<")[2].rstrip("> ")


ALL_IF_EMPTY = frozenset({"topics", "countries", "languages"})
LISTS = ALL_IF_EMPTY | {"username", "webhook_url", "ca_file"}
DEFAULT_PORTS = frozenset(map(str, read.SECURITY_PORTS.values()))
MAIL_KEYS = frozenset(
    {"host", "security", "port", "sender", "username", "password", "ca_file", "mail_to"}
)
QUESTIONS = (
    Question(
        key="config",
        words="Folder for your configuration",
        read=read.read_config_folder,
        default=lambda _: "~/watch",
    ),
    Question(
        key="data",
        words="Folder for what is kept (the database, the evidence)",
        read=read.read_data_folder,
        default=_default_data,
    ),
    Question(
        key="name",
        words="Your name, as it stands in messages",
        default=lambda _: "me",
    ),
    Question(
        key="time_zone",
        words="Your time zone",
        default=lambda _: system_zone(),
    ),
    Question(
        key="digest_at",
        words="When should the daily digest come",
        default=lambda _: "07:00",
    ),
    Question(
        key="topics",
        words="Only these topics (numbers with commas; empty: all)",
        default=lambda _: "",
    ),
    Question(
        key="countries",
        words="Only these host countries (Hungary, IT; empty: all)",
        default=lambda _: "",
        hint="The host country is where a police station or patrol is.",
    ),
    Question(
        key="languages",
        words="Only reports in these languages (Hungarian, it; empty: all)",
        default=lambda _: "",
    ),
    Question(
        key="copy_keywords",
        words="Put a copy of keywords.yaml into your folder, to change the words (y/n)",
        read=read_yes_no,
        default=lambda _: "n",
    ),
    Question(
        key="by_mail",
        words="Send by e-mail (y/n)",
        read=read_yes_no,
        default=lambda _: "n",
        hint="Without e-mail and webhook, every message is a file in a folder.",
    ),
    Question(
        key="host",
        words="Mail server",
        hint="Your mail provider calls this “outgoing server” or “SMTP”: smtp.example.org",
        when=_is_mail,
    ),
    Question(
        key="security",
        words="Security, starttls or tls (some say SSL)",
        default=lambda _: "starttls",
        when=_is_mail,
    ),
    Question(key="port", words="Port", default=_default_port, when=_is_mail),
    Question(key="sender", words="Sender address", read=read.read_sender, when=_is_mail),
    Question(
        key="username",
        words="User name at the mail server (-: no login)",
        read=str.strip,
        default=_default_login,
        when=_is_mail,
    ),
    Question(
        key="password",
        words="Password (is not shown while you type)",
        hidden=True,
        when=_has_login,
    ),
    Question(
        key="ca_file",
        words="The certificate authority's file (.pem; empty: those that this machine knows)",
        default=lambda _: "",
        hint="Who runs the mail server has it: the certificate of the authority that signed its.",
        when=lambda given: _is_mail(given) and given.distrusted,
    ),
    Question(
        key="mail_to",
        words="Send to which address (several with commas)",
        default=_default_login,
        when=_is_mail,
    ),
    Question(
        key="webhook_url",
        words="Webhook address (https://…; empty: none)",
        read=lambda written: read.read_hook(written) if written.strip() else "",
        default=lambda _: "",
        hint="A webhook is a program of your own that is called; most people have none.",
    ),
    Question(
        key="webhook_secret",
        words="Webhook secret (whsec_…, is not shown)",
        hidden=True,
        when=lambda given: bool(given.values.get("webhook_url")),
    ),
    Question(
        key="unit",
        words="Write a systemd unit, so that it can run day and night (y/n)",
        read=read_yes_no,
        default=lambda _: "n",
    ),
)
