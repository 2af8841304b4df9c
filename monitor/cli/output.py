"""Printing: tables and plain lines for people, JSON for scripts; text from outside stays text."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from pydantic_core import to_jsonable_python
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape as escape_markup
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from monitor.errors import StationwatchError, UsageError, reason_of
from monitor.log import escape

NUMBERED = re.compile(r"\[Errno -?\d+\] (\w?)")
WIDE = 240
"""Columns of a table that goes into a file or another program; a terminal has its own width."""


def to_json(value: Any) -> Any:
    """Return `value` as what JSON knows: dataclasses as objects, times as RFC 3339."""
    return to_jsonable_python(value)


def dump_json(value: Any) -> str:
    """Return `value` on one line; letters of every script are kept as they are."""
    return json.dumps(to_json(value), ensure_ascii=False)


def clean(text: Any) -> str:
    """Return `text` on one line without escape sequences, and without the system's error numbers.

    "[Errno -2] Name or service not known" tells a person nothing that its words do not.
    """
    return NUMBERED.sub(lambda found: found[1].lower(), escape(str(text)))


def show(text: Any) -> str:
    """Return `text` safe for a terminal: no markup, no escape sequence, no line of its own."""
    return escape_markup(clean(text))


class Output:
    """Where one command prints; with `as_json` only JSON goes to standard output."""

    def __init__(self, *, as_json: bool, out: TextIO | None = None, err: TextIO | None = None):
        self.as_json = as_json
        self._out = out or sys.stdout
        self.console = Console(file=self._out, highlight=False, soft_wrap=True)
        if not self.console.is_terminal:
            self.console.width = WIDE
        self.errors = Console(file=err or sys.stderr, highlight=False, soft_wrap=True)

    def document(self, value: Any) -> None:
        """Print one JSON document, indented for a person who pipes it into a pager."""
        self._out.write(json.dumps(to_json(value), ensure_ascii=False, indent=2) + "\n")

    def lines(self, values: Iterable[Any]) -> None:
        """Print JSON Lines as they come."""
        for value in values:
            self._out.write(dump_json(value) + "\n")
            self._out.flush()

    def say(self, markup: str = "") -> None:
        """Print one line for a person; whatever is from outside went through `show`."""
        if not self.as_json:
            self.console.print(markup)

    def prose(self, text: str, *, label: str = "", style: str = "") -> None:
        """Print `text`, which may be from outside, broken between words on a terminal.

        `label` stands before it, and the lines that follow begin behind it. Elsewhere it is one
        line, for grep.
        """
        if not self.as_json:
            self._wrapped(self.console, text, label=label, style=style)

    def warn_prose(self, text: str, *, label: str = "") -> None:
        """Print `text` as `prose` does, on standard error and in every mode."""
        self._wrapped(self.errors, text, label=label, style="")

    def _wrapped(
        self, console: Console, text: str, *, label: str, style: str, hang: int | None = None
    ) -> None:
        indent = len(label) if hang is None else hang
        plain = clean(text)
        begin = f"[bold]{escape_markup(label)}[/]" if label.strip() else label
        lines = [plain]
        if console.is_terminal:
            width = max(console.width - indent, 30)
            lines = textwrap.wrap(plain, width, break_long_words=False, break_on_hyphens=False) or [
                ""
            ]
        for at, line in enumerate(lines):
            before = " " * indent if at else begin
            shown = escape_markup(line)
            console.print(f"{before}[{style}]{shown}[/]" if style else f"{before}{shown}")

    def warn(self, markup: str) -> None:
        """Print one line on standard error, in every mode."""
        self.errors.print(markup)

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str | None = None
    ) -> None:
        """Print a table for a person; every cell is text from outside.

        One that is wider than the terminal is printed as lines, a row each: folded columns of five
        letters cannot be read.
        """
        cells = [[clean("" if cell is None else cell) for cell in row] for row in rows]
        widths = [max(map(cell_len, column)) for column in zip(columns, *cells, strict=True)]
        if self.console.is_terminal and sum(widths) + 2 * len(widths) > self.console.width:
            self._rows_as_lines(columns, cells, title)
            return
        table = Table(
            title=title, title_justify="left", box=None, pad_edge=False, header_style="bold"
        )
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in cells:
            table.add_row(*map(escape_markup, row))
        self.console.print(table, soft_wrap=False)

    def _rows_as_lines(
        self, columns: Sequence[str], rows: Iterable[Sequence[str]], title: str | None
    ) -> None:
        if title is not None:
            self.console.print(title, style="italic")
        self._wrapped(self.console, " · ".join(columns), label="", style="bold", hang=2)
        for row in rows:
            self._wrapped(
                self.console, " · ".join(cell or "-" for cell in row), label="", style="", hang=2
            )

    @contextmanager
    def progress(self, what: str, *, total: int | None = None) -> Iterator[ProgressBar]:
        """Show a bar on a terminal, and nothing elsewhere or with `as_json`."""
        hidden = self.as_json or not self.errors.is_terminal
        bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.errors,
            transient=True,
            disable=hidden,
        )
        with bar:
            yield ProgressBar(bar, what, total)


class ProgressBar:
    """One line of progress; its total may grow while it runs."""

    def __init__(self, bar: Progress, what: str, total: int | None):
        self._bar = bar
        self._task = bar.add_task(show(what), total=total)

    def update(self, *, done: int, total: int | None, what: str | None = None) -> None:
        """Show `done` of `total`, None where nobody knows yet."""
        if what is None:
            self._bar.update(self._task, completed=done, total=total)
        else:
            self._bar.update(self._task, completed=done, total=total, description=show(what))


@contextmanager
def writing_to(path: Path) -> Iterator[Path]:
    """Turn what the file system says of a file that a person named into one sentence with the cure.

    Raises UsageError for a name that cannot be one, StationwatchError when writing fails.
    """
    where = f"while writing {str(path)!r}"
    if path.is_dir():
        raise UsageError(f"{where}: this is a folder; name a file in it")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{where}: there is no folder {str(path.parent)!r}; make it first")
    try:
        yield path
    except OSError as error:
        raise StationwatchError(
            f"{where}: {reason_of(error)}; check the room on the disk and the rights of the folder"
        ) from error


def number(count: int, word: str, plural: str | None = None) -> str:
    """Return a count with its noun: `1 story`, `2 stories`."""
    return f"{count} {word if count == 1 else plural or f'{word}s'}"


def count_things(counts: Mapping[str, int]) -> str:
    """Return counts of things named in the plural: `2 reports, 1 copy of messages`; as above."""
    found = sorted(((n, name) for name, n in counts.items() if n), key=lambda x: (-x[0], x[1]))
    said = (f"1 {_one_of(name)}" if n == 1 else f"{n} {name}" for n, name in found)
    return ", ".join(said) or "none"


def _one_of(things: str) -> str:
    first, space, rest = things.partition(" ")
    for many, one in (("ies", "y"), ("ches", "ch"), ("s", "")):
        if first.endswith(many):
            return f"{first.removesuffix(many)}{one}{space}{rest}"
    return things


def count_words(counts: Mapping[Any, int]) -> str:
    """Return counts as words: `12 no match, 5 new`; largest first, zeros left out."""
    found = sorted(
        ((n, str(to_json(k))) for k, n in counts.items() if n), key=lambda x: (-x[0], x[1])
    )
    return ", ".join(f"{n} {name}" for n, name in found) or "none"
