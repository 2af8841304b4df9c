"""Paragraphs that a box leaves open for one parser, and ends for the other.

<p>A secret <section>station ...  →  one line to libxml2, which knows no sections
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape

from monitor.extract.rough_mixed import BLOCK_NAMES

_BORDER = re.compile(rf"<(/?)({'|'.join(sorted(BLOCK_NAMES))})(?![\w-])[^<>]*>", re.IGNORECASE)
_ANY = re.compile(r"<!--.*?(?:-->|\Z)|<[^<>]*>", re.DOTALL)
_OPENS = re.compile(r"<[a-z]", re.IGNORECASE)
# Boxes that leave a paragraph open in libxml2.
_LEAVE_OPEN = frozenset(
    {
        "article",
        "aside",
        "details",
        "dialog",
        "footer",
        "header",
        "main",
        "nav",
        "section",
        "summary",
    }
)
_FAR = 3_000


def read_open_paragraphs(source: str) -> Iterator[str]:
    """Yield as one line what stands around each box that opens in a paragraph of a page's source.

    libxml2 ends a paragraph at boxes that it knows, and only where no other element is open in it.
    """
    opened = -1
    for border in _BORDER.finditer(source):
        name = border[2].lower()
        if border[1]:
            opened = -1
        elif opened >= 0 and (name in _LEAVE_OPEN or _is_open(source[opened + 2 : border.start()])):
            part = _ANY.sub("<wbr>", source[opened : border.end() + _FAR]).rpartition("<")
            text = "".join(part[:-1]) if ">" not in part[2] else "".join(part)
            yield "<wbr>".join(
                escape(unescape(each), quote=False)
                for each in " ".join(text.split()).split("<wbr>")
            )
            opened = border.start() if name == "p" else -1
        else:
            opened = border.start() if name == "p" else -1


def _is_open(inside: str) -> bool:
    """Say whether fewer elements end in a stretch of source than begin."""
    return len(_OPENS.findall(inside)) > inside.count("</")
