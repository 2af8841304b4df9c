"""How points add up, and what makes a report of a mention."""

from __future__ import annotations

import pytest

from monitor.match.matcher import Matcher
from monitor.model.matches import Level, Match, SiteBlocks
from monitor.text.blocks import hash_block
from tests.match.conftest import Watch

RULES = """
version: 1
concepts:
  otter: {en: [otter*]}
  river: {en: [river*]}
  zoo: {en: [zoo*]}
  whole: {en: [river otter*]}
  later: {en: [the animals, these animals]}
topics:
  otters:
    title: Otters
    report at: 10
    mention at: 4
    rules:
      - {name: otters in rivers, near: [otter, river], within: 5 words, score: 8}
      - {name: named outright, any: [whole], score: 10}
      - {name: any otter, any: [otter], score: 2}
      - {name: in a zoo, near: [otter, zoo], within: same sentence, score: -6}
      - {name: later references, any: [later], score: 1, after strong hit: on, at most: 3}
"""
OPENING = "The council met on Tuesday evening to talk about the budget for the coming year. "
ROOMS = (
    "The hall",
    "The roof",
    "The kitchen",
    "The school",
    "The garden",
    "The bridge",
    "The port",
)


def filler(sentences: int) -> str:
    return "".join(f"{room} was painted again. " for room in ROOMS[:sentences])


@pytest.fixture
def matcher(watch: Watch) -> Matcher:
    return watch(RULES)


def match(matcher: Matcher, title: str, text: str, **more: object) -> Match | None:
    analysis = matcher.match(title, text, language="en", **more)  # type: ignore[arg-type]
    return analysis.matches[0] if analysis.matches else None


def test_score_is_points_times_the_weight_of_the_zone(matcher: Matcher) -> None:
    found = match(matcher, "An otter by the river", "")
    assert found is not None
    assert found.score == 16
    assert found.hits[0].points == 8
    assert found.hits[0].weight == 2
    assert found.hits[0].zone == "title"


def test_rule_counts_once_however_often_it_holds(matcher: Matcher) -> None:
    once = match(matcher, "", OPENING + filler(3) + "An otter swam in the river.")
    often = match(matcher, "", OPENING + filler(3) + "An otter swam in the river. " * 9)
    assert once is not None
    assert often is not None
    assert once.score == often.score


def test_rule_without_a_word_of_its_own_adds_nothing(matcher: Matcher) -> None:
    found = match(matcher, "River otters return", "")
    assert found is not None
    assert [hit.rule for hit in found.hits] == ["named outright"]
    assert {hit.rule: hit.note for hit in found.set_aside} == {
        "otters in rivers": "its words are counted by 'named outright'",
        "any otter": "its words are counted by 'named outright'",
    }


def test_penalty_takes_from_its_own_sentence_only(matcher: Matcher) -> None:
    text = OPENING + filler(3)
    penalised = match(matcher, "", text + "The zoo said the otter left the river.")
    assert penalised is None
    other = match(matcher, "", text + "The otter left the river. The zoo has an otter.")
    assert other is not None
    assert other.score == 8


def test_penalty_is_told(matcher: Matcher) -> None:
    found = match(matcher, "River otters at the zoo", "")
    assert found is not None
    assert (found.hits[0].points, found.hits[0].penalty, found.hits[0].score) == (10, 6, 8)


@pytest.mark.parametrize("denial", ["There is no river otter here", "No river otters, says mayor"])
def test_denial_is_still_a_report(matcher: Matcher, denial: str) -> None:
    found = match(matcher, denial, "")
    assert found is not None
    assert found.level is Level.REPORT


def test_single_sentence_of_the_body_is_a_mention_however_strong(matcher: Matcher) -> None:
    text = OPENING + filler(4) + "A river otter was seen, and another otter by the other river."
    found = match(matcher, "Budget debate", text)
    assert found is not None
    assert found.score >= found.report_at
    assert found.level is Level.MENTION
    assert found.sentences < found.sentences_needed


def test_two_sentences_of_the_body_make_a_report(matcher: Matcher) -> None:
    text = OPENING + filler(4) + "A river otter was seen. People came to watch the animals."
    found = match(matcher, "Budget debate", text)
    assert found is not None
    assert found.level is Level.REPORT


def test_headline_alone_makes_a_report(matcher: Matcher) -> None:
    found = match(matcher, "River otter stops traffic", OPENING + filler(7))
    assert found is not None
    assert found.level is Level.REPORT


def test_opening_sentence_alone_makes_a_report(matcher: Matcher) -> None:
    opening = "A river otter stopped the traffic in the old town on Tuesday morning. "
    found = match(matcher, "Morning news", opening + filler(7))
    assert found is not None
    assert found.level is Level.REPORT


def test_later_references_count_behind_a_strong_hit_only(matcher: Matcher) -> None:
    behind = match(matcher, "", OPENING + filler(3) + "A river otter came. The animals swim.")
    before = match(matcher, "", OPENING + filler(3) + "The animals swim. A river otter came.")
    assert behind is not None
    assert before is not None
    assert behind.score > before.score
    assert behind.sentences > before.sentences


def test_later_references_far_behind_do_not_count(matcher: Matcher) -> None:
    many = "".join(f"Number {number} was discussed. " for number in range(9))
    far = match(matcher, "", OPENING + filler(1) + "A river otter came. " + many + "The animals.")
    assert far is not None
    assert far.level is Level.MENTION


def test_link_below_the_article_is_no_report(matcher: Matcher) -> None:
    text = OPENING + filler(4) + "\nRiver otter stops traffic\nRead more about river otters"
    found = match(matcher, "Budget debate", text)
    assert found is not None
    assert found.level is Level.MENTION


def test_copy_of_a_sentence_is_no_second_piece_of_evidence(matcher: Matcher) -> None:
    sentence = "A river otter was seen in the harbour last night. "
    found = match(matcher, "Budget debate", OPENING + filler(4) + sentence + sentence)
    assert found is not None
    assert found.level is Level.MENTION


def test_block_that_repeats_on_the_site_does_not_count(matcher: Matcher) -> None:
    block = "Latest: a river otter stops traffic. The river otter is well."
    text = OPENING + filler(4) + "\n" + block
    assert match(matcher, "Budget debate", text) is not None
    blocks = SiteBlocks(site="example.org", version=1, repeated=frozenset({hash_block(block)}))
    analysis = matcher.explain("Budget debate", text, language="en", blocks=blocks)
    assert not analysis.matches
    assert "repeats on pages of this site" in analysis.near_misses[0].missing
    assert hash_block(block) in analysis.blocks


def test_repeated_block_says_so_beside_what_counts(matcher: Matcher) -> None:
    block = "Latest: a river otter stops traffic."
    blocks = SiteBlocks(site="example.org", version=1, repeated=frozenset({hash_block(block)}))
    found = match(matcher, "River otter found", filler(1) + "\n" + block, blocks=blocks)
    assert found is not None
    assert any("repeats" in hit.note for hit in found.set_aside)
    assert all("stops traffic" not in passage.text for passage in found.passages)


def test_title_is_never_a_repeated_block(matcher: Matcher) -> None:
    blocks = SiteBlocks(site="e", version=1, repeated=frozenset({hash_block("River otter found")}))
    assert match(matcher, "River otter found", "", blocks=blocks) is not None


def test_menu_above_the_article_is_not_its_lead(matcher: Matcher) -> None:
    text = "Home\nNews\nRiver otters\n" + OPENING + filler(5)
    found = match(matcher, "Budget debate", text)
    assert found is not None
    assert found.hits[0].zone == "body"
    assert found.level is Level.MENTION


def test_title_may_silence_a_rule(watch: Watch) -> None:
    rule = "      - {name: silent, any: [river], score: 9, not in title: [zoo]}\n"
    matcher = watch(RULES + rule)
    text = OPENING + filler(3) + "The river rose again."
    spoken = match(matcher, "A debate", text)
    assert spoken is not None
    assert match(matcher, "A debate about the zoo", text) is None
    told = matcher.explain("A debate about the zoo", text, language="en").near_misses
    assert "the title holds 'zoo'" in told[0].missing


def test_tag_of_a_rule_labels_the_match(watch: Watch) -> None:
    matcher = watch(
        RULES + "      - {name: court, any: [zoo], score: 0, tag: zoo-story, in: body}\n"
    )
    found = match(matcher, "River otter", OPENING + "\nIt went to the zoo after all that noise.")
    assert found is not None
    assert found.tags == ("zoo-story",)


def test_at_most_lets_a_rule_count_in_several_sentences(watch: Watch) -> None:
    matcher = watch(
        """
        version: 1
        concepts: {otter: {en: [otter]}}
        topics:
          t:
            title: T
            report at: 10
            mention at: 1
            rules: [{name: r, any: [otter], score: 1, at most: 3}]
        """
    )
    text = OPENING + "\n" + "".join(f"An otter came to number {n}. " for n in range(9))
    found = match(matcher, "", text)
    assert found is not None
    assert found.score == 3


def test_weights_of_the_file_are_used(watch: Watch) -> None:
    matcher = watch(RULES + "weights: {title: 3}\n")
    found = match(matcher, "River otters", "")
    assert found is not None
    assert found.score == 30
