"""The real pages of the shared material with what is true of them, and how texts are compared."""

from __future__ import annotations

import gzip
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from statistics import mean

from monitor.model import Page

FETCHED_AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
# One token for each sign where words are not spaced, else for each word.
_TOKEN = re.compile(
    r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
_SIGNS = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "\xad": None})


@dataclass(frozen=True, kw_only=True)
class RealPage:
    """One page with the truth; title, authors and published only where the set has them."""

    name: str
    url: str
    body: bytes
    text: str
    title: str | None = None
    authors: tuple[str, ...] | None = None
    published: datetime | None = None


def read_scrapinghub(shared: Path) -> Iterator[RealPage]:
    folder = shared / "pages" / "scrapinghub"
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    for name, known in sorted(truth.items()):
        body = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        yield RealPage(name=name, url=known["url"], body=body, text=known["articleBody"])


def read_fundus(shared: Path) -> Iterator[RealPage]:
    for truth in sorted((shared / "pages" / "fundus").glob("*/*.json")):
        dated = re.compile(re.escape(truth.stem) + r"_\d{4}_\d\d_\d\d\.html\.gz")
        files = sorted(f for f in truth.parent.iterdir() if dated.fullmatch(f.name))
        versions = sorted(
            json.loads(truth.read_text("utf-8")).values(), key=lambda v: v["publishing_date"]
        )
        if truth.stem == "BBC":  # of these two pages the older article was fetched later
            versions.reverse()
        for file, version in zip(files, versions, strict=True):
            yield _fundus_page(file, version)


def _fundus_page(file: Path, version: dict) -> RealPage:
    body = version["body"]
    parts = [*body["summary"]]
    for section in body["sections"]:
        parts += [*section["headline"], *section["paragraphs"]]
    name = f"{file.parent.name}/{file.name.removesuffix('.html.gz')}"
    return RealPage(
        name=name,
        url=f"https://www.example.org/{name}",
        body=gzip.decompress(file.read_bytes()),
        text="\n".join(parts),
        title=version["title"],
        authors=tuple(version.get("authors") or ()),
        published=datetime.fromisoformat(version["publishing_date"]),
    )


def as_page(real: RealPage, *, body: bytes | None = None, charset: str | None = None) -> Page:
    content = real.body if body is None else body
    return Page(
        url=real.url,
        final_url=real.url,
        status=200,
        headers=(("Content-Type", "text/html"),),
        body=content,
        wire_body=content,
        fetched_at=FETCHED_AT,
        charset=charset,
    )


def tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.lower().replace("\xad", ""))


def shingles(text: str, size: int) -> Counter[tuple[str, ...]]:
    words = tokens(text)
    if len(words) < size:
        return Counter([tuple(words)]) if words else Counter()
    return Counter(zip(*(words[i:] for i in range(size)), strict=False))


def precision_recall(true: str, found: str, *, size: int = 4) -> tuple[float, float]:
    wanted, got = shingles(true, size), shingles(found, size)
    common = (wanted & got).total()
    precision = common / got.total() if got else float(not wanted)
    return precision, common / wanted.total() if wanted else 1.0


def f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def f1_of(pairs: Sequence[tuple[float, float]]) -> float:
    """F1 of mean precision and mean recall, as the article extraction benchmark has it."""
    return f1(mean(p for p, _ in pairs), mean(r for _, r in pairs))


def fold_title(text: str) -> str:
    text = unescape(unescape(text)).translate(_SIGNS)
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def is_near_title(true: str, found: str) -> bool:
    wanted, got = Counter(tokens(fold_title(true))), Counter(tokens(fold_title(found)))
    total = wanted.total() + got.total()
    return bool(total) and 2 * (wanted & got).total() / total >= 0.8


def is_right_day(true: datetime, found: datetime | None, precision: str | None) -> bool:
    """The day as the publisher writes it, or the same day in UTC."""
    if found is None:
        return False
    days = {true.date()}
    if true.tzinfo is not None:
        days.add(true.astimezone(UTC).date())
    if precision == "day":
        return found.date() in days
    return found.astimezone(true.tzinfo or UTC).date() in days


def is_right_minute(true: datetime, found: datetime | None) -> bool:
    if found is None:
        return False
    instant = true if true.tzinfo else true.replace(tzinfo=UTC)
    return abs((instant - found).total_seconds()) < 60
