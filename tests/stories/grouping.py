"""Labelled groups of texts fed to the grouping, and how many of their pairs came out right."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.jobs.group import Grouped, GroupText, group_texts
from monitor.match.matcher import Matcher

OWN = Path(__file__).parent / "data" / "groups.jsonl"
HELD_BACK = "0123"


@dataclass
class Figures:
    """Pairs by kind: how many there are, how many share a story, how many are one article."""

    pairs: Counter[str] = field(default_factory=Counter)
    story: Counter[str] = field(default_factory=Counter)
    article: Counter[str] = field(default_factory=Counter)
    article_between: int = 0
    wrong: list[str] = field(default_factory=list)

    def joined(self, kind: str) -> float:
        """Return the share of pairs of a kind that came into one story."""
        return self.story[kind] / self.pairs[kind] if self.pairs[kind] else 0.0

    @property
    def near_duplicate_f1(self) -> float:
        """Return F1 over pairs of one group: near-duplicates found, and nothing else called one."""
        found, wanted = sum(self.article.values()), self.pairs["near_duplicate"]
        both = self.article["near_duplicate"]
        return 2 * both / (found + wanted) if found + wanted else 1.0

    @property
    def false_joins(self) -> float:
        """Return the share of `different` pairs, in one language or two, that were joined."""
        kinds = ("different", "different across")
        pairs = sum(self.pairs[kind] for kind in kinds)
        return sum(self.story[kind] for kind in kinds) / pairs if pairs else 0.0


def read_groups(path: Path, *, held_back: bool | None = None) -> list[dict[str, Any]]:
    """Return the groups of a file; with `held_back`, only those that are (not) held back."""
    groups = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [g for g in groups if held_back is None or is_held_back(g["group_id"]) == held_back]


def is_held_back(group_id: str) -> bool:
    """Say whether a group is one on which nothing was tuned."""
    return hashlib.sha256(group_id.encode()).hexdigest()[0] in HELD_BACK


def texts_of(groups: Sequence[dict[str, Any]]) -> list[GroupText]:
    """Return the texts of groups, in order, with keys like `g001.0`."""
    return [
        GroupText(
            key=f"{group['group_id']}.{number}",
            title=item["title"],
            text=item["text"],
            language=item["lang"],
            published=_moment(item["date"]),
        )
        for group in groups
        for number, item in enumerate(group["items"])
    ]


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written).replace(tzinfo=UTC) if written else None


Group = Callable[[list[GroupText]], dict[str, Grouped]]


def group_with(matcher: Matcher) -> Group:
    """Return what groups a list of texts as the command does."""
    return lambda texts: {str(each.key): each for each in group_texts(iter(texts), matcher)}


def measure(groups: Sequence[dict[str, Any]], group: Group, *, each_alone: bool) -> Figures:
    """Return the figures for `groups`, fed together or each group by itself."""
    figures = Figures()
    portions = [[one] for one in groups] if each_alone else [list(groups)]
    for portion in portions:
        answers = group(texts_of(portion))
        for one in portion:
            _count(one, answers, figures)
    return figures


def _count(group: dict[str, Any], answers: dict[str, Grouped], figures: Figures) -> None:
    for (a, one), (b, other) in itertools.combinations(enumerate(group["items"]), 2):
        if one["title"] == other["title"] and one["text"] == other["text"]:
            continue
        same_language = one["lang"].split("-")[0] == other["lang"].split("-")[0]
        kind = group["kind"] + ("" if same_language else " across")
        first, second = (answers[f"{group['group_id']}.{number}"] for number in (a, b))
        figures.pairs[kind] += 1
        figures.story[kind] += first.story == second.story
        figures.article[kind] += first.article == second.article
        right = (first.story == second.story) == (group["kind"] != "different")
        if not right:
            figures.wrong.append(f"{group['group_id']} {a} {b} {kind}: {second.because}")
