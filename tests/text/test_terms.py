from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.terms import MOST_PHRASES, TermError, expand, parse_term


@pytest.mark.parametrize(
    ("term", "phrases"),
    [
        ("police station", ["police station"]),
        ("(secret|illegal) police", ["secret police", "illegal police"]),
        ("illegal? police", ["illegal police", "police"]),
        ("stanic(a|e|ama)", ["stanica", "stanice", "stanicama"]),
        ("(a (b|c)|d) e", ["a b e", "a c e", "d e"]),
        ("(very )?secret post*", ["very secret post*", "secret post*"]),
        ("  police   station ", ["police station"]),
    ],
)
def test_alternatives_and_optional_words_are_multiplied_out(term: str, phrases: list[str]) -> None:
    assert expand(term) == phrases


def words(term: str, language: str = "en") -> list[list[str]]:
    return [[word.text for word in phrase.words] for phrase in parse_term(term, language)]


def test_words_are_in_normal_form() -> None:
    assert words("Secţie de „Poliţie”", "ro") == [["sectie", "de", "politie"]]


def test_hyphen_may_be_a_space_or_nothing() -> None:
    assert words("co-operation") == [["co", "operation"], ["cooperation"]]


@pytest.mark.parametrize("language", ["sr", "hr", "bs"])
def test_serbian_term_stands_in_both_alphabets(language: str) -> None:
    assert ["policija"] in words("policija", language)
    assert ["полициjа".replace("j", "ј")] in words("policija", language)
    assert ["njegov"] in words("његов", language)


def test_stars_open_the_borders() -> None:
    (phrase,) = parse_term("*polizei*", "de")
    assert phrase.words[0].open_left
    assert phrase.words[0].open_right
    (phrase,) = parse_term("polic*", "en")
    assert not phrase.words[0].open_left
    assert phrase.words[0].open_right


@pytest.mark.parametrize(
    ("term", "gap"), [("a ... b", 2), ("a … b", 2), ("a ...5 b", 5), ("a b", 0)]
)
def test_dots_allow_words_between(term: str, gap: int) -> None:
    assert parse_term(term, "en")[0].gaps == (gap,)


def test_korean_phrase_may_be_written_without_its_space() -> None:
    assert [phrase.gaps for phrase in parse_term("비밀 경찰서", "ko")] == [(0,), (-1,)]


@pytest.mark.parametrize(
    "term",
    ["", "   ", "...", "*", "(", ")", "(a", "a)", "a|b", "a*b", "“”", "a ...999 b", "a" * 301,
     "(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)", "((((a", "?"],
)  # fmt: skip
def test_term_that_cannot_be_read_is_refused_with_a_cure(term: str) -> None:
    with pytest.raises(TermError) as error:
        parse_term(term, "en")
    assert error.value.problem
    assert error.value.cure


@given(st.text(alphabet=st.sampled_from("ab (|)?*=.…- 中警비ال\u0301'\""), max_size=40))
def test_any_text_is_read_or_refused(term: str) -> None:
    try:
        phrases = parse_term(term, "sr")
    except TermError:
        return
    assert 0 < len(phrases) <= 8 * MOST_PHRASES
    for phrase in phrases:
        assert len(phrase.gaps) == len(phrase.words) - 1
        assert all(word.text and " " not in word.text for word in phrase.words)
