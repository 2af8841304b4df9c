"""What is passed or written many characters at once is as one by one."""

from __future__ import annotations

import random

import pytest

pytest.importorskip(
    "numba", reason="needs the part speed: ./stationwatch install speed", exc_type=ImportError
)

import numpy as np

from monitor.glance import records
from monitor.glance.letters import Letters
from monitor.glance.names import fill_table
from monitor.glance.plain import put_text
from monitor.glance.skipping import find_either, has_controls
from monitor.glance.stream import clear, put
from monitor.glance.strings import SHORTEST_PROSE, find_mark, skip_short_strings
from tests.glance.pages import Look
from tests.glance.sources import as_source

SIGNS = [
    *list("aaaabcéßAÉЖжæ   \n\t  .!?,;\"“”»'’`_-&<>1\xa0\u200b\u1160\u1200ễ（(中文字한。！"),
    "\0",
]


def numbers(text: str) -> records.Ints:
    return np.array(list(map(ord, text)), np.int32)


@pytest.fixture(scope="module")
def known(look: Look) -> records.Language:
    made = records.make(records.LANGUAGE)
    letters = Letters(made)
    letters.learn(map(ord, "".join(SIGNS)))
    for table, names in (("small_words", ["a", "aa", "b"]), ("abbreviations", ["abc", "cab"])):
        fill_table(made[table], {name: number for number, name in enumerate(names)})
    return made


def state(out: records.Stream) -> dict[str, object]:
    """Return all that a stream holds: numbers, and what was written."""
    told: dict[str, object] = {
        name: int(out[name]) for name in out.dtype.names if out.dtype[name].shape == ()
    }
    told["letters"] = out["letters"][: out["length"]].tolist()
    told["small words"] = np.flatnonzero(out["small_words"]).tolist()
    told["leaps"] = out["leaps"][: out["leap_count"]].tolist()
    return told


def test_plain_text_is_written_as_it_is_one_by_one(known: records.Language) -> None:
    drawn = random.Random(3)
    pages = [records.make(records.PAGE) for _ in range(2)]
    for _ in range(400):
        text = numbers("".join(drawn.choices(SIGNS, k=drawn.randrange(1, 60))))
        begin = {
            "is_bordered": drawn.randrange(4) == 0,
            "is_cut": drawn.randrange(2),
            "wide": drawn.randrange(6) == 0,
            "glued": drawn.choice((0, -1, -1, -1)),
        }
        for page in pages:
            clear(page)
            for name, value in begin.items():
                page["shown"][name] = value
        at = 0
        while at < len(text):
            at = put_text(pages[0]["shown"], known, text, at, len(text))
        for number in text:
            put(pages[1]["shown"], known, number)
        assert state(pages[0]["shown"]) == state(pages[1]["shown"]), (begin, text.tolist())


def test_text_without_room_is_refused(known: records.Language) -> None:
    page = records.make(records.PAGE)
    clear(page)
    page["shown"]["length"] = len(page["shown"]["letters"])
    with pytest.raises(IndexError):
        put_text(page["shown"], known, numbers("abc"), 0, 3)


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 127, 128, 129, 200])
def test_first_of_two_signs_is_found_wherever_it_stands(length: int) -> None:
    for place in range(length + 1):
        text = as_source(("a" * place + "<" + "b" * 70 + ">")[:length])
        assert find_either(text, 0, length, ord("<"), ord(">")) == min(place, length)
        assert find_either(text, 0, length, ord(">"), ord("<")) == min(place, length)
        after = find_either(text, place + 1, length + 9, ord("<"), ord("-"))
        assert after == max(len(text), place + 1)


def test_controls_are_told_from_white_space() -> None:
    for number in range(256):
        is_control = (number < 32 and chr(number) not in "\t\n\r") or number == 127
        for place in (0, 20, 99):
            text = as_source("a" * 100)
            text[place] = number
            assert has_controls(text) == is_control, number


def test_strings_long_enough_are_never_skipped() -> None:
    drawn = random.Random(4)
    for _ in range(300):
        lengths = [drawn.choice([0, 1, 20, 58, 59, 60, 61, 150]) for _ in range(9)]
        strings = ["".join(drawn.choices(["a", '\\"', "b"], k=length)) for length in lengths]
        text = as_source(">" + '"'.join(strings))
        at, found = 1, []
        while at < len(text):
            start = skip_short_strings(text, at, len(text))
            at = find_mark(text, start, len(text))
            if at - start >= SHORTEST_PROSE:
                found.append("".join(map(chr, text[start:at])))
            at += 1
        assert found == [one for one in strings if len(one) >= SHORTEST_PROSE]
