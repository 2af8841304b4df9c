from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.match.word_table import WordTable
from monitor.text.rough import TAG, fold_roughly

LITERALS = {" china ": 0, " police station ": 1, "polizei ": 2, "警察": 3, " chin": 4, " us ": 5}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ({"CHINA,", "talks"}, {0, 4}),
        ({f"chi{TAG}na"}, {0, 4}),
        ({f"Chi{TAG}na{TAG}World"}, {0, 4}),
        ({f"Bundespoli{TAG}zei"}, {2}),
        ({f"警{TAG}察"}, {3}),
        ({f"po{TAG}lice", f"sta{TAG}tion"}, {1}),
        ({f"fo{TAG}us"}, {5}),
        ({"Machination", "focus", "policestation"}, set()),
    ],
)
def test_words_with_markup_inside_are_read_across_it(words: set[str], found: set[int]) -> None:
    assert WordTable(LITERALS).find(words) == found
    table = WordTable(LITERALS)
    table.find(words)
    assert table.find(words) == found  # and so when they are known


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["China", "chin\u00ada", "Police", "station", "us", "警察", "ß", "“US”"]
            ),
            st.text(max_size=6),
        ),
        max_size=12,
    )
)
def test_no_literal_of_the_folded_text_is_missed(words: list[str]) -> None:
    text = " ".join(words)
    folded = fold_roughly(text)
    there = {number for literal, number in LITERALS.items() if literal in folded}
    assert there <= WordTable(LITERALS).find(set(text.split()))
