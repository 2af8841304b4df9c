"""The report of a backfill: what was covered, month by month and source by source, and what not.

One value in, HTML, XLSX or JSON out; whatever comes from outside is escaped, and inert in a
spreadsheet (FAULTS D5, D6).  The page loads nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import Any

import xlsxwriter

from monitor.model import LeftOutPage
from monitor.render.backfill_style import STYLE
from monitor.render.backfill_tables import (
    COLUMNS,
    MOST_ROWS,
    SourceRows,
    render_covered,
    render_table,
    show,
)
from monitor.render.clean import one_line, visible
from monitor.text.counting import plural

SHOWN_UNSEEN = 500
LONGEST_REASON = 240

COUNTED = (
    "Everything read so far, in all backfills with these wishes and keywords, not in the last run"
    " alone; a page that stands in two files counts twice."
)
"""What the pages of the table are."""

LEFT_OUT = ("why", "how often")

FILES = "files"
"""In place of a source: files that were named and could not be read at all."""
DAMAGED = "a damaged place"

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WIDTH = 14
WIDTHS = {
    "title": 60, "passage": 70, "story": 50, "address": 50, "canonical address": 50, "capture": 50,
    "archive file": 50,
    "outlet": 28, "rule": 28, "source": 36, "what": 40, "why": 70, "value": 60,
}  # fmt: skip
"""Of a workbook's columns, in characters."""


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """What could not be seen of a source, and why; `file` tells a file from others of its name."""

    source: str
    what: str
    why: str
    file: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One article that was found.

    `countries` are those that its text names, or else its story's; an outlet that is known by its
    pages in a file only has no country of its own.  `passage` is the first one of the best rule,
    and `rule` that rule: why it was flagged.
    `url` is the address that was asked, `capture` where an archive shows what it had there, and
    `canonical_url` the address that the article is known by; `origin` names the archive file and
    the record in it, where it lies in one.
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
    canonical_url: str = ""
    capture: str = ""
    origin: str = ""


@dataclass(frozen=True, kw_only=True)
class BackfillReport:
    """What a backfill covered, found and could not see.

    `note` and `summary` are what must be read beside the first figures, and `counted` says what
    those are of; `runs` are all that worked on it.  `flagged` are the pages that `flagged_left_out`
    counts, each address once; those that were left out by earlier versions are counted alone.
    `other_sites` are pages of files whose site was not asked for.
    """

    title: str
    subtitle: str
    asked: tuple[tuple[str, str], ...] = ()
    sources: tuple[SourceRows, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    found: tuple[Found, ...] = ()
    outcomes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    flagged: tuple[LeftOutPage, ...] = ()
    flagged_left_out: int = 0
    other_sites: int = 0
    summary: tuple[str, ...] = ()
    counted: str = COUNTED
    runs: tuple[str, ...] = ()
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
    told = asdict(report) | {"sites": sites}
    return json.dumps(told, ensure_ascii=False, indent=2, default=datetime.isoformat) + "\n"


def render_html(report: BackfillReport) -> str:
    """Return the report as one page that loads nothing."""
    parts = [
        f"<h1>{show(report.title)}</h1><p class=sub>{show(report.subtitle)}</p>",
        _facts(report) + _beside(report),
        "<div class=card><dl>"
        + "".join(f"<dt>{show(name)}</dt><dd>{show(value)}</dd>" for name, value in report.asked)
        + "</dl></div>",
        "<h2>What was found</h2>" + _findings(report),
        _flagged(report),
        "<h2>What could not be seen, and why</h2>" + _unseen(report),
        "<h2>What was covered, by source and month</h2>" + render_covered(report.sources),
    ]
    if report.left_out:
        parts.append("<h2>Left out</h2>" + render_table(LEFT_OUT, _left_out(report)))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{show(report.title)}</title><style>{STYLE}</style></head><body><main>"
        + "".join(parts)
        + "</main></body></html>\n"
    )


def _left_out(report: BackfillReport) -> list[tuple[str, int]]:
    return sorted(report.left_out.items(), key=lambda pair: -pair[1])


def _facts(report: BackfillReport) -> str:
    stories = len({each.story for each in report.found})
    left, other = report.flagged_left_out, report.other_sites
    figures = (
        (len(report.found), "article found", "articles found"),
        (stories, "story", "stories"),
        *([(left, "flagged, but left out", "flagged, but left out")] if left else []),
        *(
            [(other, "page of other sites left out", "pages of other sites left out")]
            if other
            else []
        ),
        (report.total("covered"), "page read", "pages read"),
        (report.total("failed"), "page not had", "pages not had"),
        (report.total("waiting"), "not asked for yet", "not asked for yet"),
        (len(report.unseen), "gap", "gaps"),
    )
    return (
        "<div class=facts>"
        + "".join(
            f"<div class=fact><b>{n:,}</b><span>{one if n == 1 else many}</span></div>"
            for n, one, many in figures
        )
        + "</div>"
    )


def _beside(report: BackfillReport) -> str:
    """Return what must be read with the figures: what is not among them, and whose they are."""
    told = [each for each in (report.note, *report.summary) if each]
    lines = [f"<b>{show(each)}</b>" for each in told] + [show(report.counted)]
    return f'<div class="card beside">{"".join(f"<p>{line}</p>" for line in lines)}</div>'


def _findings(report: BackfillReport) -> str:
    if not report.found:
        left = report.flagged_left_out
        but = f" But {plural(left, 'flagged page')} {'was' if left == 1 else 'were'} left out: see"
        but = f"{but} below." if left else ""
        said = "Nothing was found in what could be seen."
        if not report.total("covered"):
            said = "Nothing could be seen, so nothing is known: no page was read."
        return f"<div class=card>{said}{but}</div>"
    items = []
    for each in report.found[:MOST_ROWS]:
        link = _link(each.url)
        if each.capture:
            link += f"<br>as it was: {_link(each.capture)}"
        told = (each.published, _outlet(each), ", ".join(each.countries), each.language)
        meta = " · ".join(filter(None, told))
        story = "" if each.story == each.title else f"<br>story: {show(each.story)}"
        link += _origin(each.origin)
        items.append(
            f"<li><b><bdi>{show(each.title)}</bdi></b> <span class=tag>{show(each.level)}</span>"
            f"<div class=meta>{show(meta)}{story}</div>{_reason(each)}{link}</li>"
        )
    return f"<div class=card><ol class=found>{''.join(items)}</ol></div>"


def _flagged(report: BackfillReport) -> str:
    """Return the flagged pages that were left out, for the reader to judge; nothing for none."""
    if not report.flagged_left_out:
        return ""
    items = "".join(
        f"<li><b><bdi>{show(each.title)}</bdi></b> <span class=tag>{show(each.why)}</span>"
        f"<div class=meta>{show(' · '.join(filter(None, (_day_of(each), each.language))))}</div>"
        f"{_link(each.url)}{_origin(each.origin)}</li>"
        for each in report.flagged[:MOST_ROWS]
    )
    counted = _say_unnamed(report)
    said = f"<p class=sub>{show(counted)}</p>" if counted else ""
    shown = f"<div class=card><ol class=found>{items}</ol></div>" if items else ""
    return f"<h2>Flagged, but left out</h2>{said}{shown}"


def _say_unnamed(report: BackfillReport) -> str:
    """Return why fewer pages are named than counted, where they are."""
    unnamed = report.flagged_left_out - len(report.flagged)
    if unnamed <= 0:
        return ""
    return (
        f"{plural(unnamed, 'more page')} counted: captures of the same addresses, or left out by an"
        " earlier version, which kept no names."
    )


def _day_of(page: LeftOutPage) -> str:
    return f"{page.published:%Y-%m-%d}" if page.published else "no date"


def _origin(origin: str) -> str:
    return f"<div class=meta>in {show(origin)}</div>" if origin else ""


def _outlet(found: Found) -> str:
    return f"{found.outlet} ({found.outlet_country})" if found.outlet_country else found.outlet


def _reason(found: Found) -> str:
    if not found.passage:
        return ""
    passage = escape(one_line(found.passage, longest=LONGEST_REASON))
    return f"<div><bdi>“{passage}”</bdi> <span class=meta>{show(found.rule)}</span></div>"


def _link(address: str) -> str:
    url = show(address)
    return f'<a href="{url}" rel="noreferrer noopener">{url}</a>' if _is_web(address) else url


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _unseen(report: BackfillReport) -> str:
    if not report.unseen:
        nothing = "But for what was left out, as said above, nothing" if report.note else "Nothing"
        return f"<div class=card>{nothing} that was asked for was missing.</div>"
    rows = [(each.source, each.what, each.why) for each in report.unseen[:SHOWN_UNSEEN]]
    more = len(report.unseen) - len(rows)
    said = f"<p class=sub>and {more:,} more, in the workbook and the JSON file</p>" if more else ""
    return render_table(("source", "what", "why"), rows, kind="unseen") + said


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
         f.level, f.passage, f.rule, f.story, f.url, f.canonical_url, f.capture, f.origin)
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
    beside = [("left out", report.note)] if report.note else []
    asked = [*beside, *(("note", each) for each in report.summary), *report.asked]
    names = ("published", "title", "outlet", "outlet country", "countries", "language", "level",
             "passage", "rule", "story", "address", "canonical address", "capture",
             "archive file")  # fmt: skip
    flagged = [
        (_day(_day_of(f)), f.title, f.why, f.language or "", f.url, f.canonical_url, f.origin)
        for f in report.flagged
    ]
    of_flagged = ("published", "title", "why", "language", "address", "canonical address",
                  "archive file")  # fmt: skip
    sheets: tuple[tuple[str, Sequence[str], Sequence[Sequence[object]]], ...] = (
        ("Found", names, found),
        ("Flagged, left out", of_flagged, flagged),
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
