"""The picture of the last days: its bars, and the sentence that says the same."""

from __future__ import annotations

from datetime import date, timedelta

from monitor.model.digest import DayCount
from monitor.render.digest import render_digest
from monitor.render.picture import DAYS, draw_history
from tests.render.samples import TOPICS, digest, subscriber, watch


def test_picture_has_a_bar_for_each_day_and_says_the_same_in_words() -> None:
    until = date(2026, 11, 21)
    history = [
        DayCount(day=until, topic="overseas-stations", reports=4),
        DayCount(day=until - timedelta(days=29), topic="overseas-stations", reports=1),
        DayCount(day=until - timedelta(days=30), topic="overseas-stations", reports=99),
        DayCount(day=until, topic="joint-patrols", reports=2),
        DayCount(day=until, topic="joint-patrols", reports=2),
    ]
    first, second = draw_history(history, until=until, topics=TOPICS)
    assert len(first.counts) == len(first.heights) == len(first.sparkline) == DAYS
    assert first.counts[0] == 1
    assert first.heights[-1] == max(first.heights) == second.heights[-1]
    assert 0 < first.heights[0] < first.heights[-1]
    assert first.sentence == "5 reports in 30 days; the latest on 21 Nov, the most on 21 Nov (4)."
    assert second.counts[-1] == 4


def test_picture_of_nothing_says_nothing_was_reported() -> None:
    rows = draw_history((), until=date(2026, 11, 21), topics=TOPICS)
    assert [row.sentence for row in rows] == ["No report in 30 days."] * 2
    assert all(set(row.heights) == {0} for row in rows)


def test_topic_without_a_report_is_a_sentence_and_no_empty_picture() -> None:
    sent = render_digest(digest(state=watch(history=())), subscriber())
    assert "No report in 30 days." in sent.text
    assert "|" + " " * DAYS not in sent.text
    assert 'class="chart"' not in (sent.html or "")
    assert 'class="chart"' in (render_digest(digest(), subscriber()).html or "")
