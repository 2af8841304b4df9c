"""A verdict as the value that other rooms see: passages are slices of the original, always."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.match.concepts import ConceptTable
from monitor.match.layout import Layout
from monitor.match.scan import Hit
from monitor.match.scoring import Candidate, Verdict
from monitor.model.matches import Level, Match, Passage, RuleHit, TermHit

LONGEST_PASSAGE = 500  # characters; a wider one is shown as its terms
MOST_SET_ASIDE = 20


def build_match(verdict: Verdict, layout: Layout, table: ConceptTable) -> Match:
    """Return the match that a verdict with a level makes."""
    return Match(
        topic=verdict.topic.id,
        level=verdict.level or Level.MENTION,
        score=round(verdict.score, 3),
        report_at=verdict.topic.report_at,
        mention_at=verdict.topic.mention_at,
        hits=tuple(build_hit(one, layout, table) for one in verdict.counted),
        tags=verdict.tags,
        set_aside=tuple(
            build_hit(one, layout, table) for one in verdict.set_aside[:MOST_SET_ASIDE]
        ),
        sentences=verdict.sentences,
        sentences_needed=verdict.needed,
    )


def build_hit(candidate: Candidate, layout: Layout, table: ConceptTable) -> RuleHit:
    """Return one candidate as a rule's hit."""
    return RuleHit(
        rule=candidate.rule.name,
        score=round(candidate.score, 3),
        zone=layout.sentences[candidate.sentence].zone,
        passages=tuple(build_passages(candidate, layout, table)),
        distance=candidate.found.distance,
        note=candidate.note,
        points=candidate.rule.score,
        weight=candidate.weight,
        penalty=candidate.penalty,
        tag=candidate.rule.tag,
    )


def build_passages(candidate: Candidate, layout: Layout, table: ConceptTable) -> list[Passage]:
    """Return the place of the hit, and those of what must also be there."""
    found = candidate.found
    terms = build_terms(found.terms, layout, table)
    passages: list[Passage] = []
    start, end = layout.original(found.start, found.end)
    if end - start <= LONGEST_PASSAGE and len({term.field for term in terms}) == 1:
        passages.append(_build_passage(start, end, candidate, terms, layout))
    else:
        passages += _each_alone(found.terms, candidate, layout, table)
    return passages + _each_alone(found.also, candidate, layout, table)


def _each_alone(
    terms: Iterable[tuple[int, Hit]], candidate: Candidate, layout: Layout, table: ConceptTable
) -> list[Passage]:
    return [
        _build_passage(
            *layout.original(hit.start, hit.end),
            candidate,
            build_terms([(concept, hit)], layout, table),
            layout,
        )
        for concept, hit in terms
    ]


def _build_passage(
    start: int, end: int, candidate: Candidate, terms: tuple[TermHit, ...], layout: Layout
) -> Passage:
    field, first, last = layout.place(start, end)
    return Passage(
        field=field,
        start=first,
        end=last,
        text=layout.normal.original[start:end],
        rule=candidate.rule.name,
        terms=terms,
    )


def build_terms(
    terms: Iterable[tuple[int, Hit]], layout: Layout, table: ConceptTable
) -> tuple[TermHit, ...]:
    """Return terms as listed and as written."""
    built: list[TermHit] = []
    for concept, hit in terms:
        start, end = layout.original(hit.start, hit.end)
        field, first, last = layout.place(start, end)
        built.append(
            TermHit(
                concept=table.plans[concept].name,
                listed=table.terms.terms[hit.term].listed,
                written=layout.normal.original[start:end],
                field=field,
                start=first,
                end=last,
            )
        )
    return tuple(built)
