"""The words that literals are made of: what can be looked up where a page has no text yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple


class Parts(NamedTuple):
    """Words of literals, a space at an end for a border of words; each is known by its place."""

    words: list[str]
    alone: list[list[int]]
    """Of each the literals that are no more than it."""
    together: list[list[int]]
    """Of each the literals that are found by it, beside others: it is their longest."""
    of_literal: list[list[int]]
    """Of each literal, by its number, all its parts."""


def take_apart(literals: Mapping[str, int]) -> Parts:
    """Return the parts of literals, which are given with their numbers."""
    places: dict[str, int] = {}
    alone: defaultdict[int, list[int]] = defaultdict(list)
    together: defaultdict[int, list[int]] = defaultdict(list)
    of_literal: list[list[int]] = [[] for _ in range(max(literals.values(), default=-1) + 1)]
    for literal, number in literals.items():
        parts = split_literal(literal)
        found = [places.setdefault(part, len(places)) for part in parts]
        of_literal[number] = sorted(set(found))
        if len(parts) == 1:
            alone[found[0]].append(number)
        else:
            together[places[max(parts, key=len)]].append(number)
    every = range(len(places))
    return Parts(
        list(places),
        [sorted(alone[part]) for part in every],
        [together[part] for part in every],
        of_literal,
    )


def split_literal(literal: str) -> list[str]:
    """Return the words of a literal with the borders that each must have."""
    words = literal.split()
    last = len(words) - 1
    return [
        f"{' ' if number or literal[0] == ' ' else ''}{word}"
        f"{' ' if number < last or literal[-1] == ' ' else ''}"
        for number, word in enumerate(words)
    ]
