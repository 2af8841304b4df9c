"""Distances in words: what could stand near enough is let through, one word more is ruled out."""

from __future__ import annotations

import pytest

from monitor.prepare import Preparer
from tests.glance.pages import Look, frame, is_flagged, words


def test_words_at_the_limit_are_let_through_and_one_more_ruled_out(look: Look) -> None:
    for number in range(4):
        assert not look.rules_out(f"<p>otter {words(number)} badger</p>")
        assert not look.rules_out(f"<p>badger {words(number)} otter</p>")
    for number in (4, 5, 9, 30):
        assert look.rules_out(f"<p>otter {words(number)} badger</p>")
        assert look.rules_out(f"<p>badger {words(number)} otter</p>")


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(f"<b>{words(9)}</b>", id="in an element"),
        pytest.param(f"<i hidden>{words(9)}</i> {words(3)}", id="in a hidden element, and three"),
        pytest.param(f"{words(3)} <span class=x>{words(9)}</span>", id="three, and in a span"),
        pytest.param(
            f"{words(2)} <b>{words(9)}</b> {words(9)} <b>{words(9)}</b> {words(1)}",
            id="between the first tag and the last",
        ),
        pytest.param(f"{words(3)} <svg><text>{words(9)}</text></svg>", id="in a drawing"),
        pytest.param(f"<!-- {words(9)} --> {words(3)}", id="in a comment"),
        pytest.param(f"{words(2)} <div>{words(9)}</div> {words(1)}", id="in a block"),
        pytest.param(f"{words(3)} &lt;b {words(9)}&gt;", id="between written angles"),
        pytest.param("zwam-zwem-zwim", id="joined by hyphens"),
        pytest.param("zw&shy;am zwem zw&shy;im", id="with soft hyphens"),
        pytest.param("zwam字字字字字字", id="with characters of a script without spaces"),
        pytest.param("don't can't won't", id="with apostrophes"),
        pytest.param("zwam zw<b></b>em zwim", id="one cut by tags"),
        pytest.param(f"{words(2)} zwam<b>zwem</b> zwim zwom <b></b>", id="words that touch a tag"),
        pytest.param(f"{words(2)} <b></b> {words(2)}", id="words that come together"),
    ],
)
def test_what_may_be_fewer_words_is_let_through(look: Look, between: str) -> None:
    assert not look.rules_out(f"<p>otter {between} badger</p>")


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(f"<b>{words(1)}</b> {words(5)}", id="behind the last tag"),
        pytest.param(f"{words(4)} <b>{words(1)}</b>", id="in front of the first tag"),
        pytest.param(f"{words(2)} <b></b> {words(3)}", id="on both sides of tags"),
        pytest.param("&eacute;l&eacute; été &#233;t&#xe9; zwam", id="with references"),
        pytest.param("маяк φάρος zwam 등대", id="of other alphabets with spaces"),
    ],
)
def test_words_that_surely_stand_between_count(look: Look, between: str) -> None:
    assert look.rules_out(f"<p>otter {between} badger</p>")


def test_distance_in_a_script_counts_as_on_the_page(look: Look) -> None:
    text = "Zarnu koplet vendrim oskapu tirlon miruk velapso brintak oluma nalvi dorumek."
    for number, is_far in ((3, False), (4, True)):
        code = f'<script>a = "{text} otter {words(number)} badger. {text}"</script>'
        assert look.rules_out(code) == is_far


def test_distances_of_parts_and_of_the_whole_are_added(look: Look) -> None:
    """Two words between the ends of the part and the third, one word within the part."""
    assert not look.rules_out(f"<p>otter {words(1)} weasel {words(2)} stork</p>")
    assert look.rules_out(f"<p>otter {words(1)} weasel {words(9)} stork</p>")


def test_any_of_several_pairs_may_be_the_near_one(look: Look) -> None:
    far = f"otter {words(9)} badger"
    assert look.rules_out(f"<p>{far}</p>")
    assert not look.rules_out(f"<p>{far} {words(3)} otter</p>")
    assert look.rules_out(f"<p>{far} {words(4)} otter</p>")


def test_line_with_more_than_is_measured_is_let_through(look: Look) -> None:
    """With thousands of hits that matter in a line, only what stands in it is asked."""
    far = f"otter {words(9)}"
    assert look.rules_out(f"<p>{far} {'badger ' * 1_900}</p>")
    assert not look.rules_out(f"<p>{far} {'badger ' * 2_100}</p>")
    assert look.rules_out(f"<p>{far} badger {'gannet ' * 2_100}</p>")


def test_what_must_stand_first_stands_first(look: Look) -> None:
    for between in ("", words(1), words(3)):
        assert not look.rules_out(f"<p>siskin {between} dunnock</p>")
        assert look.rules_out(f"<p>dunnock {between} siskin</p>")
        assert not look.rules_out(f"<p>dunnock {between} siskin {between} dunnock</p>")
    assert not look.rules_out("<p>siskin red dunnock</p>")
    assert not look.rules_out("<p>siskin-dunnock</p>")


def test_words_whose_order_is_not_sure_are_let_through(look: Look) -> None:
    """A form of the word that shows only without the elements in it has no place."""
    assert not look.rules_out("<p>dunnock sis<i hidden>x</i>kin</p>")
    assert not look.rules_out("<p>dun<i hidden>x</i>nock siskin</p>")


def test_condition_within_another_must_hold_in_the_same_line(look: Look) -> None:
    assert not look.rules_out("<p>finch linnet zwam swift</p>")
    assert not look.rules_out("<p>swift zwam linnet finch</p>")
    assert look.rules_out("<p>finch zwam linnet swift</p>")
    assert look.rules_out("<p>finch linnet</p><p>finch zwam linnet swift</p>")
    assert not look.rules_out("<p>finch <b>zwam</b> linnet swift</p>")


def test_term_with_a_gap_reaches_as_far_as_its_gap(look: Look) -> None:
    for body in (
        "tern skua auk",
        f"tern {words(2)} skua {words(1)} auk",
        f"auk {words(1)} tern {words(2)} skua",
        f"tern <b>{words(9)}</b> {words(2)} skua auk",
        f"tern {words(1)} auk skua",
        f"skua {words(9)} tern {words(2)} skua auk",
    ):
        assert not look.rules_out(f"<p>{body}</p>"), body
    for body in (
        f"tern {words(3)} skua auk",
        f"tern skua {words(4)} auk",
        f"auk {words(4)} tern skua",
        f"skua auk {words(9)} tern",
        f"tern {words(2)} zwam. Zwem skua auk",
    ):
        assert look.rules_out(f"<p>{body}</p>"), body


def test_term_with_a_gap_and_a_part_without_a_place_is_let_through(look: Look) -> None:
    assert not look.rules_out(f"<p>te<i hidden>x</i>rn {words(9)} skua {words(9)} auk</p>")


def test_term_with_a_gap_and_too_many_places_is_let_through(look: Look) -> None:
    assert look.rules_out(f"<p>tern {words(3)} {'skua ' * 900} {words(4)} auk</p>")
    assert not look.rules_out(f"<p>tern {words(3)} {'skua ' * 1_100} {words(4)} auk</p>")


def test_three_in_two_sentences_are_two_in_one_line(look: Look) -> None:
    assert not look.rules_out("<p>Robin zwam. Jackdaw magpie.</p>")
    assert not look.rules_out("<p>Robin.</p><p>Jackdaw magpie.</p>")
    assert not look.rules_out("<p>Jackdaw.</p><p>Robin magpie.</p>")
    assert look.rules_out("<p>Robin.</p><p>Jackdaw.</p><p>Magpie.</p>")
    assert look.rules_out("<p>Robin jackdaw.</p>")


def test_words_of_a_term_stand_beside_each_other(look: Look) -> None:
    assert not look.rules_out("<p>A quiet harbour master.</p>")
    assert not look.rules_out("<p>A <b>quiet</b> <i>harbour</i>&nbsp;master.</p>")
    assert not look.rules_out("<p>A quiet <i hidden>never seen</i> harbour-master.</p>")
    assert look.rules_out("<p>A quiet old harbour master.</p>")
    assert look.rules_out("<p>A quiet harbour and its master.</p>")
    assert look.rules_out("<p>A quiet harbour.</p><p>Master of it.</p>")


def test_gap_in_a_term_is_let_through(look: Look) -> None:
    assert not look.rules_out("<p>lantern keeper</p>")
    assert not look.rules_out("<p>lantern zwam zwem keeper</p>")
    assert look.rules_out("<p>lantern</p>")
    assert look.rules_out("<p>keeper</p>")


def test_words_that_hold_parts_of_other_terms_count_in_distances(look: Look) -> None:
    others = ("heron", "thrush", "ibis", "siskin")
    for number in range(4):
        assert not look.rules_out(f"<p>otter {' '.join(others[:number])} badger</p>")
    assert look.rules_out(f"<p>otter {' '.join(others)} badger</p>")
    assert look.rules_out(f"<p>zwam badger {' '.join(others)} otter</p>")


def test_letters_of_scripts_without_spaces_count_a_third_of_a_word(look: Look) -> None:
    for number in (0, 3, 8, 9):
        assert not look.rules_out(f"<p>otter {'字' * number} badger</p>")
    for number in (14, 40):
        assert look.rules_out(f"<p>zwam otter {'字' * number} badger zwem</p>")
        assert look.rules_out(f"<p>zwam otter {'かなアア' * number} badger zwem</p>")


def test_window_may_hold_more_letters_than_those_of_its_words(
    look: Look, preparer: Preparer
) -> None:
    """ "1 words or 9 characters": a word is three letters, and the letters count where more."""
    for number in (0, 3, 4, 9):
        body = f"<p>雷雀{'字' * number}秧雀</p>"
        assert is_flagged(preparer, frame(body))
        assert not look.rules_out(body)
    assert look.rules_out(f"<p>雷雀{'字' * 40}秧雀</p>")


def test_letters_of_a_term_without_spaces_are_not_counted(look: Look) -> None:
    assert not look.rules_out("<p>海燕</p>")
    assert not look.rules_out(f"<p>{'字' * 9}海燕{'字' * 9}</p>")
    assert not look.rules_out(f"<p>{'海' * 9}海燕</p>")
    assert not look.rules_out(f"<p>字海<b>燕</b>{'海' * 9}</p>")


def test_sentence_without_spaces_between_two_terms_parts_them_by_its_stop(look: Look) -> None:
    assert not look.rules_out("<p>红隼字字字字千鸟</p>")
    assert look.rules_out("<p>红隼字字。字字千鸟</p>")
