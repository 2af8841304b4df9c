"""Title, author, canonical URL and outlet: what a page claims, and what is believed."""

from __future__ import annotations

import pytest

from monitor.extract.author import clean_names, find_author
from monitor.extract.canonical import find_canonical, is_believable
from monitor.extract.facts import gather_facts
from monitor.extract.json_ld import find_article_body, parse_lenient, read_json_ld
from monitor.extract.outlet import find_declared_language, find_site_name, is_paywalled
from monitor.extract.title import find_title
from monitor.extract.tree import parse
from tests.extract.heads import head_of, ld
from tests.extract.pages import URL

TITLE = "Harbour office closes after inquiry"


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        (f"<title>{TITLE} | The Courier</title><h1>{TITLE}</h1>", TITLE),
        (
            f"<title>{TITLE} - The Courier</title>"
            "<meta property='og:site_name' content='The Courier'>",
            TITLE,
        ),
        (f"<title>The Courier: {TITLE}</title>", f"The Courier: {TITLE}"),
        (f"<title>x</title><meta property='og:title' content='{TITLE}'>", TITLE),
        (f"<title>{TITLE}</title>" + ld({"@type": "NewsArticle", "headline": TITLE}), TITLE),
        # JSON-LD of a teaser on the page is another article's
        (
            f"<title>{TITLE}</title><h1>{TITLE}</h1>"
            + ld({"@type": "Article", "headline": "Ferry sails"}),
            TITLE,
        ),
        ("<title>It&amp;#39;s over &amp;amp; done</title>", "It's over & done"),
        ("<meta property='og:title' content='It&amp;#39;s &lt;b&gt;over&lt;/b&gt;'>", "It's over"),
        ("<title>调查后关闭_政治_信使网</title><h1>调查后关闭</h1>", "调查后关闭"),
        (
            "<title>News</title><h1>The Courier</h1><h1>Ferry sails</h1>"
            + ld({"@type": "Article", "headline": "Ferry sails"}),
            "Ferry sails",
        ),
        ("<h1>Only a heading</h1>", "Only a heading"),
        ("<title> \n </title>", ""),
        ("<title>A\nB\u2028C\x00D</title>", "A B CD"),
    ],
)
def test_title_is_the_headline_without_its_outlet(markup: str, title: str) -> None:
    facts, _ = head_of(markup)
    assert find_title(facts, site_name=facts.meta("og:site_name")) == title


def test_title_is_bounded() -> None:
    facts, _ = head_of(f"<title>{'word ' * 10_000}</title>")
    assert len(find_title(facts)) <= 500


@pytest.mark.parametrize(
    ("claim", "names"),
    [
        ("By Mara Lind", ["Mara Lind"]),
        ("Von Mara Lind und Jan Roth", ["Mara Lind", "Jan Roth"]),
        ("Mara Lind, Jan Roth and Ana Kos", ["Mara Lind", "Jan Roth", "Ana Kos"]),
        ("Mara Lind (mli)", ["Mara Lind"]),
        ("Mara Lind | mara@courier.example", ["Mara Lind"]),
        ("https://facebook.com/courier", []),
        ("記者：林美芳", ["林美芳"]),
        ("admin", []),
        ("MARA LIND; Mara Lind", ["MARA LIND"]),
        ("x" * 500, []),
        ("", []),
    ],
)
def test_names_are_taken_out_of_bylines(claim: str, names: list[str]) -> None:
    assert clean_names([claim]) == names


@pytest.mark.parametrize(
    ("markup", "author"),
    [
        (
            ld({"@type": "NewsArticle", "author": {"@type": "Person", "name": "Mara Lind"}}),
            "Mara Lind",
        ),
        (ld({"@type": "NewsArticle", "author": [{"name": "A B"}, {"name": "C D"}]}), "A B, C D"),
        (
            ld(
                {
                    "@graph": [
                        {"@type": "Article", "author": {"@id": "#p"}},
                        {"@type": "Person", "@id": "#p", "name": "A B"},
                    ]
                }
            ),
            "A B",
        ),
        (
            ld(
                {
                    "@type": "Article",
                    "author": [
                        {"@type": "Organization", "name": "dpa"},
                        {"@type": "Person", "name": "A B"},
                    ],
                }
            ),
            "A B",
        ),
        (
            ld({"@type": "Article", "author": {"name": "The Courier"}})
            + "<meta name='author' content='Mara Lind'>",
            "Mara Lind",
        ),
        (ld({"@type": "Article", "author": {"name": "The Courier"}}), "The Courier"),
        (
            "<meta property='article:author' content='https://facebook.com/x'>"
            "<a rel='author'>A B</a>",
            "A B",
        ),
        ("<p class='author-name'>A B</p>", "A B"),
        ("<p>nobody</p>", None),
    ],
)
def test_author_is_who_signed_rather_than_the_outlet(markup: str, author: str | None) -> None:
    facts, root = head_of(markup)
    assert find_author(facts, root, site_name="The Courier") == author


OWN = "https://courier.example/politics/2026/story-of-the-day"


@pytest.mark.parametrize(
    ("claim", "own", "believed"),
    [
        (OWN, OWN, True),
        ("https://courier.example/politics/other-words-for-it", OWN, True),
        ("https://news.courier.example/politics/2026/story-of-the-day", OWN, True),
        ("https://other.example/politics/2026/story-of-the-day", OWN, False),
        ("https://courier.example/", OWN, False),
        ("https://courier.example/politics", OWN, False),
        ("https://courier.example/politics/2026", OWN, False),
        ("https://courier.example/404", OWN, False),
        ("https://courier.example/article.php", "https://courier.example/article.php?id=5", False),
        (
            "https://courier.example/article.php?id=5",
            "https://courier.example/article.php?id=5&x=1",
            True,
        ),
        (
            "https://courier.example/the-long-name-of-it",
            "https://courier.example/the-long-name-of-it/2",
            True,
        ),
        ("https://courier.example/story?page=1", "https://courier.example/story", True),
        ("https://courier.example/?p=17", OWN, True),
    ],
)
def test_canonical_claim_is_believed_within_the_site_and_not_above_the_page(
    claim: str, own: str, believed: bool
) -> None:
    assert is_believable(claim, own) is believed


@pytest.mark.parametrize(
    ("markup", "url", "key"),
    [
        (f"<link rel='canonical' href='{OWN}?utm_source=x'>", OWN + "/amp", OWN),
        (
            "<link rel='canonical' href='/politics/2026/story-of-the-day'>",
            "https://m.courier.example/x-1",
            OWN,
        ),
        (
            "<link rel='canonical' href='https://evil.example/x'>"
            f"<meta property='og:url' content='{OWN}'>",
            "https://courier.example/a-1",
            OWN,
        ),
        (
            ld({"@type": "Article", "mainEntityOfPage": {"@id": OWN}}),
            "https://courier.example/a-1",
            OWN,
        ),
        ("<link rel='canonical' href='http://['><link rel='canonical' href=''>", OWN, OWN),
        ("<link rel='canonical' href='javascript:alert(1)'>", OWN, OWN),
    ],
)
def test_canonical_url_is_the_first_claim_that_is_believed(markup: str, url: str, key: str) -> None:
    facts, _ = head_of(markup, url)
    assert find_canonical(facts) == key


@pytest.mark.parametrize(
    ("markup", "language"),
    [
        ("<html lang='pt_br'>", "pt-BR"),
        ("<html lang='zh-hant-tw'>", "zh-Hant-TW"),
        ("<meta property='og:locale' content='hr_HR'>", "hr-HR"),
        (ld({"@type": "Article", "inLanguage": "de"}), "de"),
        ("<html lang='<script>'>", None),
        ("<p>x</p>", None),
    ],
)
def test_declared_language_is_a_tag_or_nothing(markup: str, language: str | None) -> None:
    parsed = parse(markup)
    assert parsed is not None
    assert find_declared_language(gather_facts(parsed.root, URL)) == language


@pytest.mark.parametrize(
    ("markup", "paywalled"),
    [
        (ld({"@type": "NewsArticle", "isAccessibleForFree": False}), True),
        (ld({"@type": "NewsArticle", "isAccessibleForFree": "http://schema.org/False"}), True),
        (ld({"@type": "NewsArticle", "isAccessibleForFree": "True"}), False),
        ("<meta property='article:content_tier' content='locked'>", True),
        ("<meta property='article:content_tier' content='metered'>", False),
        ("<p>x</p>", False),
    ],
)
def test_paywall_is_what_the_page_says(markup: str, paywalled: bool) -> None:
    facts, _ = head_of(markup)
    assert is_paywalled(facts) is paywalled


def test_site_name_is_found_in_each_of_its_places() -> None:
    for markup in (
        "<meta property='og:site_name' content='The Courier'>",
        ld({"@type": "NewsArticle", "publisher": {"@type": "Organization", "name": "The Courier"}}),
        ld({"@type": "WebSite", "name": "The Courier"}),
        "<meta name='application-name' content='The Courier'>",
    ):
        facts, _ = head_of(markup)
        assert find_site_name(facts) == "The Courier"
    assert find_site_name(head_of("<meta name='publisher' content='https://fb.com/x'>")[0]) is None


@pytest.mark.parametrize(
    "text",
    [
        '{"@type": "Article", "headline": "H"}',
        '<!-- {"@type": "Article", "headline": "H"} -->',
        '//<![CDATA[\n{"@type": "Article", "headline": "H"}\n//]]>',
        '{"@type": "Article", "headline": "H",}',
        '{"@type": "Article", "headline": "H"};',
        '{"@type": "Article", "headline": "H"}{"@type": "Person"}',
        '{"@type": "Article",\n"headline": "H", "x": "a\nb\tc"}',
    ],
)
def test_broken_json_ld_is_mended(text: str) -> None:
    assert parse_lenient(text)["headline"] == "H"


@pytest.mark.parametrize("text", ["", "{", "not json", "[" * 100_000, "null", '"x"', "1" * 5000])
def test_hopeless_json_ld_gives_nothing(text: str) -> None:
    parsed = parse(f'<html><script type="application/ld+json">{text}</script></html>')
    assert parsed is not None
    assert read_json_ld(parsed.root.iter("script")) == ()


def test_json_ld_of_the_page_wins_over_that_of_teasers() -> None:
    teaser = {"@type": "NewsArticle", "headline": "Ferry sails", "url": "/ferry"}
    own = {"@type": "NewsArticle", "headline": TITLE, "mainEntityOfPage": {"@id": URL + "?x=1#y"}}
    facts, _ = head_of(ld(teaser, own), URL + "?x=1")
    assert facts.node["headline"] == TITLE
    facts, _ = head_of(f"<title>{TITLE}</title>" + ld(teaser, {**own, "mainEntityOfPage": ""}), URL)
    assert facts.node["headline"] == TITLE


def test_articles_in_lists_are_not_the_page_itself() -> None:
    listed = {
        "@type": "ItemList",
        "itemListElement": [{"@type": "NewsArticle", "headline": "Ferry"}],
    }
    facts, _ = head_of(ld(listed))
    assert facts.node == {}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("One.\n\nTwo.", "One.\n\nTwo."),
        ("<p>One.</p><p>Two &amp; three.</p>", "One.\nTwo & three."),
        ("a &lt; b &amp;amp; c", "a < b &amp; c"),
    ],
)
def test_article_body_loses_its_markup(body: str, text: str) -> None:
    assert find_article_body({"articleBody": body}) == text
