"""The parts of literals in each line of a stream: compiled code.

A piece of a line is what stands between two tags; the words that surely are words by themselves
are counted in each.  What walks along words checks no indices: it stops at the mark behind each
word, a stream ends with one, and the states of tries are those that were filled in.
"""

from __future__ import annotations

import numpy as np

from monitor.glance.compiled import compiled, unchecked
from monitor.glance.dropped import scan_dropped
from monitor.glance.letters import SPACE
from monitor.glance.records import Hits, Ints, Language, Stream
from monitor.glance.stream import LINE, TAG, TITLE
from monitor.glance.wide import is_unspaced, scan_unspaced
from monitor.glance.words import (
    ANYWHERE,
    FIRST_WIDE,
    add_ends,
    add_stop,
    add_word,
    begin_piece,
    find_from,
    has_ends,
    is_border,
    is_end,
    move,
)

LATIN, GREEK_OR_CYRILLIC = 1, 2
BOTH_ALPHABETS = LATIN | GREEK_OR_CYRILLIC
LAST_OF_ASCII = 127


@compiled
def scan(out: Stream, known: Language, hits: Hits) -> None:
    """Find the parts in a stream, line by line."""
    letters, end = out.letters, out.length
    hits.count = hits.piece = hits.line_count = hits.words[ANYWHERE] = hits.token = 0
    hits.part_count = 0
    hits.now += 1
    begin_line(hits, 0)
    at = 0
    while at < end:
        letter = letters[at]
        if letter > SPACE:
            if is_unspaced(letter):
                at = scan_unspaced_word(out, at, known, hits)
            else:
                at = scan_word(out, at, known, hits)
            continue
        if letter == SPACE:
            if at and letters[at - 1] == SPACE:
                add_stop(hits)
        elif letter == TITLE:
            hits.is_title[hits.line_count - 1] = 1
        elif letter == LINE:
            begin_line(hits, at)
        elif letter == TAG:
            begin_piece(hits)
        at += 1
    scan_dropped(out, known, hits)


@compiled
def begin_line(hits: Hits, at: int) -> None:
    """Begin a line at a mark."""
    begin_piece(hits)
    hits.starts[hits.line_count] = at
    hits.heads[hits.line_count] = -1
    hits.is_title[hits.line_count] = 0
    hits.line_count += 1


@unchecked
def scan_word(out: Stream, start: int, known: Language, hits: Hits) -> int:
    """Find the parts in a word, which tags may stand in; return where it ends.

    A stream ends with a mark, so every word does.
    """
    letters, line, count = out.letters, hits.line_count - 1, hits.count
    hits.token += 1
    at, state, alphabets, before = start, 0, 0, SPACE
    # Where a tag stands in front of the space, too, the word may come to touch the one before.
    is_plain = start < 2 or (letters[start - 1] != TAG and letters[start - 2] != TAG)
    while True:
        letter = letters[at]
        if letter > SPACE:
            if before <= SPACE or (letter | before >= FIRST_WIDE and is_border(letters, at)):
                find_from(known.bordered, letters, at, line, hits)
            state = move(known.inner, state, letter)
            if has_ends(known.inner, state):
                add_ends(known.inner, state, letters, at + 1, line, hits)
            if letter <= LAST_OF_ASCII:
                alphabets |= LATIN
            else:
                alphabets |= alphabet_of(letter)
                is_plain &= letter < 0x700 or 0xAC00 <= letter <= 0xD7AF
        elif is_end(letter):
            break
        elif letter == TAG:
            begin_piece(hits)
            is_plain = False
        before = letter
        at += 1
    if alphabets == BOTH_ALPHABETS and is_mixed(letters, start, at):
        scan_mixed(letters[start:at], line, known, hits)
    elif is_plain:  # surely one word, of an alphabet with spaces
        add_word(hits, count)
    return at


@compiled
def scan_unspaced_word(out: Stream, start: int, known: Language, hits: Hits) -> int:
    """Find the parts in a word of a script without spaces; return where it ends."""
    hits.token += 1
    end = scan_unspaced(out, start, known, hits)
    if is_mixed(out.letters, start, end):
        scan_mixed(out.letters[start:end], hits.line_count - 1, known, hits)
    return end


@unchecked
def alphabet_of(letter: int) -> int:
    """Return the alphabet of a letter, 0 for others."""
    if 97 <= letter <= 122:
        return LATIN
    if 0x370 <= letter <= 0x3FF or 0x430 <= letter <= 0x52F:
        return GREEK_OR_CYRILLIC
    return 0


@unchecked
def is_mixed(letters: Ints, at: int, end: int) -> bool:
    """Say whether letters of two alphabets stand beside each other in a word."""
    before = 0
    while at < end:
        if letters[at] > SPACE:
            alphabet = alphabet_of(letters[at])
            if alphabet and before and alphabet != before:
                return True
            before = alphabet
        at += 1
    return False


@compiled
def scan_mixed(word: Ints, line: int, known: Language, hits: Hits) -> None:
    """Find the parts in a word of two alphabets as it looks in each of them.

    They may stand anywhere in its line.
    """
    piece = hits.piece
    hits.piece = ANYWHERE
    looks = np.empty(len(word) + 1, np.int32)
    looks[len(word)] = SPACE
    for row in range(len(known.alphabets)):
        for place in range(len(word)):
            letter = word[place]
            is_other = letter < known.alphabets.shape[1]
            looks[place] = known.alphabets[row, letter] if is_other else letter
        state = 0
        for at in range(len(word)):
            if looks[at] > SPACE:
                if at == 0 or is_border(looks, at):
                    find_from(known.bordered, looks, at, line, hits)
                state = move(known.inner, state, looks[at])
                if has_ends(known.inner, state):
                    add_ends(known.inner, state, looks, at + 1, line, hits)
    hits.piece = piece
