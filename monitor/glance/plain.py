"""Plain text, written many characters at once: compiled code.

What `stream.put` does with letters, spaces and signs of common alphabets is done here in one loop,
which keeps the state of the stream at hand until it meets something else.
"""

from __future__ import annotations

from monitor.glance.compiled import compiled, unchecked
from monitor.glance.letters import JOINT, LONGER, SPACE
from monitor.glance.names import PRIME, START_OF_HASH
from monitor.glance.records import Ints, Language, Stream
from monitor.glance.stream import (
    BEHIND_SPACE,
    BEHIND_STOP,
    FIRST_ODD,
    LAST_MARK,
    LINE,
    NO_STOP,
    STOPS,
    is_capital,
    is_white,
    note_small_word,
    put,
)

NOTHING = 0  # what a character becomes that is left out
_AMP, _LESS, _GREATER = 38, 60, 62


@compiled
def put_text(out: Stream, known: Language, source: Ints, at: int, end: int) -> int:
    """Write the text that begins here, one character at least; return how far it is written."""
    following = put_plain(out, known, source, at, end)
    if following > at:
        return following
    put(out, known, source[at])
    return at + 1


@compiled
def is_plain(number: int) -> bool:
    """Say whether a character is in the table of letters, nothing to `note_odd`, and not MAYBE."""
    return 0 < number < FIRST_ODD or 0x1200 <= number < 0x3000


@compiled
def is_simple(number: int, letter: int, stop: int) -> bool:
    """Say whether a character is a letter, or a sign of neither markup nor a sentence's end."""
    if SPACE < letter < LONGER:
        return True
    if stop != NO_STOP or number in STOPS or number in (_AMP, _LESS, _GREATER):
        return False
    return letter in (NOTHING, JOINT, SPACE)


@unchecked
def put_plain(out: Stream, known: Language, source: Ints, at: int, end: int) -> int:
    """Write characters up to the first that `put` has more to do with; return where it stands."""
    letters, folded, length = out.letters, known.folded, out.length
    # None becomes more than one letter, but the first may end a sentence: there is room for all.
    at, end = max(at, 0), min(end, len(source), at + len(letters) - length - 1)
    if out.wide or at >= end:
        return at
    is_open = not out.is_bordered and out.glued < 0
    start, token, is_cut, is_space = at, out.token, out.is_cut, out.is_space
    piece, piece_hash, in_word = out.piece, out.piece_hash, out.in_word
    stop, is_changed = out.stop, out.is_changed
    last = letters[length - 1] if length > 0 else LINE
    while at < end and is_plain(source[at]):
        number = source[at]
        letter = folded[number]
        if letter == SPACE and is_white(number):
            if not is_cut and token != START_OF_HASH:
                note_small_word(out, known, token)
            token, is_cut, is_space = START_OF_HASH, 0, 1
            stop += stop == BEHIND_STOP  # and is BEHIND_SPACE
        elif not is_open or not is_simple(number, letter, stop):
            break
        else:
            letters[length] = SPACE  # between sentences, or to be written over
            length += stop == BEHIND_SPACE and is_capital(number)
            stop = NO_STOP
            first, piece = at, piece + (1 if is_space and piece else 0)
            is_space = 0
            at, length, token, piece_hash, is_first = put_words(
                out, known, source, (at, end), length, token, piece_hash, is_cut
            )
            piece += at - first
            if at > first:
                last, in_word = letter, 1
                if not is_first:
                    is_cut = is_changed = 0
                continue
            piece += 1
            token, piece_hash = (token ^ number) * PRIME, (piece_hash ^ number) * PRIME
        at += 1
        in_word = in_word and letter != SPACE
        is_changed = is_changed if letter == JOINT else letter == NOTHING
        if last != SPACE and (letter == SPACE or (letter == JOINT and last > LAST_MARK)):
            letters[length] = last = letter
            length += 1
    if at > start:
        out.length, out.in_word = length, in_word
        out.token, out.is_cut, out.is_space = token, is_cut, is_space
        out.piece, out.piece_hash = piece, piece_hash
        out.stop, out.is_changed = stop, is_changed
    return at


@unchecked
def put_words(
    out: Stream,
    known: Language,
    source: Ints,
    where: tuple[int, int],
    length: int,
    token: int,
    piece_hash: int,
    is_cut: int,
) -> tuple[int, int, int, int, bool]:
    """Write words with one space between each two for `put_plain`.

    Returns where they end, and what has changed by it; and whether there was one word only.
    """
    letters, folded = out.letters, known.folded
    at, end = where
    is_first = True
    while True:
        while at < end and is_plain(source[at]):
            number = source[at]
            letter = folded[number]
            if not SPACE < letter < LONGER:
                break
            letters[length] = letter
            length += 1
            token = (token ^ number) * PRIME
            piece_hash = (piece_hash ^ number) * PRIME
            at += 1
        if (
            at == where[0]
            or at + 1 >= end
            or source[at] != SPACE
            or not is_plain(source[at + 1])
            or not SPACE < folded[source[at + 1]] < LONGER
        ):
            return at, length, token, piece_hash, is_first
        if not (is_cut and is_first):
            note_small_word(out, known, token)
        token, is_first = START_OF_HASH, False
        letters[length] = SPACE
        length += 1
        at += 1
