"""Measure the shipped keywords on texts with known answers; knows nothing of the subject.

A text has `label` (report, mention or none), `topics`, `countries`, `lang` and `tags`.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.match.matcher import Matcher
from monitor.model.matches import Level

TEXTS = Path(__file__).parent / "texts"


def read_texts(folder: Path = TEXTS, files: str = "*.jsonl") -> Iterator[dict[str, Any]]:
    """Yield the texts that the project wrote for itself, file by file."""
    for path in sorted(folder.glob(files)):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def is_held_back(identifier: str) -> bool:
    """Return whether the text is one that whoever mends the keywords does not look at."""
    return hashlib.sha256(identifier.encode()).digest()[-1] % 2 == 0


@dataclass
class Tally:
    """What came of a set of texts; shares are between 0 and 1."""

    found: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    passing_as_report: list[str] = field(default_factory=list)
    other_topic: list[str] = field(default_factory=list)
    countries_wanted: int = 0
    countries_missed: list[str] = field(default_factory=list)
    by_language: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def precision(self) -> float:
        """Return how many of the texts flagged as reports are reports."""
        return self.found / max(1, self.found + len(self.wrong))

    @property
    def recall(self) -> float:
        """Return how many of the reports were flagged as reports."""
        return self.found / max(1, self.found + len(self.missed))

    @property
    def topic_accuracy(self) -> float:
        """Return how many of the reports found have the right topic."""
        return 1 - len(self.other_topic) / max(1, self.found)

    @property
    def country_recall(self) -> float:
        """Return how many host countries of the reports found were named."""
        return 1 - len(self.countries_missed) / max(1, self.countries_wanted)

    def recall_of(self, language: str) -> float:
        """Return the recall in one language."""
        counts = self.by_language.get(language, Counter())
        return counts["found"] / max(1, counts["found"] + counts["missed"])


def measure(matcher: Matcher, texts: Iterable[dict[str, Any]]) -> Tally:
    """Match each text and count."""
    tally = Tally()
    for text in texts:
        _count(tally, matcher, text)
    return tally


def _count(tally: Tally, matcher: Matcher, text: dict[str, Any]) -> None:
    analysis = matcher.match(text["title"], text["text"])
    topics = {match.topic for match in analysis.matches if match.level is Level.REPORT}
    counts = tally.by_language.setdefault(text["lang"], Counter())
    if text["label"] != "report":
        if topics:
            tally.wrong.append(text["id"])
            if "passing" in text["tags"]:
                tally.passing_as_report.append(text["id"])
        return
    counts["found" if topics else "missed"] += 1
    if not topics:
        tally.missed.append(text["id"])
        return
    tally.found += 1
    if not topics & set(text["topics"]):
        tally.other_topic.append(text["id"])
    tally.countries_wanted += len(text["countries"])
    tally.countries_missed += [
        f"{text['id']}:{code}" for code in text["countries"] if code not in analysis.countries
    ]
