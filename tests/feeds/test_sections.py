"""Section pages: links to articles by selector, by glob, by their look."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.reading import Format
from monitor.feeds.section import matches_glob
from monitor.model import SectionLinks
from tests.feeds.samples import links_of, read

PAGE = "https://herald.example/news/"

# A front page as many news systems write it: menus, cards whose picture and headline lead to the
# same article, related links, a footer.
ENGLISH = """<!DOCTYPE html><html lang="en"><head><title>News - The Herald</title>
<link rel="alternate" type="application/rss+xml" href="/rss.xml" title="All news"></head><body>
<header class="site-header"><a href="/">The Herald</a>
<nav class="main-nav"><ul><li><a href="/news/">News</a></li><li><a href="/sport/">Sport</a></li>
<li><a href="/news/world/">World</a></li><li><a href="/subscribe">Subscribe</a></li>
<li><a href="/2024-election/">Election 2024</a></li>
<li><a href="/dossier/how-the-costs-of-the-harbour-grew">Dossier: how the costs of the harbour grew
and grew</a></li></ul></nav>
<a href="/search?q=">Search</a><a href="/login">Log in</a></header>
<main>
<article class="card"><a href="/news/2024/03/15/office-on-quay-street-shut"><img src="/a.jpg"></a>
<h2><a href="/news/2024/03/15/office-on-quay-street-shut">Office on Quay Street shut after
complaints</a></h2><p>Text. <a href="/news/2024/03/15/office-on-quay-street-shut">Read more</a></p>
<a class="byline" href="/author/ana-horvat">Ana Horvat</a>
<a href="/tag/quay-street">Quay Street</a>
<a href="/news/2024/03/15/office-on-quay-street-shut#comments">12 comments</a></article>
<article class="card"><h2>
<a href="https://herald.example/news/2024/03/14/minister-answers-questions">
Minister answers questions in parliament</a></h2></article>
<article class="card"><h3><a href="/news/2024/03/14/harbour">Harbour opens</a></h3></article>
<div class="pagination"><a href="/news/page/2/">2</a><a href="/news/?page=3">3</a></div>
</main>
<aside><h4>Partners</h4><a href="https://other.example/2024/03/15/a-story-of-another-paper">
A story of another paper altogether</a></aside>
<footer><a href="/about-us">About us</a><a href="/privacy-policy">Privacy policy of The Herald Media
Group Limited</a><a href="/2024/03/15/report.pdf">Report</a><a href="mailto:a@b.example">Mail</a>
<a href="javascript:void(0)">Top</a><a href="#top">Top</a></footer></body></html>"""

# Addresses with a number only, headlines in Chinese, no headings.
CHINESE = """<html lang="zh"><head><meta charset="utf-8"><title>新闻</title></head><body>
<div class="nav"><a href="/news/">新闻</a><a href="/sports/">体育</a>
<a href="/about.html">关于我们</a></div>
<ul class="list"><li><a href="/n1/2024/0315/c1002-40196237.html">
警方关闭了该市的服务站引发居民关注</a></li>
<li><a href="/n1/2024/0315/c1002-40196238.html">部长表示调查仍在继续结果将于周五公布</a></li>
<li><a href="/n1/2024/0314/c1002-40196001.html">港口开放</a></li></ul></body></html>"""

# An old system: everything in one script, told apart by a number.
QUERY = """<html><body><table><tr><td class="menu"><a href="index.php">Početna</a>
<a href="index.php?page=kontakt">Kontakt</a><a href="list.php?cat=3">Kultura</a></td><td>
<a href="article.php?id=48213">Zatvoren ured u Obalnoj ulici nakon pritužbi građana</a>
<a href="article.php?id=48214">Ministar odgovara na pitanja zastupnika u saboru</a>
<a href="article.php?id=48215">Luka je ponovno otvorena za sve brodove</a></td></tr></table>
</body></html>"""

# Cyrillic addresses, headlines as links without any class.
CYRILLIC = """<html lang="sr"><body><div id="menu">
<a href="/вести">Вести</a><a href="/спорт">Спорт</a></div>
<p><a href="/вести/затворена-канцеларија-у-луци-после-жалби-грађана">
Затворена канцеларија у луци после жалби грађана</a></p>
<p><a href="/вести/министар-одговара-на-питања-посланика">
Министар одговара на питања посланика</a></p>
<p><a href="/вести/лука-поново-отворена-за-бродове">
Лука поново отворена за бродове</a></p>
</body></html>"""


@pytest.mark.parametrize(
    ("page", "links"),
    [
        (
            ENGLISH,
            [
                "/news/2024/03/15/office-on-quay-street-shut",
                "/news/2024/03/14/minister-answers-questions",
                "/news/2024/03/14/harbour",
            ],
        ),
        (
            CHINESE,
            [
                "/n1/2024/0315/c1002-40196237.html",
                "/n1/2024/0315/c1002-40196238.html",
                "/n1/2024/0314/c1002-40196001.html",
            ],
        ),
        (QUERY, [f"/news/article.php?id={number}" for number in (48213, 48214, 48215)]),
        (
            CYRILLIC,
            [
                "/вести/затворена-канцеларија-у-луци-после-жалби-грађана",
                "/вести/министар-одговара-на-питања-посланика",
                "/вести/лука-поново-отворена-за-бродове",
            ],
        ),
    ],
    ids=["cards", "numbers and Chinese", "one script", "Cyrillic addresses"],
)
def test_articles_are_told_from_menus_by_their_look(page: str, links: list[str]) -> None:
    reading = read(page, "section", url=PAGE)
    assert links_of(reading) == links
    assert (reading.format, reading.problem, reading.disguise) == (Format.SECTION, None, None)


def test_entry_of_a_card_has_the_headline_as_its_title() -> None:
    first = read(ENGLISH, "section", url=PAGE).entries[0]
    assert first.title == "Office on Quay Street shut after complaints"


def test_page_says_its_title_language_and_feeds() -> None:
    reading = read(ENGLISH, "section", url=PAGE)
    assert (reading.title, reading.language) == ("News - The Herald", "en")
    assert [feed.url for feed in reading.feeds] == ["https://herald.example/rss.xml"]


def test_addresses_of_one_pattern_speak_for_each_other() -> None:
    links = "".join(
        f'<p><a href="/k/{n}">港口新闻报道{n % 7}号</a></p>' for n in range(70101, 70104)
    )
    page = f"<html><body>{links}<a href='/z/70105'>港口新闻</a></body></html>"
    assert links_of(read(page, "section", url=PAGE)) == ["/k/70101", "/k/70102", "/k/70103"]


@pytest.mark.parametrize(
    ("selector", "links"),
    [
        ("article h2 a", ["/news/2024/03/15/office-on-quay-street-shut",
                          "/news/2024/03/14/minister-answers-questions"]),
        ("article h3", ["/news/2024/03/14/harbour"]),
        (".pagination", ["/news/page/2/", "/news/?page=3"]),
    ],
)  # fmt: skip
def test_selector_picks_links_or_what_holds_them(selector: str, links: list[str]) -> None:
    reading = read(ENGLISH, "section", url=PAGE, links=SectionLinks(selector=selector))
    assert links_of(reading) == links


def test_selector_of_another_site_picks_its_links_too() -> None:
    reading = read(ENGLISH, "section", url=PAGE, links=SectionLinks(selector="aside a"))
    assert [entry.url for entry in reading.entries] == [
        "https://other.example/2024/03/15/a-story-of-another-paper"
    ]


def test_glob_picks_addresses() -> None:
    links = SectionLinks(url="https://herald.example/news/2024/03/14/*")
    reading = read(ENGLISH, "section", url=PAGE, links=links)
    assert links_of(reading) == [
        "/news/2024/03/14/minister-answers-questions",
        "/news/2024/03/14/harbour",
    ]


def test_selector_and_glob_together_pick_what_both_do() -> None:
    links = SectionLinks(selector="article a", url="*/harbour")
    assert links_of(read(ENGLISH, "section", url=PAGE, links=links)) == ["/news/2024/03/14/harbour"]


def test_selector_that_finds_nothing_is_a_problem() -> None:
    reading = read(ENGLISH, "section", url=PAGE, links=SectionLinks(selector=".gone a"))
    assert reading.entries == ()
    assert reading.problem is not None
    assert "new layout" in reading.problem


@pytest.mark.parametrize("selector", ["a[", "::", "a:nth-child(", "a:unknown(x)", "\x00"])
def test_selector_that_is_no_css_is_a_problem(selector: str) -> None:
    reading = read(ENGLISH, "section", url=PAGE, links=SectionLinks(selector=selector))
    assert reading.problem is not None
    assert "sources.yaml" in reading.problem


def test_page_without_articles_is_a_problem_with_its_cure() -> None:
    reading = read("<html><body><a href='/a'>A</a></body></html>", "section", url=PAGE)
    assert reading.problem is not None
    assert "selector" in reading.problem


def test_base_of_the_page_is_obeyed() -> None:
    page = CHINESE.replace("<head>", '<head><base href="https://www.the-herald.com/x/">')
    [first, *_] = read(page, "section", url="https://m.the-herald.com/").entries
    assert first.url == "https://www.the-herald.com/n1/2024/0315/c1002-40196237.html"


def test_feed_where_a_section_was_expected_is_read() -> None:
    reading = read(
        "<rss><channel><item><link>https://herald.example/a</link></item></channel></rss>",
        "section",
    )
    assert (reading.format, links_of(reading)) == (Format.RSS, ["/a"])


@pytest.mark.parametrize(
    ("glob", "url", "fits"),
    [
        ("https://a.example/news/*", "https://a.example/news/1", True),
        ("https://a.example/news/*", "https://a.example/sport/1", False),
        ("https://a.example/*/2024/*", "https://a.example/news/2024/x", True),
        ("*", "https://a.example/", True),
        ("https://a.example/?id=*", "https://a.example/?id=7", True),
        ("https://a.example/?id=*", "https://a.example/xid=7", False),
        ("https://a.example/a", "https://a.example/a", True),
        ("https://a.example/a", "https://a.example/ab", False),
        ("*aa*aa", "xaaa", False),
        ("*aa*aa", "xaaaa", True),
        ("a**b", "ab", True),
    ],
)
def test_glob_is_over_the_whole_address(glob: str, url: str, fits: bool) -> None:
    assert matches_glob(url, glob) is fits


@given(st.lists(st.text("ab/?", max_size=4), min_size=1, max_size=5), st.data())
def test_address_made_of_a_glob_fits_it(parts: list[str], data: st.DataObject) -> None:
    filled = parts[0] + "".join(data.draw(st.text("ab/", max_size=5)) + part for part in parts[1:])
    assert matches_glob(filled, "*".join(parts))


def test_glob_of_many_stars_takes_no_time() -> None:
    assert not matches_glob("a" * 2000, "*a" * 500 + "b")
