"""Sitemaps by date, killed and resumed; from the command to stories and report (FAULTS A3, C16)."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from spiders.archive import CdxServer
from tests.archives.press import (
    ROOT,
    command,
    make_config,
    make_piece,
    make_pieces,
    run,
    serve_pieces,
    serve_sitemaps,
    stored,
)
from tests.backfill.planting import FILLER
from tests.backfill.test_sieve import REPORTS
from tests.fakes.site import Reply, Site

pytestmark = pytest.mark.timeout(600)  # several programs one after the other


def make_town(folder: Path, site: Site) -> None:
    pieces = make_pieces()
    serve_pieces(site, pieces)
    serve_sitemaps(site, pieces)
    source = {"id": "town", "kind": "sitemap", "url": site.url("/sitemap.xml"), "outlet": "Town",
              "country": "HU", "language": "en"}  # fmt: skip
    make_config(folder, json.dumps([source]), "[archives]\nrequests_a_minute = 6000\n")
    serve_captures(site)


def serve_captures(site: Site) -> None:
    """Serve the captures of another host as the Wayback Machine does, in two parts."""
    rows = []
    for number, day in enumerate(("2020", "2021", "2022", "2023")):
        title, text = ("Bread", FILLER * 3) if number else REPORTS["en"]
        piece = make_piece(f"/{number}", f"{day}-06-01", f"{title} of {day}", text)
        url, stamp = f"https://oldtown.example/{number}", f"{day}0605093000"
        site.route(f"/web/{stamp}id_/{url}", body=piece.body)
        rows.append([stamp, url, "text/html", "200", str(number)])
    head = ["timestamp", "original", "mimetype", "statuscode", "digest"]
    since = datetime(2020, 1, 1, tzinfo=UTC)
    asked = CdxServer(base=site.url("/cdx/search/cdx")).ask("oldtown.example", since, None)
    path = asked[asked.index("/cdx") :]
    parts = {path: [head, *rows[:2], [], ["more"]], f"{path}&resumeKey=more": [head, *rows[2:]]}
    for name, part in parts.items():
        site.route(name, body=json.dumps(part).encode(), content_type="application/json")


def wishes(site: Site) -> tuple[str, ...]:
    """Return what is asked for: the site's own archive, and captures of another host."""
    return (
        "--from", "2020-01-01", "--source", "town", "--sites", "--wayback", "oldtown.example",
        "--archive", site.url("/cdx/search/cdx"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], list[str]]:
    folder = tmp_path_factory.mktemp("undisturbed")
    with Site() as site:
        make_town(folder, site)
        busy = [Reply(status=503, headers=(("Retry-After", "1"),))]
        page = next(piece for piece in make_pieces() if piece.path.endswith("04/bread-1"))
        site.route(page.path, lambda _asked: busy.pop() if busy else Reply(body=page.body))
        said = run(folder, *wishes(site))
        return folder, said, site.paths


def test_pages_of_the_period_are_read_and_no_other(
    undisturbed: tuple[Path, dict[str, Any], list[str]],
) -> None:
    _, said, paths = undisturbed
    assert not [path for path in paths if "2019" in path]
    pages = [path for path in paths if "/bread-" in path or path.endswith("/report")]
    assert len(set(pages)) == 21
    assert said["outcomes"] == {"ruled out": 21, "new": 4}
    assert {each["url"].rpartition("/")[2] for each in said["found"]} == {"report", "0"}


def test_captures_are_known_by_what_was_captured(
    undisturbed: tuple[Path, dict[str, Any], list[str]],
) -> None:
    folder, said, paths = undisturbed
    assert len([path for path in paths if "id_/" in path]) == 4
    assert "https://oldtown.example/0" in {each["url"] for each in said["found"]}
    assert {"source": "archive of oldtown.example", "from": "2020-06", "to": "2023-06",
            "pages": 4} in said["covered"]  # fmt: skip
    assert stored(folder)["waiting"] == (0,)


def test_site_that_asked_to_wait_is_asked_again(
    undisturbed: tuple[Path, dict[str, Any], list[str]],
) -> None:
    _, said, paths = undisturbed
    assert paths.count("/2021/04/bread-1") == 2
    assert said["left"] == []


def test_sitemaps_of_other_years_are_not_asked_for(
    undisturbed: tuple[Path, dict[str, Any], list[str]],
) -> None:
    _, _, paths = undisturbed
    read = {path for path in paths if path.startswith("/sitemap-")}
    assert read == {"/sitemap-2024-02.xml", "/sitemap-2021-04.xml", "/sitemap-2021-03.xml"}


def test_what_could_not_be_seen_is_said(
    undisturbed: tuple[Path, dict[str, Any], list[str]],
) -> None:
    _, said, _ = undisturbed
    assert said["unseen"] == [
        {"source": "archive of oldtown.example", "what": "before June 2020",
         "why": "no archive before June 2020: nothing that was read is older", "file": ""},
        {"source": "Town (town)", "what": "before March 2021",
         "why": "no archive before March 2021: nothing that was read is older", "file": ""},
    ]  # fmt: skip


def test_report_on_demand_tells_the_same(
    undisturbed: tuple[Path, dict[str, Any], list[str]],
) -> None:
    folder, said, _ = undisturbed
    done = subprocess.run(
        [*command(folder)[:4], "report", "--format", "json", "--data", str(folder / "data"),
         "--config", str(folder / "config")],
        capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    report = json.loads(done.stdout)
    sources = {source["name"]: source["months"] for source in report["sources"]}
    months = {row["month"]: row["counts"] for row in sources["Town (town)"]}
    assert months["2021-03"] == {"covered": 7, "found": 1, "ruled out": 6}
    assert report["found"] == said["found"]
    assert stored(folder)["owed"] == (0,)


def test_killed_again_and_again_the_same_command_comes_to_the_same(
    tmp_path: Path, undisturbed: tuple[Path, dict[str, Any], list[str]]
) -> None:
    """Kills at random moments; whatever was under way, nothing is lost and nothing twice."""
    chance = random.Random(20240305)
    with Site() as site:
        make_town(tmp_path, site)
        for _ in range(3):
            process = subprocess.Popen(
                command(tmp_path, *wishes(site)), cwd=ROOT, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            time.sleep(chance.uniform(1.0, 7.0))
            process.send_signal(signal.SIGKILL)
            process.wait()
        run(tmp_path, *wishes(site))
        mine, its = stored(tmp_path), stored(undisturbed[0])
        port = site.url("").rpartition(":")[2]
    assert without_port(mine, port) == without_port(its, None)


def without_port(found: dict[str, Any], _port: str | None) -> str:
    import re

    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1", json.dumps(found, sort_keys=True))
