"""Which parts of literals stand in a stream, and in which of its lines: compiled code.

A part that begins with a border of a word is looked for where words begin, along a trie; one that
does not is looked for everywhere, by an automaton (Aho and Corasick, 1975, Efficient string
matching).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence, Sized
from itertools import accumulate

from monitor.glance.compiled import compiled, count_bits, unchecked
from monitor.glance.letters import SPACE
from monitor.glance.records import Hits, Ints, Trie, fill
from monitor.glance.stream import LINE, TITLE
from monitor.match.sieve import LETTERS_A_WORD

Ways = list[dict[int, int]]  # the letters that lead on from each state
Ends = list[list[tuple[int, int, bool]]]  # number, length and border of the parts that end at each

A, Z = ord("a"), ord("z")
ANYWHERE = 0  # the piece of what may stand anywhere in its line
# A node of a trie: a bit for each Latin letter that leads on, and ENDS if parts end there; the
# first of the states that letters lead to, which lie in a row: first those of Latin letters.
LATIN, CHILD = 0, 1
ENDS = 1 << 26
# A row of a hit: the part, its piece, what is counted before it in that, its word, the hit before
# it in its line, what its own word counts.
PART, PIECE, BEFORE, TOKEN, EARLIER, SIZE = range(6)
FIRST_WIDE = 0x2E80
WORD = LETTERS_A_WORD
"""What a word counts; a letter of those that are written without spaces counts 1."""
STOP = 1 << 23
"""The end of a sentence, among words that are counted; no page has so many words."""
_MOST_COUNTED = 1 << 30


def fill_trie(trie: Trie, parts: Sequence[tuple[str, int]], *, is_inner: bool = False) -> None:
    """Write parts, each with its number, as a trie; a space at an end is a border of words.

    With `is_inner` for parts that are looked for everywhere: each state has one to fail to.
    """
    ways: Ways = [{}]
    ends: Ends = [[]]
    for part, number in parts:
        state = 0
        bare = part.strip(" ")
        for letter in map(ord, bare):
            if letter not in ways[state]:
                ways[state][letter] = len(ways)
                ways.append({})
                ends.append([])
            state = ways[state][letter]
        ends[state].append((number, len(bare), part[-1] == " "))
    ways, ends = _number_by_depth(ways, ends)
    fill(trie["depths"], _find_depths(ways))
    if is_inner:
        fill(trie["fails"], _find_fails(ways, ends))
    for letter, state in ways[0].items():
        trie["root"][letter] = state
    nodes = [sum(1 << letter - A for letter in some if A <= letter <= Z) for some in ways]
    flagged = [node | (ENDS if some else 0) for node, some in zip(nodes, ends, strict=True)]
    children = [1 + number for number in starts(ways)]
    fill(trie["nodes"], list(zip([*flagged, 0], children, strict=True)))
    fill(trie["labels"], [0, *(letter for some in ways for letter in some)])
    listed = [end for some in ends for end in some]
    fill(trie["first_part"], starts(ends))
    fill(trie["parts"], [number for number, _, _ in listed])
    fill(trie["lengths"], [length for _, length, _ in listed])
    fill(trie["borders"], [border for _, _, border in listed])


def _number_by_depth(ways: Ways, ends: Ends) -> tuple[Ways, Ends]:
    """Return the states numbered by depth, the children of each in a row, Latin letters first."""
    order = [0]
    sorted_ways: list[list[tuple[int, int]]] = []
    for state in order:
        children = sorted(ways[state].items(), key=lambda way: (not A <= way[0] <= Z, way))
        sorted_ways.append(children)
        order.extend(child for _, child in children)
    new = {state: number for number, state in enumerate(order)}
    return (
        [{letter: new[way] for letter, way in some} for some in sorted_ways],
        [ends[state] for state in order],
    )


def _find_depths(ways: Ways) -> list[int]:
    """Return how many letters lead to each state."""
    depths = [0] * len(ways)
    for state, some in enumerate(ways):
        for way in some.values():
            depths[way] = depths[state] + 1
    return depths


def starts(rows: Iterable[Sized]) -> list[int]:
    """Return where each of some rows begins when all are put behind one another, and the end."""
    return list(accumulate(map(len, rows), initial=0))


def _find_fails(
    ways: Sequence[dict[int, int]], ends: Sequence[list[tuple[int, int, bool]]]
) -> list[int]:
    """Return the state of the longest suffix of each; add to each what ends in that one."""
    fails = [0] * len(ways)
    waiting = deque(ways[0].values())
    while waiting:
        state = waiting.popleft()
        for letter, following in ways[state].items():
            other = fails[state]
            while other and letter not in ways[other]:
                other = fails[other]
            fails[following] = ways[other].get(letter, 0)
            ends[following].extend(ends[fails[following]])
            waiting.append(following)
    return fails


@unchecked
def step(trie: Trie, state: int, letter: int) -> int:
    """Return the state that a letter leads to, or 0."""
    if state == 0:
        first: int = trie.root[letter] if letter < len(trie.root) else 0
        return first
    latin, child = trie.nodes[state, LATIN], trie.nodes[state, CHILD]
    if A <= letter <= Z:
        bit = 1 << (letter - A)
        return child + count_bits(latin & (bit - 1)) if latin & bit else 0
    last = trie.nodes[state + 1, CHILD]
    child += count_bits(latin & (ENDS - 1))
    while child < last and trie.labels[child] != letter:
        child += 1
    return child if child < last else 0


@unchecked
def has_ends(trie: Trie, state: int) -> bool:
    """Say whether parts end with a state."""
    has_any: bool = trie.nodes[state, LATIN] & ENDS != 0
    return has_any


@unchecked
def is_end(letter: int) -> bool:
    """Say whether what stands here ends a word, whatever is dropped."""
    return letter in (SPACE, LINE, TITLE)


@unchecked
def is_wide(letter: int) -> bool:
    """Say whether a letter is Chinese, Japanese or Korean: Latin ones beside it are words."""
    if letter < FIRST_WIDE:
        return False
    return (
        letter <= 0x2FDF
        or 0x3005 <= letter <= 0x3007
        or 0x3041 <= letter <= 0x30FF
        or 0x31F0 <= letter <= 0x31FF
        or 0x3400 <= letter <= 0x9FFF
        or 0xAC00 <= letter <= 0xD7AF
        or letter >= 0x20000
    )


@unchecked
def is_border(letters: Ints, at: int) -> bool:
    """Say whether a word may begin or end in front of a place."""
    one, other = letters[at - 1], letters[at]
    if one <= SPACE or other <= SPACE:
        return True
    return (97 <= one <= 122 and is_wide(other)) or (97 <= other <= 122 and is_wide(one))


@unchecked
def add_hit(hits: Hits, part: int, line: int) -> None:
    """Add a part found in a line, with how many words are counted before it in its piece."""
    number = hits.count
    if number >= len(hits.rows):
        raise IndexError
    hits.rows[number, PART] = part
    hits.rows[number, PIECE] = hits.piece
    hits.rows[number, BEFORE] = hits.words[hits.piece]
    hits.rows[number, TOKEN] = hits.token
    hits.rows[number, EARLIER] = hits.heads[line]
    hits.rows[number, SIZE] = 0
    hits.heads[line] = number
    hits.count = number + 1
    if hits.parts_met[part] != hits.now:
        hits.parts_met[part] = hits.now
        hits.parts[hits.part_count] = part
        hits.part_count += 1


@compiled
def add_word(hits: Hits, first: int) -> None:
    """Count a word, in which the parts from `first` on were found."""
    hits.words[hits.piece] += WORD
    for number in range(first, hits.count):
        hits.rows[number, SIZE] = WORD


@compiled
def begin_piece(hits: Hits) -> None:
    """Begin a piece of text behind a tag."""
    hits.piece += 1
    hits.words[hits.piece] = 0


@compiled
def add_stop(hits: Hits) -> None:
    """Count the end of a sentence among the words of a piece; of very many the first ones."""
    if hits.words[hits.piece] < _MOST_COUNTED:
        hits.words[hits.piece] += STOP


@unchecked
def move(trie: Trie, state: int, letter: int) -> int:
    """Return the state behind one more letter."""
    following = step(trie, state, letter)
    while following == 0 and state != 0:
        state = trie.fails[state]
        following = step(trie, state, letter)
    return following


@unchecked
def add_ends(trie: Trie, state: int, letters: Ints, at: int, line: int, hits: Hits) -> None:
    """Add the parts that end in front of a place, by the state with which they do."""
    for row in range(trie.first_part[state], trie.first_part[state + 1]):
        if not trie.borders[row] or is_border(letters, at):
            add_hit(hits, trie.parts[row], line)


@unchecked
def find_from(trie: Trie, letters: Ints, at: int, line: int, hits: Hits) -> None:
    """Add the parts that begin with a word which begins here."""
    state = 0
    while True:
        letter = letters[at]
        at += 1
        if letter > SPACE:
            state = step(trie, state, letter)
            if state == 0:
                return
            if has_ends(trie, state):
                add_ends(trie, state, letters, at, line, hits)
        elif is_end(letter):
            return
