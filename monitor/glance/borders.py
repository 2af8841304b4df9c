"""Whether the borders of blocks between two texts surely part them into two lines: compiled code.

Told of the tags as they come, where libxml2 and HTML 5 may make different trees of them: an end
tag ends the last open element of its name, and one that is missing joins more, never less.

What stands between two texts of one element may be left out, however many lines it is, so the lines
of the texts directly in an element are a group, too.
"""

from __future__ import annotations

from monitor.glance import names
from monitor.glance.compiled import compiled
from monitor.glance.records import Stream

# Which borders inside of an element may vanish.
NONE, SOFT, ITEM = 0, 1, 2
"""SOFT: those of boxes, since text stands at its beginning; ITEM: all but those of lists."""


@compiled
def is_soft(kind: int) -> bool:
    """Say whether an element of a kind is a box."""
    return names.BOX <= kind <= names.QUOTATION


@compiled
def is_unknown(kind: int) -> bool:
    """Say whether readability makes no paragraph of a box's text."""
    return kind in (names.UNKNOWN_BOX, names.DROPPED_BOX)


@compiled
def note_start(out: Stream, name: int, kind: int) -> None:
    """Note that a block begins."""
    around = out.open_joins[out.border_depth - 1]
    joins = NONE
    if kind in (names.ITEM, names.QUOTATION):
        joins = ITEM
    elif around == ITEM:
        joins = NONE if kind == names.LIST else ITEM
    elif is_soft(kind):
        joins = around
    top = out.border_depth - 1
    out.open_unsure[top] |= out.open_kinds[top] in (
        names.BLOCK,
        names.PARAGRAPH,
        names.ITEM,
        names.OPTION,
    )
    out.open_kinds[out.border_depth] = kind
    out.open_lines[out.border_depth] = -1
    out.open_groups[out.border_depth] = -1
    out.open_unsure[out.border_depth] = 0
    out.open_names[out.border_depth] = name
    out.open_joins[out.border_depth] = joins
    out.border_depth += 1
    add_border(out, name, kind, 0)


@compiled
def note_end(out: Stream, name: int, kind: int) -> None:
    """Note that a block ends; one with nothing in it leaves no borders."""
    depth = out.border_depth - 1
    while depth > 0 and out.open_names[depth] != name:
        depth -= 1
    if depth == 0:  # to no parser a border, but it may hide that others are none
        out.is_stray = out.is_bordered = 1
        return
    out.border_depth = depth
    last = out.border_count - 1
    if last >= 0 and not out.border_ends[last] and out.border_names[last] == name:
        out.border_count = last
        return
    add_border(out, name, kind, 1)
    out.lowest = min(out.lowest, out.border_depth)


@compiled
def add_border(out: Stream, name: int, kind: int, is_end: int) -> None:
    """Note a border since the last text."""
    out.is_bordered = 1
    out.border_names[out.border_count] = name
    out.border_kinds[out.border_count] = kind
    out.border_ends[out.border_count] = is_end
    out.border_count += 1


@compiled
def is_joined(out: Stream) -> bool:
    """Say whether the text before the last borders may be in one line with what follows."""
    last = out.border_count - 1
    if last < 0 or out.is_stray or not out.border_ends[0] or out.border_ends[last]:
        return True  # text touches a box from outside
    are_soft, are_unlisted = True, True
    for place in range(out.border_count):
        kind = out.border_kinds[place]
        are_soft = are_soft and is_soft(kind)
        are_unlisted = are_unlisted and kind not in (names.ITEM, names.LIST)
    around = out.open_joins[out.lowest - 1]
    is_loose = is_unknown(out.border_kinds[0]) or is_unknown(out.border_kinds[last])
    return ((around == SOFT or is_loose) and are_soft) or (around == ITEM and are_unlisted)


@compiled
def begins_paragraph(out: Stream) -> bool:
    """Say whether the text that begins is the first of a paragraph or a heading: so is a word."""
    last = out.border_count - 1
    if last < 0 or out.border_ends[last]:
        return False
    return out.border_kinds[last] in (names.PARAGRAPH, names.HEADING, names.TITLE)


@compiled
def note_text(out: Stream) -> None:
    """Note that text stands here, in which line and in which elements.

    The borders that follow are looked at by themselves.
    """
    last = out.border_count - 1
    top = out.border_depth - 1
    if (
        last >= 0
        and out.open_joins[top] == NONE
        and not out.border_ends[last]
        and is_soft(out.border_kinds[last])
    ):
        out.open_joins[top] = SOFT
    out.border_count = out.is_stray = 0
    out.lowest = out.border_depth
    while True:
        group_line(out, top)
        if top == 0 or not out.open_unsure[top]:
            break
        top -= 1  # another block has begun, so the element may have ended there


@compiled
def group_line(out: Stream, depth: int) -> None:
    """Put the line into the group of an element that has text in other lines, too."""
    before = out.open_lines[depth]
    out.open_lines[depth] = out.line
    if before in (-1, out.line):
        return
    if out.open_groups[depth] < 0:
        out.open_groups[depth] = out.group_count
        out.group_count += 1
        add_to_group(out, out.open_groups[depth], before)
    add_to_group(out, out.open_groups[depth], out.line)


@compiled
def add_to_group(out: Stream, group: int, line: int) -> None:
    """Put a line into a group."""
    out.grouped[out.grouped_count, 0] = group
    out.grouped[out.grouped_count, 1] = line
    out.grouped_count += 1
