"""Pages written for the tests: one invented article in eight languages, as news sites show it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from monitor.model import Page

FETCHED_AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
URL = "https://www.courier.example/politics/2026/11/harbour-office-closes-after-inquiry"


@dataclass(frozen=True, kw_only=True)
class Story:
    """What an article says, in one language, with the words its site wraps around it."""

    language: str
    title: str
    lead: str
    paragraphs: tuple[str, ...]
    menu: tuple[str, ...]
    related: tuple[str, ...]
    cookies: str
    author: str = "Mara Lind"

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)


def _read_stories() -> tuple[Story, ...]:
    known = json.loads((Path(__file__).parent / "stories.json").read_text("utf-8"))
    lists = ("paragraphs", "menu", "related")
    return tuple(Story(**{k: tuple(v) if k in lists else v for k, v in s.items()}) for s in known)


STORIES = _read_stories()
ENGLISH = STORIES[0]


@dataclass(kw_only=True)
class Layout:
    """How a page is put together; every part can be left out or replaced."""

    head: str = ""
    json_ld: dict | list | str | None = None
    body: str | None = None
    charset: str = "utf-8"
    metas: dict[str, str] = field(default_factory=dict)
    canonical: str | None = None
    title_suffix: str = " | The Courier"


def render(story: Story, layout: Layout | None = None) -> str:
    """Return the story as the page of a news site, with menu, banner, bio and other headlines."""
    layout = layout or Layout()
    metas = "".join(
        f'<meta property="{escape(name)}" content="{escape(value)}">'
        for name, value in layout.metas.items()
    )
    links = f'<link rel="canonical" href="{escape(layout.canonical)}">' if layout.canonical else ""
    data = ""
    if layout.json_ld is not None:
        text = layout.json_ld if isinstance(layout.json_ld, str) else json.dumps(layout.json_ld)
        data = f'<script type="application/ld+json">{text}</script>'
    body = layout.body if layout.body is not None else article_markup(story)
    return (
        f'<!doctype html><html lang="{story.language}"><head><meta charset="{layout.charset}">'
        f"<title>{escape(story.title)}{escape(layout.title_suffix)}</title>"
        f"{metas}{links}{data}{layout.head}"
        "<style>p {{ margin: 0 }}</style><script>var tracker = {{ id: 17 }};</script></head><body>"
        f'<div class="cookie-banner"><p>{escape(story.cookies)}</p><button>OK</button></div>'
        f"<header><nav><ul>{items(story.menu)}</ul></nav></header>{body}"
        f'<aside class="related"><h2>More</h2><ul>{items(story.related)}</ul></aside>'
        f"<footer><p>© 2026 The Courier Ltd. {escape(story.menu[0])}</p></footer></body></html>"
    )


def article_markup(story: Story) -> str:
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in story.paragraphs)
    return (
        f"<main><article><h1>{escape(story.title)}</h1>"
        f'<p class="standfirst">{escape(story.lead)}</p>'
        f'<p class="byline"><a rel="author" href="/staff/1">{escape(story.author)}</a></p>'
        f'<div class="story">{paragraphs}</div>'
        f'<div class="share-buttons"><a href="#">Share</a></div></article></main>'
    )


def items(texts: tuple[str, ...]) -> str:
    return "".join(f'<li><a href="/{i}">{escape(text)}</a></li>' for i, text in enumerate(texts))


def make_page(content: str | bytes, **changes: object) -> Page:
    body = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    known: dict[str, object] = {
        "url": URL,
        "final_url": changes.get("url", URL),
        "status": 200,
        "headers": (("Content-Type", "text/html"),),
        "body": body,
        "wire_body": body,
        "fetched_at": FETCHED_AT,
    }
    return Page(**{**known, **changes})  # type: ignore[arg-type]
