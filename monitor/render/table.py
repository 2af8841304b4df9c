"""Articles as tables for researchers: CSV, XLSX and JSON Lines, inert in every spreadsheet.

What a headline holds is never a formula: in CSV a cell that a spreadsheet might run is prefixed
with an apostrophe; in XLSX every text is written as text (FAULTS D6).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from monitor.clock import format_time
from monitor.model.stored import ExportRow
from monitor.render.clean import visible
from monitor.render.payload import to_json

COLUMNS = tuple(field.name for field in fields(ExportRow))
# OWASP, "CSV Injection"; the full-width signs are folded by some spreadsheets.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")
LONGEST_CELL = 32_767  # what Excel's file format holds
WIDTHS = {"title": 60, "story_title": 50, "passage": 70, "passages": 70, "url": 50}
WIDTH = 18


def write_csv(rows: Iterable[ExportRow], out: TextIO) -> int:
    """Write `rows` with a heading to `out` (opened with newline="") and return how many.

    The first character is a byte order mark, without which Excel reads UTF-8 as something else.
    """
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    count = 0
    for row in rows:
        writer.writerow([cell(getattr(row, column)) for column in COLUMNS])
        count += 1
    return count


def write_jsonl(rows: Iterable[ExportRow], out: TextIO) -> int:
    """Write one JSON object a line and return how many; texts are the original's."""
    count = 0
    for row in rows:
        # ASCII only: U+2028 ends a line for some readers, and no terminal is moved by it.
        out.write(json.dumps(to_json(row), ensure_ascii=True) + "\n")
        count += 1
    return count


def write_xlsx(rows: Iterable[ExportRow], path: Path | io.BytesIO) -> int:
    """Write a workbook with one sheet and return how many rows; links are text, not clickable.

    A text is cut at the 32,767 characters that a cell can hold; CSV and JSON Lines hold it whole.
    """
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
        "constant_memory": True,
    }
    book = xlsxwriter.Workbook(path if isinstance(path, io.BytesIO) else str(path), options)
    sheet = book.add_worksheet("Articles")
    bold = book.add_format({"bold": True, "text_wrap": True})
    times = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, WIDTHS.get(column, WIDTH))
        sheet.write_string(0, place, column.replace("_", " "), bold)
    sheet.freeze_panes(1, 0)
    count = 0
    for row in rows:
        count += 1
        for place, column in enumerate(COLUMNS):
            _write_cell(sheet, (count, place), getattr(row, column), times)
    sheet.autofilter(0, 0, max(count, 1), len(COLUMNS) - 1)
    try:
        book.close()
    except FileCreateError as error:
        raise OSError(*error.args[0].args) from error  # what it was before it was wrapped
    return count


def _write_cell(sheet: Any, place: tuple[int, int], value: Any, times: Any) -> None:
    line, column = place
    if isinstance(value, bool):
        sheet.write_boolean(line, column, value)
    elif isinstance(value, (int, float)):
        sheet.write_number(line, column, value)
    elif isinstance(value, datetime) and 1900 < value.year < 9999:
        sheet.write_datetime(line, column, value, times)
    elif value is not None:
        sheet.write_string(line, column, as_text(value)[:LONGEST_CELL])


def cell(value: Any) -> str:
    """Return a value as the text of a CSV cell, guarded unless it is a number of our own."""
    text = as_text(value)
    return text if isinstance(value, (int, float)) else guard(text)


def as_text(value: Any) -> str:
    """Return a value as text with nothing hidden; several are joined by semicolons."""
    say: Callable[[Any], str] = str
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, tuple):
        return "; ".join(visible(say(part)) for part in value)
    return visible(say(value))


def guard(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula.

    A cell is guarded when it begins with a sign of one, also after blanks, which are trimmed by
    some programs.
    """
    first = text.lstrip(" \u00a0\u3000'\"")[:1]
    if text[:1] in FORMULA_STARTS or (first and first in FORMULA_STARTS):
        return "'" + text
    return text
