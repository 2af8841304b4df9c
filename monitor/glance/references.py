"""Character references (`&eacute;`, `&#233;`), resolved by compiled code as the HTML standard says.

Where readers differ (a missing semicolon), what is written allows for both.
"""

from __future__ import annotations

from monitor.glance.compiled import compiled, unchecked
from monitor.glance.letters import SPACE
from monitor.glance.names import ABSENT, ODD_ONE, PRIME, START_OF_HASH, look_up
from monitor.glance.records import Bytes, Ints, Language, Stream
from monitor.glance.stream import NO_STOP, put, put_either, put_tag, put_unsure

LONGEST_NAME = 32
LONGEST_LEGACY = 6
HIGHEST = 0x10FFFF
_AMP = 38
MAYBE = 0  # a border of words, or none
EITHER, OR = -1, -2
"""Signs of a resolved string: EITHER, letters, OR, and a character that may stand there instead."""

# What was found at an ampersand.
CHARACTER, JOINED, LEGACY, LETTER, NOTHING, STRANGE = range(6)
"""LEGACY: to some readers a border of words and to others letters; LETTER: the same for what may
stand in a word; NOTHING: the sign itself."""


@compiled
def read_reference(
    source: Bytes, at: int, end: int, known: Language, out: Stream, is_twice: bool
) -> int:
    """Write what the reference at an ampersand stands for; return where it ends."""
    found, value, following = parse(source, at, end, known, is_twice)
    if found == CHARACTER:
        put(out, known, value)
        if is_twice:  # or it stays as it is, and ends no sentence
            out.stop = NO_STOP
    elif found == JOINED:
        put_unsure(out)
    elif found == LETTER:
        put_either(out, known, source[start_of_name(source, following) : following], value)
    else:
        out.is_odd |= found == STRANGE
        put(out, known, 38)
        if found == LEGACY:
            put_tag(out)  # no plain word
            for place in range(value, following):
                put(out, known, int(source[place]))
            put_tag(out)
    return following


@compiled
def resolve_references(
    written: Ints, length: int, known: Language, resolved: Ints, out: Stream
) -> int:
    """Write a string with its references resolved, MAYBE for a border that may be; its length.

    One may also be left as it is: a letter has MAYBE on both sides, what ends a word behind it.
    """
    at, count = 0, 0
    while at < length:
        first = at
        at = copy_to_amp(written, at, length, resolved, count)
        count += at - first
        if at == length:
            break
        found, value, at = parse(written, at, length, known, True)
        if found == CHARACTER:
            if known.folded[value] != SPACE:
                resolved[count] = MAYBE
                count += 1
            resolved[count] = value
            resolved[count + 1] = MAYBE
            count += 1
        elif found == JOINED:
            resolved[count] = MAYBE
        elif found == LETTER:
            resolved[count] = EITHER
            for place in range(start_of_name(written, at), at):
                count += 1
                resolved[count] = written[place]
            resolved[count + 1] = OR
            resolved[count + 2] = value
            count += 2
        else:
            out.is_odd |= found == STRANGE
            resolved[count] = 32
            if found == LEGACY:
                for place in range(value, at):
                    count += 1
                    resolved[count] = written[place]
                count += 1
                resolved[count] = MAYBE
        count += 1
    return count


@unchecked
def copy_to_amp(written: Ints, at: int, length: int, resolved: Ints, count: int) -> int:
    """Copy a string up to an ampersand; return where that stands, or the end."""
    if min(at, count) < 0 or length > len(written) or count + length - at > len(resolved):
        raise IndexError("no room for a string")
    shift = count - at
    while at < length and written[at] != _AMP:
        resolved[at + shift] = written[at]
        at += 1
    return at


@compiled
def parse(
    source: Bytes | Ints, at: int, end: int, known: Language, is_twice: bool
) -> tuple[int, int, int]:
    """Return what stands at an ampersand, its character or where its letters begin, and its end.

    With `is_twice`, what stands for an ampersand may begin a further reference.
    """
    start = at + 1
    while is_twice:
        following = skip_amp(source, start, end)
        if following == start:
            break
        start = following
    if start < end and source[start] == 35:
        found, value, following = parse_number(source, start + 1, end)
    else:
        found, value, following = parse_name(source, start, end, known)
    if not is_twice:
        return found, value, following
    if found == LEGACY and following - start == 2 and source[start] | 32 == 108:
        found = STRANGE  # `&lt`, which may begin a tag
    is_legacy_sign = found == LEGACY and following - start == 3 and is_amp(source, start)
    if following < end and (is_legacy_sign or (found == CHARACTER and value == 38)):
        letter = source[following]
        if letter == 35 or 97 <= letter | 32 <= 122:  # an ampersand written in another way
            found = STRANGE
    return found, value, following


@compiled
def skip_amp(source: Bytes | Ints, at: int, end: int) -> int:
    """Return where `amp;` or another way to write an ampersand ends that stands here."""
    following = at
    if at + 3 < end and is_amp(source, at):
        following = at + 3
    elif at < end and source[at] == 35:
        found, value, number_end = parse_number(source, at + 1, end)
        if found == CHARACTER and value == 38:
            following = number_end - 1
    if at < following < end and source[following] == 59:
        return following + 1
    return at


@compiled
def is_amp(source: Bytes | Ints, at: int) -> bool:
    """Say whether `amp` or `AMP` stands at a place in front of others."""
    is_it: bool = source[at] == 97 and source[at + 1] == 109 and source[at + 2] == 112
    return is_it or (source[at] == 65 and source[at + 1] == 77 and source[at + 2] == 80)


@compiled
def start_of_name(source: Bytes | Ints, at: int) -> int:
    """Return where the name begins that ends at a place."""
    while 48 <= source[at - 1] <= 57 or 97 <= source[at - 1] | 32 <= 122:
        at -= 1
    return at


@compiled
def digit_of(number: int) -> int:
    """Return the value of a hexadecimal digit, or -1."""
    if 48 <= number <= 57:
        return number - 48
    if 97 <= number | 32 <= 102:
        return (number | 32) - 87
    return -1


@compiled
def parse_number(source: Bytes | Ints, at: int, end: int) -> tuple[int, int, int]:
    """Return the same for a reference by number."""
    base = 10
    if at < end and source[at] | 32 == 120:
        base = 16
        at += 1
    value, digits = 0, 0
    while at < end:
        digit = digit_of(source[at])
        if digit < 0 or digit >= base:
            break
        value = min(value * base + digit, HIGHEST + 1)
        digits += 1
        at += 1
    if digits == 0:
        return NOTHING, 0, at
    if at < end and source[at] == 59:
        at += 1
    if value < 32 and value not in (0, 9, 10, 13):
        return JOINED, 0, at
    if 0x80 <= value <= 0x9F:
        value = windows_letter(value)
        return (CHARACTER if value else JOINED), value, at
    if value == 0 or value > HIGHEST or 0xD800 <= value <= 0xDFFF:
        value = 0xFFFD
    return CHARACTER, value, at


@compiled
def windows_letter(value: int) -> int:
    """Return the letter that a number of Windows-1252 is taken for, or 0 for a sign."""
    if value in (0x8A, 0x9A):
        return 0x160
    if value in (0x8E, 0x9E):
        return 0x17D
    if value in (0x8C, 0x9C):
        return 0x153
    if value == 0x83:
        return 0x192
    return 0x178 if value == 0x9F else 0


@compiled
def parse_name(source: Bytes | Ints, at: int, end: int, known: Language) -> tuple[int, int, int]:
    """Return the same for a reference by name."""
    hashed = START_OF_HASH
    legacy, legacy_end = ABSENT, at
    place = at
    while place < end and place - at < LONGEST_NAME:
        number = source[place]
        if not (48 <= number <= 57 or 97 <= number | 32 <= 122):
            break
        hashed = (hashed ^ number) * PRIME
        place += 1
        if place - at <= LONGEST_LEGACY:
            found = look_up(known.references, hashed)
            if found != ABSENT:
                legacy, legacy_end = found, place
    if place < end and source[place] == 59 and place > at:
        found = look_up(known.references, (hashed ^ 59) * PRIME)
        if found == ODD_ONE:
            return STRANGE, 0, place + 1
        if found != ABSENT:
            return CHARACTER, found, place + 1
    if legacy == ABSENT:
        return NOTHING, 0, at
    if known.folded[legacy] != SPACE:
        return LETTER, legacy, legacy_end
    return LEGACY, at, legacy_end
