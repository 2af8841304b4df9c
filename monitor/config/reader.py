"""The one strict reader of configuration files: bytes → plain values, each with its line.

Whatever is wrong is a Problem with file, line, value and cure; as many at once as can be told.
The forms themselves are pydantic models beside their readers; see `validate`.
Without domain knowledge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from monitor.config.lines import Place, Step
from monitor.config.toml_file import read_toml
from monitor.config.validation import (
    MISSING,
    StrictModel,
    WrongValue,
    check_model,
    suggest,
    suggestion_cure,
)
from monitor.config.yaml_file import read_yaml
from monitor.errors import ConfigError, Problem

__all__ = [
    "Document",
    "StrictModel",
    "WrongValue",
    "raise_problems",
    "read_document",
    "suggest",
    "suggestion_cure",
    "validate",
]

Model = TypeVar("Model", bound=StrictModel)

# The default keywords.yaml is some 200 KB; 4 MiB hold 70,000 rules and take a quarter of a minute.
MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Document:
    """A configuration file as read: plain values, their lines, and what is wrong with its form.

    `file` is the path as problems show it. `value` is None when `problems` left nothing to read,
    and holds what stands before the place where a syntax error stopped the reading.
    `sha256` is the hex hash of the bytes, or "" when there are none.
    """

    file: str
    value: Any
    place: Place
    sha256: str
    problems: tuple[Problem, ...] = ()

    def line_of(self, path: Iterable[Step]) -> int | None:
        """Return the line of the value at `path` (keys and indices), or of what is around it."""
        return None if self.value is None else self.place.find_line(path)

    def problem(self, path: Iterable[Step], problem: str, cure: str) -> Problem:
        """Return a Problem about the value at `path`."""
        return Problem(file=self.file, line=self.line_of(path), problem=problem, cure=cure)


def read_document(
    path: Path,
    *,
    most_bytes: int = MOST_BYTES,
    file: str | None = None,
    form: Literal["toml", "yaml"] | None = None,
) -> Document:
    """Read the YAML or TOML file `path`, by its ending, and never raise for what is in it.

    path → bytes (capped) → text (UTF-8, BOM dropped) → values and places (YAML 1.2 or TOML 1.0)

    A missing, unreadable, huge, empty or wrongly encoded file is a Problem like any other.
    `file` is the name that problems show (the path unless given), `form` what it is whatever its
    ending.
    """
    shown = file or str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(most_bytes + 1)
    except OSError as error:
        return _broken(shown, *_explain_unreadable(error))
    digest = hashlib.sha256(data).hexdigest()
    if len(data) > most_bytes:
        return _broken(
            shown, f"the file is larger than {most_bytes:,} bytes", "split or shorten it", digest
        )
    text, wrong = _decode(data)
    if wrong is not None:
        return _broken(shown, *wrong, digest)
    form = form or ("toml" if path.suffix == ".toml" else "yaml")
    read = read_toml if form == "toml" else read_yaml
    value, place, problems = read(text, file=shown)
    if value is None and not problems:
        return _broken(shown, "the file is empty", "fill it, or remove it", digest)
    return Document(file=shown, value=value, place=place, sha256=digest, problems=problems)


def validate(model: type[Model], document: Document) -> tuple[Model | None, tuple[Problem, ...]]:
    """Return the document as a `model` and no problems, or None and every problem.

    A document with problems of form is not looked at further when nothing was read of it.
    Values under keys that name a secret are never shown in a problem.
    """
    if document.problems and document.value is None:
        return None, document.problems
    value, problems = check_model(model, document.value, document.problem)
    told_lines = {problem.line for problem in document.problems}
    # What a line with a problem of form holds, and what an unread rest may hold, is not judged.
    new = tuple(
        problem
        for problem in problems
        if problem.line not in told_lines
        and not (document.problems and problem.problem.endswith(MISSING))
    )
    found = sorted((*document.problems, *new), key=lambda problem: problem.line or 0)
    return (None if found else value), tuple(found)


def raise_problems(problems: Sequence[Problem]) -> None:
    """Raise ConfigError when there are any problems."""
    if problems:
        raise ConfigError(problems)


def _broken(
    file: str, problem: str, cure: str, sha256: str = "", line: int | None = None
) -> Document:
    told = Problem(file=file, line=line, problem=problem, cure=cure)
    return Document(file=file, value=None, place=Place(line=1), sha256=sha256, problems=(told,))


def _explain_unreadable(error: OSError) -> tuple[str, str]:
    if isinstance(error, FileNotFoundError):
        return "there is no such file", "create it with 'stationwatch init', or check the path"
    if isinstance(error, PermissionError):
        return "the file may not be read", "give yourself the right to read it"
    if isinstance(error, IsADirectoryError):
        return "this is a folder, not a file", "check the path"
    return f"the file cannot be read: {error.strerror}", "check the disk and the path"


def _decode(data: bytes) -> tuple[str, tuple[str, str] | None]:
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "", ("the file is saved as UTF-16", "save it as UTF-8")
        line = data.count(b"\n", 0, error.start) + 1
        shown = data[error.start : error.start + 1]
        return "", (f"line {line} holds the byte {shown!r}, which is not UTF-8", "save it as UTF-8")
