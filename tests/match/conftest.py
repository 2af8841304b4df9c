"""A matcher from a few lines of YAML, as a person would write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import dedent

import pytest

from monitor.config.keywords import read_keywords
from monitor.match.concepts import ConceptHits, ConceptTable
from monitor.match.countries import PlaceTerm
from monitor.match.entities import EntityTerm
from monitor.match.matcher import Matcher
from monitor.match.scan import Scanner
from monitor.model.rules import Concept
from monitor.text.normal import normalise

Watch = Callable[..., Matcher]

PLACES = (
    PlaceTerm(language="any", literal="Dublin", code="IE", kind="city"),
    PlaceTerm(language="en", literal="Ireland", code="IE", kind="name"),
    PlaceTerm(language="en", literal="Irish", code="IE", kind="people"),
    PlaceTerm(language="en", literal="Turkey", code="TR", kind="name"),
    PlaceTerm(language="en", literal="Freedonia*", code="FI", kind="name"),
)
ENTITIES = (
    EntityTerm(language="any", literal="Ada Lovelace", entity="Ada Lovelace", kind="person"),
    EntityTerm(language="any", literal="Lady Trust*", entity="Lady Trust", kind="organisation"),
)


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    def build(yaml: str) -> Matcher:
        path = tmp_path / "keywords.yaml"
        path.write_text(dedent(yaml), "utf-8")
        return Matcher(read_keywords(path), places=PLACES, entities=ENTITIES)

    return build


Find = Callable[..., list[str]]


@pytest.fixture
def find() -> Find:
    """Return what of a text a list of terms finds, as written."""

    def run(
        *terms: str, text: str, language: str = "en", excepted: Sequence[str] = ()
    ) -> list[str]:
        concept = Concept(
            name="thing",
            terms={language: terms},
            except_terms={language: tuple(excepted)} if excepted else {},
            lines={},
        )
        table = ConceptTable()
        table.add_concepts([concept])
        normal = normalise(text)
        hits = Scanner(table.terms).scan(normal, frozenset({language, "any"}))
        concepts = ConceptHits(table, hits, table.find_holders())
        found = concepts.of(table.number("thing"))
        return sorted({text[normal.start_of(h.start) : normal.end_of(h.end)] for h in found})

    return run
