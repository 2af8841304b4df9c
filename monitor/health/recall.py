"""Whether the sources saw what a search elsewhere saw: pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import Source
from monitor.model.recall import Fate, FoundElsewhere, RecallGap, RecallReport
from monitor.urls import canonical_url, site_of
from monitor.urls.search_feeds import is_wrapped, unwrap_link

AGAIN_AFTER_FAILURE = timedelta(days=1)
SHORTEST_TITLE = 20
"""Letters of a headline that tell an article apart; "Police" is in every paper."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the watch has: titles and addresses that it flagged, and how to ask for one it read."""

    flagged_urls: frozenset[str]
    flagged_titles: frozenset[str]
    was_read: Callable[[str], bool]


def is_recall_due(last: RecallReport | None, *, every: timedelta, now: datetime) -> bool:
    """Say whether a check is due; one that got no answer is tried again after a day."""
    if last is None or last.at > now:
        return True
    failed = bool(last.problems) and not last.found
    return now - last.at >= (min(every, AGAIN_AFTER_FAILURE) if failed else every)


def compare_coverage(
    found: Iterable[FoundElsewhere],
    *,
    is_on_topic: Callable[[FoundElsewhere], bool],
    known: Known,
    sources: Sequence[Source],
    at: datetime,
    asked: str,
    problems: Sequence[str] = (),
) -> RecallReport:
    """Return what of `found` the watch has, what it has not, and who would have had it.

    The same report under two searches counts once. A headline that the rules do not take for a
    report is counted apart: a search finds much that is beside the subject.
    """
    counts = {"found": 0, "flagged": 0, "beside": 0, "unclear": 0}
    gaps: list[RecallGap] = []
    owners = _Owners(sources)
    seen: set[str] = set()
    for each in found:
        url = _canonical(each.url)
        title = fold_title(each.title, each.outlet)
        if {url, title} & seen:
            continue
        seen |= {url, title} if len(title) >= SHORTEST_TITLE else {url}
        counts["found"] += 1
        if url in known.flagged_urls or title in known.flagged_titles:
            counts["flagged"] += 1
        elif not is_on_topic(each):
            counts["beside"] += 1
        elif is_wrapped(url) and not each.outlet:
            counts["unclear"] += 1
        else:
            gaps.append(_judge(each, url, owners, known))
    gaps.sort(key=lambda gap: (list(Fate).index(gap.fate), gap.outlet, gap.url))
    return RecallReport(at=at, asked=asked, gaps=tuple(gaps), problems=tuple(problems), **counts)


def fold_title(title: str, outlet: str = "") -> str:
    """Return a headline as it can be compared: without its outlet, case, accents and marks."""
    folded = _fold(title)
    tail = _fold(outlet)
    return folded.removesuffix(tail).strip() if tail and folded != tail else folded


def _judge(each: FoundElsewhere, url: str, owners: _Owners, known: Known) -> RecallGap:
    source = owners.find(url, each.outlet)
    if known.was_read(url):
        fate = Fate.NOT_FLAGGED
        cure = f"see why: stationwatch keywords explain {url}"
    elif source is not None:
        fate = Fate.NOT_OFFERED
        cure = f"see what it offers: stationwatch sources test {source.id}"
    else:
        fate = Fate.NO_SOURCE
        place = f"https://{_site(url)}" if _site(url) and not is_wrapped(url) else "ITS-ADDRESS"
        cure = f"stationwatch sources add {place}"
    return RecallGap(
        url=url,
        title=each.title,
        topic=each.topic,
        outlet=each.outlet or _site(url),
        published=each.published,
        fate=fate,
        source_id=source.id if source is not None else None,
        cure=cure,
    )


class _Owners:
    """Which source watches a site, or an outlet of that name."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._by_site: dict[str, Source] = {}
        self._by_name: dict[str, Source] = {}
        for source in sources:
            if source.enabled and source.kind != "search":
                self._by_site.setdefault(_site(source.url), source)
                for name in (source.outlet, source.publisher):
                    if name:
                        self._by_name.setdefault(_fold(name), source)

    def find(self, url: str, outlet: str) -> Source | None:
        """Return the source that would have had it, the site before the name."""
        site = None if is_wrapped(url) else self._by_site.get(_site(url))
        return site or self._by_name.get(_fold(outlet))


def _fold(text: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", plain.casefold()))


def _site(url: str) -> str:
    try:
        return site_of(url)
    except ValueError:
        return ""


def _canonical(url: str) -> str:
    inner = unwrap_link(url)
    try:
        return canonical_url(inner)
    except ValueError:
        return inner
