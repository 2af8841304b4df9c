"""What scripts and attributes of a page carry as text: the strings that could be read as such.

    code → stretches between its quotation marks → unescaped → prose, markup, or data within data

More than extraction's readers (`json_ld`, `embedded`) take from the same script, and never less:
which quotation mark opens a string and which closes it is not asked, but what is asked of a string
is what `embedded` asks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from html import unescape

from monitor.extract.embedded import has_paragraphs, is_prose

# The shortest strings that are read: a headline in JSON-LD, a sentence in a script.
SHORTEST_CLAIM, SHORTEST_PROSE = 4, 60
# An escaped quotation mark, and an escaped backslash, while a script is cut at the other quotation
# marks; no page holds them then.
_QUOTE, _BACKSLASH = "\x01", "\x00"
_DEEPEST = 4  # data within data within data
# What `embedded` asks of data within a string: its length, and how many strings it looks at.
_SHORTEST_HOLDER, _MOST_INNER = 120, 2_000
_CODE = "{};<>="
_UNSURE = (_QUOTE, _BACKSLASH, "\\" * 64)  # with these a string may be cut otherwise
# What extraction's parser drops, between here and the strings of a script.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"<(?=[a-zA-Z/!])[^<>]{0,2000}>")
_LINE_ENDS = re.compile(r"\\[nrtfb]")


def read_claims(code: str, *, depth: int = 0) -> Iterator[str]:
    """Yield every string of a JSON-LD block that could be a title or a text."""
    for part in _cut(code):
        if len(part) < SHORTEST_CLAIM:
            continue
        written = _written(part)
        value = unescape_string(written) if "\\" in written else written
        yield unescape(unescape(value)) if "&" in value else value
        if depth < _DEEPEST and '"' in value and "\\" in value:
            yield from read_claims(value, depth=depth + 1)


def read_prose(code: str) -> Iterator[str]:
    """Yield the strings of any other script that are prose or paragraphs of markup to `embedded`.

    Of data within data that is the innermost; a string that JSON does not allow is none.
    """
    if len(code) < SHORTEST_PROSE:
        return
    parts = _cut(code)
    for part in [each for each in parts if len(each) >= SHORTEST_PROSE]:
        yield from map(_resolve, _read_string(part))
    for part in _find_opened_oddly(parts):
        yield from map(_resolve, _read_string(part))


def _resolve(value: str) -> str:
    return unescape(value) if "&" in value else value


def _read_string(part: str) -> Sequence[str]:
    """Return what `embedded` reads of a string, as `_cut` gives it."""
    if _is_short_of_words(part):
        return ()
    if "\\" in part or _QUOTE in part or _BACKSLASH in part:
        value = _read_json(part)
        return () if value is None else _find_innermost(value)
    value = part if part.isprintable() else _CONTROLS.sub("", part)
    return (value,) if _is_read(value) else ()


def _is_short_of_words(part: str) -> bool:
    """Say whether a string, as it is written, can be neither sentences nor markup."""
    return part.isascii() and part.count(" ") <= 3 and "<" not in part and "\\u" not in part


def _cut(code: str) -> list[str]:
    """Return what stands between the quotation marks of a script, with marks for escapes."""
    if "\\" in code:
        code = code.replace("\\\\", _BACKSLASH).replace('\\"', _QUOTE)
    return code.split('"')


def _written(part: str) -> str:
    """Return what `_cut` gave as it stood in the script."""
    return part.replace(_QUOTE, '\\"').replace(_BACKSLASH, "\\\\")


def _find_opened_oddly(parts: list[str]) -> Iterator[str]:
    """Yield the strings that an escaped quotation mark opens, because it stands in no string."""
    if _QUOTE not in "".join(parts[::2]):
        return
    is_inside = False
    for part in parts:
        if is_inside:
            is_inside = False
        elif _QUOTE in part:
            yield part.partition(_QUOTE)[2]
        else:
            is_inside = True


def _find_strings(value: str) -> list[str]:
    """Return the strings of data that stands in a string, by which opens and which closes one."""
    parts = _cut(value)
    if _QUOTE not in "".join(parts[::2]):
        return parts[1:-1:2]
    strings: list[str] = []
    is_inside = False
    for part in parts[:-1]:
        if is_inside or _QUOTE in part:
            strings.append(part if is_inside else part.partition(_QUOTE)[2])
            is_inside = False
        else:
            is_inside = True
    return strings


def _find_innermost(value: str) -> list[str]:
    """Return the strings of data within a string that are read, or else the string if it is.

    Both where there are too many for `embedded`, or more escapes than it looks at.
    """
    is_read = _is_read(value)
    if '"' not in value or len(value) < _SHORTEST_HOLDER:
        return [value] if is_read else []
    strings = [part for part in _find_strings(value) if len(part) >= SHORTEST_PROSE]
    values = (_read_json(part) for part in strings if not _is_short_of_words(part))
    inner = [each for each in values if each and len(each) > SHORTEST_PROSE and _is_read(each)]
    is_sure = len(strings) < _MOST_INNER and not any(map(value.__contains__, _UNSURE))
    return inner + ([value] if is_read and not (inner and is_sure) else [])


def _is_read(value: str) -> bool:
    """Say whether `embedded` reads a string; what is quick to count is asked first."""
    if "<" in value and has_paragraphs(value):
        return True
    if value.isascii() and value.count(" ") * 15 <= len(value):
        return False
    if sum(map(value.count, _CODE)) > len(value) / 200:
        return False
    return is_prose(value)


def _read_json(part: str) -> str | None:
    """Return the value of a JSON string as extraction's parser hands it on, None if it has none."""
    written = _written(part)
    if not written.isprintable():
        written = _CONTROLS.sub("", written)
    try:
        value: str = json.loads(f'"{written}"', strict=False)
    except ValueError:
        return None
    return _whole(value)


def _whole(value: str) -> str:
    """Return a string with halves of characters put together, where they are."""
    if value.isascii():
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def unescape_string(part: str) -> str:
    """Return the value of a JSON string; of one that is broken, what can be made of it."""
    try:
        value: str = json.loads(f'"{part}"', strict=False)
    except ValueError:
        pass
    else:
        return _whole(value)
    while "\\\\" in part:
        part = part.replace("\\\\", "\\")
    if "\\u" in part:
        part = part.encode("raw_unicode_escape", "replace").decode("raw_unicode_escape", "replace")
        part = part.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _LINE_ENDS.sub("\n", part).replace('\\"', '"').replace("\\/", "/")


def without_markup(part: str) -> str:
    """Return a string without its tags: one may stand inside a word."""
    return _MARKUP.sub("", part)
