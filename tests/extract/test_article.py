"""A page becomes an article, or says why not; nothing that a page holds is lost in silence."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest

from monitor.extract import Wall, extract_article
from monitor.model import Entry, ExtractionMethod, Outcome
from tests.extract.pages import ENGLISH, STORIES, Layout, Story, article_markup, make_page, render

ENTRY = Entry(
    url="https://www.courier.example/rss/1",
    title="What the feed calls it",
    summary="What the feed says of rooms above a fish market.",
    author="Feed Author",
    published=datetime(2026, 11, 20, 8, 30, tzinfo=UTC),
    language="en",
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.language)
def test_news_page_gives_lead_and_paragraphs_and_nothing_around_them(story: Story) -> None:
    article = extract_article(make_page(render(story))).article
    assert article is not None
    assert article.title == story.title
    assert article.text == f"{story.lead}\n{story.text}"
    assert article.author == story.author
    assert article.method is ExtractionMethod.TRAFILATURA
    assert article.language is not None
    assert article.language.startswith(story.language)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.language)
def test_menus_banners_and_other_headlines_are_not_in_the_text(story: Story) -> None:
    article = extract_article(make_page(render(story))).article
    assert article is not None
    for around in (*story.related, story.cookies, "© 2026"):
        assert around not in article.text


def test_fields_of_head_are_read() -> None:
    layout = Layout(
        canonical="https://courier.example/politics/2026/11/harbour-office-closes-after-inquiry",
        metas={
            "og:site_name": "The Courier",
            "og:type": "article",
            "article:published_time": "2026-11-19T18:05:00+01:00",
            "article:modified_time": "2026-11-20T07:00:00Z",
        },
        json_ld={"@type": "NewsArticle", "headline": ENGLISH.title, "isAccessibleForFree": "False"},
    )
    article = extract_article(make_page(render(ENGLISH, layout))).article
    assert article is not None
    assert article.published == datetime(2026, 11, 19, 17, 5, tzinfo=UTC)
    assert article.published_precision == "second"
    assert article.modified == datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
    assert article.site_name == "The Courier"
    assert article.declared_language == "en"
    assert article.paywalled
    assert article.canonical_url == (
        "https://courier.example/politics/2026/11/harbour-office-closes-after-inquiry"
    )


def test_page_fills_in_what_it_does_not_say_from_the_feed() -> None:
    page = make_page(
        f"<html><body><div>{'<p>' + ENGLISH.paragraphs[0] + '</p>'}</div></body></html>"
    )
    article = extract_article(page, entry=ENTRY).article
    assert article is not None
    assert article.title == ENTRY.title
    assert article.author == ENTRY.author
    assert article.published == ENTRY.published
    assert article.text == ENGLISH.paragraphs[0]


def test_json_ld_text_is_taken_where_the_page_shows_none() -> None:
    layout = Layout(
        body="<main><h1>Loading</h1></main>",
        json_ld={
            "@type": "NewsArticle",
            "headline": ENGLISH.title,
            "articleBody": "\n\n".join(ENGLISH.paragraphs),
        },
    )
    found = extract_article(make_page(render(ENGLISH, layout)))
    assert found.article is not None
    assert found.article.method is ExtractionMethod.JSON_LD
    assert found.article.text == ENGLISH.text
    assert found.article.title == ENGLISH.title
    assert found.outcome is None


def test_json_ld_text_is_taken_where_the_page_shows_only_its_beginning() -> None:
    layout = Layout(
        body=f"<main><article><h1>{ENGLISH.title}</h1>"
        f"<p>{ENGLISH.paragraphs[0]}</p><p>{ENGLISH.paragraphs[1]}</p></article></main>",
        json_ld={"@type": "NewsArticle", "articleBody": "<p>" + "</p><p>".join(ENGLISH.paragraphs)},
    )
    article = extract_article(make_page(render(ENGLISH, layout))).article
    assert article is not None
    assert article.method is ExtractionMethod.JSON_LD
    assert article.text == ENGLISH.text


def test_data_of_scripts_is_taken_where_nothing_else_has_text() -> None:
    markup = "".join(f"<p>{escape(p)}</p>" for p in ENGLISH.paragraphs)
    inner = json.dumps({"article": {"html": markup}})
    head = f"<script>self.__next_f.push([1,{json.dumps(inner)}])</script>"
    found = extract_article(
        make_page(render(ENGLISH, Layout(body='<div id="root"></div>', head=head)))
    )
    assert found.article is not None
    assert found.article.method is ExtractionMethod.EMBEDDED
    assert found.article.text == ENGLISH.text
    assert found.reason is not None
    assert "scripts" in found.reason


def test_visible_text_is_kept_and_flagged_where_no_article_is_found() -> None:
    """FAULTS D2: an empty extraction of a long page never means that nothing matches."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in ENGLISH.paragraphs)
    content = f'<html><title>T</title><body><div id="comments">{text}</div></body></html>'
    found = extract_article(make_page(content))
    assert found.article is not None
    assert "fish market" in found.article.text
    assert found.article.method is ExtractionMethod.VISIBLE_TEXT
    assert found.outcome is Outcome.EXTRACTION_FAILED
    assert found.reason is not None
    assert "all that the page shows" in found.reason


def test_text_is_not_crumbled_into_words() -> None:
    words = "".join(f"<label>{word} </label>" for word in ENGLISH.text.split())
    content = f"<html><title>T</title><body><form>{words}</form></body></html>"
    article = extract_article(make_page(content)).article
    assert article is not None
    assert "above the fish market may no longer be used" in article.text


def test_page_without_text_keeps_its_title_to_match_on() -> None:
    found = extract_article(
        make_page("<html><title>Fish market closed</title><body></body></html>")
    )
    assert found.outcome is Outcome.EXTRACTION_FAILED
    assert found.article is not None
    assert found.article.title == "Fish market closed"
    assert found.article.method is ExtractionMethod.NONE


@pytest.mark.parametrize("content", ["", " \n", "<!-- nothing -->", "\ufeff"])
def test_empty_page_is_matched_on_what_the_feed_says(content: str) -> None:
    found = extract_article(make_page(content), entry=ENTRY)
    assert found.outcome is Outcome.EXTRACTION_FAILED
    assert found.article is not None
    assert found.article.title == ENTRY.title
    assert found.article.text == ENTRY.summary
    assert found.article.method is ExtractionMethod.FEED
    assert extract_article(make_page(content)).article is None


def test_page_that_only_forwards_says_where_to() -> None:
    content = '<html><head><meta http-equiv="refresh" content="0; url=/real"></head></html>'
    found = extract_article(make_page(content))
    assert found.outcome is Outcome.EXTRACTION_FAILED
    assert found.reason is not None
    assert "'/real'" in found.reason


def test_list_of_links_is_not_an_article() -> None:
    links = "".join(
        f'<li><a href="/{i}">Headline number {i} of the day</a></li>' for i in range(60)
    )
    found = extract_article(
        make_page(f"<html><title>News</title><body><ul>{links}</ul></body></html>")
    )
    assert found.outcome is Outcome.NOT_AN_ARTICLE
    assert found.reason == "the page is a list of links"


def test_wall_is_named_and_what_the_feed_says_is_matched() -> None:
    """FAULTS C15: a page with status 200 that is not the article."""
    page = make_page(
        "<html><title>Just a moment...</title><body><p>Checking your browser.</p></body></html>"
    )
    found = extract_article(page, entry=ENTRY)
    assert found.wall is Wall.CHALLENGE
    assert found.outcome is Outcome.EXTRACTION_FAILED
    assert found.article is not None
    assert found.article.title == ENTRY.title
    assert ENTRY.summary in found.article.text
    assert "Checking your browser." in found.article.text


def test_article_that_was_replaced_by_the_front_page_is_not_read_as_the_front_page() -> None:
    page = make_page(render(ENGLISH), url="https://www.courier.example/2024/1/gone-article")
    home = make_page(page.body, url=page.url, final_url="https://www.courier.example/")
    found = extract_article(home, entry=ENTRY)
    assert found.outcome is Outcome.EXTRACTION_FAILED
    assert found.article is not None
    assert found.article.text == ENTRY.summary


def test_truncated_page_is_read_and_says_so() -> None:
    """FAULTS C7: partial bytes are flagged, not taken for the whole."""
    whole = render(ENGLISH).encode()
    cut = whole[: whole.index(b"A lawyer for")]
    found = extract_article(make_page(cut, truncated=True))
    assert found.article is not None
    assert ENGLISH.paragraphs[0] in found.article.text
    assert found.reason is not None
    assert "ended before" in found.reason


def test_page_without_http_url_is_refused() -> None:
    with pytest.raises(ValueError, match="while reading a URL"):
        extract_article(make_page(render(ENGLISH), url="file:///etc/passwd"))


def test_page_that_is_only_a_url_is_not_fetched() -> None:
    """A text that is a URL is one that htmldate would download; sockets are shut."""
    found = extract_article(make_page("https://example.org/secret"))
    assert found.article is None or "example.org" in found.article.text


def test_implausible_dates_are_not_believed() -> None:
    """FAULTS B4."""
    for claim in ("9999-12-31T00:00:00Z", "1900-01-01", "2026-11-23T12:00:00Z"):
        layout = Layout(metas={"article:published_time": claim, "article:modified_time": claim})
        article = extract_article(
            make_page(render(ENGLISH, layout), url="https://courier.example/a")
        ).article
        assert article is not None
        assert article.published is None
        assert article.modified is None


def test_text_of_two_articles_on_one_page_is_that_of_the_first() -> None:
    other = Story(
        language="en",
        title="Ferry runs again",
        lead="After three weeks of storms, the ferry sails.",
        paragraphs=(
            "The ferry to the islands sailed at dawn with sixty passengers and a cow, and the"
            " captain said that he had never been so glad to see a calm sea in November.",
        )
        * 1,
        menu=(),
        related=(),
        cookies="",
    )
    body = article_markup(ENGLISH) + article_markup(other) * 3
    article = extract_article(make_page(render(ENGLISH, Layout(body=body)))).article
    assert article is not None
    assert ENGLISH.paragraphs[-1] in article.text
    assert "captain" not in article.text


def test_posts_of_a_ticker_are_its_text() -> None:
    posts = "".join(
        f"<article><h2>Post {number} of the day</h2><p>Post {number}. {paragraph}</p></article>"
        for number, paragraph in enumerate(ENGLISH.paragraphs * 3)
    )
    body = article_markup(ENGLISH) + posts
    ticker = {"@type": "LiveBlogPosting", "headline": ENGLISH.title}
    article = extract_article(make_page(render(ENGLISH, Layout(body=body, json_ld=ticker)))).article
    assert article is not None
    assert "Post 0." in article.text
    assert "Post 11." in article.text


def test_text_cut_up_around_adverts_is_whole() -> None:
    """Some sites put an article into equal boxes; trafilatura alone takes one of them."""
    long = [p + " " + p.lower() for p in ENGLISH.paragraphs] * 2
    numbered = [f"Part {i}. {p}" for i, p in enumerate(long)]
    boxes = "".join(
        f'<div class="grid"><div class="body-box"><p>{escape(a)}</p><p>{escape(b)}</p></div></div>'
        '<div class="ad-slot">Advertisement</div>'
        for a, b in zip(numbered[::2], numbered[1::2], strict=True)
    )
    body = f"<main><article><h1>{escape(ENGLISH.title)}</h1>{boxes}</article></main>"
    article = extract_article(make_page(render(ENGLISH, Layout(body=body)))).article
    assert article is not None
    assert article.text.split("\n") == numbered


WARMED = """
import sys
from tests.extract.pages import ENGLISH, Layout, make_page, render
from monitor.extract import extract_article, warm_up

connected = []
sys.addaudithook(lambda event, _: connected.append(event) if event == "socket.connect" else None)
warm_up()
loaded = set(sys.modules)
assert extract_article(make_page(render(ENGLISH, Layout()))).article is not None
print(connected, sorted(set(sys.modules) - loaded))
"""


def test_warm_up_loads_all_that_a_page_needs_without_network(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WARMED], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.stdout == "[] []\n", done.stderr
