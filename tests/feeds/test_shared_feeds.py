"""The 2,108 sample feeds of feedparser's own tests, and Python's XML bombs, read one by one."""

from __future__ import annotations

import io
import re
import warnings
from pathlib import Path

import pytest

from monitor.feeds.read import read_entries
from tests.feeds.test_properties import check

pytestmark = pytest.mark.shared

URL = "http://127.0.0.1:8097/"
HEADER = re.compile(rb"^Header:\s+([\w-]+):(.*)$", re.MULTILINE)
ITEM = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)(?:\s[^<>]*[^/<>])?>", re.IGNORECASE)


def list_feeds(shared: Path) -> list[tuple[str, bytes, tuple[tuple[str, str], ...]]]:
    """Return each sample with the headers that it says it came with."""
    folder = shared / "hostile" / "feedparser"
    feeds = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in {".xml", ".json"}:
            body = path.read_bytes()
            headers = tuple(
                (name.decode(), value.decode("utf-8", "replace").strip())
                for name, value in HEADER.findall(body)
            )
            feeds.append((str(path.relative_to(folder)), body, headers))
    return feeds


def count_by_feedparser(body: bytes, headers: tuple[tuple[str, str], ...]) -> int | None:
    """Return how many entries feedparser finds, or None where it raises."""
    feedparser = pytest.importorskip("feedparser")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            parsed = feedparser.parse(
                io.BytesIO(body),
                response_headers={name.lower(): value for name, value in headers},
                sanitize_html=False,
                resolve_relative_uris=False,
            )
        except Exception:  # its known crash sites are what we are measured against
            return None
    return len(parsed.entries)


def test_every_sample_feed_has_as_many_items_as_feedparser_counts(shared: Path) -> None:
    feeds = list_feeds(shared)
    differing = {}
    for name, body, headers in feeds:
        if name.endswith(".json"):
            continue  # feedparser 6 reads no JSON Feed
        reading = read_entries(body, kind="feed", url=URL, headers=headers)
        check(reading)
        expected = count_by_feedparser(body, headers)
        found = len(reading.entries) + reading.unusable
        if expected is not None and expected != found:
            differing[name] = (expected, found)
    assert differing == {}
    assert len(feeds) >= 2100


def test_no_item_of_a_sample_feed_is_lost_for_want_of_a_link(shared: Path) -> None:
    """Most samples have items without any link; given one, each is an entry."""
    missing = []
    for name, body, headers in list_feeds(shared):
        if b"utf-16" in body[:300].lower() or b"\0" in body or not ITEM.search(body):
            continue  # a link cannot be put in by its bytes
        linked = ITEM.sub(lambda tag: tag[0] + b"<link>http://a.example/x</link>", body)
        if linked == body:
            continue
        reading = read_entries(linked, kind="feed", url=URL, headers=headers)
        if reading.unusable or not reading.entries:
            missing.append(name)
    assert missing == []


def test_sample_json_feed_is_read(shared: Path) -> None:
    [(_, body, _)] = [feed for feed in list_feeds(shared) if feed[0].endswith(".json")]
    reading = read_entries(body, kind="feed", url=URL)
    assert reading.entries
    assert (reading.problem, reading.unusable) == (None, 0)


def test_sample_feeds_as_sitemap_or_section_raise_nothing(shared: Path) -> None:
    for _, body, headers in list_feeds(shared)[::7]:
        check(read_entries(body, kind="sitemap", url=URL, headers=headers))
        check(read_entries(body, kind="section", url=URL, headers=headers))


def test_cut_sample_feeds_keep_their_first_items(shared: Path) -> None:
    """C10, in small: benchmarks/feeds.py cuts 50 feeds at every tenth byte."""
    feeds = [feed for feed in list_feeds(shared) if len(feed[1]) < 4000][::90]
    assert len(feeds) > 15
    for name, body, headers in feeds:
        whole = read_entries(body, kind="feed", url=URL, headers=headers)
        for cut in range(0, len(body), 100):
            reading = read_entries(body[:cut], kind="feed", url=URL, headers=headers)
            check(reading)
            found = len(reading.entries) + reading.unusable
            assert found <= len(whole.entries) + whole.unusable + 1, name


@pytest.mark.parametrize("kind", ["feed", "sitemap", "section"])
def test_xml_bombs_of_python_do_not_go_off(shared: Path, kind: str) -> None:
    """C9; test_hostile_feeds holds the same kinds to 2 s, 256 MB and no opened file."""
    bombs = sorted((shared / "hostile" / "xmlbombs").iterdir())
    assert len(bombs) > 10
    for path in bombs:
        if path.is_file() and path.suffix != "":
            reading = read_entries(path.read_bytes(), kind=kind, url=URL)  # type: ignore[arg-type]
            check(reading)
            assert reading.entries == ()
            assert reading.problem is not None
