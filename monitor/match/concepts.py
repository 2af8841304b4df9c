"""Concepts as numbers: what each is made of, and its hits in a text.

A concept has its own terms, the concepts it includes, and terms that swallow.  Names that begin
with `$` are brought by the program: countries and entities.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field

from monitor.match.compiled import TermTable
from monitor.match.countries import PlaceKind, PlaceTerm
from monitor.match.entities import EntityKind, EntityTerm
from monitor.match.scan import Hit, TextHits, drop_swallowed
from monitor.model.rules import ENTITY_CONCEPTS, ONE_ENTITY, Concept

CAPITALISED = frozenset({"name", "city"})
NO_COUNTRY = "--"


@dataclass(slots=True)
class Plan:
    """What a concept is made of: numbers of others, and of its exceptions.

    `simple` are parts that have terms and nothing else; there are thousands in `$place`.
    """

    name: str
    parts: list[int] = field(default_factory=list)
    simple: set[int] = field(default_factory=set)
    swallow: int | None = None
    needs_capital: bool = False


@dataclass(slots=True)
class ConceptTable:
    """All concepts of a file, those the program brings, and the terms of both."""

    plans: list[Plan] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    terms: TermTable = field(default_factory=TermTable)
    places: dict[int, tuple[str, PlaceKind]] = field(default_factory=dict)
    entities: dict[int, tuple[str, EntityKind]] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """Return the number of a concept, making it if it is new."""
        known = self.numbers.get(name)
        if known is None:
            known = self.numbers[name] = len(self.plans)
            self.plans.append(Plan(name))
        return known

    def add_concepts(self, concepts: Iterable[Concept]) -> None:
        """Add the concepts of a file; raises TermError."""
        for concept in concepts:
            number = self.number(concept.name)
            for language, listed in concept.terms.items():
                for term in listed:
                    self.terms.add(number, language, term)
            self.plans[number].parts += [self.number(name) for name in concept.includes]
            if concept.except_terms:
                swallow = self.number(f"{concept.name} except")
                self.plans[number].swallow = swallow
                for language, listed in concept.except_terms.items():
                    for term in listed:
                        self.terms.add(swallow, language, term)

    def add_places(self, places: Iterable[PlaceTerm], home: Sequence[str]) -> None:
        """Add countries and cities; `home` are the codes that are not abroad."""
        for place in places:
            number = self.number(f"place {place.code} {place.kind}")
            if number not in self.places:
                self.places[number] = (place.code, place.kind)
                self.plans[number].needs_capital = place.kind in CAPITALISED
                self._group_place(number, place, home)
            self.terms.add(number, place.language, place.literal)

    def _group_place(self, number: int, place: PlaceTerm, home: Sequence[str]) -> None:
        if place.code == NO_COUNTRY:
            return
        for group in ("$place", "$home" if place.code in home else "$abroad"):
            self.plans[self.number(group)].simple.add(number)
            self.plans[self.number(f"{group}/{place.kind}")].simple.add(number)

    def find_holders(self) -> dict[int, frozenset[int]]:
        """Return, for each concept, itself and all that include it, directly or not."""
        above: dict[int, set[int]] = {number: set() for number in range(len(self.plans))}
        for number, plan in enumerate(self.plans):
            for part in (*plan.parts, *plan.simple):
                above[part].add(number)
        holders: dict[int, frozenset[int]] = {}
        for number in above:
            found, waiting = {number}, [number]
            while waiting:
                new = above[waiting.pop()] - found
                found |= new
                waiting += new
            holders[number] = frozenset(found)
        return holders

    def add_entities(self, entities: Iterable[EntityTerm]) -> None:
        """Add the spellings of organisations, operations, reports, people and bureaus."""
        for entity in entities:
            number = self.number(f"entity {entity.kind} {entity.entity}")
            if number not in self.entities:
                self.entities[number] = (entity.entity, entity.kind)
                for group in (ENTITY_CONCEPTS[entity.kind], f"{ONE_ENTITY}{entity.entity}"):
                    self.plans[self.number(group)].simple.add(number)
            self.terms.add(number, entity.language, entity.literal)


class ConceptHits:
    """The hits of every concept in one text, each worked out once and only when asked for."""

    def __init__(
        self, table: ConceptTable, hits: TextHits, holders: dict[int, frozenset[int]]
    ) -> None:
        self._table = table
        self._hits = hits
        self._known: dict[int, list[Hit]] = {}
        # Concepts that can have a hit, without looking at borders and accents.
        self.there: set[int] = set().union(*(holders[number] for number in hits.candidates))

    def among(self, numbers: Container[int]) -> list[int]:
        """Return those of the numbers that have candidates, in order."""
        return sorted(number for number in self._hits.candidates if number in numbers)

    def of(self, number: int) -> list[Hit]:
        """Return the hits of a concept, in order of place."""
        known = self._known.get(number)
        if known is None:
            self._known[number] = []
            known = self._known[number] = self._find(number) if number in self.there else []
        return known

    def _find(self, number: int) -> list[Hit]:
        plan = self._table.plans[number]
        hits = self._hits.hits_of(number)
        if plan.needs_capital:
            hits = [hit for hit in hits if self._has_capital(hit)]
        simple = [part for part in self._hits.candidates if part in plan.simple]
        several = [found for part in (*plan.parts, *simple) if (found := self.of(part))]
        if several:
            spans = {(hit.start, hit.end): hit for some in [*several, hits] for hit in some}
            hits = sorted(spans.values())
        if plan.swallow is not None and hits:
            hits = drop_swallowed(hits, self.of(plan.swallow))
        return hits

    def _has_capital(self, hit: Hit) -> bool:
        normal = self._hits.normal
        return not normal.original[normal.start_of(hit.start)].islower()
