"""Ends of sentences: what must share one is ruled out behind a sure end, and let through else."""

from __future__ import annotations

import pytest

from monitor.text.sentences import split_sentences
from tests.glance.pages import Look, script

LONG_TEXT = "Zarnu koplet vendrim oskapu tirlon miruk velapso brintak oluma nalvi dorumek falint."


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Kestrel zwam. Plover", id="a full stop"),
        pytest.param("Kestrel zwam! Plover", id="an exclamation mark"),
        pytest.param("Kestrel zwam? Plover", id="a question mark"),
        pytest.param("Kestrel zwam... Plover", id="three stops"),
        pytest.param('Kestrel zwam." Plover', id="a quotation that ends"),
        pytest.param('Kestrel zwam. "Plover', id="a quotation that begins"),
        pytest.param("Kestrel zwam.\n Plover", id="a line end"),
        pytest.param("Kestrel zwam.&nbsp;Plover", id="a hard space"),
        pytest.param("Kestrel zwam. Élan plover", id="a capital with an accent"),
        pytest.param("Kestrel zwam. Маяк plover", id="a Cyrillic capital"),
        pytest.param("红隼。千鸟", id="a Chinese stop"),
        pytest.param("kestrel！plover", id="a wide stop, no space"),
    ],
)
def test_words_of_two_sentences_are_ruled_out(look: Look, text: str) -> None:
    assert look.rules_out(f"<p>{text}</p>")
    assert look.rules_out(f"<p>{text.replace('Plover', 'Zwum plover')}</p>")


UNSURE = [
    pytest.param("Kestrel zwam. plover", id="no capital"),
    pytest.param("Kestrel zwam.Plover", id="no space"),
    pytest.param("Kestrel zwam, Plover", id="a comma"),
    pytest.param("Kestrel zwam: Plover", id="a colon"),
    pytest.param("Kestrel etc. Plover", id="an abbreviation"),
    pytest.param("Kestrel Prof. Plover", id="an abbreviation with a capital"),
    pytest.param("Kestrel PROF. Plover", id="an abbreviation in capitals"),
    pytest.param("Kestrel трлн т.е. Plover", id="an abbreviation with a stop in it"),
    pytest.param("Kestrel тыс. Plover", id="an abbreviation in Cyrillic letters"),
    pytest.param("Kestrel núm. Plover", id="an abbreviation with an accent"),
    pytest.param("Kestrel J. Plover", id="an initial"),
    pytest.param("Kestrel am 15. Plover", id="a number"),
    pytest.param("Kestrel zwam.\u200b Plover", id="an invisible sign behind the stop"),
    pytest.param("Kestrel x\u00adetc. Plover", id="an invisible sign in an abbreviation"),
    pytest.param('Kestrel zwam"j. Plover', id="an initial behind a quotation mark"),
    pytest.param("Kestrel x'etc. Plover", id="an abbreviation behind an apostrophe"),
]


@pytest.mark.parametrize("text", UNSURE)
def test_words_of_what_may_be_one_sentence_are_let_through(look: Look, text: str) -> None:
    assert not look.rules_out(f"<p>{text}</p>")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Kestrel zwam. <b>Plover</b>", id="a tag before the capital"),
        pytest.param("Kestrel <b>zwam.</b> Plover", id="a tag behind the stop"),
        pytest.param("Kestrel <b>zw</b>am. Plover", id="a tag in the last word"),
        pytest.param("Kestrel <b>x</b>etc. Plover", id="a tag before an abbreviation"),
        pytest.param("Kestrel <i>zwam zwem. Zwim</i> plover", id="in an element"),
        pytest.param("Kestrel <b>zwam</b> zwem. Zwim <b>zwom</b> plover", id="between elements"),
        pytest.param("Kestrel zwam. &lt;Zwem plover", id="a written angle"),
    ],
)
def test_end_of_a_sentence_that_may_be_left_out_is_none(look: Look, text: str) -> None:
    assert not look.rules_out(f"<p>{text}</p>")


@pytest.mark.parametrize("text", UNSURE)
def test_text_is_one_sentence_to_the_matcher_too(text: str) -> None:
    """Without this the rows above could ask for too much."""
    if "\u200b" not in text:
        assert len(split_sentences(text)) == 1


def test_sentences_of_a_script_are_told_apart(look: Look) -> None:
    for text, are_two in (("kestrel zwam. Plover", True), ("kestrel zwam, Plover", False)):
        code = script(f'a = "{LONG_TEXT} Zwem {text} zwam. {LONG_TEXT}"')
        assert look.rules_out(code) == are_two


def test_words_near_each_other_in_one_paragraph_may_be_of_two_sentences(look: Look) -> None:
    assert not look.rules_out("<p>Snipe zwam. Zwem zwim godwit.</p>")
    assert look.rules_out("<p>Snipe zwam. Zwem zwim zwom godwit.</p>")


def test_phrase_does_not_reach_beyond_its_sentence(look: Look) -> None:
    assert not look.rules_out("<p>A quiet harbour. master</p>")
    assert look.rules_out("<p>A quiet harbour. Master</p>")
    assert look.rules_out("<p>A quiet harbour. Master of it.</p>")


def test_very_many_sentences_are_counted_without_loss(look: Look) -> None:
    many = "Zwam zwem. " * 3_000
    assert look.rules_out(f"<p>Kestrel zwam. {many} plover</p>")
    assert not look.rules_out(f"<p>{many} Kestrel plover</p>")
    assert not look.rules_out(f"<p>{many} Otter zwam badger</p>")


def test_sentence_that_ends_in_the_last_room_of_a_text_is_told(look: Look) -> None:
    """The stop, the space and the capital may each come as it is or as a reference."""
    for stop in (".", "&#46;", "&period;"):
        for space in (" ", "&#32;", "&nbsp;", "\n\n"):
            for capital in ("P", "&#80;", "&Eacute;"):
                text = f"Kestrel zwam{stop}{space}{capital}lover plover"
                assert look.rules_out(f"<p>{text}</p>"), text
