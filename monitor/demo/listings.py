"""How the demo's sites offer their pages: RSS, Atom, a news sitemap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape


@dataclass(frozen=True, kw_only=True)
class Item:
    """One page as a list offers it."""

    url: str
    title: str
    language: str
    published: datetime
    summary: str = ""
    author: str = ""


def render_rss(name: str, base: str, items: Sequence[Item]) -> str:
    """Return an RSS 2.0 feed; its links carry a campaign, as those of real feeds do."""
    parts = [
        f"""<item><title>{escape(item.title)}</title>
<link>{item.url}?utm_source=rss&amp;utm_medium=feed</link>
<guid isPermaLink="false">{escape(item.url)}</guid>
<pubDate>{format_datetime(item.published)}</pubDate>
<description>{escape(item.summary)}</description></item>"""
        for item in items
    ]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>{escape(name)}</title><link>{base}/</link>
<description>{escape(name)}</description><language>en</language>
{"".join(parts)}
</channel></rss>
"""


def render_atom(name: str, base: str, items: Sequence[Item]) -> str:
    """Return an Atom feed in several languages."""
    parts = [
        f"""<entry xml:lang="{item.language}"><id>{item.url}</id><title>{escape(item.title)}</title>
<link rel="alternate" href="{item.url}"/><updated>{item.published.isoformat()}</updated>
<published>{item.published.isoformat()}</published>
<author><name>{escape(item.author)}</name></author>
<summary>{escape(item.summary)}</summary></entry>"""
        for item in items
    ]
    newest = max(item.published for item in items)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>{base}/</id><title>{escape(name)}</title>
<updated>{newest.isoformat()}</updated>
{"".join(parts)}
</feed>
"""


def render_news_sitemap(name: str, items: Sequence[Item]) -> str:
    """Return a news sitemap."""
    parts = [
        f"""<url><loc>{item.url}</loc><news:news>
<news:publication><news:name>{escape(name)}</news:name>
<news:language>{item.language}</news:language></news:publication>
<news:publication_date>{item.published.isoformat()}</news:publication_date>
<news:title>{escape(item.title)}</news:title></news:news></url>"""
        for item in items
    ]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
{"".join(parts)}
</urlset>
"""
