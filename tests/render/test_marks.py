"""Passages are slices of the original, and their marks stand on the matched words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model.digest import Quote
from monitor.model.matches import Level, Match, Passage, RuleHit
from monitor.render.clean import visible
from monitor.render.marks import marked_pieces, merge_spans, quote_matches, title_marks
from tests.render.samples import AR, EN, IT, ZH, match


def marked(quote: Quote) -> list[str]:
    return [quote.text[start:end] for start, end in quote.marks]


@pytest.mark.parametrize("sample", [EN, ZH, IT, AR], ids=["en", "zh", "it", "ar"])
def test_quote_is_the_sentence_with_the_words_marked(sample: tuple[str, str, str]) -> None:
    title, text, word = sample
    [quote] = quote_matches(text, [match(title, text, word)])
    assert quote.text in text
    assert marked(quote) == [word]
    assert not quote.cut_before
    assert not quote.cut_after
    assert quote.text[-1] in ".。"


def passage(text: str, start: int, end: int) -> Match:
    found = Passage(field="text", start=start, end=end, text=text[start:end], rule="r")
    return Match(
        topic="t",
        level=Level.REPORT,
        score=1,
        report_at=1,
        mention_at=1,
        hits=(RuleHit(rule="r", score=1, zone="body", passages=(found,)),),
    )


@given(
    text=st.text(min_size=1, max_size=2000),
    places=st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 900)), max_size=6),
)
def test_every_quote_slices_the_original(text: str, places: list[tuple[int, int]]) -> None:
    matches = [
        passage(text, start, min(start + length, len(text)))
        for start, length in places
        if start < len(text)
    ]
    for quote in quote_matches(text, matches):
        assert quote.text
        assert quote.text in text
        assert len(quote.text) <= 1000
        for start, end in quote.marks:
            assert 0 <= start < end <= len(quote.text)


def test_passage_that_does_not_fit_its_text_is_left_out() -> None:
    bad = passage("some other text", 5, 10)
    assert quote_matches("short", [bad]) == ()


def test_far_passages_are_quotes_of_their_own_and_near_ones_are_one() -> None:
    text = "One police station here. " + "Nothing at all. " * 60 + "Another police station there."
    far = text.rindex("police station")
    matches = [passage(text, 4, 18), passage(text, far, far + 14), passage(text, 0, 10)]
    first, second = quote_matches(text, matches)
    assert marked(first) == ["One police station"]
    assert marked(second) == ["police station"]


def test_full_stop_inside_a_number_or_a_name_ends_no_sentence() -> None:
    text = "The station cost 3.5 million. It opened on example.org yesterday."
    at = text.index("example")
    [quote] = quote_matches(text, [passage(text, at, at + 11)])
    assert quote.text == "It opened on example.org yesterday."


def test_long_text_without_a_stop_is_cut_and_says_so() -> None:
    text = "word " * 400
    [quote] = quote_matches(text, [passage(text, 1000, 1009)])
    assert quote.cut_before
    assert quote.cut_after
    assert len(quote.text) < 320
    assert quote.text.startswith("word")


@given(st.text(max_size=80), st.lists(st.tuples(st.integers(-5, 90), st.integers(-5, 90))))
def test_pieces_are_the_text_and_marks_do_not_move(text: str, spans: list[tuple[int, int]]) -> None:
    pieces = marked_pieces(text, spans)
    flat = visible(text).replace("\n", " ").replace("\t", " ")
    assert "".join(piece for piece, _ in pieces) == flat
    inside = [(max(a, 0), min(b, len(text))) for a, b in spans]
    assert sum(mark for _, mark in pieces) <= len(merge_spans(inside))
    if text.isascii() and text.isprintable():
        wanted = "".join(text[start:end] for start, end in merge_spans(inside))
        assert "".join(piece for piece, mark in pieces if mark) == wanted


def test_title_marks_stand_on_the_words_of_the_title() -> None:
    marks = title_marks(ZH[0], [match(*ZH)])
    assert [ZH[0][start:end] for start, end in marks] == [ZH[2]]
