from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.match.matcher import Matcher
from tests.match.conftest import Watch

FILE = """
version: 1
concepts: {a: {en: [lighthouse*], zh: [灯塔]}, b: {en: [keeper*], zh: [看守]}, c: {en: [fog]}}
topics:
  topic:
    title: Topic
    report at: 20
    mention at: 10
    rules:
      - {name: pair, near: [a, b], within: 2 words, score: 5}
      - {name: abroad, any: [a], and: [$abroad], score: 4}
      - {name: fog, any: [c], score: 1}
      - {name: less fog, any: [c], score: -9}
      - {name: later, any: [c], score: 9, after strong hit: on}
"""


@pytest.fixture
def matcher(watch: Watch) -> Matcher:
    return watch(FILE)


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("", False),
        ("A lighthouse.", False),
        ("A keeper in the fog.", False),
        ("A lighthouse here. " + "x " * 500 + "A keeper there.", True),
        ("A lighthouse in Dublin, in the fog.", True),
        ("A lighthouse in Dublin.", False),
        ("燈塔……看守", True),
    ],
)
def test_gate_opens_where_rules_could_reach_a_mention(
    matcher: Matcher, text: str, is_open: bool
) -> None:
    assert matcher.gate().may_match(text) is is_open


def test_gate_names_the_topics(matcher: Matcher) -> None:
    assert matcher.gate().open_topics("lighthouse keeper") == ("topic",)


@pytest.mark.parametrize("title", ["Lighthouse keeper", "The keeper’s “lighthouse”", "燈塔看守"])
def test_what_matches_is_let_through(matcher: Matcher, title: str) -> None:
    assert matcher.match(title, "").matches
    assert matcher.gate().may_match(title)


WORDS = st.lists(
    st.sampled_from(
        [
            "lighthouse",
            "keeper",
            "fog",
            "Dublin",
            "the",
            "灯塔",
            "看守",
            ".",
            "\n",
            "“",
            "\u00ad",
            "x",
        ]
    ),
    max_size=14,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(WORDS, WORDS)
def test_gate_never_rules_out_a_match(matcher: Matcher, title: list[str], words: list[str]) -> None:
    heading, text = " ".join(title), " ".join(words)
    if matcher.match(heading, text).matches:
        assert matcher.gate().may_match(f"{heading}\n{text}")
