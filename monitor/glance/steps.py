"""The steps of a first look, each one call into compiled code.

They take all memory at once, as an array of one record: numba takes 20 µs to see what each record
is that it is handed by itself, for a page a sixth of all.
"""

from __future__ import annotations

from monitor.glance.compiled import compiled
from monitor.glance.markup import read_page
from monitor.glance.records import Memory
from monitor.glance.scan import scan
from monitor.glance.skipping import has_controls
from monitor.glance.stream import clear
from monitor.glance.utf_8 import is_utf_8
from monitor.glance.verdict import could_match, could_match_whole
from monitor.glance.wholes import find_wholes

ALL_LANGUAGES = -1
READ, ODD, CONTROLS, NEW_LETTERS, NO_TEXT = range(5)
NOWHERE, SHOWN, CARRIED = 0, 1, 2
MUCH_PROSE = 1_500
LITTLE = 1_500
"""Letters of a page of which all may be one line, its words glued together wherever tags stand."""


@compiled
def read(memory: Memory, is_clean: bool) -> int:
    """Read the page whose source is in memory, and find the parts in it; return how it went.

    ODD where nothing can be said of it; CONTROLS where it holds what extraction deletes before it
    reads, and NO_TEXT where it is no UTF-8, if it was not said to be clean; NEW_LETTERS where some
    are to be learned first.
    """
    page, known = memory[0].page, memory[0].known
    if not is_clean:
        source = page.source[: page.source_length]
        if not is_utf_8(source):
            return NO_TEXT
        if has_controls(source):
            return CONTROLS
    page.is_whole = 0
    clear(page)
    read_page(known, page)
    if page.shown.length < LITTLE and page.shown.prose < MUCH_PROSE:
        page.is_whole = 1
        clear(page)
        read_page(known, page)
    if page.shown.unknown_count or page.carried.unknown_count:
        return NEW_LETTERS
    if page.shown.is_odd or page.carried.is_odd:
        return ODD
    scan(page.shown, known, memory[0].shown)
    scan(page.carried, known, memory[0].carried)
    return ODD if page.shown.is_odd or page.carried.is_odd else READ


@compiled
def find_whole(memory: Memory) -> int:
    """Return where a topic could be mentioned if all there stood together: SHOWN, CARRIED."""
    look = memory[0]
    found = NOWHERE
    if could_match_whole(look.judge, look.work, look.shown, look.carried, ALL_LANGUAGES):
        found |= SHOWN
    if could_match_whole(look.judge, look.work, look.carried, look.shown, ALL_LANGUAGES):
        found |= CARRIED
    return found


@compiled
def could_mention(memory: Memory, places: int, languages: int) -> bool:
    """Say whether a topic could be mentioned in some of the places, in these languages."""
    look, page = memory[0], memory[0].page
    works = look.work, look.close
    if places & SHOWN and could_match_whole(
        look.judge, look.work, look.shown, look.carried, languages
    ):
        is_short = page.shown.prose < MUCH_PROSE  # for the last resort, which joins lines
        could = could_match(
            look.judge, works, page.shown, look.shown, look.carried, languages, is_short
        )
        if could and is_short:  # if all of it were one line
            find_wholes(look.known, page)
            could = could_match(
                look.judge, works, page.shown, look.shown, look.carried, languages, False
            )
        if could:
            return True
    if places & CARRIED:
        return could_match(
            look.judge, works, page.carried, look.carried, look.shown, languages, False
        )
    return False
