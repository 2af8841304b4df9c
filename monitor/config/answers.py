"""One answer at a time, as a person types it: checked, put into its form, with the nearest guess.

Each `read_…` returns what goes into `Answers`, or raises WrongAnswer with the sentence and, where
there is one, the answer that was probably meant.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import time
from pathlib import Path
from typing import Any

from monitor.config.files import SETTINGS, SOURCES
from monitor.config.init import HOOK_SECRET_FILE, PASSWORD_FILE
from monitor.config.places import check_country, check_language, check_time_zone, is_name_of
from monitor.config.secrets import SecretMissing, check_signing_key
from monitor.config.settings_form import NAMED_ADDRESS, check_authority, check_mail_address
from monitor.config.validation import WrongValue, suggest
from monitor.egress import check_url, parse_allowance
from monitor.errors import EgressRefused

HOST = re.compile(
    r"(?=.{1,253}$)(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*|\[?[0-9A-Fa-f:]+\]?"
)
TIME = re.compile(r"(\d{1,2})(?:[:.h ]?(\d{2}))?")
MEANT = re.compile(r"(?:did you mean|write) '([^']+)'|did you mean .+ \(([A-Za-z]+)\)\?$")
SECURITIES = ("starttls", "tls", "none")
SECURITY_PORTS = {"starttls": 587, "tls": 465, "none": 25}
MAIL_DOMAINS = (
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "yahoo.com", "proton.me",
    "protonmail.com", "icloud.com", "gmx.de", "gmx.net", "web.de", "riseup.net", "posteo.de",
    "tutanota.com", "mailbox.org", "fastmail.com",
)  # fmt: skip


class WrongAnswer(ValueError):
    """An answer that cannot be taken; `likely` is what was probably meant, to be offered."""

    def __init__(self, sentence: str, *, likely: str | None = None) -> None:
        self.likely = likely
        super().__init__(sentence)


def read_name(written: str) -> str:
    """Return the name of a subscriber."""
    name = written.strip()
    if not 1 <= len(name) <= 45 or not name.isprintable() or "/" in name:
        raise WrongAnswer("write 1 to 45 letters, digits and spaces, without '/'")
    return name


def read_zone(written: str) -> str:
    """Return an IANA time zone."""
    return _checked(check_time_zone, written.strip())


def read_time(written: str) -> str:
    """Return a time of day as `07:30`; `7`, `7.30` and `730` are taken, too."""
    found = TIME.fullmatch(written.strip())
    try:
        hour, minute = (int(part or 0) for part in found.groups()) if found else (24, 0)
        return time(hour, minute).strftime("%H:%M")
    except ValueError:
        raise WrongAnswer(f"{written!r} is no time of day: write one like 07:30") from None


def read_countries(written: str) -> tuple[str, ...]:
    """Return country codes; a country's name in a dozen languages is taken for its code."""
    return _read_all(written, _country)


def read_languages(written: str) -> tuple[str, ...]:
    """Return language codes; a language's name is taken for its code."""
    return _read_all(written, _language)


def topic_reader(known: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    """Return what reads a list of topics, each of them `known` by its id or its number."""

    def read_one(word: str) -> str:
        if word.isdecimal() and 1 <= int(word) <= len(known):
            return known[int(word) - 1]
        if word in known:
            return word
        meant = suggest(word, known)
        hint = f"did you mean {meant!r}?" if meant else f"there are: {', '.join(known)}"
        raise WrongAnswer(f"unknown topic {word!r}: {hint}", likely=meant)

    return lambda written: _read_all(written, read_one)


def read_host(written: str) -> str:
    """Return the name of a mail server."""
    host = written.strip().removesuffix(".")
    bare = re.sub(r"^[a-z]+://", "", host, flags=re.IGNORECASE).partition("/")[0]
    bare, _, port = bare.rpartition(":") if re.fullmatch(r"[^:]+:\d+", bare) else (bare, "", "")
    if bare != host and HOST.fullmatch(bare):
        also = f" (the port {port} is asked for next)" if port else ""
        raise WrongAnswer(f"write the name alone, without {host!r} around it{also}", likely=bare)
    if "@" in host:
        raise WrongAnswer(
            f"{host!r} is a mail address, not a server",
            likely=f"smtp.{host.rpartition('@')[2]}",
        )
    if not HOST.fullmatch(host):
        raise WrongAnswer(f"{host!r} is no name of a server: write one like smtp.example.org")
    return host


def read_port(written: str) -> int:
    """Return a port number."""
    if not written.strip().isdecimal() or not 1 <= int(written) <= 65535:
        raise WrongAnswer(
            f"{written.strip()!r} is no port: write a number from 1 to 65535, mostly 587 or 465"
        )
    return int(written)


def read_security(written: str) -> str:
    """Return how the connection to the mail server is kept secret."""
    word = written.strip().lower()
    if word in SECURITIES:
        return word
    meant = {"ssl": "tls", "ssl/tls": "tls", "smtps": "tls", "start tls": "starttls"}.get(word)
    meant = meant or suggest(word, SECURITIES)
    raise WrongAnswer(f"unknown security {written!r}: write starttls or tls", likely=meant)


def read_address(written: str) -> str:
    """Return one mail address."""
    address = written.strip()
    try:
        check_mail_address(address)
    except WrongValue as wrong:
        raise WrongAnswer(f"{wrong.problem}: {wrong.cure}") from None
    name, _, domain = address.rpartition("@")
    host = domain.lower()
    if "." not in host and host != "localhost":
        likely = next((each for each in MAIL_DOMAINS if each.startswith(f"{host}.")), None)
        raise WrongAnswer(
            f"the address {address!r} lacks its ending (like .org)",
            likely=f"{name}@{likely}" if likely else None,
        )
    if not HOST.fullmatch(host) or ".." in address:
        raise WrongAnswer(f"{address!r} is no mail address: write it like name@example.org")
    return address


def read_addresses(written: str) -> str:
    """Return one mail address or several with commas."""
    return ", ".join(read_address(one) for one in written.split(","))


def read_sender(written: str) -> str:
    """Return the address that mail comes from, with or without a name before it."""
    named = NAMED_ADDRESS.fullmatch(written.strip())
    read_address(named[1] if named else written)
    return written.strip()


def read_authority(written: str) -> str:
    """Return the path of a file with the certificates of an authority; empty is none."""
    if not written.strip():
        return ""
    file = Path(written.strip()).expanduser().absolute()
    if not file.is_file():
        raise WrongAnswer(f"there is no file {str(file)!r}: name the .pem file of the authority")
    try:
        check_authority(file)
    except WrongValue as wrong:
        raise WrongAnswer(f"{wrong.problem}: {wrong.cure}") from None
    return str(file)


def read_hook(written: str) -> str:
    """Return the address of a webhook: https, and public."""
    url = written.strip()
    if "://" not in url and "." in url:
        raise WrongAnswer(f"{url!r} lacks its beginning", likely=f"https://{url}")
    try:
        target = check_url(url, parse_allowance(()))
    except EgressRefused as refused:
        raise WrongAnswer(
            f"{refused} (a private address must be named in {SETTINGS} by hand: allow_private)"
        ) from None
    if target.scheme != "https":
        raise WrongAnswer(
            "messages would travel in clear text", likely=url.replace("http://", "https://", 1)
        )
    return url


def read_hook_secret(written: str) -> str:
    """Return a webhook's signing key."""
    try:
        return check_signing_key(written.strip(), "your answer")
    except SecretMissing as missing:
        raise WrongAnswer(f"{missing.problem}: {missing.cure}") from None


def read_password(written: str) -> str:
    """Return a password: one line, not empty."""
    word = written.strip()
    if not word or not word.isprintable():
        raise WrongAnswer("a password is one line of plain text, and not empty")
    return word


READERS: Mapping[str, Callable[[str], Any]] = {
    "name": read_name,
    "time_zone": read_zone,
    "digest_at": read_time,
    "countries": read_countries,
    "languages": read_languages,
    "host": read_host,
    "port": read_port,
    "security": read_security,
    "sender": read_sender,
    "mail_to": read_addresses,
    "webhook_url": read_hook,
    "webhook_secret": read_hook_secret,
    "password": read_password,
    "ca_file": read_authority,
}
"""What reads each answer, typed at a question or written into a file."""


def read_config_folder(written: str) -> Path:
    """Return a folder that a new configuration can be written to: it holds none yet."""
    folder = _read_folder(written)
    names = (SETTINGS, SOURCES, PASSWORD_FILE, HOOK_SECRET_FILE)
    there = [name for name in names if (folder / name).exists()]
    if there:
        are = "is" if len(there) == 1 else "are"
        raise WrongAnswer(
            f"{' and '.join(there)} {are} in {str(folder)!r} already: name another folder"
        )
    return folder


def read_data_folder(written: str) -> Path:
    """Return a folder for what is kept; a database that is there already is kept as it is."""
    return _read_folder(written)


def _read_folder(written: str) -> Path:
    if not written.strip():
        raise WrongAnswer("name a folder")
    folder = Path(written.strip()).expanduser().absolute()
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    if not nearest.is_dir():
        raise WrongAnswer(f"{str(nearest)!r} is a file, not a folder: name another")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise WrongAnswer(
            f"nothing may be written to {str(nearest)!r}: name a folder of your own, like ~/watch"
        )
    return folder


def _read_all(written: str, read_one: Callable[[str], str]) -> tuple[str, ...]:
    """Return every word of a list with commas; a wrong one is told with the whole list mended."""
    words = [word.strip() for word in re.split(r"[,;]", written) if word.strip()]
    read: list[str] = []
    mended: list[str] = []
    sentences: list[str] = []
    hopeless = False
    for word in words:
        try:
            read.append(read_one(word))
            mended.append(read[-1])
        except WrongAnswer as wrong:
            sentences.append(str(wrong))
            hopeless = hopeless or wrong.likely is None
            mended.append(wrong.likely or word)
    if sentences:
        likely = None if hopeless else ", ".join(_unique(mended))
        raise WrongAnswer("; ".join(sentences), likely=likely)
    return _unique(read)


def _unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _country(word: str) -> str:
    return _code(check_country, word)


def _language(word: str) -> str:
    return _code(check_language, word)


def _code(check: Callable[[str], str], word: str) -> str:
    """Return the code that `word` is, or that it names beyond doubt; else raise WrongAnswer."""
    try:
        return check(word)
    except WrongValue as wrong:
        meant = _find_meant(wrong)
        if meant is not None and is_name_of(word, meant):
            return meant
        raise WrongAnswer(f"{wrong.problem}: {wrong.cure}", likely=meant) from None


def _checked(check: Callable[[str], str], written: str) -> str:
    try:
        return check(written)
    except WrongValue as wrong:
        raise WrongAnswer(f"{wrong.problem}: {wrong.cure}", likely=_find_meant(wrong)) from None


def _find_meant(wrong: WrongValue) -> str | None:
    """Return the answer that the cure names, of the two forms in which one does."""
    found = MEANT.search(wrong.cure)
    return found[1] or found[2] if found else None
