"""robots.txt is read and matched by RFC 9309, at a cost that is linear in its size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.robots_rules import normalise, product_token, read_robots


def allows(text: str, path: str, token: str = "newsreader") -> bool:
    return read_robots(text, token).allows(f"https://x.test{path}")


ALL = "User-agent: *\n"


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("", "/a", True),
        ("Disallow:", "/a", True),
        ("Disallow: /", "/a", False),
        ("Disallow: /", "/robots.txt", True),
        ("Disallow: /a", "/a/b", False),
        ("Disallow: /a", "/b/a", True),
        ("Disallow: /a/", "/a", True),
        ("disallow:/a", "/a", False),
        ("Disallow: a", "/a", False),
        ("Disallow: /a # why", "/a", False),
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("Allow: /a/b\nDisallow: /a", "/a/c", False),
        ("Disallow: /a\nAllow: /a", "/a", True),
        ("Disallow: /*.php", "/x/y.php?z", False),
        ("Disallow: /*.php$", "/x/y.php?z", True),
        ("Disallow: /*.php$", "/x/y.php", False),
        ("Disallow: /a$", "/a", False),
        ("Disallow: /a$", "/ab", True),
        ("Disallow: /*/b/*/d", "/a/b/c/d", False),
        ("Disallow: /*/b/*/d", "/a/b/d", True),
        ("Disallow: *", "/a", False),
        ("Disallow: /*ab$", "/ab/ab", False),
        ("Disallow: /*aa$", "/a", True),
        ("Disallow: /?id=", "/?id=7", False),
        ("Disallow: /foo/bar?baz=http://foo.bar", "/foo/bar?baz=http%3A%2F%2Ffoo.bar", True),
        ("Disallow: /foo/bar/ツ", "/foo/bar/%E3%83%84", False),
        ("Disallow: /foo/bar/%E3%83%84", "/foo/bar/ツ", False),
        ("Disallow: /foo/bar/%62%61%7A", "/foo/bar/baz", False),
        ("Disallow: /%7Eann", "/~ann/x", False),
    ],
)
def test_rule_decides(rules: str, path: str, allowed: bool) -> None:
    """RFC 9309, 2.2.2, with its examples."""
    assert allows(ALL + rules, path) is allowed


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: NewsReader\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: newsreader\nAllow: /", True),
        ("User-agent: a\nUser-agent: newsreader\nDisallow: /", False),
        ("User-agent: newsreader\nDisallow: /b\nUser-agent: newsreader\nDisallow: /a", False),
        ("User-agent: newsreader\n\nUser-agent: b\nDisallow: /", False),
        ("User-agent: b\nDisallow: /\nUser-agent: newsreader\nAllow: /", True),
        ("User-agent: news\nDisallow: /", True),
        ("User-agent: newsreaderplus\nDisallow: /", True),
        ("Disallow: /", True),
        ("Sitemap: /s\nUser-agent: *\nSitemap: /s\nDisallow: /", False),
        ("User-agent: *\nFoo: bar\nDisallow: /", False),
        ("<html>User-agent: *\nDisallow: /</html>", True),
    ],
)
def test_group_that_names_us_holds_and_else_that_for_all(text: str, allowed: bool) -> None:
    assert allows(text, "/a") is allowed


@pytest.mark.parametrize(
    ("value", "delay"),
    [("5", 5.0), ("0.5", 0.5), ("1000000", 86_400.0), ("-1", None), ("inf", None), ("x", None)],
)
def test_crawl_delay_is_read_if_it_is_sane(value: str, delay: float | None) -> None:
    assert read_robots(f"{ALL}Crawl-delay: {value}", "x").delay == delay


def test_sitemaps_are_read_whoever_they_stand_under() -> None:
    text = "Sitemap: https://x.test/a.xml\nUser-agent: b\nDisallow: /\nSitemap: /b.xml"
    assert read_robots(text, "x").sitemaps == ("https://x.test/a.xml", "/b.xml")


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"User-agent: a{at}\n" for at in range(15_000))
        + "".join(f"Disallow: /{at}\n" for at in range(17_000)),
        ALL + "Disallow: /" + "*a" * 120_000 + "b$\n",
        ALL + "Disallow: /*a*a*a*a*a*a*a*b$\n" * 17_000,
        ALL + "".join(f"Disallow: /*a{at}*b$\n" for at in range(27_000)),
        "User-agent: newsreader\n" * 20_000 + "Disallow: /x\n" * 20_000,
        "\n" * 500_000,
        ":" * 500_000,
    ],
    ids=["agents", "stars", "same", "different", "repeated", "lines", "colons"],
)
def test_hostile_file_costs_little(text: str) -> None:
    """Protego needs seven minutes for the first of these; ours would run into the test's limit."""
    rules = read_robots(text, "newsreader")
    for at in range(3):
        assert rules.allows(f"http://x.test/{'a' * 2000}{at}")


LINES = st.sampled_from(["User-agent: *", "User-agent: newsreader", "Disallow: /", "Disallow: /*a"])


@given(st.lists(LINES | st.text(max_size=30), max_size=8).map("\n".join), st.text(max_size=50))
def test_any_text_can_be_read_and_asked(text: str, path: str) -> None:
    rules = read_robots(text, "newsreader")
    assert rules.allows("http://x.test/robots.txt")
    assert rules.allows("http://x.test/" + path) or "disallow" in text.lower()
    ours = f"{text}\nUser-agent: newsreader\nDisallow: /"
    assert not read_robots(ours, "newsreader").allows("http://x.test/-" + path)


@given(st.text(alphabet="/ab%E3ü~?&=", max_size=30))
def test_normalising_twice_changes_nothing(path: str) -> None:
    once = normalise(path)
    assert normalise(once) == once


@pytest.mark.parametrize(
    ("agent", "token"),
    [
        ("Mozilla/5.0 (compatible; newsreader/1.0)", "newsreader"),
        ("Reader-Bot/2 (x)", "reader-bot"),
        ("7", "*"),
    ],
)
def test_product_token_is_the_name_in_the_user_agent(agent: str, token: str) -> None:
    assert product_token(agent) == token
