"""Extraction on real pages beside plain trafilatura: text, fields, charsets, milliseconds.

    python -m benchmarks.extraction [SHARED] [--every N] [--json]

Texts: F1 of 4-word shingles and of single tokens, from mean precision and mean recall.  All tools
read one page before any reads the next, in one process, so that a busy machine slows all of them:
believe the ratios.  The peers get the bytes, as a user would hand them over; readability-lxml and
newspaper4k are measured where they are installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, median
from typing import Any

from htmldate import find_date
from trafilatura import bare_extraction, extract, extract_metadata
from trafilatura.settings import Document
from trafilatura.utils import decode_file

from monitor.extract import extract_article, warm_up
from monitor.extract.charsets import SINGLE_BYTE
from monitor.extract.decode import decode
from monitor.model import Article
from tests.extract.real_pages import (
    FETCHED_AT,
    RealPage,
    as_page,
    f1_of,
    fold_title,
    is_near_title,
    is_right_day,
    is_right_minute,
    precision_recall,
    read_fundus,
    read_scrapinghub,
)

Tool = Callable[[RealPage], str]
OURS = "Stationwatch"
SHARED = Path(__file__).resolve().parents[2] / "shared"


def by_us(page: RealPage) -> str:
    article = extract_article(as_page(page)).article
    return article.text if article else ""


def by_trafilatura(page: RealPage) -> str:
    return extract(page.body) or ""


def by_trafilatura_with_metadata(page: RealPage) -> str:
    found = bare_extraction(page.body, include_comments=False, with_metadata=True)
    return (found.text or "") if isinstance(found, Document) else ""


def by_trafilatura_fast(page: RealPage) -> str:
    return extract(page.body, include_comments=False, fast=True) or ""


def by_trafilatura_recall(page: RealPage) -> str:
    return extract(page.body, include_comments=False, favor_recall=True) or ""


def by_trafilatura_quick(page: RealPage) -> str:
    return extract(page.body, include_comments=False, favor_recall=True, fast=True) or ""


def by_readability(page: RealPage) -> str:
    from lxml.html import fromstring  # noqa: PLC0415 -- with the peer, which may be absent
    from readability import Document as Readable  # noqa: PLC0415

    summary = Readable(decode_file(page.body)).summary()
    return "\n".join(fromstring(summary).itertext()) if summary else ""


def by_newspaper(page: RealPage) -> str:
    from newspaper import Article as Newspaper  # noqa: PLC0415

    article = Newspaper(page.url)
    article.download(input_html=decode_file(page.body))
    article.parse()
    return str(article.text)


def tools() -> dict[str, Tool]:
    found: dict[str, Tool] = {
        OURS: by_us,
        "trafilatura": by_trafilatura,
        "trafilatura, metadata": by_trafilatura_with_metadata,
        "trafilatura, recall": by_trafilatura_recall,
        "trafilatura, fast": by_trafilatura_fast,
        "trafilatura, both": by_trafilatura_quick,
    }
    if importlib.util.find_spec("readability"):
        found["readability"] = by_readability
    if importlib.util.find_spec("newspaper"):
        found["newspaper4k"] = by_newspaper
    return found


def measure_texts(pages: list[RealPage]) -> dict[str, dict[str, float]]:
    """Return F1 and milliseconds of every tool, all of them on one page before the next."""
    shingles: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    words: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    names = list(tools().items())
    for number, page in enumerate(pages):
        turned = names[number % len(names) :] + names[: number % len(names)]
        for name, tool in turned:
            began = time.process_time()
            text = tool(page)
            seconds[name].append(time.process_time() - began)
            shingles[name].append(precision_recall(page.text, text))
            words[name].append(precision_recall(page.text, text, size=1))
    return {
        name: {
            "f1": f1_of(shingles[name]),
            "precision": mean(p for p, _ in shingles[name]),
            "recall": mean(r for _, r in shingles[name]),
            "token_f1": f1_of(words[name]),
            "empty": sum(r == 0 for _, r in words[name]),
            "ms_mean": 1000 * mean(seconds[name]),
            "ms_median": 1000 * median(seconds[name]),
            "ms_p99": 1000 * sorted(seconds[name])[int(0.99 * len(pages))],
        }
        for name, _ in names
    }


def measure_fields(pages: list[RealPage]) -> dict[str, dict[str, float]]:
    """Return the shares of right titles, days, minutes and authors, ours and trafilatura's."""
    ours: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    for page in pages:
        article = extract_article(as_page(page)).article
        if article is not None:
            ours.update(judge_article(page, article))
        theirs.update(judge_trafilatura(page))
    return {
        name: {field: count / len(pages) for field, count in sorted(counts.items())}
        for name, counts in ((OURS, ours), ("trafilatura, htmldate", theirs))
    }


def judge_article(page: RealPage, article: Article) -> Iterator[str]:
    assert page.published is not None
    yield from judge_title(page, article.title)
    yield from judge_authors(page, (article.author or "").split(", "))
    if is_right_day(page.published, article.published, article.published_precision):
        yield "date, day"
    if is_right_minute(page.published, article.published):
        yield "date, minute"


def judge_trafilatura(page: RealPage) -> Iterator[str]:
    assert page.published is not None
    found = extract_metadata(page.body)
    yield from judge_title(page, found.title or "")
    yield from judge_authors(page, (found.author or "").split("; "))
    day = find_date(
        decode_file(page.body), original_date=True, max_date=FETCHED_AT.date().isoformat()
    )
    at = datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None
    if is_right_day(page.published, at, "day"):
        yield "date, day"


def judge_title(page: RealPage, title: str) -> Iterator[str]:
    assert page.title is not None
    if fold_title(title) == fold_title(page.title):
        yield "title, exact"
    if is_near_title(page.title, title):
        yield "title, near"


def judge_authors(page: RealPage, names: list[str]) -> Iterator[str]:
    wanted = {re.sub(r"\W", "", name.casefold()) for name in page.authors or ()}
    if wanted == {re.sub(r"\W", "", name.casefold()) for name in names if name}:
        yield "authors, exact"


# The charsets that each folder's pages can be written in.
LEGACY: dict[str, tuple[str, ...]] = {
    "cz": SINGLE_BYTE["cs"][1], "pl": SINGLE_BYTE["pl"][1], "lt": ("cp1257",),
    "tr": SINGLE_BYTE["tr"][1], "ua": ("cp1251", "koi8-u"), "ru": ("cp1251", "koi8-r"),
    "cn": ("gb18030", "gbk"), "tw": ("big5",), "jp": ("shift_jis", "euc-jp"),
    "kr": ("euc-kr", "cp949"), "lb": ("cp1256",), "vn": ("cp1258",),
    **dict.fromkeys(("de", "at", "ch", "fr", "es", "it", "pt", "no", "dk", "se", "isl", "be", "lu"),
                    ("cp1252", "iso8859-15")),
}  # fmt: skip
_CHARSET = re.compile(r"""(<meta[^>]+charset\s*=\s*["']?)[\w-]+""", re.IGNORECASE)


def reencoded(pages: list[RealPage]) -> Iterator[tuple[str, bytes]]:
    """Yield pages in their legacy charsets, declared rightly, wrongly and not at all."""
    for page in pages:
        text = page.body.decode("utf-8", "replace")
        beyond = [c for c in text if c > "\x7f"]
        for charset in LEGACY.get(page.name.split("/")[0], ()):
            fitting = sum(bool(c.encode(charset, "ignore")) for c in beyond)
            if len(beyond) < 40 or fitting < 0.8 * len(beyond):
                continue
            for label in (charset, "utf-8", "iso-8859-1", ""):
                declared = _CHARSET.sub(rf"\g<1>{label}" if label else "<meta name='", text)
                yield charset, declared.encode(charset, "xmlcharrefreplace")


def measure_charsets(pages: list[RealPage]) -> dict[str, float]:
    """Return how many re-encoded pages are read right by us, and by trafilatura's decoder."""
    total = ours = theirs = 0
    for charset, body in reencoded(pages):
        true = body.decode(charset, "replace")
        total += 1
        ours += reads_right(true, decode(body).text)
        theirs += reads_right(true, decode_file(body))
    return {"pages": total, OURS: ours, "trafilatura": theirs}


def reads_right(true: str, found: str) -> bool:
    wanted, got = (Counter(c for c in text if c > "\x7f") for text in (true, found))
    wrong = (wanted - got).total() + (got - wanted).total()
    return wrong <= 0.004 * wanted.total() + 2


def print_texts(title: str, rows: dict[str, dict[str, float]]) -> None:
    base = rows["trafilatura, metadata"]["ms_mean"]
    print(f"\n{title}")
    print(f"{'tool':24} {'F1':>6} {'prec':>6} {'rec':>6} {'tokens':>6} {'none':>4} ", end="")
    print(f"{'median':>7} {'mean':>7} {'p99':>7}  of trafilatura with metadata")
    for name, row in rows.items():
        print(
            f"{name:24} {row['f1']:6.4f} {row['precision']:6.4f} {row['recall']:6.4f} "
            f"{row['token_f1']:6.4f} {row['empty']:4.0f} {row['ms_median']:7.1f} "
            f"{row['ms_mean']:7.1f} {row['ms_p99']:7.1f}  {row['ms_mean'] / base:.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--every", type=int, default=1, help="only every Nth page")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warm_up()
    web = list(read_scrapinghub(options.shared))[:: options.every]
    news = list(read_fundus(options.shared))[:: options.every]
    for tool in tools().values():
        tool(web[0])  # what a first call loads is not measured
    result: dict[str, Any] = {
        "scrapinghub": measure_texts(web),
        "fundus": measure_texts(news),
        "fields": measure_fields(news),
        "charsets": measure_charsets(news),
    }
    if options.json:
        json.dump(result, sys.stdout, indent=1)
        return
    print_texts(f"scrapinghub, {len(web)} pages", result["scrapinghub"])
    print_texts(f"fundus, {len(news)} pages of 46 countries", result["fundus"])
    for name, row in result["fields"].items():
        print(f"\n{name}: " + ", ".join(f"{field} {share:.3f}" for field, share in row.items()))
    print("\nre-encoded pages read right: ", result["charsets"])


if __name__ == "__main__":
    main()
