"""What a simulated press publishes and when: thousands of outlets, drawn from one seed.

How often an outlet publishes is log-normal (median 8 articles a day, mean 25), in bursts of one to
four, 1.7 times the daily mean, as in the busy hours.  One article in ten is on the topic, many
times more than in life, so that an hour has enough alerts for a 99th percentile.
Each of those is an event of its own (tests.fakes.reports), so that each owes an alert.
"""

from __future__ import annotations

import bisect
import gzip
import hashlib
import html
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from xml.sax.saxutils import escape

from tests.fakes.reports import WORDS, Text, sentence, write_report

DAY = 86400.0
BUSY_HOURS = 1.7
MEDIAN_A_DAY, SPREAD = 8.0, 1.5
ON_TOPIC = 0.1
FIRST_ADDRESS = 256 * 256 * 256 * 127 + 256 * 256  # 127.1.0.0: Linux answers on all of 127/8

ILLS = {"hang": 10, "error": 10, "missing": 10}
"""So many outlets never answer, answer 503, answer 404."""

MODELS = re.compile(rb"police (station|service|post|outpost|cent)|patrol", re.IGNORECASE)
HEAD_OF_ITS_OWN = re.compile(
    rb"<link[^>]+(canonical|amphtml)[^>]*>|<script[^>]+ld\+json.*?</script>|<base\s[^>]*>"
    rb"|<meta[^>]+(og:url|og:title|twitter:title|published|modified|pubdate|date)[^>]*>",
    re.IGNORECASE | re.DOTALL,
)
TITLES = re.compile(rb"(<(title|h1)[^>]*>)(.*?)(</(title|h1)>)", re.IGNORECASE | re.DOTALL)
PARAGRAPHS = re.compile(rb"(<p[^>]*>)([^<]{60,})(</p>)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Published:
    """One article: its number in its outlet, when (seconds from the start), and which report."""

    number: int
    at: float
    report: int | None = None


@dataclass
class Outlet:
    """One outlet at an address of its own, with what it publishes in order of time."""

    number: int
    size: int
    style: str
    validators: bool
    summary: int
    crawl_delay: int | None
    robots: bool
    latency: float
    ill: str = ""
    articles: list[Published] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Return the address it is served at."""
        at = FIRST_ADDRESS + self.number // 250 * 256 + self.number % 250 + 1
        return ".".join(str(at >> shift & 255) for shift in (24, 16, 8, 0))

    def shown(self, now: float) -> list[Published]:
        """Return what its feed shows at `now`, the newest first."""
        end = bisect.bisect_right(self.articles, now, key=lambda each: each.at)
        return self.articles[max(0, end - self.size) : end][::-1]


def make_outlets(count: int, seconds: float, seed: int = 1) -> list[Outlet]:
    """Return `count` outlets and everything that they publish within `seconds`, always the same."""
    dice = random.Random(seed)
    outlets = [_make_outlet(number, dice) for number in range(count)]
    for ill, most in ILLS.items():
        for outlet in dice.sample(outlets, min(most, count // 500)):
            outlet.ill = ill
    for outlet in outlets:
        _publish(outlet, seconds, dice)
    _name_reports(outlets)
    return outlets


def _make_outlet(number: int, dice: random.Random) -> Outlet:
    return Outlet(
        number=number,
        size=min(50, max(8, round(dice.lognormvariate(3.0, 0.5)))),
        style="atom" if dice.random() < 0.15 else "rss",
        validators=dice.random() < 0.7,
        summary=4000 if dice.random() < 0.2 else dice.randint(80, 600),
        crawl_delay=dice.choice([2, 5, 10]) if dice.random() < 0.05 else None,
        robots=dice.random() < 0.4,
        latency=dice.lognormvariate(-1.9, 0.7),
    )


def _publish(outlet: Outlet, seconds: float, dice: random.Random) -> None:
    a_day = dice.lognormvariate(0, SPREAD) * MEDIAN_A_DAY * BUSY_HOURS
    gap = DAY / a_day
    old = [-dice.expovariate(1 / gap) * place for place in range(1, outlet.size + 1)]
    outlet.articles = [Published(number, at) for number, at in enumerate(sorted(old))]
    at = dice.expovariate(1 / (gap * 2.5))
    while at < seconds:
        for _ in range(dice.randint(1, 4)):  # 2.5 in the mean
            report = 0 if dice.random() < ON_TOPIC else None
            outlet.articles.append(Published(len(outlet.articles), at, report))
        at += dice.expovariate(1 / (gap * 2.5))


def _name_reports(outlets: list[Outlet]) -> None:
    """Give each report its own number, in order of time."""
    found = [
        (article.at, outlet.number, place)
        for outlet in outlets
        for place, article in enumerate(outlet.articles)
        if article.report is not None
    ]
    for report, (_, number, place) in enumerate(sorted(found)):
        old = outlets[number].articles[place]
        outlets[number].articles[place] = Published(old.number, old.at, report)


def write_text(outlet: Outlet, article: Published) -> Text:
    """Return what an article says."""
    if article.report is not None:
        return write_report(article.report)
    dice = random.Random(outlet.number * 1_000_000 + article.number)
    return Text(
        path="",
        title=" ".join(["The", *dice.sample(WORDS, 7)]),
        paragraphs=tuple(sentence(dice) for _ in range(4)),
        day=write_report(0).day,
        report=False,
    )


def path_of(outlet: Outlet, article: Published) -> str:
    """Return the path of an article."""
    kind = "news" if article.report is None else "report"
    return f"/{kind}/{outlet.number}-{article.number}.html"


def render_feed(outlet: Outlet, base: str, now: float, began: float) -> bytes:
    """Return the feed of an outlet as it is at `now`, RSS 2.0 or Atom."""
    write = _atom_item if outlet.style == "atom" else _rss_item
    rows = "".join(
        write(outlet, article, base + path_of(outlet, article), began)
        for article in outlet.shown(now)
    )
    name = f"Outlet {outlet.number}"
    if outlet.style == "atom":
        return (
            '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
            f"<title>{name}</title><id>{base}/</id><updated>2026-01-01T00:00:00Z</updated>{rows}"
            "</feed>"
        ).encode()
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{name}</title><link>{base}/</link><description>News</description>{rows}"
        "</channel></rss>"
    ).encode()


def _rss_item(outlet: Outlet, article: Published, url: str, began: float) -> str:
    text = write_text(outlet, article)
    return (
        f"<item><title>{escape(text.title)}</title><link>{url}</link><guid>{url}</guid>"
        f"<pubDate>{formatdate(began + article.at)}</pubDate>"
        f"<description>{escape(summary_of(outlet, text))}</description></item>"
    )


def _atom_item(outlet: Outlet, article: Published, url: str, began: float) -> str:
    text = write_text(outlet, article)
    return (
        f"<entry><title>{escape(text.title)}</title><link href='{url}'/><id>{url}</id>"
        "<updated>2026-01-01T00:00:00Z</updated>"
        f"<summary type='html'>{escape(summary_of(outlet, text))}</summary></entry>"
    )


def summary_of(outlet: Outlet, text: Text) -> str:
    """Return what the feed says of an article: its beginning, as long as the outlet's are."""
    said = " ".join(text.paragraphs)
    return f"<p>{html.escape((said * (outlet.summary // len(said) + 1))[: outlet.summary])}</p>"


@dataclass(frozen=True)
class Layout:
    """A page's bytes, cut where the title and the paragraphs of an article belong."""

    pieces: tuple[bytes, ...]
    titles: frozenset[int]
    lengths: tuple[int, ...]

    def fill(self, text: Text, dice: random.Random) -> bytes:
        """Return the page with the words of `text`, and as many more as were there before."""
        out = [self.pieces[0]]
        for place, (length, piece) in enumerate(zip(self.lengths, self.pieces[1:], strict=True)):
            said = text.title if place in self.titles else _words(length, dice)
            out += (said.encode(), piece)
        return b"".join(out)


def _words(length: int, dice: random.Random) -> str:
    return " ".join(sentence(dice) for _ in range(max(1, length // 90)))


def cut_layout(page: bytes) -> Layout:
    """Return the layout of a page: its furniture stays, its text becomes room for another."""
    page = HEAD_OF_ITS_OWN.sub(b"", page)
    found = sorted(
        [(*match.span(3), True) for match in TITLES.finditer(page)]
        + [(*match.span(2), False) for match in PARAGRAPHS.finditer(page)]
    )
    pieces: list[bytes] = []
    titles: set[int] = set()
    lengths: list[int] = []
    end = 0
    for start, stop, is_title in found:
        if start < end:
            continue
        if is_title:
            titles.add(len(lengths))
        pieces.append(page[end:start])
        lengths.append(stop - start)
        end = stop
    return Layout((*pieces, page[end:]), frozenset(titles), tuple(lengths))


def read_layouts(shared: Path) -> list[Layout]:
    """Return the layouts of the real pages, or one of our own where there are none."""
    layouts = []
    for file in sorted((shared / "pages").rglob("*.html.gz"))[::3]:
        page = gzip.decompress(file.read_bytes())
        if not MODELS.search(page) and 20_000 < len(page) < 600_000:
            layout = cut_layout(page)
            if layout.titles and len(layout.lengths) - len(layout.titles) >= 4:
                layouts.append(layout)
    return layouts or [cut_layout(own_page())]


def own_page() -> bytes:
    """Return a page of some 100 kB with menus, scripts and teasers around a text."""
    dice = random.Random(0)
    links = "".join(
        f"<li class='item level-{n % 4}'><a href='/section/{n}/{dice.choice(WORDS)}'>"
        f"{dice.choice(WORDS)}</a></li>"
        for n in range(400)
    )
    script = f"<script>var data={{{','.join(f'k{n}:{n}' for n in range(4000))}}};</script>"
    body = "".join(f"<p>{sentence(dice) * 3}</p>" for _ in range(12))
    return (
        f"<!doctype html><html lang=en><head><title>T</title>{script}</head><body><nav><ul>{links}"
        f"</ul></nav><main><article><h1>T</h1>{body}</article></main><footer>{links}</footer>"
        "</body></html>"
    ).encode()


def render_page(outlet: Outlet, article: Published, layouts: list[Layout]) -> bytes:
    """Return the page of an article; an outlet has one layout."""
    text = write_text(outlet, article)
    if text.report:
        return text.page()
    dice = random.Random(outlet.number * 1_000_003 + article.number)
    return layouts[outlet.number % len(layouts)].fill(text, dice)


def etag_of(outlet: Outlet, now: float) -> str:
    """Return the feed's validator: it changes with what is shown."""
    shown = outlet.shown(now)
    newest = shown[0].number if shown else -1
    return f'"{hashlib.sha256(f"{outlet.number}-{newest}".encode()).hexdigest()[:16]}"'


def published_within(outlets: list[Outlet], seconds: float) -> Iterator[tuple[Outlet, Published]]:
    """Yield what is published after the start and up to `seconds`, by outlets that answer."""
    for outlet in outlets:
        if not outlet.ill:
            for article in outlet.articles:
                if 0 <= article.at <= seconds:
                    yield outlet, article
