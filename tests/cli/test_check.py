"""`check --live` on a terminal: a person who waits sees how far it is."""

from __future__ import annotations

from pathlib import Path

from tests.cli.terminal import Terminal
from tests.fakes.site import Feed, Site

SETTINGS = """
[network]
allow_private = ["127.0.0.1"]
delay = 0.0
[[subscribers]]
name = "Ana"
channel = "folder"
"""


def test_check_live_shows_how_far_it_is(tmp_path: Path) -> None:
    with Site() as site:
        feeds = [Feed(site=site, path=f"/feed{at}") for at in range(3)]
        for feed in feeds:
            feed.add("/one")
        listed = "".join(
            f"- id: s{at}\n  outlet: O\n  kind: feed\n  url: {feed.url}\n"
            for at, feed in enumerate(feeds)
        )
        (tmp_path / "settings.toml").write_text(SETTINGS)
        (tmp_path / "sources.yaml").write_text(f"version: 1\nreplace: true\nsources:\n{listed}")
        with Terminal("check", "--live", "--data", "d", folder=tmp_path, columns=120) as terminal:
            for seen in ("sources", "0/3", "works"):  # a bar is drawn ten times a second at most
                terminal.expect(seen)
            assert terminal.finish() == 0, terminal.screen
    assert "source s2: 1 entries" in terminal.screen
    assert "Traceback" not in terminal.screen
