"""The parts of literals that stand across elements which extraction may drop: compiled code.

    po<x>…</x>lice ─ from each letter on to the next one, or over what may be dropped ─ police

Every choice of elements is tried, along the tries of the parts: what leads nowhere ends at once.
"""

from __future__ import annotations

from monitor.glance.compiled import compiled
from monitor.glance.letters import SPACE
from monitor.glance.records import Hits, Language, Stream, Trie
from monitor.glance.words import ANYWHERE, add_hit, is_border, is_end, step

MOST_STEPS = 200_000  # of a page; one with more is odd
AT, STATE, LENGTH, CROSSED = range(4)  # of a walk


@compiled
def scan_dropped(out: Stream, known: Language, hits: Hits) -> None:
    """Find the parts in words that come together where elements in their midst are dropped.

    The rest of each word has been read as it is.
    """
    sort_pairs(out)
    for row in range(out.pair_count - 1, -1, -1):
        out.jumps[out.pairs[row, 0]] = row + 1
    piece, hits.piece = hits.piece, ANYWHERE
    steps, done = 0, -1
    for row in range(out.pair_count):
        left = out.pairs[row, 0]
        first = left
        while first - 1 > done and not is_end(out.letters[first - 1]):
            first -= 1
        for start in range(first, left + 1):
            if out.letters[start] > SPACE:
                if start == 0 or is_border(out.letters, start):
                    steps += walk(known.bordered, out, start, hits)
                steps += walk(known.inner, out, start, hits)
        done = left
        if steps > MOST_STEPS:
            out.is_odd = 1
            break
    hits.piece = piece
    for row in range(out.pair_count):
        out.jumps[out.pairs[row, 0]] = 0


@compiled
def sort_pairs(out: Stream) -> None:
    """Put the pairs into the order of the letters before what may be dropped; few are not."""
    for row in range(1, out.pair_count):
        left, right = out.pairs[row, 0], out.pairs[row, 1]
        place = row
        while place and out.pairs[place - 1, 0] > left:
            out.pairs[place, 0] = out.pairs[place - 1, 0]
            out.pairs[place, 1] = out.pairs[place - 1, 1]
            place -= 1
        out.pairs[place, 0], out.pairs[place, 1] = left, right


@compiled
def walk(trie: Trie, out: Stream, start: int, hits: Hits) -> int:
    """Find the parts that begin at a letter and cross what may be dropped; return the steps."""
    count, steps = 0, 0
    count = push(out, count, start, 0, 0, 0)
    while count and steps <= MOST_STEPS:
        count -= 1
        steps += 1
        at, crossed = out.walks[count, AT], out.walks[count, CROSSED]
        state = step(trie, out.walks[count, STATE], out.letters[at])
        if state == 0:
            continue
        length = out.walks[count, LENGTH] + 1
        if crossed:
            add_crossing(trie, state, length, out, start, at, hits)
        following = at + 1
        while out.letters[following] <= SPACE and not is_end(out.letters[following]):
            following += 1
        if not is_end(out.letters[following]):
            count = push(out, count, following, state, length, crossed)
        row = out.jumps[at] - 1
        while 0 <= row < out.pair_count and out.pairs[row, 0] == at:
            count = push(out, count, out.pairs[row, 1], state, length, 1)
            row += 1
    return steps


@compiled
def push(out: Stream, count: int, at: int, state: int, length: int, crossed: int) -> int:
    """Note a letter to go on to; return how many are noted."""
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
