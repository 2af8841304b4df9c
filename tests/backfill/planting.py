"""Ways to put an article into a page that a careless filter would not see it in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape

from monitor.model import Page

FETCHED_AT = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
FILLER = "The council of the town met on Monday to talk of parks, schools and the price of bread. "
Trick = Callable[[str, str], str]


def frame(title: str, inside: str, head: str = "") -> str:
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        '<body><nav><ul><li><a href="/">Home</a></li><li><a href="/w">World</a></li></ul></nav>'
        f"<main><article><h1>{title}</h1>{inside}</article></main>"
        "<footer>Imprint</footer></body></html>"
    )


def paragraphs(text: str, write: Callable[[str], str]) -> str:
    return "".join(f"<p>{write(part)}</p>\n" for part in text.split("\n") if part.strip())


def inside_words(text: str, mark: str) -> str:
    return " ".join(w[:2] + mark + w[2:] if len(w) > 3 else w for w in escape(text).split(" "))


def between_words(text: str, mark: str) -> str:
    words = escape(text).split(" ")
    return " ".join(word + (f" {mark}" if n % 4 == 1 else "") for n, word in enumerate(words))


def written(write: Callable[[str], str]) -> Trick:
    return lambda title, text: frame(write(title), paragraphs(text, write))


def referenced(text: str) -> str:
    return "".join(f"&#x{ord(c):x};" if c.isalnum() else escape(c) for c in text)


def as_json_ld(title: str, text: str, *, ascii_only: bool = True, markup: bool = False) -> str:
    body = text.replace("\n", "</p><p>") if markup else text
    node = {
        "@type": "NewsArticle",
        "headline": title,
        "articleBody": f"<p>{body}</p>" if markup else body,
    }
    data = json.dumps(node, ensure_ascii=ascii_only)
    if markup:
        data = data.replace("<", "\\u003c").replace(">", "\\u003e")
    return frame("Home", "", f'<script type="application/ld+json">{data}</script>')


def as_next_data(title: str, text: str) -> str:
    inner = json.dumps({"title": title, "body": text})
    code = f"self.__next_f.push([1,{json.dumps(inner)}])"
    return frame(escape(title), "", "").replace("</body>", f"<script>{code}</script></body>")


def as_preloaded(title: str, text: str) -> str:
    cooked = "".join(f"<p>{escape(part)}</p>" for part in text.split("\n"))
    topic = json.dumps({"post_stream": {"posts": [{"cooked": cooked}]}})
    value = escape(json.dumps({"topic_1": topic}), quote=True)
    body = f'<div id="data-preloaded" data-preloaded="{value}"></div>'
    return f"<html><head><title>{escape(title)}</title></head><body>{body}</body></html>"


def in_head_only(title: str, _text: str) -> str:
    head = f'<meta property="og:title" content="{escape(escape(title))}">'
    return frame("", f"<p>{FILLER * 5}</p>", head)


def in_divs(title: str, text: str) -> str:
    parts = "<br><br>".join(escape(part) for part in text.split("\n"))
    return frame(escape(title), f'<div class="text">{parts}<div class="ad">Advert</div> </div>')


def in_a_table(title: str, text: str) -> str:
    cells = "".join(f"<td><p>{escape(part)}</p></td>" for part in text.split("\n"))
    return frame(escape(title), f"<table><tr>{cells}</tr></table>")


def interrupted_by(element: str) -> Trick:
    return written(lambda text: between_words(text, element))


def in_spans(text: str, every: int) -> str:
    """Return a text with every so-many-th word in a span."""
    return " ".join(
        f"<span>{word}</span>" if place % every == 0 else word
        for place, word in enumerate(escape(text).split(" "))
    )


TRICKS: dict[str, Trick] = {
    "plain": written(escape),
    "character references": written(referenced),
    "named references": written(lambda t: escape(t).replace(" ", "&nbsp;")),
    "tags inside words": written(lambda t: inside_words(t, "<b></b>")),
    "emphasis inside words": written(
        lambda t: inside_words(t, "<em>").replace("<em>", "<em></em><i></i>")
    ),
    "comments inside words": written(lambda t: inside_words(t, "<!-- > -->")),
    "soft hyphens": written(lambda t: inside_words(t, "&shy;")),
    "possible breaks": written(lambda t: inside_words(t, "<wbr>")),
    "zero-width spaces": written(lambda t: inside_words(t, "\u200b")),
    "attributes with angles": written(lambda t: inside_words(t, '<span title="a > b"></span>')),
    "lines broken": written(lambda t: escape(t).replace(" ", "<br>")),
    "words marked": written(lambda t: " ".join(f"<mark>{w}</mark>" for w in escape(t).split(" "))),
    "links without spaces": written(lambda t: escape(t).replace(" ", '</a> <a href="/x">')),
    "ruby": written(
        lambda t: "".join(
            f"<ruby>{escape(c)}<rt>x</rt></ruby>" if c > "\u2e80" else escape(c) for c in t
        )
    ),
    "full-width": written(
        lambda t: escape("".join(chr(ord(c) + 0xFEE0) if "a" <= c.lower() <= "z" else c for c in t))
    ),
    "capitals": written(lambda t: escape(t.upper())),
    "a button in the midst": interrupted_by("<button>Share this now</button> "),
    "hidden words in the midst": interrupted_by(
        '<span style="display:none">never seen here</span> '
    ),
    "a drawing in the midst": interrupted_by("<svg><text>a drawing of it</text></svg> "),
    "a formula in the midst": interrupted_by("<math><mi>x y z w</mi></math> "),
    "a margin in the midst": interrupted_by(
        "<aside><h3>See too</h3><p>Other news of today.</p></aside> "
    ),
    "a share bar in the midst": interrupted_by('<span class="share">Share. Like. Tell</span> '),
    "a box in the midst": interrupted_by('<div class="social-share">Share. Like. Tell</div> '),
    "a script in the midst": interrupted_by("<script>var a = '<p>b</p>';</script> "),
    "a script closed oddly": lambda a, b: frame(
        escape(a), f"<script>x</script\n>{paragraphs(b, escape)}"
    ),
    "a script with a comment": lambda a, b: frame(
        escape(a), f"<script><!-- <script> </script>{paragraphs(b, escape)}"
    ),
    "an empty comment": lambda a, b: frame(escape(a), f"<!-->{paragraphs(b, escape)}<!-- -->"),
    "a comment closed oddly": lambda a, b: frame(escape(a), f"<!-- x --!>{paragraphs(b, escape)}"),
    "a comment never closed": lambda a, b: frame(escape(a), f"{paragraphs(b, escape)}<!-- x "),
    "a template": lambda a, b: frame(escape(a), f"<template>{paragraphs(b, escape)}</template>"),
    "no script": lambda a, b: frame(escape(a), f"<noscript>{paragraphs(b, escape)}</noscript>"),
    "a text area": lambda a, b: frame(escape(a), f"<textarea>{paragraphs(b, escape)}</textarea>"),
    "elements of its own": lambda a, b: frame(escape(a), f"<x-story>{escape(b)}</x-story>"),
    "words in elements of their own": written(
        lambda t: " ".join(f"<x-w>{word}</x-w>" for word in escape(t).split(" "))
    ),
    "words in spans, nothing in the title": lambda a, b: frame(
        "News", paragraphs(f"{a}. {b}", lambda t: in_spans(t, 1))
    ),
    "third words in spans, nothing in the title": lambda a, b: frame(
        "News", paragraphs(f"{a}. {b}", lambda t: in_spans(t, 3))
    ),
    "a list": lambda a, b: frame(
        escape(a), "<ul>" + "".join(f"<li><p>{escape(p)}</p></li>" for p in b.split("\n")) + "</ul>"
    ),
    "a form around": lambda a, b: frame(escape(a), f"<form>{paragraphs(b, escape)}</form>"),
    "a hidden box around": lambda a, b: frame(
        escape(a), f'<div hidden class="sidebar">{paragraphs(b, escape)}</div>'
    ),
    "JSON-LD": as_json_ld,
    "JSON-LD as written": lambda a, b: as_json_ld(a, b, ascii_only=False),
    "JSON-LD with markup": lambda a, b: as_json_ld(a, b, markup=True),
    "data within data": as_next_data,
    "data in an attribute": as_preloaded,
    "in the head only": in_head_only,
    "boxes and breaks": in_divs,
    "a table": in_a_table,
}


def as_page(html: str, encoding: str = "utf-8", *, declared: str | None = None) -> Page:
    body = html.encode(encoding, "xmlcharrefreplace")
    kind = "text/html" + (f"; charset={declared}" if declared else "")
    return Page(
        url="https://news.example.org/a-story",
        final_url="https://news.example.org/a-story",
        status=200,
        headers=(("Content-Type", kind),),
        body=body,
        wire_body=body,
        fetched_at=FETCHED_AT,
    )
