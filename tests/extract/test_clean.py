"""Nothing that cannot be stored or sent leaves the room (FAULTS D3, D4)."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.extract.clean import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    clean_line,
    clean_markup,
    clean_text,
)
from monitor.extract.readings import fold


def is_storable(text: str, *, line: bool = False) -> bool:
    allowed = set() if line else {"\n"}
    return not any(
        (unicodedata.category(c) in {"Cc", "Cs"} and c not in allowed)
        or c in "\u2028\u2029"
        or ord(c) & 0xFFFE == 0xFFFE
        for c in text
    )


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\x00b\x1bc\x7fd\x9fe", "abcde"),
        ("a\ud800b\ufffec\U0001ffffd", "abcd"),
        ("a\r\nb\rc\u2028d\u2029e\x85f", "a\nb\nc\nd\ne\nf"),
        ("a \t\u00a0 b\n\n \n c ", "a b\nc"),
        ("a\u200bb\u202ec\u00add", "a\u200bb\u202ec\u00add"),
        ("e\u0301", "e\u0301"),
        ("", ""),
    ],
)
def test_text_keeps_what_stood_there_and_loses_what_cannot_be_stored(
    text: str, cleaned: str
) -> None:
    """Zero-width and bidirectional signs stay: the matcher sees through them, people are shown."""
    assert clean_text(text) == cleaned


@given(st.text(st.characters()))
def test_any_text_comes_out_storable_and_stays_as_it_is(text: str) -> None:
    cleaned = clean_text(text)
    assert is_storable(cleaned)
    assert clean_text(cleaned) == cleaned
    line = clean_line(text)
    assert is_storable(line, line=True)
    assert len(line) <= LONGEST_TITLE


def test_lengths_are_bounded() -> None:
    assert len(clean_text("x" * (LONGEST_TEXT + 10))) == LONGEST_TEXT
    assert clean_line("x" * 10_000).endswith("…")


def test_markup_and_doubled_entities_are_resolved() -> None:
    assert clean_markup("It&amp;#39;s &lt;b&gt;over&lt;/b&gt; 3 < 4") == "It's over 3 < 4"


@pytest.mark.shared
def test_naughty_strings_come_out_storable(shared: Path) -> None:
    for text in json.loads((shared / "hostile" / "naughty-strings.json").read_text("utf-8")):
        assert is_storable(clean_text(text))
        assert is_storable(clean_markup(text), line=True)


@given(st.text(alphabet=" \n\t\r\xa0ab.\x00\x0b\x1c\x85\u200b\u2028\u3000\ud800\ufffe中"))
def test_text_is_cleaned_as_expressions_would(text: str) -> None:
    """In one expression after the other: slow, and plain to see."""
    lines = re.sub("\r\n?|[\x85\u2028\u2029]", "\n", text)
    storable = re.sub("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]", "", lines)
    spaced = re.sub(r"[^\S\n]+", " ", storable)
    assert clean_text(text) == re.sub(r" ?\n[\n ]*", "\n", spaced).strip()


@given(st.one_of(st.text(), st.text(alphabet="aB_ .'’“éİßſ中か\u0301\ud800", min_size=1)))
def test_letters_are_folded_as_an_expression_would(text: str) -> None:
    plain = re.sub(r"[\W_]+", "", text.casefold())
    assert fold(text) == plain
    assert fold(text * 300) == plain * 300
