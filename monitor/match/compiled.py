"""Every term of a file as literals for one automaton, and what a hit of each must still show.

    terms → phrases → runs (stretches that are written without a gap) → literals

A space in a literal is the border of a word.  Without knowledge of rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from monitor.text.terms import Phrase, Word, parse_term

# The letters that Arabic writes before a word without a space: and, so; in, to, like; the.
ARABIC_PREFIXES = frozenset(
    first + second + article
    for first in ("", "و", "ف", "ا")
    for second in ("", "ب", "ك", "ل", "س")
    for article in ("", "ال", "ل")
)
ARABIC_ENDINGS = frozenset({"", "ا"})  # the accusative of an indefinite noun
SHORT_WORD = 6  # words with fewer letters are told apart by their accents


class Run(NamedTuple):
    """A stretch of a phrase that is found as one literal.

    `left` and `right` say what else may belong to the written word there:
    "" nothing (a border is in the literal), "open" anything, "arabic" the usual letters.
    `accents` holds the accents of each word where they count, `exact` the letters as written,
    `names` whether each is listed with a capital.
    """

    literal: str
    left: str
    right: str
    accents: tuple[str, ...] | None
    exact: tuple[str | None, ...] | None
    names: tuple[bool, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Say whether none of the words is listed with an accent."""
        return self.accents is None or all(word.isascii() for word in self.accents)


class Term(NamedTuple):
    """One phrase of a listed term: its runs, and the gap allowed before each but the first."""

    concept: int
    language: str
    listed: str
    runs: tuple[Run, ...]
    gaps: tuple[int, ...]


# Place of a term, its language, its concept, and the literals it needs beside the one it is under.
Key = tuple[int, str, int, tuple[int, ...]]


@dataclass(slots=True)
class TermTable:
    """All terms, found by the literals that they cannot do without.

    `by_literal` holds, for each literal, the terms whose longest it is: place, language, concept,
    and the other literals that the term needs.
    """

    terms: list[Term] = field(default_factory=list)
    literals: dict[str, int] = field(default_factory=dict)
    by_literal: list[list[Key]] = field(default_factory=list)
    run_ids: list[tuple[int, ...]] = field(default_factory=list)

    def add(self, concept: int, language: str, listed: str) -> None:
        """Add a listed term; raises TermError."""
        for phrase in parse_term(listed, language):
            runs, gaps = split_runs(phrase)
            ids = tuple(self._literal(run.literal) for run in runs)
            longest = max(range(len(runs)), key=lambda place: len(runs[place].literal))
            others = tuple(number for number in ids if number != ids[longest])
            self.by_literal[ids[longest]].append((len(self.terms), language, concept, others))
            self.terms.append(Term(concept, language, listed, runs, gaps))
            self.run_ids.append(ids)

    def _literal(self, literal: str) -> int:
        known = self.literals.get(literal)
        if known is None:
            known = self.literals[literal] = len(self.literals)
            self.by_literal.append([])
        return known


def split_runs(phrase: Phrase) -> tuple[tuple[Run, ...], tuple[int, ...]]:
    """Return the runs of a phrase and the gaps between them."""
    groups: list[list[Word]] = [[phrase.words[0]]]
    gaps: list[int] = []
    joins: list[list[int]] = [[]]
    for gap, word in zip(phrase.gaps, phrase.words[1:], strict=True):
        if _belongs(groups[-1][-1], gap, word):
            groups[-1].append(word)
            joins[-1].append(gap)
        else:
            groups.append([word])
            joins.append([])
            gaps.append(gap)
    runs = tuple(_make_run(words, join) for words, join in zip(groups, joins, strict=True))
    return runs, tuple(gaps)


def _belongs(before: Word, gap: int, word: Word) -> bool:
    """Say whether two words beside each other can be found as one literal."""
    if gap == -1:
        return True
    if gap > 0 or "arabic" in {before.script, word.script}:
        return False
    open_before = before.open_right and before.script != "unspaced"
    open_after = word.open_left and word.script != "unspaced"
    return not open_before and not open_after


def _make_run(words: list[Word], joins: list[int]) -> Run:
    first, last = words[0], words[-1]
    if first.script == "arabic":
        return _make_arabic_run(first)
    literal = words[0].text
    for join, word in zip(joins, words[1:], strict=True):
        literal += ("" if join == -1 else " ") + word.text
    left = "" if not first.open_left else ("bare" if first.script == "unspaced" else "open")
    right = "" if not last.open_right else ("bare" if last.script == "unspaced" else "open")
    literal = ("" if left else " ") + literal + ("" if right else " ")
    exact = tuple(word.exact for word in words) if any(word.exact for word in words) else None
    names = tuple(word.is_name for word in words)
    return Run(literal, left, right, _accents(words, joins), exact, names)


def _make_arabic_run(word: Word) -> Run:
    """Return the word without its article, which may be there or not, or be hidden in a prefix."""
    text = word.text
    if text.startswith("ال") and len(text) >= 5 and not word.open_left:
        text = text[2:]
    left = "open" if word.open_left else "arabic"
    right = "open" if word.open_right else "arabic"
    return Run(text, left, right, None, None)


def _accents(words: list[Word], joins: list[int]) -> tuple[str, ...] | None:
    """Return the accents of the words, or None where none can tell two words apart."""
    if -1 in joins or any(word.script != "spaced" for word in words):
        return None
    if any(word.exact for word in words):
        return tuple(word.accents for word in words)
    tells = any(len(word.text) < SHORT_WORD and _has_accents_in(word.text) for word in words)
    return tuple(word.accents for word in words) if tells else None


def _has_accents_in(folded: str) -> bool:
    """Say whether the alphabet of a folded word has letters with accents: Latin and Greek do."""
    return any("a" <= letter <= "z" or "\u03b1" <= letter <= "\u03c9" for letter in folded)


def build_table(listed: Iterable[tuple[int, str, str]]) -> TermTable:
    """Return the table of (concept, language, term) triples; raises TermError."""
    table = TermTable()
    for concept, language, term in listed:
        table.add(concept, language, term)
    return table
