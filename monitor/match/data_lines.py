"""Read the data files beside the code: YAML with one `key: value` a line, both plain text.

A YAML reader takes a second for six thousand such lines, and this a hundredth of one; a test reads
the same files as YAML and compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from monitor.errors import ConfigError, Problem


def read_lines(path: Path) -> Iterator[tuple[int, str, str]]:
    """Yield the number, key and value of each line that holds any.

    Raises ConfigError at a line without a colon.
    """
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        key, colon, value = line.partition(": ")
        if not colon:
            raise ConfigError([build_problem(path, number, line)])
        yield number, key.strip().strip('"'), value.strip()


def split_terms(part: str) -> list[str]:
    """Return the terms of a comma-separated list."""
    return [term for term in (each.strip() for each in part.split(",")) if term]


def build_problem(path: Path, number: int, line: str) -> Problem:
    """Return what to say of a line that is none."""
    return Problem(
        file=path.name,
        line=number,
        problem=f"{line[:40]!r} cannot be read",
        cure="write `key: term, term`",
    )
