"""The examples of a keywords file, run against its own rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from monitor.errors import Problem
from monitor.model.matches import Analysis, Level, Match
from monitor.model.rules import Example, Keywords, Topic

NONE = "none"


class Explains(Protocol):
    """What is needed of a matcher."""

    keywords: Keywords

    def explain(self, title: str, text: str) -> Analysis:
        """Return matches, and near misses where there are none."""
        ...


@dataclass(frozen=True, kw_only=True)
class ExampleResult:
    """What became of one example; `wanted` and `got` are report, mention or none."""

    topic: str
    example: Example
    wanted: str
    got: str
    analysis: Analysis

    @property
    def is_right(self) -> bool:
        """Say whether the example was flagged as it should be."""
        return self.wanted == self.got


def run_examples(matcher: Explains) -> list[ExampleResult]:
    """Return the result of every example, in the order of the file."""
    return [
        _run(matcher, topic, example, wanted)
        for topic in matcher.keywords.topics
        for wanted, example in _all_examples(topic)
    ]


def find_wrong_examples(matcher: Explains) -> list[Problem]:
    """Return a problem for each example that is not flagged as it should be."""
    return [_tell(matcher, one) for one in run_examples(matcher) if not one.is_right]


def _all_examples(topic: Topic) -> Iterator[tuple[str, Example]]:
    for example in topic.examples.report:
        yield Level.REPORT.value, example
    for example in topic.examples.mention:
        yield Level.MENTION.value, example
    for example in topic.examples.none:
        yield NONE, example


def _run(matcher: Explains, topic: Topic, example: Example, wanted: str) -> ExampleResult:
    analysis = matcher.explain(example.title, example.text)
    match = _find(analysis, topic)
    return ExampleResult(
        topic=topic.id,
        example=example,
        wanted=wanted,
        got=NONE if match is None else match.level.value,
        analysis=analysis,
    )


def _find(analysis: Analysis, topic: Topic) -> Match | None:
    return next((one for one in analysis.matches if one.topic == topic.id), None)


def _tell(matcher: Explains, result: ExampleResult) -> Problem:
    miss = next((one for one in result.analysis.near_misses if one.topic == result.topic), None)
    match = next((one for one in result.analysis.matches if one.topic == result.topic), None)
    if match is not None and (result.wanted == NONE or miss is None):
        best = match.hits[0].rule if match.hits else "?"
        cure = f"the rule {best!r} gave {match.score:g} points: change it, or move the example"
    elif miss is not None:
        cure = f"the rule {miss.rule!r} came closest: {miss.missing}"
    else:
        cure = f"no concept of {result.topic!r} is in it: add terms, or move the example"
    return Problem(
        file=matcher.keywords.file,
        line=result.example.line,
        problem=(
            f"the example {result.example.title!r} of {result.topic!r} should be"
            f" {result.wanted}, but is {result.got}"
        ),
        cure=cure,
    )
