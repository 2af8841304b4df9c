from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.text.blocks import block_hashes, hash_block, split_blocks


def test_block_has_the_same_hash_whatever_its_case_spaces_and_quotes() -> None:
    assert hash_block("Read also:  “Latest News”") == hash_block("read ALSO latest\u00a0news ")


def test_other_text_has_another_hash() -> None:
    assert hash_block("Latest news") != hash_block("Latest views")


@given(st.text(max_size=100))
def test_hash_fits_into_a_signed_64_bit_column(text: str) -> None:
    assert -(2**63) <= hash_block(text) < 2**63


def test_blocks_are_the_lines_that_hold_anything() -> None:
    text = "One\n\n  \nTwo three"
    assert [text[start:end] for start, end in split_blocks(text)] == ["One", "Two three"]
    assert len(block_hashes(text)) == 2
