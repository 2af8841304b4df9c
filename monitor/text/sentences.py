"""Where sentences end, in any script; paragraphs are separated by a newline.

Prefers too few ends to too many: an abbreviation or an ordinal number ends no sentence.
Without domain knowledge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# A stop with what closes behind it; CJK and other stops need no space after them.  A run of stops
# is tried at its beginning only, so that the search is linear.
END = re.compile(
    r"(?<![.!?…؟۔])[.!?…؟۔]++[\"'“”’»›)\]]*+(?=\s)"
    r"|[。！？｡]+[」』”’）〕]*"
    r"|[।॥։]+"
    r"|\n+"
)
NEXT_LETTER = re.compile(r"[\s\"'„“”‘’«»‹›(\[—–-]*(\S)")
LAST_WORD = re.compile(r"([^\W_]+(?:\.[^\W_]+)*)\.$")
LONGEST_LOOK = 24

# Before a full stop these end no sentence; single letters and numbers below 100 are told by shape.
# Words that end a sentence as often (no, es, on, max) are left out.
_ABBREVIATIONS = """
mr mrs ms dr prof st sr jr rev hon gen col lt sgt capt cpl det insp supt vs etc inc ltd corp dept
approx jan feb mar apr jun jul aug sep sept oct nov dec fig vol
nr bzw usw str tel zzgl evtl ggf inkl mio mrd sog vgl
sig dott avv geom pag cfr ecc ud uds sra srta dra excmo núm pág avda mme mlle
dhr mevr drs mw blz bijv enz
tzv tzn např apod atd resp mgr bc rndr judr phdr nám tj npr np tzw inż tys mln mld zł godz
br čl ul gosp gđa itd kb stb ld özv jud șos osv dvs fx mfl esim ym klo
гг ул им тов др пр стр тыс млн млрд руб рис ст т.е т.д т.п вул ім грн тис г-н г-жа бул
αρ κα στρ βλ π.χ δηλ χλμ bkz vb örn çev
"""
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())


# Where an ordinal stands before a capital: German writes its nouns and months so.
_BEFORE_ORDINAL = "am der die das den dem des vom zum zur beim im ab bis seit jeder jede jedes"
BEFORE_ORDINAL = frozenset(_BEFORE_ORDINAL.split())


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Return the spans of the sentences, in order, without the white space around them."""
    return list(iterate_sentences(text))


def iterate_sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the sentences as `split_sentences` returns them, for who needs a few."""
    start = 0
    for found in END.finditer(text):
        if not _ends_sentence(text, found):
            continue
        yield from _strip(text, start, found.end())
        start = found.end()
    yield from _strip(text, start, len(text))


def _strip(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield (start, end)


def _ends_sentence(text: str, found: re.Match[str]) -> bool:
    stop = found[0]
    if stop[0] not in ".!?…":
        return True
    if _goes_on(text, found.end()):
        return False
    return stop != "." or not _is_abbreviated(text, found)


def _is_abbreviated(text: str, found: re.Match[str]) -> bool:
    """Say whether the full stop belongs to an abbreviation, an initial or an ordinal number."""
    before = LAST_WORD.search(text[max(0, found.start() - LONGEST_LOOK) : found.end()])
    if before is None:
        return False
    word = before[1]
    if word.isdecimal():
        return len(word) <= 2 and _is_ordinal(text, found.start() - len(word))
    if len(word) == 1:
        return True
    return word.casefold() in ABBREVIATIONS


def _is_ordinal(text: str, start: int) -> bool:
    """Say whether a number counts what follows: `am 15. Juni` does, `he was 15. Then` does not."""
    words = text[max(0, start - LONGEST_LOOK) : start].split()
    return not words or words[-1].casefold() in BEFORE_ORDINAL


def _goes_on(text: str, at: int) -> bool:
    """Say whether what follows begins like the middle of a sentence."""
    following = NEXT_LETTER.match(text, at, at + LONGEST_LOOK)
    return following is not None and following[1].islower()
