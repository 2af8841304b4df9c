"""justext, which trafilatura asks as its last resort, without what it does again and again.

It builds a path with numbers for each paragraph, which nobody asks for, and puts a paragraph's text
together anew for each of ten questions.  It comes with trafilatura and is known to nobody else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

_NOT_SINGLE = re.compile(r"\s{2,}|[^\S ]")


class QuickPath:
    """The elements that a paragraph stands in, as far as they are asked for: their names.

    For `justext.core.PathInfo`.
    """

    xpath = ""
    """Nothing: no step asks where on its page a paragraph stood."""

    def __init__(self) -> None:
        """Begin outside of all elements."""
        self._names = [""]

    @property
    def dom(self) -> str:
        """Return the names of the elements, from the outside in, with dots between them."""
        return self._names[-1]

    def append(self, tag_name: str) -> QuickPath:
        """Go into an element."""
        around = self._names[-1]
        self._names.append(f"{around}.{tag_name}" if around else tag_name)
        return self

    def pop(self) -> QuickPath:
        """Leave the innermost element."""
        self._names.pop()
        return self


def text_once(put_together: Callable[[Any], str]) -> property:
    """Return a paragraph's text as a property that is put together again for a new piece only."""

    def text(paragraph: Any) -> str:
        known: tuple[int, str] | None = paragraph.__dict__.get("known_text")
        pieces = len(paragraph.text_nodes)
        if known is None or known[0] != pieces:
            known = paragraph.known_text = (pieces, put_together(paragraph))
        return known[1]

    return property(text)


def make_spaces_one(otherwise: Callable[[str], str]) -> Callable[[str], str]:
    """Return what makes each run of white space a space, or a line end where one was in it.

    `otherwise` does it where line ends are.
    """

    def normalize_whitespace(text: str) -> str:
        if "\n" in text or "\r" in text:
            return otherwise(text)
        return _NOT_SINGLE.sub(" ", text)

    return normalize_whitespace


@cache
def quicken_justext() -> None:
    """Have justext use these; it gives the same paragraphs.  Raises ImportError without it."""
    core: Any = import_module("justext.core")
    paragraph: Any = import_module("justext.paragraph")
    core.PathInfo = QuickPath
    paragraph.Paragraph.text = text_once(paragraph.Paragraph.text.fget)
    paragraph.normalize_whitespace = make_spaces_one(paragraph.normalize_whitespace)
