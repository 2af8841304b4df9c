"""Which tags end a line: compiled code that keeps count of tables, rows, lists and headings.

Nothing ends a line in a row of a table, nor in a heading that may be the title, nor in a quotation,
nor parts of a table or a list outside of one; in a table only its parts do.
"""

from __future__ import annotations

from monitor.glance import names
from monitor.glance.borders import note_end, note_start
from monitor.glance.compiled import compiled
from monitor.glance.records import Page
from monitor.glance.stream import add_leap, find_place, note_glued, put_tag

NAME, START, KIND = 0, 1, 2  # of a row of the stack: where it begins, if maybe dropped from a word
MOST_LOOKS = 100  # open elements among which one is looked for


@compiled
def can_end_line(page: Page, kind: int) -> bool:
    """Say whether a tag of a kind ends a line here, being one that can."""
    if page.row_at or page.in_heading or page.joined_at:
        return False
    return not page.selects or kind == names.OPTION


@compiled
def mark_start(page: Page, name: int, kind: int) -> None:
    """Write the mark of a tag that begins an element, and note the border of a block."""
    shown = page.shown
    if kind in (names.ROW, names.CELL, names.ROW_GROUP):
        is_border = start_in_table(page, kind)
    else:
        is_border = begins_line(page, kind)
        if kind == names.TABLE:
            page.table_depth += 1
    put_tag(shown)
    if is_border:
        note_start(shown, name, kind)
    elif page.joined_at:
        end_joined_piece(page)
    if kind in (names.HEADING, names.TITLE):
        shown.title_due = shown.is_bordered = 1
        page.in_title = 1
        page.in_heading = 1
    elif kind == names.SELECT:
        page.selects = 1


@compiled
def end_joined_piece(page: Page) -> None:
    """Note a tag where all may be one line: space around it may vanish, and text between two."""
    if page.piece_at >= 0:
        add_leap(page.shown, page.piece_at)
    page.piece_at = find_place(page.shown)
    note_glued(page.shown)


@compiled
def begins_line(page: Page, kind: int) -> bool:
    """Say whether an element that is no part of a table begins a line, and ends one."""
    if kind < names.BLOCK or page.table_depth or not can_end_line(page, kind):
        return False
    return kind != names.ITEM or is_in_list(page)


@compiled
def is_in_list(page: Page) -> bool:
    """Say whether a list is open: an item outside of one is no block to trafilatura."""
    for at in range(page.depth - 1, max(page.depth - MOST_LOOKS, 0) - 1, -1):
        if page.stack[at, KIND] == names.LIST:
            return True
    return False


@compiled
def start_in_table(page: Page, kind: int) -> bool:
    """Say whether a row, a cell or a group of rows begins a line; note the row."""
    if page.table_depth == 0 or page.in_heading or page.selects or page.joined_at:
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
def mark_end(page: Page, name: int, kind: int) -> None:
    """Write the mark of a tag that ends an element."""
    if kind in (names.HEADING, names.TITLE):
        page.in_title = page.in_heading = page.shown.title_due = 0
    elif kind == names.SELECT:
        page.selects = 0
    if kind in (names.TABLE, names.ROW, names.ROW_GROUP):
        is_border = end_in_table(page, kind)
    else:
        is_border = begins_line(page, kind)
    put_tag(page.shown)
    if is_border:
        note_end(page.shown, name, kind)
    elif page.joined_at:
        end_joined_piece(page)


@compiled
def end_in_table(page: Page, kind: int) -> bool:
    """Say whether the end of a table, a row or a group of rows ends a line; note the row's."""
    if page.table_depth == 0:
        return kind == names.TABLE and can_end_line(page, kind)
    if page.row_at == page.table_depth:
        page.row_at = 0
    if kind == names.TABLE:
        page.table_depth -= 1
        return begins_line(page, kind)
    return can_end_line(page, kind)
