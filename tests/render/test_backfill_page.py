"""The report of a backfill on a phone, in a real browser: long names break where they may."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from monitor.render.backfill import BackfillReport, Unseen, render_html
from monitor.render.backfill_tables import MonthRow, SourceRows, show_name

NAMES = (
    "www.magyarhangtarsulat.example", "abcdefghijklmnopqrstuv.example", "town.example",
    "balkaninsight_investigations.example", "Ярославское.обозрение.example",
)  # fmt: skip

BROKEN_PIECES = """
names => {
  const broken = [];
  for (const cell of document.querySelectorAll(names)) {
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(walker.currentNode);
      if (range.getClientRects().length > 1) broken.push(walker.currentNode.data);
    }
  }
  return broken;
}"""


def make_page() -> str:
    months = tuple(
        MonthRow(month=f"2024-0{month}", counts={"covered": 19_264 * month, "found": 3})
        for month in (1, 2)
    )
    return render_html(
        BackfillReport(
            title="Backfill",
            subtitle="as it stands",
            sources=tuple(
                SourceRows(name=name, months=months, month_of="capture") for name in NAMES
            ),
            unseen=tuple(
                Unseen(source=f"{name}.warc.gz", what="a damaged place", why="at byte 1,234")
                for name in NAMES
            ),
        )
    )


def test_long_name_may_break_behind_its_dots_and_stays_text() -> None:
    assert show_name("town.example") == "town.example"
    assert show_name("www.magyarhangtarsulat.example") == "www.<wbr>magyarhangtarsulat.<wbr>example"
    assert show_name("<b>.magyarhangtarsulat.example.") == (
        "&lt;b&gt;.<wbr>magyarhangtarsulat.<wbr>example."
    )


@pytest.mark.browser
def test_names_break_at_their_dots_alone_on_a_phone(tmp_path: Path) -> None:
    """Of 22 letters and more they broke anywhere, a letter alone on a line."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="./stationwatch install browser")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no headless Chromium (apt-get install chromium)")
    page = tmp_path / "report.html"
    page.write_text(make_page(), encoding="utf-8")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": 400, "height": 900})
        shown.goto(page.as_uri())
        for names in ("table.covered td:first-child", "table.unseen td:first-child", "summary"):
            assert shown.evaluate(BROKEN_PIECES, names) == []
        assert shown.evaluate("document.documentElement.scrollWidth") == 400
        found, seen = (
            shown.evaluate(f"document.querySelector('{each}').getBoundingClientRect().right")
            for each in ("table.covered td.hit", "table.covered td:nth-child(5)")
        )
        assert found < seen <= 400
        browser.close()
