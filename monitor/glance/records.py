"""Records: what compiled code reads and writes, each a block of memory of a fixed size.

A record is handed to compiled code as one pointer.  What outgrows its room raises IndexError where
it is written by compiled code, and TooMuch where it is filled before.  Memory that is never touched
costs nothing.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

LONGEST = 4_000_000
"""Bytes of a source that are read."""
BLOCK = 64
"""Bytes of it that are looked at at once, the last ones perhaps beyond its end."""
LETTERS = 2 * LONGEST
MOST_LEAPS, MOST_UNKNOWN = 8_000, 4_000
MOST_SMALL_WORDS, MOST_PIECES = 1 << 13, 1 << 14
DEEPEST = 2_000
MOST_SCRIPTS = 1_000
MOST_BORDERS, MOST_GROUPED = 1_000, 10_000
MOST_WHOLES = 10_000
MOST_HITS, MOST_LINES = 200_000, 400_000
MOST_GAPS, MOST_SEEN = 200, 1_000  # terms with gaps that a line could hold, and their parts in it
MOST_MEASURED = 2_000
"""Hits of a line that conditions wait for; in one with more, distances are not asked."""
NAMES, WORDS = 1 << 13, 1 << 14  # room in tables
CHARACTERS, LONGER_LETTERS = 0x110000, 1 << 14
ROOTS, STATES = 0x40000, 1 << 18
MOST_WALKS = MOST_LEAPS + 100
PARTS, LITERALS, STANDINGS = 1 << 17, 1 << 18, 1 << 18
CONCEPT_WORDS, NEAR_WORDS = 4, 4  # of 64 bits
CLAUSES, NEARS, RULES = 1 << 16, 1 << 10, 1 << 10

# Records as a type checker sees them: their fields are the numbers and arrays named below.
Memory: TypeAlias = Any
Stream: TypeAlias = Any
Page: TypeAlias = Any
Hits: TypeAlias = Any
Table: TypeAlias = Any
Trie: TypeAlias = Any
Language: TypeAlias = Any
Judge: TypeAlias = Any
Work: TypeAlias = Any

Field = tuple[str, Any] | tuple[str, Any, Any]


class TooMuch(Exception):
    """The keywords hold more than there is room for."""


def _numbers(names: str) -> list[Field]:
    return [(name, np.int64) for name in names.split()]


def _ints(**sizes: int | tuple[int, ...]) -> list[Field]:
    return [(name, np.int32, size) for name, size in sizes.items()]


def _longs(**sizes: int | tuple[int, ...]) -> list[Field]:
    return [(name, np.int64, size) for name, size in sizes.items()]


def _record(*fields: list[Field]) -> np.dtype[np.void]:
    return np.dtype([field for some in fields for field in some], align=True)


STREAM = _record(
    _numbers(
        "length is_odd token is_cut piece piece_hash prose in_word glued leap_count "
        "unknown_count wide bracket_at is_space title_due is_bordered border_count border_depth "
        "lowest is_stray line group_count grouped_count stop is_changed tags whole_count walk_count"
    ),
    _longs(leaps=(MOST_LEAPS, 2), unknown=MOST_UNKNOWN, pieces=MOST_PIECES),
    _ints(small_words=MOST_SMALL_WORDS, letters=LETTERS, walks=(MOST_WALKS, 4)),
    _ints(first_leap=LETTERS, walked=LETTERS, walked_with=LETTERS),
    _longs(border_names=MOST_BORDERS, open_names=DEEPEST),
    _ints(border_kinds=MOST_BORDERS, border_ends=MOST_BORDERS),
    _ints(open_kinds=DEEPEST, open_joins=DEEPEST, open_lines=DEEPEST, open_groups=DEEPEST),
    _ints(open_unsure=DEEPEST, grouped=(MOST_GROUPED, 2), wholes=(MOST_WHOLES, 2)),
    _ints(line_tags=MOST_LINES),
)
PAGE = _record(
    _numbers(
        "source_length table_depth row_at selects in_heading in_title depth "
        "joined_at piece_at is_whole whole_at whole_first whole_last open_count read_tags "
        "is_unsure has_head has_body script_count is_torn"
    ),
    [("shown", STREAM), ("carried", STREAM)],
    _longs(stack=(DEEPEST, 3), counts=8, open_elements=DEEPEST),
    _ints(scripts=(MOST_SCRIPTS, 2)),
    [("source", np.uint8, LONGEST + BLOCK)],
    _ints(text=LONGEST + 1, unescaped=2 * LONGEST + 8, resolved=4 * LONGEST + 24),
)
HITS = _record(
    _numbers("count line_count piece token now part_count"),
    _ints(rows=(MOST_HITS, 8)),
    _ints(heads=MOST_LINES, starts=MOST_LINES, is_title=MOST_LINES, words=MOST_LINES),
    _ints(parts_met=PARTS, parts=PARTS),
)
TABLE = {size: _record(_longs(hashes=size), _ints(values=size)) for size in (NAMES, WORDS)}
TRIE = _record(
    _ints(
        root=ROOTS,
        nodes=(STATES, 2),
        labels=STATES,
        fails=STATES,
        first_part=STATES,
        parts=STATES,
        lengths=STATES,
        borders=STATES,
        depths=STATES,
    )
)
LANGUAGE = _record(
    _ints(folded=CHARACTERS, longer_first=LONGER_LETTERS, longer=LONGER_LETTERS),
    _ints(alphabets=(4, 0x530)),
    [
        ("tags", TABLE[NAMES]),
        ("references", TABLE[NAMES]),
        ("endings", TABLE[NAMES]),
        ("small_words", TABLE[WORDS]),
        ("abbreviations", TABLE[NAMES]),
        ("bordered", TRIE),
        ("inner", TRIE),
    ],
)
JUDGE = _record(
    _numbers("near_count rule_count longest"),
    _ints(
        is_in_phrase=PARTS,
        alone_first=PARTS,
        alone=LITERALS,
        together_first=PARTS,
        together=LITERALS,
        needed_first=LITERALS,
        needed=4 * LITERALS,
        standing_first=LITERALS,
        others_first=STANDINGS,
        others=STANDINGS,
        lengths=STANDINGS,
        words=LITERALS,
        near_first=NEARS,
        limits=NEARS,
        leaves=NEARS,
        counted=NEARS,
        is_inner=NEARS,
        is_ordered=NEARS,
        rule_first=RULES,
        topics=RULES,
    ),
    _longs(
        languages=STANDINGS,
        concepts=(STANDINGS, CONCEPT_WORDS),
        always=CONCEPT_WORDS,
        near_clauses=(CLAUSES, CONCEPT_WORDS),
        near_nears=(CLAUSES, NEAR_WORDS),
        rule_clauses=(CLAUSES, CONCEPT_WORDS),
        rule_nears=(CLAUSES, NEAR_WORDS),
    ),
    [("points", np.float64, RULES), ("enough", np.float64, RULES)],
)
WORK = _record(
    _numbers(
        "now part_count literal_count hit_count phrase_count chosen_count gap_count seen_count "
        "found_count is_loose"
    ),
    _longs(parts_met=PARTS, literals_met=LITERALS),
    _ints(parts=PARTS, literals=LITERALS, hits=MOST_HITS),
    _ints(phrase_places=MOST_HITS, phrases=MOST_HITS),
    _ints(chosen=MOST_HITS, following=MOST_HITS, sizes=MOST_MEASURED),
    _ints(gaps=MOST_GAPS, gap_literals=MOST_GAPS, seen=MOST_SEEN, seen_places=MOST_SEEN),
    _ints(found=MOST_HITS, found_places=MOST_HITS, found_spans=MOST_HITS),
    _longs(whole=CONCEPT_WORDS, line=CONCEPT_WORDS, loose=CONCEPT_WORDS, close=CONCEPT_WORDS),
    _longs(wanted=CONCEPT_WORDS, place_concepts=(MOST_MEASURED, CONCEPT_WORDS)),
    _longs(nears=NEAR_WORDS, line_nears=NEAR_WORDS, loose_nears=NEAR_WORDS),
    _longs(close_nears=NEAR_WORDS, place_nears=(MOST_MEASURED, NEAR_WORDS)),
)


MEMORY = _record(
    [("known", LANGUAGE), ("judge", JUDGE), ("page", PAGE), ("shown", HITS), ("carried", HITS)],
    [("work", WORK), ("close", WORK)],
)
"""All that a first look works on."""


def make(record: np.dtype[np.void]) -> Any:
    """Return a record of zeros."""
    return np.zeros(1, record)[0]


def fill(room: npt.NDArray[Any], values: object) -> None:
    """Write values to the beginning of a record's array; raises TooMuch."""
    array = np.asarray(values, room.dtype)
    if array.size == 0:
        return
    if array.shape[0] > room.shape[0] or array.shape[1:] != room.shape[1:]:
        raise TooMuch(f"{array.shape} where there is room for {room.shape}")
    room[: array.shape[0]] = array
