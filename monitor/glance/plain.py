"""Plain text, written many characters at once: compiled code.

What `stream.put` does with letters, spaces and signs of common alphabets is done here in one loop,
which keeps the state of the stream at hand until it meets something else.
"""

from __future__ import annotations

from monitor.glance.compiled import compiled, unchecked
from monitor.glance.letters import LONGER, SPACE
from monitor.glance.names import PRIME, START_OF_HASH
from monitor.glance.records import Ints, Language, Stream
from monitor.glance.stream import FIRST_ODD, is_white, note_small_word, put

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
def put_plain(out: Stream, known: Language, source: Ints, at: int, end: int) -> int:
    """Write characters up to the first that `put` has more to do with; return where it stands."""
    letters, folded, length = out.letters, known.folded, out.length
    # None becomes more than one letter, so there is room for all.
    at, end = max(at, 0), min(end, len(source), at + len(letters) - length)
    if out.wide or at >= end:
        return at
    start, is_bordered = at, out.is_bordered
    is_open = not is_bordered and out.pending_count == 0
    is_spaced = length > 0 and letters[length - 1] == SPACE
    token, is_cut, is_space = out.token, out.is_cut, out.is_space
    piece, piece_hash = out.piece, out.piece_hash
    while at < end:
        number = source[at]
        if not 0 <= number < FIRST_ODD or number in (_AMP, _LESS, _GREATER):
            break
        letter = folded[number]
        if not SPACE <= letter < LONGER:
            break
        if letter == SPACE and is_white(number):
            if token != START_OF_HASH and not is_cut:
                note_small_word(out, known, token)
            token, is_cut, is_space = START_OF_HASH, 0, 1
            is_open = not is_bordered
        elif is_open:
            token = (token ^ number) * PRIME
            piece += 2 if is_space and piece else 1
            piece_hash = (piece_hash ^ number) * PRIME
            is_space = 0
        else:
            break
        if letter != SPACE or not is_spaced:
            letters[length] = letter
            length += 1
        is_spaced = letter == SPACE
        at += 1
    if at == start:
        return at
    out.length, out.touching = length, -1 if is_spaced else length - 1
    out.pending_count = 0
    out.token, out.is_cut, out.is_space = token, is_cut, is_space
    out.piece, out.piece_hash = piece, piece_hash
    return at
