"""TOML text into plain values with their lines; tomllib reads, a light scan finds the lines.

Without domain knowledge.
"""

from __future__ import annotations

import contextlib
import math
import re
import tomllib
from datetime import date, datetime, time
from typing import Any

from monitor.config.lines import Place, Step
from monitor.config.yaml_file import DEEPEST
from monitor.errors import Problem

POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
BLANK = re.compile(r"[ \t]*")
BLANK_LINES = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
PLAIN_VALUE = re.compile(r"[^,\]}\n#]*")
STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")' r"|'''.*?'{3,5}(?!')" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'",
    re.DOTALL,
)
# 64 bits: what SQLite, pydantic and JSON readers hold.
LARGEST = 2**63 - 1
# Each costs a reading of the whole file; a value is hardly longer than this many lines.
MOST_TRIES = 200

CURES = (
    ("Cannot overwrite", "a key or section that stands in the file already", "keep one of them"),
    ("Cannot declare", "a section that stands in the file already", "keep one of them"),
    ("Cannot mutate", "a section that stands in the file already", "keep one of them"),
    ("Duplicate inline", "a key that stands here already", "keep one of them"),
    ("Invalid value", "a value that is no TOML", 'put text in quotation marks: key = "text"'),
    ("Expected '='", "no '=' behind the key", 'write key = "value"'),
    (
        "Expected newline or end of document",
        "more behind the value than belongs there",
        'put text and times in quotation marks: digest_at = "07:30"',
    ),
    (
        "Illegal character",
        "a line break or control character in a text",
        "close the quotation mark",
    ),
    ("Unescaped '\\'", "a '\\' that begins nothing", "write '\\\\' or use single quotation marks"),
    ('Expected "\'"', "a quotation mark that is not closed", "close it"),
    ("Unclosed array", "a list that is not closed", "close it with ']'"),
)
CUT_SHORT = (
    "the file ends in the middle of a value",
    "close the bracket or quotation mark that is open",
)


def read_toml(text: str, *, file: str) -> tuple[Any, Place, tuple[Problem, ...]]:
    """Return the plain value of a TOML text, the places of its parts, and what is wrong with it.

    Dates and times become text in their ISO form. tomllib stops at the first syntax error, so
    that one is told alone. Refuses infinity, integers beyond 64 bits and more than 30 levels.
    """
    too_deep = Problem(
        file=file, line=None, problem=f"more than {DEEPEST} levels", cure="write it flatter"
    )
    try:
        raw = tomllib.loads(text)
    except RecursionError:
        return None, Place(line=1), (too_deep,)
    except ValueError as error:
        return None, Place(line=1), (_explain(str(error), text, file),)
    if _is_deeper(raw, DEEPEST):
        return None, Place(line=1), (too_deep,)
    if not raw:
        return {}, Place(line=1), ()
    place = _LineScan(text).read()
    problems: list[Problem] = []
    value = _make_plain(raw, (), _Telling(file, place, problems))
    return value, place, tuple(problems)


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    if levels == 0:
        return True
    parts = value.values() if isinstance(value, dict) else value
    return any(_is_deeper(part, levels - 1) for part in parts)


class _Telling:
    def __init__(self, file: str, place: Place, problems: list[Problem]) -> None:
        self.file, self.place, self.problems = file, place, problems

    def tell(self, path: tuple[Step, ...], problem: str, cure: str) -> None:
        line = self.place.find_line(path)
        self.problems.append(Problem(file=self.file, line=line, problem=problem, cure=cure))


def _make_plain(value: Any, path: tuple[Step, ...], telling: _Telling) -> Any:
    if isinstance(value, dict):
        return {key: _make_plain(part, (*path, key), telling) for key, part in value.items()}
    if isinstance(value, list):
        return [_make_plain(part, (*path, at), telling) for at, part in enumerate(value)]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        telling.tell(path, f"{value} is not a number here", "write a number")
        return None
    if isinstance(value, int) and abs(value) > LARGEST:
        telling.tell(path, "a number beyond 64 bits", "write a smaller one")
        return None
    return value


def _explain(said: str, text: str, file: str) -> Problem:
    position = POSITION.search(said)
    line: int | None = None
    column: int | None = None
    if position and position[1]:
        line, column = int(position[1]), int(position[2])
    elif position:
        line = _find_last_start(text)
        problem, cure = CUT_SHORT
        return Problem(file=file, line=line, problem=problem, cure=cure)
    bare = POSITION.sub("", said)
    problem, cure = f"this is not TOML: {bare}", "look at the line and the one above it"
    for beginning, known, known_cure in CURES:
        if bare.startswith(beginning):
            problem, cure = known, known_cure
            break
    return Problem(file=file, line=line, column=column, problem=problem, cure=cure)


def _find_last_start(text: str) -> int:
    """Return the line in which the value begins that the end of the text cuts short."""
    lines = text.rstrip().split("\n")
    for whole in range(len(lines) - 1, max(-1, len(lines) - MOST_TRIES), -1):
        with contextlib.suppress(ValueError):
            tomllib.loads("\n".join(lines[:whole]))
            return whole + 1
    return len(lines)


class _LineScan:
    """Finds the line of each key and list element in a text that tomllib has accepted."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.root = Place(line=1)
        self._counted_to = 0
        self._line = 1

    def read(self) -> Place:
        """Return the place of the whole document, with those of its parts inside."""
        table = self.root
        while True:
            self.skip(BLANK_LINES)
            if self.at >= len(self.text):
                return self.root
            if self.text.startswith("[", self.at):
                table = self.read_header()
            else:
                self.read_pair(table)

    def line(self) -> int:
        """Return the line of the present position; positions only grow."""
        self._line += self.text.count("\n", self._counted_to, self.at)
        self._counted_to = self.at
        return self._line

    def skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def read_header(self) -> Place:
        is_list = self.text.startswith("[[", self.at)
        line = self.line()
        self.at += 2 if is_list else 1
        keys = self.read_keys()
        self.at += 2 if is_list else 1
        table = self.descend(self.root, keys[:-1], line)
        if not is_list:
            return self.descend(table, keys[-1:], line)
        elements = table.find(keys[-1]) or table.put(keys[-1], Place(line=line))
        return elements.put(len(elements.inside or {}), Place(line=line))

    def descend(self, table: Place, keys: list[str], line: int) -> Place:
        """Return the table at `keys`; below a list of tables, that is its last one."""
        for key in keys:
            table = table.find(key) or table.put(key, Place(line=line))
            if table.inside and isinstance(next(iter(table.inside)), int):
                table = table.inside[len(table.inside) - 1]
        return table

    def read_keys(self) -> list[str]:
        keys: list[str] = []
        while True:
            self.skip(BLANK)
            written = self.skip(BARE_KEY)
            if not written:
                written = _unquote(self.skip(STRING))
            keys.append(written)
            self.skip(BLANK)
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def read_pair(self, table: Place) -> None:
        line = self.line()
        keys = self.read_keys()
        self.at += 1  # the "="
        owner = self.descend(table, keys[:-1], line)
        self.read_value(owner.put(keys[-1], Place(line=line)))
        self.skip(BLANK)

    def read_value(self, place: Place) -> None:
        self.skip(BLANK)
        if self.text.startswith("[", self.at):
            self.read_parts(place, "]")
        elif self.text.startswith("{", self.at):
            self.read_parts(place, "}")
        elif not self.skip(STRING):
            self.skip(PLAIN_VALUE)

    def read_parts(self, place: Place, closing: str) -> None:
        self.at += 1
        count = 0
        while True:
            self.skip(BLANK_LINES)
            if self.text.startswith(closing, self.at):
                self.at += 1
                return
            if self.text.startswith(",", self.at):
                self.at += 1
            elif closing == "]":
                self.read_value(place.put(count, Place(line=self.line())))
                count += 1
            else:
                self.read_pair(place)


def _unquote(written: str) -> str:
    return str(next(iter(tomllib.loads(f"{written} = 0"))))
