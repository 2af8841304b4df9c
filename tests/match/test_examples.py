from __future__ import annotations

from monitor.match.examples import find_wrong_examples, run_examples
from tests.match.conftest import Watch

FILE = """
version: 1
concepts: {a: {en: [lighthouse*]}, b: {en: [keeper*]}}
topics:
  topic:
    title: Topic
    report at: 5
    mention at: 1
    rules: [{name: pair, near: [a, b], within: 2 words, score: 3}]
    examples:
      report:
        - The lighthouse keeper left
        - The lighthouse stands without any of its keepers
      mention:
        - title: A town by the sea
          text: >
            Many things were said about the town on that day. The weather was fine.
            The lighthouse keeper left. Nobody came.
      none:
        - The keeper of the lighthouse left
        - The keeper left
"""


def test_examples_are_run_and_told(watch: Watch) -> None:
    results = run_examples(watch(FILE))
    assert [(one.wanted, one.got) for one in results] == [
        ("report", "report"),
        ("report", "none"),
        ("mention", "mention"),
        ("none", "report"),
        ("none", "none"),
    ]


def test_wrong_example_is_a_problem_with_line_and_cure(watch: Watch) -> None:
    problems = find_wrong_examples(watch(FILE))
    assert [problem.line for problem in problems] == [13, 20]
    assert "not within 2 words" in problems[0].cure
    assert "'pair' gave 6 points" in problems[1].cure
