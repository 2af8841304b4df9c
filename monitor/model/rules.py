"""keywords.yaml as values: what the file says, checked, but not yet compiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WindowUnit = Literal["words", "characters", "same sentence", "next sentence"]


@dataclass(frozen=True, kw_only=True)
class Window:
    """How near the concepts of a `near` must stand.

    `words` counts words where a language spaces them and falls back to `characters` where it does
    not; `same sentence` and `next sentence` have no number.
    """

    unit: WindowUnit
    size: int = 0
    characters: int = 30


@dataclass(frozen=True, kw_only=True)
class Concept:
    """A named set of terms by language; the language `any` is for every text.

    `lines` gives the line of each (language, term) in the file, for messages.
    """

    name: str
    terms: dict[str, tuple[str, ...]]
    lines: dict[tuple[str, str], int]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of a topic; each name in `any`, `all`, `near`, `and_`, `not_` is a concept.

    any   one of the concepts is there             and_  also, anywhere in the text, each of these
    all   every one of them is there                not_  and none of these in the same sentence
    near  every one, inside `within`                after_strong  counts only after a hit scoring
                                                                  at least the report threshold
    `zones` limits where it may hit; empty is everywhere.
    A negative score is a penalty, and takes only from hits in its own sentence.
    """

    name: str
    score: float
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    within: Window | None = None
    ordered: bool = False
    and_: tuple[str, ...] = ()
    not_: tuple[str, ...] = ()
    after_strong: bool = False
    zones: tuple[str, ...] = ()
    tag: str | None = None
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Examples:
    """Sentences that the file itself must flag as `report`, as `mention`, or not at all."""

    report: tuple[str, ...] = ()
    mention: tuple[str, ...] = ()
    none: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Topic:
    """What is watched for."""

    id: str
    title: str
    rules: tuple[Rule, ...]
    report_at: float
    mention_at: float
    examples: Examples
    alert: bool = True
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Keywords:
    """A whole keywords.yaml; `version` is the hex SHA-256 of the file's bytes."""

    version: str
    concepts: tuple[Concept, ...]
    topics: tuple[Topic, ...]
    file: str = "keywords.yaml"
