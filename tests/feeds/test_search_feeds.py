"""Search feeds: their links lead to publishers, and nothing is asked that nobody allowed."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from monitor.feeds.read import read_entries
from monitor.feeds.schedule import SHORTEST_WAIT
from monitor.urls.search_feeds import (
    build_query,
    build_search_url,
    find_engine,
    is_wrapped,
    unwrap_link,
)

PAPER = "https://paper.example/news/ferry-timetable?id=5"
OLD_ID = base64.urlsafe_b64encode(
    b"\x08\x13\x22" + bytes([len(PAPER)]) + PAPER.encode() + b"\xd2\x01\x00"
).decode()
NEW_ID = base64.urlsafe_b64encode(b"\x08\x13\x22\x40AU_yqLNnotAnAddressAtAll" + bytes(40)).decode()


@pytest.mark.parametrize(
    ("url", "leads"),
    [
        (
            "http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&tid=1&url=https%3a%2f%2f"
            "paper.example%2fnews%2fferry-timetable%3fid%3d5&c=1&mkt=en-us",
            PAPER,
        ),
        (f"https://www.google.com/url?rct=j&sa=t&url={PAPER}&ct=ga", PAPER),
        (f"https://news.google.com/rss/articles/{OLD_ID.rstrip('=')}?oc=5", PAPER),
        (f"https://news.google.com/rss/articles/{NEW_ID}?oc=5", None),
        ("https://www.google.com/url?url=javascript:alert(1)", None),
        ("https://www.google.com/url?url=file:///etc/passwd", None),
        ("https://www.bing.com/news/apiclick.aspx?url=", None),
        ("https://paper.example/url?url=https://other.example/", None),
        ("http://[broken", None),
    ],
)
def test_link_leads_to_the_publisher_where_it_says(url: str, leads: str | None) -> None:
    assert unwrap_link(url) == (leads or url)


@pytest.mark.parametrize(
    ("url", "wrapped"),
    [
        (f"https://news.google.com/rss/articles/{NEW_ID}", True),
        ("https://consent.google.com/ml?continue=x", True),
        ("https://www.google.com/sorry/index", True),
        ("https://www.google.com/maps", False),
        (PAPER, False),
    ],
)
def test_page_of_a_search_company_is_told_from_a_publishers(url: str, wrapped: bool) -> None:
    assert is_wrapped(url) is wrapped


def test_entries_lead_to_publishers() -> None:
    link = f"http://www.bing.com/news/apiclick.aspx?url={PAPER}&amp;c=1"
    feed = (
        '<?xml version="1.0"?><rss version="2.0" xmlns:News="https://www.bing.com/news/search">'
        f"<channel><title>x</title><item><title>Ferries</title><link>{link}</link>"
        "<News:Source>The Paper</News:Source></item></channel></rss>"
    ).encode()
    reading = read_entries(feed, kind="search", url="https://www.bing.com/news/search?q=x")
    assert [entry.url for entry in reading.entries] == [PAPER]


def test_what_google_says_beside_a_headline_is_not_its_articles() -> None:
    feed = (
        '<?xml version="1.0"?><rss version="2.0"><channel><item>'
        f"<title>Ferries are late - The Paper</title><link>https://news.google.com/rss/articles/"
        f"{NEW_ID}</link><description>&lt;ol&gt;&lt;li&gt;Robbery in the harbour&lt;/li&gt;&lt;/ol"
        '&gt;</description><source url="https://paper.example">The Paper</source></item></channel>'
        "</rss>"
    ).encode()
    [entry] = read_entries(feed, kind="search", url="https://news.google.com/rss/search").entries
    assert (entry.title, entry.summary, entry.publisher) == ("Ferries are late", "", "The Paper")


def test_list_of_gdelt_is_read() -> None:
    body = (
        b'{"articles": [{"url": "https://paper.example/1", "title": "Ferries  late", "domain":'
        b' "paper.example", "seendate": "20261120T101500Z"}, {"title": "no link"}, 7]}'
    )
    reading = read_entries(body, kind="search", url="https://api.gdeltproject.org/api/v2/doc/doc")
    [entry] = reading.entries
    assert (entry.url, entry.publisher) == ("https://paper.example/1", "paper.example")
    assert entry.published == datetime(2026, 11, 20, 10, 15, tzinfo=UTC)
    assert reading.unusable == 2


def test_what_gdelt_says_instead_of_a_list_is_a_problem() -> None:
    reading = read_entries(b"Your query was too short.", kind="search", url="https://x.test/")
    assert reading.problem is not None


def test_what_is_no_feed_is_named_for_a_search_too() -> None:
    reading = read_entries(b"<html><body>no</body></html>", kind="search", url="https://x.test/")
    assert "search feed was expected" in (reading.problem or "")


@pytest.mark.parametrize("engine", ["google-news", "bing-news", "gdelt"])
def test_address_of_a_search_names_its_engine(engine: str) -> None:
    query = build_query(['ferry "timetable"', "harbour"])
    assert query == '"ferry timetable" OR "harbour"'
    url = build_search_url(engine, query, language="en", country="IE")  # type: ignore[arg-type]
    assert find_engine(url) == engine
    assert "%22ferry+timetable%22+OR+%22harbour%22" in url


def test_query_is_bounded() -> None:
    assert len(build_query([f"{'word ' * 8}{at}" for at in range(100)])) <= 240


def test_searches_are_asked_more_rarely_than_feeds() -> None:
    assert SHORTEST_WAIT["search"] >= 1800 > SHORTEST_WAIT["feed"]
