"""What scripts and attributes of a page carry as text: the strings that could be read as such.

    code → stretches between its quotation marks → unescaped → prose, markup, or data within data

More than extraction's readers (`json_ld`, `embedded`) take from the same script, and never less.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html import unescape

# The shortest strings that are read: a headline in JSON-LD, a sentence in a script.
SHORTEST_CLAIM, SHORTEST_PROSE = 4, 60
_QUOTE = "\x01"  # an escaped quotation mark while a script is cut at the others
_DEEPEST = 4  # data within data within data
_SHORTEST_HOLDER = 120
_PARAGRAPH = re.compile(r"<p[\s>]|<br\s*/?>|</p>", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?。！？؟।]")
_CODE = "{};<>="
_MARKUP = re.compile(r"<(?=[a-zA-Z/!])[^<>]{0,2000}>")
_CUTS = re.compile(f"{_MARKUP.pattern}|(?=[<>])|(?<=[<>])")
_LINE_ENDS = re.compile(r"\\[nrtfb]")


def read_claims(code: str, *, depth: int = 0) -> Iterator[str]:
    """Yield every string of a JSON-LD block that could be a title or a text."""
    for value in _cut(code, SHORTEST_CLAIM):
        yield unescape(unescape(value)) if "&" in value else value
        if depth < _DEEPEST and '"' in value and "\\" in value:
            yield from read_claims(value, depth=depth + 1)


def read_prose(code: str, *, depth: int = 0) -> Iterator[str]:
    """Yield the strings of any other script that could be prose or hold markup."""
    if len(code) < SHORTEST_PROSE:
        return
    for value in _cut(code, SHORTEST_PROSE, could_hold=_could_hold_prose):
        if could_be_read(value):
            yield unescape(value) if "&" in value else value
        if depth < _DEEPEST and '"' in value and len(value) >= _SHORTEST_HOLDER:
            yield from read_prose(value, depth=depth + 1)


def _could_hold_prose(part: str) -> bool:
    """Say whether a string, not unescaped yet, could be or hold sentences or markup."""
    return part.count(" ") > 3 or "<" in part or "\\u" in part or not part.isascii()


def _cut(code: str, shortest: int, *, could_hold: Callable[[str], bool] = bool) -> Iterator[str]:
    """Yield what stands between the quotation marks of a script, unescaped once."""
    code = code.replace('\\"', _QUOTE) if "\\" in code else code
    for part in [each for each in code.split('"') if len(each) >= shortest]:
        if could_hold(part):
            is_plain = "\\" not in part and _QUOTE not in part
            yield part if is_plain else unescape_string(part.replace(_QUOTE, '\\"'))


def could_be_read(value: str) -> bool:
    """Say whether a string could be sentences, or paragraphs of markup."""
    if "<" in value and len(_PARAGRAPH.findall(value)) > 1:
        return True
    if value.isascii() and value.count(" ") * 15 <= len(value):
        return False
    if sum(map(value.count, _CODE)) > len(value) / 200:
        return False
    return _SENTENCE_END.search(value) is not None


def unescape_string(part: str) -> str:
    """Return the value of a JSON string; of one that is broken, what can be made of it."""
    try:
        value: str = json.loads(f'"{part}"', strict=False)
    except ValueError:
        pass
    else:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    while "\\\\" in part:
        part = part.replace("\\\\", "\\")
    if "\\u" in part:
        part = part.encode("raw_unicode_escape", "replace").decode("raw_unicode_escape", "replace")
        part = part.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _LINE_ENDS.sub("\n", part).replace('\\"', '"').replace("\\/", "/")


def without_markup(part: str) -> str:
    """Return a string without its tags: one may stand inside a word."""
    return _MARKUP.sub("", part)


def cut_markup(part: str) -> tuple[str, ...]:
    """Return what stands between the tags of a string, and what may be taken for one."""
    return tuple(_CUTS.split(part))
