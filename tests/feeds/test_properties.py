"""What holds of every reading, whatever the bytes were."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.feeds.dates import EARLIEST, LATEST
from monitor.feeds.item_links import resolve_link
from monitor.feeds.reading import FeedReading
from monitor.model import SourceKind
from monitor.urls import is_http_url, join
from tests.feeds.samples import RSS, URL, item, read, rss
from tests.feeds.test_read_feeds import ATOM, JSON_FEED
from tests.feeds.test_sections import ENGLISH

SAMPLES = [
    RSS,
    ATOM,
    JSON_FEED,
    ENGLISH,
    rss(*(item(number) for number in range(5))),
    "<urlset><url><loc>https://herald.example/a</loc><lastmod>2024</lastmod></url></urlset>",
]
PIECES = st.sampled_from(
    [b"<item>", b"</item>", b"<link>", b"</link>", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"&",
     b"&#", b"<entry", b">", b"<", b"'", b'"', b"\x00", b"\xff", b"\xd0", b"http://", b"<loc>",
     b"</rss>", b"<!DOCTYPE x [", b"<?xml", b"xml:base=", b"{", b"}", b"[", b",",
     b"\x1f\x8b\x08", b"\xef\xbb\xbf"]
)  # fmt: skip
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=30
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Draw a sample with a few stretches cut out, overwritten, repeated, or with pieces put in."""
    body = draw(st.sampled_from(SAMPLES)).encode()
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 60)))
        what = draw(
            st.one_of(st.just(b""), PIECES, st.binary(max_size=8), st.just(body[start:end] * 2))
        )
        body = body[:start] + what + body[end:]
    return body


def check(reading: FeedReading) -> None:
    for entry in reading.entries:
        assert is_http_url(entry.url)
        assert len(entry.url) <= 2048
        assert len(entry.title) <= 2000
        assert len(entry.summary) <= 20_000
        for text in (entry.title, entry.summary, entry.guid, entry.author, entry.publisher):
            assert text is None or text.encode("utf-8").decode("utf-8").isprintable() or clean(text)
        for moment in (entry.published, entry.updated):
            assert moment is None or EARLIEST <= moment <= LATEST
    for feed in reading.feeds:
        assert is_http_url(feed.url)
    for child in reading.sitemaps:
        assert is_http_url(child.url)
    assert reading.next_url is None or is_http_url(reading.next_url)
    assert reading.unusable >= 0
    assert reading.problem is None or reading.problem.strip() == reading.problem


def clean(text: str) -> bool:
    """Say whether a text holds no control character, surrogate or noncharacter."""
    return not any(
        letter < " " or "\x7f" <= letter <= "\x84" or "\ud800" <= letter <= "\udfff"
        for letter in text
    )


@pytest.mark.parametrize("kind", ["feed", "sitemap", "section"])
@given(
    body=st.one_of(damaged(), st.binary(max_size=200), st.lists(PIECES, max_size=40).map(b"".join))
)
@example(body=b"<rss><item><link>http://a.b</link><title>\xed\xa0\x80</title></item></rss>")
@settings(max_examples=150, deadline=None)
def test_reading_holds_its_promises_whatever_the_bytes(kind: SourceKind, body: bytes) -> None:
    check(read(body, kind))


@given(
    st.lists(st.tuples(WORDS, st.integers(0, 10**6)), max_size=12, unique_by=lambda pair: pair[1])
)
@settings(deadline=None)
def test_no_item_of_a_well_formed_feed_is_lost_or_changed(items: list[tuple[str, int]]) -> None:
    from html import escape

    written = "".join(
        f"<item><title>{escape(escape(title))}</title><link>https://herald.example/{n}</link></item>"
        for title, n in items
    )
    reading = read(rss(written))
    assert [(e.title, e.url) for e in reading.entries] == [
        (title, f"https://herald.example/{n}") for title, n in items
    ]
    assert (reading.problem, reading.unusable) == (None, 0)


URLS = st.one_of(
    st.from_regex(r"https?://[a-z0-9.-]{1,20}(:[0-9]{1,5})?/[!-~]{0,30}", fullmatch=True),
    st.from_regex(r"https?://[a-z]{1,9}\.[a-z]{2,5}/[a-z0-9/.?#&=%-]{0,30}", fullmatch=True),
    st.text(max_size=40),
)


@given(URLS)
@example("https://a.example/x?")
@example("https://a.example/x#")
@example("https://a.example/../x")
@example("https://a.example/x?y/../z")
@example("https://a.example/x\\y")
@example("https://a.1/x")
def test_address_that_is_let_through_as_it_is_is_what_join_would_make_of_it(url: str) -> None:
    if "&amp;" not in url and url[:4].lower() != "www.":
        assert resolve_link(URL, url) == join(URL, url.strip()) or not url.strip()
