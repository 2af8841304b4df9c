"""Elements that the last resort of trafilatura makes one line of each: compiled code.

    source ─ tags ─ elements that are open, as libxml2 has them ─ lines of an article, a quotation …

Where trafilatura finds next to nothing, each article, quotation, code and paragraph is one line,
whatever blocks are in it.  Few pages are so short, so they are read a second time.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.glance import names
from monitor.glance.compiled import compiled
from monitor.glance.markup import (
    RAW,
    ends_itself,
    find_end_of_raw,
    read_name,
    skip_declaration,
)
from monitor.glance.names import NO_NAME, VOID, hash_name, join_hashes, look_up
from monitor.glance.records import Bytes, Language, Page, Stream
from monitor.glance.skipping import find, skip_attributes

# What HTML 4 knows is ended by the beginning of these, where it is the innermost that is open.
_BLOCKS = (
    "address blockquote center dir div dl dt dd fieldset form frameset h1 h2 h3 h4 h5 h6 hr li "
    "listing menu ol p pre table ul xmp"
)
_HEADINGS = "h1 h2 h3 h4 h5 h6"
_ENDED_BY = {
    "a": "a fieldset table td th",
    "address": "dd dl dt form li ul",
    "b i": "center p td th",
    "big s small strike tt": "p",
    "caption": "col colgroup tbody tfoot thead tr",
    "colgroup": "colgroup tbody tfoot thead tr",
    "dd": "dt",
    "dir menu": "dd dl dt form ul",
    "dl": "form li",
    "dt": "dd dl",
    "font": "center td th",
    "form": "form",
    _HEADINGS: "fieldset form li p table",
    "head": f"a abbr acronym b bdo big body br cite code dfn em font i iframe img kbd map q s samp "
    f"small span strike strong sub sup tt u var {_BLOCKS}",
    "legend": "fieldset",
    "li": "li",
    "listing pre": "dd dl dt fieldset form li table ul",
    "ol": "form",
    "option": "optgroup option",
    "p": f"caption col colgroup tbody td tfoot th title tr {_BLOCKS}",
    "span": "td th",
    "tbody thead": "tbody tfoot",
    "td th": "tbody td tfoot th tr",
    "tfoot": "tbody",
    "tr": "tbody tfoot tr",
    "u": "p td th",
    "ul": "address form menu pre",
}
_HTML, _HEAD, _BODY = map(hash_name, ("html", "head", "body"))
_STRENGTHS = tuple(
    (hash_name(name), value)
    for value, some in (
        (150, "div"),
        (160, "td th"),
        (170, "tr"),
        (180, "thead tbody tfoot"),
        (190, "table"),
        (200, "head body"),
        (220, "html"),
    )
    for name in some.split()
)
_WEAK = 100
_OF_HEAD = tuple(map(hash_name, ("script", "style", "meta", "link", "title", "base")))
_FRAMES = tuple(map(hash_name, ("noframes", "frame", "frameset")))
_WHOLE = tuple(map(hash_name, ("article", "blockquote", "code", "p", "pre", "q", "quote")))
_EMPTY = "area base basefont br col frame hr img input isindex link meta param"
_VOID = tuple(map(hash_name, _EMPTY.split()))
_LESS, _SLASH = 60, 47
_NEVER = -1


def list_endings() -> Iterator[tuple[int, int]]:
    """Yield the hashes of an element and of one that ends it by its beginning."""
    for some, others in _ENDED_BY.items():
        for one in some.split():
            yield from ((hash_name(one), hash_name(other)) for other in others.split())


@compiled
def find_wholes(known: Language, page: Page) -> None:
    """List the first and the last line of each element that may become one line."""
    source = page.source[: page.source_length]
    page.shown.whole_count = page.open_count = page.read_tags = page.is_unsure = 0
    page.has_head = page.has_body = 0
    page.whole_at = page.whole_first = _NEVER
    at, end = 0, len(source)
    while at < end:
        if source[at] == _LESS:
            at = follow_markup(source, known, page, at)
        else:
            following = find(source, at, _LESS)
            note_words(source, page, at, following)
            at = following
    end_whole(page, 0)
    if page.is_unsure:
        page.shown.wholes[0, 0] = 0
        page.shown.wholes[0, 1] = page.shown.line
        page.shown.whole_count = 1


@compiled
def follow_markup(source: Bytes, known: Language, page: Page, at: int) -> int:
    """Follow what begins with `<`; return where it ends.  Counts what `read_markup` counts."""
    following = source[at + 1] if at + 1 < len(source) else 0
    is_end = following == _SLASH
    first = at + 2 if is_end else at + 1
    letter = source[first] if first < len(source) else 0
    if not 97 <= letter | 32 <= 122:
        if following not in (33, 47, 63):
            note_words(source, page, at, at + 1)
            return at + 1
        page.read_tags += 1
        return skip_declaration(source, at)
    page.read_tags += 1
    name_end, name = read_name(source, first)
    end, _ = skip_attributes(source, name_end)
    if is_end:
        follow_end(page, name)
        return end
    is_closed = source[end - 2] == _SLASH and ends_itself(source, name_end)
    follow_start(known, page, name, is_closed)
    kind = max(look_up(known.tags, name), names.UNKNOWN) % VOID
    if is_closed or kind not in RAW:
        return end
    following = find_end_of_raw(source, kind, name, end)
    if kind not in (names.SCRIPT, names.STYLE):
        note_words(source, page, end, following)
    return following


@compiled
def note_words(source: Bytes, page: Page, at: int, end: int) -> None:
    """Note that text stands here, if any does."""
    for place in range(at, end):
        if source[place] > 32:
            break
    else:
        return
    if page.open_count > 0 and page.open_elements[page.open_count - 1] == _HEAD:
        end_whole(page, page.open_count - 1)
    if page.open_count == 0 or page.open_elements[page.open_count - 1] == _HTML:
        imply(page, NO_NAME)
    if page.whole_at != _NEVER:
        page.whole_last = page.read_tags
        if page.whole_first == _NEVER:
            page.whole_first = page.read_tags


@compiled
def open_one(page: Page, name: int) -> None:
    """Note an element that is open from here on."""
    if name in _WHOLE and page.whole_at == _NEVER:
        page.whole_at, page.whole_first = page.open_count, _NEVER
    page.open_elements[page.open_count] = name
    page.open_count += 1
    page.has_head |= name == _HEAD
    page.has_body |= name == _BODY


@compiled
def imply(page: Page, name: int) -> None:
    """Open what a parser takes to be open where an element, or text, begins."""
    if name == _HTML:
        return
    if page.open_count == 0:
        open_one(page, _HTML)
    if name in (_HEAD, _BODY):
        return
    if page.open_count <= 1 and name in _OF_HEAD:
        if not page.has_head and not page.has_body:
            open_one(page, _HEAD)
    elif name not in _FRAMES and not page.has_body and not is_open(page, _HEAD):
        open_one(page, _BODY)


@compiled
def is_open(page: Page, name: int) -> bool:
    """Say whether an element of a name is open."""
    for place in range(page.open_count):
        if page.open_elements[place] == name:
            return True
    return False


@compiled
def follow_start(known: Language, page: Page, name: int, is_closed: bool) -> None:
    """Follow the tag that begins an element."""
    while page.open_count > 0:
        ended = join_hashes(page.open_elements[page.open_count - 1], name)
        if look_up(known.endings, ended) < 0:
            break
        end_whole(page, page.open_count - 1)
    imply(page, name)
    if (
        (name == _HTML and page.open_count > 0)
        or (name == _HEAD and page.open_count != 1)
        or (name == _BODY and is_open(page, _BODY))
    ):
        page.is_unsure = 1  # which end tags are put aside for it is not followed
        return
    open_one(page, name)
    if is_closed or name in _VOID:
        end_whole(page, page.open_count - 1)


@compiled
def strength(name: int) -> int:
    """Return how strong an element is: an end tag ends nothing behind a stronger one."""
    for other, value in _STRENGTHS:
        if other == name:
            return value
    return _WEAK


@compiled
def follow_end(page: Page, name: int) -> None:
    """Follow an end tag."""
    if name == _HTML:  # the page may go on
        return
    own = strength(name)
    for place in range(page.open_count - 1, -1, -1):
        if page.open_elements[place] == name:
            end_whole(page, place)
            return
        if strength(page.open_elements[place]) > own:
            return


@compiled
def end_whole(page: Page, depth: int) -> None:
    """Note that only so many elements are still open; list the lines of one that is not."""
    page.open_count = depth
    if page.whole_at == _NEVER or page.whole_at < depth:
        return
    page.whole_at = _NEVER
    if page.whole_first == _NEVER:
        return
    out = page.shown
    first, last = line_of(out, page.whole_first), line_of(out, page.whole_last)
    if first < last:
        out.wholes[out.whole_count, 0] = first
        out.wholes[out.whole_count, 1] = last
        out.whole_count += 1


@compiled
def line_of(out: Stream, tags: int) -> int:
    """Return the number of the line in which text stands behind so many tags."""
    low, high = 0, out.line
    while low < high:
        middle = (low + high + 1) // 2
        if out.line_tags[middle] <= tags:
            low = middle
        else:
            high = middle - 1
    return low
