"""Archives made for tests: WARC files as crawlers write them, and all the ways they break."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

CAPTURED = datetime(2024, 3, 5, 9, 30, tzinfo=UTC)


def build_record(
    url: str,
    body: bytes,
    *,
    status: str = "200 OK",
    kind: str = "text/html; charset=utf-8",
    headers: Iterable[str] = (),
    captured: datetime = CAPTURED,
    digest: str | None = None,
    length: int | None = None,
    record_type: str = "response",
) -> bytes:
    """Return one record, unpacked; `digest` and `length` in place of the true ones."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", *headers]
    block = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    true = base64.b32encode(hashlib.sha1(body).digest()).decode()
    head = [
        "WARC/1.0",
        f"WARC-Type: {record_type}",
        f"WARC-Target-URI: {url}",
        f"WARC-Date: {captured:%Y-%m-%dT%H:%M:%SZ}",
        f"WARC-Payload-Digest: {digest or f'sha1:{true}'}",
        "Content-Type: application/http; msgtype=response",
        f"Content-Length: {len(block) if length is None else length}",
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def write_warc(path: Path, records: Iterable[bytes]) -> Path:
    """Write records, each a gzip member of its own."""
    path.write_bytes(b"".join(gzip.compress(record, 6) for record in records))
    return path
