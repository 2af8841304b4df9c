"""What readers of a page take in two ways: each way counts (FAULTS G)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.glance.pages import PROSE, Look, frame, script

LONG = "Zarnu koplet vendrim oskapu tirlon. " * 30
Hold = Callable[[str], str]
LD = "application/ld+json"
# Strings that are read: of a claim, of prose, and of a script in a script.
HOLDERS = [
    pytest.param(lambda text: script(f'{{"headline": "{text}"}}', LD), id="claim"),
    pytest.param(lambda text: script(f'a = "{LONG} {text}. {LONG}"'), id="prose"),
    pytest.param(lambda text: f"<meta property='og:title' content='{text}'>", id="meta"),
]
holders = pytest.mark.parametrize("hold", HOLDERS)


@holders
@pytest.mark.parametrize(
    "written",
    [
        # An ampersand, however it is written, and what may be a reference behind it.
        "&#038;saltmarsh",
        "?w=1&#038;saltmarsh&#x26;h=2",
        "s&#038;aacute;ltmarsh",
        "s&#38;aacute;ltmarsh",
        "s&#x26;aacute;ltmarsh",
        "s&#x026;#225;ltmarsh",
        "s&AMP;aacute;ltmarsh",
        "s&amp;#038;aacute;ltmarsh",
        # No semicolon: letters to one reader, a letter to another.
        "s&aacuteltmarsh",
        "s&amp;aacuteltmarsh",
        "salt&shymarsh",
        "salt&amp;shymarsh",
        "&aacute saltmarsh &aacute",
        "&eacutesaltmarsh saltmarsh",
        "&aacutesaltmarsh&quot",
        "&quotsaltmarsh&quot",
        "&amp;quot, saltmarsh, &amp;quot",
        "quiet harbour&quot master",
        "quiet h&aacuterbour master",
        "qui&eacutet harbour master",
        # It may stay as it is, and is a word's end then.
        "zwam&aacute;saltmarsh",
        "saltmarsh&aacute;zwam",
    ],
)
def test_reference_that_is_read_in_two_ways_hides_nothing(
    look: Look, hold: Hold, written: str
) -> None:
    if "aacutesalt" not in written and "eacutesalt" not in written:
        assert not look.rules_out(hold(written))
    plain = written.replace("saltm", "siltm").replace("quiet", "quite").replace("tmarsh", "tmirsh")
    assert look.rules_out(hold(plain.replace("qui&eacutet", "quite").replace("shymarsh", "shyy")))


@pytest.mark.parametrize(
    "written",
    [
        "s&aacuteltmarsh",
        "&aacute saltmarsh",
        "salt&shymarsh",
        "quiet h&aacuterbour master",
        "quiet&aacute saltmarsh",
        "x&ltsaltmarsh",
        "&lt saltmarsh",
        "qui&eacutet harbour master",
    ],
)
def test_reference_without_its_end_hides_nothing_in_a_text(look: Look, written: str) -> None:
    assert not look.rules_out(f"<p>Zwam {written} zwem</p>")
    assert not look.rules_out(f"<p>Zwam</p><p>{written}</p>")
    plain = written.replace("tmarsh", "tmirsh").replace("master", "mister").replace("shym", "shyx")
    assert look.rules_out(f"<p>Zwam {plain} zwem</p>")


def test_distance_is_not_longer_for_letters_that_are_a_reference(look: Look) -> None:
    """`&eacute` is a part of a word to one reader, three words to another."""
    assert not look.rules_out("<p>otter a&eacuteb c&eacuted badger</p>")
    assert not look.rules_out("<p>otter a b c&eacute badger</p>")
    assert look.rules_out(f"<p>otter {'zwam ' * 9} a&eacuteb badger</p>")


@pytest.mark.parametrize("escape", [r"\\b", r"\\\\b", r"\b", r"\\\b"])
@pytest.mark.parametrize("hold", HOLDERS[:2])
def test_escape_that_is_a_sign_or_a_letter_hides_nothing(
    look: Look, hold: Hold, escape: str
) -> None:
    assert not look.rules_out(hold(f"salt{escape}marsh"))
    assert not look.rules_out(hold(f"{escape}saltmarsh{escape}"))
    assert not look.rules_out(hold(f"quiet{escape} harbour {escape}master"))
    assert look.rules_out(hold(f"salt {escape} marsh"))
    assert look.rules_out(hold(f"silt{escape}marsh"))


def test_letter_behind_backslashes_stays_to_one_reader(look: Look) -> None:
    """`\\\\badger` is a backslash and a word in data, and a sign and `adger` in data within it."""
    assert not look.rules_out(script(f'a = "{LONG} otter zwam \\\\badger. {LONG}"'))
    assert look.rules_out(script(f'a = "{LONG} otter zwam \\\\bagder. {LONG}"'))


@pytest.mark.parametrize("escape", [r"\U0001f600", r"\\U0001f600", r"\x41", r"\q"])
def test_escape_that_is_none_hides_nothing(look: Look, escape: str) -> None:
    assert not look.rules_out(script(f'a = "{LONG} {escape} saltmarsh. {LONG}"'))
    assert look.rules_out(script(f'a = "{LONG} {escape} siltmarsh. {LONG}"'))


@pytest.mark.parametrize(
    "control",
    ["\x00", "\x02", "\x04", "\x05", "\x06", "\x0b", "\x0c", "\x1b", "\x7f"],
)
def test_control_characters_are_left_out_as_extraction_does(look: Look, control: str) -> None:
    assert not look.rules_out(f"<p>salt{control}marsh</p>")
    assert not look.rules_out(f"<p>kestrel {control}zwam plover</p>")
    assert not look.rules_out(f"<{control}/p>saltmarsh<p>")
    assert not look.rules_out(f"<!{control}-- saltmarsh --{control}>saltmarsh")
    assert not look.rules_out(f"<script{control}>a</script{control}>saltmarsh")
    assert not look.rules_out("", head=f'<meta con{control}tent="salt{control}marsh">')
    assert not look.rules_out(script(f'a = "{LONG} salt{control}marsh. {LONG}"'))
    assert look.rules_out(f"<p>salt{control} marsh</p><!{control}-- saltmarsh -->")
    assert look.rules_out(f"<p>kestrel</{control}p><p{control}>plover</p>")


READING = "<rp>(</rp><rt>{}</rt><rp>)</rp>"


@pytest.mark.parametrize(
    "body",
    [
        f"<ruby>海{READING}燕{READING}</ruby>",
        "<ruby><rb>海<rt>kai</rt></rb></ruby>燕",
        f"<ruby>海{READING}</ruby><ruby>燕{READING}</ruby>",
        "<ruby>海燕<rt>kai</rt></ruby>",
        "<ruby>海<rt>kai<rb>x</ruby>燕",
        "<ruby>海<rtc><rt>kai</rtc></ruby>燕",
        "<ruby>x<rt>海燕</rt></ruby>",
        "海(hǎi)燕(yàn)飛",
        "海（hǎi）燕",
        "海(hai)燕",
        "海<b>(hǎi)</b>燕",
        "海燕(yàn)",
        "(hǎi)海燕",
        "海(zhuangx)燕",
    ],
)
def test_reading_beside_characters_may_be_left_out(look: Look, body: str) -> None:
    assert not look.rules_out(f"<p>群{body}群</p>")
    assert look.rules_out(f"<p>群{body.replace('燕', '鳥')}群</p>")


def test_what_is_no_reading_parts_characters(look: Look) -> None:
    assert look.rules_out("<p>海(Hǎi)燕</p>")
    assert look.rules_out("<p>海(zhuangxx)燕</p>")
    assert look.rules_out("<p>海(a b)燕</p>")
    assert look.rules_out("<p>海 (hǎi)燕</p>")


def test_reading_is_no_word_between_others(look: Look) -> None:
    word = "群(qún)"
    assert not look.rules_out(f"<p>otter {word * 9}群 badger</p>")


@pytest.mark.parametrize(
    "body",
    [
        "salt<b><button>x</b>marsh",
        "salt<b><i><button>x</b>marsh",
        "salt<b><i hidden>x<button>y</b>marsh",
        "salt<b><button>x</i></b>marsh",
    ],
)
def test_element_that_another_ends_may_be_dropped(look: Look, body: str) -> None:
    assert not look.rules_out(f"<p>{body}</p>")
    assert look.rules_out(f"<p>{body.replace('salt', 'silt')}</p>")


@pytest.mark.parametrize(
    "between",
    [
        "<dl class=share>zwam</dl>",
        "<iframe>x</iframe>",
        "<ul><li>x</ul>",
        '<b title="a > b" hidden>x</b>',
        "<b style='display:n&#111;ne'>x</b>",
        "<table><tr><td>x</table>",
    ],
)
def test_any_block_may_be_dropped_from_a_word(look: Look, between: str) -> None:
    assert not look.rules_out(f"<div>salt{between}marsh</div>")
    assert not look.rules_out(f"<div>quiet harbour{between} master</div>")
    assert look.rules_out(f"<div>salt {between} marsh</div>")
    assert look.rules_out(f"<div>silt{between}marsh</div>")


def test_sentence_ends_only_where_it_does_to_every_reader(look: Look) -> None:
    """A reference may be left as it is, and is no capital and no white space then."""
    for between in ("zwam.&nbsp;Zwem", "zwam&#46; Zwem", "zwam. &Aacute;zwem", "zwam.&#032;Zwem"):
        assert not look.rules_out(script(f'a = "{LONG} kestrel {between} plover. {LONG}"'))
    assert look.rules_out(script(f'a = "{LONG} kestrel zwam. Zwem plover. {LONG}"'))


def test_attribute_that_is_no_data_leaves_a_page_to_the_first_look(look: Look) -> None:
    assert look.rules_out("<div data-preloaded-state='undefined'></div>")
    assert look.rules_out("<div class=data-preloaded></div>")
    for tag in ("<div data-preloaded='{}'>", "<div id=data-preloaded DATA-PRELOADED\n='{}'>"):
        assert not look.rules_out(tag)


def test_page_of_doubts_alone_is_ruled_out(look: Look) -> None:
    """Without this the tests above could not fail."""
    assert look.rules_out_source(frame("") + PROSE)
