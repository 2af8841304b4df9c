"""Feeds that sites name."""

from __future__ import annotations

import pytest

from monitor.feeds.autodiscovery import find_feeds, find_sitemaps, list_usual_places

PAGE = b"""<html><head>
<link rel="stylesheet" type="text/css" href="/rss.css">
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/">
<link rel="alternate" type="application/rss+xml" title="All &amp;amp; more" href="/feed/">
<link rel="alternate" type="application/atom+xml" href="https://feeds.example/atom">
<link rel="ALTERNATE feed" type="application/feed+json" href="feed.json">
<link rel="alternate" type="application/json+oembed" href="/wp-json/oembed?url=x">
<link rel="alternate" hreflang="hr" href="/hr/">
<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
</head><body><a href="/rss/sport.xml">Sport</a><a href="/feed/">RSS</a><a href="/news/">News</a>
<a href="/feedback">Feedback</a></body></html>"""


def test_feeds_of_a_page_are_found_the_likeliest_first() -> None:
    found = find_feeds(PAGE, "https://herald.example/en/")
    assert [feed.url for feed in found] == [
        "https://herald.example/feed/",
        "https://feeds.example/atom",
        "https://herald.example/en/feed.json",
        "https://herald.example/rss/sport.xml",
        "https://herald.example/comments/feed/",
    ]
    assert found[0].title == "All & more"
    assert found[1].declared == "application/atom+xml"


@pytest.mark.parametrize("body", [b"", b"<", b"<html>", b"\x00\xff", b"<a href='" + b"x" * 5000])
def test_page_without_feeds_has_none(body: bytes) -> None:
    assert find_feeds(body, "https://herald.example/") == ()


def test_sitemaps_of_robots_txt_are_found() -> None:
    robots = (
        "User-agent: *\nDisallow: /x\nSITEMAP:https://herald.example/news.xml\n"
        "  sitemap : /all.xml # note\nSitemap: https://herald.example/news.xml\n"
        "#Sitemap: https://herald.example/no.xml\nSitemap: ftp://herald.example/no.xml\n"
    )
    assert [feed.url for feed in find_sitemaps(robots, "https://herald.example/robots.txt")] == [
        "https://herald.example/news.xml",
        "https://herald.example/all.xml",
    ]


def test_usual_places_are_of_the_site() -> None:
    places = list_usual_places("https://herald.example/a/b?c")
    assert "https://herald.example/feed/" in places
    assert "https://herald.example/news-sitemap.xml" in places
    assert all(place.startswith("https://herald.example/") for place in places)
