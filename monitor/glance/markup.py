"""The source of a page, read from its first character to its last by compiled code.

    source ─┬ text, with marks for tags ── `shown`
            └ scripts and claims ───────── `carried`

Tags are taken apart as the HTML standard says (13.2.5, Tokenization); no tree is built.  Which
texts may share a line is told by the marks.  Where parsers differ, fewer lines end, or the page is
odd: nothing can be said of it here.
"""

from __future__ import annotations

from monitor.extract import embedded
from monitor.glance import names
from monitor.glance.compiled import compiled
from monitor.glance.names import JOINED, PRIME, START_OF_HASH, VOID, look_up
from monitor.glance.plain import put_text
from monitor.glance.records import Bytes, Language, Page
from monitor.glance.references import read_reference
from monitor.glance.rows import KIND, MOST_LOOKS, NAME, START, mark_end, mark_start
from monitor.glance.skipping import (
    COMMENT,
    CONTENT,
    HREF,
    IFRAME_END,
    LANG,
    REL,
    SCRIPT,
    SCRIPT_END,
    STYLE_END,
    TARGET,
    TEXTAREA_END,
    TITLE,
    TITLE_END,
    find,
    find_either,
    find_end_of_script,
    find_end_tag,
    holds,
    holds_end_of_script,
    read_attribute,
    skip_attributes,
    skip_comment,
)
from monitor.glance.stream import (
    ALWAYS,
    LINE,
    NOWHERE,
    add_leap,
    cut_token,
    end_piece,
    end_token,
    find_place,
    note_glued,
    put,
    put_mark,
    put_tag,
)
from monitor.glance.strings import SHORTEST_PROSE, has_claims, put_line, read_claims, read_data
from monitor.glance.utf_8 import read_characters

MUCH_SHOWN = embedded.MUCH_SHOWN * 5 // 3
"""Running text with which extraction surely finds so much that it reads no data of scripts."""
_AMP, _SLASH, _LESS, _GREATER = 38, 47, 60, 62
RAW = (names.SCRIPT, names.STYLE, names.TITLE, names.RAW_BOX)  # what is in these are no tags
STRONG = (names.DIV, names.CELL, names.ROW, names.ROW_GROUP, names.TABLE)  # to libxml2


@compiled
def read_page(known: Language, page: Page) -> None:
    """Write what a page shows, and what its scripts carry."""
    shown, source = page.shown, page.source[: page.source_length]
    at, end = 0, len(source)
    while at < end:
        number = source[at]
        if number == _LESS:
            at = read_markup(source, known, page, at)
        elif number == _AMP:
            at = read_reference(source, at, end, known, shown, page.in_title > 0)
        else:
            following = find_either(source, at, end, _LESS, _AMP)
            read_text(source, known, page, at, following)
            at = following
    end_token(shown, known)
    end_shown_piece(page)
    put_mark(shown, LINE)
    if shown.prose < MUCH_SHOWN or page.is_torn or ends_in_script(source):
        for row in page.scripts[: page.script_count]:
            read_data(source, known, page, row[0], row[1])
    put_mark(page.carried, LINE)


@compiled
def ends_in_script(source: Bytes) -> bool:
    """Say whether a script may begin behind the end of the last one."""
    for at in range(len(source) - len(SCRIPT), -1, -1):
        if source[at] == _LESS:
            if holds(source, at, SCRIPT):
                return True
            if holds(source, at, SCRIPT_END):
                return False
    return False


@compiled
def read_text(source: Bytes, known: Language, page: Page, at: int, end: int) -> None:
    """Read text without references."""
    length = read_characters(source, at, end, page.text, 0)
    at = 0
    while at < length:
        at = put_text(page.shown, known, page.text, at, length)


@compiled
def read_markup(source: Bytes, known: Language, page: Page, at: int) -> int:
    """Read what begins with `<`; return where it ends."""
    shown = page.shown
    following = source[at + 1] if at + 1 < len(source) else 0
    is_end = following == 47
    first = at + 2 if is_end else at + 1
    letter = source[first] if first < len(source) else 0
    if not 97 <= letter | 32 <= 122:
        if following not in (33, 47, 63):  # no !, / or ?: a sign
            put(shown, known, _LESS)
            return at + 1
        shown.tags += 1
        cut_token(shown)
        end_shown_piece(page)
        put_tag(shown)
        return skip_declaration(source, at)
    shown.tags += 1
    cut_token(shown)
    end_shown_piece(page)
    name_end, hashed = read_name(source, first)
    end, has_data = skip_attributes(source, name_end)
    shown.is_odd |= has_data
    kind = max(look_up(known.tags, hashed), names.UNKNOWN)
    if is_end:
        close(page, hashed, kind)
        return end
    open_element(source, page, hashed, kind, name_end)
    if kind in RAW and source[end - 2] == _SLASH and ends_itself(source, name_end):
        close(page, hashed, kind)
        page.is_torn = 1  # to other readers text may be code, and code text
        return end
    return read_inside(source, known, page, (kind % VOID, hashed), name_end, end)


@compiled
def end_shown_piece(page: Page) -> None:
    """Note the end of a piece of text; in a table, but in none of its rows, it is no prose.

    With all of its text there, trafilatura finds next to nothing on a page.
    """
    if page.table_depth and not page.row_at:
        page.shown.piece = 0
    end_piece(page.shown)


@compiled
def read_name(source: Bytes, at: int) -> tuple[int, int]:
    """Return where the name of a tag ends, and the hash of it in lower case."""
    hashed = START_OF_HASH
    while at < len(source):
        number = int(source[at])
        if number <= 32 or number in (47, 62):
            break
        if 65 <= number <= 90:
            number += 32
        hashed = (hashed ^ number) * PRIME
        at += 1
    return at, hashed


@compiled
def skip_declaration(source: Bytes, at: int) -> int:
    """Return where a comment, or what is taken for one, ends."""
    if holds(source, at, COMMENT):
        return skip_comment(source, at + len(COMMENT))
    return find(source, at, _GREATER) + 1


@compiled
def ends_itself(source: Bytes, at: int) -> bool:
    """Say whether a tag whose attributes begin at a place ends with a slash that is no value's."""
    value_end = at
    while True:
        end, name_start, _, _, following = read_attribute(source, at)
        if name_start < 0:
            return end - 2 >= value_end
        at, value_end = end, following


@compiled
def open_element(source: Bytes, page: Page, hashed: int, kind: int, attributes: int) -> None:
    """Note that an element begins; of one that may be dropped from a word, where."""
    shown = page.shown
    if kind < VOID:
        row = page.stack[page.depth]
        row[NAME] = hashed
        row[KIND] = kind
        row[START] = NOWHERE
        if (shown.in_word or shown.glued >= 0) and may_be_dropped(source, kind, attributes):
            row[START] = find_place(shown)
        page.depth += 1
    shown.is_odd |= kind == names.ODD
    if is_stripped(page, hashed, kind):
        note_glued(shown)
    mark_start(page, hashed, kind % VOID)
    if kind < VOID:
        begin_joined(page, hashed, kind)


@compiled
def is_stripped(page: Page, hashed: int, kind: int) -> bool:
    """Say whether trafilatura may put what is in an element, and behind it, together without space.

    So it does with code, and in an item of a list with what it does not know or expect there.
    """
    is_stray = kind in (names.CELL, names.ROW, names.ROW_GROUP) and page.table_depth == 0
    return hashed == names.CODE or kind == names.UNKNOWN or is_stray


@compiled
def may_be_dropped(source: Bytes, kind: int, at: int) -> bool:
    """Say whether extraction may drop an element in the midst of a word, by what is in its tag.

    Those that it keeps it may drop for a class, an id, a role, a style: for most attributes.
    """
    if kind not in (names.KEPT, names.SPAN, names.DIV):
        return True
    while True:
        at, start, stop, _, _ = read_attribute(source, at)
        if start < 0:
            return False
        if not is_harmless(source, start, stop):
            return True


@compiled
def is_harmless(source: Bytes, start: int, end: int) -> bool:
    """Say whether no reader drops an element for an attribute, by its name."""
    for name in (HREF, TITLE, TARGET, REL, LANG):
        if end - start == len(name) and holds(source, start, name):
            return True
    return False


@compiled
def begin_joined(page: Page, hashed: int, kind: int) -> None:
    """Note an element from which on all may be one line, up to its end.

    That is one of JOINED, and a paragraph in which a block begins that is in another element there:
    only a block directly in it would end it.
    """
    if page.joined_at:
        return
    if hashed in JOINED:
        page.joined_at, page.piece_at = page.depth, NOWHERE
    elif kind % VOID >= names.BLOCK:
        at = page.depth - 2
        while at >= 0 and page.stack[at, KIND] in (names.KEPT, names.SPAN, names.UNKNOWN):
            at -= 1
        if 0 <= at < page.depth - 2 and page.stack[at, KIND] == names.PARAGRAPH:
            page.joined_at, page.piece_at = at + 1, NOWHERE


@compiled
def end_joined(page: Page, depth: int) -> None:
    """Note that elements end, the first at a depth; not to a parser that a stronger one stops."""
    if page.joined_at <= depth:
        return
    page.joined_at = 0
    for at in range(depth + 1, page.depth):
        if page.stack[at, KIND] in STRONG:
            page.joined_at = ALWAYS


@compiled
def close(page: Page, hashed: int, kind: int) -> None:
    """Note that an element ends: what touches its beginning may touch what follows."""
    out = page.shown
    for depth in range(page.depth - 1, max(page.depth - MOST_LOOKS, 0) - 1, -1):
        if page.stack[depth, NAME] == hashed:
            for row in range(page.depth - 1, depth - 1, -1):  # those in it have ended, too
                if page.stack[row, START] >= 0:
                    add_leap(out, page.stack[row, START])
            end_joined(page, depth)
            page.depth = depth
            break
    mark_end(page, hashed, kind % VOID)
    if is_stripped(page, hashed, kind):
        note_glued(out)


@compiled
def read_inside(
    source: Bytes, known: Language, page: Page, element: tuple[int, int], name_end: int, end: int
) -> int:
    """Read what is in an element that holds no elements; return where the page goes on."""
    kind, name = element
    if kind == names.META:
        read_claim(source, known, page, name_end)
    elif kind == names.TITLE:
        return read_title(source, known, page, end)
    elif kind == names.STYLE:
        return find_end_of_raw(source, kind, name, end)
    elif kind == names.RAW_BOX:  # what looks like a tag in it is text, and hides no text
        first = find(source, end, _LESS)
        page.shown.is_odd |= first != find_end_of_raw(source, kind, name, end)
    elif kind == names.SCRIPT:
        close_at = find_end_of_raw(source, kind, name, end)
        if has_claims(source, name_end, end):
            read_claims(source, known, page, end, close_at)
        elif close_at - end >= SHORTEST_PROSE:
            note_data(page, end, close_at)
        page.is_torn |= holds_end_of_script(source, end, close_at)
        return close_at
    return end


@compiled
def note_data(page: Page, at: int, end: int) -> None:
    """Note a script that is read only if the page turns out to show little."""
    page.scripts[page.script_count, 0] = at
    page.scripts[page.script_count, 1] = end
    page.script_count += 1


@compiled
def find_end_of_raw(source: Bytes, kind: int, name: int, at: int) -> int:
    """Return where the end tag of an element begins in which there are no tags, or the end."""
    if kind == names.SCRIPT:
        return find_end_of_script(source, at)
    if kind == names.STYLE:
        return find_end_tag(source, at, STYLE_END)
    if kind == names.TITLE:
        return find_end_tag(source, at, TITLE_END)
    return find_end_tag(source, at, TEXTAREA_END if name == names.TEXTAREA else IFRAME_END)


@compiled
def read_title(source: Bytes, known: Language, page: Page, at: int) -> int:
    """Read a title, in which tags are text to a parser, and markup to what reads its text."""
    end = find_end_tag(source, at, TITLE_END)
    start = at
    while at < end:
        if source[at] == _AMP:
            at = read_reference(source, at, end, known, page.shown, True)
        else:
            following = find_either(source, at, end, _AMP, _AMP)
            read_text(source, known, page, at, following)
            at = following
    if find_either(source, start, end, _AMP, _LESS) < end:
        put_claim(source, known, page, start, end)
    return end


@compiled
def read_claim(source: Bytes, known: Language, page: Page, at: int) -> None:
    """Write the value of the `content` of a meta element: it may be the page's title."""
    while True:
        at, name_start, name_end, value_start, value_end = read_attribute(source, at)
        if name_start < 0:
            return
        if name_end - name_start == 7 and holds(source, name_start, CONTENT):
            put_claim(source, known, page, value_start, value_end)


@compiled
def put_claim(source: Bytes, known: Language, page: Page, at: int, end: int) -> None:
    """Write a part of the source as a title, in a line of its own."""
    length = read_characters(source, at, end, page.unescaped, 0)
    put_line(page.unescaped, length, known, page, True)
