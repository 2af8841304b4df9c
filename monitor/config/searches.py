"""What a search feed asks for: a topic of keywords.yaml, in the words that stand there."""

from __future__ import annotations

import itertools
import re

from monitor.model import Concept, Keywords, Topic
from monitor.urls.search_feeds import build_query

_PHRASE = re.compile(r"[\w'’.&-]+(?: [\w'’.&-]+)*")
SHORTEST_PHRASE = 6
"""A shorter one finds everything; where words are not spaced, a character says more."""

MOST_FORMS = 4
"""Of one term with alternatives."""


def build_topic_query(topic: str, keywords: Keywords, language: str | None) -> str:
    """Return the query for `topic` in `language`; empty where it has no phrase that says enough.

    Only phrases that make a report by themselves are taken (`any` of a rule that reaches the
    threshold alone), since a search company knows nothing of distances and penalties.
    """
    found = next((each for each in keywords.topics if each.id == topic), None)
    if found is None:
        return ""
    concepts = {concept.name: concept for concept in keywords.concepts}
    return build_query(list_phrases(found, concepts, language or "en"))


def list_phrases(topic: Topic, concepts: dict[str, Concept], language: str) -> list[str]:
    """Return the phrases that name `topic` outright, as they are written, the strongest first."""
    names = [
        name
        for rule in sorted(topic.rules, key=lambda rule: -rule.score)
        if rule.score >= topic.report_at
        for name in rule.any
        if isinstance(name, str)
    ]
    phrases: list[str] = []
    for name in dict.fromkeys(names):
        phrases += _terms(name, concepts, language, seen=set())
    return phrases


def _terms(name: str, concepts: dict[str, Concept], language: str, *, seen: set[str]) -> list[str]:
    concept = concepts.get(name)
    if concept is None or name in seen:
        return []
    seen.add(name)
    found = [phrase for term in concept.terms.get(language, ()) for phrase in as_phrases(term)]
    for inner in concept.includes:
        found += _terms(inner, concepts, language, seen=seen)
    return found


def as_phrases(term: str) -> list[str]:
    """Return a term as texts to search for: `foreign police (post|office)*` is two.

    The `*` that ends a stem is left out: search companies find the forms of a word by themselves.
    Empty where it is a pattern that no search knows, such as a stem in the middle of a phrase.
    """
    if re.search(r"\*\)?\??\s+\S", term):
        return []
    plain = re.sub(r"(?:\([^()]*\)|\w)\?", "", term.lstrip("=")).replace("*", "")
    choices = [part.split("|") for part in re.split(r"[()]", plain)]
    texts = [" ".join("".join(parts).split()) for parts in itertools.product(*choices)]
    return [text for text in texts[:MOST_FORMS] if _says_enough(text)]


def _says_enough(text: str) -> bool:
    if not _PHRASE.fullmatch(text):
        return False
    return len(text) >= SHORTEST_PHRASE or (len(text) >= 4 and not text.isascii())
