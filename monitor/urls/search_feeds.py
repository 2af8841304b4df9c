"""Addresses of search companies: feeds of what they find, and the redirects they wrap links in.

A search feed tells its company what is looked for. Whoever asks one decides that; here is only what
its addresses say.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Literal
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit

from monitor.urls.parts import is_http_url

Engine = Literal["google-news", "bing-news", "gdelt"]

REVEALS: dict[str, str] = {
    "google-news": "it tells Google the words that are searched for, how often, and your IP"
    " address",
    "bing-news": "it tells Microsoft (Bing) the words that are searched for, how often, and your"
    " IP address",
    "gdelt": "it tells the GDELT project, which Google hosts, the words that are searched for, how"
    " often, and your IP address",
}
"""What asking each of them gives away; said wherever one is switched on."""

MOST_PHRASES = 8
LONGEST_QUERY = 240
"""GDELT refuses long queries, Bing cuts them."""

DAYS = 3
"""How far back is asked for; older than the longest pause between two looks."""

_GOOGLE_ARTICLE = re.compile(r"/(?:rss/)?(?:articles|read|__i/rss/rd/articles)/(?P<id>[\w-]{16,})")
_ADDRESS_IN_ID = re.compile(rb"https?://[\x21-\x7e]+")
_GOOGLE = re.compile(r"(?:www\.)?google(?:\.com?)?\.[a-z]{2,3}")


def build_query(phrases: Sequence[str]) -> str:
    """Return a query that finds any of `phrases`; as many as fit, each literally."""
    chosen: list[str] = []
    for phrase in dict.fromkeys(" ".join(each.replace('"', " ").split()) for each in phrases):
        longer = [*chosen, f'"{phrase}"']
        if phrase and len(longer) <= MOST_PHRASES and len(" OR ".join(longer)) <= LONGEST_QUERY:
            chosen = longer
    return " OR ".join(chosen)


def build_search_url(
    engine: Engine,
    query: str,
    *,
    language: str | None = None,
    country: str | None = None,
    days: int = DAYS,
) -> str:
    """Return the address of the feed of what `engine` finds for `query`, the newest first.

    `days` is how far back is asked for; Bing does not take it.
    """
    if engine == "google-news":
        fields = {"q": f"{query} when:{days}d", **_find_edition(language, country)}
        return f"https://news.google.com/rss/search?{urlencode(fields)}"
    if engine == "bing-news":
        fields = {"q": query, "qft": 'sortbydate="1"', "format": "rss"}
        if language and country:
            fields["mkt"] = f"{language}-{country}"
        elif language:
            fields["setlang"] = language
        return f"https://www.bing.com/news/search?{urlencode(fields)}"
    grouped = f"({query})" if " OR " in query else query
    fields = {"query": grouped, "mode": "artlist", "format": "json", "sort": "datedesc"}
    fields |= {"maxrecords": "250", "timespan": f"{days}d"}
    return f"https://api.gdeltproject.org/api/v2/doc/doc?{urlencode(fields)}"


def _find_edition(language: str | None, country: str | None) -> dict[str, str]:
    """Return what names an edition of Google News; without both, that of the United States."""
    if not language or not country:
        return {}
    if language == "zh":
        script = "Hans" if country in {"CN", "SG"} else "Hant"
        return {"hl": f"zh-{country}", "gl": country, "ceid": f"{country}:zh-{script}"}
    name = f"{language}-{country}" if language in {"en", "es", "pt"} else language
    return {"hl": name, "gl": country, "ceid": f"{country}:{language}"}


def find_engine_of_link(url: str) -> Engine | None:
    """Return the search company whose redirect `url` is, where it matters which."""
    parts = _split(url)
    host = (parts.hostname or "") if parts is not None else ""
    return "google-news" if host == "news.google.com" else None


def find_engine(url: str) -> Engine | None:
    """Return the search company that asking for `url` tells what is searched for, if any."""
    parts = _split(url)
    if parts is None:
        return None
    host, path = parts.hostname or "", parts.path.rstrip("/")
    if host == "news.google.com" and path.endswith("/search"):
        return "google-news"
    if host.removeprefix("www.") == "bing.com" and path.endswith("/search"):
        return "bing-news"
    return "gdelt" if host == "api.gdeltproject.org" else None


def unwrap_link(url: str) -> str:
    """Return the publisher's address that a search company's redirect carries, else `url` itself.

    Bing's and Google's click counters, the latter those of alerts, too, and the older links of
    Google News, whose id holds the address. No request is made.
    """
    parts = _split(url)
    if parts is None:
        return url
    host, path = parts.hostname or "", parts.path
    inner: str | None = None
    if host.removeprefix("www.") == "bing.com" and path.endswith("/apiclick.aspx"):
        inner = _parameter(parts, "url")
    elif _GOOGLE.fullmatch(host) and path == "/url":
        inner = _parameter(parts, "url") or _parameter(parts, "q")
    elif host == "news.google.com":
        inner = _read_article_id(path)
    return inner if inner is not None and is_http_url(inner) else url


def is_wrapped(url: str) -> bool:
    """Say whether `url` leads to an article by way of a search company, which does not say where.

    Its page is none of the publisher's unless asking for it leads to another site.
    """
    if "google." not in url and "bing." not in url:
        return False  # a feed may have a hundred thousand links
    parts = _split(url)
    if parts is None:
        return False
    host, path = parts.hostname or "", parts.path
    if host in {"news.google.com", "consent.google.com"}:
        return True
    if _GOOGLE.fullmatch(host):
        return path == "/url" or path.startswith("/sorry/")
    return host.removeprefix("www.") == "bing.com" and path.endswith("/apiclick.aspx")


def _read_article_id(path: str) -> str | None:
    """Return the address inside an older id of Google News; newer ones hold none."""
    found = _GOOGLE_ARTICLE.match(path)
    if found is None:
        return None
    coded = found["id"]
    try:
        data = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4))
    except (binascii.Error, ValueError):
        return None
    inner = _ADDRESS_IN_ID.search(data)
    return inner[0].decode("ascii") if inner else None


def _parameter(parts: SplitResult, name: str) -> str | None:
    values = parse_qs(parts.query, max_num_fields=50).get(name, [])
    return values[0] if values else None


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        parts.query.encode()
        _ = parts.hostname
    except (ValueError, UnicodeEncodeError):
        return None
    return parts
