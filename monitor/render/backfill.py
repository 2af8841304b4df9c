"""The report of a backfill: what was covered, month by month and source by source, and what not.

One value in, HTML, XLSX or JSON out; whatever comes from outside is escaped, and inert in a
spreadsheet (FAULTS D5, D6).  The page loads nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import xlsxwriter

from monitor.render.backfill_style import STYLE
from monitor.render.clean import one_line, visible

MOST_ROWS = 100_000
SHOWN_MONTHS = 600
SHOWN_UNSEEN = 500
LONGEST_REASON = 240

COLUMNS = ("covered", "found", "ruled out", "no match", "failed", "outside", "waiting")
"""Of a month: `covered` are the pages that were read; `failed` and `waiting` are not among them."""

PUBLICATION, CAPTURE = "publication", "capture"

COUNTED = (
    "Everything read so far, in all backfills with these wishes and keywords, not in the last run"
    " alone; a page that stands in two files counts twice."
)
"""What the pages of the table are."""

LEFT_OUT = ("why", "how often")

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WIDTH = 14
WIDTHS = {
    "title": 60, "passage": 70, "story": 50, "address": 50, "outlet": 28, "rule": 28, "source": 36,
    "what": 40, "why": 70, "value": 60,
}  # fmt: skip
"""Of a workbook's columns, in characters."""


@dataclass(frozen=True, kw_only=True)
class MonthRow:
    """One month of one source, `2024-03`; empty where no date is known."""

    month: str
    counts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class SourceRows:
    """One source, by month.

    `month_of` says what its months are: of publication, as the article or the list says, or of
    capture, as a file of captures has them.
    """

    name: str
    months: tuple[MonthRow, ...]
    month_of: str = PUBLICATION

    def total(self, column: str) -> int:
        """Return the sum of a column."""
        return sum(row.counts.get(column, 0) for row in self.months)


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """What could not be seen of a source, and why."""

    source: str
    what: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """One article that was found.

    `countries` are those that its text names, or else its story's; an outlet that is known by its
    pages in a file only has no country of its own.  `passage` is the first one of the best rule,
    and `rule` that rule: why it was flagged.
    """

    title: str
    url: str
    outlet: str
    published: str
    level: str
    story: str
    outlet_country: str = ""
    countries: tuple[str, ...] = ()
    language: str = ""
    passage: str = ""
    rule: str = ""


@dataclass(frozen=True, kw_only=True)
class BackfillReport:
    """What a backfill covered, found and could not see; `note` is what must be read first."""

    title: str
    subtitle: str
    asked: tuple[tuple[str, str], ...] = ()
    sources: tuple[SourceRows, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    found: tuple[Found, ...] = ()
    outcomes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    counted: str = COUNTED
    note: str = ""

    def total(self, column: str) -> int:
        """Return the sum of a column over all sources."""
        return sum(source.total(column) for source in self.sources)


def write_report(report: BackfillReport, folder: Path, name: str) -> tuple[Path, ...]:
    """Write the report in all three forms into `folder` and return the files."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    html, xlsx, data = (folder / f"{name}.{form}" for form in ("html", "xlsx", "json"))
    html.write_text(render_html(report), encoding="utf-8")
    data.write_text(render_json(report), encoding="utf-8")
    write_workbook(report, xlsx)
    return html, xlsx, data


def render_json(report: BackfillReport) -> str:
    """Return the report for other programs; `sites` are pages by source and month."""
    sites = {
        source.name: {row.month: row.counts.get("covered", 0) for row in source.months}
        for source in report.sources
    }
    return json.dumps(asdict(report) | {"sites": sites}, ensure_ascii=False, indent=2) + "\n"


def render_html(report: BackfillReport) -> str:
    """Return the report as one page that loads nothing."""
    parts = [
        f"<h1>{_show(report.title)}</h1><p class=sub>{_show(report.subtitle)}</p>",
        f"<div class=card><b>{_show(report.note)}</b></div>" if report.note else "",
        _facts(report),
        "<div class=card><dl>"
        + "".join(f"<dt>{_show(name)}</dt><dd>{_show(value)}</dd>" for name, value in report.asked)
        + "</dl></div>",
        "<h2>What was found</h2>" + _findings(report),
        "<h2>What could not be seen, and why</h2>" + _unseen(report),
        "<h2>What was covered, by source and month</h2>"
        + _overview(report)
        + f"<p class=sub>{_show(report.counted)}</p>",
        *(_months(source) for source in report.sources if source.months),
    ]
    if report.left_out:
        parts.append("<h2>Left out</h2>" + _table(LEFT_OUT, _left_out(report)))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{_show(report.title)}</title><style>{STYLE}</style></head><body><main>"
        + "".join(parts)
        + "</main></body></html>\n"
    )


def _left_out(report: BackfillReport) -> list[tuple[str, int]]:
    return sorted(report.left_out.items(), key=lambda pair: -pair[1])


def _facts(report: BackfillReport) -> str:
    figures = (
        (len(report.found), "articles found"),
        (len({each.story for each in report.found}), "stories"),
        (report.total("covered"), "pages read"),
        (report.total("failed"), "pages not had"),
        (report.total("waiting"), "not asked for yet"),
        (len(report.unseen), "gaps"),
    )
    return (
        "<div class=facts>"
        + "".join(f"<div class=fact><b>{n:,}</b><span>{_show(w)}</span></div>" for n, w in figures)
        + "</div>"
    )


def _findings(report: BackfillReport) -> str:
    if not report.found:
        return "<div class=card>Nothing was found in what could be seen.</div>"
    items = []
    for each in report.found[:MOST_ROWS]:
        url = _show(each.url)
        link = f'<a href="{url}" rel="noreferrer noopener">{url}</a>' if _is_web(each.url) else url
        told = (each.published, _outlet(each), ", ".join(each.countries), each.language)
        meta = " · ".join(filter(None, told))
        story = "" if each.story == each.title else f"<br>story: {_show(each.story)}"
        items.append(
            f"<li><b><bdi>{_show(each.title)}</bdi></b> <span class=tag>{_show(each.level)}</span>"
            f"<div class=meta>{_show(meta)}{story}</div>{_reason(each)}{link}</li>"
        )
    return f"<div class=card><ol class=found>{''.join(items)}</ol></div>"


def _outlet(found: Found) -> str:
    return f"{found.outlet} ({found.outlet_country})" if found.outlet_country else found.outlet


def _reason(found: Found) -> str:
    if not found.passage:
        return ""
    passage = escape(one_line(found.passage, longest=LONGEST_REASON))
    return f"<div><bdi>“{passage}”</bdi> <span class=meta>{_show(found.rule)}</span></div>"


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _unseen(report: BackfillReport) -> str:
    if not report.unseen:
        nothing = f"{_show(report.note)}<br>Nothing else" if report.note else "Nothing"
        return f"<div class=card>{nothing} that was asked for was missing.</div>"
    rows = [(each.source, each.what, each.why) for each in report.unseen[:SHOWN_UNSEEN]]
    more = len(report.unseen) - len(rows)
    said = f"<p class=sub>and {more:,} more, in the workbook and the JSON file</p>" if more else ""
    return _table(("source", "what", "why"), rows) + said


def _overview(report: BackfillReport) -> str:
    rows = []
    for source in report.sources:
        known = [row.month for row in source.months if row.month]
        span = f"{min(known)} – {max(known)}" if known else ""
        rows.append(
            (source.name, span, source.month_of, *(source.total(column) for column in COLUMNS))
        )
    total = ("all", "", "", *(report.total(column) for column in COLUMNS))
    return _table(
        ("source", "months", "months of", *COLUMNS), [*rows, total] if len(rows) > 1 else rows
    )


def _months(source: SourceRows) -> str:
    most = max((row.counts.get("covered", 0) for row in source.months), default=1) or 1
    rows = []
    for row in source.months[:SHOWN_MONTHS]:
        wide = round(120 * row.counts.get("covered", 0) / most)
        bar = f'<span class=bar style="width:{wide}px"></span>' if wide else ""
        cells = "".join(_cell(row.counts.get(name, 0), hit=name == "found") for name in COLUMNS)
        month = f"<td class=month>{_show(row.month or 'no date')}</td>"
        rows.append(f"<tr>{month}{cells}<td>{bar}</td></tr>")
    head = "".join(f"<th class=n>{_show(column)}</th>" for column in COLUMNS)
    found, covered = source.total("found"), source.total("covered")
    is_open = " open" if found else ""
    return (
        f"<details{is_open}><summary>{_show(source.name)} <span>{covered:,} pages, {found:,} found"
        "</span></summary><div class=scroll><table class=months>"
        f"<tr><th>month of {_show(source.month_of)}</th>{head}<th></th></tr>"
        f"{''.join(rows)}</table></div></details>"
    )


def _cell(value: int, *, hit: bool) -> str:
    kind = " zero" if not value else " hit" if hit else ""
    return f'<td class="n{kind}">{value:,}</td>'


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    numbers = {at for row in rows for at, value in enumerate(row) if isinstance(value, int)}
    head = "".join(
        f"<th class=n>{_show(column)}</th>" if at in numbers else f"<th>{_show(column)}</th>"
        for at, column in enumerate(columns)
    )
    body = "".join(
        "<tr>"
        + "".join(
            _cell(value, hit=columns[at] == "found")
            if isinstance(value, int)
            else f"<td>{_show(value)}</td>"
            for at, value in enumerate(row)
        )
        + "</tr>"
        for row in rows[:MOST_ROWS]
    )
    return f"<div class=scroll><table><tr>{head}</tr>{body}</table></div>"


def write_workbook(report: BackfillReport, path: Path) -> None:
    """Write the report as a workbook, one sheet a table; every text is text, no link is live."""
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    found = [
        (_day(f.published), f.title, f.outlet, f.outlet_country, "; ".join(f.countries), f.language,
         f.level, f.passage, f.rule, f.story, f.url)
        for f in report.found
    ]  # fmt: skip
    months = [
        (
            source.name,
            row.month,
            source.month_of,
            *(row.counts.get(column, 0) for column in COLUMNS),
        )
        for source in report.sources
        for row in source.months
    ]
    asked = [("left out", report.note), *report.asked] if report.note else report.asked
    names = ("published", "title", "outlet", "outlet country", "countries", "language", "level",
             "passage", "rule", "story", "address")  # fmt: skip
    sheets: tuple[tuple[str, Sequence[str], Sequence[Sequence[object]]], ...] = (
        ("Found", names, found),
        ("Covered", ("source", "month", "month of", *COLUMNS), months),
        ("Not seen", ("source", "what", "why"), [(u.source, u.what, u.why) for u in report.unseen]),
        ("Left out", LEFT_OUT, _left_out(report)),
        ("Asked", ("what", "value"), [*asked, ("counted", report.counted)]),
    )
    with xlsxwriter.Workbook(str(path), options) as book:
        head = book.add_format({"bold": True, "text_wrap": True})
        for name, columns, rows in sheets:
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, max(min(len(rows), MOST_ROWS), 1), len(columns) - 1)
            for place, column in enumerate(columns):
                sheet.set_column(place, place, WIDTHS.get(column, WIDTH))
                sheet.write_string(0, place, column, head)
            for line, row in enumerate(rows[:MOST_ROWS], 1):
                for place, value in enumerate(row):
                    _write_cell(sheet, (line, place), value)


def _write_cell(sheet: Any, place: tuple[int, int], value: object) -> None:
    if isinstance(value, int):
        sheet.write_number(*place, value)
    elif isinstance(value, date):
        sheet.write_datetime(*place, value)
    else:
        sheet.write_string(*place, visible(str(value))[:32_000])


def _day(text: str) -> date | str:
    """Return a day that a workbook can hold as one, and any other text as it is."""
    if (
        not DAY.fullmatch(text) or text < "1900-03-01"
    ):  # before, spreadsheets count one day too many
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _show(value: object) -> str:
    return escape(visible(str(value)))
