"""The demo's pages as HTML: a text with the menus, banners and links that surround it on a site."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

from monitor.demo.outlets import WORDS, Outlet, Words
from monitor.demo.texts import Text

Link = tuple[str, str]


def render_article(text: Text, outlet: Outlet, base: str, links: Sequence[Link]) -> str:
    """Return the page of a text; `links` are those to other pages of the site (path, title)."""
    words = WORDS[text.language]
    body = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in text.paragraphs)
    head = _render_head(text, outlet, base)
    main = BODIES[outlet.id].format(
        title=escape(text.title),
        author=escape(text.author),
        iso=text.published.isoformat(),
        day=f"{text.published:%d.%m.%Y %H:%M}",
        section=escape(text.section),
        share=words.share,
        body=body,
    )
    return _render_page(text.language, head, main, _render_links(words, links), words, outlet)


def render_section(outlet: Outlet, links: Sequence[Link]) -> str:
    """Return the section page: one teaser for each page."""
    words = WORDS["de"]
    teasers = "\n".join(
        f'<div class="teaser"><h2><a href="{escape(path)}">{escape(title)}</a></h2></div>'
        for path, title in links
    )
    head = f"<title>Nachrichten - {escape(outlet.name)}</title>"
    main = f"<main><h1>Nachrichten</h1>\n{teasers}</main>"
    return _render_page("de", head, main, "", words, outlet)


def render_broken() -> bytes:
    """Return a page that no browser would show: nesting without end, bytes of no charset."""
    nested = b"<div><span>" * 6000
    noise = bytes(range(128, 256)) * 40
    return (
        b"<!DOCTYPE html><html><head><title>Live</title></head><body>"
        + nested
        + b"<table><tr><td><script>var a = '<p>';"
        + noise
        + b"<![CDATA[ <!-- &#99999999999; &#xD800;"
        + b"<p" * 3000
    )


def _render_head(text: Text, outlet: Outlet, base: str) -> str:
    url = base + text.path
    parts = [
        f'<meta charset="{outlet.charset}">',
        f"<title>{escape(text.title)} | {escape(outlet.name)}</title>",
        f'<link rel="canonical" href="{url}">',
        f'<meta property="og:title" content="{escape(text.title)}">',
        f'<meta property="og:site_name" content="{escape(outlet.name)}">',
        f'<meta property="article:published_time" content="{text.published.isoformat()}">',
        f'<meta name="author" content="{escape(text.author)}">',
    ]
    if outlet.id == "courier":
        data = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": text.title,
            "datePublished": text.published.isoformat(),
            "author": {"@type": "Person", "name": text.author},
            "mainEntityOfPage": url,
        }
        parts.append(f'<script type="application/ld+json">{json.dumps(data)}</script>')
    return "\n".join(parts)


def _render_links(words: Words, links: Sequence[Link]) -> str:
    items = "".join(
        f'<li><a href="{escape(path)}">{escape(title)}</a></li>' for path, title in links
    )
    return f'<aside class="related"><h3>{words.more}</h3><ul>{items}</ul></aside>'


def _render_page(
    language: str, head: str, main: str, related: str, words: Words, outlet: Outlet
) -> str:
    menu = "".join(
        f'<li><a href="/{number}">{one}</a></li>' for number, one in enumerate(words.menu)
    )
    return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
{head}
</head>
<body>
<div id="cookie-banner" role="dialog"><p>{words.cookies}</p><button>{words.accept}</button></div>
<header><a href="/">{escape(outlet.name)}</a><nav><ul>{menu}</ul></nav></header>
{main}
{related}
<footer><p>© {escape(outlet.name)}. {words.rights}</p></footer>
</body>
</html>
"""


BODIES = {
    "courier": """<main><article>
<h1>{title}</h1>
<p class="byline">{author}, <time datetime="{iso}">{day}</time></p>
{body}
<div class="share">{share}</div>
</article></main>""",
    "wire": """<div class="content"><div class="dateline">{section} | {day}</div>
<h1 class="headline">{title}</h1>
<div class="author">{author}</div>
<div class="story-text">
{body}
</div><a class="share" href="#">{share}</a></div>""",
    "faro": """<main><article itemscope itemtype="https://schema.org/NewsArticle">
<span class="kicker">{section}</span>
<h1 itemprop="headline">{title}</h1>
<span itemprop="author">{author}</span> <time itemprop="datePublished" datetime="{iso}">{day}</time>
<div itemprop="articleBody">
{body}
</div>
<ul class="share"><li>{share}</li></ul>
</article></main>""",
    "rheinblick": """<main id="main"><div class="article">
<header class="article-head"><p>{section}</p><h1>{title}</h1>
<p class="meta">{author} · {day}</p></header>
<section class="article-body">
{body}
</section>
<p class="share">{share}</p>
</div></main>""",
}
