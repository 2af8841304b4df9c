"""What is suspicious in a keywords file although it can be read.

never     a term that can never match       everything  one that matches nearly every text
duplicate the same phrase listed twice      shadowed    one that adds nothing beside another
missing   a language without a concept that the rules need
gate      a term that would let nearly every archived page through a backfill
empty     nothing at all to look for
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from monitor.match.common_words import common_words
from monitor.match.compiled import build_table
from monitor.match.scan import Scanner
from monitor.model.rules import BUILT_IN_CONCEPTS, ONE_ENTITY, Concept, Condition, Keywords, Rule
from monitor.text.language import LANGUAGES
from monitor.text.normal import normalise
from monitor.text.terms import Phrase, Word, parse_term
from monitor.text.words import Script, script_of

Kind = Literal["never", "everything", "duplicate", "shadowed", "missing", "gate", "empty"]

ANY = "any"
SCRIPTS: Mapping[str, frozenset[Script]] = {
    "zh": frozenset({"unspaced"}),
    "ja": frozenset({"unspaced"}),
    "th": frozenset({"unspaced"}),
    "ko": frozenset({"hangul", "unspaced"}),
    "ar": frozenset({"arabic"}),
    "fa": frozenset({"arabic"}),
    "ur": frozenset({"arabic"}),
}
CYRILLIC = frozenset({"bg", "uk", "ru", "mk", "be", "sr", "bs", "hr"})
SHORT_STEM = 3  # letters; a shorter stem begins a word in every text
SHORT_PART = 4  # letters; a shorter part of words is in a word of every text
SHORT_KEY = 5  # letters; a shorter single word opens the gate
# Behind a phrase, so that it does not stand in a text without accents, where accents do not count.
ACCENTED = ". éèüñçåøşőąč"
FORGIVING = 6  # letters; from so many on a term also finds other accents (monitor.text.terms)
FEW_LANGUAGES = 3  # a concept listed in fewer is not meant for all


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One suspicious thing; `term` and `language` are None where it is about a whole concept."""

    kind: Kind
    concept: str
    problem: str
    cure: str
    language: str | None = None
    term: str | None = None
    line: int | None = None


def lint(keywords: Keywords, *, entities: Iterable[str] = ()) -> list[Finding]:
    """Return everything suspicious, in the order of the file.

    `entities` are the names that `$entity/…` may use.
    """
    if not any(concept.terms for concept in keywords.concepts):
        return [
            Finding(
                kind="empty",
                concept="",
                problem="no term is listed at all",
                cure="list terms under a concept",
            )
        ]
    findings = [
        *(one for concept in keywords.concepts for one in _lint_concept(concept)),
        *_find_missing(keywords),
        *_find_gate_openers(keywords),
        *_find_unknown_entities(keywords, frozenset(entities)),
    ]
    return sorted(findings, key=lambda one: one.line or 0)


def _lint_concept(concept: Concept) -> Iterator[Finding]:
    for language, terms in concept.terms.items():
        for term in terms:
            phrases = parse_term(term, language)
            never = _why_never(phrases, language)
            if never:
                yield _find(concept, language, term, "never", *never)
            elif any(_is_everywhere(phrase, language) for phrase in phrases):
                yield _find(
                    concept, language, term, "everything",
                    f"{term!r} is in nearly every text", "make it longer, or put a word beside it",
                )  # fmt: skip
    yield from _find_overlaps(concept)


def _find(
    concept: Concept, language: str, term: str, kind: Kind, problem: str, cure: str
) -> Finding:
    return Finding(
        kind=kind,
        concept=concept.name,
        language=language,
        term=term,
        line=concept.lines.get((language, term)),
        problem=problem,
        cure=cure,
    )


def _why_never(phrases: Iterable[Phrase], language: str) -> tuple[str, str] | None:
    """Return why no phrase of a term can stand in a text of its language, or None."""
    if language == ANY or any(_can_stand(phrase, language) for phrase in phrases):
        return None
    return (
        f"it is written in letters that texts in {language!r} do not use",
        "list it under its own language, or under 'any'",
    )


def _can_stand(phrase: Phrase, language: str) -> bool:
    return all(_fits(word, language) for word in phrase.words)


def _fits(word: Word, language: str) -> bool:
    if word.text.isascii():
        return True  # names and acronyms in Latin letters stand in texts of any language
    allowed = SCRIPTS.get(language, frozenset({"spaced"}))
    if script_of(word.text) not in allowed:
        return False
    has_cyrillic = any("\u0400" <= letter <= "\u052f" for letter in word.text)
    has_greek = any("\u0370" <= letter <= "\u03ff" for letter in word.text)
    return (not has_cyrillic or language in CYRILLIC) and (not has_greek or language == "el")


def _is_everywhere(phrase: Phrase, language: str) -> bool:
    if len(phrase.words) > 1:
        return all(word.text in common_words(language) for word in phrase.words)
    word = phrase.words[0]
    has_capitals = word.exact is not None and word.exact != word.exact.lower()
    if word.script != "spaced" or has_capitals:
        return len(word.text) == 1
    if word.open_left:
        return len(word.text) < SHORT_PART
    if word.open_right:
        return len(word.text) < SHORT_STEM
    return len(word.text) == 1 or word.text in common_words(language)


def _find_overlaps(concept: Concept) -> Iterator[Finding]:
    """Find terms whose every phrase is found by another term of the concept anyway."""
    listed = [(language, term) for language, terms in concept.terms.items() for term in terms]
    scanner = Scanner(build_table((0, language, term) for language, term in listed))
    seen: dict[tuple[Phrase, ...], tuple[str, str]] = {}
    for language, term in listed:
        phrases = parse_term(term, language)
        plain = tuple(map(_without_capitals, phrases))
        earlier = seen.get(plain)
        if earlier is not None and (earlier[0] == language or ANY in {language, earlier[0]}):
            yield _find(
                concept, language, term, "duplicate",
                f"{term!r} is the same as {earlier[1]!r} under {earlier[0]!r}", "remove one",
            )  # fmt: skip
            continue
        seen.setdefault(plain, (language, term))
        other = _find_shadow(scanner, language, term, phrases)
        if other is not None:
            yield _find(
                concept, language, term, "shadowed",
                f"wherever {term!r} stands, {other!r} is found too",
                "remove it",
            )  # fmt: skip


def _without_capitals(phrase: Phrase) -> Phrase:
    return Phrase(tuple(word._replace(is_name=False) for word in phrase.words), phrase.gaps)


def _find_shadow(
    scanner: Scanner, language: str, term: str, phrases: Iterable[Phrase]
) -> str | None:
    """Return another term that hits the whole of every phrase of this one, or None."""
    shared: set[str] | None = None
    table = scanner.table.terms
    for phrase in phrases:
        written = _write(phrase)
        hits = scanner.scan(normalise(written + ACCENTED), frozenset({language, ANY}))
        end = len(normalise(written).text) - 1
        others = {
            table[hit.term].listed
            for hit in hits.all_of(0)
            if table[hit.term].listed != term
            and (hit.start, hit.end) == (1, end)
            and (_letters(table[hit.term].listed) >= FORGIVING or _letters(term) < FORGIVING)
        }
        shared = others if shared is None else shared & others
        if not shared:
            return None
    return min(shared) if shared else None


def _letters(term: str) -> int:
    return sum(character.isalnum() for character in term)


def _write(phrase: Phrase) -> str:
    """Return the phrase as a text would have it, with other letters where a star allows them."""
    written = _write_word(phrase.words[0])
    for gap, word in zip(phrase.gaps, phrase.words[1:], strict=True):
        written += ("" if gap == -1 else " ") + _write_word(word)
    return written


def _write_word(word: Word) -> str:
    written = word.exact or word.accents
    if word.script in {"unspaced", "hangul"}:
        return written
    filler = "\N{ARABIC LETTER ZAH}\N{ARABIC LETTER GHAIN}" if word.script == "arabic" else "qx"
    return filler * word.open_left + written + filler * word.open_right


def _find_missing(keywords: Keywords) -> Iterator[Finding]:
    """Find languages that have some of the concepts that rules need, but not all."""
    needed = _needed_concepts(keywords)
    languages = _languages_of(keywords)
    spoken = dict.fromkeys(
        language
        for concept in keywords.concepts
        if concept.name in needed
        for language in concept.terms
        if language != ANY
    )
    for concept in keywords.concepts:
        if concept.name not in needed:
            continue
        own = languages[concept.name]
        if len(own - {ANY}) < FEW_LANGUAGES:
            continue
        for language in spoken:
            if language not in own:
                yield Finding(
                    kind="missing",
                    concept=concept.name,
                    language=language,
                    line=concept.line,
                    problem=f"the concept {concept.name!r} has no term in {language!r}",
                    cure=f"add terms in {language!r}; its rules find nothing in that language",
                )


def _needed_concepts(keywords: Keywords) -> set[str]:
    names: set[str] = set()
    for topic in keywords.topics:
        for rule in topic.rules:
            if rule.score > 0:
                names |= _names_needed(rule)
    return {concept.name for concept in keywords.concepts if concept.name in names}


def _names_in(condition: Condition) -> set[str]:
    names: set[str] = set()
    for part in (*condition.any, *condition.all, *condition.near, *condition.and_):
        names |= {part} if isinstance(part, str) else _names_in(part)
    return names


def _names_needed(condition: Condition) -> set[str]:
    """Return the concepts that a condition cannot do without; of alternatives, none is needed."""
    names: set[str] = set()
    alternatives = condition.any if len(condition.any) == 1 else ()
    for part in (*alternatives, *condition.all, *condition.near, *condition.and_):
        names |= {part} if isinstance(part, str) else _names_needed(part)
    return names


def _languages_of(keywords: Keywords) -> dict[str, set[str]]:
    """Return the languages in which each concept has terms, with those it includes."""
    by_name = {concept.name: concept for concept in keywords.concepts}
    known: dict[str, set[str]] = {}

    def languages(name: str) -> set[str]:
        if name in known:
            return known[name]
        known[name] = set()
        concept = by_name.get(name)
        if concept is None:
            known[name] = set(LANGUAGES) if name.startswith("$") else set()
        else:
            own = {language for language, terms in concept.terms.items() if terms}
            known[name] = own.union(*map(languages, concept.includes))
        return known[name]

    for name in by_name:
        languages(name)
    return known


def _find_gate_openers(keywords: Keywords) -> Iterator[Finding]:
    """Find common words that one rule takes for enough by themselves."""
    by_name = {concept.name: concept for concept in keywords.concepts}
    for topic in keywords.topics:
        for rule in topic.rules:
            for name in sorted(_sole_keys(rule)):
                concept = by_name.get(name)
                if concept is None or rule.score <= 0 or rule.after_strong:
                    continue
                for language, terms in concept.terms.items():
                    for term in terms:
                        if any(_is_short_key(one) for one in parse_term(term, language)):
                            yield _find(
                                concept, language, term, "gate",
                                f"the rule {rule.name!r} holds by {term!r} alone, which is common:"
                                " nearly every archived page would be extracted",
                                "make the term longer, or add 'and:' to the rule",
                            )  # fmt: skip


def _sole_keys(rule: Rule) -> set[str]:
    """Return the concepts by which alone a rule can hold."""
    if rule.and_ or rule.all or rule.near:
        return set()
    return {part for part in rule.any if isinstance(part, str)}


def _is_short_key(phrase: Phrase) -> bool:
    if len(phrase.words) > 1:
        return False
    word = phrase.words[0]
    return len(word.text) < (2 if word.script == "unspaced" else SHORT_KEY)


def _find_unknown_entities(keywords: Keywords, entities: frozenset[str]) -> Iterator[Finding]:
    if not entities:
        return
    used = {name for concept in keywords.concepts for name in concept.includes}
    for topic in keywords.topics:
        for rule in topic.rules:
            used |= _names_in(rule)
    for name in sorted(used):
        if name.startswith(ONE_ENTITY) and name.removeprefix(ONE_ENTITY) not in entities:
            yield Finding(
                kind="never",
                concept=name,
                problem=f"there is no entity {name.removeprefix(ONE_ENTITY)!r}",
                cure="use a name of the entity data, or " + ", ".join(BUILT_IN_CONCEPTS[-5:]),
            )
