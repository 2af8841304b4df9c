"""Feeds and pages written for these tests, and short ways to read them."""

from __future__ import annotations

from monitor.feeds.read import read_entries
from monitor.feeds.reading import FeedReading
from monitor.model import Header, SectionLinks, SourceKind

URL = "https://herald.example/feeds/all.xml"

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
     xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel>
<title>The Harbour Herald</title>
<link>https://herald.example/</link>
<description>News from the port</description>
<language>en-GB</language>
<ttl>15</ttl>
<item>
  <title>Mayor &amp;amp; council close the office on Quay Street</title>
  <link>https://herald.example/2024/03/15/quay-street-office</link>
  <guid isPermaLink="false">herald-20240315-1</guid>
  <pubDate>Fri, 15 Mar 2024 10:15:00 +0100</pubDate>
  <dc:creator>Ana Horvat</dc:creator>
  <description>&lt;p&gt;The office&lt;/p&gt;&lt;p&gt;was shut on Friday.&lt;/p&gt;</description>
</item>
<item>
  <title><![CDATA[Second <em>story</em> of the day]]></title>
  <link>/2024/03/15/second</link>
  <pubDate>2024-03-15T11:00:00Z</pubDate>
  <content:encoded><![CDATA[<p>Long text with a <a href="/x">link</a> and more
  words.</p>]]></content:encoded>
</item>
<item>
  <title>Third story</title>
  <guid>https://herald.example/2024/03/15/third</guid>
  <source url="https://wire.example/rss">The Wire</source>
</item>
</channel>
</rss>
"""


def read(
    text: str | bytes,
    kind: SourceKind = "feed",
    *,
    url: str = URL,
    headers: tuple[Header, ...] = (),
    links: SectionLinks | None = None,
    language: str | None = None,
) -> FeedReading:
    body = text.encode() if isinstance(text, str) else text
    return read_entries(body, kind=kind, url=url, headers=headers, links=links, language=language)


def rss(*items: str, head: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>T</title>{head}{''.join(items)}</channel></rss>"
    )


def item(number: int, inside: str = "") -> str:
    return (
        f"<item><title>Story {number}</title>"
        f"<link>https://herald.example/story/{number}</link>{inside}</item>"
    )


def links_of(reading: FeedReading) -> list[str]:
    return [entry.url.removeprefix("https://herald.example") for entry in reading.entries]
