"""The parts of literals that stand across elements which extraction may drop: compiled code.

    po<x>…</x>lice ─ from each letter on to the next one, or leaping what may be dropped ─ police

Every choice of elements is tried, along the tries of the parts: what leads nowhere ends at once.
A leap leads from one place to another; a place is what stands behind a sign that is no tag.
"""

from __future__ import annotations

from monitor.glance.compiled import compiled
from monitor.glance.letters import JOINT, SPACE
from monitor.glance.records import Hits, Language, Stream, Trie
from monitor.glance.stream import TAG
from monitor.glance.words import ANYWHERE, add_hit, is_border, is_end, step

MOST_STEPS = 200_000  # of a page; one with more is odd
AT, STATE, LENGTH, CROSSED = range(4)  # of a walk
START, END = 0, 1  # of a leap


@compiled
def scan_dropped(out: Stream, known: Language, hits: Hits) -> None:
    """Find the parts in words that come together where elements in their midst are dropped.

    The rest of each word has been read as it is.
    """
    sort_leaps(out)
    for row in range(out.leap_count - 1, -1, -1):
        out.first_leap[out.leaps[row, START]] = row + 1
    piece, hits.piece = hits.piece, ANYWHERE
    steps = done = out.walk_count = 0
    for row in range(out.leap_count):
        place = out.leaps[row, START]
        first = place
        while first > done and not is_end(out.letters[first - 1]):
            first -= 1
        for start in range(first, place):
            if out.letters[start] > SPACE:
                if start == 0 or is_border(out.letters, start):
                    steps += walk(known.bordered, out, start, hits)
                steps += walk(known.inner, out, start, hits)
        done = place
        if steps > MOST_STEPS:
            out.is_odd = 1
            break
    hits.piece = piece
    for row in range(out.leap_count):
        out.first_leap[out.leaps[row, START]] = 0
        out.walked[out.leaps[row, END]] = 0


@compiled
def sort_leaps(out: Stream) -> None:
    """Put the leaps into the order of their beginnings; few are not."""
    for row in range(1, out.leap_count):
        start, end = out.leaps[row, START], out.leaps[row, END]
        place = row
        while place and out.leaps[place - 1, START] > start:
            out.leaps[place, START] = out.leaps[place - 1, START]
            out.leaps[place, END] = out.leaps[place - 1, END]
            place -= 1
        out.leaps[place, START], out.leaps[place, END] = start, end


@compiled
def walk(trie: Trie, out: Stream, start: int, hits: Hits) -> int:
    """Find the parts that begin at a letter and cross what may be dropped; return the steps."""
    out.walk_count += 1
    count, steps = push(out, 0, start, 0, 0, 0), 0
    while count and steps <= MOST_STEPS:
        count -= 1
        at, state = out.walks[count, AT], out.walks[count, STATE]
        length, crossed = out.walks[count, LENGTH], out.walks[count, CROSSED]
        while True:
            steps += 1
            while out.letters[at] in (TAG, JOINT):
                at += 1
            state = step(trie, state, out.letters[at]) if out.letters[at] > SPACE else 0
            if state == 0:
                break
            length += 1
            if crossed:
                add_crossing(trie, state, length, out, start, at, hits)
            at += 1
            if out.first_leap[at]:
                count = push_leaps(out, count, at, state, length)
    return steps


@compiled
def push_leaps(out: Stream, count: int, at: int, state: int, length: int) -> int:
    """Note where all leaps lead to from a place, one behind the other; return how many are noted.

    Where the walk has been in the same state it need not go again.
    """
    following = count
    while True:
        row = out.first_leap[at] - 1
        while 0 <= row < out.leap_count and out.leaps[row, START] == at:
            end = out.leaps[row, END]
            if out.walked[end] != out.walk_count or out.walked_with[end] != state:
                out.walked[end], out.walked_with[end] = out.walk_count, state
                count = push(out, count, end, state, length, 1)
            row += 1
        if following == count:
            return count
        at = out.walks[following, AT]
        following += 1


@compiled
def push(out: Stream, count: int, at: int, state: int, length: int, crossed: int) -> int:
    """Note a place to go on from; return how many are noted."""
    out.walks[count, AT] = at
    out.walks[count, STATE] = state
    out.walks[count, LENGTH] = length
    out.walks[count, CROSSED] = crossed
    return count + 1


@compiled
def add_crossing(
    trie: Trie, state: int, length: int, out: Stream, start: int, at: int, hits: Hits
) -> None:
    """Add the parts that a walk has come to the end of, in the lines where it began and ended."""
    for row in range(trie.first_part[state], trie.first_part[state + 1]):
        if trie.lengths[row] == length and (
            not trie.borders[row] or is_border(out.letters, at + 1)
        ):
            line, other = find_line(hits, start), find_line(hits, at)
            add_hit(hits, trie.parts[row], line)
            if other != line:
                add_hit(hits, trie.parts[row], other)


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
