"""What rules need, as bits: whatever the rules say could match, the first look says too."""

from __future__ import annotations

import json
import random
import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.config.keywords import read_keywords
from monitor.match.matcher import Matcher
from monitor.match.sieve import Sieve
from monitor.prepare import load_preparer
from tests.glance.loaded import load
from tests.glance.pages import PROSE, Look
from tests.glance.reference import Reference

ROOT = Path(__file__).parents[2]
WORDS = ("albatross", "bittern", "curlew", "dunlin", "eider", "fulmar")
WINDOWS = ("0 words", "1 words", "3 words, same sentence", "2 words, same paragraph")
SPANS = ("same sentence", "same paragraph", "next sentence")
Condition = dict[str, Any]

leaves = st.sampled_from(WORDS)


def widen(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Condition]:
    """Return conditions made of others."""
    several = st.lists(parts, min_size=2, max_size=3, unique_by=repr)
    two = st.lists(parts, min_size=2, max_size=2, unique_by=repr)
    return st.one_of(
        st.fixed_dictionaries({"any": several}),
        st.fixed_dictionaries({"all": several}),
        st.fixed_dictionaries({"near": several, "within": st.sampled_from(SPANS[:2])}),
        st.fixed_dictionaries({"near": two, "within": st.just(SPANS[2])}),
        st.fixed_dictionaries(
            {"any": several, "and": st.lists(parts, min_size=1, max_size=2, unique_by=repr)}
        ),
    )


def widen_near(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Condition]:
    """Return conditions made of others, by order and distance too."""
    several = st.lists(parts, min_size=2, max_size=3, unique_by=repr)
    near = {"near": several, "within": st.sampled_from((*SPANS, *WINDOWS))}
    return st.one_of(
        widen(parts),
        st.fixed_dictionaries(near),
        st.fixed_dictionaries({**near, "ordered": st.just(value=True)}),
    )


conditions = widen(st.recursive(leaves, widen, max_leaves=5))
measured = widen_near(st.recursive(leaves | st.just("gap"), widen_near, max_leaves=5))


def write(rules: list[Condition], folder: Path) -> Matcher:
    document = {
        "version": 1,
        "concepts": {
            **{word: {"any": [word]} for word in WORDS},
            "gap": {"any": [f"{WORDS[0]} ...1 {WORDS[1]}"]},
        },
        "topics": {
            "topic": {
                "title": "A topic",
                "report at": 3,
                "mention at": 3,
                "rules": [
                    {"name": f"rule {number}", "score": 3 / len(rules), **rule}
                    for number, rule in enumerate(rules)
                ],
            }
        },
    }
    path = folder / "keywords.yaml"
    path.write_text(json.dumps(document), "utf-8")
    return Matcher(read_keywords(path), places=())


class Asked:
    """What the rules say of lines, and what the first look says of a page of them."""

    def __init__(self, rules: list[Condition], folder: Path, compiled: Path) -> None:
        matcher = write(rules, folder)
        self._reference = Reference(matcher)
        self._look = Look(load(matcher, compiled))

    def may_match(self, page: list[str]) -> bool:
        """Say whether the rules could hold in lines of listed words."""
        return self._reference.may_match([line.split() for line in page])

    def is_ruled_out(self, page: list[str]) -> bool:
        """Say whether the first look rules out a page of lines."""
        body = "".join(f"<p>{line}</p>" for line in page)
        return self._look.rules_out_source(f"<html><body>{PROSE}{body}</body></html>")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(rules=st.lists(conditions, min_size=1, max_size=3), seed=st.integers(0, 10_000))
def test_what_the_rules_say_could_match_is_let_through(
    compiled: Path, tmp_path_factory: pytest.TempPathFactory, rules: list[Condition], seed: int
) -> None:
    asked = Asked(rules, tmp_path_factory.getbasetemp(), compiled)
    chance = random.Random(seed)
    for _ in range(40):
        page = draw_page(chance)
        if asked.may_match(page):
            assert not asked.is_ruled_out(page), (rules, page)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rules=st.lists(measured, min_size=1, max_size=2), seed=st.integers(0, 10_000))
def test_page_that_matches_is_let_through(
    compiled: Path, tmp_path_factory: pytest.TempPathFactory, rules: list[Condition], seed: int
) -> None:
    matcher = write(rules, tmp_path_factory.getbasetemp())
    look = Look(load(matcher, compiled))
    chance = random.Random(seed)
    for _ in range(40):
        page = draw_sentences(chance)
        text = re.sub("<.*?>", "", "\n".join(page))
        if matcher.match("", text).matches:
            body = "".join(f"<p>{line}</p>" for line in page)
            assert not look.rules_out_source(f"<html><body>{PROSE}{body}</body></html>"), (
                rules,
                page,
            )


def test_several_that_come_first_are_found_in_any_order(compiled: Path, tmp_path: Path) -> None:
    both = {"all": ["albatross", "bittern"]}
    for first in (both, {"any": [both, "curlew"]}):
        near = {"near": [first, "albatross"], "within": "same sentence", "ordered": True}
        matcher = write([near], tmp_path)
        assert matcher.match("", "bittern albatross").matches
        source = f"<html><body>{PROSE}<p>bittern albatross</p></body></html>"
        assert not Look(load(matcher, compiled)).rules_out_source(source)


def draw_sentences(chance: random.Random) -> list[str]:
    """Return lines of sentences, with tags, other words and words beside one another in them."""
    signs = (" ", " ", " ", " zwam ", ". Zwam ", ". zwam ", "-", " <b>zwem</b> ", " <i>", ", ")
    return [
        "".join(chance.choice(WORDS) + chance.choice(signs) for _ in range(chance.randrange(1, 7)))
        for _ in range(chance.randrange(1, 4))
    ]


def draw_page(chance: random.Random) -> list[str]:
    return [
        " ".join(chance.choices(WORDS, k=chance.randrange(5)))
        for _ in range(chance.randrange(1, 4))
    ]


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param([{"all": ["albatross", "bittern"]}], id="all of two"),
        pytest.param([{"near": ["albatross", "bittern"], "within": "same sentence"}], id="near"),
        pytest.param(
            [{"near": [{"any": ["albatross", "curlew"]}, "bittern"], "within": "same paragraph"}],
            id="either of two, near a third",
        ),
        pytest.param(
            [
                {
                    "any": [
                        {"near": ["albatross", "bittern"], "within": "same sentence"},
                        {"all": ["curlew", "dunlin", "eider"]},
                    ],
                    "and": ["fulmar"],
                }
            ],
            id="either of two conditions, beside a third",
        ),
        pytest.param([{"any": ["albatross"]}, {"any": ["bittern"]}], id="two rules"),
        pytest.param(
            [
                {
                    "near": [
                        {"near": ["albatross", "bittern"], "within": "same sentence"},
                        "curlew",
                    ],
                    "within": "next sentence",
                }
            ],
            id="near in the next sentence",
        ),
    ],
)
def test_rules_of_lines_are_judged_exactly(
    compiled: Path, tmp_path: Path, rules: list[Condition]
) -> None:
    asked = Asked(rules, tmp_path, compiled)
    chance = random.Random(3)
    counts = {True: 0, False: 0}
    for _ in range(150):
        page = draw_page(chance)
        may_match = asked.may_match(page)
        assert asked.is_ruled_out(page) != may_match, page
        counts[may_match] += 1
    assert min(counts.values()) > 10


def write_names(names: list[str], folder: Path) -> Matcher:
    """Return keywords that ask for a name between two birds."""
    document = {
        "version": 1,
        "concepts": {
            "bird": {"any": ["egret"]},
            "other": {"any": ["heron"]},
            "place": {"any": names},
        },
        "topics": {
            "topic": {
                "title": "A topic",
                "report at": 3,
                "mention at": 3,
                "rules": [
                    {
                        "name": "a",
                        "near": ["bird", "place", "other"],
                        "within": "1 words",
                        "score": 3,
                    }
                ],
            }
        },
    }
    path = folder / "keywords.yaml"
    path.write_text(json.dumps(document), "utf-8")
    return Matcher(read_keywords(path), places=())


def test_words_of_names_that_are_not_looked_for_do_not_count(
    compiled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A concept with very many words is taken to be anywhere, in the midst of others too."""
    matcher = write_names([f"isle of {name}" for name in WORDS], tmp_path)
    monkeypatch.setattr("monitor.match.sieve.MOST_LITERALS", 3)
    look = Look(load(matcher, compiled))
    assert matcher.match("", f"Egret zwam isle of {WORDS[0]} heron.").matches
    for between, is_near in ((f"zwam isle of {WORDS[0]}", True), ("zwam " * 5, False)):
        body = f"<p>egret {between} heron</p>"
        assert look.rules_out_source(f"<html><body>{PROSE}{body}</body></html>") != is_near


def test_names_are_looked_for_though_there_are_thousands(compiled: Path, tmp_path: Path) -> None:
    """Else any three words would be one of them, in the midst of what must be near."""
    letters = "abcdefghijklmnop"
    names = ["isle of qu" + "".join(some) for some in product(letters, repeat=3)]
    matcher = write_names(names, tmp_path)
    look = Look(load(matcher, compiled))
    assert matcher.match("", f"Egret zwam {names[7]} heron.").matches
    for between, is_there in ((f"zwam {names[7]}", True), ("zwam zwem zwim", False)):
        body = f"<p>egret {between} heron</p>"
        assert look.rules_out_source(f"<html><body>{PROSE}{body}</body></html>") != is_there


def test_no_concept_that_the_program_brings_is_taken_to_be_everywhere(compiled: Path) -> None:
    """Countries, peoples and cities are the largest lists."""
    matcher = load_preparer(str(ROOT / "keywords.yaml")).matcher
    assert Sieve(matcher).asked
    assert Sieve(matcher).always == frozenset()
    load(matcher, compiled)  # there is room for all
