"""Answers of CDX servers, in both dialects."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from monitor.log import set_up_logging
from monitor.model import Source
from spiders.archive import CdxServer, Listing, ListReading, ListRow, read_capture, read_stamp
from spiders.archive_cdx import read_cdx
from spiders.archive_reading import read_list
from spiders.frames import Listed, SourceDone, write_frame
from spiders.harvest import Harvest
from spiders.settings import FetchSettings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SINCE = datetime(2019, 1, 1, tzinfo=UTC)
WAYBACK = CdxServer()
PYWB = CdxServer(base="http://archive.example:8080/main")


def ask(server: CdxServer) -> str:
    return server.ask("town.example", SINCE, NOW)


def capture(url: str, stamp: str = "20210305093000", digest: str = "AAA", **more: str) -> list[str]:
    return [stamp, url, more.get("mime", "text/html"), more.get("status", "200"), digest]


HEAD = ["timestamp", "original", "mimetype", "statuscode", "digest"]


def test_wayback_array_gives_one_capture_for_each_address_and_content() -> None:
    rows = [
        capture("https://town.example/a"),
        capture("https://town.example/a", "20220101000000"),
        capture("https://town.example/a", "20230101000000", "BBB"),
        capture("https://town.example/gone", status="404"),
        capture("https://town.example/p.jpg", mime="image/jpeg"),
        capture("https://town.example/r", mime="warc/revisit", status="-"),
    ]
    reading = read_cdx(json.dumps([HEAD, *rows]).encode(), ask(WAYBACK), now=NOW)
    assert [(row.url[-2:], row.digest) for row in reading.rows] == [
        ("/a", "AAA"), ("/a", "BBB"), ("/r", "AAA"),
    ]  # fmt: skip
    assert reading.rows[0].captured == datetime(2021, 3, 5, 9, 30, tzinfo=UTC)
    assert reading.lists == ()


def test_resume_key_is_followed() -> None:
    body = json.dumps([HEAD, capture("https://town.example/a"), [], ["example,town)/b 2021"]])
    reading = read_cdx(body.encode(), ask(WAYBACK), now=NOW)
    assert len(reading.rows) == 1
    asked = parse_qs(urlsplit(reading.lists[0].url).query)
    assert asked["resumeKey"] == ["example,town)/b 2021"]
    assert asked["from"] == ["20190101000000"]
    assert reading.lists[0].following


def test_text_answer_is_read_as_the_fields_that_were_asked_for() -> None:
    body = " ".join(capture("https://town.example/a")) + "\n\nexample,town)/b+2021\n"
    reading = read_cdx(body.encode(), ask(WAYBACK), now=NOW)
    assert [row.url for row in reading.rows] == ["https://town.example/a"]
    assert "resumeKey" in reading.lists[0].url


def test_pywb_lines_are_read() -> None:
    line = {"timestamp": "20210305093000", "url": "https://town.example/a", "mime": "text/html",
            "status": "200", "digest": "sha1:AAA"}  # fmt: skip
    body = "\n".join([json.dumps(line), json.dumps(line | {"status": "301"})])
    reading = read_cdx(body.encode(), ask(PYWB), now=NOW)
    assert [(row.url, row.digest) for row in reading.rows] == [("https://town.example/a", "AAA")]


def test_paged_index_is_read_page_by_page() -> None:
    reading = read_cdx(b'{"pages": 3, "pageSize": 5, "blocks": 12}', ask(PYWB), now=NOW)
    assert reading.rows == ()
    asked = [parse_qs(urlsplit(each.url).query) for each in reading.lists]
    assert [each["page"] for each in asked] == [["0"], ["1"], ["2"]]
    assert all("showNumPages" not in each for each in asked)


def test_full_answer_without_a_key_is_asked_for_in_two_halves_without_a_gap() -> None:
    url = ask(PYWB).replace("limit=10000", "limit=2")
    lines = [
        json.dumps({"timestamp": "2021030509300" + str(n), "url": f"https://town.example/{n}",
                    "mime": "text/html", "status": "200", "digest": str(n)})
        for n in range(2)
    ]  # fmt: skip
    reading = read_cdx("\n".join(lines).encode(), url, now=NOW)
    assert len(reading.rows) == 2
    late, early = (parse_qs(urlsplit(each.url).query) for each in reading.lists)
    assert early["from"] == ["20190101000000"]
    assert late["to"] == ["20251231235959"]
    gap = read_stamp(late["from"][0]), read_stamp(early["to"][0])
    assert gap[0] is not None
    assert gap[1] is not None
    assert (gap[0] - gap[1]).total_seconds() == 1


def test_more_captures_than_can_be_listed_are_told() -> None:
    start = datetime(2021, 3, 5, 9, tzinfo=UTC)
    url = PYWB.ask("town.example", start, start.replace(minute=30)).replace("=10000", "=1")
    line = {"timestamp": "20210305091000", "url": "https://town.example/a", "mime": "text/html",
            "status": "200", "digest": "x"}  # fmt: skip
    reading = read_cdx(json.dumps(line).encode(), url, now=NOW)
    assert reading.lists == ()
    assert "more than 1 captures" in (reading.problem or "")


@pytest.mark.parametrize(
    "body",
    [b"Blocked Site Error: robots", b'{"message": "No Captures found"}', b"<html>busy</html>",
     b"[[1, 2]]", b'["x"]', b"[", b'{"pages": "many"}'],
)  # fmt: skip
def test_answer_in_no_dialect_is_a_problem(body: bytes) -> None:
    reading = read_cdx(body, ask(WAYBACK), now=NOW)
    assert reading.rows == ()
    assert "the archive's index answered" in (reading.problem or "")


@pytest.mark.parametrize("body", [b"", b"\n", b"[]"])
def test_empty_answer_is_no_problem(body: bytes) -> None:
    reading = read_cdx(body, ask(PYWB), now=NOW)
    assert (reading.rows, reading.lists, reading.problem) == ((), (), None)


def test_addresses_of_both_servers() -> None:
    at = datetime(2021, 3, 5, 9, 30, tzinfo=UTC)
    assert WAYBACK.index == "https://web.archive.org/cdx/search/cdx"
    assert PYWB.index == "http://archive.example:8080/main/cdx"
    for server in (WAYBACK, PYWB):
        there = server.capture("http://town.example/a?b=1", at)
        found = read_capture(there)
        assert found is not None
        assert (found.url, found.at) == ("http://town.example/a?b=1", at)


def test_address_whose_slashes_were_joined_is_mended() -> None:
    found = read_capture("https://web.archive.org/web/20210305093000id_/https:/town.example/a")
    assert found is not None
    assert found.url == "https://town.example/a"
    assert read_capture("https://town.example/web/2021/a") is None


def test_index_with_more_pages_than_are_read_says_so() -> None:
    reading = read_cdx(b'{"pages": 10007}', ask(PYWB), now=NOW)
    assert len(reading.lists) == 10_000
    assert reading.problem == "the archive's index has 7 more pages than are read"


def test_address_of_half_a_character_costs_itself_and_is_counted() -> None:
    """A list that holds one could not be told to the service at all."""
    rows = [capture("https://town.example/a"), capture("https://town.example/\ud800", digest="B")]
    body = json.dumps([HEAD, *rows]).encode()
    reading = read_list(body, form="cdx", url=ask(WAYBACK), now=NOW)
    assert [row.url for row in reading.rows] == ["https://town.example/a"]
    assert reading.problem is not None
    assert "1 of its addresses were left out" in reading.problem
    write_frame(Listed(source_id="x", listing=Listing(url="https://x.example", reading=reading)))


class Channel:
    """Sends only what goes into a frame."""

    def __init__(self) -> None:
        self.sent: list[object] = []

    async def send(self, message: Listed | SourceDone) -> None:
        write_frame(message)
        self.sent.append(message)


def test_list_that_fits_no_frame_costs_itself_and_is_told() -> None:
    """It would end the child, and with it every list and page that the child serves."""
    url = "https://search.example/?query=secret+words"
    source = Source(id=url, kind="sitemap", url=url, outlet="x")

    class Lister:
        async def read(self, source: Source, form: str) -> Listing:
            if form == "gdelt":
                raise RuntimeError("broke")
            reading = ListReading(rows=(ListRow(url="https://town.example/\ud800"),))
            return Listing(url=source.url, reading=reading)

    async def serve() -> list[object]:
        channel = Channel()
        begin = SimpleNamespace(tasks=(), more=True, settings=FetchSettings())
        harvest = Harvest(begin=begin, channel=channel, pool=None)  # type: ignore[arg-type]
        harvest.crawler = SimpleNamespace(  # type: ignore[assignment]
            get_downloader_middleware=lambda _kind: SimpleNamespace(news=[])
        )
        for form in ("cdx", "gdelt"):
            await harvest._list(source, form, Lister())  # type: ignore[arg-type]
        return channel.sent

    said = io.StringIO()
    set_up_logging(stream=said)
    try:
        sent = asyncio.run(serve())
    finally:
        set_up_logging()
    told = [each.listing for each in sent if isinstance(each, Listed)]
    assert [each.reading for each in told] == [None, None]
    assert "frame" in (told[0].problem or "")
    assert sum(isinstance(each, SourceDone) for each in sent) == 2
    assert "secret" not in said.getvalue()
    assert "search.example" in said.getvalue()
