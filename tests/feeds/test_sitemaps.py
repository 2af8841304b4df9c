"""Sitemaps, their indexes, news sitemaps, plain lists (FAULTS C8, C17)."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from monitor.feeds import sitemap, unpack
from monitor.feeds.reading import Format
from tests.feeds.samples import links_of, read

NS = "http://www.sitemaps.org/schemas/sitemap/0.9"
MAP = "https://herald.example/sitemap.xml"


def urlset(inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="{NS}">{inside}</urlset>'


def address(path: str, lastmod: str = "") -> str:
    date = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    return f"<url><loc>https://herald.example{path}</loc>{date}</url>"


def test_urlset_is_read_with_its_dates() -> None:
    text = urlset(address("/a", "2024-03-15T10:15:00+01:00") + address("/b"))
    reading = read(text, "sitemap", url=MAP)
    assert (reading.format, reading.problem) == (Format.SITEMAP, None)
    assert links_of(reading) == ["/a", "/b"]
    assert reading.entries[0].updated == datetime(2024, 3, 15, 9, 15, tzinfo=UTC)


def test_index_names_its_sitemaps() -> None:
    text = (
        f'<sitemapindex xmlns="{NS}">'
        "<sitemap><loc>https://herald.example/2024.xml</loc><lastmod>2024-03-15</lastmod></sitemap>"
        "<sitemap><loc>https://herald.example/2023.xml.gz</loc></sitemap>"
        f"<sitemap><loc>{MAP}</loc></sitemap></sitemapindex>"
    )
    reading = read(text, "sitemap", url=MAP)
    assert reading.format is Format.SITEMAP_INDEX
    assert [child.url[23:] for child in reading.sitemaps] == ["2024.xml", "2023.xml.gz"]
    assert reading.sitemaps[0].lastmod == datetime(2024, 3, 15, tzinfo=UTC)
    assert reading.entries == ()


def test_news_sitemap_is_read_in_every_field() -> None:
    text = (
        f'<urlset xmlns="{NS}" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
        "<url><loc>https://herald.example/a</loc><news:news><news:publication>"
        "<news:name>The Herald</news:name><news:language>hr</news:language></news:publication>"
        "<news:publication_date>2024-03-15T10:15:00Z</news:publication_date>"
        "<news:title>A &amp;amp; B</news:title></news:news></url></urlset>"
    )
    [entry] = read(text, "sitemap", url=MAP).entries
    assert (entry.title, entry.language, entry.publisher) == ("A & B", "hr", "The Herald")
    assert entry.published == datetime(2024, 3, 15, 10, 15, tzinfo=UTC)
    assert entry.updated is None


@pytest.mark.parametrize("pack", [gzip.compress, lambda body: gzip.compress(gzip.compress(body))])
def test_packed_sitemap_is_read(pack: object) -> None:
    assert callable(pack)
    body = pack(urlset(address("/a")).encode())
    assert links_of(read(body, "sitemap", url=MAP)) == ["/a"]


def test_sitemap_of_several_gzip_members_is_read_whole() -> None:
    body = urlset(address("/a") + address("/b")).encode()
    packed = gzip.compress(body[:150]) + gzip.compress(body[150:])
    assert links_of(read(packed, "sitemap", url=MAP)) == ["/a", "/b"]


def test_members_of_a_gzip_bomb_are_capped_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """C8."""
    monkeypatch.setattr(unpack, "LONGEST_BODY", 10_000)
    body = gzip.compress(bytes(6000)) * 50
    unpacked = unpack.unpack(body)
    assert len(unpacked.body) <= 10_000
    assert unpacked.problem is not None


def test_plain_list_of_addresses_is_read() -> None:
    body = "\ufeffhttps://herald.example/a\r\n\r\nhttps://herald.example/b\nrubbish\n"
    reading = read(body, "sitemap", url=MAP)
    assert reading.format is Format.TEXT_SITEMAP
    assert links_of(reading) == ["/a", "/b"]
    assert reading.unusable == 1


def test_text_that_is_no_list_is_a_problem() -> None:
    reading = read("User-agent: *\nDisallow: /\nSitemap: https://herald.example/x.xml\n", "sitemap")
    assert (reading.entries, reading.format) == ((), Format.NONE)
    assert reading.problem is not None


def test_addresses_of_other_sites_are_counted_and_not_offered() -> None:
    """C17."""
    foreign = "<url><loc>https://other.example/a</loc></url>"
    reading = read(urlset(address("/a") + foreign + foreign), "sitemap", url=MAP)
    assert (links_of(reading), reading.foreign, reading.problem) == (["/a"], 2, None)


def test_addresses_of_a_subdomain_are_of_the_site() -> None:
    text = urlset("<url><loc>https://sport.the-herald.com/a</loc></url>")
    assert len(read(text, "sitemap", url="https://www.the-herald.com/sitemap.xml").entries) == 1


def test_sitemap_of_another_site_only_is_a_problem_that_says_so() -> None:
    text = urlset("<url><loc>https://other.example/a</loc></url>")
    reading = read(text, "sitemap", url=MAP)
    assert reading.problem is not None
    assert "herald.example" in reading.problem


def test_sitemaps_of_other_sites_are_not_followed() -> None:
    text = (
        "<sitemapindex><sitemap><loc>https://169.254.169.254/x.xml</loc></sitemap>"
        "<sitemap><loc>https://other.example/x.xml</loc></sitemap></sitemapindex>"
    )
    reading = read(text, "sitemap", url=MAP)
    assert (reading.sitemaps, reading.foreign) == ((), 2)


def test_bare_ampersand_in_an_address_is_read() -> None:
    reading = read(urlset(address("/a?x=1&y=2") + address("/b")), "sitemap", url=MAP)
    assert links_of(reading) == ["/a?x=1&y=2", "/b"]
    assert reading.problem is None


def test_cut_sitemap_keeps_what_was_whole_and_says_so() -> None:
    whole = urlset("".join(address(f"/{number}") for number in range(100)))
    reading = read(whole[: len(whole) // 2], "sitemap", url=MAP)
    assert links_of(reading)[:40] == [f"/{number}" for number in range(40)]
    assert len(set(links_of(reading)) - {f"/{number}" for number in range(100)}) == 0
    assert reading.salvaged
    assert reading.problem is not None


@pytest.mark.parametrize(
    "loc", ["", "relative/a", "javascript:x", "ftp://herald.example/a", "&l11;"]
)
def test_address_that_is_none_is_counted(loc: str) -> None:
    reading = read(urlset(f"<url><loc>{loc}</loc></url>" + address("/a")), "sitemap", url=MAP)
    assert (links_of(reading), reading.unusable) == (["/a"], 1)


def test_newest_addresses_of_too_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """C17: the caps are lowered, so that the test is small."""
    monkeypatch.setattr(sitemap, "MOST_ADDRESSES", 3)
    dated = "".join(address(f"/{day}", f"2024-03-{day}") for day in (11, 19, 12, 18, 13, 17))
    reading = read(urlset(dated), "sitemap", url=MAP)
    assert links_of(reading) == ["/19", "/18", "/17"]
    assert reading.problem is not None
    assert "3" in reading.problem


def test_reading_ends_at_a_cap_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "MOST_READ", 5)
    reading = read(urlset("".join(address(f"/{n}") for n in range(9))), "sitemap", url=MAP)
    assert len(reading.entries) == 5
    assert reading.problem is not None
    assert "not read" in reading.problem
