"""Walk a configuration document whose keys are partly free, collecting every problem on the way.

Where pydantic's models would tell less: names that refer to one another, values in people's words.
Without domain knowledge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from monitor.config.lines import Step
from monitor.config.reader import Document, suggestion_cure
from monitor.config.validation import show
from monitor.errors import Problem

Path = tuple[Step, ...]

ON_OFF = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}


class Form:
    """Read values of a document by their path; what is wrong becomes a problem and a default."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.problems: list[Problem] = []

    def tell(self, path: Path, problem: str, cure: str) -> None:
        """Keep a problem about the value at `path`."""
        self.problems.append(self._document.problem(path, problem, cure))

    def line_of(self, path: Path) -> int | None:
        """Return the line of the value at `path`."""
        return self._document.line_of(path)

    def mapping(
        self, value: Any, path: Path, name: str, *, known: Iterable[str] | None = None
    ) -> dict[str, Any]:
        """Return keys with values; with `known`, keys outside it are problems and left out."""
        if value is None:
            value = {}
        if not isinstance(value, dict):
            self.tell(
                path, f"{name} must be keys with values, but is {show(value)}", "write 'key: value'"
            )
            return {}
        if known is None:
            return {str(key): inner for key, inner in value.items()}
        allowed = list(known)
        for key in value:
            if key not in allowed:
                self.tell(
                    (*path, key),
                    f"unknown key {key!r} in {name}",
                    suggestion_cure(str(key), allowed),
                )
        return {key: inner for key, inner in value.items() if key in allowed}

    def items(self, value: Any, path: Path, name: str) -> list[tuple[Any, Path]]:
        """Return the items of a list, each with its path."""
        if value is None:
            return []
        if not isinstance(value, list):
            self.tell(
                path,
                f"{name} must be a list, but is {show(value)}",
                "put it in square brackets: […]",
            )
            return []
        return [(item, (*path, number)) for number, item in enumerate(value)]

    def text(self, value: Any, path: Path, name: str) -> str:
        """Return text, or "" with a problem."""
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, bool | int | float):
            written = str(value).lower() if isinstance(value, bool) else str(value)
            self.tell(
                path,
                f"{name} must be text, but is {show(value)}",
                f'put it in quotation marks: "{written}"',
            )
        elif isinstance(value, str) or value is None:
            self.tell(path, f"{name} is empty", "write it, or remove the key")
        else:
            self.tell(path, f"{name} must be text, but is {show(value)}", "write one text")
        return ""

    def number(
        self, value: Any, path: Path, name: str, *, least: float, most: float, default: float
    ) -> float:
        """Return a number between `least` and `most`, or the default with a problem."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.tell(path, f"{name} must be a number, but is {show(value)}", "write a number")
            return default
        if not least <= value <= most:
            self.tell(path, f"{name} is {value:g}", f"write a number from {least:g} to {most:g}")
            return default
        return float(value)

    def switch(self, value: Any, path: Path, name: str) -> bool:
        """Return what `on` or `off` says."""
        known = value if isinstance(value, bool) else ON_OFF.get(str(value).casefold())
        if known is None:
            self.tell(path, f"{name} is {show(value)}", "write on or off")
            return True
        return bool(known)

    def names(self, value: Any, path: Path, name: str, known: Sequence[str]) -> tuple[str, ...]:
        """Return a list of names, or one name, each of which must be known."""
        listed = [(value, path)] if isinstance(value, str) else self.items(value, path, name)
        good: list[str] = []
        for item, where in listed:
            written = self.text(item, where, f"an item of {name}")
            if written and written not in known:
                self.tell(where, f"unknown {name} {written!r}", suggestion_cure(written, known))
            elif written:
                good.append(written)
        return tuple(good)
