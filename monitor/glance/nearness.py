"""What stands near enough in one line: compiled code.

    hits of a line ─ those that any condition waits for, each with its concepts
                   └ from each of them on, as far as a condition reaches ─ does it hold there?

A condition within another is found first, and then stands where the first of what it needs does.
What has no place (a form of a word that only some ways of extracting make) is near everything in
its line.
"""

from __future__ import annotations

from monitor.glance.bits import add_bits, clear, copy, has_bit, set_bit, share
from monitor.glance.compiled import compiled, unchecked
from monitor.glance.records import (
    CONCEPT_WORDS,
    MOST_MEASURED,
    NEAR_WORDS,
    Hits,
    Judge,
    Longs,
    Work,
)
from monitor.glance.words import ANYWHERE, BEFORE, PART, PIECE, SIZE, STOP, TOKEN, WORD


@compiled
def find_nears(rules: Judge, work: Work, hits: Hits, languages: int) -> None:
    """Set the bits of the conditions of nearness that a line could hold."""
    if not find_possible(rules, work):
        return
    clear(work.loose_nears)
    is_measured = read_places(rules, work, hits, languages)
    clear(work.line_nears)
    for number in range(rules.near_count):
        if (
            (rules.is_inner[number] or not has_bit(work.nears, number))
            and needs_met(rules, number, work.line, work.line_nears)
            and are_near(rules, work, hits, number, is_measured)
        ):
            set_bit(work.line_nears, number)
            set_bit(work.nears, number)


@compiled
def find_possible(rules: Judge, work: Work) -> bool:
    """Say whether a condition not met before could be by this line; note what those wait for."""
    clear(work.line_nears)
    clear(work.wanted)
    set_met(rules, work.line, work.line_nears)
    is_new = False
    for number in range(rules.near_count):
        if has_bit(work.line_nears, number):
            is_new |= not has_bit(work.nears, number)
            for row in range(rules.near_first[number], rules.near_first[number + 1]):
                add_bits(rules.near_clauses[row], work.wanted)
    return is_new


@compiled
def read_places(rules: Judge, work: Work, hits: Hits, languages: int) -> bool:
    """List the hits of a line that conditions wait for, with their concepts; no if too many."""
    count, phrase, gap = 0, 0, 0
    for place in range(work.hit_count):
        number = work.hits[place]
        part = hits.rows[number, PART]
        clear(work.close)
        size = more = 0
        for row in range(rules.alone_first[part], rules.alone_first[part + 1]):
            add_concepts(rules, rules.alone[row], languages, work.close)
        while phrase < work.phrase_count and work.phrase_places[phrase] == place:
            add_concepts(rules, work.phrases[phrase], languages, work.close)
            more = max(more, WORD * (rules.words[work.phrases[phrase]] - 1))
            phrase += 1
        while gap < work.found_count and work.found_places[gap] == place:
            add_bits(rules.concepts[work.found[gap]], work.close)
            size = max(size, work.found_spans[gap])
            gap += 1
        if not share(work.close, work.wanted):
            continue
        if hits.rows[number, PIECE] == ANYWHERE:
            add_bits(work.close, work.loose)
            work.is_loose = 1
            continue
        if count == MOST_MEASURED:
            return False
        work.chosen[count] = number
        work.sizes[count] = max(size, hits.rows[number, SIZE] + more)
        copy(work.close, work.place_concepts[count])
        clear(work.place_nears[count])
        count += 1
    work.chosen_count = count
    find_following(work, hits)
    return True


@compiled
def find_following(work: Work, hits: Hits) -> None:
    """Note for each hit chosen where the hits of the next piece begin."""
    following = work.chosen_count
    for place in range(work.chosen_count - 1, -1, -1):
        work.following[place] = following
        if (
            place
            and hits.rows[work.chosen[place - 1], PIECE] != hits.rows[work.chosen[place], PIECE]
        ):
            following = place


@compiled
def add_concepts(rules: Judge, literal: int, languages: int, bits: Longs) -> None:
    """Add the concepts that a literal makes by itself in these languages."""
    for one in range(rules.standing_first[literal], rules.standing_first[literal + 1]):
        if (
            rules.others_first[one] == rules.others_first[one + 1]
            and rules.languages[one] & languages
        ):
            add_bits(rules.concepts[one], bits)


@compiled
def are_near(rules: Judge, work: Work, hits: Hits, number: int, is_measured: bool) -> bool:
    """Say whether a condition could hold in a line; of one within others, note where."""
    if (
        not is_measured
        or rules.limits[number] < 0
        or needs_met(rules, number, work.loose, work.loose_nears)
    ):
        set_bit(work.loose_nears, number)
        return True
    found = False
    for place in range(work.chosen_count):
        if can_begin(rules, work, hits, number, place) and begins(rules, work, hits, number, place):
            found = True
            if not rules.is_inner[number]:
                break
            set_bit(work.place_nears[place], number)
    return found


@compiled
def can_begin(rules: Judge, work: Work, hits: Hits, number: int, place: int) -> bool:
    """Say whether a condition may begin with a hit, which is what it needs, and needs first."""
    first = rules.near_first[number]
    for row in range(first, rules.near_first[number + 1]):
        if is_clause_met(rules, row, work.place_concepts[place], work.place_nears[place]):
            break
    else:
        return False
    if not rules.is_ordered[number] or share(rules.near_clauses[first], work.loose):
        return True
    token = hits.rows[work.chosen[place], TOKEN]
    for step in (-1, 1):  # hits of one word come in any order
        other = place
        while 0 <= other < work.chosen_count and hits.rows[work.chosen[other], TOKEN] == token:
            if share(rules.near_clauses[first], work.place_concepts[other]):
                return True
            other += step
    return False


@compiled
def begins(rules: Judge, work: Work, hits: Hits, near: int, first: int) -> bool:
    """Say whether all that a condition needs stands at or behind a hit, near enough.

    Between two tags anything may be left out, so only the words up to the next tag are counted,
    and those from the last one on: from where the first term begins to where the last one does,
    with the words of all terms but the last.
    """
    counted, limit = rules.counted[near], rules.limits[near]
    others = max(rules.leaves[near] - 2, 0)
    size = rules.longest if work.is_loose else 0
    if limit < STOP - 1:  # else any words may stand between
        limit += work.sizes[first]
    else:
        others = 0
    most = limit + others * size
    copy(work.loose, work.close)
    copy(work.loose_nears, work.close_nears)
    number = work.chosen[first]
    piece, before = hits.rows[number, PIECE], hits.rows[number, BEFORE]
    rest = (hits.words[piece] - before) & counted
    place = first
    while place < work.chosen_count:
        other = work.chosen[place]
        if hits.rows[other, PIECE] == piece:
            between = (hits.rows[other, BEFORE] - before) & counted
        else:
            between = rest + (hits.rows[other, BEFORE] & counted)
        if rest > most and (hits.rows[other, PIECE] != piece or between > most):
            break
        if between > most:
            place = work.following[place]
            continue
        if place > first:
            size = max(size, work.sizes[place])
            most = limit + others * size
        add_bits(work.place_concepts[place], work.close)
        add_bits(work.place_nears[place], work.close_nears)
        if needs_met(rules, near, work.close, work.close_nears):
            return True
        place += 1
    return False


@compiled
def set_met(rules: Judge, concepts: Longs, nears: Longs) -> None:
    """Set the bits of the conditions of which all needs are among concepts and other conditions."""
    for number in range(rules.near_count):
        if needs_met(rules, number, concepts, nears):
            set_bit(nears, number)


@unchecked
def needs_met(rules: Judge, number: int, concepts: Longs, nears: Longs) -> bool:
    """Say whether concepts and conditions are all that a condition of nearness needs."""
    for row in range(max(rules.near_first[number], 0), rules.near_first[number + 1]):
        if not is_clause_met(rules, row, concepts, nears):
            return False
    return True


@unchecked
def is_clause_met(rules: Judge, row: int, concepts: Longs, nears: Longs) -> bool:
    """Say whether one of the concepts, or of the conditions, of a clause is there.

    Conditions and clauses are numbered by `fill_judge`.
    """
    found = 0
    for place in range(CONCEPT_WORDS):
        found |= rules.near_clauses[row, place] & concepts[place]
    for place in range(NEAR_WORDS):
        found |= rules.near_nears[row, place] & nears[place]
    return found != 0
