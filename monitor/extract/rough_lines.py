"""The lines of a page as any way of extracting could put them together.

A line is what stands between the borders of blocks.  Extraction drops elements, and what stood
before and behind one is then one line; the row of a table is one line, too.  What becomes one line
because text stands beside a block is read by itself (`rough_mixed`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from monitor.extract.rough_mixed import BLOCKS
from monitor.text.rough import TAG
from monitor.text.sentences import ABBREVIATIONS

# A tag as lexbor writes it, with attributes in quotation marks; and one that is not written so,
# because its name, or an attribute's, holds a quotation mark.
_WITH_ATTRIBUTES = re.compile(r'<([a-zA-Z][^\s/>"<]*)(?: [^\s=">]+="[^"]*")+>')
_ODD_TAG = re.compile(r'<[a-zA-Z][^>]*[\s"<]')
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BLOCK = re.compile(rf"</?(?:{'|'.join(BLOCKS)})>")
_SPACE = re.compile(r"</?(?:br|img|input)>")
_CELL = re.compile(r"</?(?:td|th|iframe|video|audio|object)>")
_BREAK, _GAP = " <br> ", " <wbr> "  # what these are in a line: white space, and no sure neighbours
_ANY = re.compile(r"<[a-zA-Z/!?][^>]*>")
# The end of an element behind which text goes on without a border.
_INLINE = (
    "a abbr acronym b bdi bdo big cite code data dfn em font i kbd mark nobr q ruby s samp "
    "small strike strong sub tt u var wbr"
)
INLINE_NAMES = frozenset(_INLINE.split())
_ANY_INLINE = _INLINE.replace(" ", "|")
_END = rf">(?:</?(?:{_ANY_INLINE})>|\s|&nbsp;)*(?=[^\s<])"
_BLOCK_GOES_ON = re.compile(rf"</(?P<name>{'|'.join(BLOCKS)}){_END}")
_GOES_ON = re.compile(rf"</(?!(?:{_ANY_INLINE})>)(?P<name>[a-z][^\s/>]*){_END}")
# What extraction may drop, or leave, with no border beside it.
_MAY_BE_DROPPED = re.compile(rf"<(?!(?:{_ANY_INLINE}|br)>)[a-z]")
_MOST_JOINTS = 1_000
JOINT = "\x1a"  # where an element was dropped
# Where a line is cut: at tags and marks, and at what another parser may take for a tag.
_MARK = re.compile(rf"{_ANY.pattern}|{JOINT}|(?=&[lg]t;)|(?<=&[lg]t;)")
_WRITTEN_TAG = re.compile("&lt;[a-zA-Z/!](?:(?!&[lg]t;)[^<>]){0,2000}&gt;")

_VOID = "wbr img input source track area col embed param link meta"
VOID_NAMES = frozenset(f"{_VOID} br hr base".split())
_AROUND = r"(?:\s|<w?br>)*"
_WRAPPED = re.compile(rf"{_AROUND}<(?P<name>[a-z]+)>(?P<inner>.*)</(?P=name)>{_AROUND}")
_TAG_OR_STOP = re.compile(
    r"<(?P<open>[a-z][^\s/>]*)>|</(?P<close>[a-z])[^>]*>|(?P<wide>[。！？｡])"
    r"|(?<=\s)(?P<word>[^\W\d_]{3,40})[.!?…][\"'“”’»)]*\s(?:\s|<br>)*(?=[\"'„“”‘’«»‹›(\[—–-]*(?P<next>[^\W\d_]))"
)


class CannotTell(Exception):
    """The page is written so oddly that nothing can be said of it but by extracting it."""


def read_lines(html: str) -> list[str]:
    """Return the lines of a serialized page, inline tags in them: each piece of text is in one.

    Some pieces are in several: with an element in their midst, and without it.  Raises CannotTell.
    """
    html = _WITH_ATTRIBUTES.sub(r"<\1>", _COMMENT.sub("", html))
    if _ODD_TAG.search(html):
        raise CannotTell
    html = " ".join(html.replace("&nbsp;", " ").split())
    blocks, lines = _drop_inside(html, _BLOCK_GOES_ON)
    rest, inside = _drop_inside(blocks, _GOES_ON)
    lines += inside + _split(rest) + list(filter(may_be_dropped_in, _split(blocks)))
    lines += _read_rows(html)
    return [line for line in lines if len(line) > 3]


def plain(lines: Iterable[str]) -> str:
    """Return lines without the tags and marks in them."""
    return _resolve(_ANY.sub("", "\n".join(lines)).replace(JOINT, ""))


def spaced(lines: Iterable[str]) -> str:
    """Return the same with a space in place of each tag and mark."""
    return _resolve(_ANY.sub(" ", "\n".join(lines)).replace(JOINT, " "))


def tagged(line: str) -> str:
    """Return a line with TAG in place of each tag and mark."""
    return _resolve(_ANY.sub(TAG, line).replace(JOINT, TAG))


def cut_tags(line: str) -> tuple[str, ...]:
    """Return what stands between the tags and marks of a line."""
    return tuple(_resolve(piece) for piece in _MARK.split(line))


def drop_written_tags(line: str) -> str:
    """Return a line without the names of tags that are written out in its text."""
    return _WRITTEN_TAG.sub("<wbr>", line)


def may_be_dropped_in(line: str) -> bool:
    """Say whether extraction may drop an element of a line: its words may then be neighbours."""
    return _MAY_BE_DROPPED.search(line) is not None


def _resolve(text: str) -> str:
    if "&" in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text


def cut_sentences(line: str) -> list[str]:
    """Return a line cut where a sentence surely ends, whatever extraction drops from the line.

    That is at a stop that stands in no inline element, with the word before it and the capital
    behind it in one piece of text.
    """
    if JOINT in line:
        return [line]
    while (inner := _WRAPPED.fullmatch(line)) and f"<{inner['name']}" not in inner["inner"]:
        line = inner["inner"]
    sentences, last, depth = [], 0, 0
    for found in _TAG_OR_STOP.finditer(line):
        if found["open"]:
            depth += 0 if found["open"] in VOID_NAMES else 1
        elif found["close"]:
            depth -= 1
        elif not depth and (found["wide"] or _is_sure(found)):
            sentences.append(line[last : found.end()])
            last = found.end()
    return [*sentences, line[last:]]


def _is_sure(stop: re.Match[str]) -> bool:
    return stop["next"].isupper() and stop["word"].casefold() not in ABBREVIATIONS


def as_line(html: str) -> str:
    """Return a stretch of a serialized page as a line: white space for breaks, no attributes."""
    html = _WITH_ATTRIBUTES.sub(r"<\1>", html.replace("&nbsp;", " "))
    line = " ".join(_SPACE.sub(_BREAK, _CELL.sub(_GAP, html)).split())
    return line if line.rfind("<") <= line.rfind(">") else f"{line}>"


def _split(html: str) -> list[str]:
    return _SPACE.sub(_BREAK, _CELL.sub(_GAP, _BLOCK.sub("\n", html))).split("\n")


def _drop_inside(html: str, goes_on: re.Pattern[str]) -> tuple[str, list[str]]:
    """Return the page without elements in the midst of text, and the lines that were in them.

    From the inside out, since an element ends before the one that holds it does.  Raises
    CannotTell where there are too many.
    """
    lines: list[str] = []
    at = 0
    for _ in range(_MOST_JOINTS):
        found = goes_on.search(html, at)
        if found is None:
            break
        start = _find_open(html, found["name"], found.start())
        end = found.start() + len(found["name"]) + 3
        inside = html[start:end]
        if found["name"] == "p":  # another parser may not have closed the paragraph there
            lines.append(_split(inside)[-2] + _GAP + _split(html[end : end + 4000])[0])
        lines += _split(inside)
        html = f"{html[:start]}{JOINT}{html[end:]}"
        at = start
    else:
        raise CannotTell
    return html, lines


def _find_open(html: str, name: str, end: int) -> int:
    """Return where the element begins whose end tag begins at `end`."""
    depth, at = 1, end
    while depth:
        opened = _rfind_tag(html, f"<{name}", at)
        closed = _rfind_tag(html, f"</{name}", at)
        if opened < 0:
            return end
        if closed > opened:
            depth += 1
            at = closed
        else:
            depth -= 1
            at = opened
    return at


def _rfind_tag(html: str, tag: str, end: int) -> int:
    at = html.rfind(tag, 0, end)
    while at >= 0 and html[at + len(tag)] not in " />\n\t":
        at = html.rfind(tag, 0, at)
    return at


def _read_rows(html: str) -> list[str]:
    """Return each row of each table as one line, as trafilatura writes it."""
    rows: list[str] = []
    at = html.find("<tr")
    while at >= 0:
        end, depth = at + 3, 1
        while depth:
            closed = html.find("</tr>", end)
            opened = html.find("<tr", end)
            if closed < 0:
                end = len(html)
                break
            depth += 1 if 0 <= opened < closed else -1
            end = opened + 3 if 0 <= opened < closed else closed + 5
        row = html[at:end]
        if "<p" in row or "<div" in row or "<li" in row:
            rows.append(JOINT + _SPACE.sub(_BREAK, _CELL.sub(_GAP, _BLOCK.sub(_GAP, row))))
        at = html.find("<tr", at + 3)
    return rows
