"""What must be in a page's text before any rule can reach a mention: a filter before extraction.

A page that the gate rules out can hold no match; most that it lets through hold none either.
"""

from __future__ import annotations

from collections.abc import Sequence

from monitor.match.concepts import ConceptHits, ConceptTable
from monitor.match.scan import Scanner
from monitor.match.topics import CompiledTopic
from monitor.model.rules import Weights
from monitor.text.language import LANGUAGES
from monitor.text.normal import normalise

ALL_LANGUAGES = frozenset((*LANGUAGES, "any"))


class Gate:
    """Necessary conditions of the rules, on literals alone, in all languages at once.

    The text must hold whatever extraction might keep: title, meta, JSON-LD, and the visible text
    twice, with tags as nothing and as spaces, so that each word stands whole in one of them.
    """

    def __init__(
        self,
        table: ConceptTable,
        holders: dict[int, frozenset[int]],
        topics: Sequence[CompiledTopic],
        scanner: Scanner,
        weights: Weights,
    ) -> None:
        self._table = table
        self._holders = holders
        self._topics = topics
        self._scanner = scanner
        self._most = max(weights.title, weights.lead, weights.body)

    def may_match(self, text: str) -> bool:
        """Say whether any topic could be mentioned in the text; never wrongly no."""
        return bool(self.open_topics(text))

    def open_topics(self, text: str) -> tuple[str, ...]:
        """Return the ids of the topics that could be mentioned in the text."""
        hits = self._scanner.scan(normalise(text), ALL_LANGUAGES)
        if not hits.candidates:
            return ()
        concepts = ConceptHits(self._table, hits, self._holders)
        return tuple(topic.topic.id for topic in self._topics if self._could_reach(topic, concepts))

    def _could_reach(self, topic: CompiledTopic, concepts: ConceptHits) -> bool:
        """Say whether the rules that can hold could together give the points of a mention."""
        points = 0.0
        for one in topic.rules:
            rule = one.rule
            if rule.score > 0 and not rule.after_strong:
                if one.may_hold(concepts.there):
                    points += rule.score * rule.at_most * self._most
                if points >= topic.topic.mention_at:
                    return True
        return False
