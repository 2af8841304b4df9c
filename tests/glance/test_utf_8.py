"""Bytes are looked at in blocks as they would be one by one."""

from __future__ import annotations

import random

import numpy as np
import pytest

from monitor.glance.records import BLOCK
from monitor.glance.skipping import find_either, has_controls
from monitor.glance.utf_8 import is_utf_8, read_characters
from tests.glance.sources import as_source

LETTERS = "ab <\"'&\x7f\x80\x9f\xa0é߿ࠀ警\ud7ff\ue000\uffff𐀀𠮷\U0010ffff"


def draw(chance: random.Random) -> bytes:
    """Return text in UTF-8, broken now and then, of any length around that of blocks."""
    plain = "x" * chance.randrange(2 * BLOCK)
    some = "".join(chance.choices(LETTERS, k=chance.randrange(20)))
    data = bytearray(f"{plain}{some}{plain[::3]}".encode())
    for _ in range(chance.choice((0, 0, 1, 2))):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data[: chance.randrange(len(data) + 1)]) if chance.random() < 0.3 else bytes(data)


def test_what_is_utf_8_is_read_as_python_reads_it(compiled: object) -> None:
    """Overlong forms, halves of characters and ends in the midst of one are none (RFC 3629)."""
    chance = random.Random(9)
    broken = 0
    for _ in range(6_000):
        data = draw(chance)
        try:
            text = data.decode()
        except UnicodeDecodeError:
            broken += 1
            assert not is_utf_8(as_source(data)), data
            continue
        assert is_utf_8(as_source(data)), data
        written = np.zeros(len(data) + 1, np.int32)
        length = read_characters(as_source(data), 0, len(data), written, 1)
        assert written[1:length].tolist() == list(map(ord, text))
    assert broken > 500


@pytest.mark.parametrize(
    "data",
    [
        *(b"\xc0\x80", b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xed\xa0\x80", b"\xf0\x8f\xbf\xbf"),
        *(b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xff", b"\x80", b"\xe8\xad", b"\xe8\xad<"),
    ],
)
def test_what_looks_like_utf_8_is_none(compiled: object, data: bytes) -> None:
    assert not is_utf_8(as_source(data))
    assert not is_utf_8(as_source(b"x" * 70 + data + b"y" * 70))


def test_signs_and_controls_are_found_wherever_they_stand(compiled: object) -> None:
    chance = random.Random(10)
    for _ in range(3_000):
        data = draw(chance)
        source = as_source(data)
        at, end = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
        places = [place for place in range(at, end) if data[place] in b"<&"]
        assert find_either(source, at, end, ord("<"), ord("&")) == min(places, default=end)
        assert has_controls(source) == any(
            byte == 127 or (byte < 32 and byte not in b"\t\n\r") for byte in data
        )
