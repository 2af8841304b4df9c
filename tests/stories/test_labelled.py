"""The floors of issue 4 on labelled texts, and on own texts in 24 languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.match.matcher import Matcher
from tests.stories.events import measure_reports, read_reports
from tests.stories.grouping import OWN, group_with, measure, read_groups


@pytest.mark.parametrize("each_alone", [True, False], ids=["each alone", "all together"])
def test_own_texts_are_grouped(matcher: Matcher, each_alone: bool) -> None:
    figures = measure(read_groups(OWN), group_with(matcher), each_alone=each_alone)
    assert figures.near_duplicate_f1 >= 0.97, figures.wrong
    assert figures.joined("same_story") >= 0.85, figures.wrong
    assert figures.joined("same_story across") >= 0.75, figures.wrong
    assert figures.false_joins <= 0.05, figures.wrong


@pytest.mark.shared
@pytest.mark.parametrize("each_alone", [True, False], ids=["each alone", "all together"])
def test_labelled_texts_are_grouped(shared: Path, matcher: Matcher, each_alone: bool) -> None:
    groups = read_groups(shared / "labelled" / "stories.jsonl")
    figures = measure(groups, group_with(matcher), each_alone=each_alone)
    assert figures.near_duplicate_f1 >= 0.97, figures.wrong
    assert figures.joined("same_story") >= 0.85, figures.wrong
    assert figures.joined("same_story across") >= 0.75, figures.wrong
    assert figures.false_joins <= 0.05, figures.wrong


def test_confusable_events_are_kept_apart(matcher: Matcher) -> None:
    """Another city, the next hearing, a year later: most of these pairs are made to be mistaken."""
    figures = measure_reports(read_reports(), group_with(matcher), each_alone=False)
    assert figures.joined("same_story across") >= 0.9, figures.wrong
    assert figures.false_joins <= 0.08, figures.wrong
    # families are subjects of their own: hardly any of 11,000 pairs may come together
    kinds = ("different of other families", "different of other families across")
    assert sum(figures.story[kind] for kind in kinds) <= 5, figures.wrong
    assert not sum(figures.article.values()), figures.wrong


def test_confusable_events_nothing_was_tuned_on_are_grouped(matcher: Matcher) -> None:
    reports = read_reports(held_back=True)
    figures = measure_reports(reports, group_with(matcher), each_alone=False)
    assert figures.joined("same_story across") >= 0.85, figures.wrong
    assert figures.false_joins <= 0.05, figures.wrong
