"""Where rules hold: near, all, any, and, not, nested; in words, characters, sentences."""

from __future__ import annotations

import pytest

from tests.match.conftest import Watch

FRAME = """
version: 1
home: [FI]
concepts:
  a: {{any: [alpha, 甲甲]}}
  b: {{any: [beta, 乙乙]}}
  c: {{any: [gamma, 丙丙]}}
topics:
  topic:
    title: Topic
    report at: 1
    mention at: 1
    rules:
      - {{name: rule, score: 1, {rule}}}
"""


def holds(watch: Watch, rule: str, text: str, title: str = "x") -> list[str]:
    """Return the passages of the rule, if it holds."""
    matcher = watch(FRAME.format(rule=rule))
    analysis = matcher.match(title, text, language="en")
    whole = {"title": title, "text": text}
    for match in analysis.matches:
        for passage in match.passages:
            assert whole[passage.field][passage.start : passage.end] == passage.text
    return [passage.text for match in analysis.matches for passage in match.passages]


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ("any: [a, b]", "one beta", ["beta"]),
        ("any: a", "one beta", []),
        ("near: [a, b], within: 2 words", "alpha one two beta", ["alpha one two beta"]),
        ("near: [a, b], within: 2 words", "alpha one two three beta", []),
        ("near: [a, b], within: 2 words", "beta one alpha", ["beta one alpha"]),
        ("near: [a, b], within: 0 words", "beta alpha", ["beta alpha"]),
        ("near: [a, b], within: 0 words", "beta one alpha", []),
        ("near: [a, b, c], within: 2 words", "alpha x beta y gamma", ["alpha x beta y gamma"]),
        ("near: [a, b, c], within: 1 words", "alpha x beta y gamma", []),
        ("near: [a, b], within: 2 words", "alpha x y z alpha q beta", ["alpha q beta"]),
        ("near: [a, b], within: 9 words", "alpha one. Two beta", ["alpha one. Two beta"]),
        ("near: [a, b], within: 9 words", "alpha one.\nTwo beta", []),
        ('near: [a, b], within: "9 words, same sentence"', "alpha one. Two beta", []),
        ("near: [a, b], within: same sentence", "alpha one. Two beta", []),
        ("near: [a, b], within: same sentence", "alpha " + "w " * 80 + "beta.", 1),
        ("near: [a, b], within: next sentence", "alpha one. Two beta", 1),
        ("near: [a, b], within: next sentence", "alpha one.\nTwo beta", 1),
        ("near: [a, b], within: next sentence", "alpha one. Two. Three beta", []),
        ("near: [a, b], within: same paragraph", "alpha one. Two. Three beta", 1),
        ("near: [a, b], within: same paragraph", "alpha one.\nTwo beta", []),
        ("near: [a, b], within: 4 words", "甲甲一二三四五六七八九十乙乙", 1),
        ("near: [a, b], within: 4 words", "甲甲一二三四五六七八九十百乙乙", []),
        ("near: [a, b], within: 4 words or 20 characters", "甲甲一二三四五六七八九十百乙乙", 1),
        ("near: [a, b], within: 5 characters", "甲甲一二三四五乙乙", 1),
        ("near: [a, b], within: 5 characters", "甲甲一二三四五六乙乙", []),
        ("near: [a, b], within: 9 words, ordered: on", "alpha x beta", 1),
        ("near: [a, b], within: 9 words, ordered: on", "beta x alpha", []),
        ("near: [a, b], within: 9 words, ordered: on", "beta x alpha y beta", ["alpha y beta"]),
        ("near: [a, b, c], within: 9 words, ordered: on", "alpha gamma beta", []),
        ("near: [a, b, c], within: 9 words, ordered: on", "alpha gamma beta gamma", 1),
        ("all: [a, b]", "alpha one.\nTwo.\nThree beta", 1),
        ("all: [a, b]", "alpha one", []),
        ("any: a, and: b", "alpha one.\nTwo beta.", ["alpha", "beta"]),
        ("any: a, and: b", "alpha one.\nTwo beta", []),
        ("any: a, and: b", "alpha one.", []),
        ("any: a, not: b", "alpha one. Two beta.", ["alpha"]),
        ("any: a, not: b", "alpha one beta.", []),
        ("near: [{any: [a, c]}, b], within: 1 words", "gamma x beta", 1),
        ("near: [{near: [a, b], within: 0 words}, c], within: 3 words", "alpha beta x gamma", 1),
        ("near: [{near: [a, b], within: 0 words}, c], within: 3 words", "alpha x beta gamma", []),
        ("near: [{any: a, not: c}, b], within: same sentence", "alpha beta gamma.", []),
        ("near: [{any: a, and: c}, b], within: same sentence", "alpha beta.\nOf gamma.", 1),
        ("any: $abroad", "a Dublin street in Freedonia", ["Dublin"]),
        ("any: $home", "a Dublin street in Freedonia", ["Freedonia"]),
        ("any: $place", "a street in Freedonia", ["Freedonia"]),
        ("any: $abroad/city", "Ireland", []),
        ("any: $abroad", "a turkey in the oven", []),
        ("any: $person", "a word by Ada Lovelace", ["Ada Lovelace"]),
        ("any: $organisation", "a word by Ada Lovelace", []),
        ("any: $entity/Lady Trust", "the Lady Trusts", ["Lady Trusts"]),
    ],
)  # fmt: skip
def test_condition_holds_where_it_should(
    watch: Watch, rule: str, text: str, expected: list[str] | int
) -> None:
    found = holds(watch, rule, text)
    assert found == expected if isinstance(expected, list) else len(found) >= expected


@pytest.mark.parametrize("window", ["9 words", "next sentence", "same paragraph", "same sentence"])
def test_title_and_text_are_never_near_each_other(watch: Watch, window: str) -> None:
    assert not holds(watch, f"near: [a, b], within: {window}", "beta", title="alpha")


def test_all_may_be_spread_over_title_and_text(watch: Watch) -> None:
    assert set(holds(watch, "all: [a, b]", "beta", title="alpha")) == {"alpha", "beta"}


@pytest.mark.parametrize(
    ("zone", "expected"), [("title", ["alpha"]), ("lead", ["alpha"]), ("body", ["alpha"])]
)
def test_zone_limits_where_a_rule_counts(watch: Watch, zone: str, expected: list[str]) -> None:
    lead = "This first paragraph has more than the eight words it needs, and names alpha."
    text = f"{lead}\nThe second one names alpha too."
    found = holds(watch, f"any: a, in: {zone}", text, title="Of alpha")
    assert found == expected
    assert not holds(watch, f"any: b, in: {zone}", text, title="Of alpha")
