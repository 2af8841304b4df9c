"""What well-formed feeds of every dialect say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.feeds.reading import Format
from monitor.feeds.stream import ItemStream, open_source
from tests.feeds.samples import RSS, URL, item, links_of, read, rss

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="hr" xml:base="https://herald.example/blog/">
<title type="html">Lučki &lt;b&gt;glasnik&lt;/b&gt;</title>
<link rel="self" href="https://herald.example/atom.xml"/>
<link rel="next" href="/atom.xml?page=2"/>
<updated>2024-03-15T10:15:00+01:00</updated>
<entry>
  <title>Prva vijest &amp;amp; druga</title>
  <link rel="replies" href="comments"/>
  <link rel="alternate" type="application/json" href="prva.json"/>
  <link href="prva"/>
  <id>tag:herald.example,2024:1</id>
  <published>2024-03-15T09:00:00+01:00</published>
  <updated>2024-03-16T09:00:00+01:00</updated>
  <author><name>Ivo Ivić</name><email>ivo@herald.example</email></author>
  <author><name>Ana Anić</name></author>
  <summary type="text">Znak &lt; nije oznaka</summary>
</entry>
<entry xml:lang="en" xml:base="https://other.example/">
  <title type="xhtml">
    <div xmlns="http://www.w3.org/1999/xhtml">A <em>marked</em> title</div></title>
  <link href="second"/>
  <id>urn:uuid:1</id>
  <updated>2024-03-17T09:00:00Z</updated>
  <content type="html">&lt;p&gt;One&lt;/p&gt;&lt;p&gt;two &amp;eacute;&lt;/p&gt;</content>
  <source><title>The Wire</title></source>
</entry>
</feed>
"""

RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
  xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://herald.example/"><title>RDF</title><link>https://herald.example/</link>
<items><rdf:Seq><rdf:li resource="https://herald.example/1"/></rdf:Seq></items></channel>
<item rdf:about="https://herald.example/1"><title>One</title><dc:date>2024-03-15</dc:date></item>
</rdf:RDF>"""

OLD_ATOM = """<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Old</title>
<entry><title mode="escaped">A &lt;b&gt;title&lt;/b&gt;</title>
<link rel="alternate" type="text/html" href="https://herald.example/old"/>
<issued>2004-03-15T10:00:00Z</issued><modified>2004-03-16T10:00:00Z</modified></entry></feed>"""

JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "J", "language": "sl",
"next_url": "/feed.json?page=2",
"items": [
 {"id": 7, "url": "/seven", "title": "Seven", "content_html": "<p>Text</p>",
  "date_published": "2024-03-15T10:15:00+01:00", "authors": [{"name": "N. N."}]},
 {"id": "https://herald.example/eight", "content_text": "plain <b>", "date_modified": "2024-01-02"},
 {"id": "nine", "external_url": "https://other.example/nine", "title": "Nine", "tags": ["x"]}
]}"""

CDF = """<?xml version="1.0"?><CHANNEL HREF="https://herald.example/"><TITLE>C</TITLE>
<ITEM HREF="https://herald.example/cdf"><TITLE>Item</TITLE><ABSTRACT>About</ABSTRACT></ITEM></CHANNEL>"""


def test_rss_item_is_read_in_every_field() -> None:
    reading = read(RSS)
    assert (reading.format, reading.problem, reading.unusable) == (Format.RSS, None, 0)
    assert (reading.title, reading.language, reading.ttl) == ("The Harbour Herald", "en-GB", 900)
    first, second, third = reading.entries
    assert first.url == "https://herald.example/2024/03/15/quay-street-office"
    assert first.guid == "herald-20240315-1"
    assert first.title == "Mayor & council close the office on Quay Street"
    assert first.summary == "The office was shut on Friday."
    assert first.author == "Ana Horvat"
    assert first.published == datetime(2024, 3, 15, 9, 15, tzinfo=UTC)
    assert second.url == "https://herald.example/2024/03/15/second"
    assert second.title == "Second story of the day"
    assert second.summary == "Long text with a link and more words."
    assert third.url == "https://herald.example/2024/03/15/third"
    assert third.publisher == "The Wire"
    assert third.language == "en-GB"


def test_atom_entry_is_read_in_every_field() -> None:
    reading = read(ATOM)
    assert (reading.format, reading.problem) == (Format.ATOM, None)
    assert reading.title == "Lučki glasnik"
    assert reading.next_url == "https://herald.example/atom.xml?page=2"
    first, second = reading.entries
    assert first.url == "https://herald.example/blog/prva"
    assert first.title == "Prva vijest & druga"
    assert first.summary == "Znak < nije oznaka"
    assert first.author == "Ivo Ivić, Ana Anić"
    assert first.published == datetime(2024, 3, 15, 8, tzinfo=UTC)
    assert first.updated == datetime(2024, 3, 16, 8, tzinfo=UTC)
    assert first.language == "hr"
    assert second.url == "https://other.example/second"
    assert second.title == "A marked title"
    assert second.summary == "One two é"
    assert second.published == second.updated == datetime(2024, 3, 17, 9, tzinfo=UTC)
    assert (second.language, second.publisher) == ("en", "The Wire")


@pytest.mark.parametrize(
    ("text", "form", "url", "title"),
    [
        (RDF, Format.RDF, "https://herald.example/1", "One"),
        (OLD_ATOM, Format.ATOM, "https://herald.example/old", "A title"),
        (CDF, Format.RSS, "https://herald.example/cdf", "Item"),
    ],
    ids=["rdf", "atom 0.3", "cdf"],
)
def test_older_dialect_is_read(text: str, form: Format, url: str, title: str) -> None:
    reading = read(text)
    assert (reading.format, reading.problem) == (form, None)
    assert [(entry.url, entry.title) for entry in reading.entries] == [(url, title)]


def test_json_feed_is_read() -> None:
    reading = read(JSON_FEED)
    assert (reading.format, reading.problem, reading.language) == (Format.JSON_FEED, None, "sl")
    assert reading.next_url == "https://herald.example/feed.json?page=2"
    seven, eight, nine = reading.entries
    assert (seven.url, seven.guid, seven.author) == ("https://herald.example/seven", "7", "N. N.")
    assert seven.published == datetime(2024, 3, 15, 9, 15, tzinfo=UTC)
    assert (eight.url, eight.summary) == ("https://herald.example/eight", "plain <b>")
    assert nine.url == "https://other.example/nine"


@pytest.mark.parametrize(
    ("inside", "url"),
    [
        ("<link>https://herald.example/a</link>", "https://herald.example/a"),
        ("<link>  https://herald.example/a\n </link>", "https://herald.example/a"),
        ("<link>/a?x=1&amp;y=2</link>", "https://herald.example/a?x=1&y=2"),
        (
            "<link>https://herald.example/a?x=1&amp;amp;y=2</link>",
            "https://herald.example/a?x=1&y=2",
        ),
        ("<link>www.herald.example/a</link>", "http://www.herald.example/a"),
        ("<link/><guid>https://herald.example/g</guid>", "https://herald.example/g"),
        ("<guid isPermaLink='true'>/g</guid>", "https://herald.example/g"),
        (
            "<guid isPermaLink='false'>https://herald.example/?p=1</guid>",
            "https://herald.example/?p=1",
        ),
        (
            "<enclosure url='https://herald.example/a.mp3' type='audio/mpeg'/>",
            "https://herald.example/a.mp3",
        ),
        (
            "<link>javascript:alert(1)</link><guid>https://herald.example/g</guid>",
            "https://herald.example/g",
        ),
        (
            "<atom:link xmlns:atom='http://www.w3.org/2005/Atom' href='/a'/>",
            "https://herald.example/a",
        ),
        (
            "<link>https://proxy.example/1</link><f:origLink xmlns:f='http://rssnamespace.org/feedburner/ext/1.0'>"
            "https://herald.example/a</f:origLink>",
            "https://herald.example/a",
        ),
        ("<link xml:base='https://else.example/x/' href='y'/>", "https://else.example/x/y"),
    ],
)
def test_link_of_an_item_is_found_and_absolute(inside: str, url: str) -> None:
    [entry] = read(rss(f"<item><title>t</title>{inside}</item>")).entries
    assert entry.url == url


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "<guid>abc-1</guid>",
        "<link>javascript:alert(1)</link>",
        "<link>mailto:a@herald.example</link>",
        "<link>file:///etc/passwd</link>",
        f"<link>https://herald.example/{'a' * 2048}</link>",
        "<link>https://herald .example/</link>",
    ],
)
def test_item_that_leads_nowhere_is_counted(inside: str) -> None:
    reading = read(rss(f"<item><title>t</title>{inside}</item>", item(1)))
    assert (links_of(reading), reading.unusable) == (["/story/1"], 1)


def test_relative_link_is_relative_to_the_site_that_the_feed_names() -> None:
    head = "<link>https://www.herald.example/en/</link>"
    [entry] = read(
        rss("<item><link>a/b</link></item>", head=head), url="https://cdn.example/f"
    ).entries
    assert entry.url == "https://www.herald.example/en/a/b"


def test_relative_link_without_any_base_is_relative_to_where_the_feed_was() -> None:
    [entry] = read(rss("<item><link>a/b</link></item>"), url="https://cdn.example/x/f").entries
    assert entry.url == "https://cdn.example/x/a/b"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("AT&amp;amp;T", "AT&T"),
        ("1 &lt; 2", "1 < 2"),
        ("Use of &amp;lt;b&amp;gt;", "Use of <b>"),
        ("<![CDATA[caf&eacute; & bar]]>", "café & bar"),
        ("A&lt;br&gt;B", "A B"),
        ("Gro&lt;em&gt;ß&lt;/em&gt;bank", "Großbank"),
        ("a&lt;script&gt;alert(1)&lt;/script&gt;b", "a b"),
        ("a\n\t b", "a b"),
        ("x\x7fy\u0092s", "xy’s"),
        ("a<b>bold</b> c", "abold c"),
    ],
)
def test_title_is_plain_text_decoded_once(markup: str, text: str) -> None:
    [entry] = read(rss(f"<item><link>/a</link><title>{markup}</title></item>")).entries
    assert entry.title == text


def test_title_of_media_does_not_replace_the_title_of_the_item() -> None:
    inside = (
        "<media:content xmlns:media='http://search.yahoo.com/mrss/' url='https://x.example/p.jpg'>"
        "<media:title>picture.jpg</media:title></media:content>"
    )
    [entry] = read(rss(item(1, inside))).entries
    assert entry.title == "Story 1"


def test_longest_text_of_an_item_is_its_summary() -> None:
    inside = (
        "<description>short</description>"
        "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>"
        "the whole text</content:encoded>"
    )
    assert read(rss(item(1, inside))).entries[0].summary == "the whole text"


def test_texts_are_bounded() -> None:
    inside = f"<description>{'word ' * 20_000}</description><author>{'n' * 5000}</author>"
    [entry] = read(rss(f"<item><link>/a</link><title>{'t' * 9000}</title>{inside}</item>")).entries
    assert len(entry.title) == 2000
    assert 19_000 < len(entry.summary) <= 20_000
    assert entry.author is not None
    assert len(entry.author) == 500


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("desk@herald.example (Ana Horvat)", "Ana Horvat"),
        ("Ana Horvat &lt;ana@herald.example&gt;", "Ana Horvat"),
        ("Ana Horvat", "Ana Horvat"),
        ("<name>Ana Horvat</name>", "Ana Horvat"),
        ("  ", None),
    ],
)
def test_author_is_a_name(written: str, name: str | None) -> None:
    assert read(rss(item(1, f"<author>{written}</author>"))).entries[0].author == name


def test_feed_without_items_is_read_and_empty() -> None:
    reading = read(rss())
    assert (reading.entries, reading.problem, reading.disguise) == ((), None, None)


def test_feed_is_read_whichever_kind_was_expected() -> None:
    assert len(read(RSS, "sitemap").entries) == len(read(RSS, "section").entries) == 3


def test_entries_of_one_hundred_thousand_items_are_all_there() -> None:
    """C12."""
    reading = read(rss(*(item(number) for number in range(100_000))))
    assert len({entry.url for entry in reading.entries}) == 100_000
    assert reading.problem is None


def test_items_under_a_root_of_their_own_making_are_read() -> None:
    text = (
        "<newsfeed><item><title>One</title><link>https://herald.example/1</link></item></newsfeed>"
    )
    reading = read(text)
    assert (reading.format, links_of(reading)) == (Format.OTHER_FEED, ["/1"])


def test_item_in_capitals_and_small_letters_is_found_by_the_second_reader() -> None:
    text = "<rss><channel><Item><title>One</title><link>https://herald.example/1</link></Item></channel></rss>"
    assert links_of(read(text)) == ["/1"]


def test_item_inside_an_item_is_no_item_of_its_own() -> None:
    inside = "<x:data xmlns:x='urn:x'><item><link>https://herald.example/no</link></item></x:data>"
    assert links_of(read(rss(item(1, inside), item(2)))) == ["/story/1", "/story/2"]


def test_items_are_forgotten_once_they_were_read() -> None:
    """C12: memory does not grow with the number of items."""
    body = rss(*(item(number) for number in range(5000))).encode()
    stream = ItemStream(open_source(body, body.index(b"<rss")), ("item",))
    kept = [len(element.getparent()) for element in stream]
    assert len(kept) == 5000
    assert max(kept) < 1000, "as many as one piece of the stream holds"


def test_gzip_around_a_feed_is_undone() -> None:
    import gzip

    assert len(read(gzip.compress(RSS.encode())).entries) == 3


def test_link_is_what_the_final_address_makes_of_it() -> None:
    [entry] = read(OLD_ATOM.replace("https://herald.example/old", "old"), url=URL).entries
    assert entry.url == "https://herald.example/feeds/old"
