"""`--wayback` against a real archive server, beside `--warc` on the same files."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.archives.archive_server import find_pywb, serve_archive
from tests.archives.press import make_config, run, stored
from tests.backfill.archives import build_record, write_warc
from tests.backfill.planting import TRICKS
from tests.backfill.test_sieve import REPORTS

pytestmark = pytest.mark.timeout(600)  # several programs one after the other
FIRST = datetime(2021, 3, 5, 9, 30, tzinfo=UTC)


def make_archive(shared: Path, file: Path, *, pages: int) -> Path:
    """Write real pages and planted reports as captures of one host, some of them twice."""
    records = []
    found = sorted((shared / "pages" / "fundus").glob("*/*.html.gz"))
    for number, page in enumerate(found[:: max(1, len(found) // pages)][:pages]):
        body = gzip.decompress(page.read_bytes())
        records.append(record(f"https://www.town.example/real/{number}", body, number))
    for number, (title, text) in enumerate(REPORTS.values()):
        body = TRICKS["plain"](title, text).encode()
        packed = gzip.compress(body)
        coded = ("Content-Encoding: gzip",)
        url = f"https://town.example/report/{number}"
        records.append(record(url, packed, number, headers=coded))
        records.append(record(url, packed, number + 40, headers=coded))  # the same again
    records.append(record("https://town.example/moved", b"", 1, status="301 Moved"))
    records.append(record("https://town.example/p.png", b"\x89PNG", 1, kind="image/png"))
    return write_warc(file, records)


def record(url: str, body: bytes, days: int, **more: object) -> bytes:
    return build_record(url, body, captured=FIRST + timedelta(days=days), **more)  # type: ignore[arg-type]


@pytest.mark.shared
def test_captures_of_an_archive_give_what_their_files_give(tmp_path: Path, shared: Path) -> None:
    find_pywb()
    file = make_archive(shared, tmp_path / "town.warc.gz", pages=12)
    pace = "[archives]\nrequests_a_minute = 6000\n"
    for name in ("files", "wayback"):
        (tmp_path / name).mkdir()
        make_config(tmp_path / name, more=pace)
    with serve_archive(tmp_path / "archive", [file]) as address:
        over_network = run(
            tmp_path / "wayback", "--from", "2019-01-01", "--wayback", "town.example",
            "--archive", address,
        )  # fmt: skip
    from_files = run(tmp_path / "files", "--from", "2019-01-01", "--warc", str(file))
    here, there = stored(tmp_path / "files"), stored(tmp_path / "wayback")
    assert len(there["articles"]) >= len(REPORTS)
    assert there["articles"] == here["articles"]
    assert there["stories"] == here["stories"]
    assert there["owed"] == (0,)
    twice = {"unchanged": len(REPORTS)}  # the file has each report two times
    assert over_network["outcomes"] | twice == from_files["outcomes"]
    assert over_network["pages"] == 12 + len(REPORTS)
    assert from_files["pages"] == 12 + 2 * len(REPORTS)
    assert {each["url"] for each in over_network["found"]} == {
        each["url"] for each in from_files["found"]
    }
