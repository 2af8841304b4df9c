"""Lists of feeds in and out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.errors import FeedError
from monitor.feeds.opml import OpmlFeed, read_opml, write_opml
from monitor.model import Source

LIST = b"""<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Balkans"><outline title="Croatia">
<outline type="rss" text="Herald" xmlUrl="https://herald.example/rss" htmlUrl="https://herald.example/"
 language="hr"/><outline type="rss" text="Again" xmlUrl="https://herald.example/rss"/></outline></outline>
<outline text="AT&amp;T" xmlurl=" https://other.example/feed?a=1&amp;b=2 "/>
<outline text="Bad" xmlUrl="javascript:alert(1)"/><outline text="&x;" xmlUrl="https://third.example/"/>
</body></opml>"""
HERALD = OpmlFeed(
    url="https://herald.example/rss",
    title="Herald",
    site="https://herald.example/",
    language="hr",
    folders=("Balkans", "Croatia"),
)


def test_feeds_of_a_list_are_read_each_once_with_their_folders() -> None:
    first, second, third = read_opml(LIST)
    assert first == HERALD
    assert (second.url, second.title, second.folders) == (
        "https://other.example/feed?a=1&b=2",
        "AT&T",
        (),
    )
    assert third.title == "&x;"


@pytest.mark.parametrize("cut", [600, 700])
def test_broken_list_gives_what_can_be_told(cut: int) -> None:
    assert "https://herald.example/rss" in {feed.url for feed in read_opml(LIST[:cut])}


@pytest.mark.parametrize("body", [b"", b"<rss/>", b"{}", b"<html>", b"opml"])
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(FeedError, match="OPML"):
        read_opml(body)


def test_hostile_list_is_read() -> None:
    assert read_opml(b"<opml>" + b"<outline>" * 100_000) == ()
    assert read_opml(b"<opml>" + b'<outline xmlUrl="' * 50_000) == ()


def test_list_that_was_written_is_read_back() -> None:
    sources = [
        Source(
            id="a",
            kind="feed",
            url="https://a.example/rss?x=1&y=2",
            outlet='A "&" <B>\x00',
            country="HR",
            language="hr",
        ),
        Source(id="b", kind="feed", url="https://b.example/rss", outlet="B", country="HU"),
        Source(id="c", kind="section", url="https://c.example/", outlet="C", country="HR"),
    ]
    written = write_opml(sources, title="Watch", now=datetime(2024, 3, 15, tzinfo=UTC))
    first, second = read_opml(written)
    assert (first.url, first.title, first.language) == (sources[0].url, 'A "&" <B>', "hr")
    assert (first.folders, second.folders) == (("HR",), ("HU",))
