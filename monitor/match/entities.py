"""Name the organisations, operations, reports, people and bureaus that a text mentions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from monitor.match.data_lines import read_lines, split_terms
from monitor.model.matches import Field, Mention

_FOLDER = Path(__file__).parent / "data" / "entities"

EntityKind = Literal["organisation", "operation", "report", "person", "place"]


@dataclass(frozen=True, kw_only=True)
class EntityTerm:
    """One spelling of an entity, in the term syntax of keywords.yaml.

    `language` is `any`: a name in another script or spelling is a name in every language.
    """

    language: str
    literal: str
    entity: str
    kind: EntityKind


@dataclass(frozen=True, kw_only=True)
class EntityHit:
    """One spelling found in a text."""

    entity: str
    kind: EntityKind
    field: Field
    start: int
    end: int


def entity_terms() -> Iterable[EntityTerm]:
    """Yield every spelling of every entity; the kind is the name of the file it stands in."""
    for kind in get_args(EntityKind):
        for _, entity, value in read_lines(_FOLDER / f"{kind}.yaml"):
            for literal in split_terms(value):
                yield EntityTerm(language="any", literal=literal, entity=entity, kind=kind)


def find_mentions(hits: Sequence[EntityHit]) -> tuple[Mention, ...]:
    """Return the mentions in order of place; where hits overlap, the longest wins."""
    order: dict[str, int] = {"title": 0, "text": 1}
    taken: list[EntityHit] = []
    for hit in sorted(hits, key=lambda h: (order[h.field], h.start, -h.end)):
        last = taken[-1] if taken else None
        if last is not None and last.field == hit.field and hit.start < last.end:
            if hit.end - hit.start > last.end - last.start:
                taken[-1] = hit
            continue
        taken.append(hit)
    return tuple(
        Mention(entity=h.entity, kind=h.kind, field=h.field, start=h.start, end=h.end)
        for h in taken
    )
