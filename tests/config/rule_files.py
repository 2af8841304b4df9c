"""A small form of a file of rules, and how tests read a file by it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

from pydantic import Field

from monitor.config.reader import Document, StrictModel, read_document, validate


class RuleForm(StrictModel):
    name: str
    kind: Literal["near", "any"] = "any"
    score: float = 1.0
    report_at: float = Field(default=5.0, alias="report at")
    at: dt.time | None = None


class FileForm(StrictModel):
    version: int = 1
    rules: tuple[RuleForm, ...] = ()
    terms: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    on: bool = True
    password: str = ""


def read(folder: Path, text: str | bytes, *, name: str = "file.yaml", **options: int) -> Document:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_document(path, file=name, **options)


def problems_of(folder: Path, text: str | bytes, *, name: str = "file.yaml") -> list[str]:
    value, problems = validate(FileForm, read(folder, text, name=name))
    assert (value is None) == bool(problems)
    return [str(problem) for problem in problems]
