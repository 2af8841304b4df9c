"""Why a text was flagged, or why not, as lines that a terminal can colour.

The words are here, the colours are the caller's: each piece says what it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from monitor.model.matches import Analysis, Field, Match, NearMiss, Passage, RuleHit, TermHit

Role = Literal["text", "term", "heading", "rule", "detail", "good", "bad"]

AROUND = 80  # characters shown on either side of a passage
LONGEST = 600


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of a line; `role` says how it should stand out."""

    text: str
    role: Role = "text"


Line = tuple[Piece, ...]


def explain(analysis: Analysis, *, title: str, text: str) -> list[Line]:
    """Return the explanation of one article, topic by topic, then what came closest.

    Nothing is escaped here: a caller that prints must make control characters visible.
    """
    lines: list[Line] = [_language(analysis)]
    for match in analysis.matches:
        lines += _explain_match(match, title=title, text=text)
    for miss in analysis.near_misses:
        lines += _explain_miss(miss)
    if not analysis.matches and not analysis.near_misses:
        lines.append(_line("no concept of any rule is in this text", "bad"))
    if analysis.countries:
        lines.append(_line(f"host countries: {', '.join(analysis.countries)}", "detail"))
    return lines


def _language(analysis: Analysis) -> Line:
    read = ", ".join(analysis.languages) or "none"
    return _line(f"language {analysis.language or 'unknown'}; terms read: {read}, any", "detail")


def _explain_match(match: Match, *, title: str, text: str) -> Iterator[Line]:
    yield ()
    yield (Piece(text=f"{match.topic}: {match.level.value}", role="heading"),)
    for hit in match.hits:
        yield from _explain_hit(hit, title=title, text=text)
    tags = f"; tags: {', '.join(match.tags)}" if match.tags else ""
    yield _line(
        f"  score {match.score:g} (mention at {match.mention_at:g}, report at {match.report_at:g});"
        f" evidence worth {match.sentences:g} sentences (a report needs"
        f" {match.sentences_needed:g}){tags}",
        "good" if match.level.value == "report" else "detail",
    )
    if match.set_aside:
        yield _line("  found, but not counted:", "detail")
    for hit in match.set_aside:
        yield (
            Piece(text=f"    {hit.rule}", role="rule"),
            Piece(text=f": {hit.note}", role="detail"),
        )


def _explain_hit(hit: RuleHit, *, title: str, text: str) -> Iterator[Line]:
    yield (
        Piece(text=f"  {hit.rule}", role="rule"),
        Piece(text=f"  {hit.score:g} points: {_sum(hit)}", role="detail"),
    )
    for passage in hit.passages:
        source = title if passage.field == "title" else text
        yield (Piece(text="    "), *mark_passage(source, passage))
        for term in passage.terms:
            yield _line(f"      {_describe_term(term)}", "detail")
    if hit.distance is not None:
        yield _line(f"      {hit.distance} between them", "detail")


def _sum(hit: RuleHit) -> str:
    """Return how the score of a hit came about."""
    less = f" less {hit.penalty:g} for its sentence" if hit.penalty else ""
    tag = f", tag {hit.tag}" if hit.tag else ""
    return f"{hit.points:g}{less}, times {hit.weight:g} in the {hit.zone}{tag}"


def _describe_term(term: TermHit) -> str:
    written = " ".join(term.written.split())
    listed = "" if term.listed == written else f", listed as {term.listed!r}"
    return f"{term.concept}: {written!r}{listed}, {term.field} {term.start}–{term.end}"


def _explain_miss(miss: NearMiss) -> Iterator[Line]:
    yield ()
    yield (Piece(text=f"{miss.topic}: not a report", role="heading"),)
    yield (
        Piece(text=f"  closest rule: {miss.rule}", role="rule"),
        Piece(text=f"  {miss.missing}", role="bad"),
    )
    for term in miss.found:
        yield _line(f"    {_describe_term(term)}", "detail")
    yield _line(f"  score {miss.score:g} of {miss.threshold:g}", "detail")


def mark_passage(source: str, passage: Passage) -> Line:
    """Return a passage with some text around it, its terms marked, on one line."""
    start = max(0, passage.start - AROUND)
    end = min(len(source), passage.end + AROUND, start + LONGEST)
    pieces: list[Piece] = []
    at = start
    for first, last in _spans(passage.terms, passage.field):
        if first < at or last > end:
            continue
        pieces += [_flat(source[at:first]), _flat(source[first:last], "term")]
        at = last
    pieces.append(_flat(source[at:end]))
    before = [Piece(text="… ", role="detail")] if start else []
    behind = [Piece(text=" …", role="detail")] if end < len(source) else []
    return tuple(piece for piece in (*before, *pieces, *behind) if piece.text)


def _spans(terms: Iterable[TermHit], field: Field) -> Sequence[tuple[int, int]]:
    return sorted({(term.start, term.end) for term in terms if term.field == field})


def _flat(text: str, role: Role = "text") -> Piece:
    return Piece(text=text.replace("\n", " "), role=role)


def _line(text: str, role: Role) -> Line:
    return (Piece(text=text, role=role),)
