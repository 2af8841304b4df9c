"""The last 30 days as a small picture: bars of table cells, and the same in words.

No image is loaded, and a reader who sees none of it is told the same by a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.model.digest import DayCount
from monitor.render.view import topic_title
from monitor.text.counting import plural

DAYS = 30
HEIGHT = 44  # pixels of the highest bar
BLOCKS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True, kw_only=True)
class Bars:
    """One topic's days: heights in pixels, the figures, and what they come to in words."""

    topic: str
    counts: tuple[int, ...]
    heights: tuple[int, ...]
    sentence: str
    sparkline: str
    first: str
    middle: str
    last: str


def draw_history(
    history: Sequence[DayCount], *, until: date, topics: Mapping[str, str]
) -> tuple[Bars, ...]:
    """Return the bars of each topic over the 30 days that end with `until`, the fullest first.

    All topics share one scale, so that they can be compared. Days outside are left out.
    """
    days = [until - timedelta(days=DAYS - 1 - n) for n in range(DAYS)]
    names = dict.fromkeys((*topics, *(entry.topic for entry in history)))
    counts = {name: dict.fromkeys(days, 0) for name in names}
    for entry in history:
        if entry.day in counts[entry.topic]:
            counts[entry.topic][entry.day] += max(entry.reports, 0)
    top = max((count for row in counts.values() for count in row.values()), default=0)
    rows = [_bars(topic_title(name, topics), counts[name], top) for name in names]
    return tuple(sorted(rows, key=lambda row: -sum(row.counts)))


def _bars(topic: str, counts: Mapping[date, int], top: int) -> Bars:
    days = list(counts)
    return Bars(
        topic=topic,
        counts=tuple(counts.values()),
        heights=tuple(_scale(count, top, HEIGHT) for count in counts.values()),
        sentence=_say(counts),
        sparkline="".join(BLOCKS[_scale(count, top, 8)] for count in counts.values()),
        first=_day(days[0]),
        middle=_day(days[len(days) // 2]),
        last=_day(days[-1]),
    )


def _scale(count: int, top: int, height: int) -> int:
    """Return the height of a bar; what is not nothing is seen (at least a twelfth)."""
    if count <= 0:
        return 0
    return max(round(count * height / top), height // 12, 1)


def _say(counts: Mapping[date, int]) -> str:
    total = sum(counts.values())
    if not total:
        return "No report in 30 days."
    most = max(counts.values())
    day = max(day for day, count in counts.items() if count == most)
    latest = max(day for day, count in counts.items() if count)
    words = f"{plural(total, 'report')} in 30 days; the latest on {_day(latest)}"
    return words + (f", the most on {_day(day)} ({most})." if most > 1 else ".")


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
