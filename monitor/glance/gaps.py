"""Terms with gaps between their parts, in one line: compiled code.

    parts in a line ─ terms whose parts are all there ─ from each part on, as far as its gaps reach

Such a term stands where the first of its parts does; one whose parts have no place has none.
"""

from __future__ import annotations

from monitor.glance.bits import add_bits, are_all_there
from monitor.glance.compiled import compiled
from monitor.glance.listing import add_literal, begin
from monitor.glance.records import MOST_GAPS, MOST_SEEN, Hits, Judge, Work
from monitor.glance.words import ANYWHERE, BEFORE, PART, PIECE, SIZE, STOP, WORD

MOST_STEPS = 1_000_000  # of a line


@compiled
def find_gaps(rules: Judge, work: Work, close: Work, hits: Hits) -> None:
    """Add what the terms with gaps in a line, listed before, stand for; note their places.

    Those with no place are loose.
    """
    work.found_count = 0
    if work.gap_count == 0:
        return
    begin(close)
    for term in range(work.gap_count):
        one = work.gaps[term]
        add_literal(close, work.gap_literals[term])
        for row in range(rules.others_first[one], rules.others_first[one + 1]):
            add_literal(close, rules.others[row])
    if work.gap_count == MOST_GAPS or not list_seen(rules, work, close, hits):
        for term in range(work.gap_count):
            add_loose(rules, work, work.gaps[term])
        return
    for first in range(work.seen_count):
        for term in range(work.gap_count):
            span = measure_term(rules, work, close, hits, (first, term))
            if span >= 0:
                work.found_spans[work.found_count] = span
                work.found_places[work.found_count] = work.seen_places[first]
                work.found[work.found_count] = work.gaps[term]
                work.found_count += 1
                add_bits(rules.concepts[work.gaps[term]], work.line)


@compiled
def add_loose(rules: Judge, work: Work, one: int) -> None:
    """Add what a term with gaps stands for that may be anywhere in its line."""
    add_bits(rules.concepts[one], work.line)
    add_bits(rules.concepts[one], work.loose)
    work.is_loose = 1


@compiled
def list_term(rules: Judge, work: Work, literal: int, one: int) -> None:
    """List a term with gaps of which all parts are in the line; too many are all as one."""
    if work.gap_count == MOST_GAPS:
        add_loose(rules, work, one)
        return
    work.gaps[work.gap_count] = one
    work.gap_literals[work.gap_count] = literal
    work.gap_count += 1


@compiled
def list_seen(rules: Judge, work: Work, close: Work, hits: Hits) -> bool:
    """List where the parts of such terms stand; no if there are too many, or one has no place."""
    count, phrase = 0, 0
    for place in range(work.hit_count):
        number = work.hits[place]
        part = hits.rows[number, PART]
        first = count
        for row in range(rules.alone_first[part], rules.alone_first[part + 1]):
            count = add_seen(work, close, count, place, rules.alone[row])
        while phrase < work.phrase_count and work.phrase_places[phrase] == place:
            count = add_seen(work, close, count, place, work.phrases[phrase])
            phrase += 1
        if count > first and hits.rows[number, PIECE] == ANYWHERE:
            return False
        if count >= MOST_SEEN:
            return False
    work.seen_count = count
    is_little: bool = count * count * work.gap_count <= MOST_STEPS
    return is_little


@compiled
def add_seen(work: Work, close: Work, count: int, place: int, literal: int) -> int:
    """List where a part of such a term stands; return how many are listed."""
    if close.literals_met[literal] != close.now or count >= MOST_SEEN:
        return count
    work.seen_places[count] = place
    work.seen[count] = literal
    return count + 1


@compiled
def measure_term(rules: Judge, work: Work, close: Work, hits: Hits, where: tuple[int, int]) -> int:
    """Return how long a term could be that begins with a part, or -1 if none does.

    All others stand behind it, near enough.
    """
    first, term = where
    one = work.gaps[term]
    begin(close)
    number = work.hits[work.seen_places[first]]
    span = 0
    most = rules.lengths[one] - 2 * WORD + hits.rows[number, SIZE]  # all words but the last one
    for later in range(first, work.seen_count):
        other = work.hits[work.seen_places[later]]
        words = count_words(hits, number, other)
        if words <= most:
            add_literal(close, work.seen[later])
            span = max(span, words)
    if close.literals_met[work.gap_literals[term]] == close.now and are_all_there(
        rules.others_first, rules.others, one, close.literals_met, close.now
    ):
        return span + WORD
    return -1


@compiled
def count_words(hits: Hits, first: int, other: int) -> int:
    """Return how many words surely stand between where a hit begins and one at or behind it.

    Ends of sentences are none; between two tags anything may be left out.
    """
    piece, before = hits.rows[first, PIECE], hits.rows[first, BEFORE]
    if hits.rows[other, PIECE] == piece:
        words: int = (hits.rows[other, BEFORE] - before) & (STOP - 1)
        return words
    words = (hits.words[piece] - before) & (STOP - 1)
    words += hits.rows[other, BEFORE] & (STOP - 1)
    return words
