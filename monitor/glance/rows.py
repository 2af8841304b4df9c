"""Which tags end a line: compiled code that keeps count of tables, rows, lists and headings.

Nothing ends a line in a row of a table, nor in a heading that may be the title, nor parts of a
table outside of one, which some parsers leave out.
"""

from __future__ import annotations

from monitor.glance import names
from monitor.glance.compiled import compiled
from monitor.glance.records import Page
from monitor.glance.stream import END, START, TITLE, put_border, put_mark, put_tag


@compiled
def can_end_line(page: Page, kind: int) -> bool:
    """Say whether a tag of a kind ends a line here, being one that can."""
    if page.row_at or page.in_heading:
        return False
    return not page.selects or kind == names.OPTION


@compiled
def mark_start(page: Page, kind: int) -> None:
    """Write the mark of a tag that begins an element."""
    if kind in (names.ROW, names.CELL, names.ROW_GROUP):
        is_start = start_in_table(page, kind)
    else:
        is_start = kind in (
            names.BLOCK,
            names.DIV,
            names.DROPPED_BLOCK,
            names.TABLE,
            names.HEADING,
            names.TITLE,
            names.SELECT,
            names.OPTION,
        ) and can_end_line(page, kind)
        if kind == names.TABLE:
            page.table_depth += 1
    if is_start:
        put_border(page.shown, START)
    else:
        put_tag(page.shown)
    if kind in (names.HEADING, names.TITLE):
        put_mark(page.shown, TITLE)
        page.in_title = 1
        page.in_heading = 1
    elif kind == names.SELECT:
        page.selects = 1


@compiled
def start_in_table(page: Page, kind: int) -> bool:
    """Say whether a row, a cell or a group of rows begins a line; note the row."""
    if page.table_depth == 0 or page.in_heading or page.selects:
        return False
    if page.row_at == 0:
        if kind != names.ROW_GROUP:
            page.row_at = page.table_depth
        return True
    if page.row_at == page.table_depth and kind != names.CELL:
        page.row_at = page.table_depth if kind == names.ROW else 0
        return True
    return False


@compiled
def mark_end(page: Page, kind: int) -> None:
    """Write the mark of a tag that ends an element."""
    if kind in (names.HEADING, names.TITLE):
        page.in_title = page.in_heading = 0
    elif kind == names.SELECT:
        page.selects = 0
    if kind in (names.TABLE, names.ROW, names.ROW_GROUP):
        is_end = end_in_table(page, kind)
    else:
        is_end = kind in (
            names.BLOCK,
            names.DIV,
            names.DROPPED_BLOCK,
            names.HEADING,
            names.TITLE,
            names.SELECT,
            names.OPTION,
        ) and can_end_line(page, kind)
    if is_end:
        put_mark(page.shown, END)
    else:
        put_tag(page.shown)


@compiled
def end_in_table(page: Page, kind: int) -> bool:
    """Say whether the end of a table, a row or a group of rows ends a line; note the row's."""
    if page.table_depth == 0:
        return kind == names.TABLE and can_end_line(page, kind)
    if page.row_at == page.table_depth:
        page.row_at = 0
    if kind == names.TABLE:
        page.table_depth -= 1
    return can_end_line(page, kind)
