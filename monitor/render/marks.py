"""Passages as slices of the original, with the matched words marked.

Everything here counts in offsets of the original; cleaning comes last, character by character, so
that a mark can neither move nor grow (FAULTS D3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from monitor.model.digest import Quote
from monitor.model.matches import Match, Passage
from monitor.render.clean import show_character

Span = tuple[int, int]

# About two lines on a phone before the passage and after it, where no sentence ends sooner.
CONTEXT = 140
LONGEST_QUOTE = 700
ENDS = ".!?…。！？؟।\n"
# A full stop ends a sentence only before a space; the others always do.
SENTENCE_END = re.compile(r"[。！？؟।\n]|[.!?…][\"'”’»)\]]*(?=\s)")


def quote_matches(text: str, matches: Sequence[Match], *, most: int = 3) -> tuple[Quote, ...]:
    """Return the passages of the text that made `matches`, best first, at most `most`.

    Passages that overlap or touch become one quote. Hits in the title alone give none, for the
    title is shown anyway (`title_marks`).
    """
    spans = [
        (_widen(text, passage.start, passage.end), _term_spans(passage))
        for passage in _passages(matches, "text")
        if text[passage.start : passage.end] == passage.text and passage.text
    ]
    merged: list[tuple[Span, list[Span]]] = []
    for span, marks in spans:
        for index, (known, known_marks) in enumerate(merged):
            if span[0] <= known[1] and known[0] <= span[1]:
                union = (min(span[0], known[0]), max(span[1], known[1]))
                merged[index] = (union, known_marks + marks)
                break
        else:
            merged.append((span, marks))
    return tuple(_quote(text, span, marks) for span, marks in merged[:most])


def title_marks(title: str, matches: Sequence[Match]) -> tuple[Span, ...]:
    """Return the offsets of the matched words in `title`."""
    return merge_spans(
        span
        for passage in _passages(matches, "title")
        if title[passage.start : passage.end] == passage.text
        for span in _term_spans(passage)
    )


def merge_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return `spans` sorted, the empty ones left out and those that overlap joined."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def marked_pieces(text: str, marks: Iterable[Span]) -> tuple[tuple[str, bool], ...]:
    """Return `text` cut at its marks, cleaned for showing, each piece with whether it is marked.

    Line breaks become spaces; hidden characters are shown as in `clean.visible`.
    """
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in merge_spans((max(a, 0), min(b, len(text))) for a, b in marks):
        pieces.append((_clean(text, at, start), False))
        pieces.append((_clean(text, start, end), True))
        at = end
    pieces.append((_clean(text, at, len(text)), False))
    return tuple(piece for piece in pieces if piece[0])


def _clean(text: str, start: int, end: int) -> str:
    shown = "".join(show_character(text, index) for index in range(start, end))
    return shown.replace("\n", " ").replace("\t", " ")


def _passages(matches: Sequence[Match], field: str) -> list[Passage]:
    return [passage for match in matches for passage in match.passages if passage.field == field]


def _term_spans(passage: Passage) -> list[Span]:
    spans = [
        (term.start, term.end)
        for term in passage.terms
        if term.field == passage.field and passage.start <= term.start < term.end <= passage.end
    ]
    return spans or [(passage.start, passage.end)]


def _widen(text: str, start: int, end: int) -> Span:
    """Return the span grown to the sentences around it, by CONTEXT characters at most each way."""
    end = min(end, start + LONGEST_QUOTE)
    floor, ceiling = max(0, start - CONTEXT), min(len(text), end + CONTEXT)
    before = [found.end() for found in SENTENCE_END.finditer(text, floor, start)]
    left = before[-1] if before else _word_border(text, floor, start)
    after = None if text[end - 1] in ENDS else SENTENCE_END.search(text, end, ceiling)
    if text[end - 1] in ENDS:
        right = end
    else:
        right = after.end() if after else _word_border(text, ceiling, end)
    while left < start and text[left].isspace():
        left += 1
    while right > end and text[right - 1].isspace():
        right -= 1
    return left, right


def _word_border(text: str, edge: int, keep: int) -> int:
    """Return the space nearest to `edge` on the way to `keep`, or `edge` where none is near."""
    if edge in (0, len(text)):
        return edge
    if edge < keep:
        found = text.find(" ", edge, min(edge + 20, keep))
        return found + 1 if found >= 0 else edge
    found = text.rfind(" ", max(edge - 20, keep), edge)
    return found if found >= 0 else edge


def _quote(text: str, span: Span, marks: Iterable[Span]) -> Quote:
    start, end = span
    end = min(end, start + LONGEST_QUOTE + 2 * CONTEXT)
    before = text[max(0, start - CONTEXT) : start].rstrip(" ")
    return Quote(
        text=text[start:end],
        marks=merge_spans((max(a, start) - start, min(b, end) - start) for a, b in marks),
        cut_before=bool(before) and before[-1] not in ENDS,
        cut_after=end < len(text) and text[end - 1] not in ENDS,
    )
