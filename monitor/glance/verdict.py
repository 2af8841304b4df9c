"""Whether any topic could be mentioned, judged by the parts of literals in each line."""

from __future__ import annotations

from monitor.glance.compiled import compiled
from monitor.glance.records import Hits, Ints, Judge, Longs, Stream, Work
from monitor.glance.words import ANYWHERE

MOST_MEASURED = 2000  # hits of a line; in one with more, distances are not asked


@compiled
def begin(work: Work) -> None:
    """Forget what was listed."""
    work.now += 1
    work.part_count = work.literal_count = work.hit_count = work.is_unordered = 0


@compiled
def add_line(work: Work, hits: Hits, line: int) -> None:
    """List the hits of a line in their order, and their parts."""
    first = work.hit_count
    number = hits.heads[line]
    while number >= 0:
        work.hits[work.hit_count] = number
        work.hit_count += 1
        work.is_unordered |= hits.pieces[number] == ANYWHERE
        add_part(work, hits.parts[number])
        number = hits.following[number]
    last = work.hit_count - 1
    while first < last:  # the chain begins with the last one
        work.hits[first], work.hits[last] = work.hits[last], work.hits[first]
        first += 1
        last -= 1


@compiled
def add_part(work: Work, part: int) -> None:
    """List a part."""
    if work.parts_met[part] != work.now:
        work.parts_met[part] = work.now
        work.parts[work.part_count] = part
        work.part_count += 1


@compiled
def add_all(work: Work, own: Hits, other: Hits) -> None:
    """List the hits of all lines, and the parts of titles among the others."""
    for line in range(other.line_count):
        if other.is_title[line]:
            add_line(work, other, line)
    work.hit_count = 0
    for line in range(own.line_count):
        add_line(work, own, line)


@compiled
def add_literal(work: Work, literal: int) -> None:
    """List a literal."""
    if work.literals_met[literal] != work.now:
        work.literals_met[literal] = work.now
        work.literals[work.literal_count] = literal
        work.literal_count += 1


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
    """List the literals of which all parts stand beside one another, no plain word between."""
    for first in range(work.hit_count):
        part = hits.parts[work.hits[first]]
        if rules.is_in_phrase[part]:
            list_close(work, close, hits, first, 0)
            add_together(rules, work, close)


@compiled
def list_close(work: Work, close: Work, hits: Hits, first: int, most: int) -> None:
    """List the parts that stand behind a hit, so many plain words between at most."""
    begin(close)
    number = work.hits[first]
    is_last_piece = hits.words[hits.pieces[number]] - hits.before[number] > most
    for place in range(0 if work.is_unordered else first, work.hit_count):
        other = work.hits[place]
        if is_within(hits, number, other, most):
            add_part(close, hits.parts[other])
        elif is_last_piece and not work.is_unordered:
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
def are_all_there(first: Ints, values: Ints, row: int, met: Longs, now: int) -> bool:
    """Say whether all numbers of a row were met now."""
    for place in range(first[row], first[row + 1]):
        if met[values[place]] != now:
            return False
    return True


@compiled
def copy(bits: Longs, into: Longs) -> None:
    """Write bits over others."""
    for place in range(len(into)):
        into[place] = bits[place]


@compiled
def add_bits(bits: Longs, into: Longs) -> None:
    """Add bits to others."""
    for place in range(len(into)):
        into[place] |= bits[place]


@compiled
def share(some: Longs, others: Longs) -> bool:
    """Say whether a bit is set in both."""
    for place in range(len(others)):
        if some[place] & others[place]:
            return True
    return False


@compiled
def find_nears(rules: Judge, work: Work, close: Work, hits: Hits, languages: int) -> None:
    """Set the bits of the conditions of nearness that a line could hold.

    Those with the same limit of words are looked for together.
    """
    is_measured = work.hit_count <= MOST_MEASURED
    find_loose(rules, work, languages)
    for limit in range(rules.limit_count):
        waiting = 0
        for row in range(rules.limit_first[limit], rules.limit_first[limit + 1]):
            number = rules.limit_nears[row]
            if not has_bit(work.nears, number) and needs_met(rules, number, work.line):
                if rules.limits[limit] < 0 or not is_measured:
                    set_bit(work.nears, number)
                else:
                    waiting += 1
        first = 0
        while waiting and first < work.hit_count:
            list_close(work, close, hits, first, rules.limits[limit])
            find_close_concepts(rules, work, close, languages)
            add_bits(work.loose, close.line)
            for row in range(rules.limit_first[limit], rules.limit_first[limit + 1]):
                number = rules.limit_nears[row]
                if not has_bit(work.nears, number) and needs_met(rules, number, close.line):
                    set_bit(work.nears, number)
                    waiting -= 1
            first += 1


@compiled
def find_loose(rules: Judge, work: Work, languages: int) -> None:
    """Set the bits of concepts with gaps in their terms: how far they reach is not measured."""
    for place in range(len(work.loose)):
        work.loose[place] = 0
    for place in range(work.literal_count):
        literal = work.literals[place]
        for one in range(rules.standing_first[literal], rules.standing_first[literal + 1]):
            if (
                rules.others_first[one] < rules.others_first[one + 1]
                and rules.languages[one] & languages
                and are_all_there(
                    rules.others_first, rules.others, one, work.literals_met, work.now
                )
            ):
                add_bits(rules.concepts[one], work.loose)


@compiled
def has_bit(bits: Longs, number: int) -> bool:
    """Say whether a bit is set."""
    found: bool = bits[number // 64] >> (number % 64) & 1 == 1
    return found


@compiled
def set_bit(bits: Longs, number: int) -> None:
    """Set a bit."""
    bits[number // 64] |= 1 << (number % 64)


@compiled
def find_close_concepts(rules: Judge, work: Work, close: Work, languages: int) -> None:
    """Set the bits of the concepts of those literals of a line of which all parts are close."""
    add_alone(rules, close)
    for place in range(close.part_count):
        part = close.parts[place]
        for row in range(rules.together_first[part], rules.together_first[part + 1]):
            literal = rules.together[row]
            if work.literals_met[literal] == work.now and are_all_there(
                rules.needed_first, rules.needed, literal, close.parts_met, close.now
            ):
                add_literal(close, literal)
    find_concepts(close, rules, languages, close.line)


@compiled
def needs_met(rules: Judge, number: int, bits: Longs) -> bool:
    """Say whether concepts are all that a condition of nearness needs."""
    for row in range(rules.near_first[number], rules.near_first[number + 1]):
        if not share(rules.near_clauses[row], bits):
            return False
    return True


@compiled
def is_within(hits: Hits, first: int, other: int, most: int) -> bool:
    """Say whether a hit may stand at or behind another one, with so many words between at most.

    Between two tags anything may be left out, so only the words up to the next tag are counted,
    and those from the last one on.
    """
    piece, before = hits.pieces[first], hits.before[first]
    if piece == ANYWHERE or hits.pieces[other] == ANYWHERE:
        return True
    between = hits.before[other] - before
    if hits.pieces[other] != piece:
        between += hits.words[piece]
    is_behind: bool = hits.pieces[other] >= piece and between >= 0
    return is_behind and between <= most


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
    for place in range(len(work.nears)):
        work.nears[place] = 0
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
    for number in range(rules.near_count):
        if needs_met(rules, number, work.whole):
            set_bit(work.nears, number)
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
def read_listed(rules: Judge, work: Work, close: Work, hits: Hits, languages: int) -> None:
    """Add what one line could hold: its concepts to those of all, and conditions of nearness."""
    add_alone(rules, work)
    if work.hit_count > MOST_MEASURED:
        add_together(rules, work, work)
    else:
        add_neighbours(rules, work, close, hits)
    find_concepts(work, rules, languages, work.line)
    add_bits(work.line, work.whole)
    find_nears(rules, work, close, hits, languages)
