"""Distances in words, asked before extraction: whatever a page may become must be let through.

A text that the matcher flags is written as a page in ways that extraction undoes: tags between and
inside of words, elements that it drops, white space, invisible characters.  The text is then one of
the things that the page could become, so the filter may not rule the page out.
"""

from __future__ import annotations

import random
import re
from functools import lru_cache
from html import escape
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.config.keywords import read_keywords
from monitor.match.countries import PlaceTerm
from monitor.match.matcher import Matcher
from monitor.prepare import Preparer
from monitor.sieve import PageSieve
from tests.backfill.planting import as_page
from tests.glance.loaded import load

PLACES = (PlaceTerm(language="any", literal="Dublin", code="IE", kind="city"),)
FRAME = """
version: 1
concepts:
  a: {{any: [alpha, 甲甲], except: {{it: [alpha romeo]}}}}
  b: {{any: [beta, 乙乙]}}
  c: {{any: [gamma]}}
  phrase: {{any: [police station]}}
  gap: {{any: [delta ...2 point]}}
  accent: {{tr: [çin], any: [=Été]}}
  sum: {{includes: [a, phrase]}}
topics:
  topic:
    title: Topic
    report at: 1
    mention at: 1
    rules:
      - {{name: rule, score: 1, {rule}}}
"""
RULES = (
    "near: [a, b], within: 2 words",
    'near: [a, b], within: "2 words, same sentence", ordered: true',
    'near: [a, b, c], within: "3 words, same sentence", ordered: true',
    "near: [{near: [a, b], within: 1 words, ordered: true}, c], within: same sentence",
    "near: [{any: [sum, c]}, b], within: 3 words",
    "near: [gap, b], within: 1 words",
    "near: [$place, b], within: 2 words",
    "near: [a, {any: [b, c]}], within: next sentence",
    "near: [{near: [a, b], within: 2 words}, c], within: next sentence, not: [gap]",
    "near: [a, b], within: 4 words or 3 characters",
    "near: [accent, b], within: 2 words",
    "all: [a, {near: [b, c], within: same paragraph}]",
    "any: a, and: [{near: [b, phrase], within: 2 words}]",
)
WORDS = {
    "a": ["alpha", "alpha", "alpha romeo", "甲甲"],
    "b": ["beta", "beta", "乙乙"],
    "c": ["gamma"],
    "phrase": ["police station", "police·station"],
    "sum": ["police station"],
    "gap": ["delta", "point", "delta two point"],
    "accent": ["çin", "cin", "Été"],
    "$place": ["Dublin", "dublin"],
}
OTHERS = ["one", "two.", "Three", "three;", "(four)", "字字字", "x.", "police"]
TAGS = ("b", "i", "a", "em", "u", "small")
JUNK = (
    "<b style='display:none'>never seen by readers</b>",
    '<a aria-hidden="true">go to this one first</a>',
    "<i class='hide-print'>two words</i>",
    '<u hidden=""><small>much</small> of it</u>',
)


# With little prose a page is also asked as one line, of which less is known. No word of it tells of
# any language.
PROSE = "".join(
    f"<p>Zarnu koplet vendrim {day} oskapu tirlon, miruk velapso brintak oluma kestrop nalvi"
    f" dorumek, falint zobar ekimul trasno peluvik hargam sintolu {2000 + day}.</p>"
    for day in range(1, 21)
)


@lru_cache(maxsize=2)  # each has half a gigabyte of room, which fills
def build(rule: str, folder: Path, compiled: Path) -> tuple[Matcher, PageSieve]:
    """Return a matcher and a filter for one rule."""
    path = folder / "keywords.yaml"
    path.write_text(dedent(FRAME.format(rule=rule)), "utf-8")
    matcher = Matcher(read_keywords(path), places=PLACES)
    return matcher, PageSieve(load(matcher, compiled))


def is_flagged(matcher: Matcher, text: str) -> bool:
    return bool(matcher.match("Other news", text, language="tr").matches)


def as_html(paragraphs: str) -> str:
    head = "<head><title>Other news</title></head>"
    return f"<html>{head}<body><article>{paragraphs}{PROSE}</article></body>"


def in_disguise(text: str, chance: random.Random) -> str:
    """Return a text as a page from which extraction could make it."""
    return as_html("".join(f"<p>{_disguise(line, chance)}</p>" for line in text.split("\n")))


def _disguise(line: str, chance: random.Random) -> str:
    pieces: list[str] = []
    for word in line.split(" "):
        written = escape(word)
        kind = chance.randrange(12)
        if kind == 0 and len(word) > 3:
            written = f"{word[:2]}<{chance.choice(TAGS)}></b>{word[2:]}"
        elif kind == 1:
            tag = chance.choice(TAGS)
            written = f"<{tag}>{written}</{tag}>"
        elif kind == 2 and word.isalpha():
            written = "".join(f"&#{ord(sign)};" for sign in word)
        elif kind == 3 and len(word) > 3 and word.isascii():
            written = word[:2] + chance.choice(["&shy;", "&#8203;", "<wbr>"]) + word[2:]
        elif kind == 4:
            tag = chance.choice(TAGS)
            written = f"<{tag} class='x'>{written[:1]}</{tag}>{written[1:]}"
        pieces.append(written)
        pieces.append(chance.choice([" ", " ", " ", "&nbsp;", "\n\t ", " <i></i> ", "  <b> </b>"]))
    return "".join(pieces)


def with_junk(text: str, chance: random.Random) -> str:
    """Return a text as a page with elements between its words that extraction drops."""
    return as_html(
        "".join(
            f"<p>{' '.join(_beside_junk(escape(word), chance) for word in line.split(' '))}</p>"
            for line in text.split("\n")
        )
    )


def _beside_junk(word: str, chance: random.Random) -> str:
    return f"{word} {chance.choice(JUNK)}" if chance.randrange(3) == 0 else word


def pool(rule: str) -> list[str]:
    """Return the words that a rule asks for, and some others."""
    named = set(re.findall(r"\$?\w+", rule))
    return [word for name in WORDS if name in named for word in WORDS[name]] * 2 + OTHERS


def texts(rule: str) -> st.SearchStrategy[str]:
    lines = st.lists(st.sampled_from(pool(rule)), min_size=2, max_size=9).map(" ".join)
    return st.lists(lines, min_size=1, max_size=3).map("\n".join)


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), seed=st.integers(0, 10_000))
def test_flagged_text_is_let_through_however_it_is_cut_by_tags(
    tmp_path_factory: pytest.TempPathFactory,
    compiled: Path,
    rule: str,
    data: st.DataObject,
    seed: int,
) -> None:
    text = data.draw(texts(rule))
    matcher, sieve = build(rule, tmp_path_factory.getbasetemp(), compiled)
    if is_flagged(matcher, text):
        assert not sieve.rules_out(as_page(in_disguise(text, random.Random(seed))))


@pytest.mark.parametrize("rule", [rule for rule in RULES if "phrase" not in rule])
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), seed=st.integers(0, 10_000))
def test_flagged_text_is_let_through_with_more_between_its_words_that_is_dropped(
    tmp_path_factory: pytest.TempPathFactory,
    compiled: Path,
    rule: str,
    data: st.DataObject,
    seed: int,
) -> None:
    """A phrase is left out: hidden words inside of one were never looked through."""
    text = data.draw(texts(rule)).replace("police station", "police")
    matcher, sieve = build(rule, tmp_path_factory.getbasetemp(), compiled)
    if is_flagged(matcher, text):
        assert not sieve.rules_out(as_page(with_junk(text, random.Random(seed))))


@pytest.mark.parametrize("rule", RULES)
def test_texts_of_the_test_above_are_flagged_and_ruled_out(
    compiled: Path, rule: str, tmp_path: Path
) -> None:
    """Without this the tests above could not fail: each rule holds in many texts, not in most."""
    chance = random.Random(7)
    matcher, sieve = build(rule, tmp_path, compiled)
    flagged = ruled_out = 0
    for _ in range(200):
        lines = [" ".join(chance.choices(pool(rule), k=chance.randint(2, 9))) for _ in range(2)]
        flagged += is_flagged(matcher, "\n".join(lines))
        page = as_page(in_disguise("\n".join(lines), chance))
        ruled_out += sieve.rules_out(page)
    assert flagged > 10
    assert ruled_out > 10


FAR = 'near: [a, b], within: "2 words, same sentence"'


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        pytest.param(FAR, "alpha one two three beta", id="too far"),
        pytest.param(
            FAR, "alpha one <b>two</b> three <i>four</i> five six seven beta", id="tags between"
        ),
        pytest.param(
            "all: [c, {near: [b, phrase], within: 2 words}]",
            "gamma beta one two three police station",
            id="far in a part of a condition",
        ),
    ],
)
def test_words_that_do_not_meet_are_ruled_out(
    compiled: Path, rule: str, body: str, tmp_path: Path
) -> None:
    assert build(rule, tmp_path, compiled)[1].rules_out(as_page(as_html(f"<p>{body}</p>")))


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        pytest.param(FAR, "alpha one two beta", id="exactly at the limit"),
        pytest.param(FAR, "<b>alpha</b> <i>one</i> <b>two</b> <i>beta</i>", id="tags at each word"),
        pytest.param(FAR, "<b>alpha</b><i> one</i><b> two</b><i> beta</i>", id="spaces in tags"),
        pytest.param(
            FAR, "alpha one <b hidden>w w w w w</b> two beta", id="an element that may be dropped"
        ),
        pytest.param(
            FAR, "alpha <b>x</b>one <i>w w w w</i> two<b>y</b> beta", id="words that touch tags"
        ),
        pytest.param(f"{FAR}, ordered: true", "alpha <b>beta</b> alpha", id="the order, with tags"),
        pytest.param(
            "near: [a, b, c], within: 9 words, ordered: true",
            "alpha beta alpha gamma",
            id="the order, one of the parts twice",
        ),
        pytest.param(FAR, "alpha romeo beta", id="an exception of a language that may be absent"),
        pytest.param(
            "near: [accent, b], within: 2 words",
            "cin ve beta. ğüşığüşığüşı ğüşığüşığüşı",
            id="no accent in a text with accents",
        ),
        pytest.param(
            "near: [accent, b], within: 2 words", "E\u0301te\u0301 beta", id="accents apart"
        ),
        pytest.param("near: [gap, b], within: 2 words", "DELTA X POINT BETA", id="capitals"),
        pytest.param(
            "near: [a, {any: [b, c]}], within: next sentence",
            "It was alpha.</p><p>Beta was <i>next</i>.",
            id="the next sentence in the next line",
        ),
        pytest.param(
            "near: [gap, b], within: 2 words",
            "delta <u hidden>w w w w</u> point beta",
            id="a gap with an element in it",
        ),
        pytest.param(
            "near: [phrase, b], within: 2 words",
            "police <span>w w w</span> station beta <span>x</span> y",
            id="a phrase with an element in it",
        ),
        pytest.param(FAR, "alpha &lt;3 w w w w w> beta", id="what a parser takes for a tag"),
        pytest.param(FAR, "alpha<video>w w w w w</video> beta", id="text for old browsers"),
        pytest.param(
            FAR,
            "<table><tr><td><p>alpha</p><td><p>w w w w</p><td><p>beta</p></tr></table>",
            id="cells of a row",
        ),
    ],
)
def test_words_that_could_meet_are_let_through(
    compiled: Path, rule: str, body: str, tmp_path: Path
) -> None:
    assert not build(rule, tmp_path, compiled)[1].rules_out(as_page(as_html(f"<p>{body}</p>")))


def test_own_reports_are_flagged_and_let_through_in_pieces(
    preparer: Preparer, sieve: PageSieve
) -> None:
    """With the program's own rules, in the sentences that hold their words at a distance."""
    chance = random.Random(3)
    text = (
        "Ireland's government has ordered China to close an overseas police station in Dublin.\n"
        "The Fuzhou police service station had no permission to operate, a minister said."
    )
    assert preparer.matcher.match("Other news", text, language="en").matches
    for _ in range(25):
        assert not sieve.rules_out(as_page(in_disguise(text, chance)))
        assert not sieve.rules_out(as_page(with_junk(text, chance)))
