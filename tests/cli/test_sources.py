"""`sources` as a person and a script meet it: what is printed, what is written, how it ends."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from monitor.cli.sources import app, say_robots
from monitor.errors import StationwatchError
from spiders.frames import RobotsRecord
from tests.fakes.site import Reply, Site

FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour [b]News[/b]</title>
<language>en-IE</language><item><title>Ferries\x1b are late</title><link>/a/1</link></item>
</channel></rss>"""
PAGE = (
    b'<html><head><link rel="alternate" type="application/rss+xml" href="/rss.xml"></head></html>'
)

PATIENT = "".join(f'{each}_deadline = "10 minutes"\n' for each in ("feed", "page", "worker"))
"""Nothing here is about time, and a busy machine may stand still for half a minute."""

KEYWORDS = """\
version: 1
concepts:
  ferry:
    en: [ferry]
topics:
  ferries:
    title: Ferries
    rules:
    - name: a ferry
      any: [ferry]
      score: 10
    report at: 10
    mention at: 4
    examples:
      report: ["The ferry is late"]
"""


@dataclass
class Desk:
    """A configuration folder of its own, and the commands of `sources` in it."""

    root: Path
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "sources.yaml"

    def run(self, *arguments: str, stdin: int = subprocess.DEVNULL) -> Any:
        return subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            stdin=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def command(self, *arguments: str) -> list[str]:
        places = ["--config", str(self.folder), "--data", str(self.folder / "data")]
        return [sys.executable, "-m", "monitor", "sources", *arguments, *places]

    def read(self, *arguments: str) -> Any:
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def desk(root: Path, tmp_path: Path) -> Desk:
    (tmp_path / "sources.yaml").write_text("# mine\nversion: 1\nreplace: true\n", encoding="utf-8")
    (tmp_path / "keywords.yaml").write_text(KEYWORDS, encoding="utf-8")
    return Desk(root, tmp_path)


@pytest.fixture
def site(desk: Desk) -> Iterator[Site]:
    with Site() as site:
        site.route("/", body=PAGE)
        site.route("/rss.xml", body=FEED, content_type="application/rss+xml")
        settings = f'[network]\nallow_private = ["{site.place}"]\ndelay = 0.0\n{PATIENT}'
        (desk.folder / "settings.toml").write_text(settings, encoding="utf-8")
        yield site


@pytest.mark.timeout(600)  # five commands, each of which starts workers
def test_a_site_is_shown_added_once_and_tested(desk: Desk, site: Site) -> None:
    before = desk.file.read_text(encoding="utf-8")
    shown = desk.run("add", site.url())
    assert shown.returncode == 0, shown.stderr
    assert "Harbour [b]News[/b]" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert "add --yes" in shown.stdout
    assert desk.file.read_text(encoding="utf-8") == before

    added = desk.read("add", site.url(), "--yes", "--id", "harbour", "--country", "IE")
    assert added["file"] == str(desk.file.resolve())
    assert added["proposed"]["language"] == "en"
    assert desk.file.read_text(encoding="utf-8").startswith(before.rstrip())
    again = desk.read("add", site.url(), "--yes")
    assert (again["file"], again["offers"][0]["watched_as"]) == (None, "harbour")

    tested = desk.read("test", "harbour")
    assert tested["problem"] is None
    assert (tested["format"], tested["new"], tested["offered"]) == ("rss", None, 1)
    assert tested["robots"]["verdict"] == "allow"
    assert tested["entries"][0]["url"] == site.url("/a/1")
    assert not (desk.folder / "data").exists()


def test_a_source_that_fails_its_test_ends_with_one(desk: Desk, site: Site) -> None:
    done = desk.run("test", site.url("/gone"))
    assert done.returncode == 1
    assert "the site answered 404" in done.stdout
    assert "nothing was stored" in done.stdout


def test_robots_txt_that_cannot_be_had_is_told_in_a_sentence(desk: Desk, site: Site) -> None:
    """It said "robots.txt  forbid the name 'www.example.org' was not found"."""
    site.route("/robots.txt", Reply(status=503))
    done = desk.run("test", site.url("/rss.xml"))
    assert done.returncode == 1
    assert "robots.txt could not be had: it answered 503" in done.stdout
    assert "robots.txt  unknown, and until it is known nothing of the site may be" in done.stdout
    assert done.stdout.count("503") == 1


@pytest.mark.parametrize(
    ("verdict", "reason", "said"),
    [
        ("rules", "", "was read, and is obeyed"),
        ("allow", "it answered 404", "forbids nothing: it answered 404"),
        ("forbid", "no answer", "nothing of the site may be fetched: no answer"),
    ],
)
def test_what_robots_txt_means_is_said(verdict: Any, reason: str, said: str) -> None:
    record = RobotsRecord(
        origin="https://town.example", fetched_at=datetime.now(UTC), status=None,
        verdict=verdict, reason=reason,
    )  # fmt: skip
    assert say_robots(record, None).endswith(said)


def test_a_person_at_a_terminal_is_asked(desk: Desk, site: Site) -> None:
    ours, theirs = pty.openpty()
    try:
        os.write(ours, b"1\nThe Harbour\nIE\n\n")
        done = desk.run("add", site.url(), stdin=theirs)
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 0, done.stderr
    text = desk.file.read_text(encoding="utf-8")
    assert "outlet: The Harbour" in text
    assert "country: IE" in text


def test_a_list_is_imported_and_exported_again(desk: Desk) -> None:
    opml = desk.folder / "list.opml"
    outline = '<outline text="Quay" xmlUrl="https://quay.example/feed"/>'
    opml.write_text(f'<opml version="2.0"><body>{outline}</body></opml>', encoding="utf-8")
    first = desk.read("import", str(opml))
    assert [source["id"] for source in first["added"]] == ["quay-example"]
    second = desk.read("import", str(opml))
    assert (second["added"], len(second["left_out"])) == ([], 1)
    out = desk.run("export")
    assert 'xmlUrl="https://quay.example/feed"' in out.stdout
    to_file = desk.run("export", "--format", "yaml", "--output", str(desk.folder / "out.yaml"))
    assert to_file.returncode == 0
    assert "id: quay-example" in (desk.folder / "out.yaml").read_text(encoding="utf-8")


def test_coverage_names_the_gaps(desk: Desk) -> None:
    gaps = desk.read("list", "--coverage")["gaps"]
    assert {"HU", "IE", "US"} <= set(gaps["countries"])
    assert len(gaps["countries"]) > 40
    assert gaps["languages"] == ["en"]  # what the keywords have terms in


WRONG = {
    "no address": (["add", "ftp://e.org/"], "begin it with https://"),
    "a password": (["add", "https://me:word@e.org/"], "remove what stands before"),
    "a country by name": (["add", "e.org", "--country", "Hungary"], "write 'HU'"),
    "a class": (["add", "e.org", "--class", "good"], "independent"),
    "an id": (["add", "e.org", "--id", "My Id"], "small letters"),
    "an unknown source": (["test", "harbor"], "no such source"),
    "a kind": (["test", "https://e.org/", "--kind", "rss"], "feed, sitemap, section"),
    "no file": (["import", "missing.opml"], "name an OPML file"),
    "a format": (["export", "--format", "csv"], "write opml or yaml"),
}


@pytest.mark.parametrize(("arguments", "cure"), WRONG.values(), ids=WRONG.keys())
def test_wrong_usage_is_one_sentence_with_its_cure(
    desk: Desk, arguments: list[str], cure: str
) -> None:
    done = CliRunner().invoke(app, desk.command(*arguments)[4:])
    assert isinstance(done.exception, StationwatchError)
    assert done.exception.exit_status == 2
    assert str(done.exception).count("\n") == 0
    assert cure in str(done.exception)


def test_every_command_is_in_the_readme(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    for command in app.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__
        assert f"`sources {name}" in text, name
