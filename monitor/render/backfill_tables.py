"""The tables of a backfill's page: what was covered, by source and month; rows of zeros left out.

The workbook and the JSON file have every row and column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from monitor.render.clean import visible
from monitor.text.counting import plural

MOST_ROWS = 100_000
SHOWN_MONTHS = 600

COLUMNS = ("covered", "found", "ruled out", "no match", "failed", "outside", "waiting")
"""Of a month: `covered` are the pages that were read; `failed` and `waiting` are not among them."""

ALWAYS = frozenset({"covered", "found"})
"""Columns that are shown with nothing but zeros in them, too."""

LOUD = ("found", "outside", "failed", "waiting")
"""A source with a page in one of them has a row that somebody will look for."""

LONG_WORD = re.compile(r"\S{21,}")
"""More letters than fit on one line of a phone, beside what was found."""
JOINT = re.compile(r"[._/](?=\w)")

FEW_QUIET = 12
"""So many sources with nothing but pages without a match are shown as all others are."""

PUBLICATION, CAPTURE = "publication", "capture"

MEANS = {
    "covered": "pages that were read",
    "ruled out": "could hold no match, by the filter's first look",
    "no match": "read, and not on the topics",
    "failed": "could not be had or read, and are not among the covered",
    "outside": "flagged, but left out as outside of what was asked for",
    "waiting": "not asked for yet",
}


@dataclass(frozen=True, kw_only=True)
class MonthRow:
    """One month of one source, `2024-03`; empty where no date is known."""

    month: str
    counts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class SourceRows:
    """One source, by month.

    `month_of` says what its months are: of publication, as the article or the list says, or of
    capture, as a file of captures has them.
    """

    name: str
    months: tuple[MonthRow, ...]
    month_of: str = PUBLICATION

    def total(self, column: str) -> int:
        """Return the sum of a column."""
        return sum(row.counts.get(column, 0) for row in self.months)


def render_covered(sources: Sequence[SourceRows]) -> str:
    """Return the tables; what they leave out, and what their columns are, is said below them."""
    rows = [source for source in sources if any(source.total(name) for name in COLUMNS)]
    if not rows:
        return "<div class=card>No page was covered.</div>"
    columns = [name for name in COLUMNS if name in ALWAYS or any(s.total(name) for s in rows)]
    quiet = [source for source in rows if not any(source.total(name) for name in LOUD)]
    if len(quiet) <= FEW_QUIET:
        quiet = []
    shown = [source for source in rows if source not in quiet] if quiet else rows
    lines = [_line(source, columns) for source in shown]
    if quiet:
        read = sum(source.total("covered") for source in quiet)
        word = "more source" if len(quiet) < len(rows) else "source"
        more = f"{plural(len(quiet), word)} with nothing found"
        lines.append(_row(more, "", "", _sum(quiet, columns)))
    if len(rows) > 1:
        lines.append(_row("all", "", "", _sum(rows, columns)))
    head = _row("source", "months", "months of", dict(zip(columns, columns, strict=True)))
    parts = [
        render_table(head, lines, kind="covered"),
        _say(rows, columns, len(sources) - len(rows)),
    ]
    parts += [_months(source, columns) for source in shown if len(source.months) > 1]
    if quiet:
        inside = render_table(head, [_line(source, columns) for source in quiet], kind="covered")
        inside += "".join(_months(source, columns) for source in quiet if len(source.months) > 1)
        parts.append(
            f"<details><summary>{more} <span>{plural(read, 'page')}</span></summary>"
            f"{inside}</details>"
        )
    return "".join(parts)


def _line(source: SourceRows, columns: Iterable[str]) -> tuple[object, ...]:
    known = [row.month for row in source.months if row.month]
    span = "" if not known else min(known)
    if known and max(known) != min(known):
        span = f"{min(known)} – {max(known)}"
    return _row(source.name, span, source.month_of, _sum([source], columns))


def _row(name: str, span: str, month_of: str, values: Mapping[str, object]) -> tuple[Any, ...]:
    """Return a row with what was found beside its name, where a phone shows it."""
    rest = (value for column, value in values.items() if column != "found")
    return (name, values["found"], span, month_of, *rest)


def _sum(sources: Iterable[SourceRows], columns: Iterable[str]) -> dict[str, int]:
    return {column: sum(source.total(column) for source in sources) for column in columns}


def _say(rows: Sequence[SourceRows], columns: Sequence[str], empty: int) -> str:
    said = "; ".join(f"<b>{name}</b>: {MEANS[name]}" for name in columns if name in MEANS)
    zero = [name for name in COLUMNS if name not in columns]
    left = [f"columns of zeros ({', '.join(zero)})"] if zero else []
    left += [f"{plural(empty, 'source')} of which there is no page"] if empty else []
    once = [source for source in rows if len(source.months) == 1]
    left += ["tables of sources with one month alone"] if once else []
    if left:
        said += f". Not shown here, but in the workbook: {'; '.join(left)}"
    return f'<p class="sub under">{said}.</p>'


def _months(source: SourceRows, columns: Sequence[str]) -> str:
    most = max((row.counts.get("covered", 0) for row in source.months), default=1) or 1
    rows = []
    for row in [each for each in source.months if any(each.counts.values())][:SHOWN_MONTHS]:
        wide = round(120 * row.counts.get("covered", 0) / most)
        bar = f'<span class=bar style="width:{wide}px"></span>' if wide else ""
        cells = "".join(_cell(row.counts.get(name, 0), hit=name == "found") for name in columns)
        month = f"<td class=month>{show(row.month or 'no date')}</td>"
        rows.append(f"<tr>{month}{cells}<td>{bar}</td></tr>")
    head = "".join(f"<th class=n>{show(column)}</th>" for column in columns)
    found, covered = source.total("found"), source.total("covered")
    is_open = " open" if found else ""
    return (
        f"<details{is_open}><summary>{show_name(source.name)} <span>{plural(covered, 'page')},"
        f" {found:,} found</span></summary><div class=scroll><table class=months>"
        f"<tr><th>month of {show(source.month_of)}</th>{head}<th></th></tr>"
        f"{''.join(rows)}</table></div></details>"
    )


def _cell(value: int, *, hit: bool) -> str:
    kind = " zero" if not value else " hit" if hit else ""
    return f'<td class="n{kind}">{value:,}</td>'


def render_table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, kind: str = "plain"
) -> str:
    """Return a table that scrolls within itself; whole numbers stand to the right."""
    numbers = {at for row in rows for at, value in enumerate(row) if isinstance(value, int)}
    head = "".join(
        f"<th class=n>{show(column)}</th>" if at in numbers else f"<th>{show(column)}</th>"
        for at, column in enumerate(columns)
    )
    body = "".join(
        "<tr>"
        + "".join(
            _cell(value, hit=columns[at] == "found")
            if isinstance(value, int)
            else f"<td>{show_name(value) if at == 0 else show(value)}</td>"
            for at, value in enumerate(row)
        )
        + "</tr>"
        for row in rows[:MOST_ROWS]
    )
    return f"<div class=scroll><table class={kind}><tr>{head}</tr>{body}</table></div>"


def show_name(value: object) -> str:
    """Return a name as it may stand in a page, a long one to be broken behind its dots first."""
    return LONG_WORD.sub(lambda word: JOINT.sub(r"\g<0><wbr>", word[0]), show(value))


def show(value: object) -> str:
    """Return text from anywhere as it may stand in a page."""
    return escape(visible(str(value)))
