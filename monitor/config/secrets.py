"""Passwords and signing keys: from files of their own or from the environment, never shown.

A problem about a secret names the file or the variable, never what is in it.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PREFIX = "STATIONWATCH_"
LONGEST_SECRET = 4096
WEBHOOK_PREFIX = "whsec_"


class SecretMissing(ValueError):
    """A secret cannot be had; says why, and the cure."""

    def __init__(self, problem: str, cure: str) -> None:
        self.problem = problem
        self.cure = cure
        super().__init__(problem)


@dataclass(frozen=True, kw_only=True)
class SecretPlaces:
    """Where secrets are looked for: file names are relative to the configuration `folder`."""

    folder: Path
    environment: Mapping[str, str]

    def read_file(self, name: str) -> str:
        """Return the one line in the file `name`; raise SecretMissing.

        Refuses a file that everybody on the machine may read (FAULTS H3).
        """
        path = self.folder / name
        try:
            mode = path.stat().st_mode
            if not stat.S_ISREG(mode):
                raise SecretMissing(f"{str(path)!r} is not a file", "name a file")
            if os.name == "posix" and mode & stat.S_IRWXO:
                raise SecretMissing(
                    f"everybody on this machine may read the secret in {str(path)!r}",
                    f"run: chmod 600 '{path}'",
                )
            data = path.read_bytes()[: LONGEST_SECRET + 1]
        except OSError as error:
            raise SecretMissing(
                f"the secret in {str(path)!r} cannot be read: {error.strerror}",
                "create the file with the secret in one line, or correct its name",
            ) from error
        return _one_line(data, repr(str(path)))

    def read_variable(self, name: str) -> str:
        """Return the environment variable `name`; raise SecretMissing."""
        if not name.startswith(PREFIX):
            raise SecretMissing(
                f"the variable {name!r} is not one of ours", f"begin its name with {PREFIX}"
            )
        value = self.environment.get(name)
        if not value:
            raise SecretMissing(
                f"the environment variable {name} is not set", "set it, or use a file instead"
            )
        return _one_line(value.encode("utf-8", "surrogateescape"), f"the variable {name}")


def _one_line(data: bytes, where: str) -> str:
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise SecretMissing(f"the secret in {where} is not UTF-8", "write it anew") from None
    if not text:
        raise SecretMissing(f"the secret in {where} is empty", "write the secret there")
    if len(data) > LONGEST_SECRET or not text.isprintable():
        raise SecretMissing(
            f"the secret in {where} is not one line of plain text", "write it in one line"
        )
    return text


def check_signing_key(secret: str, where: str) -> str:
    """Return a webhook's key when it is one after Standard Webhooks; else raise SecretMissing.

    The specification wants 24 to 64 random bytes in base64, with or without `whsec_` before it.
    """
    try:
        size = len(base64.b64decode(secret.removeprefix(WEBHOOK_PREFIX), validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if 24 <= size <= 64:
        return secret
    raise SecretMissing(
        f"the secret in {where} is no signing key (24 to 64 bytes in base64)",
        "make one with: openssl rand -base64 32",
    )
