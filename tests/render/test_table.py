"""D6: articles as tables, inert in every spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model.stored import ExportRow
from monitor.render.table import COLUMNS, FORMULA_STARTS, guard, write_csv, write_jsonl, write_xlsx
from tests.render.hostile import HOSTILE
from tests.render.samples import NOW, ZH

ROW = ExportRow(
    story_id="s-1",
    story_title=ZH[0],
    article_id="a-1",
    version=1,
    url="https://news.example.org/1",
    canonical_url="https://news.example.org/1",
    title=ZH[0],
    author=None,
    outlet="The Danube Courier",
    publisher=None,
    source_id="danube",
    outlet_country="HU",
    countries=("HU", "SK"),
    language="zh",
    published=datetime(2026, 11, 20, tzinfo=UTC),
    published_precision="day",
    modified=None,
    first_seen=NOW,
    topic="overseas-stations",
    level="report",
    score=-3.5,
    report_at=10,
    rules=("named outright",),
    tags=(),
    passage=ZH[2],
    passages=(ZH[2],),
    historic=False,
    weak=True,
    method="trafilatura",
    body_sha256=None,
    rules_version="",
)

FORMULAS = (
    '=HYPERLINK("http://x.invalid","click")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "  =1+1",
    "＝1+1",
    "\u00a0=1",
    "'=1",
    "=1\x00",
    'DDE("cmd";"/C calc";"x")',
)


@pytest.mark.parametrize("formula", FORMULAS)
def test_csv_cell_is_no_formula(formula: str) -> None:
    out = io.StringIO(newline="")
    assert write_csv([replace(ROW, title=formula)], out) == 1
    [row] = csv.DictReader(io.StringIO(out.getvalue().removeprefix("\ufeff"), newline=""))
    assert not row["title"].startswith(FORMULA_STARTS)
    assert row["title"].startswith(("'", "[U+")) or formula.startswith("DDE")


@given(st.text(st.characters(codec=None)))
def test_guarded_text_never_begins_like_a_formula(text: str) -> None:
    assert not guard(text).startswith(FORMULA_STARTS)
    assert guard(text).endswith(text)


def test_csv_keeps_numbers_of_our_own_and_every_language() -> None:
    out = io.StringIO(newline="")
    write_csv([ROW], out)
    assert out.getvalue().startswith("\ufeffstory_id,")
    [row] = csv.DictReader(io.StringIO(out.getvalue().removeprefix("\ufeff"), newline=""))
    assert row["score"] == "-3.5"
    assert row["title"] == ZH[0]
    assert row["countries"] == "HU; SK"
    assert row["published"] == "2026-11-20T00:00:00.000000Z"
    assert row["historic"] == "no"
    assert tuple(row) == COLUMNS


@pytest.mark.parametrize("name", HOSTILE)
def test_jsonl_is_one_line_each_and_whole(name: str) -> None:
    out = io.StringIO()
    write_jsonl([replace(ROW, title=HOSTILE[name]), ROW], out)
    first, second = out.getvalue().splitlines()
    assert json.loads(first)["title"] == HOSTILE[name]
    assert json.loads(second)["countries"] == ["HU", "SK"]


def sheet(rows: list[ExportRow]) -> tuple[ET.Element, str]:
    out = io.BytesIO()
    assert write_xlsx(rows, out) == len(rows)
    with zipfile.ZipFile(out) as book:
        names = book.namelist()
        assert not [name for name in names if "external" in name.lower() or "rels/sheet" in name]
        document = book.read("xl/worksheets/sheet1.xml")
        return ET.fromstring(document), document.decode()


@pytest.mark.parametrize("bad", [*FORMULAS, *HOSTILE.values()])
def test_xlsx_holds_no_formula_no_link_and_opens(bad: str) -> None:
    root, text = sheet([replace(ROW, title=bad, url="https://x.invalid/=1", passages=(bad, bad))])
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert root.findall(f".//{space}f") == []
    assert root.findall(f".//{space}hyperlink") == []
    assert "\x00" not in text


def test_xlsx_has_times_as_times_and_texts_as_texts() -> None:
    root, _ = sheet([ROW, replace(ROW, published=datetime(9999, 12, 31, tzinfo=UTC))])
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    cells = {cell.get("r"): cell for cell in root.iter(f"{space}c")}
    place = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[COLUMNS.index("published")]
    assert float(cells[f"{place}2"].findtext(f"{space}v") or 0) == 46346
    assert cells[f"{place}3"].get("t") == "inlineStr"
    title = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[COLUMNS.index("title")]
    assert cells[f"{title}2"].findtext(f"{space}is/{space}t") == ZH[0]


def test_every_field_a_researcher_asks_for_is_a_column() -> None:
    wanted = {"published", "first_seen", "outlet", "countries", "language", "topic", "score",
              "passage", "url", "story_id"}  # fmt: skip
    assert wanted <= set(COLUMNS)
