"""Hashes of the blocks of a text, so that what repeats on a site's pages can be told.

A block is a line of the text.  Without domain knowledge.
"""

from __future__ import annotations

import hashlib

from monitor.text.normal import normalise

LONGEST_BLOCK = 2000


def hash_block(block: str) -> int:
    """Return the signed 64-bit hash of a block, the same whatever its case, spaces and quotes."""
    folded = " ".join(normalise(block[:LONGEST_BLOCK]).text.split())
    digest = hashlib.blake2b(folded.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def split_blocks(text: str) -> list[tuple[int, int]]:
    """Return the spans of the lines that hold anything."""
    spans: list[tuple[int, int]] = []
    start = 0
    for line in text.split("\n"):
        if line.strip():
            spans.append((start, start + len(line)))
        start += len(line) + 1
    return spans


def block_hashes(text: str) -> tuple[int, ...]:
    """Return the hash of each block of the text, in order."""
    return tuple(hash_block(text[start:end]) for start, end in split_blocks(text))
