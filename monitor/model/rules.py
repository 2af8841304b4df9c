"""keywords.yaml as values: what the file says, checked, but not yet compiled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Span = Literal["same sentence", "next sentence", "same paragraph"]


@dataclass(frozen=True, kw_only=True)
class Window:
    """How near the parts of a `near` must stand; every limit that is set must hold.

    `words` counts the words between, where a language spaces them; `characters` counts characters
    in scripts without spaces, and everywhere when `words` is None.
    """

    words: int | None = None
    characters: int | None = None
    span: Span | None = None


@dataclass(frozen=True, kw_only=True)
class Concept:
    """A named set of terms by language; the language `any` is for every text.

    `except_terms` swallow: a hit inside one of them is no hit.
    `includes` names concepts whose terms count as this one's own.
    `lines` gives the line of each (language, term) in the file, for messages.
    """

    name: str
    terms: dict[str, tuple[str, ...]]
    lines: dict[tuple[str, str], int]
    except_terms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    includes: tuple[str, ...] = ()
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What must be there; each part is the name of a concept, or a condition of its own.

    any   one of the parts is there                and_  also, anywhere in the text, each of these
    all   every one of them is there               not_  and none of these in the same sentence
    near  every one, inside `within`
    """

    any: tuple[Part, ...] = ()
    all: tuple[Part, ...] = ()
    near: tuple[Part, ...] = ()
    within: Window | None = None
    ordered: bool = False
    and_: tuple[Part, ...] = ()
    not_: tuple[Part, ...] = ()


Part = str | Condition


@dataclass(frozen=True, kw_only=True)
class Rule(Condition):
    """One rule of a topic: a condition, and what it is worth.

    `after_strong` counts only behind the place where other rules have reached the report threshold.
    `zones` limits where it may hit; empty is everywhere.
    `not_in_title` holds what silences it in the whole article when the title holds it.
    `at_most` is the number of sentences in which it may count.
    A negative score is a penalty, and takes only from hits in its own sentence.
    """

    name: str
    score: float
    after_strong: bool = False
    zones: tuple[str, ...] = ()
    not_in_title: tuple[Part, ...] = ()
    at_most: int = 1
    tag: str | None = None
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Example:
    """A text that the file itself judges; most are a title alone."""

    title: str
    text: str = ""
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Examples:
    """Texts that the file itself must flag as `report`, as `mention`, or not at all."""

    report: tuple[Example, ...] = ()
    mention: tuple[Example, ...] = ()
    none: tuple[Example, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Topic:
    """What is watched for.

    `sentences_needed` is how many sentences with evidence make a report without a hit in the title.
    """

    id: str
    title: str
    rules: tuple[Rule, ...]
    report_at: float
    mention_at: float
    examples: Examples
    sentences_needed: float = 2.0
    alert: bool = True
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Weights:
    """What a hit's score is multiplied by in each zone."""

    title: float = 2.0
    lead: float = 1.5
    body: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Keywords:
    """A whole keywords.yaml; `version` is the hex SHA-256 of the file's bytes.

    `home` are countries (ISO 3166-1 alpha-2) that are never abroad and never host a report.
    """

    version: str
    concepts: tuple[Concept, ...]
    topics: tuple[Topic, ...]
    home: tuple[str, ...] = ()
    weights: Weights = Weights()
    file: str = "keywords.yaml"


# Concepts that the program brings; `$entity/NAME` is one entity of the entity data.
PLACE_KINDS = ("name", "people", "city", "body", "acronym")
ENTITY_CONCEPTS = {
    "organisation": "$organisation",
    "operation": "$operation",
    "report": "$report",
    "person": "$person",
    "place": "$bureau",
}
BUILT_IN_CONCEPTS = (
    *(
        name if kind is None else f"{name}/{kind}"
        for name in ("$abroad", "$home", "$place")
        for kind in (None, *PLACE_KINDS)
    ),
    *ENTITY_CONCEPTS.values(),
)
ONE_ENTITY = "$entity/"
