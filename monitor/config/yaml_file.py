"""YAML text into plain values with their lines, strictly; every problem that can be told at once.

Works on the parser's events, so nothing is ever constructed from a tag and no alias is expanded.
Without domain knowledge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from monitor.config.lines import Place
from monitor.config.scalars import UnclearValue, read_scalar
from monitor.errors import Problem

# keywords.yaml needs 7 levels; pydantic's JSON reader stops at 200.
DEEPEST = 30
MOST_PROBLEMS = 100
# The default keywords.yaml has some 15,000; as many as these take about ten seconds to read.
MOST_VALUES = 250_000

CURES = {
    "found character '\\t' that cannot start any token": (
        "a tab where YAML wants spaces",
        "replace the tab by spaces; most editors can do that for the whole file",
    ),
    "mapping values are not allowed here": (
        "a second ': ' in one line, or a line that stands too far to the right",
        "put the text in quotation marks, or align the line with its neighbours",
    ),
    "expected <block end>, but found": (
        "the line does not stand in one column with its neighbours",
        "align it with spaces",
    ),
    "found unexpected end of stream": (
        "a quotation mark is opened here and never closed",
        "close it, or take both away",
    ),
    "could not find expected ':'": ("a key without a colon", "write 'key: value'"),
    "expected ',' or ']'": ("a list is opened here with '[' and not closed", "close it with ']'"),
    "expected ',' or '}'": (
        "a mapping is opened here with '{' and not closed",
        "close it with '}'",
    ),
}


@dataclass
class _Open:
    """A mapping or list that is being filled."""

    value: dict[str, Any] | list[Any]
    place: Place
    key: str | None = None
    key_line: int = 1
    first_lines: dict[str, int] = field(default_factory=dict)


class _Reader:
    """Fills values and places from events, and gathers problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.open: list[_Open] = []
        self.value: Any = None
        self.place = Place(line=1)
        self.documents = 0
        self.values = 0

    def tell(self, event: Any, problem: str, cure: str) -> None:
        mark = event.start_mark
        self.problems.append(
            Problem(
                file=self.file,
                line=mark.line + 1,
                column=mark.column + 1,
                problem=problem,
                cure=cure,
            )
        )

    def take(self, event: Event) -> bool:
        """Take one event; return False to stop reading."""
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.tell(event, "a second document begins", "remove the line '---'")
                return False
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self.open.pop()
        elif isinstance(event, NodeEvent):
            return self.take_node(event) and len(self.problems) < MOST_PROBLEMS
        return True

    def take_node(self, event: NodeEvent) -> bool:
        self.values += 1
        if self.values > MOST_VALUES:
            self.tell(event, f"more than {MOST_VALUES:,} values", "split or shorten the file")
            return False
        self.check_extras(event)
        if isinstance(event, ScalarEvent):
            self.put_scalar(event)
            return True
        if isinstance(event, AliasEvent):
            self.put(event, None)
            return True
        if len(self.open) >= DEEPEST:
            self.tell(event, f"brackets or lists {DEEPEST} levels deep", "write it flatter")
            return False
        container: dict[str, Any] | list[Any] = {} if isinstance(event, MappingStartEvent) else []
        place = self.put(event, container)
        self.open.append(_Open(container, place))
        return True

    def check_extras(self, event: NodeEvent) -> None:
        if isinstance(event, AliasEvent):
            self.tell(event, f"'*{event.anchor}' refers to another place", "write the value out")
        elif event.anchor:
            self.tell(event, f"'&{event.anchor}' names a place for later", "remove it")
        tag = getattr(event, "tag", None)
        if tag:
            shown = str(tag).replace("tag:yaml.org,2002:", "!!")
            self.tell(event, f"the tag {shown!r} is not read here", "remove it")

    def put_scalar(self, event: ScalarEvent) -> None:
        written = str(event.value)
        if any("\ud800" <= character <= "\udfff" for character in written):
            self.tell(event, f"{written!r} holds half a character", "write the character itself")
            written = ""
        if self.wants_key():
            self.put_key(event, written)
            return
        value: Any = written
        if event.implicit[0]:
            try:
                value = read_scalar(written)
            except UnclearValue as unclear:
                self.tell(event, unclear.problem, unclear.cure)
        self.put(event, value)

    def wants_key(self) -> bool:
        return (
            bool(self.open) and isinstance(self.open[-1].value, dict) and self.open[-1].key is None
        )

    def put_key(self, event: ScalarEvent, key: str) -> None:
        top = self.open[-1]
        line = event.start_mark.line + 1
        first = top.first_lines.get(key)
        if first is not None:
            self.tell(
                event,
                f"the key {key!r} stands here a second time (first in line {first})",
                "keep one of them",
            )
        top.first_lines.setdefault(key, line)
        top.key, top.key_line = key, line

    def put(self, event: NodeEvent, value: Any) -> Place:
        """Put `value` where the event stands; return its place."""
        place = Place(line=event.start_mark.line + 1)
        if not self.open:
            self.value, self.place = value, place
            return place
        top = self.open[-1]
        if isinstance(top.value, list):
            top.place.put(len(top.value), place)
            top.value.append(value)
        elif top.key is None:
            self.tell(event, "a list or mapping as a key", "write a plain word as the key")
            top.key = ""
        else:
            place.line = top.key_line
            top.value[top.key] = value
            top.place.put(top.key, place)
            top.key = None
        return place


def read_yaml(text: str, *, file: str) -> tuple[Any, Place, tuple[Problem, ...]]:
    """Return the plain value of a YAML text, the places of its parts, and what is wrong with it.

    Refuses tags, anchors and aliases, duplicate keys, keys that are not plain, a second document,
    more than 30 levels, and unquoted values that can be meant in two ways. After a syntax error
    nothing behind it is read. Keys are always text.
    """
    reader = _Reader(file)
    try:
        for event in _parse(text):
            if not reader.take(event):
                break
    except YAMLError as error:
        reader.problems.append(_explain(error, text, file))
    return reader.value, reader.place, tuple(reader.problems)


def _parse(text: str) -> Iterator[Event]:
    yaml = YAML(typ="safe", pure=True)
    yield from yaml.parse(text)


def _explain(error: YAMLError, text: str, file: str) -> Problem:
    if not isinstance(error, MarkedYAMLError):
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1
        shown = ascii(text[position : position + 1])
        return Problem(
            file=file,
            line=line,
            problem=f"the character {shown} may not stand in a file",
            cure="remove it",
        )
    said = str(error.problem or error.context or error)
    problem, cure = _find_cure(said)
    mark = error.problem_mark
    if error.context_mark is not None and ("opened" in problem or mark is None):
        mark = error.context_mark
    line_column = (None, None) if mark is None else (mark.line + 1, mark.column + 1)
    return Problem(
        file=file, line=line_column[0], column=line_column[1], problem=problem, cure=cure
    )


def _find_cure(said: str) -> tuple[str, str]:
    for beginning, told in CURES.items():
        if said.startswith(beginning):
            return told
    return f"this is not YAML: {said}", "look at the line and the one above it"
