"""Traditional to Simplified Chinese, one character for one character.

OpenCC's conversion of phrases may change lengths; its conversion of single characters never does,
so offsets stay right.  Terms and texts go through the same table, so that a character that needs
its phrase to be converted rightly is still the same on both sides.
"""

from __future__ import annotations

from functools import cache

import opencc

# CJK Unified Ideographs with extensions A and B, and the compatibility ideographs.
RANGES = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x2A6E0))


@cache
def simplified_characters() -> dict[str, str]:
    """Return the simplified form of every character that has one; built once, in some 15 ms."""
    characters = [chr(number) for first, last in RANGES for number in range(first, last)]
    converted = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {
        written: simple
        for written, simple in zip(characters, converted, strict=True)
        if written != simple and len(simple) == 1
    }


@cache
def telling_characters() -> tuple[frozenset[str], frozenset[str]]:
    """Return the characters that only traditional, and only simplified, script writes."""
    pairs = simplified_characters()
    traditional = frozenset(pairs)
    back = opencc.OpenCC("s2t")
    simple = sorted(set(pairs.values()) - traditional)
    written = back.convert("\n".join(simple)).split("\n")
    only_simple = frozenset(s for s, t in zip(simple, written, strict=True) if s != t)
    return traditional, only_simple
