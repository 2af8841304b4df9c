"""WARC files in every state: G1, G2, G3 of FAULTS."""

from __future__ import annotations

import gzip
import io
import itertools
import zlib
from typing import BinaryIO

import pytest

from spiders import warc_records
from spiders.warc import Tally, read_pages
from spiders.warc_records import Place
from tests.backfill.archives import build_record

URLS = [f"https://news.example/{number}" for number in range(20)]
RECORDS = [build_record(url, f"<p>{url}</p>".encode() * (50 + n)) for n, url in enumerate(URLS)]
MEMBERS = [gzip.compress(record) for record in RECORDS]


def read(data: bytes, **part: int) -> tuple[list[str], Tally]:
    tally = Tally()
    file: BinaryIO = io.BytesIO(data)
    return [page.url for _, page in read_pages(file, tally, **part)], tally


def test_every_page_is_read_with_its_bytes_and_its_date() -> None:
    tally = Tally()
    pages = [page for _, page in read_pages(io.BytesIO(b"".join(MEMBERS)), tally)]
    assert [page.url for page in pages] == URLS
    assert pages[3].body == b"<p>https://news.example/3</p>" * 53
    assert pages[3].fetched_at.isoformat() == "2024-03-05T09:30:00+00:00"
    assert tally.damaged == 0


@pytest.mark.parametrize("form", ["members", "one member", "not packed"])
def test_form_of_the_file_makes_no_difference(form: str) -> None:
    whole = b"".join(RECORDS)
    data = {"members": b"".join(MEMBERS), "one member": gzip.compress(whole), "not packed": whole}
    assert read(data[form])[0] == URLS


@pytest.mark.parametrize("at_once", [warc_records.READ, 500])
@pytest.mark.parametrize("form", ["members", "one member", "not packed"])
def test_each_page_has_a_place_of_its_own(
    form: str, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a report says of a page must lead to it, and a page that kills a worker is one page."""
    monkeypatch.setattr(warc_records, "READ", at_once)
    monkeypatch.setattr(warc_records, "MOST_AT_ONCE", at_once)
    whole, members = b"".join(RECORDS), b"".join(MEMBERS)
    data = {"members": members, "one member": gzip.compress(whole), "not packed": whole}[form]
    places = [place for place, _ in read_pages(io.BytesIO(data), Tally())]
    before = [0, *itertools.accumulate(map(len, RECORDS[:-1]))]
    packed_before = [0, *itertools.accumulate(map(len, MEMBERS[:-1]))]
    assert (
        places
        == {
            "members": [Place(at) for at in packed_before],
            "one member": [Place(0, at) for at in before],
            "not packed": [Place(at) for at in before],
        }[form]
    )
    assert (
        str(places[3])
        == {
            "members": f"byte {packed_before[3]}",
            "one member": f"byte 0, behind {before[3]} unpacked bytes",
            "not packed": f"byte {before[3]}",
        }[form]
    )


def test_damage_of_a_file_that_is_not_packed_has_its_place() -> None:
    data = b"".join(RECORDS)[:-20]
    _, tally = read(data)
    assert [damage.offset for damage in tally.damages] == [sum(map(len, RECORDS[:-1]))]


@pytest.mark.parametrize("step", [1, 97, 1000, 5000])
def test_parts_together_hold_each_page_once(step: int) -> None:
    data = b"".join(MEMBERS)
    found = []
    for start in range(0, len(data), step * 7):
        found += read(data, start=start, end=min(start + step * 7, len(data)))[0]
    assert found == URLS


def test_truncated_file_gives_all_that_is_whole() -> None:
    data = b"".join(MEMBERS)[: -len(MEMBERS[-1]) // 2]
    found, tally = read(data)
    assert found == URLS[:-1]
    assert tally.damaged == 1


@pytest.mark.parametrize("number", [0, 7, 19])
def test_member_with_flipped_bytes_costs_itself(number: int) -> None:
    broken = bytearray(MEMBERS[number])
    for at in range(20, 60):
        broken[at] ^= 0x55
    found, tally = read(b"".join([*MEMBERS[:number], bytes(broken), *MEMBERS[number + 1 :]]))
    assert set(found) == set(URLS) - {URLS[number]}
    assert tally.damaged >= 1


def test_wrong_digest_is_told_and_the_page_is_none() -> None:
    bad = gzip.compress(
        build_record("https://news.example/bad", b"<p>x</p>", digest="sha1:" + "A" * 32)
    )
    found, tally = read(b"".join([MEMBERS[0], bad, MEMBERS[1]]))
    assert found == URLS[:2]
    assert "digest" in tally.damages[0].problem


@pytest.mark.parametrize("form", ["one member", "not packed"])
def test_wrong_digest_costs_one_page_of_a_file_in_one_piece(form: str) -> None:
    """All records of such a file have the same offset."""
    bad = build_record("https://news.example/bad", b"<p>x</p>", digest="sha1:" + "A" * 32)
    whole = b"".join([RECORDS[0], bad, RECORDS[1]])
    found, tally = read(gzip.compress(whole) if form == "one member" else whole)
    assert found == URLS[:2]
    assert tally.damaged == 1
    assert tally.records == 3


@pytest.mark.parametrize("more", range(4))
def test_member_may_begin_with_the_last_byte_that_was_read(
    more: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warc_records, "READ", len(MEMBERS[0]) + more)
    found, tally = read(b"".join(MEMBERS))
    assert found == URLS
    assert tally.damaged == 0


@pytest.mark.parametrize("length", [3, 10_000_000, -5])
def test_wrong_length_costs_its_record(length: int) -> None:
    bad = gzip.compress(build_record("https://news.example/bad", b"<p>x</p>" * 9, length=length))
    found, tally = read(b"".join([MEMBERS[0], bad, MEMBERS[1]]))
    assert found[0] == URLS[0]
    assert found[-1] == URLS[1]
    assert tally.damaged


def test_rubbish_between_members_is_passed_over() -> None:
    found, tally = read(b"".join([MEMBERS[0], b"\x1f\x8b\x08rubbish" * 30, MEMBERS[1]]))
    assert found == URLS[:2]
    assert tally.damaged


def test_bomb_is_cut_and_the_rest_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc_records, "MOST_MEMBER", 30_000_000)
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 400000000\r\n\r\n"
    bomb = packer.compress(head)
    for _ in range(60):
        bomb += packer.compress(b"\0" * 1_000_000)
    bomb += packer.flush()
    found, tally = read(b"".join([MEMBERS[0], bomb, MEMBERS[1]]))
    assert found == URLS[:2]
    assert tally.damaged


def test_millions_of_headers_are_refused() -> None:
    bomb = gzip.compress(b"WARC/1.0\r\n" + b"A: b\r\n" * 2_000_000 + b"\r\n")
    found, tally = read(b"".join([MEMBERS[0], bomb, MEMBERS[1]]))
    assert found == URLS[:2]
    assert "headers" in tally.damages[0].problem


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (build_record("https://a.example/", b"<p>", status="404 Not Found"), "status 404"),
        (build_record("https://a.example/", b"<p>", kind="image/png"), "no HTML"),
        (
            build_record("https://a.example/", b"\x1f\x8bxx", headers=["Content-Encoding: gzip"]),
            "body",
        ),
    ],
)
def test_what_is_no_page_is_counted_with_why(record: bytes, why: str) -> None:
    found, tally = read(gzip.compress(record))
    assert not found
    assert any(reason.startswith(why) for reason in tally.skipped)


def test_codings_are_undone_where_they_are_there() -> None:
    packed = gzip.compress(b"<p>packed</p>")
    chunked = b"5\r\n<p>ch\r\n6\r\nunked<\r\n3\r\n/p>\r\n0\r\n\r\n"
    records = [
        build_record("https://a.example/1", packed, headers=["Content-Encoding: gzip"]),
        build_record("https://a.example/2", chunked, headers=["Transfer-Encoding: chunked"]),
        build_record("https://a.example/3", b"<p>undone</p>", headers=["Content-Encoding: br"]),
    ]
    pages = read_pages(io.BytesIO(b"".join(map(gzip.compress, records))), Tally())
    assert [page.body for _, page in pages] == [
        b"<p>packed</p>",
        b"<p>chunked</p>",
        b"<p>undone</p>",
    ]
