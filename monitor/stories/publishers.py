"""Who really reported it: publishers and agencies are counted, not outlets and copies: pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from monitor.model import Article, Story, StoryArticle
from monitor.urls import site_of

DATA = Path(__file__).parent / "data"
AGENCIES, RETOLD = "agencies.txt", "retold.txt"
RETELLS = 2  # an outlet named so often is what the article goes by
HEAD, TAIL = 160, 160
_NOT_LETTER = r"(?<![^\W_])(?:{names})(?![^\W_])"


@dataclass(frozen=True, kw_only=True)
class Reports:
    """How many reports a story has: articles in all, those of their own, and who was first."""

    articles: int
    independent: int
    first: str

    def __str__(self) -> str:
        articles = f"{self.articles} article{'s' * (self.articles != 1)}"
        reports = f"{self.independent} independent report{'s' * (self.independent != 1)}"
        return f"{articles}, {reports}, first: {self.first}"


def publisher_key(publisher: str | None, *, url: str, outlet: str) -> str:
    """Return what stands for the publisher: its name, else the site, else the outlet."""
    if publisher:
        return publisher.casefold()
    try:
        return site_of(url)
    except ValueError:
        return outlet.casefold()


@cache
def _read_names(file: str) -> tuple[re.Pattern[str], dict[str, str]]:
    names: dict[str, str] = {}
    for line in (DATA / file).read_text(encoding="utf-8").splitlines():
        name, _, spellings = line.partition(":")
        if spellings and not line.startswith("#"):
            names.update({each.strip(): name.strip() for each in spellings.split(",")})
    ordered = sorted(map(re.escape, names), key=len, reverse=True)
    return re.compile(_NOT_LETTER.format(names="|".join(ordered))), names


# Where an agency is credited: in brackets or between slashes, or before a dash or a colon.
CREDIT = re.compile(
    r"[(/\[（【｜|]([^()/\[\]（）【】\n]{2,60})[)/\]）】｜|]|^([^\n]{2,60}?)\s*[-–—:：|]\s"
)
SOURCE = re.compile(r"(?im)^(?:source|von|quelle|fonte|fuente|bron|źródło|zdroj|forrás|izvor|πηγή"
                    r"|sursa|kilde|källa|lähde|източник|джерело|источник|kaynak|来源|來源|출처|sumber"
                    r"|المصدر|vir|font|by|par|por|di|autor)\s*[:：]?\s*([^\n]{2,60})$")  # fmt: skip


def find_agency(article: Article) -> str | None:
    """Return the news agency whose report an article says it is, or None.

    By-line and dateline are looked at, and the credit at the end; an agency that is quoted in the
    middle of a text wrote nothing of it.
    """
    pattern, names = _read_names(AGENCIES)
    head, tail = article.text[:HEAD], article.text[-TAIL:]
    places = [article.author or ""]
    for stretch in (head, tail):
        named = (*CREDIT.finditer(stretch), *SOURCE.finditer(stretch))
        places += [next(filter(None, match.groups()), "") for match in named]
    for place in places:
        found = pattern.search(place)
        if found is not None:
            return names[found[0]]
    return None


def find_origin(article: Article) -> str | None:
    """Return whose report an article tells: an agency it credits, or an outlet that it retells."""
    return find_agency(article) or find_retold(article)


def find_retold(article: Article) -> str | None:
    """Return the outlet whose report an article goes by: the one it names most, at least twice."""
    pattern, names = _read_names(RETOLD)
    counts = Counter(names[found] for found in pattern.findall(f"{article.title}\n{article.text}"))
    likest = counts.most_common(1)
    return likest[0][0] if likest and likest[0][1] >= RETELLS else None


def is_independent(
    *,
    publisher: str,
    agency: str | None,
    is_copy: bool,
    members: Iterable[StoryArticle],
) -> bool:
    """Say whether an article is a report of its own among the `members` of its story.

    A copy is none, nor a second article of a publisher, nor another text of one agency's report.
    """
    if is_copy:
        return False
    for member in members:
        if member.weak:
            continue
        key = publisher_key(member.publisher, url=member.url, outlet=member.outlet)
        if key == publisher or (agency is not None and agency == member.agency):
            return False
    return True


def count_reports(story: Story) -> Reports:
    """Return how many reports a story has; what only probably belongs to it does not count."""
    firm: Sequence[StoryArticle] = [article for article in story.articles if not article.weak]
    first = min(firm, key=lambda a: a.published or a.first_seen) if firm else None
    return Reports(
        articles=len(firm),
        independent=max(sum(article.independent for article in firm), min(1, len(firm))),
        first=(first.outlet or first.publisher or first.url) if first else "",
    )
