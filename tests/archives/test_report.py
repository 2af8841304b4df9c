"""The report of a backfill: sums, words for gaps, and inert in a browser and a spreadsheet."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from monitor.jobs.backfill_report import (
    build_rows,
    count_table,
    find_captured,
    list_unseen,
    summarise,
)
from monitor.jobs.backfill_summary import FLAGGED_BUT
from monitor.render.backfill import (
    BackfillReport,
    Found,
    Unseen,
    render_html,
    render_json,
    write_report,
)
from monitor.render.backfill_tables import MonthRow, SourceRows
from storage.archive_entries import MonthCount
from storage.archive_lists import ArchiveList
from storage.backfill_requests import BackfillRequest
from storage.coverage import CoveredUnit

EVIL = '=HYPERLINK("http://evil.example","x")<script>alert(1)</script>\u202e'
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def make_report() -> BackfillReport:
    found = Found(
        title=EVIL, url="javascript:alert(1)", outlet="@SUM(1)", published="2024-02-05",
        level="report", story="+1", outlet_country="HU", countries=("HU", "SK"), language="hu",
    )  # fmt: skip
    months = (
        MonthRow(month="2024-02", counts={"covered": 12, "found": 1, "ruled out": 11}),
        MonthRow(month="", counts={"failed": 3}),
    )
    return BackfillReport(
        title=f"Backfill of {EVIL}",
        subtitle="as it stands",
        asked=(("first day", "2019-01-01"),),
        sources=(SourceRows(name=EVIL, months=months),),
        unseen=(Unseen(source=EVIL, what="before March 2021", why="-2+3"),),
        found=(found,),
        left_out={"-1 flagged, but published before the first day": 2, "not HTML": 40},
    )


def read_sheet(workbook: Path, name: str) -> list[list[str]]:
    """Return the cells of a sheet as they are stored, row by row."""
    with zipfile.ZipFile(workbook) as packed:
        texts = ["".join(each.itertext()) for each in read_xml(packed, "xl/sharedStrings.xml")]
        sheets = [
            each.get("name") for each in read_xml(packed, "xl/workbook.xml").iterfind(".//{*}sheet")
        ]
        at = sheets.index(name) + 1
        rows = read_xml(packed, f"xl/worksheets/sheet{at}.xml").iterfind(".//{*}row")
        return [
            [
                texts[int(cell.findtext("{*}v") or 0)] if cell.get("t") == "s"
                else cell.findtext("{*}v") or ""
                for cell in row
            ]
            for row in rows
        ]  # fmt: skip


def read_xml(packed: zipfile.ZipFile, name: str) -> ET.Element:
    return ET.fromstring(packed.read(name))


def test_page_loads_nothing_and_runs_nothing() -> None:
    page = render_html(make_report())
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert not re.findall(r"""(?:src|href)=["'](?!https?://)""", page)
    assert "\u202e" not in page
    assert "before March 2021" in page
    assert ">12<" in page


def test_page_fits_a_phone_and_the_dark() -> None:
    """Every table scrolls within itself; a page of 714 points on a phone of 375 was seen."""
    page = render_html(make_report())
    assert page.count("<table") == page.count("<div class=scroll><table") == 4
    assert "prefers-color-scheme:dark" in page
    light = page.partition("@media (prefers-color-scheme:dark)")[0]
    assert set(re.findall(r"var\((--[a-z]+)\)", page)) <= set(re.findall(r"(--[a-z]+):", light))


def test_workbook_holds_no_formula_and_no_live_link(tmp_path: Path) -> None:
    _, workbook, _ = write_report(make_report(), tmp_path / "reports", "backfill-1")
    with zipfile.ZipFile(workbook) as packed:
        sheets = [packed.read(n).decode() for n in packed.namelist() if "sheets/" in n]
        names = packed.read("xl/workbook.xml").decode()
        assert "=HYPERLINK" in packed.read("xl/sharedStrings.xml").decode()
    assert len([sheet for sheet in sheets if "<worksheet" in sheet]) == 6
    assert not any("<f>" in sheet or "hyperlink" in sheet for sheet in sheets)
    assert all(name in names for name in ("Found", "Covered", "Not seen", "Left out", "Asked"))


def test_workbook_can_be_sorted_filtered_and_read(tmp_path: Path) -> None:
    """A day is a day (45327 is 2024-02-05), one that no calendar has stays the text it is."""
    days = ("2024-02-05", "no date", "2024-02-31", "1899-01-01")
    found = make_report().found[0]
    report = replace(make_report(), found=tuple(replace(found, published=day) for day in days))
    _, workbook, _ = write_report(report, tmp_path, "backfill-1")
    head, *rows = read_sheet(workbook, "Found")
    assert [row[0] for row in rows] == ["45327", *days[1:]]
    with zipfile.ZipFile(workbook) as packed:
        assert 'formatCode="yyyy-mm-dd"' in packed.read("xl/styles.xml").decode()
        sheets = [read_xml(packed, f"xl/worksheets/sheet{at}.xml") for at in range(1, 7)]
    for sheet in sheets:
        pane, filtered = sheet.find(".//{*}pane"), sheet.find("{*}autoFilter")
        assert pane is not None
        assert (pane.get("ySplit"), pane.get("state")) == ("1", "frozen")
        assert filtered is not None
    assert sheets[0].find("{*}autoFilter").get("ref") == "A1:N5"  # type: ignore[union-attr]
    widths = {
        name: float(column.get("width") or 0)
        for column in sheets[0].iterfind(".//{*}col")
        for name in head[int(column.get("min") or 0) - 1 : int(column.get("max") or 0)]
    }
    assert widths.keys() == set(head)
    assert widths["published"] < widths["address"] < widths["title"] < widths["passage"]


def test_what_was_left_out_stands_in_all_three_forms(tmp_path: Path) -> None:
    """A page that was flagged outside of the asked days was missing in the workbook."""
    written = write_report(make_report(), tmp_path, "backfill-1")
    assert read_sheet(written[1], "Left out") == [
        ["why", "how often"],
        ["not HTML", "40"],
        ["-1 flagged, but published before the first day", "2"],
    ]
    assert "-1 flagged, but published before the first day" in written[0].read_text("utf-8")
    left_out = json.loads(written[2].read_text("utf-8"))["left_out"]
    assert left_out == make_report().left_out


def test_what_the_counts_are_is_said_with_the_first_figures(tmp_path: Path) -> None:
    """Someone took the sums for those of the last run, and for pages counted once."""
    page, workbook, data = write_report(make_report(), tmp_path, "backfill-1")
    top = page.read_text("utf-8").partition("<h2>")[0]
    for each in (top, json.loads(data.read_text("utf-8"))["counted"],
                 dict(read_sheet(workbook, "Asked"))["counted"]):  # fmt: skip
        assert "Everything read so far, in all backfills" in each
        assert "a page that stands in two files counts twice" in each


def test_what_was_left_out_stands_with_the_first_figures(tmp_path: Path) -> None:
    """It stood at the very end, where nobody reads."""
    said = "Left out, as outside of what was asked for: 2 flagged pages, in another language."
    report = replace(make_report(), found=(), summary=(said,), flagged_left_out=2)
    page, workbook, data = write_report(report, tmp_path, "backfill-1")
    text = page.read_text("utf-8")
    assert said in text.partition("<h2>")[0]
    assert "<b>2</b><span>flagged, but left out</span>" in text
    assert "But 2 flagged pages were left out: see below." in text
    assert ["note", said] in read_sheet(workbook, "Asked")
    assert json.loads(data.read_text("utf-8"))["summary"] == [said]


def test_figures_of_one_are_singular() -> None:
    page = render_html(make_report())
    for said in ("<b>1</b><span>article found<", "<b>1</b><span>story<", "<b>1</b><span>gap<",
                 "<b>12</b><span>pages read<"):  # fmt: skip
        assert said in page


def test_sources_without_a_find_are_folded_where_they_are_many(tmp_path: Path) -> None:
    """Someone scrolled through six hundred rows of zeros; the workbook has them all."""
    quiet = [
        SourceRows(
            name=f"quiet{at}.example",
            months=(MonthRow(month="2024-03", counts={"covered": 2, "ruled out": 2}),),
        )
        for at in range(20)
    ]
    nothing = SourceRows(name="none.example", months=(MonthRow(month="2024-03", counts={}),))
    own = make_report().sources[0]
    report = replace(make_report(), sources=(own, *quiet, nothing))
    page, workbook, _ = write_report(report, tmp_path, "backfill-1")
    covered = page.read_text("utf-8").partition("What was covered")[2]
    open_to_all, _, folded = covered.partition("<summary>20 more sources with nothing found")
    assert "quiet0.example" not in open_to_all
    assert "quiet19.example" in folded
    first = open_to_all.partition("</table>")[0]
    assert [re.sub("<[^>]+>", " ", row).split()[-4:] for row in first.split("<tr>")[-2:]] == [
        ["0", "40", "40", "0"], ["1", "52", "51", "3"],
    ]  # fmt: skip
    assert "<th class=n>waiting" not in covered
    assert "columns of zeros (no match, outside, waiting)" in open_to_all
    assert "1 source of which there is no page" in open_to_all
    assert len(read_sheet(workbook, "Covered")) == 1 + 2 + 20 + 1


def test_sources_are_no_more_sources_where_there_are_no_others() -> None:
    counts = {"covered": 2, "ruled out": 2}
    quiet = [
        SourceRows(name=f"q{at}.example", months=(MonthRow(month="2024-03", counts=counts),))
        for at in range(20)
    ]
    page = render_html(replace(make_report(), sources=tuple(quiet)))
    assert "<td>20 sources with nothing found" in page


def test_report_without_a_page_says_that_nothing_is_known() -> None:
    """It told that nothing was found in what could be seen."""
    report = BackfillReport(title="HU", subtitle="", other_sites=600, note="Left out 600 pages.")
    page = render_html(report)
    assert "<b>600</b><span>pages of other sites left out" in page
    assert "Nothing could be seen, so nothing is known: no page was read." in page
    assert "No page was covered." in page
    assert page.count("Left out 600 pages.") == 1


def test_few_sources_stay_in_one_table() -> None:
    page = render_html(make_report())
    assert "with nothing found" not in page


def test_months_of_captures_are_headed_so_in_all_three_forms(tmp_path: Path) -> None:
    """An article of 2019 that was captured in 2024 counts in 2024, and is found in 2019."""
    report = make_report()
    report = replace(report, sources=(replace(report.sources[0], month_of="capture"),))
    page, workbook, data = write_report(report, tmp_path, "backfill-1")
    assert "<th>month of capture</th>" in page.read_text("utf-8")
    assert "<td>capture</td>" in page.read_text("utf-8")
    head, row, _ = read_sheet(workbook, "Covered")
    assert dict(zip(head, row, strict=True))["month of"] == "capture"
    assert json.loads(data.read_text("utf-8"))["sources"][0]["month_of"] == "capture"


def test_json_says_the_same() -> None:
    report = json.loads(render_json(make_report()))
    assert report["sources"][0]["months"][0]["counts"]["found"] == 1
    assert report["found"][0]["title"] == EVIL
    assert list(report["sites"].values()) == [{"2024-02": 12, "": 0}]


def test_pages_of_network_and_files_are_counted_by_source_and_month() -> None:
    months = [
        MonthCount(source_id="town", month="2024-02", outcome="found", pages=1),
        MonthCount(source_id="town", month="2024-02", outcome="not an article", pages=2),
        MonthCount(source_id="town", month="2024-03", outcome="unwanted", pages=4),
        MonthCount(source_id="town", month=None, outcome="not asked yet", pages=8),
        MonthCount(source_id="town", month="2024-02", outcome="robots", pages=16),
    ]
    ends = {"town.example": {"2024-02": {"ruled out": 32, "new": 1, "worker lost": 1,
                                       "flagged but left out": 2}}}  # fmt: skip
    unit = CoveredUnit(unit="a", asked="q", run_id="r", kind="warc", ends=ends)
    captured = find_captured(months, [unit])
    rows = build_rows(count_table(months, [unit]), {"town": "Town (town)"}, captured=captured)
    assert [row.month_of for row in rows] == ["publication", "capture"]
    both = replace(unit, ends=ends | {"town": {}})
    assert find_captured(months, [both])["town"] == "capture or publication"
    assert [row.name for row in rows] == ["Town (town)", "town.example"]
    by_month = {row.month: dict(row.counts) for row in rows[0].months}
    assert by_month == {
        "": {"waiting": 8},
        "2024-02": {"covered": 3, "found": 1, "no match": 2, "failed": 16},
        "2024-03": {"covered": 4, "outside": 4},
    }
    assert dict(rows[1].months[0].counts) == {
        "covered": 35, "ruled out": 32, "found": 1, "failed": 1, "outside": 2,
    }  # fmt: skip


def part_of(file: str, span: str, *damages: str, path: str = "") -> CoveredUnit:
    unit = f"{file} {span}"
    return CoveredUnit(unit=unit, asked="q", run_id="r", kind="warc", damages=damages, path=path)


@pytest.mark.parametrize(
    ("others", "is_told"),
    [
        ([], True),
        ([part_of("x.warc.gz 20 aa", "0-9"), part_of("x.warc.gz 20 aa", "9-20")], False),
        ([part_of("x.warc.gz 20 aa", "0-9")], True),  # not all of it yet
        ([part_of("x.warc.gz 20 aa", "0-20", "at byte 3: broken")], True),
        ([part_of("x.warc.gz 12 bb", "0-12", path="/a/x")], False),  # damaged at its beginning
        ([part_of("x.warc.gz 12 bb", "0-12", path="/b/x")], True),
        ([part_of("x.warc.gz 20 bb", "0-20")], True),  # another one of that name
        ([part_of("y.warc.gz 20 aa", "0-20")], True),
    ],
)
def test_damaged_place_is_a_gap_until_a_whole_copy_was_read(
    *, others: list[CoveredUnit], is_told: bool
) -> None:
    """It stayed for ever, in runs over other folders, too."""
    request = BackfillRequest(asked="q", run_id=None, words={}, first_at=NOW, last_at=NOW)
    cut = part_of(
        "x.warc.gz 12 aa", "0-12", "at byte 10: the file ends within a record", path="/a/x"
    )
    told = [each.file for each in list_unseen(request, [], [], [cut, *others], {})]
    assert ("x.warc.gz 12 aa" in told) is is_told


def gaps(*lists: ArchiveList) -> list[tuple[str, str]]:
    request = BackfillRequest(
        asked="q", run_id=None, words={"from": "2019-01-01"}, first_at=NOW, last_at=NOW
    )
    found = list_unseen(request, lists, [], [], {})
    return [(each.what, each.why) for each in found]


def a_list(**more: object) -> ArchiveList:
    usual = {"url": "https://t.example/map.xml", "source_id": "t", "form": "sitemap", "depth": 0,
             "state": "done"}  # fmt: skip
    return ArchiveList(**(usual | more))  # type: ignore[arg-type]


def test_archive_that_begins_late_is_told() -> None:
    oldest = datetime(2021, 3, 9, tzinfo=UTC)
    (gap,) = gaps(a_list(pages=7, oldest=oldest))
    assert gap == (
        "before March 2021", "no archive before March 2021: nothing that was read is older",
    )  # fmt: skip
    assert gaps(a_list(pages=7, oldest=datetime(2019, 1, 20, tzinfo=UTC))) == []


def test_source_without_any_archive_is_told() -> None:
    (gap,) = gaps(a_list(form="robots"), a_list(form="guess", url="https://t.example/x"))
    assert "no archive that could be found" in gap[1]


def test_list_that_failed_and_one_that_was_cut_are_told() -> None:
    found = gaps(
        a_list(state="failed", problem="the site answered 403"),
        a_list(url="https://t.example/b.xml", pages=1, problem="broken XML"),
        a_list(url="https://t.example/c.xml", state="todo"),
    )
    assert found == [
        ("the sitemap https://t.example/map.xml", "the site answered 403"),
        ("a part of the sitemap https://t.example/b.xml", "broken XML"),
        ("the sitemap https://t.example/c.xml", "waits: it was not asked for yet"),
    ]


def test_lists_of_a_source_that_wait_are_one_row() -> None:
    """Without a connection a report had four hundred of them."""
    names = [f"https://t.example/{number}.xml" for number in range(9)]
    found = gaps(*(a_list(url=name, state="todo") for name in names),
                 a_list(state="todo", problem="the site answered 503"))  # fmt: skip
    assert found == [
        ("9 lists", "waits: it was not asked for yet"),
        ("the sitemap https://t.example/map.xml", "waits: the site answered 503"),
    ]


def test_lists_that_were_not_reached_are_one_gap_a_source() -> None:
    """Eight sources had sixteen gaps, with what a resolver says in each."""
    problem = "the name 't.example' was not found"
    (gap,) = gaps(
        a_list(form="robots", state="todo", problem=problem),
        a_list(form="feed", state="todo", problem=problem, url="https://t.example/feed"),
    )
    assert gap == (
        "its lists", f"waits: no connection: {problem}; asked for again the next time",
    )  # fmt: skip


@pytest.mark.parametrize(("offline", "said"), [(True, "is there a connection?"), (False, "")])
def test_run_without_a_connection_is_told_beside_the_first_figures(
    *, offline: bool, said: str
) -> None:
    told = "".join(filter(None, summarise({"offline": offline}, [], {})))
    assert (said in told) if said else not told


def test_what_was_left_out_is_said_to_be_of_all_runs_so_far() -> None:
    """It stood below the pages of this run, as if it were of them."""
    said = next(iter(summarise({}, (), {f"{FLAGGED_BUT}in another language": 2})))
    assert said.startswith("Left out so far, as outside of what was asked for: 2 flagged pages")
