"""Hostile pages end in a value with a reason, in bounded work (FAULTS D1 to D3)."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.extract import Extraction, extract_article
from monitor.model import Article, ExtractionMethod
from tests.extract.pages import ENGLISH, Layout, make_page, render
from tests.extract.test_clean import is_storable

SENTENCE = "The council met on Friday to speak about the harbour and the weather of the week. "


def assert_storable(found: Extraction) -> None:
    article = found.article
    if article is None:
        assert found.outcome is not None
        assert found.reason is not None
        return
    assert is_storable(article.text)
    for line in (article.title, article.author or "", article.site_name or "", found.reason or ""):
        assert is_storable(line, line=True)
    article.text.encode()
    article.canonical_url.encode("ascii")


def nested(depth: int) -> str:
    return "<html><title>T</title><body>" + "<div>" * depth + f"<p>{SENTENCE * 5}</p>"


TAIL = f"<p>{SENTENCE * 5}</p>"
LD = '<html><script type="application/ld+json">{}</script><body>' + TAIL


# Sizes at which a step that is not bounded takes minutes; the suite's time limit says so.
HOSTILE: dict[str, Callable[[], str]] = {
    "nesting of 300": lambda: nested(300),
    "nesting of 2,000": lambda: nested(2_000),
    "nesting of 100,000": lambda: nested(100_000),
    "2 MB of p": lambda: "<html><body>" + f"<p>{SENTENCE}" * 24_000,
    "2 MB of empty p": lambda: "<html><body>" + "<p>" * 700_000,
    "attributes of 350 kB": lambda: (
        f'<body><p class="{"a " * 175_000}" style="{"x" * 350_000}">' + SENTENCE * 5
    ),
    "100,000 attributes": lambda: (
        "<html><body><p " + " ".join(f"a{i}=1" for i in range(100_000)) + f">{SENTENCE * 5}</p>"
    ),
    "title of 1 MB": lambda: f"<html><title>{'word ' * 200_000}</title><body>{TAIL}",
    "100,000 metas": lambda: '<meta name="author" content="A B">' * 100_000 + f"<body>{TAIL}",
    "840 kB of broken JSON-LD": lambda: LD.format('{"@type":"Article","a":"x' * 35_000),
    "JSON-LD of brackets": lambda: LD.format("[" * 500_000),
    "JSON-LD of 50,000 nodes": lambda: LD.format(
        json.dumps([{"@type": "Article", "headline": "x"}] * 50_000)
    ),
    "quotes and slashes": lambda: "<html><script>" + '"\\' * 500_000 + f"</script><body>{TAIL}",
    "angles": lambda: "<html><body>" + "<" * 1_000_000 + TAIL,
    "ampersands": lambda: f"<title>{'&amp' * 100_000}</title><body>{'&' * 500_000}{TAIL}",
    "one word of 5 MB": lambda: f"<html><body><p>{'x' * 5_000_000}</p>",
    "links": lambda: "<html><body>" + f'<p><a href="/{"x" * 50}">{SENTENCE}</a></p>' * 15_000,
    "unclosed inline": lambda: "<html><body>" + f"<b><i>{SENTENCE}" * 900,
    "table in table": lambda: "<html><body>" + "<table><tr><td>" * 500 + SENTENCE * 5,
    "comments": lambda: "<html><body>" + "<!--" * 300_000 + TAIL,
}


# Pages that hold no article, or whose text lies behind the cut.
WITHOUT_TEXT = {"2 MB of empty p", "one word of 5 MB", "comments", "angles", "links"}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_page_ends_in_a_storable_value_with_its_text(name: str) -> None:
    found = extract_article(make_page(HOSTILE[name]()))
    assert_storable(found)
    if name not in WITHOUT_TEXT:
        assert found.article is not None
        assert SENTENCE.strip() in found.article.text


def test_page_too_large_for_trafilatura_is_read_by_its_paragraphs() -> None:
    paragraphs = "".join(f"<p>{i} {SENTENCE}</p>" for i in range(16_000))
    found = extract_article(make_page(f"<html><body><div>{paragraphs}</div></body></html>"))
    assert found.article is not None
    assert found.article.method is ExtractionMethod.PARAGRAPHS
    assert f"15999 {SENTENCE}".strip() in found.article.text
    assert found.reason is not None
    assert "very large" in found.reason


def test_body_of_100_mb_is_cut_before_it_is_read() -> None:
    """FAULTS D1: what is read of it is what a page may have; the rest is named."""
    body = render(ENGLISH).encode() + b"<p>" + b"y" * 100_000_000
    found = extract_article(make_page(body))
    assert found.article is not None
    assert ENGLISH.paragraphs[0] in found.article.text
    assert found.reason is not None
    assert "only the first" in found.reason


@pytest.mark.parametrize(
    "sign", ["\x00", "\x01", "\x1b[31m", "\ud800", "\ufffe", "\u2028", "\u202e", "\r\n", "\x85"]
)
def test_signs_in_title_and_text_do_not_hide_the_words(sign: str) -> None:
    """FAULTS D3: NUL, surrogates and the like are gone, and what they split is whole again."""
    title = f"Harbour{sign} office"
    text = "".join(
        f"<p>{p.replace('fish market', f'fish{sign} market')}</p>" for p in ENGLISH.paragraphs
    )
    page = f"<html><title>{title}</title><body><article>{text}</article></body></html>"
    found = extract_article(make_page(page))
    assert_storable(found)
    assert found.article is not None
    assert "office" in found.article.title
    assert "market" in found.article.text


@pytest.mark.shared
def test_naughty_strings_everywhere_in_a_page_break_nothing(shared: Path) -> None:
    """FAULTS D3, D4: in the title, the text, attributes, JSON-LD, and unescaped."""
    strings = json.loads((shared / "hostile" / "naughty-strings.json").read_text("utf-8"))
    for text in strings[::4]:
        layout = Layout(
            metas={
                "og:title": text,
                "author": text,
                "og:site_name": text,
                "date": text,
                "og:url": text,
            },
            json_ld={"@type": text or "Article", "headline": text, "author": text, "url": text},
            body=f"<article><h1>{escape(text)}</h1><p>{escape(text)}</p><p>{text}</p></article>",
            canonical=text,
            head=f'<html lang="{escape(text)}">',
        )
        assert_storable(extract_article(make_page(render(ENGLISH, layout))))


def all_of(strings: list[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in strings)


@pytest.mark.shared
def test_naughty_strings_as_one_article_are_kept(shared: Path) -> None:
    strings = json.loads((shared / "hostile" / "naughty-strings.json").read_text("utf-8"))
    page = f"<html><title>T</title><body><article>{all_of(strings)}</article></body></html>"
    found = extract_article(make_page(page))
    assert_storable(found)
    assert found.article is not None
    assert "The quick brown fox" in found.article.text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=2_000))
def test_any_bytes_end_in_a_value(body: bytes) -> None:
    assert_storable(extract_article(make_page(body)))
    assert_storable(extract_article(make_page(b"<html><body><p>" + body)))


@pytest.mark.parametrize("seed", range(12))
def test_page_with_pieces_missing_and_doubled_ends_in_a_value(seed: int) -> None:
    """A page cut and stitched at random places, as broken templates and proxies leave it."""
    chance = random.Random(seed)
    page = render(ENGLISH, Layout(json_ld={"@type": "NewsArticle", "headline": ENGLISH.title}))
    for _ in range(30):
        at, length = chance.randrange(len(page)), chance.randrange(200)
        page = page[:at] + chance.choice(["", page[at : at + length] * 2]) + page[at + length :]
    assert_storable(extract_article(make_page(page)))


def test_any_failure_of_trafilatura_leaves_the_paragraphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """It raises from places that nobody lists; the container's reading takes over."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("from the depths")

    monkeypatch.setattr("monitor.extract.quick_trafilatura.bare_extraction", broken)
    article: Article | None = extract_article(make_page(render(ENGLISH))).article
    assert article is not None
    assert ENGLISH.paragraphs[-1] in article.text
