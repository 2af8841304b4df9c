"""Letters fold here as in the normal form, and references are those of HTML."""

from __future__ import annotations

from html.entities import html5

import pytest

pytest.importorskip(
    "numba", reason="needs the part speed: ./stationwatch install speed", exc_type=ImportError
)

from monitor.glance import records
from monitor.glance.letters import JOINT, LONGER, SPACE, Letters
from monitor.glance.names import (
    ABSENT,
    ODD_ONE,
    VOID,
    fill_table,
    hash_name,
    look_up,
    references,
    tag_kinds,
)
from monitor.glance.references import windows_letter
from monitor.text.normal import normalise
from monitor.text.rough import fold_character_roughly

LAST = 0x3000


@pytest.fixture(scope="module")
def folded() -> dict[int, str]:
    """Return what each character becomes: letters, a space, nothing, or a joint."""
    known = records.make(records.LANGUAGE)
    letters = Letters(known)
    letters.learn(range(0x250, LAST))
    told = {}
    for number in range(LAST):
        value = int(known["folded"][number])
        if value >= LONGER:
            at = value - LONGER
            first, last = known["longer_first"][at : at + 2]
            told[number] = "".join(map(chr, known["longer"][first:last]))
        else:
            told[number] = {0: "", SPACE: " ", JOINT: "'"}.get(value) or (
                chr(value) if value else ""
            )
    return told


def test_every_character_folds_as_it_does_by_itself(folded: dict[int, str]) -> None:
    joints = {number for number, letter in folded.items() if letter == "'"}
    for number in range(LAST):
        if number not in joints:
            expected = (fold_character_roughly(number) or "").replace("\n", " ")
            assert folded[number] == expected, hex(number)
    assert {chr(number) for number in joints} >= set("'\u2019\u02bc`·")
    assert len(joints) < 30


def test_word_around_each_character_is_one_that_the_matcher_reads(
    folded: dict[int, str],
) -> None:
    """A joint may be nothing or a border; all else is what the normal form has."""
    for number in range(0x20, LAST):
        sign = chr(number)
        read = normalise(f"zq{sign}wv").text.split()
        letter = folded[number]
        if letter == "'":
            assert read in (["zqwv"], ["zq", "wv"]), hex(number)
        elif len(read) == 1 and letter.isascii():
            assert read == [f"zq{letter}wv"], hex(number)


def test_joint_stands_for_all_that_the_normal_form_reads_as_an_apostrophe(
    folded: dict[int, str],
) -> None:
    """`normalise` is what the matcher reads: a word it joins must be joined here."""
    for number in range(0x20, LAST):
        joined = normalise(f"zq{chr(number)}wv").text.strip()
        if joined == "zqwv":
            assert folded[number] in ("", "'"), hex(number)


def table(values: dict[str, int], size: int = records.NAMES) -> records.Table:
    filled = records.make(records.TABLE[size])
    fill_table(filled, values)
    return filled


def test_every_reference_is_found_and_no_other() -> None:
    known = references()
    filled = table(known)
    assert set(known) == set(html5)
    for name, text in html5.items():
        expected = ord(text) if len(text) == 1 else ODD_ONE
        assert look_up(filled, hash_name(name)) == expected
    for name in html5:
        for other in (f"{name}x", f"x{name}", name.swapcase()):
            if other not in html5:
                assert look_up(filled, hash_name(other)) == ABSENT


def test_every_tag_is_found_with_what_it_is_to_lines() -> None:
    known = tag_kinds()
    filled = table(known)
    for name, kind in known.items():
        assert look_up(filled, hash_name(name)) == kind
    assert look_up(filled, hash_name("x-story")) == ABSENT
    # HTML standard, 13.1.2: the elements that have no end tag.
    void = "area base br col embed hr img input link meta source track wbr"
    assert all(known[name] >= VOID for name in void.split())


def test_table_that_would_be_too_full_is_refused() -> None:
    with pytest.raises(records.TooMuch):
        table({f"n{number}": number for number in range(records.NAMES // 2 + 1)})
    table({f"n{number}": number for number in range(records.NAMES // 2)})


def test_hash_is_the_one_of_the_standard() -> None:
    """RFC 9923, appendix C: the 64-bit FNV-1a hashes of "", "a" and "foobar"."""
    for name, expected in (
        ("", 0xCBF29CE484222325),
        ("a", 0xAF63DC4C8601EC8C),
        ("foobar", 0x85944171F73967E8),
    ):
        assert hash_name(name) & 0xFFFFFFFFFFFFFFFF == expected


def test_record_refuses_more_than_it_has_room_for() -> None:
    room = records.make(records.TABLE[records.NAMES])["values"]
    records.fill(room, range(records.NAMES))
    with pytest.raises(records.TooMuch):
        records.fill(room, range(records.NAMES + 1))
    records.fill(room, [])


@pytest.mark.parametrize(
    "word", ["चीन", "पुलिस", "পুলিশ", "காவல்", "ตำรวจ", "ប៉ូលិស", "ရဲစခန်း", "పోలీసు", "ܒܪܐ"]
)
def test_word_with_vowels_as_marks_keeps_them(word: str) -> None:
    """Without them, no term of these languages would be found on any page."""
    folded = "".join(fold_character_roughly(ord(sign)) or "" for sign in word)
    assert folded == normalise(word).text.strip()


def test_numbers_of_windows_letters_are_these_letters(folded: dict[int, str]) -> None:
    for letter in "ŠšŒœŽžŸ":
        (number,) = letter.encode("cp1252")
        assert folded[windows_letter(number)] == folded[ord(letter)], letter
