"""Name the host countries of a report: which places a text names, and which of them it is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from monitor.model.matches import Field, Passage

PlaceKind = Literal["name", "people", "city", "body", "acronym", "outlet"]


@dataclass(frozen=True, kw_only=True)
class PlaceTerm:
    """One literal that stands for a country, in the term syntax of keywords.yaml (`*` ends a stem).

    `language` is `any` or a primary subtag (`zh` in either script, `sr` in either script);
    `code` is ISO 3166-1 alpha-2. `outlet` terms stand for no country (code `--`): they mute a
    people or city beside them ("Madrid-based group", "a Spanish NGO").
    """

    language: str
    literal: str
    code: str
    kind: PlaceKind


@dataclass(frozen=True, kw_only=True)
class PlaceHit:
    """One place term found in a text."""

    code: str
    kind: PlaceKind
    field: Field
    start: int
    end: int


Span = tuple[Field, int, int]


def country_terms() -> Iterable[PlaceTerm]:
    """Yield every literal that stands for a country, a people, a city or a national body."""
    return ()


def find_countries(
    hits: Sequence[PlaceHit],
    *,
    title: str,
    text: str,
    passages: Sequence[Passage],
    sentences: Sequence[Span],
) -> tuple[str, ...]:
    """Return the host countries of a report, most likely first.

    `hits` are all place terms found, in the languages of the text; `passages` are those of the
    matches that count; `sentences` are the spans of the text's sentences, in order.
    China, Hong Kong and Macau are never hosts.
    """
    raise NotImplementedError
