"""Which places a text names: cities with their country, and countries; a list is handed in.

Without domain knowledge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from monitor.stories.cities import in_normal_form, link_cities
from monitor.text.normal import Normal, normalise
from monitor.text.words import ARABIC, HANGUL, UNSPACED


class PlaceName(Protocol):
    """One spelling of a place, as the matcher lists it; `*` ends a stem."""

    @property
    def language(self) -> str:
        """Return a primary language subtag, or `any`."""
        ...

    @property
    def literal(self) -> str:
        """Return the spelling."""
        ...

    @property
    def code(self) -> str:
        """Return the country, ISO 3166-1 alpha-2."""
        ...

    @property
    def kind(self) -> str:
        """Return name, people, city, body, acronym or outlet."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One place in a text: its country, the city where it is one, and where it stands."""

    code: str
    city: str | None
    kind: str
    written: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Entry:
    tokens: tuple[str, ...]
    is_stem: bool
    place: PlaceName
    city: str | None


TOKEN = re.compile(r"[^\W_]+")
THAI = re.compile("[\u0e01-\u0e5b]")
SHORTEST_STEM = 3
LONGEST_ACRONYM = 6
HEAD = 3


class Gazetteer:
    """Every spelling that is known, by language; look-ups cost a few dictionary reads a word."""

    def __init__(self, names: Iterable[PlaceName] = ()) -> None:
        self._exact: dict[str, dict[str, list[_Entry]]] = {}
        self._stems: dict[str, dict[str, list[_Entry]]] = {}
        self._unspaced: dict[str, dict[str, _Entry]] = {}
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._heads: dict[str, set[str]] = {}  # the first two letters of everything, by language
        wanted = [name for name in names if name.code.isalpha() and "(" not in name.literal]
        self._cities = link_cities(
            (name.code, in_normal_form(name.literal), getattr(name, "zone", ""))
            for name in wanted
            if name.kind == "city" and in_normal_form(name.literal)
        )
        for name in wanted:
            self._add(name)

    def _add(self, name: PlaceName) -> None:
        stem = name.literal.endswith("*")
        normal = in_normal_form(name.literal)
        if not normal:
            return
        tokens = tuple(TOKEN.findall(normal))
        city = self._cities[name.code, normal] if name.kind == "city" else None
        entry = _Entry(tokens, stem or bool(HANGUL.search(normal)), name, city)
        if UNSPACED.search(normal) or THAI.search(normal):
            self._unspaced.setdefault(name.language, {})[normal.replace(" ", "")] = entry
            return
        stems = entry.is_stem and len(tokens) == 1 and len(tokens[0]) >= SHORTEST_STEM - 1
        self._heads.setdefault(name.language, set()).add(tokens[0][:HEAD])
        table = self._stems if stems else self._exact
        table.setdefault(name.language, {}).setdefault(tokens[0], []).append(entry)

    def find(self, text: str, languages: Iterable[str]) -> list[Place]:
        """Return the places that `text` names, in the spellings of `languages`, in order."""
        normal = normalise(text)
        wanted = [*dict.fromkeys((*languages, "any"))]
        found = self._find_spaced(normal, wanted)
        if UNSPACED.search(normal.text) or THAI.search(normal.text):
            found += self._find_unspaced(text, wanted)
        return sorted(found, key=lambda place: place.start)

    def _find_spaced(self, normal: Normal, languages: list[str]) -> list[Place]:
        tokens = [(m[0], m.start(), m.end()) for m in TOKEN.finditer(normal.text)]
        found: list[Place] = []
        until = 0
        heads: set[str] = set().union(*(self._heads.get(each, ()) for each in languages))
        for number, (token, start, _) in enumerate(tokens):
            if start < until or (token[:HEAD] not in heads and token.isascii()):
                continue
            entry = self._best(tokens, number, languages, token)
            if entry is None:
                continue
            end = tokens[number + len(entry.tokens) - 1][2]
            place = _make_place(normal, entry, start, end)
            if place is not None:
                found.append(place)
                until = end
        return found

    def _best(
        self, tokens: list[tuple[str, int, int]], number: int, languages: list[str], token: str
    ) -> _Entry | None:
        """Return the longest entry that begins at a token."""
        best: _Entry | None = None
        for language in languages:
            for entry in self._exact.get(language, {}).get(token, ()):
                if _fits(entry, tokens, number) and (
                    best is None or len(entry.tokens) > len(best.tokens)
                ):
                    best = entry
        if best is not None:
            return best
        for language in languages:
            stems = self._stems.get(language)
            if not stems:
                continue
            for form in _forms(token):
                for length in range(len(form), SHORTEST_STEM - 2, -1):
                    entries = stems.get(form[:length])
                    if entries:
                        return entries[0]
        return None

    def _find_unspaced(self, text: str, languages: list[str]) -> list[Place]:
        folded = normalise(text).text.replace(" ", "")
        found: list[Place] = []
        for language in languages:
            entries = self._unspaced.get(language)
            if not entries:
                continue
            pattern = self._patterns.get(language)
            if pattern is None:
                longest_first = sorted(entries, key=len, reverse=True)
                pattern = re.compile("|".join(map(re.escape, longest_first)))
                self._patterns[language] = pattern
            for match in pattern.finditer(folded):
                entry = entries[match[0]]
                found.append(
                    Place(
                        code=entry.place.code,
                        city=entry.city,
                        kind=entry.place.kind,
                        written=match[0],
                        start=match.start(),
                        end=match.end(),
                    )
                )
        return found


def _forms(token: str) -> list[str]:
    """Return a word as it stands, and without what Arabic writes before a name."""
    if not ARABIC.search(token):
        return [token]
    bare = token.lstrip("وفبلك")
    return [token, bare, bare.removeprefix("ال"), token.removeprefix("ال")]


def _fits(entry: _Entry, tokens: list[tuple[str, int, int]], number: int) -> bool:
    size = len(entry.tokens)
    if number + size > len(tokens):
        return False
    words = [token for token, _, _ in tokens[number : number + size]]
    if entry.is_stem:
        return tuple(words[:-1]) == entry.tokens[:-1] and words[-1].startswith(entry.tokens[-1])
    return tuple(words) == entry.tokens


def _make_place(normal: Normal, entry: _Entry, start: int, end: int) -> Place | None:
    first, last = normal.start_of(start), normal.end_of(end)
    written = normal.original[first:last]
    letter = next((each for each in written if each.isalpha()), "")
    held = entry.place.literal.startswith("=")
    if letter.islower() and (held or entry.place.kind != "people"):
        return None  # a word that only begins like a name
    if held and len(written) <= LONGEST_ACRONYM and not written.isupper() and letter.isupper():
        bare = entry.place.literal.strip("=*")
        if bare.isupper():
            return None  # Pet is no PET
    return Place(
        code=entry.place.code,
        city=entry.city,
        kind=entry.place.kind,
        written=written,
        start=first,
        end=last,
    )
