"""Text that can be stored and sent: no control characters, no surrogates, no stray space."""

from __future__ import annotations

import re
from html import unescape

# C0 but tab and newline, DEL, C1, surrogates, noncharacters: none can be stored or shown, and a
# NUL hides text from SQLite (FAULTS D3). Zero-width and bidirectional signs stay: the matcher sees
# through them, and people are shown that they were there.
_UNSTORABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")

LONGEST_TITLE = 500
LONGEST_TEXT = 2_000_000


def clean_text(text: str) -> str:
    """Return `text` as paragraphs with one newline between them, storable, at most LONGEST_TEXT.

    Nothing is folded or composed: what is shown to people is what stood on the page.
    """
    text = text[: LONGEST_TEXT + 1]
    # What neither prints nor is common is rare, and telling so is quicker than looking for each.
    if not text.replace("\n", "").replace("\t", "").replace("\xa0", "").isprintable():
        text = _UNSTORABLE.sub("", _LINE_ENDS.sub("\n", text))
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return "\n".join(filter(None, lines))[:LONGEST_TEXT].strip()


def clean_line(text: str, *, longest: int = LONGEST_TITLE) -> str:
    """Return `text` as one storable line, cut at `longest` characters."""
    line = clean_text(text[: longest * 20]).replace("\n", " ")
    if len(line) <= longest:
        return line
    return line[: longest - 1].rstrip() + "…"


def clean_markup(text: str, *, longest: int = LONGEST_TITLE) -> str:
    """Return an attribute or JSON value as one line: entities resolved (twice), tags dropped.

    Publishers escape titles once too often; `&amp;#39;` is an apostrophe.
    """
    text = text[: longest * 20]
    if "&" in text:
        text = unescape(unescape(text))
    if "<" in text:
        text = _MARKUP.sub("", text)
    return clean_line(text, longest=longest)
