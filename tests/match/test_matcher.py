"""One article in, everything the rules say of it out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.match.matcher import Matcher, name_shipped_rules
from monitor.model.matches import Analysis, Level
from monitor.model.rules import Keywords
from tests.match.conftest import Watch
from tests.text.test_normal import NOISE

RULES = """
version: 1
home: [FI]
concepts:
  police: {en: [police, =PD], de: ["*polizei*"], zh: [警察], ar: [شرطة], sr: [policij*], any: [po]}
  station: {en: [station*, outpost*], de: ["*station*"], zh: [站], ar: [مركز], sr: [stanic*]}
topics:
  stations:
    title: Stations
    report at: 8
    mention at: 4
    rules:
      - {name: pair, near: [police, station], within: 6 words, score: 6}
      - {name: both, all: [police, station], score: 3}
      - {name: abroad, near: [{any: [police]}, $abroad], within: next sentence, score: 2}
  quiet:
    title: Quiet
    alert: off
    report at: 2
    mention at: 1
    rules: [{name: person, any: [$person], score: 1}]
"""


@pytest.fixture
def matcher(watch: Watch) -> Matcher:
    return watch(RULES)


def assert_offsets(analysis: Analysis, title: str, text: str) -> None:
    source = {"title": title, "text": text}
    for match in analysis.matches:
        for hit in (*match.hits, *match.set_aside):
            for passage in hit.passages:
                assert source[passage.field][passage.start : passage.end] == passage.text
                assert passage.text
                for term in passage.terms:
                    assert source[term.field][term.start : term.end] == term.written
                    assert term.written
    for mention in analysis.mentions:
        assert source[mention.field][mention.start : mention.end]


def test_match_explains_itself(matcher: Matcher) -> None:
    title = "Irish “police” outposts found"
    analysis = matcher.match(title, "They were in Dublin, says Ada Lovelace.")
    assert_offsets(analysis, title, "They were in Dublin, says Ada Lovelace.")
    match = analysis.matches[0]
    assert match.level is Level.REPORT
    assert (match.report_at, match.mention_at) == (8, 4)
    hit = match.hits[0]
    assert (hit.rule, hit.score, hit.distance) == ("pair", 12, 0)
    assert hit.passages[0].text == "police” outposts"
    assert [(term.concept, term.listed, term.written) for term in hit.passages[0].terms] == [
        ("police", "police", "police"),
        ("station", "outpost*", "outposts"),
    ]


def test_topics_are_judged_apart(matcher: Matcher) -> None:
    analysis = matcher.match("Ada Lovelace of the police station", "")
    assert [match.topic for match in analysis.matches] == ["stations", "quiet"]


def test_entities_are_mentioned_without_a_match(matcher: Matcher) -> None:
    analysis = matcher.match("Nothing", "A word from the Lady Trust.", language="en")
    assert not analysis.matches
    assert [mention.entity for mention in analysis.mentions] == ["Lady Trust"]


def test_host_countries_are_named_and_home_is_not_among_them(matcher: Matcher) -> None:
    text = "Police from Freedonia run a station in Dublin. Ireland wants the station closed."
    analysis = matcher.match("Police station in Dublin", text)
    assert analysis.countries == ("IE",)


@pytest.mark.parametrize(
    ("title", "url", "countries"),
    [
        ("Police station found", "https://www.example.hr/1", ("HR",)),
        ("Police station found", "https://www.example.fi/1", ()),
        ("Police station found", None, ()),
        ("Police station found in Dublin", "https://www.example.hr/1", ("IE",)),
    ],
)
def test_outlet_stands_in_where_no_place_abroad_is_named(
    matcher: Matcher, title: str, url: str | None, countries: tuple[str, ...]
) -> None:
    assert matcher.match(title, "", language="en", url=url).countries == countries


def test_text_without_any_term_is_no_match(matcher: Matcher) -> None:
    analysis = matcher.match("Weather", "It will rain tomorrow in the north.")
    assert analysis == Analysis(language="en", languages=analysis.languages)


@pytest.mark.parametrize(
    "text",
    [
        "Eine geheime Polizeistation der Behörden wurde hier gefunden.",
        "在这里发现了警察站。",
        "在這裡發現了警察站。",
        "عثر على مركز للشرطة هنا في المدينة.",
        "Овде је пронађена полицијска станица.",
        "Ovde je pronađena policijska stanica.",
    ],
)
def test_language_is_found_and_its_terms_are_read(matcher: Matcher, text: str) -> None:
    assert matcher.match("", text).matches
    assert matcher.match("", text, declared="en").matches


def test_version_is_known_without_loading_a_matcher() -> None:
    keywords = Keywords(version="t", concepts=(), topics=())
    assert name_shipped_rules(keywords) == Matcher.load(keywords).version
    other = replace(keywords, version="u")
    assert name_shipped_rules(other) != name_shipped_rules(keywords)


def test_version_names_rules_and_names(watch: Watch) -> None:
    first = watch(RULES).version
    assert watch(RULES).version == first
    assert watch(RULES + "weights: {title: 3}\n").version != first


def test_same_text_gives_the_same_answer_again(matcher: Matcher) -> None:
    title, text = "Irish police outpost", "The police station is in Dublin.\n" * 3
    assert matcher.match(title, text) == matcher.match(title, text)


def test_newline_in_a_title_moves_no_offset(matcher: Matcher) -> None:
    title = "The police\nstation"
    analysis = matcher.match(title, "A police station.")
    for match in analysis.matches:
        for passage in match.passages:
            source = title.replace("\n", " ") if passage.field == "title" else "A police station."
            assert source[passage.start : passage.end] == passage.text


NOISY = st.lists(
    st.one_of(
        st.sampled_from(
            ["police", "station", "警察站", "شرطة", "Dublin", "Ada Lovelace", ". ", "\n"]
        ),
        st.text(alphabet=st.sampled_from(NOISE), max_size=5),
    ),
    max_size=25,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.sampled_from(NOISE), max_size=20), NOISY)
def test_every_passage_is_a_slice_of_the_original(
    matcher: Matcher, title: list[str], words: list[str]
) -> None:
    """FAULTS D3: whatever noise stands between and inside the words."""
    heading = "".join(title).replace("\n", " ") + " police station"
    text = " ".join(words)
    assert_offsets(matcher.explain(heading, text), heading, text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_invisible_noise_inside_words_hides_nothing(matcher: Matcher, data: st.DataObject) -> None:
    """FAULTS D3."""
    noise = st.sampled_from(["\u00ad", "\u200b", "\u202e", "\ufeff", "\x00", "\u2060", "“", ")"])
    words = "Secret police station found in the old town of Dublin"
    places = data.draw(st.lists(st.integers(0, len(words)), max_size=8))
    for place in sorted(places, reverse=True):
        words = words[:place] + data.draw(noise) + words[place:]
    found = matcher.match(words, "", language="en").matches
    assert [match.level for match in found] == [Level.REPORT]
    assert found[0].score >= 12


@pytest.mark.shared
def test_naughty_strings_around_the_words_hide_nothing(matcher: Matcher, shared: Path) -> None:
    """FAULTS D3."""
    for naughty in json.loads((shared / "hostile" / "naughty-strings.json").read_text("utf-8")):
        title, text = naughty.replace("\n", " "), f"{naughty}\nA police station was found."
        analysis = matcher.match(title, text, language="en")
        assert_offsets(analysis, title, text)
        assert analysis.matches


@pytest.mark.parametrize(
    "text",
    [
        "police " * 1_400_000,
        "police station " * 600_000,
        "police" * 1_400_000,
        "(" * 100_000 + "police station" + ")" * 100_000,
        "[" * 100_000,
        "警察站" * 300_000,
        "警察 " * 300_000,
        ". " * 500_000,
        "police.\n" * 200_000,
        "station " * 30_000 + "police " * 30_000,
        "a\u0301" * 500_000,
        "Dublin police " * 100_000,
        "شرطة مركز " * 100_000,
    ],
    ids=lambda text: text[:12],
)
def test_monotonous_text_is_matched_in_bounded_time(matcher: Matcher, text: str) -> None:
    """FAULTS D7: the test's own time limit is the bound; quadratic time would exceed it."""
    assert_offsets(matcher.match("x", text), "x", text)
