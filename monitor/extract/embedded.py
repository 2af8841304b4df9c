"""The text inside a page's data, where the browser's scripts would build the page from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from lxml.html import HtmlElement

from monitor.extract.blocks import read_blocks
from monitor.extract.tree import parse

LONGEST_SCRIPT = 4_000_000
_CODE_TAGS = ("script", "style")
_SHORTEST_STRING = 60
_SHORTEST_TEXT = 300
_MOST_STRINGS = 20_000
SHORTEST_PIECE = 80
MUCH_SHOWN = 1_500
"""With so many characters of running text a page is no frame for scripts to fill.

Of the 1,039 real and made pages in `../shared`, 90 % show more; of the two that carry their text
as data, none shows any.  Who tells the same from another reading of the page asks for more.
"""
_PARAGRAPH = re.compile(r"<p[\s>]|<br\s*/?>|</p>", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?。！？؟।][\"'»”’)\]]*(?:\s|$)|[。！？]")
_CODE = re.compile(r"[{};<>=]|https?://|\\u|function\s*\(")


def find_embedded_text(root: HtmlElement) -> str:
    """Return the longest text that the page's own scripts carry as data; may be empty.

    Strings that hold HTML paragraphs, else sentences in strings of one script, in their order.
    Only for pages whose markup has no text: data also carries other articles' teasers.
    """
    if measure_prose(_read_shown(root)) >= MUCH_SHOWN:
        return ""
    best = ""
    for script in root.iter("script"):
        source = script.text
        if not source or script.get("src") or "ld+json" in (script.get("type") or ""):
            continue
        text = _text_of_script(source[:LONGEST_SCRIPT])
        if len(text) > len(best):
            best = text
    return best if len(best) >= _SHORTEST_TEXT else ""


def measure_prose(pieces: Iterable[str]) -> int:
    """Return how many characters of running text there are, each piece between tags counted once.

    A piece of less than SHORTEST_PIECE characters is a label, a headline or a line of a menu.
    """
    distinct = {" ".join(piece.split()) for piece in pieces if len(piece) >= SHORTEST_PIECE}
    return sum(len(piece) for piece in distinct if len(piece) >= SHORTEST_PIECE)


def _read_shown(root: HtmlElement) -> Iterator[str]:
    """Yield every text between two tags, but for code."""
    for element in root.iter():
        if element.tag not in _CODE_TAGS:
            yield element.text or ""
        yield element.tail or ""


def _text_of_script(source: str) -> str:
    pages: list[str] = []
    sentences: dict[str, None] = {}
    for count, string in enumerate(_strings(source)):
        if count > _MOST_STRINGS:
            break
        inner = [v for v in _inner_strings(string) if has_paragraphs(v) or is_prose(v)]
        for value in inner or [string]:  # data within data: the innermost is the text
            if has_paragraphs(value):
                pages.append(value)
            elif is_prose(value):
                sentences[value] = None
    markup = max(pages, key=len, default="")
    parsed = parse(f"<html><body>{markup}</body></html>") if markup else None
    from_markup = "\n".join(b.text for b in read_blocks(parsed.root)) if parsed else ""
    return max(from_markup, "\n".join(sentences), key=len)


def _strings(source: str) -> Iterator[str]:
    """Yield the values of the JSON strings in a script that are long enough, in one pass."""
    start = source.find('"')
    while start >= 0:
        end = _end_of_string(source, start + 1)
        if end < 0:
            return
        if end - start > _SHORTEST_STRING:
            try:
                value = json.loads(source[start : end + 1], strict=False)
            except ValueError:
                value = None
            if isinstance(value, str):
                yield value
        start = source.find('"', end + 1)


def _end_of_string(source: str, position: int) -> int:
    """Return where the string that holds `position` ends, or -1."""
    while (end := source.find('"', position)) >= 0:
        before = source[max(0, end - 64) : end]
        if (len(before) - len(before.rstrip("\\"))) % 2 == 0:
            return end
        position = end + 1
    return -1


def _inner_strings(string: str) -> list[str]:
    """Return the strings of data that was put into a string (Next.js streams its pages so)."""
    if '"' not in string or len(string) < 2 * _SHORTEST_STRING:
        return []
    return [value for value in _strings(string) if len(value) > _SHORTEST_STRING][:2000]


def has_paragraphs(text: str) -> bool:
    """Tell whether a string is markup that holds paragraphs."""
    return len(_PARAGRAPH.findall(text)) >= 2


def is_prose(text: str) -> bool:
    """Tell whether a string reads as sentences rather than as code, an address or a label."""
    if len(text) < _SHORTEST_STRING or len(_CODE.findall(text)) > len(text) / 200:
        return False
    spaced = text.count(" ") > len(text) / 15
    wide = sum(c > "\u2fff" for c in text[:200]) > 60
    return (spaced or wide) and _SENTENCE_END.search(text) is not None
