"""What a search saw is held against the sources: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.health.recall import Known, compare_coverage, fold_title, is_recall_due
from monitor.model import Source, SourceTrouble, WatchState
from monitor.model.recall import Fate, FoundElsewhere, RecallReport
from monitor.render.watch import view_watch

NOW = datetime(2026, 11, 21, tzinfo=UTC)
TITLE = "Government orders Chinese police station in Port Halden to close"
SOURCES = (
    Source(id="courier", kind="feed", url="https://feeds.courier.example/x", outlet="The Courier"),
    Source(id="off", kind="feed", url="https://off.example/x", outlet="Off", enabled=False),
    Source(id="search", kind="search", url="https://bing.example/x", outlet="Bing"),
)


def found(url: str, title: str = TITLE, outlet: str = "") -> FoundElsewhere:
    return FoundElsewhere(url=url, title=title, topic="overseas-stations", outlet=outlet)


def compare(
    *each: FoundElsewhere, flagged: tuple[str, ...] = (), read: tuple[str, ...] = ()
) -> RecallReport:
    known = Known(
        flagged_urls=frozenset(flagged),
        flagged_titles=frozenset(),
        was_read=lambda url: url in read,
    )
    return compare_coverage(
        each, is_on_topic=lambda one: "police" in one.title.lower(), known=known,
        sources=SOURCES, at=NOW, asked="gdelt",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("url", "outlet", "fate", "source", "cure"),
    [
        ("https://www.courier.example/a", "", Fate.NOT_OFFERED, "courier", "sources test courier"),
        ("https://c.example/a", "the courier", Fate.NOT_OFFERED, "courier", "sources test"),
        ("https://off.example/a", "", Fate.NO_SOURCE, None, "sources add https://off.example"),
        ("https://bing.example/a", "", Fate.NO_SOURCE, None, "sources add https://bing.example"),
        ("https://news.google.com/rss/articles/CBMiabcdefghijklmn", "The Courier",
         Fate.NOT_OFFERED, "courier", "sources test courier"),
    ],
)  # fmt: skip
def test_gap_names_the_source_that_would_have_had_it(
    url: str, outlet: str, fate: Fate, source: str | None, cure: str
) -> None:
    [gap] = compare(found(url, outlet=outlet)).gaps
    assert (gap.fate, gap.source_id) == (fate, source)
    assert cure in gap.cure


def test_every_report_found_is_counted_in_one_place() -> None:
    report = compare(
        found("https://a.example/1?utm_source=x"),
        found("https://b.example/2", "Minister signs police deal with neighbours, readers say"),
        found("https://b.example/3", "Weather stays fine over the whole of the country today"),
        found("https://news.google.com/rss/articles/CBMiabcdefghijklmn", "Chinese police again"),
        found("https://c.example/4", "Police station: what was read and not flagged at all"),
        found("https://a.example/1"),
        flagged=("https://a.example/1",),
        read=("https://c.example/4",),
    )
    assert (report.found, report.flagged, report.beside, report.unclear) == (5, 1, 1, 1)
    assert [gap.fate for gap in report.gaps] == [Fate.NOT_FLAGGED, Fate.NO_SOURCE]
    assert report.found == report.flagged + report.beside + report.unclear + len(report.gaps)


def test_one_report_under_two_addresses_and_a_tail_is_one() -> None:
    report = compare(
        found("https://a.example/1", f"{TITLE} - The Courier", "The Courier"),
        found("https://b.example/1", TITLE),
    )
    assert report.found == 1


def test_titles_compare_without_case_accents_and_outlet() -> None:
    assert fold_title("Él: “Police” — El País", "El País") == fold_title("EL: police")
    assert fold_title("El País", "El País") == "el pais"


def test_check_is_due_weekly_and_daily_while_nothing_answers() -> None:
    every = timedelta(days=7)
    good = RecallReport(at=NOW, asked="gdelt", found=3)
    failed = RecallReport(at=NOW, asked="gdelt", problems=("no answer",))
    assert is_recall_due(None, every=every, now=NOW)
    assert not is_recall_due(good, every=every, now=NOW + timedelta(days=6))
    assert is_recall_due(good, every=every, now=NOW + timedelta(days=7))
    assert not is_recall_due(failed, every=every, now=NOW + timedelta(hours=23))
    assert is_recall_due(failed, every=every, now=NOW + timedelta(days=1))
    assert is_recall_due(good, every=every, now=NOW - timedelta(days=1))  # a clock that was wrong


def test_digest_names_what_was_seen_elsewhere() -> None:
    trouble = SourceTrouble(name="Elsewhere", why=f"{Fate.NO_SOURCE.value}: {TITLE}", since=NOW)
    state = WatchState(since=None, until=NOW, seen_elsewhere=(trouble,) * 30)
    row, *_, last = view_watch(state, zone="UTC").elsewhere
    assert row.name == "Elsewhere"
    assert "no source of yours" in row.why
    assert "(published " in row.why, "a report has no 'since'"
    assert "recall.json" in last.why
