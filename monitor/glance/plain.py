"""Plain text, written many characters at once: compiled code.

What `stream.put` does with letters, spaces and signs of common alphabets is done here in one loop,
which keeps the state of the stream at hand until it meets something else.
"""

from __future__ import annotations

from monitor.glance.compiled import compiled, unchecked
from monitor.glance.letters import LONGER, SPACE
from monitor.glance.names import PRIME, START_OF_HASH
from monitor.glance.records import Ints, Language, Stream
from monitor.glance.stream import (
    BEHIND_SPACE,
    BEHIND_STOP,
    FIRST_ODD,
    NO_STOP,
    STOPS,
    is_capital,
    is_white,
    note_small_word,
    put,
)

_AMP, _LESS, _GREATER = 38, 60, 62


@compiled
def put_text(out: Stream, known: Language, source: Ints, at: int, end: int) -> int:
    """Write the text that begins here, one character at least; return how far it is written."""
    following = put_plain(out, known, source, at, end)
    if following > at:
        return following
    put(out, known, source[at])
    return at + 1


@unchecked
def is_common(number: int) -> bool:
    """Say whether a character is of a common alphabet, and no sign of markup."""
    return 0 <= number < FIRST_ODD and number not in (_AMP, _LESS, _GREATER)


@unchecked
def may_be_stop(number: int, stop: int) -> bool:
    """Say whether a sign between words may belong to the end of a sentence."""
    return stop != NO_STOP or number in STOPS


@unchecked
def put_plain(out: Stream, known: Language, source: Ints, at: int, end: int) -> int:
    """Write characters up to the first that `put` has more to do with; return where it stands."""
    letters, folded, length = out.letters, known.folded, out.length
    # None becomes more than one letter, but the first may end a sentence: there is room for all.
    at, end = max(at, 0), min(end, len(source), at + len(letters) - length - 1)
    if out.wide or at >= end:
        return at
    start, is_bordered = at, out.is_bordered
    is_open = not is_bordered and out.pending_count == 0
    is_spaced = length > 0 and letters[length - 1] == SPACE
    token, is_cut, is_space = out.token, out.is_cut, out.is_space
    piece, piece_hash = out.piece, out.piece_hash
    stop, is_changed = out.stop, out.is_changed
    while at < end:
        number = source[at]
        letter = folded[number] if is_common(number) else 0
        if not SPACE <= letter < LONGER:
            break
        if letter == SPACE and is_white(number):
            if token != START_OF_HASH and not is_cut:
                note_small_word(out, known, token)
            token, is_cut, is_space = START_OF_HASH, 0, 1
            is_open = not is_bordered
            stop += stop == BEHIND_STOP  # and is BEHIND_SPACE
        elif is_open and (letter != SPACE or not may_be_stop(number, stop)):
            token = (token ^ number) * PRIME
            piece += 2 if is_space and piece else 1
            piece_hash = (piece_hash ^ number) * PRIME
            is_space = 0
        else:
            break
        if letter == SPACE:
            is_changed = 0
        elif stop != NO_STOP:
            letters[length] = SPACE
            length += stop == BEHIND_SPACE and is_capital(number)
            stop = NO_STOP
        letters[length] = letter
        length += letter != SPACE or not is_spaced
        is_spaced = letter == SPACE
        at += 1
    if at == start:
        return at
    out.length, out.touching = length, -1 if is_spaced else length - 1
    out.pending_count = 0
    out.token, out.is_cut, out.is_space = token, is_cut, is_space
    out.piece, out.piece_hash = piece, piece_hash
    out.stop, out.is_changed = stop, is_changed
    return at
