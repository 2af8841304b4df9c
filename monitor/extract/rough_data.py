"""What scripts and attributes of a page carry as text: the strings that could be read as such.

    code → stretches between its quotation marks → those that could be a title or prose → unescaped

Nothing is parsed: whatever extraction's readers make of a script lies within these stretches.
"""

from __future__ import annotations

import re
from html import unescape

# The shortest strings that extraction reads: a headline in JSON-LD, a sentence in a script.
SHORTEST_CLAIM = 4
SHORTEST_PROSE = 60
_QUOTE = "\x01"  # an escaped quotation mark; nothing between two letters
_CLAIM = re.compile(rf'[^"]{{{SHORTEST_CLAIM},}}')
_PROSE = re.compile(rf'[^"]{{{SHORTEST_PROSE},}}')
_ENDS = re.compile(r"[.!?。！？؟।]")
_MARKUP = re.compile(r"<(?=[a-zA-Z/!])[^<>]{0,2000}>")
_LINE_ENDS = re.compile(r"\\[nrtfb]")


def read_claims(code: str) -> list[str]:
    """Return every string of a JSON-LD block that could be a title or a text."""
    return [unescape_string(part) for part in _CLAIM.findall(code.replace('\\"', _QUOTE))]


def read_prose(code: str) -> list[str]:
    """Return the stretches of any other script that could be prose, markup or data within data."""
    if len(code) < SHORTEST_PROSE or not (" " in code or not code.isascii()):
        return []
    parts = _PROSE.findall(code.replace('\\"', _QUOTE))
    return [unescape_string(part) for part in parts if _could_be_read(part)]


def _could_be_read(part: str) -> bool:
    """Say whether a stretch could be sentences, or holds markup or strings that could be."""
    if _QUOTE in part or "\\u" in part or "<" in part or "\\x" in part or "&" in part:
        return " " in part or "\\u" in part
    if part.isascii() and part.count(" ") * 15 <= len(part):
        return False
    return _ENDS.search(part) is not None


def unescape_string(part: str) -> str:
    """Return a string with every escape resolved that may stand in it.

    Data within data is escaped twice and more, so backslashes are reduced first.
    """
    if "\\" in part:
        while "\\\\" in part:
            part = part.replace("\\\\", "\\")
        if "\\u" in part:
            part = part.encode("raw_unicode_escape").decode("raw_unicode_escape", "replace")
            part = part.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        part = _LINE_ENDS.sub("\n", part).replace(f"\\{_QUOTE}", _QUOTE).replace("\\/", "/")
    return unescape(unescape(part)) if "&" in part else part


def without_markup(part: str) -> str:
    """Return a string without its tags: one may stand inside a word."""
    return _MARKUP.sub("", part)
