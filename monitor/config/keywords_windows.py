"""How near is near, in people's words: `12 words, same sentence`."""

from __future__ import annotations

import re
from typing import Any

from monitor.config.form import Form, Path
from monitor.config.validation import show
from monitor.model.rules import Span, Window

SPANS: dict[str, Span] = {
    "same sentence": "same sentence",
    "next sentence": "next sentence",
    "same paragraph": "same paragraph",
}
COUNT = re.compile(r"(\d+) (word|character)s?(?: or (\d+) characters?)?")
SENTENCES = re.compile(r"(\d+(?:\.\d+)?) sentences?")
MOST_WORDS = 100
MOST_CHARACTERS = 500
CURE = "write '12 words', '30 characters', 'same sentence', 'next sentence' or 'same paragraph'"


def read_window(form: Form, value: Any, path: Path) -> Window:
    """Return the window that the text at `path` describes."""
    written = value if isinstance(value, str) else ""
    words: int | None = None
    characters: int | None = None
    span: Span | None = None
    for part in written.split(","):
        plain = " ".join(part.split())
        count = COUNT.fullmatch(plain)
        if count is not None and words is None and characters is None:
            words, characters = _read_count(count)
        elif plain in SPANS and span is None:
            span = SPANS[plain]
        else:
            form.tell(path, f"'within' is {show(value)}", CURE)
            return Window(span="same sentence")
    if (words or 0) > MOST_WORDS or (characters or 0) > MOST_CHARACTERS:
        form.tell(
            path,
            f"'within' is {show(value)}",
            f"use at most {MOST_WORDS} words or {MOST_CHARACTERS} characters, or 'same paragraph'",
        )
    return Window(words=words, characters=characters, span=span)


def _read_count(count: re.Match[str]) -> tuple[int | None, int | None]:
    number = int(count[1][:6])
    if count[2] == "character":
        return None, number
    return number, int(count[3][:6]) if count[3] else None


def read_sentences(form: Form, value: Any, path: Path) -> float:
    """Return the number in `2 sentences`."""
    written = str(value) if isinstance(value, int | float) else value
    found = SENTENCES.fullmatch(written if isinstance(value, str) else f"{written} sentences")
    number = float(found[1][:6]) if found else 0.0
    if not 0.5 <= number <= 50:
        form.tell(path, f"'report needs' is {show(value)}", "write '2 sentences', or up to 50")
        return 2.0
    return number
