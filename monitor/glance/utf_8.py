"""UTF-8, as sources are in (RFC 3629): told from what is none, and read into characters."""

from __future__ import annotations

from monitor.glance.compiled import find_below, find_first_bit, unchecked
from monitor.glance.records import BLOCK, Bytes, Ints


@unchecked
def is_utf_8(source: Bytes) -> bool:
    """Say whether bytes are UTF-8 as `bytes.decode` has it."""
    at, end = 0, len(source)
    while at < end:
        at = skip_ascii(source, at, end)
        if at == end:
            break
        length = measure_character(source, at, end)
        if length == 0:
            return False
        at += length
    return True


@unchecked
def skip_ascii(source: Bytes, at: int, end: int) -> int:
    """Return where the first byte stands that is not of ASCII, or the end."""
    at, end = max(at, 0), min(end, len(source))
    while at < end:
        others = ~find_below(source, at, 0x80)
        if others:
            return min(at + find_first_bit(others), end)
        at += BLOCK
    return end


@unchecked
def measure_character(source: Bytes, at: int, end: int) -> int:
    """Return how many bytes the character has that begins with one beyond ASCII; 0 for none."""
    first = int(source[at])
    length = 2 if first < 0xE0 else (3 if first < 0xF0 else 4)
    if first < 0xC2 or first > 0xF4 or at + length > min(end, len(source)):
        return 0
    second = int(source[at + 1])
    lowest = 0xA0 if first == 0xE0 else (0x90 if first == 0xF0 else 0x80)
    highest = 0x9F if first == 0xED else (0x8F if first == 0xF4 else 0xBF)
    if not lowest <= second <= highest:
        return 0
    for place in range(at + 2, at + length):
        if source[place] & 0xC0 != 0x80:
            return 0
    return length


@unchecked
def read_characters(source: Bytes, at: int, end: int, written: Ints, length: int) -> int:
    """Write a part of a source as characters behind what is written; return the length of all.

    The part begins and ends between characters.
    """
    end = min(end, len(source))
    if min(at, length) < 0 or length + end - at > len(written):
        raise IndexError("no room for a part of the source")
    while at < end:
        number = int(source[at])
        size = 1
        if number >= 0x80:
            size = 2 if number < 0xE0 else (3 if number < 0xF0 else 4)
            if at + size > end:
                break
            number &= 0x7F >> size
            for place in range(at + 1, at + size):
                number = number << 6 | int(source[place] & 0x3F)
        written[length] = number
        length, at = length + 1, at + size
    return length
