"""News pages made of the real ones, as many as wanted and all different; every hundredth a report.

    real page ─ its places for words found once ─▶ mold
    mold ─ address, dates, title, paragraphs, links, data, by number ─▶ page

A page keeps everything of its mold but the article: the places of its paragraphs get, in order,
those of another page in the same language, so that what stands together belongs together; and 3 of
100 of the longer words, of links and side texts too, are made of the halves of two others, so that
words nobody has met keep coming, as names do.  The same number gives the same page, always.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape, unescape
from pathlib import Path
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from monitor.extract.decode import decode
from monitor.text.language import identify
from tests.backfill.archives import build_record
from tests.extract.real_pages import RealPage, read_fundus, read_scrapinghub
from tests.fakes.reports import write_report

TEXTS = Path(__file__).resolve().parents[1] / "tests" / "quality" / "texts"
REPORT_EVERY = 100
NEW_WORDS = 0.03
OWN_REPORTS = frozenset({"House China Committee"})
"""What the title of a real page holds that is a report itself: it would be one in every mixture."""

_PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)</p>", re.DOTALL | re.IGNORECASE)
_SHORT = re.compile(r"<(?:a|h[2-5]|span)\b[^>]*>([^<>]{20,300})</(?:a|h[2-5]|span)>", re.IGNORECASE)
_SCRIPT = re.compile(r"<(script|style)\b[^>]*>.*?</\1>", re.DOTALL | re.IGNORECASE)
_STRING = re.compile(r'"((?:[^"\\\n]|\\.){200,})"')
_TITLE = re.compile(r"<title\b[^>]*>([^<]+)</title>|<h1\b[^>]*>([^<]+)</h1>", re.IGNORECASE)
_META_TITLE = re.compile(
    r'<meta\b[^>]*(?:og|twitter):title["\'][^>]*content="([^"]{10,})"', re.IGNORECASE
)
_CANONICAL = re.compile(r'<link\b[^>]*rel=["\']?canonical["\']?[^>]*>', re.IGNORECASE)
_ADDRESS = re.compile(r"""(?:href|content)\s*=\s*["']?(https?://[^"'\s>]+)""", re.IGNORECASE)
_DATE = re.compile(r"(?<![\w-])20[012]\d-[01]\d-[0-3]\d(?=[T \"'])")
_LANGUAGE = re.compile(r"<html\b[^>]*?\blang=[\"']?([A-Za-z]{2})", re.IGNORECASE)
_PIECES = re.compile(r"(<[^>]*>|&[^;\s]{1,10};|[^\W\d_]{5,})")
_TAG = re.compile(r"<[^>]*>")
_NO_LETTER = re.compile(r"\W+")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where words stand in a mold: their kind, and whether inside of a script's string.

    `pieces` are the mold's own words there, those that may be exchanged at the odd places.
    """

    kind: str
    is_data: bool = False
    pieces: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Mold:
    """A real page without its words: `parts` are what stays and the places between."""

    name: str
    host: str
    language: str
    encoding: str
    parts: tuple[str | Place, ...]

    def count(self, kind: str) -> int:
        """Return how many places there are of a kind."""
        return sum(isinstance(part, Place) and part.kind == kind for part in self.parts)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is planted."""

    language: str
    title: str
    paragraphs: tuple[str, ...]


Pieces = tuple[str, ...]
"""A text; what may be exchanged stands at the odd places."""


@dataclass(frozen=True, kw_only=True)
class Article:
    """What the article of a real page says, its paragraphs in pieces."""

    title: Pieces
    paragraphs: tuple[Pieces, ...]


EMPTY = Article(title=(), paragraphs=())


@dataclass(frozen=True, kw_only=True)
class Pool:
    """The articles of all pages of one language, and their words."""

    articles: list[Article] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Made:
    """One page, and the report that is planted in it."""

    number: int
    url: str
    body: bytes
    kind: str
    captured: datetime
    report: Report | None

    def record(self) -> bytes:
        """Return it as a record of a WARC file, with the digests and the id of Common Crawl's."""
        made = build_record(self.url, self.body, kind=self.kind, captured=self.captured)
        block = made[made.index(b"\r\n\r\n") + 4 : -4]
        digest = base64.b32encode(hashlib.sha1(block).digest()).decode()
        about = (
            f"WARC/1.0\r\nWARC-Record-ID: <urn:uuid:{uuid5(NAMESPACE_URL, self.url)}>\r\n"
            f"WARC-Block-Digest: sha1:{digest}\r\n"
        )
        return about.encode() + made.removeprefix(b"WARC/1.0\r\n")


class Mint:
    """Makes page after page."""

    def __init__(self, shared: Path, *, first: datetime, step: timedelta) -> None:
        self._first, self._step = first, step
        self._pools: dict[str, Pool] = {}
        self.molds: list[Mold] = []
        for page in (*read_scrapinghub(shared), *read_fundus(shared)):
            html = decode(page.body)
            if not any(each in html.text for each in OWN_REPORTS):
                self.molds.append(self._read(page, html.text, html.encoding))
        self._plantable = [
            mold for mold in self.molds if mold.count("body") >= 3 and mold.count("title") >= 2
        ]
        self.texts = read_texts()

    def make(self, number: int) -> Made:
        """Return page `number`."""
        dice = random.Random(number)
        report = self.find_report(number)
        molds = self.molds
        if report is not None:
            same = [mold for mold in self._plantable if mold.language == report.language]
            molds = same or self._plantable
        mold = molds[(number * 7) % len(molds)]
        captured = self._first + number * self._step
        url = f"https://{mold.host}/{captured:%Y/%m}/{number}.html"
        writer = _Writer(self._pools[mold.language], dice, report)
        day = f"{captured - timedelta(days=dice.choice((0, 0, 0, 1, 2))):%Y-%m-%d}"
        known = {"url": url, "date": day, "language": report.language if report else mold.language}
        html = "".join(
            part if isinstance(part, str) else known.get(part.kind) or writer.write(part)
            for part in mold.parts
        )
        kind = "text/html; charset=utf-8" if mold.encoding == "utf-8" else "text/html"
        body = html.encode(mold.encoding, "xmlcharrefreplace")
        return Made(number=number, url=url, body=body, kind=kind, captured=captured, report=report)

    def find_report(self, number: int) -> Report | None:
        """Return what is planted in page `number`: by turns numbered reports and written ones."""
        if number % REPORT_EVERY != REPORT_EVERY // 2:
            return None
        turn = number // REPORT_EVERY
        if turn % 2:
            return self.texts[turn // 2 % len(self.texts)]
        text = write_report(turn)
        return Report(language="en", title=text.title, paragraphs=text.paragraphs)

    def _read(self, page: RealPage, html: str, encoding: str) -> Mold:
        spans = find_places(html, page.text)
        found = _LANGUAGE.search(html)
        language = (found[1].lower() if found else None) or identify(page.text[:2000]) or "en"
        pool = self._pools.setdefault(language, Pool())
        bodies = [tuple(_PIECES.split(html[a:b])) for a, b, place in spans if place.kind == "body"]
        titles = [html[a:b] for a, b, place in spans if place.kind == "title"]
        if bodies and titles:
            title = tuple(_PIECES.split(titles[0]))
            pool.articles.append(Article(title=title, paragraphs=tuple(bodies)))
        for pieces in bodies:
            pool.words.extend(each for each in pieces[1::2] if each[0] not in "<&")
        parts: list[str | Place] = []
        at = 0
        for start, end, place in spans:
            own = tuple(_PIECES.split(html[start:end])) if place.kind in ("text", "short") else ()
            parts += [html[at:start], replace(place, pieces=own)]
            at = end
        parts.append(html[at:])
        host = urlsplit(find_address(html) or page.url).hostname or "news.example"
        return Mold(
            name=page.name, host=host, language=language, encoding=encoding, parts=tuple(parts)
        )


class _Writer:
    """Fills the places of one page."""

    def __init__(self, pool: Pool, dice: random.Random, report: Report | None) -> None:
        self._pool, self._dice, self._report = pool, dice, report
        self._article = dice.choice(pool.articles) if pool.articles else EMPTY
        self._left = list(report.paragraphs) if report else []
        self._fillers = 2
        self._next = 0
        self._title = report.title if report else unescape(self._alter(self._article.title))

    def write(self, place: Place) -> str:
        """Return what stands in a place, as HTML or inside of a string of JSON."""
        if place.kind == "title":
            return self._quote(self._title, place)
        if place.kind == "body":
            return self._write_body()
        if place.kind == "data":
            return self._quote(self._write_data(), place)
        return self._alter(place.pieces)

    def _write_body(self) -> str:
        """Return the report first, then two paragraphs more; elsewhere the next paragraph."""
        if self._left:
            return escape(self._left.pop(0))
        if self._report is not None:
            self._fillers -= 1
            if self._fillers < 0:
                return ""
        paragraphs = self._article.paragraphs
        self._next += 1
        return self._alter(paragraphs[(self._next - 1) % len(paragraphs)]) if paragraphs else ""

    def _write_data(self) -> str:
        if self._report is not None:
            return "\n".join(self._report.paragraphs)
        some = self._article.paragraphs[:8]
        return "\n".join(unescape(_TAG.sub("", self._alter(each))) for each in some)

    def _quote(self, text: str, place: Place) -> str:
        return json.dumps(text)[1:-1] if place.is_data else escape(text)

    def _alter(self, text: Pieces) -> str:
        """Return a text with a few new words."""
        dice = self._dice
        words = len(text) // 2
        pieces = list(text)
        wanted = words * NEW_WORDS
        for _ in range(int(wanted) + (dice.random() < wanted % 1)):
            at = 1 + 2 * int(dice.random() * words)
            if pieces[at][0] not in "<&" and self._pool.words:
                pieces[at] = self._new_word()
        return "".join(pieces)

    def _new_word(self) -> str:
        words, dice = self._pool.words, self._dice
        one = words[int(dice.random() * len(words))]
        two = words[int(dice.random() * len(words))]
        return one[: (len(one) + 1) // 2] + two[len(two) // 2 :]


def read_texts() -> list[Report]:
    """Return the reports that were written for the tests of quality, in thirty languages."""
    found = []
    for file in sorted(TEXTS.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            if row["label"] == "report":
                paragraphs = tuple(part for part in row["text"].split("\n") if part.strip())
                language = row["lang"].split("-")[0]
                found.append(Report(language=language, title=row["title"], paragraphs=paragraphs))
    random.Random(3).shuffle(found)
    return found


def find_address(html: str) -> str | None:
    """Return what a page names as its address."""
    link = _CANONICAL.search(html)
    found = _ADDRESS.search(link[0]) if link else None
    return found[1] if found else None


def find_places(html: str, truth: str) -> list[tuple[int, int, Place]]:
    """Return where words stand that are exchanged, in order, none within another."""
    scripts = [found.span() for found in _SCRIPT.finditer(html)]
    words = [
        *_find_titles(html, scripts),
        *_find_data(html, scripts),
        *_find_texts(html, truth, scripts),
    ]
    spans = _apart(sorted(words, key=lambda span: (span[0], -span[1])))
    free = [
        span
        for span in _find_facts(html)
        if not any(start < span[1] and span[0] < end for start, end, _ in spans)
    ]
    return _apart(sorted([*spans, *free], key=lambda span: span[:2]))


Span = tuple[int, int, Place]


def _apart(spans: list[Span]) -> list[Span]:
    found: list[Span] = []
    for span in spans:
        if not found or span[0] >= found[-1][1]:
            found.append(span)
    return found


def _is_in(at: int, scripts: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in scripts)


def _find_titles(html: str, scripts: list[tuple[int, int]]) -> Iterator[Span]:
    """Yield every place where the page's title stands, whole, in whatever form."""
    for found in _TITLE.finditer(html):
        group = 1 if found[1] else 2
        if not _is_in(found.start(), scripts):
            yield (*found.span(group), Place(kind="title"))
    meta = _META_TITLE.search(html)
    if meta is None:
        return
    written = {meta[1], unescape(meta[1]), escape(unescape(meta[1]))}
    for text in written | {json.dumps(each)[1:-1] for each in written}:
        for again in re.finditer(re.escape(text), html):
            yield (*again.span(), Place(kind="title", is_data=_is_in(again.start(), scripts)))


def _find_data(html: str, scripts: list[tuple[int, int]]) -> Iterator[Span]:
    for start, end in scripts:
        for found in _STRING.finditer(html, start, end):
            if found[1].count(" ") > 20 and not {"{", "function", "<"} & {*found[1][:2000]}:
                yield (*found.span(1), Place(kind="data", is_data=True))


def _find_texts(html: str, truth: str, scripts: list[tuple[int, int]]) -> Iterator[Span]:
    letters = _NO_LETTER.sub("", truth)
    for found in _PARAGRAPH.finditer(html):
        said = _NO_LETTER.sub("", unescape(_TAG.sub("", found[1])))
        if _is_in(found.start(), scripts) or len(said) < 20 or "<p" in found[1].lower():
            continue
        is_body = len(said) > 30 and said[:25] in letters
        if is_body or len(said) >= 80:
            yield (*found.span(1), Place(kind="body" if is_body else "text"))
    for found in _SHORT.finditer(html):
        if not _is_in(found.start(), scripts):
            yield (*found.span(1), Place(kind="short"))


def _find_facts(html: str) -> Iterator[Span]:
    address = find_address(html)
    if address:
        for found in re.finditer(re.escape(address) + r"(?![\w/-])", html):
            yield (*found.span(), Place(kind="url"))
    for found in _DATE.finditer(html):
        yield (*found.span(), Place(kind="date"))
    language = _LANGUAGE.search(html)
    if language:
        yield (*language.span(1), Place(kind="language"))


def pack(record: bytes, *, level: int = 1) -> bytes:
    """Return a record as a gzip member of its own."""
    return gzip.compress(record, level)


def usual_month(shared: Path, *, count: int) -> Mint:
    """Return a mint whose pages are spread over March 2024."""
    return Mint(
        shared, first=datetime(2024, 3, 1, tzinfo=UTC), step=timedelta(days=30) / max(1, count)
    )
