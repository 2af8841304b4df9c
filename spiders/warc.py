"""Web pages in WARC files: the HTML responses of status 200, as they were fetched."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO

from monitor.model import Header, Page
from spiders.decoding import Decoder, TooLarge, Undecodable
from spiders.warc_records import Damage, Place, Record, read_records

MOST_BODY = 8 * 1024 * 1024
MOST_LINES = 500
"""Headers of one response that are kept."""
MOST_DAMAGES = 100
"""Places that are told one by one; the rest is counted."""

_HTML = ("text/html", "application/xhtml", "text/plain")


@dataclass(kw_only=True)
class Tally:
    """What a file held beside pages, and what of it could not be read."""

    records: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    damages: list[Damage] = field(default_factory=list)
    damaged: int = 0

    def note(self, damage: Damage) -> None:
        """Count a damaged place."""
        self.damaged += 1
        if len(self.damages) < MOST_DAMAGES:
            self.damages.append(damage)


def read_pages(
    file: BinaryIO, tally: Tally, *, start: int = 0, end: int | None = None
) -> Iterator[tuple[Place, Page]]:
    """Yield the pages of a WARC file with the place of each; what else it holds is counted.

    A page whose digest is wrong counts as damaged, and as no page.
    """
    wrong: int | None = None
    for item in read_records(file, start=start, end=end):
        if isinstance(item, Damage):
            tally.note(item)
            wrong = item.offset
            continue
        tally.records += 1
        # Of the record right behind it only: in one member, all records have the same offset.
        is_wrong, wrong = item.place.offset == wrong, None
        address = item.headers.get("warc-target-uri", "")
        if is_wrong or item.kind != "response" or not address.startswith("http"):
            continue
        page = build_page(item)
        if isinstance(page, str):
            tally.skipped[page] += 1
        else:
            yield item.place, page


def build_page(record: Record) -> Page | str:
    """Return the page in a response record, or in words why it is none."""
    start = record.find_payload()
    wire = bytes(record.block[start:])
    lines = bytes(record.block[:start]).decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    headers = tuple(_read_header(line) for line in lines[1:MOST_LINES] if ":" in line)
    moment = read_date(record.headers.get("warc-date", ""))
    reason = _find_reason(lines, _value(headers, "content-type").lower())
    body = None if reason else decode_body(wire, headers)
    if reason or body is None or moment is None:
        return reason or ("no date" if moment is None else "body that cannot be unpacked")
    url = record.headers["warc-target-uri"].strip("<>")
    return Page(
        url=url,
        final_url=url,
        status=200,
        headers=headers,
        body=body,
        wire_body=wire,
        fetched_at=moment,
        truncated=record.is_cut or "warc-truncated" in record.headers,
    )


def _find_reason(lines: list[str], kind: str) -> str | None:
    """Return why a response is no page, told by its status line and media type."""
    parts = lines[0].split(" ", 2)
    if len(parts) < 2 or not parts[0].startswith("HTTP/") or not parts[1].isdecimal():
        return "no HTTP response"
    if parts[1] != "200":
        return f"status {parts[1][:3]}"
    return "no HTML" if kind and not kind.startswith(_HTML) else None


def decode_body(wire: bytes, headers: tuple[Header, ...]) -> bytes | None:
    """Return a body without its transfer and content codings; None where they are broken.

    Archives keep the headers and often undo the codings: what does not look coded is taken as it
    is.
    """
    body = wire
    if "chunked" in _value(headers, "transfer-encoding").lower():
        body = _join_chunks(wire)
    coding = _value(headers, "content-encoding").lower()
    if not coding or coding == "identity" or _looks_like_text(body):
        return body[:MOST_BODY]
    try:
        return b"".join(Decoder(coding, cap=MOST_BODY).feed(body))
    except (Undecodable, TooLarge, zlib.error, ValueError, EOFError):
        return None


def _looks_like_text(body: bytes) -> bool:
    return body[:512].lstrip()[:1] == b"<"


def _join_chunks(wire: bytes) -> bytes:
    """Return a chunked body joined, or as it is where it is not chunked (any more)."""
    pieces: list[bytes] = []
    at = 0
    while (end := wire.find(b"\r\n", at, at + 20)) >= 0:
        try:
            size = int(wire[at:end].partition(b";")[0], 16)
        except ValueError:
            break
        if size == 0:
            return b"".join(pieces)
        pieces.append(wire[end + 2 : end + 2 + size])
        at = end + 4 + size
    return b"".join(pieces) if pieces and at >= len(wire) else wire


def _read_header(line: str) -> Header:
    name, _, value = line.partition(":")
    return name.strip(), value.strip()


def _value(headers: tuple[Header, ...], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def read_date(text: str) -> datetime | None:
    """Return the time of a WARC-Date or a 14-digit timestamp, or None."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
