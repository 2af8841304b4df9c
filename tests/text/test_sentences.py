from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.sentences import split_sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("He said “No.” Then he left.", ["He said “No.”", "Then he left."]),
        ("A line\nAnother", ["A line", "Another"]),
        ("Mr. Smith met Dr. Jones. They left.", ["Mr. Smith met Dr. Jones.", "They left."]),
        ("J. K. Rowling wrote. We read.", ["J. K. Rowling wrote.", "We read."]),
        ("Am 15. Juni kam er. Dann ging er.", ["Am 15. Juni kam er.", "Dann ging er."]),
        ("Es war 2019. Dann kam es.", ["Es war 2019.", "Dann kam es."]),
        ("Dňa 3. mája prišli. Odišli.", ["Dňa 3. mája prišli.", "Odišli."]),
        ("U sklopu tzv. patrola. Kraj.", ["U sklopu tzv. patrola.", "Kraj."]),
        ("3.5 Mio. Euro. Ende.", ["3.5 Mio. Euro.", "Ende."]),
        ("警察来了。他们走了！为什么？", ["警察来了。", "他们走了！", "为什么？"]),
        ("「警察だ。」彼は言った。", ["「警察だ。」", "彼は言った。"]),
        ("هل جاء؟ نعم جاء.", ["هل جاء؟", "نعم جاء."]),
        ("Well… he said. Yes.", ["Well… he said.", "Yes."]),
        ("", []),
        ("\n \n", []),
    ],
)
def test_text_is_cut_where_sentences_end(text: str, sentences: list[str]) -> None:
    assert cut(text) == sentences


@given(st.text(alphabet=st.sampled_from('ab. !?\n。A1"”…\u200b'), max_size=60))
def test_sentences_lie_in_order_and_hold_every_letter(text: str) -> None:
    spans = split_sentences(text)
    assert all(start < end for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    kept = "".join(text[start:end] for start, end in spans)
    assert [c for c in kept if c.isalnum()] == [c for c in text if c.isalnum()]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [("." * 500_000, 1), ("a." * 250_000, 1), ("(" * 500_000, 1), (". " * 250_000, 250_000)],
)
def test_monotonous_text_is_cut_in_bounded_time(text: str, sentences: int) -> None:
    """The test's own time limit is the bound."""
    spans = split_sentences(text)
    assert len(spans) == sentences
    assert (spans[0][0], spans[-1][1]) == (0, len(text.rstrip()))
