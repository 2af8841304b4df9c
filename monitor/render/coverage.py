"""The report of a backfill: what was covered, month by month and site by site, and what was not.

One table of values in, HTML, XLSX or JSON out; whatever comes from outside is escaped, and inert in
a spreadsheet (FAULTS D5, D6).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import xlsxwriter

from monitor.render.clean import visible

MOST_ROWS = 100_000


@dataclass(frozen=True, kw_only=True)
class CoverageReport:
    """What a backfill covered; `sites` are pages by site and month of capture.

    `unseen` says in words what could not be read and why, `counted` what was left out, how often.
    """

    title: str
    asked: tuple[str, ...]
    outcomes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    sites: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    counted: Mapping[str, int] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()
    stories: tuple[tuple[str, str, str], ...] = ()


def write_report(report: CoverageReport, folder: Path, name: str) -> tuple[Path, ...]:
    """Write the report in all three forms into `folder` and return the files."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    html, xlsx, data = (folder / f"{name}.{form}" for form in ("html", "xlsx", "json"))
    html.write_text(render_html(report), encoding="utf-8")
    data.write_text(render_json(report), encoding="utf-8")
    write_workbook(report, xlsx)
    return html, xlsx, data


def render_json(report: CoverageReport) -> str:
    """Return the report for other programs."""
    return json.dumps(
        {
            "title": report.title,
            "asked": report.asked,
            "outcomes": report.outcomes,
            "sites": report.sites,
            "left_out": report.counted,
            "unseen": report.unseen,
            "stories": [
                {"title": title, "published": published, "url": url}
                for title, published, url in report.stories
            ],
        },
        ensure_ascii=True,
        indent=1,
    )


def render_html(report: CoverageReport) -> str:
    """Return the report as one page that loads nothing."""
    months = sorted({month for counts in report.sites.values() for month in counts})
    site_rows = [
        [site, *(counts.get(month, "") for month in months)]
        for site, counts in sorted(report.sites.items())
    ]
    parts = [
        f"<h1>{_show(report.title)}</h1>",
        _list("Asked for", report.asked),
        _table("Stories", ("story", "published", "address"), report.stories),
        _table("Pages by outcome", ("month of capture", "outcome", "pages"), outcome_rows(report)),
        _table("Pages by site and month of capture", ("site", *months), site_rows),
        _table("Left out", ("why", "how often"), sorted(report.counted.items())),
        _list("What could not be seen", report.unseen or ("nothing",)),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{_show(report.title)}</title><style>body{{font:15px/1.5 sans-serif;margin:2em}}"
        "table{border-collapse:collapse}td,th{padding:.2em .8em;border-bottom:1px solid #ccc;"
        "text-align:left}</style></head><body>" + "".join(parts) + "</body></html>"
    )


def outcome_rows(report: CoverageReport) -> list[tuple[str, str, int]]:
    """Return the outcomes as rows, and their sum over all months at the end."""
    total: Counter[str] = Counter()
    rows: list[tuple[str, str, int]] = []
    for month, counts in sorted(report.outcomes.items()):
        rows += [(month, outcome, pages) for outcome, pages in sorted(counts.items())]
        total.update(counts)
    return [*rows, *(("all", outcome, pages) for outcome, pages in sorted(total.items()))]


def write_workbook(report: CoverageReport, path: Path) -> None:
    """Write the report as a workbook, one sheet a table; every text is text."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), options)
    sites = [
        (site, month, pages)
        for site, counts in sorted(report.sites.items())
        for month, pages in sorted(counts.items())
    ]
    sheets: tuple[tuple[str, Sequence[str], Sequence[Sequence[object]]], ...] = (
        ("Stories", ("story", "published", "address"), report.stories),
        ("Outcomes", ("month of capture", "outcome", "pages"), outcome_rows(report)),
        ("Sites", ("site", "month of capture", "pages"), sites),
        ("Left out", ("why", "how often"), sorted(report.counted.items())),
        ("Not seen", ("what",), [(line,) for line in (*report.asked, *report.unseen)]),
    )
    for name, columns, rows in sheets:
        sheet = book.add_worksheet(name)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column)
        for line, row in enumerate(rows[:MOST_ROWS], 1):
            for place, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(line, place, value)
                else:
                    sheet.write_string(line, place, visible(str(value))[:32_000])
    book.close()


def _show(value: object) -> str:
    return escape(visible(str(value)))


def _list(heading: str, lines: Sequence[str]) -> str:
    items = "".join(f"<li>{_show(line)}</li>" for line in lines[:MOST_ROWS])
    return f"<h2>{_show(heading)}</h2><ul>{items}</ul>"


def _table(heading: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    head = "".join(f"<th>{_show(column)}</th>" for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{_show(value)}</td>" for value in row) + "</tr>"
        for row in rows[:MOST_ROWS]
    )
    return f"<h2>{_show(heading)}</h2><table><tr>{head}</tr>{body}</table>"
