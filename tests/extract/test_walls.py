"""Pages with status 200 that are not the article are named, and articles are not taken for them."""

from __future__ import annotations

import pytest

from monitor.extract import Wall, extract_article
from monitor.model import Entry, Outcome
from tests.extract.pages import ENGLISH, STORIES, Layout, Story, make_page, render

SITE = "https://www.courier.example"
ASKED = f"{SITE}/politics/2026/11/harbour-office-closes"


def short(title: str, body: str = "<p>Please choose.</p>", head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("content", "final_url", "wall"),
    [
        (short("Just a moment..."), ASKED, Wall.CHALLENGE),
        (short("Attention Required! | Cloudflare"), ASKED, Wall.CHALLENGE),
        (short("Access Denied"), ASKED, Wall.CHALLENGE),
        (short("x", '<div id="px-captcha"></div>'), ASKED, Wall.CHALLENGE),
        (short("x", "", "<script>var dd = {}; // datadome</script>"), ASKED, Wall.CHALLENGE),
        (short("Before you continue"), ASKED, Wall.CONSENT),
        (short("Datenschutzeinstellungen | Kurier"), ASKED, Wall.CONSENT),
        (short("Wählen Sie"), "https://consent.courier.example/?return=x", Wall.CONSENT),
        (short("Choose"), f"{SITE}/privacy-gate?to=x", Wall.CONSENT),
        (short("Sign in", '<input type="password">'), f"{SITE}/login?next=x", Wall.LOGIN),
        (short("Page not found - The Courier"), ASKED, Wall.SOFT_404),
        (short("404"), ASKED, Wall.SOFT_404),
        (short("Seite nicht gefunden"), ASKED, Wall.SOFT_404),
        (short("Az oldal nem található"), ASKED, Wall.SOFT_404),
        (short("页面不存在"), ASKED, Wall.SOFT_404),
        (short("courier.example", "<p>Buy this domain today.</p>"), ASKED, Wall.PARKED),
    ],
)  # fmt: skip
def test_walls_are_named(content: str, final_url: str, wall: Wall) -> None:
    found = extract_article(make_page(content, url=ASKED, final_url=final_url))
    assert found.wall is wall
    assert found.outcome is Outcome.EXTRACTION_FAILED
    assert found.reason is not None


@pytest.mark.parametrize(
    "title",
    [
        "Access denied: how the harbour was closed to fishermen",
        "Cookie recipe wins the county fair",
        "Page not found: the missing diary of a minister",
        "Just a moment of silence for the drowned sailors",
        "This domain is for sale: the story of a name",
    ],
)
@pytest.mark.parametrize("story", STORIES[:2], ids=lambda story: story.language)
def test_article_with_the_words_of_a_wall_in_its_headline_is_an_article(
    story: Story, title: str
) -> None:
    long = Story(
        language=story.language, title=title, lead=story.lead,
        paragraphs=tuple(f"{p} {n}" for n in range(4) for p in story.paragraphs),
        menu=story.menu, related=story.related, cookies=story.cookies,
    )  # fmt: skip
    found = extract_article(make_page(render(long)))
    assert found.wall is None
    assert found.outcome is None
    assert found.article is not None
    assert found.article.title == title


def test_short_article_that_says_that_it_is_one_is_no_wall() -> None:
    layout = Layout(
        json_ld={"@type": "NewsArticle", "headline": "Cookie recipe wins"},
        body="<article><h1>Cookie recipe wins</h1><p>It won, the jury said on Friday.</p>",
        title_suffix="",
    )
    found = extract_article(make_page(render(ENGLISH, layout)))
    assert found.wall is None
    assert found.article is not None
    assert found.article.text == "It won, the jury said on Friday."
    assert found.article.title == "Cookie recipe wins"


def test_redirect_to_another_article_is_read() -> None:
    moved = make_page(render(ENGLISH), url=ASKED, final_url=ASKED + "-after-inquiry")
    assert extract_article(moved).outcome is None


def test_article_behind_a_wall_keeps_the_address_that_was_asked_for() -> None:
    """The log-in page is one for the whole site; what stands behind it are many articles."""
    asked = [f"{ASKED}-{number}" for number in (1, 2)]
    pages = [
        make_page(
            short("Sign in", '<input type="password">'), url=each, final_url=f"{SITE}/login?to=x"
        )
        for each in asked
    ]
    found = [extract_article(each).article for each in pages]
    entries = [Entry(url=each, title="Said") for each in asked]
    told = [
        extract_article(page, entry=entry).article
        for page, entry in zip(pages, entries, strict=True)
    ]
    for articles in (found, told):
        assert [article.url for article in articles if article] == asked
        assert len({article.canonical_url for article in articles if article}) == 2
