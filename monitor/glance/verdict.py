"""Whether any topic could be mentioned, judged by the parts of literals in each line."""

from __future__ import annotations

from monitor.glance.bits import add_bits, are_all_there, clear, copy, share
from monitor.glance.compiled import compiled
from monitor.glance.gaps import find_gaps, list_term
from monitor.glance.listing import add_literal, add_part, begin
from monitor.glance.nearness import find_nears, set_met
from monitor.glance.records import Hits, Judge, Longs, Stream, Work
from monitor.glance.words import ANYWHERE, BEFORE, EARLIER, PART, PIECE, SIZE, WORD


@compiled
def add_line(work: Work, hits: Hits, line: int) -> None:
    """List the hits of a line in their order, and their parts."""
    first = work.hit_count
    number = hits.heads[line]
    while number >= 0:
        work.hits[work.hit_count] = number
        work.hit_count += 1
        add_part(work, hits.rows[number, PART])
        number = hits.rows[number, EARLIER]
    last = work.hit_count - 1
    while first < last:  # the chain begins with the last one
        work.hits[first], work.hits[last] = work.hits[last], work.hits[first]
        first += 1
        last -= 1


@compiled
def add_all(work: Work, own: Hits, other: Hits) -> None:
    """List the parts in all lines, and those in titles among the others."""
    for line in range(other.line_count):
        if other.is_title[line]:
            add_line(work, other, line)
    work.hit_count = 0
    for place in range(own.part_count):
        add_part(work, own.parts[place])


@compiled
def add_alone(rules: Judge, work: Work) -> None:
    """List the literals that are no more than one of the parts listed."""
    for place in range(work.part_count):
        part = work.parts[place]
        for row in range(rules.alone_first[part], rules.alone_first[part + 1]):
            add_literal(work, rules.alone[row])


@compiled
def add_together(rules: Judge, work: Work, some: Work) -> None:
    """List the literals of which all parts are among those listed in `some`."""
    for place in range(some.part_count):
        part = some.parts[place]
        for row in range(rules.together_first[part], rules.together_first[part + 1]):
            literal = rules.together[row]
            if are_all_there(rules.needed_first, rules.needed, literal, some.parts_met, some.now):
                add_literal(work, literal)


@compiled
def add_neighbours(rules: Judge, work: Work, close: Work, hits: Hits) -> None:
    """List the literals of which all parts stand beside one another, no other word between.

    Such a phrase stands where the first of its parts does.
    """
    begin(close)
    add_together(rules, close, work)
    if close.literal_count == 0:
        return
    reach = 0
    for place in range(close.literal_count):
        literal = close.literals[place]
        for row in range(rules.needed_first[literal], rules.needed_first[literal + 1]):
            add_part(close, rules.needed[row])
        reach = max(reach, WORD * (rules.words[literal] - 2))  # without the first and the last
    work.chosen_count = 0
    most, is_ordered = close.part_count, True
    for place in range(work.hit_count):
        number = work.hits[place]
        if close.parts_met[hits.rows[number, PART]] == close.now:
            work.chosen[work.chosen_count] = place
            work.chosen_count += 1
            is_ordered &= hits.rows[number, PIECE] != ANYWHERE
    for first in range(work.chosen_count):
        list_beside(work, close, hits, (first, most, reach), is_ordered)
        add_phrases(rules, work, close, work.chosen[first])


@compiled
def add_phrases(rules: Judge, work: Work, close: Work, at: int) -> None:
    """List the literals of which all parts are close, with the place of the first one."""
    add_together(rules, close, close)
    for place in range(close.literal_count):
        add_literal(work, close.literals[place])
        work.phrase_places[work.phrase_count] = at
        work.phrases[work.phrase_count] = close.literals[place]
        work.phrase_count += 1


@compiled
def list_beside(
    work: Work, close: Work, hits: Hits, where: tuple[int, int, int], is_ordered: bool
) -> None:
    """List the parts that stand behind one of those chosen, near enough for a phrase.

    `where` is the one chosen, how many parts there are, and how far a phrase reaches.
    """
    begin(close)
    first, most, reach = where
    number = work.hits[work.chosen[first]]
    piece, before = hits.rows[number, PIECE], hits.rows[number, BEFORE]
    reach += hits.rows[number, SIZE]
    rest = hits.words[piece] - before
    is_last_piece = rest > reach
    for place in range(first if is_ordered else 0, work.chosen_count):
        other = work.hits[work.chosen[place]]
        its = hits.rows[other, PIECE]
        if close.part_count == most:
            break
        if ANYWHERE in (piece, its):
            add_part(close, hits.rows[other, PART])
        elif its == piece:
            if 0 <= hits.rows[other, BEFORE] - before <= reach:
                add_part(close, hits.rows[other, PART])
            elif is_ordered and hits.rows[other, BEFORE] > before and is_last_piece:
                break
        elif its > piece and rest + hits.rows[other, BEFORE] <= reach and not is_last_piece:
            add_part(close, hits.rows[other, PART])
        elif is_ordered and is_last_piece:
            break


@compiled
def find_concepts(work: Work, rules: Judge, languages: int, bits: Longs) -> None:
    """Set the bits of the concepts that the listed literals make in these languages."""
    copy(rules.always, bits)
    for place in range(work.literal_count):
        literal = work.literals[place]
        for one in range(rules.standing_first[literal], rules.standing_first[literal + 1]):
            if rules.languages[one] & languages and are_all_there(
                rules.others_first, rules.others, one, work.literals_met, work.now
            ):
                add_bits(rules.concepts[one], bits)


@compiled
def find_line_concepts(work: Work, rules: Judge, languages: int) -> None:
    """Set the bits of the concepts of a line by terms without gaps; list those with gaps."""
    copy(rules.always, work.line)
    copy(rules.always, work.loose)
    work.gap_count = work.is_loose = 0
    for place in range(work.literal_count):
        literal = work.literals[place]
        for one in range(rules.standing_first[literal], rules.standing_first[literal + 1]):
            if not rules.languages[one] & languages:
                continue
            if rules.others_first[one] == rules.others_first[one + 1]:
                add_bits(rules.concepts[one], work.line)
            elif are_all_there(rules.others_first, rules.others, one, work.literals_met, work.now):
                list_term(rules, work, literal, one)


@compiled
def could_hold(rules: Judge, work: Work) -> bool:
    """Say whether the rules of any topic could give it points enough."""
    points, topic = 0.0, -1
    for rule in range(rules.rule_count):
        if rules.topics[rule] != topic:
            points, topic = 0.0, rules.topics[rule]
        for row in range(rules.rule_first[rule], rules.rule_first[rule + 1]):
            if not share(rules.rule_clauses[row], work.whole) and not share(
                rules.rule_nears[row], work.nears
            ):
                break
        else:
            points += rules.points[rule]
            if points >= rules.enough[topic]:
                return True
    return False


@compiled
def forget(rules: Judge, work: Work) -> None:
    """Forget what lines could hold."""
    clear(work.nears)
    copy(rules.always, work.whole)


@compiled
def could_match_whole(rules: Judge, work: Work, own: Hits, other: Hits, languages: int) -> bool:
    """Say whether a topic could be mentioned if all stood together; titles belong to both."""
    forget(rules, work)
    begin(work)
    add_all(work, own, other)
    add_alone(rules, work)
    add_together(rules, work, work)
    find_concepts(work, rules, languages, work.whole)
    set_met(rules, work.whole, work.nears)
    return could_hold(rules, work)


@compiled
def could_match(
    rules: Judge,
    works: tuple[Work, Work],
    out: Stream,
    own: Hits,
    other: Hits,
    languages: int,
    is_one: bool,
) -> bool:
    """Say whether a topic could be mentioned, what must be near standing near in one line.

    `is_one` for a text that may all be one line, in its order.
    """
    work, close = works
    forget(rules, work)
    if is_one:
        begin(work)
        for line in range(own.line_count):
            add_line(work, own, line)
        read_listed(rules, work, close, own, languages)
    for line in range(own.line_count):
        if not is_one and own.heads[line] >= 0:
            begin(work)
            add_line(work, own, line)
            read_listed(rules, work, close, own, languages)
    for line in range(other.line_count):
        if other.is_title[line] and other.heads[line] >= 0:
            begin(work)
            add_line(work, other, line)
            read_listed(rules, work, close, other, languages)
    read_groups(rules, works, out, own, languages)
    read_wholes(rules, works, out, own, languages)
    return could_hold(rules, work)


@compiled
def read_groups(
    rules: Judge, works: tuple[Work, Work], out: Stream, own: Hits, languages: int
) -> None:
    """Add what the lines of each group could hold as one line."""
    work, close = works
    for group in range(out.group_count):
        begin(work)
        for row in range(out.grouped_count):
            if out.grouped[row, 0] == group:
                add_line(work, own, out.grouped[row, 1])
        if work.hit_count:
            read_listed(rules, work, close, own, languages)


@compiled
def read_wholes(
    rules: Judge, works: tuple[Work, Work], out: Stream, own: Hits, languages: int
) -> None:
    """Add what the lines of each element could hold that may become one line."""
    work, close = works
    for whole in range(out.whole_count):
        begin(work)
        for line in range(out.wholes[whole, 0], out.wholes[whole, 1] + 1):
            add_line(work, own, line)
        if work.hit_count:
            read_listed(rules, work, close, own, languages)


@compiled
def read_listed(rules: Judge, work: Work, close: Work, hits: Hits, languages: int) -> None:
    """Add what one line could hold: its concepts to those of all, and conditions of nearness."""
    add_alone(rules, work)
    add_neighbours(rules, work, close, hits)
    find_line_concepts(work, rules, languages)
    find_gaps(rules, work, close, hits)
    add_bits(work.line, work.whole)
    find_nears(rules, work, hits, languages)
