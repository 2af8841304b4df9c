"""What happened, told by words in thirty languages: arrest, plea, verdict, closure, denial.

The words are data (`data/kinds.txt`), and nothing in them is of any subject.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from monitor.text.normal import normalise
from monitor.text.words import UNSPACED

DATA = Path(__file__).parent / "data" / "kinds.txt"
# Stages of one course of events: a headline that names another one tells of another event.
TRIAL = "trial"
SHORTEST = 2  # letters of a stem
STAGES = ("arrest", "charge", "plea", "trial", "verdict", "sentence")


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


@dataclass(frozen=True, slots=True)
class _Stems:
    """The stems of one language: words and phrases by their first stem, and unspaced ones."""

    words: dict[str, list[tuple[tuple[str, ...], str]]]
    heads: frozenset[str]
    longest: int
    unspaced: re.Pattern[str] | None


@cache
def _stems(language: str) -> _Stems:
    words: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    groups: list[str] = []
    for kind, by_language in read_kinds().items():
        stems = [each.strip() for each in by_language.get(language, "").split(",") if each.strip()]
        normal = [normalise(stem).text.strip() for stem in stems]
        together = [re.escape(stem.replace(" ", "")) for stem in normal if UNSPACED.search(stem)]
        if together:
            groups.append(f"(?P<{kind}>{'|'.join(together)})")
        for stem in normal:
            parts = stem.split()
            if parts and not UNSPACED.search(stem):
                words.setdefault(parts[0], []).append((tuple(parts), kind))
    return _Stems(
        words=words,
        heads=frozenset(stem[:SHORTEST] for stem in words),
        longest=max(map(len, words), default=0),
        unspaced=re.compile("|".join(groups)) if groups else None,
    )


def find_kinds(text: str, languages: Sequence[str]) -> dict[str, int]:
    """Return how often `text` names each kind of event, in the words of `languages`."""
    found: dict[str, int] = {}
    normal = normalise(text).text
    unspaced = normal.replace(" ", "") if UNSPACED.search(normal) else ""
    tokens = normal.split()
    for language in languages:
        stems = _stems(language)
        kinds = [kind for at in range(len(tokens)) for kind in _kinds_at(tokens, at, stems)]
        if stems.unspaced is not None and unspaced:
            kinds += [match.lastgroup or "" for match in stems.unspaced.finditer(unspaced)]
        for kind in kinds:
            found[kind] = found.get(kind, 0) + 1
    return found


def _kinds_at(tokens: Sequence[str], at: int, stems: _Stems) -> list[str]:
    """Return the kinds whose words begin at a token; the longest phrase wins: a guilty plea."""
    kinds: dict[str, tuple[int, int]] = {}
    for form in _forms(tokens[at]):
        if form[:SHORTEST] not in stems.heads:
            continue
        for length in range(min(len(form), stems.longest), SHORTEST - 1, -1):
            for parts, kind in stems.words.get(form[:length], ()):
                if _goes_on(tokens, at, parts):
                    kinds[kind] = max(kinds.get(kind, (0, 0)), (len(parts), length))
    best = max(kinds.values(), default=None)
    return [kind for kind, size in kinds.items() if size == best]


def _goes_on(tokens: Sequence[str], at: int, parts: Sequence[str]) -> bool:
    following = tokens[at + 1 : at + len(parts)]
    return len(following) == len(parts) - 1 and all(
        token.startswith(part) for token, part in zip(following, parts[1:], strict=True)
    )


def _forms(token: str) -> tuple[str, ...]:
    """Return a word, and without the article and the words that Arabic writes into it."""
    if not "\u0620" <= token[0] <= "\u06ff":
        return (token,)
    bare = token[1:] if token[0] in "وفبل" else token
    return tuple(dict.fromkeys((token, bare, bare.removeprefix("ال"), token.removeprefix("ال"))))
