"""The bytes of a list → the pages and the further lists in it; runs in a worker."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from monitor.feeds.autodiscovery import find_sitemaps
from monitor.feeds.decode import decode_to_utf8
from monitor.feeds.html_links import PageLink, list_links, parse_page
from monitor.feeds.read import read_entries
from monitor.feeds.reading import FeedReading, Format
from monitor.feeds.section import read_section
from monitor.model import Entry, Header, SectionLinks, SourceKind
from monitor.text.counting import plural
from monitor.urls import host_of, join, same_site
from spiders.archive import FoundList, ListForm, ListReading, ListRow, guess_sitemaps
from spiders.archive_cdx import read_cdx
from spiders.archive_gdelt import read_gdelt
from spiders.archive_google import sort_google

MOST_ROWS = 100_000
LONGEST_URL = 2048
_NEXT_WORDS = ("next", "older", "›", "»", "→", ">")
_HALF = re.compile("[\ud800-\udfff]")
_SITEMAPS = frozenset({Format.SITEMAP, Format.SITEMAP_INDEX, Format.TEXT_SITEMAP})


def read_list(
    body: bytes,
    *,
    form: ListForm,
    url: str,
    now: datetime,
    headers: tuple[Header, ...] = (),
    links: SectionLinks | None = None,
    language: str | None = None,
) -> ListReading:
    """Return the pages and further lists in `body`, fetched from the final `url`.

    Raises nothing on hostile bytes: what cannot be read is a problem, with what could.
    """
    if form == "cdx":
        return _bound(read_cdx(body, url, now=now))
    if form == "gdelt":
        return _bound(read_gdelt(body, url))
    if form == "robots":
        return _read_robots(body, url)
    if form == "section":
        return _read_section(body, url=url, headers=headers, links=links, language=language)
    return _read_entries(body, form=form, url=url, headers=headers, language=language)


def _read_entries(
    body: bytes,
    *,
    form: ListForm,
    url: str,
    headers: tuple[Header, ...],
    language: str | None,
) -> ListReading:
    """Return what a feed or a sitemap holds, or a search that answers with a feed."""
    kind: SourceKind = "feed" if form in ("feed", "google") else "sitemap"
    reading = read_entries(body, kind=kind, url=url, headers=headers, language=language)
    if form == "google":
        return _bound(sort_google(reading.entries, url, reading.problem))
    if form == "guess" and reading.format not in _SITEMAPS:
        return ListReading()  # a page in its place: nobody said that there is a sitemap
    lists = [
        FoundList(url=each.url, form="sitemap", changed=each.lastmod) for each in reading.sitemaps
    ]
    if reading.next_url is not None and form == "feed":
        lists.append(FoundList(url=reading.next_url, form="feed", following=True))
    return _bound(
        ListReading(
            rows=tuple(build_row(entry) for entry in reading.entries),
            lists=tuple(lists),
            problem=reading.problem,
        )
    )


def build_row(entry: Entry) -> ListRow:
    """Return an entry as a row; a sitemap's `lastmod` is no date of publication."""
    claimed = None if entry.published == entry.updated else entry.published
    return ListRow(url=entry.url, published=claimed, changed=entry.updated)


def _bound(reading: ListReading) -> ListReading:
    rows = tuple(row for row in reading.rows if _can_be_kept(f"{row.url}{row.digest or ''}"))
    left = len(reading.rows) - len(rows[:MOST_ROWS]) + len(reading.lists[MOST_ROWS:])
    problem = reading.problem
    if left:
        problem = f"{problem or 'the list is too long'}; {left} of its addresses were left out"
    return ListReading(rows=rows[:MOST_ROWS], lists=reading.lists[:MOST_ROWS], problem=problem)


def _can_be_kept(text: str) -> bool:
    """Say whether an address is no longer than any is, and text: JSON may hold half a character."""
    return len(text) <= LONGEST_URL and not _HALF.search(text)


def _read_robots(body: bytes, url: str) -> ListReading:
    """Return the sitemaps that a robots.txt names, or else where one may be.

    Those at other sites are told, and not asked for: they go another way out, at another pace.
    """
    found = [each.url for each in find_sitemaps(body.decode("utf-8", "replace"), url)]
    named = [
        FoundList(url=each, form="sitemap")
        for each in found
        if same_site(each, url) and _can_be_kept(each)
    ]
    foreign = [each for each in found if not same_site(each, url)]
    problem = None
    if foreign:
        hosts = ", ".join(list(dict.fromkeys(host_of(each) for each in foreign))[:3])
        problem = (
            f"robots.txt names {plural(len(foreign), 'sitemap')} at other sites ({hosts}): not"
            " read, unless named with --sitemap"
        )
    return ListReading(lists=tuple(named or guess_sitemaps(url)), problem=problem)


def _read_section(
    body: bytes,
    *,
    url: str,
    headers: tuple[Header, ...],
    links: SectionLinks | None,
    language: str | None,
) -> ListReading:
    decoded = decode_to_utf8(body, headers, language=language).body
    reading: FeedReading = read_section(decoded, url=url, links=links)
    following = find_next_page(decoded, url)
    lists = (FoundList(url=following, form="section", following=True),) if following else ()
    rows = tuple(build_row(entry) for entry in reading.entries if entry.url != following)
    problem = reading.problem if not rows and not lists else None
    return _bound(ListReading(rows=rows, lists=lists, problem=problem))


def find_next_page(body: bytes, url: str) -> str | None:
    """Return the page that goes on where a section page ends: declared, numbered or named so.

    `rel=next` first, then the link to the number that follows this page's, then one in words.
    """
    root = parse_page(body)
    if root is None:
        return None
    for element in root.iter("link", "a"):
        if "next" in (element.get("rel") or "").lower().split():
            found = join(url, element.get("href") or "")
            if found is not None and same_site(found, url) and found != url:
                return found
    candidates = [link for link in list_links(root, url) if same_site(link.url, url)]
    return _find_numbered(candidates, url) or _find_named(candidates, url)


def _find_numbered(links: Iterable[PageLink], url: str) -> str | None:
    base, number = split_page_number(url)
    for link in links:
        if split_page_number(link.url) == (base, number + 1):
            return link.url
    return None


def _find_named(links: Iterable[PageLink], url: str) -> str | None:
    base, number = split_page_number(url)
    for link in links:
        its_base, its_number = split_page_number(link.url)
        words = link.text.lower().split()
        if its_base == base and its_number > number and words and words[0] in _NEXT_WORDS:
            return link.url
    return None


def split_page_number(url: str) -> tuple[str, int]:
    """Return the address of a section without its page number, and the number; 1 without one.

    `/news/page/2/`, `/news?page=2`, `/news/p2`, `/news/2`.
    """
    parts = urlsplit(url)
    fields = parse_qsl(parts.query)
    for place, (name, value) in enumerate(fields):
        if (
            name.lower() in ("page", "p", "paged", "pg", "seite", "oldal", "strona")
            and value.isdigit()
        ):
            rest = fields[:place] + fields[place + 1 :]
            return f"{parts.netloc}{parts.path.rstrip('/')}?{sorted(rest)}", int(value[:6])
    found = re.search(r"/(?:page|seite|oldal|strona|p)?[/-]?(\d{1,4})/?$", parts.path)
    query = f"?{sorted(fields)}"
    if found:
        return f"{parts.netloc}{parts.path[: found.start()]}{query}", int(found[1])
    return f"{parts.netloc}{parts.path.rstrip('/')}{query}", 1
