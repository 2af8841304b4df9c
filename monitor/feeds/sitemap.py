"""Sitemaps, their indexes, news sitemaps and plain lists of addresses → entries (sitemaps.org)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from lxml import etree

from monitor.feeds.dates import read_date
from monitor.feeds.elements import Element, Fields, read_fields
from monitor.feeds.item import read_language
from monitor.feeds.item_links import resolve_link
from monitor.feeds.markup import Prolog
from monitor.feeds.plain import LONGEST_NAME, LONGEST_TITLE, clean_text, read_html_text
from monitor.feeds.reading import ChildSitemap, FeedReading, Format
from monitor.feeds.salvage import Salvage
from monitor.feeds.stream import ItemStream, Source, open_source
from monitor.model import Entry
from monitor.text.counting import plural
from monitor.urls import site_of

# The protocol allows 50,000 addresses; some list twice as many. Beyond, the newest are kept.
MOST_ADDRESSES = 100_000
MOST_SITEMAPS = 50_000
# Nothing is read beyond, not even to count it: a million of them take a worker's whole time.
MOST_READ = 200_000

_NAMES = ("url", "sitemap")
_Dated = TypeVar("_Dated", Entry, ChildSitemap)


@dataclass
class _Gathered:
    """What has been read so far, and what of it belongs to other sites."""

    url: str
    site: str
    is_index: bool = False
    entries: list[Entry] = field(default_factory=list)
    sitemaps: list[ChildSitemap] = field(default_factory=list)
    foreign: int = 0
    unusable: int = 0
    read: int = 0
    full: bool = False


def read_sitemap(body: bytes, prolog: Prolog, *, url: str) -> FeedReading:
    """Read UTF-8 `body`, a `urlset` or `sitemapindex` fetched from `url`.

    Addresses on another registrable domain than the sitemap's are not offered, only counted as
    `foreign` (FAULTS C17). Broken XML gives what can be saved of it.
    """
    is_index = prolog.root == "sitemapindex"
    gathered = _Gathered(url=url, site=_site(url), is_index=is_index)
    fault = _gather_strictly(gathered, open_source(body, prolog.start))
    torn = False
    if fault is not None:
        salvage = Salvage(body, prolog, _NAMES, skip=gathered.read)
        _gather(gathered, salvage)
        gathered.unusable += salvage.left
        torn = salvage.torn > 0 or salvage.left > 0 or not salvage.ended
    reading = _build_reading(gathered, Format.SITEMAP_INDEX if is_index else Format.SITEMAP)
    if fault is not None:
        reading = replace(reading, notes=(f"its XML is faulty ({fault})",))
    if not torn:
        return reading
    read = plural(gathered.read, "address", "addresses")
    said = f"the sitemap is broken XML ({fault}); {read} could be read"
    return replace(reading, salvaged=True, problem=reading.problem or said)


def read_text_sitemap(body: bytes, *, url: str) -> FeedReading | None:
    """Read UTF-8 `body` as a list of addresses, one a line, or return None when it is none."""
    lines = body[: 2048 * MOST_READ].decode("utf-8", "replace").split("\n", MOST_READ)
    if not any(line.strip() for line in lines[:50]):
        return None
    gathered = _Gathered(url=url, site=_site(url))
    for line in lines[:MOST_READ]:
        address = line.strip()
        if not address:
            continue
        if not address.lower().startswith(("http://", "https://")) or " " in address:
            gathered.unusable += 1
            continue
        _add_entry(gathered, Entry(url=address))
    if gathered.unusable > gathered.read:
        return None
    gathered.full = len(lines) > MOST_READ
    return _build_reading(gathered, Format.TEXT_SITEMAP)


def _gather_strictly(gathered: _Gathered, source: Source) -> str | None:
    """Gather what comes; return why it ended too soon, or None."""
    try:
        _gather(gathered, ItemStream(source, _NAMES))
    except etree.XMLSyntaxError as error:
        return clean_text(error.msg or "no reason given", 200)
    return None


def _gather(gathered: _Gathered, elements: Iterable[Element]) -> None:
    for element in elements:
        if gathered.read >= MOST_READ:
            gathered.full = True
            return
        fields = read_fields(element)
        lastmod = _read_date(fields, "lastmod")
        address = next((child.text for child in fields.get("loc", ()) if child.text), None)
        rooted = (address or "").strip()[:4].lower().startswith(("http", "www.", "/"))
        link = resolve_link(gathered.url, address) if rooted else None
        if link is None:
            gathered.read += 1
            gathered.unusable += 1
        elif gathered.is_index:  # some write `url` for `sitemap` in it
            _add_sitemap(gathered, ChildSitemap(url=link, lastmod=lastmod))
        else:
            _add_entry(gathered, _read_entry(link, fields, lastmod))


def _add_sitemap(gathered: _Gathered, child: ChildSitemap) -> None:
    gathered.read += 1
    if _site(child.url) != gathered.site:
        gathered.foreign += 1
    elif child.url != gathered.url:  # an index that names itself
        gathered.sitemaps.append(child)


def _add_entry(gathered: _Gathered, entry: Entry) -> None:
    gathered.read += 1
    if _site(entry.url) != gathered.site:
        gathered.foreign += 1
    else:
        gathered.entries.append(entry)


def _read_entry(link: str, fields: Fields, lastmod: datetime | None) -> Entry:
    news = next(iter(fields.get("news:news", ())), None)
    if news is None:
        return Entry(url=link, published=lastmod, updated=lastmod)
    inner = read_fields(news)
    publication = next(iter(inner.get("publication", ())), None)
    about = {} if publication is None else read_fields(publication)
    language = read_language(_first_text(about, "language"))
    published = _read_date(inner, "publication_date", language)
    return Entry(
        url=link,
        title=read_html_text(_first_text(inner, "title"), LONGEST_TITLE),
        published=published or lastmod,
        language=language,
        updated=lastmod,
        publisher=read_html_text(_first_text(about, "name"), LONGEST_NAME) or None,
    )


def _first_text(fields: Fields, key: str) -> str:
    return next((child.text for child in fields.get(key, ()) if child.text), "")


def _read_date(fields: Fields, key: str, language: str | None = None) -> datetime | None:
    return read_date(_first_text(fields, key), language)


def _build_reading(gathered: _Gathered, kind: Format) -> FeedReading:
    entries = _keep_newest(gathered.entries, MOST_ADDRESSES)
    sitemaps = _keep_newest(gathered.sitemaps, MOST_SITEMAPS)
    left = len(gathered.entries) + len(gathered.sitemaps) - len(entries) - len(sitemaps)
    return FeedReading(
        format=kind,
        entries=tuple(entries),
        sitemaps=tuple(sitemaps),
        foreign=gathered.foreign,
        unusable=gathered.unusable,
        problem=_find_problem(gathered, left),
    )


def _find_problem(gathered: _Gathered, left: int) -> str | None:
    if gathered.full:
        return (
            f"the sitemap lists more than {MOST_READ:,} addresses: the rest was not read; "
            "use its news sitemap or a smaller one"
        )
    if left:
        return f"the sitemap lists too many addresses; left out: the oldest {left:,}"
    if gathered.foreign and gathered.foreign >= gathered.read - gathered.unusable:
        return (
            f"every address of the sitemap ({gathered.foreign:,}) belongs to another site than "
            f"{gathered.site}: use that site's own sitemap"
        )
    return None


def _keep_newest(found: list[_Dated], most: int) -> list[_Dated]:
    """Return at most `most`, in their order; the undated count as new, the last as newer."""
    if len(found) <= most:
        return found
    ranked = sorted(range(len(found)), key=lambda at: (_stamp(found[at]), at), reverse=True)
    return [found[at] for at in sorted(ranked[:most])]


def _stamp(dated: Entry | ChildSitemap) -> float:
    moment = dated.lastmod if isinstance(dated, ChildSitemap) else dated.published
    return float("inf") if moment is None else moment.timestamp()


def _site(url: str) -> str:
    return _site_of_host("/".join(url.split("/", 3)[:3]))


@lru_cache(maxsize=1024)
def _site_of_host(url: str) -> str:
    try:
        return site_of(url)
    except ValueError:
        return ""
