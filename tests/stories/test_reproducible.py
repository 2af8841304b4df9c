"""The same articles come to the same stories in every process: a set has another order in each."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from itertools import combinations

import pytest

from monitor.model.grouping import StoryFeatures, TermCounts
from monitor.stories.compare import compare
from monitor.stories.keys import index_keys
from tests.stories.building import make_story_features

LETTERS = "bdfgklmnprstvz"
NAMES = ["".join(three) for three in combinations(LETTERS, 3)][:60]
TERMS = ["".join(two) + "aro" for two in combinations(LETTERS, 2)]


def make(first: int) -> StoryFeatures:
    """Return features with more names of one length than have keys, and words that weigh oddly."""
    return replace(
        make_story_features(focus=[("IT", "Roma")]),
        names=tuple((name, name) for name in NAMES[first : first + 50]),
        terms=tuple((term, round(1 / (3 + at), 3)) for at, term in enumerate(TERMS[first:])),
        numbers=tuple(str(number * 7 + 101) for number in range(first, 30)),
        persons=("Anna Rossi", "Luca Bianchi", "Marco Verdi"),
        title_countries=("IT", "FR", "ES") if first else ("HU", "CZ", "PL"),
    )


def tell() -> str:
    """Return all that is found of two articles, to the last digit."""
    one, other = make(0), make(3)
    counts = {
        "it": TermCounts(articles=900, counts={term: 3 + at for at, term in enumerate(TERMS)}),
        "numbers": TermCounts(articles=700, counts={}),
    }
    return f"{index_keys(one, counts)} {compare(one, other, counts)!r}"


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_two_articles_in_another_process_come_to_the_same(seed: str) -> None:
    code = "from tests.stories.test_reproducible import tell; print(tell())"
    told = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert told == tell()
