"""From places where rules hold to a topic's score and level, each step with its reason.

places → candidates (points × zone − penalties of the sentence) → counted once → score
                                                                → sentences → level
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from monitor.match.conditions import Evaluator, Found
from monitor.match.layout import Layout, Sentence
from monitor.match.topics import CompiledRule, CompiledTopic
from monitor.model.matches import Level
from monitor.model.rules import Rule, Topic, Weights
from monitor.text.words import UNSPACED

# Later references count only so many sentences behind the evidence before them.
REACH = 5
# What a piece of evidence is worth in sentences: the headline and the opening say what an article
# is about, a line of its own (heading, link, item of a list) hardly does.
WORTH_TITLE = 2.0
WORTH_OPENING = 2.0
WORTH_LEAD = 1.5
WORTH_BODY = 1.0
WORTH_LINE = 0.5
SHORT_TEXT = 2  # sentences; a feed's summary needs one only
STEM = 6  # letters that two forms of one word share


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place where a rule holds, and what it would be worth."""

    rule: Rule
    found: Found
    sentence: int
    weight: float
    penalty: float
    note: str = ""

    @property
    def score(self) -> float:
        """Return the points less the penalty, times the weight; never below 0."""
        return max(0.0, self.rule.score - self.penalty) * self.weight


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a topic comes to in one text."""

    topic: Topic
    score: float
    level: Level | None
    counted: tuple[Candidate, ...]
    set_aside: tuple[Candidate, ...]
    evidence: tuple[Candidate, ...]
    tags: tuple[str, ...]
    sentences: float
    needed: float


class TopicJudge:
    """Judge topics in one text."""

    def __init__(self, layout: Layout, evaluator: Evaluator, weights: Weights) -> None:
        self._layout = layout
        self._evaluator = evaluator
        self._weights = {"title": weights.title, "lead": weights.lead, "body": weights.body}

    def judge(self, topic: CompiledTopic, rules: Sequence[CompiledRule]) -> Verdict:
        """Return the verdict on a topic; `rules` are those of it that are possible here."""
        if not self._can_score(rules):
            rules = ()
        penalties = self._find_penalties(rules)
        first = [one for one in rules if one.rule.score >= 0 and not one.rule.after_strong]
        candidates = self._find_candidates(first, penalties)
        usable, aside = _part(candidates)
        counted, repeated = self._count(usable)
        score = sum(one.score for one in counted)
        evidence = list(usable)
        if score >= topic.topic.report_at and any(one.rule.after_strong for one in rules):
            later = self._find_later(rules, penalties, counted, usable, topic.topic.report_at)
            extra, late_aside = _part(later)
            evidence += extra
            counted, repeated = self._count(evidence)
            aside += late_aside
            score = sum(one.score for one in counted)
        sentences = self._measure(evidence, topic.topic)
        needed = self._needed(evidence, topic.topic)
        return Verdict(
            topic=topic.topic,
            score=score,
            level=_decide_level(topic.topic, score, sentences, needed),
            counted=tuple(counted),
            set_aside=tuple(aside + repeated),
            evidence=tuple(evidence),
            tags=tuple(dict.fromkeys(one.rule.tag for one in evidence if one.rule.tag)),
            sentences=sentences,
            needed=needed,
        )

    def _can_score(self, rules: Iterable[CompiledRule]) -> bool:
        """Return whether a rule that gives points by itself holds; most texts end here."""
        return any(
            one.rule.score > 0 and not one.rule.after_strong and self._evaluator.find(one.node)
            for one in rules
        )

    def _find_penalties(self, rules: Iterable[CompiledRule]) -> dict[int, float]:
        """Return what each sentence loses; a rule takes from a sentence once."""
        lost: dict[int, float] = {}
        for compiled in rules:
            if compiled.rule.score >= 0:
                continue
            touched = {
                number
                for found in self._evaluator.find(compiled.node)
                for number in self._evaluator.span(found)
                if _is_in_zone(compiled.rule, self._layout.sentences[number])
            }
            for number in touched:
                lost[number] = lost.get(number, 0.0) - compiled.rule.score
        return lost

    def _find_candidates(
        self, rules: Iterable[CompiledRule], penalties: dict[int, float]
    ) -> list[Candidate]:
        """Return one candidate for each rule and sentence: the first place in it."""
        candidates: list[Candidate] = []
        for compiled in rules:
            silenced = self._why_silenced(compiled)
            taken: set[int] = set()
            for found in self._evaluator.find(compiled.node):
                span = self._evaluator.span(found)
                sentence = self._layout.sentences[span[0]]
                if span[0] in taken or not _is_in_zone(compiled.rule, sentence):
                    continue
                taken.add(span[0])
                candidates.append(
                    Candidate(
                        rule=compiled.rule,
                        found=found,
                        sentence=span[0],
                        weight=self._weights[sentence.zone],
                        penalty=max((penalties.get(number, 0.0) for number in span), default=0.0),
                        note=silenced or self._why_not(span),
                    )
                )
        return candidates

    def _why_silenced(self, compiled: CompiledRule) -> str:
        """Return why the title silences a rule, or nothing."""
        if compiled.not_in_title is None:
            return ""
        for found in self._evaluator.find(compiled.not_in_title):
            sentence = self._layout.sentences[self._layout.sentence_at(found.start)]
            if sentence.zone == "title":
                start, end = self._layout.original(found.start, found.end)
                return f"the title holds {self._layout.normal.original[start:end]!r}"
        return ""

    def _why_not(self, span: range) -> str:
        sentences = self._layout.sentences
        if not all(sentences[number].is_repeated for number in span):
            return ""
        if self._layout.blocks.repeated and (
            self._layout.block_of(span[0]) in self._layout.blocks.repeated
        ):
            return "stands only in a block that repeats on pages of this site"
        return "is a copy of an earlier sentence"

    def _count(self, usable: Sequence[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
        """Return the candidates that count, best first, and those whose words counted already."""
        claimed: dict[str, set[str]] = {}
        times: dict[str, int] = {}
        counted: list[Candidate] = []
        aside: list[Candidate] = []
        for one in sorted(usable, key=lambda one: (-one.score, one.found.start)):
            name = one.rule.name
            if times.get(name, 0) >= one.rule.at_most:
                continue
            words = self._words(one.found)
            having = [other for other, taken in claimed.items() if other != name]
            others = set().union(*(claimed[other] for other in having)) if having else set()
            if words <= others:
                best = next(other for other in having if claimed[other] & words)
                aside.append(replace(one, note=f"its words are counted by {best!r}"))
                times[name] = one.rule.at_most  # said once, not for every place
                continue
            claimed.setdefault(name, set()).update(words)
            times[name] = times.get(name, 0) + 1
            counted.append(one)
        return counted, aside

    def _words(self, found: Found) -> set[str]:
        """Return the words of a place in a form that their inflections share."""
        words: set[str] = set()
        for _, hit in (*found.terms, *found.also):
            written = self._layout.normal.text[hit.start : hit.end]
            if UNSPACED.search(written):
                words.add(written)
            else:
                words.update(word[:STEM] for word in written.split())
        return words

    def _find_later(
        self,
        rules: Iterable[CompiledRule],
        penalties: dict[int, float],
        counted: Sequence[Candidate],
        usable: Sequence[Candidate],
        report_at: float,
    ) -> list[Candidate]:
        """Return the later references: behind the strong place, each near evidence before it.

        A line of its own is none: two links below an article would make a remark a report.
        """
        strong = _strong_place(counted, report_at)
        late = [one for one in rules if one.rule.after_strong and one.rule.score >= 0]
        found = [
            one
            for one in self._find_candidates(late, penalties)
            if one.found.start >= strong and not self._layout.sentences[one.sentence].is_line
        ]
        reached = sorted(one.sentence for one in usable)
        in_title = any(self._layout.sentences[number].zone == "title" for number in reached)
        kept: list[Candidate] = []
        for one in sorted(found, key=lambda one: one.found.start):
            before = max((number for number in reached if number <= one.sentence), default=None)
            near = before is not None and one.sentence - before <= REACH
            if near or in_title:
                kept.append(one)
                reached.append(one.sentence)
        return kept

    def _measure(self, evidence: Iterable[Candidate], topic: Topic) -> float:
        """Return how many sentences the evidence is worth; each counts once."""
        best: dict[int, float] = {}
        for one in evidence:
            if one.score > 0:
                best[one.sentence] = max(best.get(one.sentence, 0.0), one.score)
        return sum(self._worth(number, score, topic) for number, score in best.items())

    def _worth(self, number: int, score: float, topic: Topic) -> float:
        sentence = self._layout.sentences[number]
        if sentence.zone == "title":
            return WORTH_TITLE if score >= topic.mention_at else WORTH_BODY
        if sentence.zone == "lead":
            return WORTH_OPENING if sentence.is_first else WORTH_LEAD
        return WORTH_LINE if sentence.is_line else WORTH_BODY

    def _needed(self, evidence: Sequence[Candidate], topic: Topic) -> float:
        if not evidence:
            return topic.sentences_needed  # nothing to measure: the text need not be cut
        text = [one for one in self._layout.sentences if one.zone != "title"]
        return (
            min(topic.sentences_needed, 1.0)
            if len(text) <= SHORT_TEXT
            else (topic.sentences_needed)
        )


def _part(candidates: Iterable[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """Part those that may count from those that may not, with the reason."""
    usable: list[Candidate] = []
    aside: list[Candidate] = []
    for one in candidates:
        if one.note:
            aside.append(one)
        elif one.rule.score > 0 and one.score <= 0:
            aside.append(replace(one, note=f"a penalty of {one.penalty:g} in its sentence"))
        else:
            usable.append(one)
    return usable, aside


def _strong_place(counted: Sequence[Candidate], report_at: float) -> int:
    """Return where, in reading order, the score reaches the report threshold."""
    total = 0.0
    for one in sorted(counted, key=lambda one: one.found.start):
        total += one.score
        if total >= report_at:
            return one.found.end
    return 0


def _decide_level(topic: Topic, score: float, sentences: float, needed: float) -> Level | None:
    if score < topic.mention_at:
        return None
    if score >= topic.report_at and sentences >= needed:
        return Level.REPORT
    return Level.MENTION


def _is_in_zone(rule: Rule, sentence: Sentence) -> bool:
    return not rule.zones or sentence.zone in rule.zones
