"""One key for each article, whatever stands around its address; nothing hostile raises."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.urls import (
    LONGEST_URL,
    canonical_url,
    host_of,
    is_http_url,
    join,
    same_site,
    site_of,
)

KEY = "https://example.org/2024/05/minister-denies-it"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/2024/05/minister-denies-it",
        "http://example.org/2024/05/minister-denies-it",
        "HTTPS://EXAMPLE.ORG/2024/05/minister-denies-it",
        "https://www.example.org/2024/05/minister-denies-it/",
        "https://m.example.org/2024/05/minister-denies-it",
        "https://mobile.example.org/2024/05/minister-denies-it",
        "https://amp.example.org/2024/05/minister-denies-it",
        "https://example.org:443/2024/05/minister-denies-it",
        "http://example.org:80/2024/05/minister-denies-it",
        "https://example.org/2024/05/minister-denies-it/amp",
        "https://example.org/2024/05/minister-denies-it/amp/",
        "https://example.org/2024/05/minister-denies-it.amp",
        "https://example.org/amp/2024/05/minister-denies-it",
        "https://example.org/2024/05/minister-denies-it?amp=1",
        "https://example.org/2024/05/minister-denies-it?outputType=amp",
        "https://example.org/2024/05/minister-denies-it/index.html",
        "https://example.org/2024/05/minister-denies-it?utm_source=x&utm_medium=rss#top",
        "https://example.org/2024/05/minister-denies-it?amp;utm_source=x",
        "https://example.org/2024/05/minister-denies-it?fbclid=IwAR0abc&gclid=1&yclid=2",
        "https://example.org/2024/05/minister-denies-it?CMP=share_btn_tw",
        "https://example.org/2024/05/minister-denies-it?ref=rss&from=timeline",
        "https://example.org/2024/05/minister-denies-it?PHPSESSID=9f8e7d6c5b4a39281706",
        "https://example.org/2024/05/minister-denies-it;jsessionid=1A2B3C",
        "https://example.org/2024/05/minister-denies-it?sid=9f8e7d6c5b4a3928170615243342516f",
        "https://example.org//2024/05/./minister-denies-it",
        "https://example.org/2024/04/../05/minister-denies-it",
        "https://example.org/2024/05/minister%2ddenies%2Dit",
        "https://user:secret@example.org/2024/05/minister-denies-it",
        "  https://example.org/2024/05/minister-\ndenies-it\t",
        "https:\\\\example.org\\2024\\05\\minister-denies-it",
        "https://example.org./2024/05/minister-denies-it",
        "https://www.google.com/amp/s/amp.example.org/2024/05/minister-denies-it",
        "https://example-org.cdn.ampproject.org/c/s/example.org/2024/05/minister-denies-it/amp",
        "https://example.org/2024/05/minister-denies-it#:~:text=denies",
    ],
)
def test_canonical_url_of_every_variant_is_one_key(url: str) -> None:
    assert canonical_url(url) == KEY


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a.php?id=5", "https://example.org/a.php?id=6"),
        ("https://example.org/?p=12", "https://example.org/?p=13"),
        ("https://example.org/?p=12", "https://example.org/"),
        ("https://example.org/news.php?sid=123", "https://example.org/news.php?sid=124"),
        ("https://example.org/?m=20240501", "https://example.org/?m=20240502"),
        ("https://example.org/read?from=5", "https://example.org/read?from=6"),
        ("https://example.org/doc?ref=AB-2024-17", "https://example.org/doc?ref=AB-2024-18"),
        (
            "https://example.org/forum.php?mod=viewthread&tid=1",
            "https://example.org/forum.php?tid=1",
        ),
        ("https://example.org/#!/2024/1", "https://example.org/#!/2024/2"),
        ("https://example.org/#/story/1", "https://example.org/#/story/2"),
        ("https://example.org/Story", "https://example.org/story"),
        ("https://example.org/gear/amp", "https://example.org/gear"),
        ("https://example.org/amp", "https://example.org/"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
        ("https://news.example.org/a", "https://example.org/a"),
        ("https://www3.example.org/a", "https://example.org/a"),
        ("https://example.org:8443/a", "https://example.org/a"),
        ("https://one.blogspot.com/a", "https://two.blogspot.com/a"),
        ("https://m.gov.uk/a", "https://gov.uk/a"),
        ("https://example.org/index.php?id=1", "https://example.org/index.php?id=2"),
        ("https://example.org/a?12345", "https://example.org/a?12346"),
    ],
)
def test_canonical_url_of_different_pages_differs(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://例え.jp/記事/一", "https://xn--r8jz45g.jp/%E8%A8%98%E4%BA%8B/%E4%B8%80"),
        ("https://münchen.de/a b", "https://xn--mnchen-3ya.de/a%20b"),
        ("https://example.org/%zz", "https://example.org/%25zz"),
        ("https://example.org/?b=2&a=1&b=1", "https://example.org/?a=1&b=2&b=1"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org/?", "https://example.org/"),
        ("http://127.0.0.1:8080/a/", "http://127.0.0.1:8080/a"),
        ("http://localhost/a", "http://localhost/a"),
        ("http://[2001:DB8::1]/a", "http://[2001:db8::1]/a"),
        ("https://en.m.example.org/wiki/X", "https://en.example.org/wiki/X"),
        ("https://example.org/a/https://other.org/b", "https://example.org/a/https://other.org/b"),
    ],
)
def test_canonical_url_spells_hosts_paths_and_queries_one_way(url: str, key: str) -> None:
    assert canonical_url(url) == key


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "example.org/a",
        "//example.org/a",
        "ftp://example.org/a",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://",
        "https:///",
        "https://:443/a",
        "https://[::1/a",
        "https://exa mple.org/",
        "https://example..org/",
        "https://example.org:99999/",
        "https://exa<mple.org/",
        "https://" + "a" * 300 + ".org/",
        "https://example.org/" + "a" * LONGEST_URL,
        "https://%00/",
        "https://\ud800.org/",
    ],
)
def test_what_is_no_http_url_is_refused_in_one_way(url: str) -> None:
    assert not is_http_url(url)
    with pytest.raises(ValueError, match="while reading a URL"):
        canonical_url(url)


def test_host_that_a_backslash_hides_is_the_one_that_browsers_contact() -> None:
    """FAULTS, SSRF spellings: the part behind `\\@` is a path, not the host."""
    assert host_of("http://127.0.0.1\\@example.org/") == "127.0.0.1"
    assert host_of("http://example.org\\@127.0.0.1/") == "example.org"


def test_full_width_digits_are_the_address_they_spell() -> None:
    assert host_of("http://１２７.0.0.1/") == "127.0.0.1"


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.example.co.uk/a", "example.co.uk"),
        ("https://news.example.com.hr/", "example.com.hr"),
        ("https://one.blogspot.com/", "one.blogspot.com"),
        ("https://www.gov.uk/a", "www.gov.uk"),
        ("http://192.0.2.1/a", "192.0.2.1"),
        ("http://localhost:8080/a", "localhost"),
        ("http://www.courier.example/a", "courier.example"),
        ("https://www.新闻.中国/", "xn--efvy88h.xn--fiqs8s"),
    ],
)
def test_site_is_the_registrable_domain(url: str, site: str) -> None:
    assert site_of(url) == site


def test_same_site_compares_registrable_domains() -> None:
    assert same_site("https://a.example.org/1", "http://www.example.org/2")
    assert not same_site("https://example.org/", "https://example.com/")
    assert not same_site("https://example.org/", "no url")


@pytest.mark.parametrize(
    ("reference", "joined"),
    [
        ("/b", "https://example.org/b"),
        ("b", "https://example.org/a/b"),
        ("?q=1", "https://example.org/a/?q=1"),
        ("//cdn.example.org/x", "https://cdn.example.org/x"),
        ("http://other.org/y#z", "http://other.org/y#z"),
        ("\\b", "https://example.org/b"),
        (" /b\n", "https://example.org/b"),
        ("javascript:alert(1)", None),
        ("mailto:a@example.org", None),
        ("http://[", None),
        ("", None),
        ("x" * (LONGEST_URL + 1), None),
    ],
)
def test_join_makes_links_absolute_or_gives_none(reference: str, joined: str | None) -> None:
    assert join("https://example.org/a/", reference) == joined


def test_join_on_a_hostile_base_gives_none() -> None:
    assert join("http://[", "/a") is None


PATHS = st.text(st.sampled_from("abz-_.~/%25zAé中 &=;:@+!'()*,"), max_size=40)
QUERIES = st.lists(
    st.tuples(
        st.sampled_from(["id", "p", "utm_source", "ref", "amp", "amp;x", "sid", "é", "a b", ""]),
        st.text(st.sampled_from("abc123%é中 =;+"), max_size=12),
    ),
    max_size=5,
)


@given(
    scheme=st.sampled_from(["http", "https", "HTTP"]),
    host=st.sampled_from(
        ["www.example.org", "m.example.co.uk", "münchen.de", "10.0.0.1", "amp.a.b"]
    ),
    port=st.sampled_from(["", ":80", ":443", ":8080"]),
    path=PATHS,
    query=QUERIES,
    fragment=st.sampled_from(["", "#top", "#!/a b", "#/x"]),
)
def test_canonical_url_is_idempotent_and_openable(
    scheme: str, host: str, port: str, path: str, query: list[tuple[str, str]], fragment: str
) -> None:
    pairs = "&".join(f"{name}={value}" for name, value in query)
    url = f"{scheme}://{host}{port}/{path}{'?' + pairs if pairs else ''}{fragment}"
    key = canonical_url(url)
    assert canonical_url(key) == key
    assert key.isascii()
    assert not any(c.isspace() for c in key)
    assert is_http_url(key)
    assert urlsplit(key).hostname


@given(st.text(max_size=200))
def test_any_text_is_a_key_or_a_value_error(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.org/{text}", f"http://{text}/a?b#c"):
        try:
            key = canonical_url(url)
        except ValueError:
            continue
        assert canonical_url(key) == key
    join("https://example.org/", text)
    join(text, text)


@given(
    name=st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    value=st.from_regex(r"[0-9]{1,6}", fullmatch=True),
)
def test_a_number_in_the_query_is_never_dropped_but_for_known_tracking(
    name: str, value: str
) -> None:
    """What names an article is mostly a number; only listed names may lose it."""
    from monitor.urls.tracking import NAMES, VALUES

    if name in NAMES or name in VALUES:
        return
    assert f"{name}={value}" in canonical_url(f"https://example.org/a?{name}={value}")


@pytest.mark.shared
def test_naughty_strings_make_no_other_error(shared: Path) -> None:
    for text in json.loads((shared / "hostile" / "naughty-strings.json").read_text("utf-8")):
        for url in (text, f"https://{text}/", f"https://example.org/{text}?{text}#{text}"):
            try:
                key = canonical_url(url)
            except ValueError:
                continue
            assert canonical_url(key) == key


@pytest.mark.shared
def test_urls_of_real_pages_stay_apart(shared: Path) -> None:
    truth = json.loads((shared / "pages" / "scrapinghub" / "ground-truth.json").read_text("utf-8"))
    urls = {known["url"] for known in truth.values()}
    assert len({canonical_url(url) for url in urls}) == len(urls)
