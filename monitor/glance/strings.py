"""What a script carries as text: its strings, each written as one line by compiled code.

    code ─ between quotation marks ─ could be prose? ─ escapes and references resolved ─ a line

More than `monitor.extract.script_strings` reads of the same script, and never less: what it asks of
a string once its escapes are resolved is asked here of the string as it is written, in ways that
the escapes can only make easier to pass.
"""

from __future__ import annotations

from monitor.glance.compiled import compiled, unchecked
from monitor.glance.plain import put_text
from monitor.glance.records import Bytes, Ints, Language, Longs, Page, Stream
from monitor.glance.references import EITHER, MAYBE, OR, digit_of, resolve_references
from monitor.glance.skipping import CLAIMS, ESCAPED_LESS, code, find_either, holds
from monitor.glance.stream import (
    LINE,
    NO_STOP,
    TITLE,
    end_token,
    put_border,
    put_either,
    put_joint,
    put_mark,
    put_space,
    put_tag,
)
from monitor.glance.utf_8 import read_characters

SHORTEST_CLAIM, SHORTEST_PROSE, SHORTEST_HOLDER = 4, 60, 120
LONGEST_TAG = 2_000
HEADLINE, OTHER_HEADLINE = code("headline"), code("alternativeheadline")
NAME, VALUE = code("name"), code("@value")
SOFT_HYPHEN = 0xAD  # nothing to a word
DEEPEST = 4
_COLON, _COMMA, _LIST, _OBJECT = 58, 44, 91, 123
_BACKSLASH, _QUOTE, _AMP, _LESS, _GREATER, _SLASH = 92, 34, 38, 60, 62, 47

# What is counted of a string as it is written.
SPACES, BACKSLASHES, CODE, PARAGRAPHS, OPEN, HIDDEN, ENDS, QUOTES = range(8)
"""HIDDEN: letters beyond ASCII, and escapes that may be anything."""


@compiled
def read_claims(source: Bytes, known: Language, page: Page, at: int, end: int) -> None:
    """Write the strings of JSON-LD that stands here; what may be a headline as a title."""
    is_named = False
    while at < end:
        start = at
        at = find_mark(source, at, end)
        if at - start >= SHORTEST_CLAIM:
            put_string(source, known, page, start, at, is_named)
            is_named &= parts_strings(source, start, at)
            is_named |= names_title(source, start, at)
        at += 1


@compiled
def parts_strings(source: Bytes, at: int, end: int) -> bool:
    """Say whether what stands between two quotation marks is none but signs of JSON."""
    for place in range(at, end):
        if source[place] > 32 and source[place] not in (_COLON, _COMMA, _LIST, _OBJECT):
            return False
    return True


@compiled
def names_title(source: Bytes, at: int, end: int) -> bool:
    """Say whether a string of JSON-LD names a headline, or may, for its escapes: what follows.

    Those are the names that `monitor.extract.title` asks for, and what they may hold.
    """
    length = end - at
    for name in (HEADLINE, OTHER_HEADLINE, NAME, VALUE):
        if length == len(name) and holds(source, at, name):
            return True
    return find_either(source, at, end, _BACKSLASH, _BACKSLASH) < end


@compiled
def read_data(source: Bytes, known: Language, page: Page, at: int, end: int) -> None:
    """Write the strings of any other script that could be prose."""
    while at < end:
        at = skip_short_strings(source, at, end)
        start = at
        at = find_mark(source, at, end)
        if at - start >= SHORTEST_PROSE:
            read_prose(source, known, page, start, at)
        at += 1


@unchecked
def skip_short_strings(source: Bytes, at: int, end: int) -> int:
    """Return where a string begins that is long enough for prose, or where the last one does.

    The last mark among so many characters ends all the strings before it, and all are too short.
    """
    at, end = max(at, 1), min(end, len(source))
    place = at + SHORTEST_PROSE - 1
    while place < end:
        while place >= at and (source[place] != _QUOTE or source[place - 1] == _BACKSLASH):
            place -= 1
        if place < at:
            break
        at = place + 1
        place = at + SHORTEST_PROSE - 1
    return at


@compiled
def find_mark(source: Bytes, at: int, end: int) -> int:
    """Return where a quotation mark stands that no backslash stands in front of, or the end."""
    at = find_either(source, at, end, _QUOTE, _QUOTE)
    while at < end and source[at - 1] == _BACKSLASH:
        at = find_either(source, at + 1, end, _QUOTE, _QUOTE)
    return at


@compiled
def has_claims(source: Bytes, at: int, end: int) -> bool:
    """Say whether a script's tag says, or may say, that it holds JSON-LD."""
    for place in range(at, end):
        number = source[place]
        if number == _AMP or (number | 32 == CLAIMS[0] and holds(source, place, CLAIMS)):
            return True
    return False


@compiled
def read_prose(source: Bytes, known: Language, page: Page, start: int, end: int) -> None:
    """Write a string that could be prose; of another, the strings within it that could be."""
    counts = page.counts
    count(source, start, end, counts)
    if counts[SPACES] <= 3 and not counts[OPEN] and not counts[HIDDEN]:
        return
    if could_be_read(counts, end - start):
        put_string(source, known, page, start, end, False)
        return
    if counts[QUOTES] and end - start >= SHORTEST_HOLDER:
        for depth in range(1, DEEPEST + 2):
            # The marks of a string within are behind one backslash, then three, then seven.
            most = (1 << (depth + 1)) - 2 if depth <= DEEPEST else end
            if not read_within(source, known, page, start, end, most):
                break


@compiled
def read_within(
    source: Bytes, known: Language, page: Page, start: int, end: int, most: int
) -> bool:
    """Write the strings that could be prose between marks behind so many backslashes at most.

    Says whether there are marks behind more.
    """
    are_more = False
    counts = page.counts
    at, backslashes = start, 0
    while at <= end:
        if at == end or (source[at] == _QUOTE and backslashes <= most):
            if at - start >= SHORTEST_PROSE:
                count(source, start, at, counts)
                if could_be_read(counts, at - start):
                    put_string(source, known, page, start, at, False)
            start = at + 1
        elif source[at] == _QUOTE:
            are_more = True
        if at < end:
            backslashes = backslashes + 1 if source[at] == _BACKSLASH else 0
        at += 1
    return are_more


@unchecked
def count(source: Bytes, at: int, end: int, counts: Longs) -> None:
    """Count what tells prose from code."""
    spaces = backslashes = code = opened = hidden = ends = quotes = 0
    at, end = max(at, 0), min(end, len(source))
    for place in range(end - at):
        number = source[at + place]
        spaces += number == 32
        hidden += number > 127
        backslashes += number == _BACKSLASH
        quotes += number == _QUOTE
        opened += number == _LESS
        code += ((number >= 59) & (number <= 62)) | (number == 123) | (number == 125)
        ends += (number == 33) | (number == 46) | (number == 63)
    counts[SPACES], counts[BACKSLASHES], counts[CODE] = spaces, backslashes, code
    counts[PARAGRAPHS], counts[OPEN], counts[HIDDEN] = 0, opened, hidden
    counts[ENDS], counts[QUOTES] = ends, quotes
    if backslashes or opened:
        count_tags(source, at, end, counts)


@compiled
def count_tags(source: Bytes, at: int, end: int, counts: Longs) -> None:
    """Count what begins with `<` or with a backslash."""
    while True:
        at = find_either(source, at, end, _BACKSLASH, _LESS)
        if at >= end:
            return
        if source[at] == _LESS:
            counts[PARAGRAPHS] += begins_paragraph(source, at + 1, end)
        else:
            count_escape(source, at + 1, end, counts)
        at += 1


@compiled
def count_escape(source: Bytes, at: int, end: int, counts: Longs) -> None:
    """Count an escape that may be any letter, and one that may begin a tag."""
    if at < end and source[at] | 32 == 117:
        counts[HIDDEN] += 1
        if holds(source, at, ESCAPED_LESS):
            counts[PARAGRAPHS] += begins_paragraph(source, at + 5, end)


@compiled
def begins_paragraph(source: Bytes, at: int, end: int) -> bool:
    """Say whether what stands behind `<` could be the tag of a paragraph or of a line's end."""
    while at < end and source[at] in (47, _BACKSLASH):
        at += 1
    return at < end and source[at] | 32 in (98, 112)


@compiled
def could_be_read(counts: Longs, length: int) -> bool:
    """Say whether a string could be sentences, or paragraphs of markup."""
    if counts[PARAGRAPHS] > 1:
        return True
    if not counts[HIDDEN] and counts[SPACES] * 15 <= length - counts[BACKSLASHES]:
        return False
    if counts[CODE] * 200 > length:
        return False
    ends: int = counts[ENDS] + counts[HIDDEN]
    return ends > 0


@compiled
def put_string(
    source: Bytes, known: Language, page: Page, start: int, end: int, is_title: bool
) -> None:
    """Write a string as a line of its own, escapes resolved, without the tags in it."""
    length = resolve(source, start, end, page.unescaped)
    put_line(page.unescaped, length, known, page, is_title)


@compiled
def put_line(written: Ints, length: int, known: Language, page: Page, is_title: bool) -> None:
    """Write a line of its own, references resolved, without the tags in it."""
    out, text = page.carried, page.resolved
    length = resolve_references(written, length, known, text, out)
    put_border(out, LINE)
    if is_title:
        put_mark(out, TITLE)
    at = 0
    while at < length:
        if text[at] == _LESS:
            at = skip_tag(text, at, length, out)
        elif text[at] == MAYBE:
            put_joint(out)
            out.stop = NO_STOP
            at += 1
        elif text[at] == EITHER:
            last = at + 1
            while text[last] != OR:
                last += 1
            put_either(out, known, text[at + 1 : last], text[last + 1])
            at = last + 2
        else:
            at = put_text(out, known, text, at, length)
    end_token(out, known)
    put_border(out, LINE)


@compiled
def skip_tag(text: Ints, at: int, length: int, out: Stream) -> int:
    """Return where a tag ends that may stand inside a word, or write that there is none."""
    place = at + 1
    while place < length and text[place] == MAYBE:
        place += 1
    letter = text[place] if place < length else 0
    if 97 <= letter | 32 <= 122 or letter in (33, 47):
        while place < length and place - at <= LONGEST_TAG + 1:
            if text[place] == _GREATER:
                put_tag(out)
                return place + 1
            if text[place] == _LESS:
                break
            place += 1
    put_tag(out)
    put_space(out)
    return at + 1


@compiled
def resolve_one(
    source: Bytes, at: int, end: int, is_deep: bool, written: Ints, length: int
) -> tuple[int, int]:
    """Write what an escape stands for, its backslashes read; return the length and its end.

    Behind several backslashes it is one of a string within, or none.
    """
    number = int(source[at])
    if number == 117 and at + 4 < end:
        value = read_unit(source, at + 1)
        if value >= 0:
            return put_unit(source, at + 5, end, value, written, length)
    if number == 98 and is_deep:  # a letter, or a sign that is left out
        written[length] = EITHER
        written[length + 1] = number
        written[length + 2] = OR
        written[length + 3] = SOFT_HYPHEN
        return length + 4, at + 1
    written[length] = MAYBE
    is_white = number in (102, 110, 114, 116)
    if is_white and is_deep:
        written[length + 1] = number
        written[length + 2] = MAYBE
        return length + 3, at + 1
    if is_white or number == _SLASH:
        written[length] = 32 if is_white else _SLASH
    elif number not in (_QUOTE, 98):
        return length + 1, at
    return length + 1, at + 1


@compiled
def read_unit(source: Bytes, at: int) -> int:
    """Return the value of four hexadecimal digits, or -1."""
    value = 0
    for place in range(at, at + 4):
        digit = digit_of(source[place])
        if digit < 0:
            return -1
        value = value * 16 + digit
    return value


@compiled
def put_unit(
    source: Bytes, at: int, end: int, value: int, written: Ints, length: int
) -> tuple[int, int]:
    """Write a character by its code unit, and by the next one where it is a pair of UTF-16."""
    if 0xD800 <= value <= 0xDBFF:
        place = at
        while place < end and source[place] == _BACKSLASH:
            place += 1
        if at < place and place + 4 < end and source[place] == 117:
            low = read_unit(source, place + 1)
            if 0xDC00 <= low <= 0xDFFF:
                written[length] = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00)
                return length + 1, place + 5
    is_control = (value < 32 and value not in (9, 10, 13)) or 127 <= value <= 159
    written[length] = MAYBE if is_control else value
    return length + 1, at


@compiled
def resolve(source: Bytes, at: int, end: int, written: Ints) -> int:
    """Write a string without its escapes, however often it was escaped; return its length."""
    length = 0
    while at < end:
        first = find_either(source, at, end, _BACKSLASH, _BACKSLASH)
        length = read_characters(source, at, first, written, length)
        at = first
        while at < end and source[at] == _BACKSLASH:
            at += 1
        if at == end:
            break
        length, at = resolve_one(source, at, end, at - first > 1, written, length)
    return length
