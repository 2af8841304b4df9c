from __future__ import annotations

import pytest

from monitor.match.explain import Line, explain
from monitor.match.matcher import Matcher
from tests.match.conftest import Watch

FILE = """
version: 1
concepts:
  a: {en: [lighthouse*]}
  b: {en: [keeper*]}
  c: {en: [fog]}
  d: {en: [storm]}
topics:
  topic:
    title: Topic
    report at: 10
    mention at: 4
    rules:
      - {name: pair, near: [a, b], within: 2 words, score: 5, not: [d]}
      - {name: in fog, any: [c], and: [a], score: 2}
      - {name: less, any: [c], score: -1}
"""


@pytest.fixture
def matcher(watch: Watch) -> Matcher:
    return watch(FILE)


def write(lines: list[Line]) -> str:
    return "\n".join(
        "".join(f"[{piece.text}]" if piece.role == "term" else piece.text for piece in line)
        for line in lines
    )


def test_flagged_text_shows_rule_words_sums_and_threshold(matcher: Matcher) -> None:
    title = "The lighthouse’s keepers in the fog"
    told = write(explain(matcher.explain(title, "", language="en"), title=title, text=""))
    assert "topic: report" in told
    assert "The [lighthouse]’s [keepers] in the fog" in told
    assert "8 points: 5 less 1 for its sentence, times 2 in the title" in told
    assert "b: 'keepers', listed as 'keeper*', title 17–24" in told
    assert "score 10 (mention at 4, report at 10)" in told


@pytest.mark.parametrize(
    ("text", "rule", "missing"),
    [
        ("The lighthouse fell.", "pair", "not there: b"),
        ("The lighthouse had for years no keeper.", "pair", "there, but not within 2 words"),
        ("The lighthouse keeper in the storm.", "pair", "words is under 'not': d"),
        ("A fog came.\nThe lighthouse", "in fog", "only in a menu, heading or link: a"),
        ("A fog over the lighthouse.", "in fog", "it holds, but the score is 1 of 4"),
    ],
)
def test_text_not_flagged_shows_what_was_missing(
    matcher: Matcher, text: str, rule: str, missing: str
) -> None:
    analysis = matcher.explain("", text, language="en")
    assert [miss.rule for miss in analysis.near_misses] == [rule]
    assert missing in analysis.near_misses[0].missing
    assert missing in write(explain(analysis, title="", text=text))


def test_mention_shows_what_a_report_needs(matcher: Matcher) -> None:
    opening = "The council met on Tuesday evening to talk about the budget for the year. "
    text = opening + "It was late. Many spoke.\nThe lighthouse keeper, he said."
    analysis = matcher.explain("", text, language="en")
    assert analysis.matches
    assert "score is 5 of 10" in analysis.near_misses[0].missing


def test_text_about_nothing_says_so(matcher: Matcher) -> None:
    told = write(explain(matcher.explain("", "Nothing here.", language="en"), title="", text=""))
    assert "no concept of any rule is in this text" in told
