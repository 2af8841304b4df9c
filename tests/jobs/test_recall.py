"""A search on loopback is asked what it found, and every report of it has its place."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.clock import SystemClock
from storage.database import Storage
from tests.fakes.site import Site

TITLE = "Government orders Chinese police station in Port Halden to close"
BODY = (
    "The government has ordered an unofficial Chinese overseas police station on Quay Street to"
    " close. The foreign ministry said that the office, run by people linked to the public"
    " security bureau of Fuzhou, had no permission. "
)
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{}</channel></rss>'
ITEM = "<item><title>{}</title><link>{}</link><source url='https://s.example'>{}</source></item>"


KEYWORDS = """\
version: 1
concepts:
  station:
    en: [Chinese police station*, overseas police station*]
topics:
  overseas-stations:
    title: Stations abroad
    rules:
      - {name: named outright, any: [station], score: 10}
    report at: 10
    mention at: 4
    examples:
      report: ["A Chinese police station in the harbour"]
      none: ["Weather"]
"""


class Run:
    """The program with a folder of its own, which may contact this machine only."""

    def __init__(self, root: Path, folder: Path, settings: str, feed: str) -> None:
        self._root, self._folder = root, folder
        (folder / "settings.toml").write_text(settings)
        (folder / "keywords.yaml").write_text(KEYWORDS)
        (folder / "sources.yaml").write_text(
            "version: 1\nreplace: true\nsources:\n"
            f"- {{id: courier, outlet: The Courier, kind: feed, url: '{feed}'}}\n"
        )

    def __call__(self, *arguments: str, status: int = 0) -> Any:
        folders = ["--config", str(self._folder), "--data", str(self._folder / "data")]
        done = subprocess.run(
            [sys.executable, "-m", "monitor", *arguments, "--json", *folders],
            cwd=self._root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return json.loads(done.stdout) if done.stdout else done.stderr


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as site:
        page = "<html><body><article><h1>{}</h1><p>{}</p></article></body></html>"
        quiet = "This page says nothing but what the harbour did. " * 30
        items = [
            (TITLE, site.url("/flagged"), "The Courier"),
            ("Harbour news of the week, and much more", site.url("/quiet"), "The Courier"),
        ]
        site.route("/flagged", body=page.format(TITLE, BODY * 4).encode())
        site.route("/quiet", body=page.format("Harbour news", quiet).encode())
        feed = RSS.format("".join(ITEM.format(*each) for each in items))
        site.route("/feed", body=feed.encode(), content_type="application/rss+xml")
        found = [
            *items[:1],
            ("Chinese police station found behind harbour", site.url("/quiet"), ""),
            ("Secret Chinese police station in Oldport raided", site.url("/missed"), ""),
            ("Chinese police station in Newtown closed", "https://news.elsewhere.example/a", ""),
            ("Ten recipes for the weekend and a cake", "https://cakes.example/a", ""),
        ]
        search = RSS.format("".join(ITEM.format(*each) for each in found))
        site.route("/search?*", body=search.encode(), content_type="application/rss+xml")
        yield site


@pytest.mark.timeout(600)  # six processes, on a machine that may be busy
def test_what_a_search_saw_is_held_against_the_sources(
    root: Path, site: Site, tmp_path: Path
) -> None:
    place = site.url("/").removeprefix("http://").rstrip("/")
    settings = f'[network]\nallow_private = ["{place}"]\ndelay = 0\nworkers = 1\n'
    recall = f'[recall]\nurl = "{site.url("/search")}"\n'
    run = Run(root, tmp_path, settings + recall, site.url("/feed"))
    first = run("run", "--once", "--new")
    assert first["outcomes"]["new"] == 1, first
    report = run("recall")
    assert (report["found"], report["flagged"], report["beside"]) == (5, 1, 1)
    fates = {gap["url"]: (gap["fate"], gap["source_id"]) for gap in report["gaps"]}
    assert fates == {
        site.url("/quiet"): ("read here and not flagged", "courier"),
        site.url("/missed"): ("not offered by your source", "courier"),
        "https://news.elsewhere.example/a": ("no source of yours", None),
    }
    [cure] = [gap["cure"] for gap in report["gaps"] if gap["source_id"] is None]
    assert cure == "stationwatch sources add https://elsewhere.example"
    asked = [path for path in site.paths if path.startswith("/search")]
    assert asked
    assert all("timespan=8d" in path for path in asked)
    assert "/missed" not in site.paths  # only what sources offer is fetched
    assert run("status")["recall"]["gaps"] == report["gaps"]


def test_switched_off_it_asks_nobody_and_says_what_it_would_reveal(
    root: Path, site: Site, tmp_path: Path
) -> None:
    run = Run(root, tmp_path, "", site.url("/feed"))
    (tmp_path / "settings.toml").write_text('[network]\nallow_private = ["127.0.0.0/8"]\n')
    Storage.create(tmp_path / "data", SystemClock()).close()
    before = list(site.paths)
    said = run("recall", status=2)
    assert "switched off" in said
    assert "tells the GDELT project" in said
    assert run("status")["recall"] is None
    assert site.paths == before
