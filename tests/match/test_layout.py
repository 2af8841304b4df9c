from __future__ import annotations

import pytest

from monitor.match.layout import Layout
from monitor.model.matches import SiteBlocks
from monitor.text.normal import normalise

REAL = "The council met on Tuesday evening to talk about the budget."


def zones(title: str, text: str) -> list[tuple[str, str]]:
    whole = f"{title}\n{text}"
    layout = Layout(title, normalise(whole), SiteBlocks())
    return [(one.zone, whole[one.start : one.end]) for one in layout.sentences]


def test_lead_is_the_first_paragraph_at_most_three_sentences() -> None:
    text = f"{REAL} Two. Three. Four.\nAnother paragraph with more than eight words in it."
    assert [zone for zone, _ in zones("A title", text)] == [
        "title", "lead", "lead", "lead", "body", "body",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "furniture",
    [
        "Home\nNews",
        "By Ada Lovelace",
        "Read also: the council met on Tuesday evening and talked about the budget",
        "A title",
        "A title\nBy Ada",
    ],
)
def test_furniture_above_the_article_is_no_lead(furniture: str) -> None:
    found = zones("A title", f"{furniture}\n{REAL} More was said.")
    assert [written for zone, written in found if zone == "lead"] == [REAL, "More was said."]


def test_opening_of_short_sentences_is_the_lead() -> None:
    text = (
        "The talk was short. The palace called it kind.\nThe second paragraph is a long one here."
    )
    assert [zone for zone, _ in zones("A title", text)] == ["title", "lead", "lead", "body"]


def test_opening_in_characters_without_spaces_is_the_lead() -> None:
    text = "外交部发言人周二表示，该办事处将于月底之前关闭，并无更多消息。\n第二段。"
    assert [zone for zone, _ in zones("标题", text)] == ["title", "lead", "body"]


def test_summary_without_a_full_stop_is_the_lead() -> None:
    assert [zone for zone, _ in zones("A title", REAL.removesuffix("."))] == ["title", "lead"]


def test_long_lead_ends_after_six_hundred_characters() -> None:
    text = f"{REAL} {'Word ' * 130}. The end."
    assert [zone for zone, _ in zones("A title", text)] == ["title", "lead", "lead", "body"]


def test_text_without_a_title_has_a_lead() -> None:
    assert [zone for zone, _ in zones("", REAL)] == ["lead"]


def test_heading_and_item_are_lines_and_sentences_are_not() -> None:
    text = f"{REAL}\nA heading\nA sentence ends with a stop.\nTwo in a line. Without a stop"
    layout = Layout("T", normalise(f"T\n{text}"), SiteBlocks())
    assert [one.is_line for one in layout.sentences] == [False, False, True, False, False, False]
