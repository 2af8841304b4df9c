"""Files from elsewhere through the whole command: `--warc URL` and `--ccnews`, on loopback."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.archives.press import make_config, run, stored
from tests.archives.test_files import serve_ranges
from tests.backfill.archives import write_warc
from tests.backfill.test_backfill import make_records
from tests.fakes.site import Asked, Reply, Site

pytestmark = pytest.mark.timeout(600)

MONTH = "crawl-data/CC-NEWS/2024/03"


def serve_file(site: Site, path: str, body: bytes, *, cuts: list[int]) -> None:
    answer = serve_ranges(body, cuts=cuts)

    def serve(asked: Asked) -> Reply:
        if asked.method == "HEAD":
            return Reply(body=body, content_type="application/octet-stream")
        return answer(asked)

    site.route(path, serve)


def test_files_by_address_and_a_month_of_ccnews_are_read_to_stories(tmp_path: Path) -> None:
    """A download breaks off, one file is not there: all else is done, told, and not asked again."""
    records = make_records()
    with Site() as site:
        one = write_warc(tmp_path / "one.warc.gz", records[0::2]).read_bytes()
        two = write_warc(tmp_path / "two.warc.gz", records[1::2]).read_bytes()
        serve_file(site, "/one.warc.gz", one, cuts=[len(one) // 2])
        serve_file(site, f"/{MONTH}/two.warc.gz", two, cuts=[])
        names = f"{MONTH}/two.warc.gz\n{MONTH}/gone.warc.gz\n"
        site.route(f"/{MONTH}/warc.paths.gz", body=gzip.compress(names.encode()))
        make_config(tmp_path, more=f'[archives]\nccnews = "{site.url("").rstrip("/")}"\n')
        asked = ("--warc", site.url("/one.warc.gz"), "--ccnews", "2024-03")

        planned = run(tmp_path, "--dry-run", *asked)
        assert planned["files"] == 3
        assert planned["bytes"] == round((len(one) + len(two)) * 1.5)
        assert "2 of 3 files" in planned["bytes_known"]
        assert "GET" not in {each.method for each in site.asked if each.path == "/one.warc.gz"}

        said = run(tmp_path, *asked, status=1)
        assert said["outcomes"] == {"new": 4, "ruled out": 60}
        assert [each for each in said["failed"] if "gone.warc.gz" in each and "404" in each]
        left = [each.name for each in (tmp_path / "data" / "backfill").iterdir()]
        assert not [name for name in left if ".warc" in name]

        site.forget()
        again = run(tmp_path, *asked, status=1)
        assert again["pages"] == 0
        assert set(site.paths) == {f"/{MONTH}/warc.paths.gz", f"/{MONTH}/gone.warc.gz"}
    assert len(stored(tmp_path)["articles"]) == 4
