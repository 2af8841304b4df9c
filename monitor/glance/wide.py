"""Words of letters that are written without spaces, Chinese and Japanese: compiled code.

Their letters are counted as words are, a third of one each, but for those of parts of literals.
"""

from __future__ import annotations

from monitor.glance.compiled import unchecked
from monitor.glance.letters import SPACE
from monitor.glance.records import Hits, Language, Stream
from monitor.glance.stream import TAG
from monitor.glance.words import (
    add_ends,
    begin_piece,
    find_from,
    has_ends,
    is_border,
    is_end,
    move,
)


@unchecked
def is_unspaced(letter: int) -> bool:
    """Say whether a letter is surely one of those that the matcher counts one by one."""
    return 0x3400 <= letter <= 0x9FFF or 0x3041 <= letter <= 0x30FF


@unchecked
def scan_unspaced(out: Stream, start: int, known: Language, hits: Hits) -> int:
    """Find the parts in a word that begins with such a letter; return where it ends.

    A letter is counted when no part can begin there any more that was not found yet.
    """
    letters, line = out.letters, hits.line_count - 1
    at, state, before, counted = start, 0, SPACE, start
    while True:
        letter = letters[at]
        if letter > SPACE:
            found = hits.count
            if before <= SPACE or is_border(letters, at):
                find_from(known.bordered, letters, at, line, hits)
                if hits.count > found:  # how far it reaches is not asked
                    counted = len(letters)
            state = move(known.inner, state, letter)
            counted = count_letters(out, hits, counted, at + 1 - known.inner.depths[state])
            found = hits.count
            if has_ends(known.inner, state):
                add_ends(known.inner, state, letters, at + 1, line, hits)
            if hits.count > found:
                counted = max(counted, at + 1)
        elif is_end(letter):
            break
        else:  # what has begun may go on behind it
            counted = max(counted, at + 1)
            if letter == TAG:
                begin_piece(hits)
        before = letter
        at += 1
    count_letters(out, hits, counted, at)
    return at


@unchecked
def count_letters(out: Stream, hits: Hits, start: int, end: int) -> int:
    """Count the letters of a stretch; return where those begin that are not counted."""
    at = max(start, 0)
    while at < end:
        hits.words[hits.piece] += is_unspaced(out.letters[at])
        at += 1
    return at
