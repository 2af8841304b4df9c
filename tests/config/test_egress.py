"""Ways out, pins and search feeds: what a person may write, and what is refused with its cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config.folder import Configuration, read_configuration
from monitor.config.sources_check import say_reveals
from monitor.errors import ConfigError
from monitor.model import Source
from monitor.urls.search_feeds import REVEALS

PIN = "sha256/" + "A" * 43 + "="
FEED = "- id: mine\n  outlet: Mine\n  kind: feed\n  url: https://mine.example.org/rss\n"
SEARCH = "- id: found\n  outlet: Bing News\n  kind: search\n  engine: bing-news\n  language: en\n"


def read(folder: Path, settings: str, sources: str, **environment: str) -> Configuration:
    (folder / "settings.toml").write_text(settings)
    (folder / "sources.yaml").write_text(f"version: 1\nreplace: true\nsources:\n{sources}")
    cache = folder.parent / "cache"  # the long files that ship are read once for all tests here
    cache.mkdir(exist_ok=True)
    return read_configuration(folder, environment=environment, cache=cache)


def problems(folder: Path, settings: str, sources: str, **environment: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(folder, settings, sources, **environment)
    return "\n".join(str(problem) for problem in caught.value.problems)


def only(configuration: Configuration) -> Source:
    (source,) = configuration.sources
    return source


def test_tor_and_direct_are_there_without_a_section(tmp_path: Path) -> None:
    network = read(tmp_path, '[network]\negress = "tor"\n', FEED).settings.network
    assert network.egress == "tor"
    assert {way.name: way.proxy for way in network.ways} == {
        "direct": None,
        "tor": "socks5h://127.0.0.1:9050",
    }


@pytest.mark.parametrize("place", ["file", "env"])
def test_login_of_a_proxy_comes_from_a_file_or_the_environment(tmp_path: Path, place: str) -> None:
    (tmp_path / "proxy-password").write_text("se/cr@t\n")
    (tmp_path / "proxy-password").chmod(0o600)
    where = (
        'password_file = "proxy-password"'
        if place == "file"
        else 'password_env = "STATIONWATCH_PROXY"'
    )
    settings = f'[egress.office]\nproxy = "http://proxy.example.org:3128"\nusername = "me"\n{where}'
    configuration = read(
        tmp_path, settings, FEED + "  egress: office\n", STATIONWATCH_PROXY="se/cr@t"
    )
    office = configuration.settings.network.ways[-1]
    assert office.proxy == "http://me:se%2Fcr%40t@proxy.example.org:3128"
    assert "%2Fcr" not in repr(configuration.settings)
    assert only(configuration).egress == "office"


@pytest.mark.parametrize(
    ("settings", "more", "said"),
    [
        ('[network]\negress = "tro"', "", "no way out called 'tro'"),
        ("", "  egress: tro\n", "wants the way out 'tro', which there is not (did you mean 'tor'"),
        ('[egress.direct]\nproxy = "http://p.example:1"', "", "the way without a proxy"),
        ('[egress.x]\nproxy = "http://me:canary@p.example:1"', "", "holds a login (hidden)"),
        ('[egress.x]\nproxy = "p.example:3128"', "", "is no address of a proxy"),
        ('[egress.x]\nproxy = "http://p.example:1"\nusername = "me"', "", "without a password"),
        ('[egress.x]\nproxy = "http://p.example:1"\npassword = "canary"', "", "may not stand in"),
        ("", f"  pins: [{PIN}]\n  browser: true\n", "a browser cannot be held"),
        ("", "  pins: [abc]\n", "is no pin of a certificate's key"),
        ("", "  topic: overseas-stations\n", "'topic' says nothing for a feed"),
    ],
)
def test_what_does_not_go_together_is_refused_with_its_cure(
    tmp_path: Path, settings: str, more: str, said: str
) -> None:
    found = problems(tmp_path, settings, FEED + more)
    assert said in found
    assert "canary" not in found


def test_browser_on_a_host_that_another_source_pins_is_refused(tmp_path: Path) -> None:
    """What its scripts ask would be held to no key."""
    pinned = FEED + f"  pins: [{PIN}]\n"
    scripts = (
        "- id: scripts\n  outlet: Mine\n  kind: section\n  url: https://MINE.example.org/news\n"
        "  browser: true\n"
    )
    found = problems(tmp_path, "", pinned + scripts)
    assert "'scripts' opens a browser, and 'mine' pins the keys of the same host" in found
    assert "sources.yaml:" in found
    read(tmp_path, "", pinned + scripts.replace("MINE", "other"))
    read(tmp_path, "", pinned + "  enabled: false\n" + scripts)


def test_pin_without_tls_is_refused(tmp_path: Path) -> None:
    plain = FEED.replace("https", "http") + f"  pins: [{PIN}]\n"
    assert "says nothing for an address without TLS" in problems(tmp_path, "", plain)


def test_pin_is_kept_as_its_hash(tmp_path: Path) -> None:
    assert only(read(tmp_path, "", FEED + f"  pins: [{PIN}]\n")).pins == ("A" * 43 + "=",)


def test_search_feed_is_refused_with_what_it_reveals_until_it_is_allowed(tmp_path: Path) -> None:
    search = SEARCH + "  topic: overseas-stations\n"
    found = problems(tmp_path, "", search)
    assert REVEALS["bing-news"] in found
    assert "search_feeds = true" in found
    source = only(read(tmp_path, "[network]\nsearch_feeds = true\n", search))
    assert source.url.startswith("https://www.bing.com/news/search?q=%22")
    assert say_reveals(source) == REVEALS["bing-news"]


def test_search_feed_that_is_off_needs_no_permission(tmp_path: Path) -> None:
    assert not only(read(tmp_path, "", SEARCH + "  query: harbour\n  enabled: false\n")).enabled


def test_search_written_as_a_feed_is_a_search_all_the_same(tmp_path: Path) -> None:
    feed = FEED.replace("https://mine.example.org/rss", "https://news.google.com/rss/search?q=x")
    assert REVEALS["google-news"] in problems(tmp_path, "", feed)


def test_query_is_in_the_words_of_the_person(tmp_path: Path) -> None:
    allowed = "[network]\nsearch_feeds = true\n"
    source = only(read(tmp_path, allowed, SEARCH + "  query: '\"ferry timetable\" harbour'\n"))
    assert "q=%22ferry+timetable%22+harbour&" in source.url


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", "has no url"),
        ("  topic: ferries\n", "unknown topic 'ferries'"),
        ("  topic: joint-patrols\n", "has no phrase in 'en' that makes a report alone"),
        ("  topic: overseas-stations\n  query: x\n", "either a query or a topic"),
    ],
)
def test_search_feed_that_says_not_what_for_is_refused(
    tmp_path: Path, more: str, said: str
) -> None:
    search = SEARCH + more if more else SEARCH.replace("  engine: bing-news\n", "")
    assert said in problems(tmp_path, "[network]\nsearch_feeds = true\n", search)


def test_a_search_engine_of_ones_own_is_a_search_feed(tmp_path: Path) -> None:
    own = FEED.replace("kind: feed", "kind: search")
    assert "tells whoever runs it" in problems(tmp_path, "", own)
    assert only(read(tmp_path, "[network]\nsearch_feeds = true\n", own)).kind == "search"


def test_nothing_that_ships_is_a_search_feed() -> None:
    shipped = read_configuration(None, environment={})
    assert len(shipped.sources) > 200
    assert [source.id for source in shipped.sources if say_reveals(source)] == []
    assert not shipped.settings.network.search_feeds
