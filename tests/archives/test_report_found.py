"""What a backfill found, as its report tells it: where, of which countries, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.jobs.backfill_report import find_captures, make_report
from monitor.model import Analysis, Subscriber
from monitor.render.backfill import (
    BackfillReport,
    Found,
    render_html,
    render_json,
    write_workbook,
)
from storage.database import Storage
from tests.archives.test_report import read_sheet
from tests.storage.building import Desk, HeldClock, make_analysis, make_article

ASKED = "asked"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = HeldClock()
    with Storage.create(tmp_path / "data", clock) as storage:
        yield Desk(storage, clock)


def report_of(desk: Desk, analysis: Analysis, **origin: object) -> BackfillReport:
    """Have one article found by a backfill, in a story of Ireland, and return the report."""
    article = make_article()
    story, _ = desk.tell(article, analysis=analysis, **origin)
    desk.storage.backfills.note(ASKED, {"title": "Backfill"})
    desk.storage.backfills.add_finding(ASKED, story.articles[0].article_id)
    request = desk.storage.backfills.find(ASKED)
    assert request is not None
    return make_report(desk.storage, request, sources=[])


def make_reader(name: str, time_zone: str) -> Subscriber:
    return Subscriber(name=name, channel="folder", time_zone=time_zone)


@pytest.mark.parametrize(
    ("zones", "said"),
    [
        (("Europe/Zagreb",), "21 November 2026, 13:00 (Europe/Zagreb)"),
        (("Asia/Taipei", "Asia/Taipei"), "21 November 2026, 20:00 (Asia/Taipei)"),
        (("Asia/Taipei", "UTC"), "21 November 2026, 12:00 (UTC)"),
        ((), "21 November 2026, 12:00 (UTC)"),
    ],
)
def test_time_of_a_report_is_that_of_its_readers_as_in_a_digest(
    desk: Desk, zones: tuple[str, ...], said: str
) -> None:
    """It was UTC alone; days are those of UTC, as `--from` and `--to`, which is said."""
    desk.storage.backfills.note(ASKED, {"title": "Backfill"})
    request = desk.storage.backfills.find(ASKED)
    assert request is not None
    request = replace(request, last_at=datetime(2026, 11, 21, 12, tzinfo=UTC))
    readers = [make_reader(str(number), zone) for number, zone in enumerate(zones)]
    report = make_report(desk.storage, request, sources=[], subscribers=readers)
    assert report.subtitle.startswith(f"as it stands on {said}; ")
    assert dict(report.asked)["days and months"] == "in UTC, as the first and the last day are"


def columns(report: BackfillReport, folder: Path) -> dict[str, str]:
    """Return the first finding of the workbook, by the head of its column."""
    write_workbook(report, folder / "report.xlsx")
    head, row = read_sheet(folder / "report.xlsx", "Found")
    return dict(zip(head, row, strict=True))


def test_article_of_a_file_has_the_countries_of_its_text(desk: Desk, tmp_path: Path) -> None:
    """Its outlet is known by a page in a file only, and so has no country."""
    analysis = make_analysis(countries=("HU", "SK"))
    report = report_of(desk, analysis, source_id=None, country=None, outlet="town.example")
    [found] = json.loads(render_json(report))["found"]
    assert (found["outlet_country"], found["countries"]) == ("", ["HU", "SK"])
    row = columns(report, tmp_path)
    assert (row["outlet country"], row["countries"]) == ("", "HU; SK")
    assert "town.example · HU, SK · en" in render_html(report)


def test_article_that_names_no_country_has_those_of_its_story(desk: Desk) -> None:
    report = report_of(desk, make_analysis(countries=()), country="DE")
    assert report.found[0].countries == ("IE",)
    assert "Daily (DE) · IE · en" in render_html(report)


def test_every_finding_carries_its_reason(desk: Desk, tmp_path: Path) -> None:
    report = report_of(desk, make_analysis())
    [found] = json.loads(render_json(report))["found"]
    assert (found["passage"], found["rule"]) == ("Police station", "named outright")
    row = columns(report, tmp_path)
    assert (row["passage"], row["rule"]) == ("Police station", "named outright")
    page = render_html(report)
    assert "“Police station”" in page
    assert "named outright" in page


def test_reason_is_one_line_and_inert_whatever_the_page_held(desk: Desk, tmp_path: Path) -> None:
    evil = "=1+1\n<img src=x>\u202e " + "word " * 100
    report = report_of(desk, make_analysis())
    report = replace(report, found=(replace(report.found[0], passage=evil),))
    page = render_html(report)
    shown = page.partition("“")[2].partition("”")[0]
    assert shown.startswith("=1+1 &lt;img src=x&gt;[U+202E] word")
    assert len(shown) < 300
    assert shown.endswith("…")
    assert columns(report, tmp_path)["passage"].startswith("=1+1\n<img src=x>[U+202E]")


def test_finding_links_to_the_address_that_was_asked(desk: Desk, tmp_path: Path) -> None:
    """The canonical one lacks the `www.`, without which some sites have no page."""
    report = report_of(desk, make_analysis())
    [found] = json.loads(render_json(report))["found"]
    asked, canonical = make_article().url, make_article().canonical_url
    assert (found["url"], found["canonical_url"]) == (asked, canonical)
    assert asked != canonical
    assert f'href="{asked}"' in render_html(report)
    row = columns(report, tmp_path)
    assert (row["address"], row["canonical address"]) == (asked, canonical)


def test_finding_in_a_capture_links_to_that_too() -> None:
    url = "https://www.town.example/1?a=id_/b"
    at = "https://archive.example/web/20240305093000"
    assert find_captures([f"{at}id_/{url}", "https://no.example/"]) == {url: f"{at}/{url}"}
    found = Found(
        title="T", url=url, outlet="O", published="", level="report", story="T",
        capture=f"{at}/{url}",
    )  # fmt: skip
    page = render_html(BackfillReport(title="t", subtitle="s", found=(found,)))
    assert f'href="{at}/{url}"' in page
