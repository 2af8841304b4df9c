"""A source that needs a browser where there is none: one sentence with the cure, nothing lost."""

from __future__ import annotations

import importlib.util

import pytest

from spiders.browser_find import find_chromium, why_no_browser
from spiders.workers import WorkerHost
from tests.fakes.site import Feed, Site
from tests.spiders.crawling import crawl, look_at, only_fetch, settings

NOWHERE = "/nowhere/chromium"


def test_missing_part_is_one_sentence_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert "./stationwatch install browser" in (why_no_browser(None) or "")


def test_missing_chromium_is_one_sentence_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: object())
    assert repr(NOWHERE) in (why_no_browser(NOWHERE) or "")
    assert find_chromium("/bin/sh") == "/bin/sh"
    monkeypatch.setenv("PATH", "")
    assert "apt install chromium" in (why_no_browser(None) or "")


def test_source_without_its_browser_says_so_and_asks_nothing(host: WorkerHost, site: Site) -> None:
    feed = Feed(site=site, host="scripts.test")
    url = feed.add("/one")
    site.forget()
    crawled = crawl(
        host,
        [look_at(feed.url, name="look", browser=True), only_fetch("pending")],
        pending={"pending": [url]},
        fetch=settings(render=True, browser=NOWHERE),
    )
    assert crawled.done is not None
    assert "it needs a browser" in (crawled.looks["look"].problem or "")
    failed = crawled.failed[url]
    assert "it needs a browser" in failed.reason
    assert failed.retry
    assert not failed.asked  # no try of the page: it is fetched once there is a browser
    assert set(site.paths) <= {"/robots.txt"}
