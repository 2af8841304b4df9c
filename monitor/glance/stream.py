"""A page's text as folded letters with marks between them, written by compiled code.

letters, SPACE between words, two between sentences, JOINT where a word may go on, TAG for a tag,
and marks of lines: LINE around what is a line by itself, TITLE in front of a title
"""

from __future__ import annotations

from monitor.glance.borders import begins_paragraph, is_joined, note_text
from monitor.glance.compiled import compiled
from monitor.glance.letters import JOINT, LONGER, NOTHING, SPACE, UNKNOWN
from monitor.glance.names import ABSENT, PRIME, START_OF_HASH, look_up
from monitor.glance.records import Bytes, Ints, Language, Page, Stream

LINE, TITLE, TAG = 4, 5, 6
LAST_MARK = 7
NOWHERE = -1
ALWAYS = -1  # of `joined_at`: all of the page may be one line
LONG_LINE = 80
MOST_LOOKS = 64
LONGEST_READING = 7
# What stands in front of a character: Chinese, or what may be left out; such and a bracket, so many
# letters behind that.
IS_WIDE, IN_BRACKETS, MOST_READ = 1, 2, 2 + LONGEST_READING
FIRST_ODD = 0x1160  # the characters from here on are looked at by `note_odd`
NO_STOP, BEHIND_STOP, BEHIND_SPACE = 0, 1, 2  # how much of the end of a sentence was read
SHORTEST_LAST = 3  # letters of a word that surely may end a sentence
MOST_ALPHABETS = 0x700  # letters below are of alphabets with words
STOPS = (33, 46, 63)
QUOTES = (34, 0x201C, 0x201D, 0xBB)
WIDE_STOPS = (0x3002, 0xFF01, 0xFF1F, 0xFF61)  # these end a sentence whatever follows


@compiled
def clear(page: Page) -> None:
    """Make a page ready to be written."""
    page.table_depth = page.row_at = page.selects = page.in_heading = page.in_title = 0
    page.depth = page.script_count = page.is_torn = 0
    page.joined_at = ALWAYS if page.is_whole else 0
    page.piece_at = NOWHERE
    clear_stream(page.shown)
    clear_stream(page.carried)


@compiled
def clear_stream(out: Stream) -> None:
    """Make a stream ready to be written."""
    out.length = out.is_odd = out.is_cut = out.piece = out.prose = out.is_space = out.wide = 0
    out.title_due = out.is_bordered = out.border_count = 0
    out.is_stray = out.line = out.group_count = out.grouped_count = 0
    out.border_depth = out.lowest = 1
    out.open_joins[0] = out.open_kinds[0] = out.open_unsure[0] = 0
    out.open_lines[0] = out.open_groups[0] = -1
    out.token = out.piece_hash = START_OF_HASH
    out.glued = NOWHERE
    out.in_word = out.leap_count = out.unknown_count = 0
    out.stop = out.is_changed = out.tags = out.line_tags[0] = out.whole_count = 0
    out.small_words[:] = 0
    out.pieces[:] = 0


@compiled
def put_mark(out: Stream, mark: int) -> None:
    """Write a mark."""
    out.letters[out.length] = mark
    out.length += 1


@compiled
def find_place(out: Stream) -> int:
    """Return the place behind the last of what is written, tags and joints apart."""
    at: int = out.length
    while at and out.letters[at - 1] in (TAG, JOINT):
        at -= 1
    return at


@compiled
def put_border(out: Stream, mark: int) -> None:
    """Write the mark of a line that goes on nowhere in front of it."""
    place = find_place(out)
    while out.leap_count and out.leaps[out.leap_count - 1, 1] == place:
        out.leap_count -= 1  # it would lead to the mark
    out.in_word, out.glued = 0, NOWHERE
    out.stop = NO_STOP
    put_mark(out, mark)
    if mark == LINE:
        out.line += 1
        out.line_tags[out.line] = out.tags


@compiled
def add_leap(out: Stream, start: int) -> None:
    """Note that what stands between a place and this one may be left out, in a word's midst."""
    end, last = find_place(out), out.leap_count - 1
    if start == end or (last >= 0 and out.leaps[last, 0] == start and out.leaps[last, 1] == end):
        return
    out.leaps[last + 1, 0] = start
    out.leaps[last + 1, 1] = end
    out.leap_count += 1
    out.in_word = 1
    out.wide = max(out.wide, IS_WIDE)


@compiled
def note_glued(out: Stream) -> None:
    """Note that what follows touches the last letter, whatever space and tags stand between."""
    at = out.length
    while at and out.letters[at - 1] in (SPACE, TAG, JOINT):
        at -= 1
    if at and out.letters[at - 1] > SPACE:
        out.glued = at


@compiled
def put_joint(out: Stream) -> None:
    """Write that a word may go on or end here; nothing where it has ended already."""
    out.stop = NO_STOP
    at = out.length
    if at and out.letters[at - 1] > LAST_MARK and out.letters[at - 1] != SPACE:
        put_mark(out, JOINT)


@compiled
def put_tag(out: Stream) -> None:
    """Write that a tag stands here: a word may go on or end, and what follows be left out."""
    out.stop = NO_STOP
    if out.length == 0 or out.letters[out.length - 1] != TAG:
        put_mark(out, TAG)


@compiled
def end_token(out: Stream, known: Language) -> None:
    """Note the word as written that has come to its end."""
    if out.token != START_OF_HASH:
        if not out.is_cut:
            note_small_word(out, known, out.token)
        out.token = START_OF_HASH
    out.is_cut = 0


@compiled
def note_small_word(out: Stream, known: Language, token: int) -> None:
    """Note a word as written if it is a small word of a language, by its hash."""
    word = look_up(known.small_words, token)
    if word != ABSENT:
        out.small_words[word] = 1


@compiled
def cut_token(out: Stream) -> None:
    """Note that a tag stands in or beside the word as written."""
    out.is_cut = 1


@compiled
def end_piece(out: Stream) -> None:
    """Note the end of a piece of text between tags; a long one counts as prose, once."""
    if out.piece >= LONG_LINE:
        last = len(out.pieces) - 1
        at = out.piece_hash & last
        looked = 0
        while out.pieces[at] != 0 and out.pieces[at] != out.piece_hash and looked < MOST_LOOKS:
            at = (at + 1) & last
            looked += 1
        if out.pieces[at] == 0:
            out.pieces[at] = out.piece_hash
            out.prose += out.piece
    out.piece = 0
    out.is_space = 0
    out.piece_hash = START_OF_HASH


@compiled
def put_space(out: Stream) -> None:
    """Write the border of a word."""
    if out.length == 0 or out.letters[out.length - 1] != SPACE:
        put_mark(out, SPACE)
    out.in_word = 0


@compiled
def put_letter(out: Stream, letter: int) -> None:
    """Write a folded letter."""
    if out.glued >= 0:
        add_leap(out, out.glued)
        out.glued = NOWHERE
    out.in_word = 1
    put_mark(out, letter)


@compiled
def is_white(number: int) -> bool:
    """Say whether a character is white space, as `str.split` has it."""
    if number <= 32:
        return number == 32 or 9 <= number <= 13 or 28 <= number <= 31
    if number < 0x1680:
        return number in (0x85, 0xA0)
    return (
        number == 0x1680
        or 0x2000 <= number <= 0x200A
        or 0x2028 <= number <= 0x2029
        or number in (0x202F, 0x205F, 0x3000)
    )


@compiled
def note_raw(out: Stream, known: Language, number: int) -> None:
    """Count a character as it is written: in its word, and in its piece of text."""
    if is_white(number):
        end_token(out, known)
        out.is_space = 1
        return
    if out.is_bordered:
        begin_text(out)
    out.token = (out.token ^ number) * PRIME
    if out.is_space and out.piece:
        out.piece += 1
    out.is_space = 0
    out.piece += 1
    out.piece_hash = (out.piece_hash ^ number) * PRIME


@compiled
def begin_text(out: Stream) -> None:
    """Note that text stands behind borders of blocks: in a line of its own, or in that before."""
    out.is_bordered = 0
    if not is_joined(out):
        put_border(out, LINE)
    elif begins_paragraph(out):
        put_space(out)
    else:
        note_glued(out)
    if out.title_due:
        put_mark(out, TITLE)
        out.title_due = 0
    note_text(out)


@compiled
def put_unsure(out: Stream) -> None:
    """Write a sign that parts words to some parsers and is left out by others."""
    if out.is_bordered:
        begin_text(out)
    put_joint(out)


@compiled
def put_either(out: Stream, known: Language, letters: Bytes | Ints, number: int) -> None:
    """Write a sign with some letters behind it, and a character that stands there instead."""
    if out.is_bordered:
        begin_text(out)
    start, glued = find_place(out) if out.in_word else NOWHERE, out.glued
    cut_token(out)
    put_tag(out)
    put_space(out)
    for letter in letters:
        put(out, known, letter)
    last = find_place(out) if out.in_word else NOWHERE
    put_tag(out)
    out.in_word, out.glued = 0, glued
    if start >= 0:
        add_leap(out, start)
    put(out, known, number)
    put_tag(out)
    if last >= 0:
        add_leap(out, last)
    cut_token(out)


@compiled
def note_odd(out: Stream, number: int, letter: int) -> None:
    """Note what is read in its context: letters in parts, syllables beside Chinese characters.

    A syllable in brackets between characters may be left out, as `monitor.text.disguise` does.
    """
    if 0x1160 <= number <= 0x11FF or 0x3099 <= number <= 0x309A:
        out.is_odd = 1
    if 0x3400 <= number <= 0x9FFF:
        out.wide = IS_WIDE
    elif number in (40, 0xFF08) and (out.glued >= 0 or (out.wide and out.in_word)):
        out.bracket_at = out.glued if out.glued >= 0 else find_place(out)
        out.wide = IN_BRACKETS
    elif IN_BRACKETS <= out.wide < MOST_READ and is_of_syllable(number):
        out.wide += 1
    elif out.wide > IN_BRACKETS and number in (41, 0xFF09):
        put_tag(out)  # no plain word
        add_leap(out, out.bracket_at)
        out.wide = IS_WIDE
    elif letter != NOTHING:
        out.wide = 0


@compiled
def is_of_syllable(number: int) -> bool:
    """Say whether a character may be one of pinyin."""
    return 97 <= number <= 122 or 0xE0 <= number <= 0x24F or 0x300 <= number <= 0x36F


@compiled
def note_stop(out: Stream, known: Language, number: int) -> None:
    """Note a sign between words, as far as it may belong to the end of a sentence.

    Ends are those of `monitor.text.sentences`, and only the sure ones: a word and its stop, white
    space and a capital, all in one piece of text, so that they stay together.
    """
    if number in STOPS:
        out.stop = BEHIND_STOP if ends_word(out, known) else NO_STOP
    elif number in WIDE_STOPS:
        put_mark(out, SPACE)
        out.stop = NO_STOP
    elif out.stop == BEHIND_STOP and is_white(number):
        out.stop = BEHIND_SPACE
    elif number not in QUOTES and not is_white(number):
        out.stop = NO_STOP
    out.is_changed = 0


@compiled
def ends_word(out: Stream, known: Language) -> bool:
    """Say whether the word before the last space may end a sentence: no abbreviation, no number."""
    letters, last = out.letters, out.length - 1
    at, hashed = last, START_OF_HASH
    while at > 0 and SPACE < letters[at - 1] < MOST_ALPHABETS and not 48 <= letters[at - 1] <= 57:
        at -= 1
        hashed = (hashed ^ letters[at]) * PRIME
    is_word = letters[at - 1] == SPACE and last - at >= SHORTEST_LAST and not out.is_changed
    return is_word and look_up(known.abbreviations, hashed) == ABSENT


@compiled
def end_sentence(out: Stream, number: int) -> None:
    """Write the end of a sentence, which is a second space, if a capital follows."""
    if out.stop == BEHIND_SPACE and is_capital(number):
        put_mark(out, SPACE)
    out.stop = NO_STOP


@compiled
def is_capital(number: int) -> bool:
    """Say whether a letter is a capital; some are not known."""
    if number < 0x370:
        return 65 <= number <= 90 or (0xC0 <= number <= 0xDE and number != 0xD7)
    return 0x391 <= number <= 0x3A9 or 0x400 <= number <= 0x42F


@compiled
def put(out: Stream, known: Language, number: int) -> None:
    """Write a character of a text, by its code point."""
    note_raw(out, known, number)
    letter = known.folded[number]
    if number >= FIRST_ODD or out.wide or out.glued >= 0:
        note_odd(out, number, letter)
    if letter == SPACE and not is_white(number):
        out.glued = NOWHERE
    if number in (60, 62):
        put_tag(out)
        put_space(out)
    elif letter == SPACE:
        put_space(out)
        note_stop(out, known, number)
    elif JOINT < letter < LONGER:
        if out.stop != NO_STOP:
            end_sentence(out, number)
        put_letter(out, letter)
    else:
        put_unusual(out, known, number, letter)


@compiled
def put_unusual(out: Stream, known: Language, number: int, letter: int) -> None:
    """Write a character that becomes no letter or several, or is met for the first time."""
    if letter == JOINT:
        put_joint(out)
        return
    out.is_changed = 1
    if number not in QUOTES:
        out.stop = NO_STOP
    if letter >= LONGER:
        at = letter - LONGER
        for place in range(known.longer_first[at], known.longer_first[at + 1]):
            put_letter(out, known.longer[place])
    elif letter == UNKNOWN and out.unknown_count < len(out.unknown):
        out.unknown[out.unknown_count] = number
        out.unknown_count += 1
