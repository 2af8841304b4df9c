"""What the matcher finds, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Field = Literal["title", "text"]
Zone = Literal["title", "lead", "body"]


class Level(StrEnum):
    """How much of the article is about the topic."""

    REPORT = "report"  # the headline, the lead or a section: alert
    MENTION = "mention"  # a sentence: digest only


@dataclass(frozen=True, kw_only=True)
class TermHit:
    """One term found: as listed in the file, and as written (a slice of the original)."""

    concept: str
    listed: str
    written: str
    field: Field
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A stretch of the original that made a rule hit; `text == original[start:end]`, always."""

    field: Field
    start: int
    end: int
    text: str
    rule: str
    terms: tuple[TermHit, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RuleHit:
    """One rule that hit, what it came to, and where.

    `score` is `points` (the rule's own) less `penalty` (of rules in the same sentence), never below
    0, times `weight` (the zone's).
    `distance` is in words, or in characters where words are not spaced; None without a window.
    `note` says why a hit that was set aside does not count, or what one that counts rests on.
    """

    rule: str
    score: float
    zone: Zone
    passages: tuple[Passage, ...]
    distance: int | None = None
    note: str = ""
    points: float = 0.0
    weight: float = 1.0
    penalty: float = 0.0
    tag: str | None = None


@dataclass(frozen=True, kw_only=True)
class Match:
    """One topic found in one article.

    `hits` are the rules that counted, best first; `set_aside` are hits that did not, with the
    reason in their note (a repeated block, words counted already, a penalty).
    `sentences` is how much of the article is evidence, against `sentences_needed` for a report.
    """

    topic: str
    level: Level
    score: float
    report_at: float
    mention_at: float
    hits: tuple[RuleHit, ...]
    tags: tuple[str, ...] = ()
    set_aside: tuple[RuleHit, ...] = ()
    sentences: float = 0.0
    sentences_needed: float = 0.0

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Return every passage of every rule that counted for the topic, best rule first."""
        return tuple(passage for hit in self.hits for passage in hit.passages)


@dataclass(frozen=True, kw_only=True)
class NearMiss:
    """The rule that came closest in a topic that was not flagged, and what was missing."""

    topic: str
    rule: str
    found: tuple[TermHit, ...]
    missing: str
    score: float
    threshold: float


@dataclass(frozen=True, kw_only=True)
class Mention:
    """One entity found; `kind` is organisation, operation, report, person or place."""

    entity: str
    kind: str
    field: Field
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """All that the matcher says of one article.

    `countries` are the host countries, ISO 3166-1 alpha-2, most likely first.
    `languages` are the languages whose rules ran.
    `blocks` are the hashes of the text blocks in which rules hold, counted or set aside, for the
    site's count.
    """

    language: str | None
    languages: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()
    mentions: tuple[Mention, ...] = ()
    countries: tuple[str, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()
    blocks: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SiteBlocks:
    """A frozen snapshot of the text blocks that repeat on a site's pages.

    `repeated` are hashes as `monitor.text.blocks` makes them; a hit only inside such a block does
    not count. `version` grows with every change, and is stored with each match.
    """

    site: str = ""
    version: int = 0
    repeated: frozenset[int] = frozenset()
