"""The parts of literals in each line of a stream: compiled code.

A piece of a line is what stands between two tags; plain words, which hold no part, are counted in
each.
"""

from __future__ import annotations

import numpy as np

from monitor.glance.compiled import compiled
from monitor.glance.letters import SPACE
from monitor.glance.records import Hits, Ints, Language, Stream, Trie
from monitor.glance.stream import LAST_MARK, LINE, TAG, TITLE
from monitor.glance.words import ANYWHERE, add_hit, begin_piece, is_border, step

MOST_DROPPED = 6  # elements in one word
REACH = 40  # letters; no part is longer
_ENDS = (SPACE, LINE, TITLE)


@compiled
def scan(out: Stream, known: Language, hits: Hits) -> None:
    """Find the parts in a stream, line by line."""
    letters, end = out.letters, out.length
    hits.count = hits.piece = hits.line_count = hits.words[ANYWHERE] = 0
    begin_line(hits, 0)
    at = 0
    while at < end:
        letter = letters[at]
        if letter > SPACE:
            at = scan_word(out, at, known, hits)
            continue
        if letter == TITLE:
            hits.is_title[hits.line_count - 1] = 1
        elif letter == LINE:
            begin_line(hits, at)
        elif letter == TAG:
            begin_piece(hits)
        at += 1
    scan_pairs(out, known, hits)


@compiled
def begin_line(hits: Hits, at: int) -> None:
    """Begin a line at a mark."""
    begin_piece(hits)
    hits.starts[hits.line_count] = at
    hits.heads[hits.line_count] = -1
    hits.is_title[hits.line_count] = 0
    hits.line_count += 1


@compiled
def scan_word(out: Stream, start: int, known: Language, hits: Hits) -> int:
    """Find the parts in a word, which tags may stand in; return where it ends."""
    letters, line, before = out.letters, hits.line_count - 1, hits.count
    end = start
    while letters[end] not in _ENDS:  # a stream ends with a mark
        end += 1
    state = 0
    for at in range(start, end):
        letter = letters[at]
        if letter == TAG:
            begin_piece(hits)
        if letter > LAST_MARK:
            if at == start or is_border(letters, at):
                find_from(known.bordered, letters, (at, end), line, hits)
            state = move(known.inner, state, letter)
            if state:
                add_ends(known.inner, state, letters, (at + 1, end), line, hits)
    if is_mixed(letters, start, end):
        scan_mixed(out, start, end, line, known, hits)
    elif hits.count == before and is_plain(letters, start, end):
        hits.words[hits.piece] += 1
    return end


@compiled
def is_plain(letters: Ints, at: int, end: int) -> bool:
    """Say whether a word surely is one word, of an alphabet with spaces, that touches no tag."""
    if at and letters[at - 1] == TAG:
        return False
    while at < end:
        letter = letters[at]
        if letter == TAG or (letter >= 0x700 and not 0xAC00 <= letter <= 0xD7AF):
            return False
        at += 1
    return True


@compiled
def move(trie: Trie, state: int, letter: int) -> int:
    """Return the state behind one more letter."""
    following = step(trie, state, letter)
    while following == 0 and state != 0:
        state = trie.fails[state]
        following = step(trie, state, letter)
    return following


@compiled
def add_ends(
    trie: Trie, state: int, letters: Ints, place: tuple[int, int], line: int, hits: Hits
) -> None:
    """Add the parts that end in front of a place."""
    at, end = place
    for row in range(trie.first_part[state], trie.first_part[state + 1]):
        if not trie.borders[row] or at >= end or is_border(letters, at):
            add_hit(hits, trie.parts[row], line)


@compiled
def find_from(trie: Trie, letters: Ints, place: tuple[int, int], line: int, hits: Hits) -> None:
    """Add the parts that begin with a word which begins here."""
    at, end = place
    state = 0
    while at < end:
        letter = letters[at]
        at += 1
        if letter <= LAST_MARK:
            continue
        state = step(trie, state, letter)
        if state == 0:
            return
        add_ends(trie, state, letters, (at, end), line, hits)


@compiled
def alphabet_of(letter: int) -> int:
    """Return 1 for a Latin letter, 2 for a Greek or Cyrillic one, else 0."""
    if 97 <= letter <= 122:
        return 1
    if 0x370 <= letter <= 0x3FF or 0x430 <= letter <= 0x52F:
        return 2
    return 0


@compiled
def is_mixed(letters: Ints, at: int, end: int) -> bool:
    """Say whether letters of two alphabets stand beside each other in a word."""
    before = 0
    while at < end:
        if letters[at] > LAST_MARK:
            alphabet = alphabet_of(letters[at])
            if alphabet and before and alphabet != before:
                return True
            before = alphabet
        at += 1
    return False


@compiled
def scan_mixed(
    out: Stream,
    at: int,
    end: int,
    line: int,
    known: Language,
    hits: Hits,
) -> None:
    """Find the parts in a word of two alphabets as it looks in each of them."""
    word = np.empty(end - at, np.int32)
    for row in range(len(known.alphabets)):
        for place in range(at, end):
            letter = out.letters[place]
            is_other = letter < known.alphabets.shape[1]
            word[place - at] = known.alphabets[row, letter] if is_other else letter
        scan_other(word, len(word), line, known, hits)


@compiled
def scan_other(word: Ints, end: int, line: int, known: Language, hits: Hits) -> None:
    """Find the parts in another form of a word, which may stand anywhere in its line."""
    piece = hits.piece
    hits.piece = ANYWHERE
    state = 0
    for at in range(end):
        if word[at] > LAST_MARK:
            if at == 0 or is_border(word, at):
                find_from(known.bordered, word, (at, end), line, hits)
            state = move(known.inner, state, word[at])
            if state:
                add_ends(known.inner, state, word, (at + 1, end), line, hits)
    hits.piece = piece


@compiled
def scan_pairs(out: Stream, known: Language, hits: Hits) -> None:
    """Find the parts in words that come together where elements in their midst are dropped."""
    first = 0
    while first < out.pair_count:
        last = first + 1
        while last < out.pair_count and are_in_reach(out, last - 1, last):
            last += 1
        if last - first <= MOST_DROPPED:
            for chosen in range(1, 1 << (last - first)):
                scan_dropped(out, first, last, chosen, known, hits)
        else:
            for start in range(first, last):
                scan_rows(out, start, last, known, hits)
        first = last


@compiled
def scan_rows(out: Stream, first: int, last: int, known: Language, hits: Hits) -> None:
    """Find the parts in a word without several elements beside one another, of many in it."""
    kept = 0
    for end in range(first + 1, last + 1):
        scan_dropped(out, first, end, -1, known, hits)
        if end < last:
            kept += max(out.pairs[end, 0] - out.pairs[end - 1, 1] + 1, 0)
        if kept > REACH:
            break


@compiled
def are_in_reach(out: Stream, one: int, other: int) -> bool:
    """Say whether a part could reach over two places where an element may be dropped."""
    at = min(out.pairs[one, 1], out.pairs[other, 1])
    end = max(out.pairs[other, 0], at)
    if end - at > REACH:
        return False
    while at < end:
        if out.letters[at] in _ENDS:
            return False
        at += 1
    return True


@compiled
def scan_dropped(
    out: Stream, first: int, last: int, chosen: int, known: Language, hits: Hits
) -> None:
    """Find the parts in a word without some of the elements in it, chosen by their bits."""
    letters = out.letters
    word = np.empty((MOST_DROPPED + 2) * (2 * REACH + 2), np.int32)
    count = 0
    low, high = -1, -1  # the letter before what is dropped first, and that behind the last
    for row in range(first, last):
        left, right = out.pairs[row, 0], out.pairs[row, 1]
        if chosen >> (row - first) & 1 and left >= high:
            if low < 0:
                low, at = left, left
                while at > 0 and left - at < REACH and letters[at - 1] not in _ENDS:
                    at -= 1
            else:
                at = high
            for place in range(at, left + 1):
                word[count] = letters[place]
                count += 1
            high = right
    at = high
    while at - high < REACH and letters[at] not in _ENDS:
        word[count] = letters[at]
        count += 1
        at += 1
    line, other = find_line(hits, low), find_line(hits, high)
    scan_other(word, count, line, known, hits)
    if other != line:
        scan_other(word, count, other, known, hits)


@compiled
def find_line(hits: Hits, at: int) -> int:
    """Return the number of the line in which a letter stands."""
    low, high = 0, hits.line_count - 1
    while low < high:
        middle = (low + high + 1) // 2
        if hits.starts[middle] <= at:
            low = middle
        else:
            high = middle - 1
    return low
