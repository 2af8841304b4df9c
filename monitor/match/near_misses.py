"""For a text that was not flagged: which rule came closest, and what was missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from monitor.match.concepts import ConceptHits, ConceptTable
from monitor.match.conditions import Evaluator, Node
from monitor.match.layout import Layout
from monitor.match.results import build_terms
from monitor.match.scan import Hit
from monitor.match.scoring import Candidate, Verdict
from monitor.match.topics import CompiledRule, CompiledTopic
from monitor.model.matches import Level, NearMiss
from monitor.model.rules import Window
from monitor.text.counting import plural

MOST_TERMS = 6


class Compiled(Protocol):
    """What is needed of a matcher."""

    table: ConceptTable
    topics: tuple[CompiledTopic, ...]


def find_near_misses(
    compiled: Compiled,
    layout: Layout,
    evaluator: Evaluator,
    concepts: ConceptHits,
    verdicts: Sequence[Verdict],
) -> tuple[NearMiss, ...]:
    """Return the closest rule of each topic that is no report."""
    by_topic = {verdict.topic.id: verdict for verdict in verdicts}
    misses: list[NearMiss] = []
    for topic in compiled.topics:
        verdict = by_topic.get(topic.topic.id)
        if verdict is not None and verdict.level is Level.REPORT:
            continue
        finder = _Finder(compiled.table, layout, evaluator, concepts, verdict)
        miss = finder.closest(topic)
        if miss is not None:
            misses.append(miss)
    return tuple(misses)


class _Finder:
    def __init__(
        self,
        table: ConceptTable,
        layout: Layout,
        evaluator: Evaluator,
        concepts: ConceptHits,
        verdict: Verdict | None,
    ) -> None:
        self._table = table
        self._layout = layout
        self._evaluator = evaluator
        self._concepts = concepts
        self._verdict = verdict

    def closest(self, topic: CompiledTopic) -> NearMiss | None:
        """Return the miss of the rule with most of its parts there, or None."""
        rules = [one for one in topic.rules if one.rule.score > 0 and not one.rule.after_strong]
        if not rules:
            return None
        judged = [(self._closeness(one), one) for one in rules]
        (share, _), best = max(judged, key=lambda one: one[0])
        if share == 0:
            return None
        found: list[tuple[int, Hit]] = []
        for number in _leaves(best.node):
            found += [(number, hit) for hit in self._concepts.of(number)[:1]]
        return NearMiss(
            topic=topic.topic.id,
            rule=best.rule.name,
            found=build_terms(found[:MOST_TERMS], self._layout, self._table),
            missing=self._what_is_missing(topic, best),
            score=self._verdict.score if self._verdict else 0.0,
            threshold=self._threshold(topic),
        )

    def _threshold(self, topic: CompiledTopic) -> float:
        flagged = self._verdict is not None and self._verdict.level is not None
        return topic.topic.report_at if flagged else topic.topic.mention_at

    def _closeness(self, rule: CompiledRule) -> tuple[float, float]:
        if self._evaluator.find(rule.node):
            return 1.0, rule.rule.score
        asked = [*rule.node.near, *rule.node.all, *rule.node.and_]
        if rule.node.any:
            asked.append(Node(any=rule.node.any))
        there = sum(bool(self._evaluator.find(part)) for part in asked)
        return there / (len(asked) + 1), rule.rule.score

    def _what_is_missing(self, topic: CompiledTopic, rule: CompiledRule) -> str:
        if self._evaluator.find(rule.node):
            return self._why_not_enough(topic, rule)
        node = rule.node
        parts = [*node.near, *node.all, *node.and_]
        absent = [self._name(part) for part in parts if not self._evaluator.find(part)]
        if absent:
            return "not there: " + "; ".join(absent)
        if node.any and not any(map(self._evaluator.find, node.any)):
            return "none of these is there: " + ", ".join(map(self._name, node.any))
        return self._what_is_wrong(node)

    def _what_is_wrong(self, node: Node) -> str:
        """Say why a condition does not hold although all that it asks for is there."""
        lines = [self._name(part) for part in node.and_ if not self._evaluator.find_in_prose(part)]
        if lines and self._evaluator.find(replace(node, and_=())):
            return "stands in no sentence, only in a menu, heading or link: " + "; ".join(lines)
        if node.near and not self._evaluator.find(Node(near=node.near, within=node.within)):
            names = " and ".join(map(self._name, node.near))
            return f"{names} are there, but not within {describe_window(node.within)}"
        if node.ordered and not self._evaluator.find(replace(node, and_=(), not_=())):
            return "its parts are there, but not in the order asked for"
        return "one of its sentence's words is under 'not': " + ", ".join(
            map(self._name, node.not_)
        )

    def _why_not_enough(self, topic: CompiledTopic, rule: CompiledRule) -> str:
        verdict = self._verdict
        if verdict is None:
            return "it holds, but no rule of the topic that scores does"
        aside = [one for one in verdict.set_aside if one.rule.name == rule.rule.name]
        mine = [one for one in verdict.counted if one.rule.name == rule.rule.name]
        if aside and not mine:
            return _describe_aside(aside[0])
        if verdict.level is Level.MENTION and verdict.score >= topic.topic.report_at:
            return (
                f"the score is enough, but the evidence is worth {verdict.sentences:g} sentences"
                f" of the {verdict.needed:g} that a report needs"
            )
        if not mine and not aside:
            return "it holds only outside the zones that the rule asks for"
        wanted = self._threshold(topic)
        return f"it holds, but the score is {verdict.score:g} of {wanted:g}"

    def _name(self, node: Node) -> str:
        if node.concept is not None:
            return self._table.plans[node.concept].name
        parts = node.any or node.near or node.all
        word = " or " if node.any else " and "
        return "(" + word.join(map(self._name, parts)) + ")"


def describe_window(window: Window | None) -> str:
    """Return a window as it is written in the file."""
    if window is None:
        return "same sentence"
    parts: list[str] = []
    if window.words is not None:
        parts.append(plural(window.words, "word"))
    elif window.characters is not None:
        parts.append(plural(window.characters, "character"))
    if window.span:
        parts.append(window.span)
    return ", ".join(parts)


def _describe_aside(candidate: Candidate) -> str:
    return f"it holds, but {candidate.note}"


def _leaves(node: Node) -> list[int]:
    if node.concept is not None:
        return [node.concept]
    parts = (*node.near, *node.all, *node.any, *node.and_)
    return list(dict.fromkeys(number for part in parts for number in _leaves(part)))
