"""One normal form, and every offset leads back to the original (FAULTS D3)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.characters import FOLD
from monitor.text.disguise import MIXED
from monitor.text.normal import HAS_LATIN, HAS_UNSPACED, accented, normalise, normalise_word

# What texts from outside hold to hide a word or to trip a program.
NOISE = (
    "\u00ad\u200b\u200c\u200d\u2060\ufeff\u202e\u2066\u2069\x00\x07\ud800\udfff\u0301\u0308\u0640\u064e"
    "\"'“”„«»‹›()[]{}’‘`·・-‐–—…/ \t\n\r\u00a0\u3000\u2028ßﬁŀİıŐœ①½ｱﾞカ\u3099ㄱ한\u1112\u1161\u11ab"
    "聯(lián)合警察абвсёђљїßşșţțأإآىةیکЗв'язокχΣς🙂\U0001f1e8\U0001f1f3\ufffe\U0010ffff"
)
texts = st.text(alphabet=st.one_of(st.sampled_from(NOISE), st.characters()), max_size=200)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Police STATION", "police station"),
        ("police\u00a0station", "police station"),
        ("police   \t station", "police station"),
        ("“police” station", "police station"),
        ("« police » station", "police station"),
        ("police (station)", "police station"),
        ("(titkos)rendőrség", "titkosrendorseg"),
        ("非官方「警察局」", "非官方警察局"),
        ("police-station", "police station"),
        ("police‑station", "police station"),
        ("po\u00adlice sta\u200btion", "police station"),
        ("po\u202elice\u2066 station", "police station"),
        ("po\x00lice station", "police station"),
        ("ｐｏｌｉｃｅ　ｓｔａｔｉｏｎ", "police station"),
        ("China's police", "china police"),
        ("China’s police", "china police"),
        ("l’ambassade", "l ambassade"),
        ("‘police station’", "police station"),
        ("зв'язок", "звязок"),
        ("зв’язок", "звязок"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("po\u0301lice", "police"),
        ("pólice", "police"),
        ("Łódź Øster đak", "lodz oster dak"),
        ("Secţie Secția şi și", "sectie sectia si si"),
        ("ёлка", "елка"),
        ("聯合巡邏警察局", "联合巡逻警察局"),
        ("聯(lián)合(hé)巡邏", "联合巡逻"),
        ("中国(China)", "中国 china"),
        ("FBI探員", "fbi 探员"),
        ("가\u1112\u1161\u11ab", "가한"),
        ("ガﾞｶﾞ", "ガ\u3099ガ"),
        ("ǩ", "k"),
        ("الـشُّرْطَة", "الشرطه"),
        ("پلیس چین کی", "پليس چين كي"),
        ("أحمد إلى آل على", "احمد الي ال علي"),
        ("col·legi", "collegi"),
        ("coŀlegi", "collegi"),
        ("한·중", "한 중"),
        ("chinа", "china"),  # the last letter is Cyrillic
        ("пoлиция", "полиция"),  # the second letter is Latin
        ("İSTANBUL ısı", "istanbul isi"),
        ("ΑΣΤΥΝΟΜΊΑΣ αστυνομίας", "αστυνομιασ αστυνομιασ"),
        ("①②٣५", "12 35".replace(" ", "")),
    ],
)
def test_spelling_is_brought_to_one_form(written: str, normal: str) -> None:
    assert normalise(written).text.strip() == normal


@pytest.mark.parametrize("written", ["police, station", "police. Station", "police – station"])
def test_punctuation_keeps_words_apart(written: str) -> None:
    assert "police station" not in normalise(written).text


def test_end_of_a_paragraph_keeps_words_apart() -> None:
    assert "police station" not in normalise("police\nstation").text


@pytest.mark.parametrize(
    ("original", "word", "slice_"),
    [
        ("a “po\u00adlice” b", "police", "po\u00adlice"),
        ("x Großbritannien y", "grossbritannien", "Großbritannien"),
        ("x cafe\u0301 y", "cafe", "cafe\u0301"),
        ("說聯(lián)合巡", "联合", "聯(lián)合"),
        ("a  \t  zx", "zx", "zx"),
        ("ﬁﬁ fin", "fin", "fin"),
        ("ﬁﬁ", "fifi", "ﬁﬁ"),
    ],
)
def test_offsets_lead_back_to_the_original(original: str, word: str, slice_: str) -> None:
    normal = normalise(original)
    at = normal.text.index(word)
    assert original[normal.start_of(at) : normal.end_of(at + len(word))] == slice_


@given(texts)
def test_every_letter_leads_back_to_a_stretch_with_the_same_letter(original: str) -> None:
    normal = normalise(original)
    last = 0
    for at, letter in enumerate(normal.text):
        if letter == " ":
            continue
        start, end = normal.start_of(at), normal.end_of(at + 1)
        assert last <= start < end <= len(original)
        last = start
        if not MIXED.search(original.translate(FOLD)):  # what a look-alike is, its word tells
            assert letter in normalise(original[start:end]).text


@given(
    st.lists(st.sampled_from(["China", "police", "Straße", "警察", "شرطة", "полиция"]), min_size=1)
)
def test_slices_of_words_have_the_normal_form_of_the_words(words: list[str]) -> None:
    original = " \u200b“".join(words)
    normal = normalise(original)
    at = 0
    for word in words:
        folded = normalise_word(word)
        at = normal.text.index(folded, at)
        end = at + len(folded)
        assert original[normal.start_of(at) : normal.end_of(end)] == word
        at = end


@given(texts)
def test_normal_form_is_its_own_normal_form(original: str) -> None:
    once = normalise(original).text
    twice = normalise(once).text
    assert twice.replace(" ", "") == once.replace(" ", "")
    if not (HAS_UNSPACED.search(once) and HAS_LATIN.search(once)):  # borders between scripts
        assert twice.split() == once.split()


@given(texts, st.integers(min_value=0, max_value=200))
def test_found_offset_stands_at_or_behind_the_original_one(original: str, at: int) -> None:
    at = min(at, len(original))
    normal = normalise(original)
    found = normal.find_offset(at)
    assert 0 <= found <= len(normal.text)
    if found < len(normal.text) - 1 and normal.text[found] != " ":
        assert normal.end_of(found + 1) > at or normal.start_of(found) >= at


@given(texts)
def test_ascii_and_other_texts_take_the_same_way(original: str) -> None:
    plain = original.encode("ascii", "ignore").decode()
    assert normalise(plain + " ").text.split() == normalise(plain + " \u3000").text.split()


def test_accented_keeps_what_tells_words_apart() -> None:
    assert accented("Çin") == "çin"
    assert accented("Cin") == "cin"
    assert accented("C\u0327in") == "çin"


@pytest.mark.shared
def test_naughty_strings_are_normalised_with_right_offsets(shared: Path) -> None:
    """FAULTS D3."""
    naughty = json.loads((shared / "hostile" / "naughty-strings.json").read_text("utf-8"))
    for original in naughty:
        normal = normalise(original)
        for at, letter in enumerate(normal.text):
            if letter != " ":
                assert 0 <= normal.start_of(at) < normal.end_of(at + 1) <= len(original)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        " " * 1_000_000,
        "\n" * 1_000_000,
        "(" * 1_000_000,
        "'" * 300_000,
        "\u0301" * 1_000_000,
        "聯(" * 300_000,
        "aа" * 200_000,
    ],
)
def test_monotonous_text_is_normalised_in_bounded_time(text: str) -> None:
    """The test's own time limit is the bound: quadratic time would exceed it."""
    normal = normalise(text)
    assert len(normal.text) <= 2 * len(text) + 2
