"""What happened, told by words in thirty languages: arrest, plea, verdict, closure, denial.

The words are data (`data/kinds.txt`), and nothing in them is of any subject.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from monitor.text.normal import normalise
from monitor.text.words import UNSPACED

DATA = Path(__file__).parent / "data" / "kinds.txt"
# Stages of one course of events: a headline that names another one tells of another event.
TRIAL = "trial"
STAGES = ("arrest", "charge", "plea", "trial", "verdict", "sentence")
HANGUL = re.compile("[\uac00-\ud7af]")


@cache
def read_kinds() -> dict[str, dict[str, str]]:
    """Return {kind: {language: stems}} as the file lists them; ValueError for a line it is not."""
    kinds: dict[str, dict[str, str]] = {}
    current: dict[str, str] | None = None
    for number, line in enumerate(DATA.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("["):
            current = kinds.setdefault(text.strip("[]"), {})
            continue
        language, found, stems = text.partition(":")
        if not found or current is None:
            raise ValueError(
                f"while reading {DATA.name}:{number}: no 'language: stems' in {text!r}"
            )
        current[language.strip()] = stems
    return kinds


@cache
def _pattern(language: str) -> re.Pattern[str] | None:
    """Return one pattern with a group for each kind, over texts in normal form."""
    groups = []
    for kind, by_language in read_kinds().items():
        stems = [each.strip() for each in by_language.get(language, "").split(",") if each.strip()]
        if stems:
            groups.append(f"(?P<{kind}>{'|'.join(_stem_pattern(stem) for stem in stems)})")
    return re.compile("|".join(groups)) if groups else None


def _stem_pattern(stem: str) -> str:
    normal = normalise(stem).text.strip()
    if UNSPACED.search(normal):
        return re.escape(normal.replace(" ", ""))
    words = [re.escape(word) for word in normal.split()]
    if HANGUL.search(normal):
        return r"\w* ".join(words)
    # Arabic writes its article, and its words for "and", "by" and "for", into the word
    opening = r"(?<= )[وفبل]?(?:ال)?" if "\u0620" <= normal[0] <= "\u06ff" else "(?<= )"
    return opening + r"\w* ".join(words)


def find_kinds(text: str, languages: Sequence[str]) -> dict[str, int]:
    """Return how often `text` names each kind of event, in the words of `languages`."""
    normal = normalise(text).text
    if UNSPACED.search(normal):
        normal = normal.replace(" ", "")
    found: dict[str, int] = {}
    for language in languages:
        pattern = _pattern(language)
        if pattern is None:
            continue
        for match in pattern.finditer(normal):
            kind = match.lastgroup
            if kind is not None:
                found[kind] = found.get(kind, 0) + 1
    return found
