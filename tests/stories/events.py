"""Invented reports of confusable events, and how many of their pairs came out right.

`data/events.txt` is for people to read and to add to; its form stands at its top.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.jobs.group import GroupText
from tests.stories.grouping import Figures, Group

EVENTS = Path(__file__).parent / "data" / "events.txt"


@dataclass(frozen=True, kw_only=True)
class Report:
    """One report, the event it tells of, and the family of events easily taken for that one."""

    family: str
    event: str
    text: GroupText


def read_reports(path: Path = EVENTS, *, held_back: bool | None = None) -> list[Report]:
    """Return the reports of a file, of the families that are (not) held back; ValueError for
    a line that belongs nowhere."""
    reports = [_make_report(*each) for each in _read_pieces(path)]
    return [r for r in reports if held_back is None or _is_held_back(r.family) == held_back]


def _is_held_back(family: str) -> bool:
    """Say whether a family is one on which nothing was tuned: about half of them, for good."""
    return hashlib.sha256(family.encode()).hexdigest()[0] in "01234567"


def _read_pieces(path: Path) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield (family, event, head of a report, its lines)."""
    family = event = head = ""
    lines: list[str] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), "= end"]:
        if line.startswith("#") or not line.strip():
            continue
        mark, _, rest = line.partition(" ")
        if mark not in {"=", "-", "*"}:
            if not head:
                raise ValueError(f"while reading {path.name}: no report before {line!r}")
            lines.append(line)
            continue
        if head:
            yield family, event, head, lines
        head, lines = (rest, []) if mark == "*" else ("", [])
        family = rest if mark == "=" else family
        event = rest if mark == "-" else event


def _make_report(family: str, event: str, head: str, lines: Sequence[str]) -> Report:
    about, _, title = head.partition(" | ")
    language, day = about.split()
    published = None if day == "?" else datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC)
    text = GroupText(
        key=f"{event} {language} {title[:20]}",
        title=title,
        text="\n".join(lines),
        language=language,
        published=published,
    )
    return Report(family=family, event=event, text=text)


def measure_reports(reports: Sequence[Report], group: Group, *, each_alone: bool) -> Figures:
    """Return the figures for `reports`, one stream by date, or each family by itself."""
    figures = Figures()
    families = [list(found) for _, found in itertools.groupby(reports, lambda each: each.family)]
    for portion in families if each_alone else [list(reports)]:
        ordered = sorted(portion, key=lambda each: str(each.text.published))
        answers = group([each.text for each in ordered])
        for one, other in itertools.combinations(ordered, 2):
            if one.family != other.family and each_alone:
                continue
            same = one.event == other.event
            far = "" if one.family == other.family else " of other families"
            tongues = {(each.text.language or "").split("-")[0] for each in (one, other)}
            kind = ("same_story" if same else "different") + far
            kind += " across" if len(tongues) > 1 else ""
            first, second = answers[str(one.text.key)], answers[str(other.text.key)]
            figures.pairs[kind] += 1
            figures.story[kind] += first.story == second.story
            figures.article[kind] += first.article == second.article
            if (first.story == second.story) != same:
                because = first.because if first.story != second.story else second.because
                figures.wrong.append(f"{kind}: {one.text.key} / {other.text.key}: {because}")
    return figures
