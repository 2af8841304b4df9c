"""Literals are taken apart into words that keep the borders they need."""

from __future__ import annotations

import pytest

from monitor.match.literal_parts import split_literal, take_apart


@pytest.mark.parametrize(
    ("literal", "parts"),
    [
        (" china ", [" china "]),
        (" police station ", [" police ", " station "]),
        (" chin", [" chin"]),
        ("polizei station", ["polizei ", " station"]),
        ("警察", ["警察"]),
    ],
)
def test_word_keeps_the_border_that_it_needs(literal: str, parts: list[str]) -> None:
    assert split_literal(literal) == parts


def test_every_literal_is_found_by_its_longest_part_beside_all_others() -> None:
    literals = {" us ": 0, " police station ": 4, " station master ": 2, " police ": 3}
    words, alone, together, of_literal = take_apart(literals)
    place = {word: number for number, word in enumerate(words)}
    assert set(words) == {" us ", " police ", " station ", " master "}
    assert alone[place[" us "]] == [0]
    assert alone[place[" police "]] == [3]
    assert alone[place[" station "]] == []
    assert sorted(together[place[" station "]]) == [2, 4]
    assert of_literal[4] == sorted([place[" police "], place[" station "]])
    assert of_literal[1] == []  # a literal that is not asked for


def test_no_literals_have_no_parts() -> None:
    assert take_apart({}) == ([], [], [], [])
