"""Feeds made to harm: in bounded time and memory, with nothing opened (FAULTS C8, C9, C12, C14).

They are read by a process that has 2 s of processor time and 256 MB for each, and is watched by an
audit hook.
"""

from __future__ import annotations

import gzip
import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from monitor.model import SourceKind
from tests.feeds.samples import item, read, rss

HEAD = b'<?xml version="1.0"?>'
LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"lol") for n in range(12)
)


def with_doctype(inside: bytes, use: bytes) -> bytes:
    return (
        HEAD
        + b"<!DOCTYPE rss ["
        + inside
        + b"]><rss><channel><item><title>"
        + use
        + b"</title><link>https://herald.example/1</link></item></channel></rss>"
    )


BOMBS: dict[str, tuple[bytes, int]] = {
    "billion laughs": (with_doctype(LAUGHS, b"&l11;"), 1),
    "quadratic": (with_doctype(b'<!ENTITY a "' + b"B" * 100_000 + b'">', b"&a;" * 50_000), 1),
    "quadratic in small": (with_doctype(b'<!ENTITY a "' + b"B" * 60 + b'">', b"&a;" * 100_000), 1),
    "entity that names itself": (with_doctype(b'<!ENTITY a "&b;"><!ENTITY b "&a;">', b"&a;"), 1),
    "external entity, file": (with_doctype(b'<!ENTITY a SYSTEM "file:///etc/passwd">', b"&a;"), 1),
    "external entity, network": (
        with_doctype(b'<!ENTITY a SYSTEM "http://127.0.0.1/">', b"&a;"),
        1,
    ),
    "parameter entity": (
        with_doctype(b'<!ENTITY % p SYSTEM "http://127.0.0.1/e.dtd"> %p;', b"x"),
        1,
    ),
    "external document type": (
        HEAD + b'<!DOCTYPE rss SYSTEM "http://127.0.0.1/rss.dtd">' + rss(item(1)).encode()[38:],
        1,
    ),
    "stylesheet": (
        HEAD + b'<?xml-stylesheet href="http://127.0.0.1/x.xsl"?>' + rss(item(1)).encode()[38:],
        1,
    ),
    "xinclude": (
        rss(
            item(1),
            '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>',
        ).encode(),
        1,
    ),
    "path instead of a feed": (b"/etc/passwd", 0),
    "address instead of a feed": (b"http://127.0.0.1/", 0),
    "escaped comments": (
        rss(item(1, f"<description>{'&lt;!--' * 120_000}</description>")).encode(),
        1,
    ),
    "comments": (rss("<!--" * 400_000).encode(), 0),
    "CDATA": (rss("<![CDATA[" * 200_000).encode(), 0),
    "items that do not end": (b"<rss>" + b"<item>" * 100_000, 0),
    "links that do not end": (b"<rss><item>" + b"<link>" * 200_000, 0),
    "titles that do not end": (b"<rss>" + b"<item><title>x" * 20_000, 0),
    "items within items": (b"<rss>" + b"<item>" * 3000 + b"</item>" * 3000 + b"</rss>", 0),
    "depth": (rss(item(1), f"<item>{'<b>' * 200_000}{'</b>' * 200_000}</item>").encode(), 1),
    "attributes": (
        rss("<item " + " ".join(f'a{n}="x"' for n in range(50_000)) + "/>", item(1)).encode(),
        1,
    ),
    "namespaces": (
        b"<rss "
        + b" ".join(b'xmlns:n%d="u%d"' % (n, n) for n in range(20_000))
        + rss(*(item(n) for n in range(50))).encode()[58:],
        50,
    ),
    "entities": (rss(item(1), item(2, f"<guid>{'&nbsp;' * 200_000}</guid>")).encode(), 2),
    "surrogates": (rss(item(1, f"<guid>{'&#55296;' * 200_000}</guid>")).encode(), 1),
    "ampersands": (rss(item(1, f"<guid>{'&' * 1_000_000}</guid>")).encode(), 1),
    "a text of 20 MB": (rss(item(1, f"<description>{'x' * 20_000_000}</description>")).encode(), 1),
    "document types": (b"<!DOCTYPE [" + b"<!--" * 200_000, 0),
    "instructions": (b"<?" * 1_000_000, 0),
    "less-than signs": (b"<" * 2_000_000, 0),
    "every byte": (bytes(range(256)) * 8000, 0),
    "zeros": (bytes(2_000_000), 0),
    "JSON, deep": (b'{"items": ' + b"[" * 300_000, 0),
    "JSON, deep objects": (b'{"items": [' + b'{"url": ' * 100_000, 0),
    "gzip of zeros": (gzip.compress(bytes(200_000_000), 1), 0),
    "gzip in gzip in gzip": (gzip.compress(gzip.compress(gzip.compress(b"<rss/>"))), 0),
    "HTML, paragraphs": (b"<html><body>" + b"<p>" * 500_000, 0),
    "HTML, titles": (b"<html>" + b"<title>" * 200_000, 0),
    "HTML, inputs": (b"<html>" + b"<input " * 200_000, 0),
}
PAGES: dict[str, bytes] = {
    "depth": b"<html>" + b"<div>" * 300_000,
    "links": b"<html>" + b"<a href=/x/y-z-w-q>" * 100_000,
    "links in links": b"<html>" + b"<a href=/x/y-z-w-q><b>" * 100_000,
    "quotes": b"<html>" + b'<a href="' * 200_000,
    "attributes": b"<html><a " + b"x=y " * 300_000 + b">",
    "scripts": b"<html>" + b"<script>" * 200_000,
}
SITEMAPS: dict[str, tuple[bytes, int]] = {
    "gzip of tags": (gzip.compress(b"<urlset>" + b"<url>" * 12_000_000, 1), 0),
    "entities": (
        HEAD + b"<!DOCTYPE u [" + LAUGHS + b"]><urlset><url><loc>&l11;</loc></url></urlset>",
        0,
    ),
    "a million addresses": (
        b"<urlset>"
        + b"".join(b"<url><loc>https://herald.example/%d</loc></url>" % n for n in range(1_000_000))
        + b"</urlset>",
        100_000,
    ),
}


GUARDS = ("guard: file", "guard: time", "guard: memory")
CASES: list[tuple[str, SourceKind, bytes, int | None]] = [
    *((f"feed: {name}", "feed", body, entries) for name, (body, entries) in BOMBS.items()),
    *((f"page: {name}", "section", body, None) for name, body in PAGES.items()),
    *((f"sitemap: {name}", "sitemap", body, entries) for name, (body, entries) in SITEMAPS.items()),
]


@pytest.fixture(scope="module")
def verdicts(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What became of each body in one guarded process; a body that killed it has no verdict."""
    folder = tmp_path_factory.mktemp("bodies")
    lines = []
    for number, (name, kind, body) in enumerate(
        [
            *((name, kind, body) for name, kind, body, _ in CASES),
            *((n, "feed", b"") for n in GUARDS),
        ]
    ):
        path = folder / str(number)
        path.write_bytes(body)
        lines.append(json.dumps([name, kind, str(path)]))
    done = subprocess.run(
        [sys.executable, "-m", "tests.feeds.guarded"],
        input="\n".join(lines),
        capture_output=True,
        check=False,
        text=True,
        cwd=root,
        timeout=110,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {verdict["name"]: verdict for verdict in found}


@pytest.mark.parametrize(
    ("name", "entries"), [(case[0], case[3]) for case in CASES], ids=[case[0] for case in CASES]
)
def test_hostile_bytes_end_in_time_and_open_nothing(
    name: str, entries: int | None, verdicts: dict[str, dict[str, Any]]
) -> None:
    verdict = verdicts[name]
    assert verdict["ended"] is None, f"it ran out of {verdict['ended']}"
    assert verdict["opened"] == []
    assert entries is None or verdict["entries"] == entries


def test_guard_notices_what_it_forbids(verdicts: dict[str, dict[str, Any]]) -> None:
    """The test above can fail."""
    assert verdicts["guard: file"]["opened"] == ["/etc/hostname"]
    assert verdicts["guard: time"]["ended"] == "time"
    assert verdicts["guard: memory"]["ended"] == "memory"


@pytest.mark.parametrize("kind", ["feed", "sitemap", "section"])
@pytest.mark.parametrize(
    "body", [b"", b" \n", b"\xef\xbb\xbf", b"\xff\xfe", b"<", b"{", b"[1]", b"&"]
)
def test_nearly_nothing_is_a_problem_and_no_exception(kind: SourceKind, body: bytes) -> None:
    reading = read(body, kind)
    assert reading.entries == ()
    assert reading.problem is not None


def test_secret_of_a_file_does_not_get_into_an_entry() -> None:
    """C9: XXE."""
    body = with_doctype(b'<!ENTITY a SYSTEM "file:///etc/passwd">', b"[&a;]")
    assert read(body).entries[0].title == "[&a;]"


KINDS: tuple[SourceKind, ...] = ("feed", "sitemap", "section")
REACHING = [
    name for name in BOMBS if b"127.0.0.1" in BOMBS[name][0] or b"/etc/passwd" in BOMBS[name][0]
]


def test_no_connection_is_made_to_what_a_feed_names() -> None:
    """C9: libxml2 opens without Python's knowing, so the other end is asked."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.setblocking(False)
        port = listening.getsockname()[1]
        for name in REACHING:
            body = BOMBS[name][0].replace(b"127.0.0.1", b"127.0.0.1:%d" % port)
            for kind in KINDS:
                read(body, kind)
        with pytest.raises(BlockingIOError):
            listening.accept()


TRACED = """
import os, sys
from monitor.feeds.read import read_entries
bodies = sys.stdin.buffer.read().split(b"\\x00\\x00\\x00")
def read_all():
    for body in bodies:
        for kind in ("feed", "sitemap", "section"):
            read_entries(body, kind=kind, url="https://herald.example/")
read_all()
os.write(2, b"begin")
read_all()
os.write(2, b"end")
"""


def test_nothing_is_opened_as_strace_sees_it(root: Path, tmp_path: Path) -> None:
    """C9."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    log = tmp_path / "strace"
    command = [strace, "-f", "-o", str(log), "-e", "trace=open,openat,socket,connect,execve,write"]
    done = subprocess.run(
        [*command, sys.executable, "-c", TRACED],
        input=b"\x00\x00\x00".join(BOMBS[name][0] for name in REACHING),
        capture_output=True,
        check=False,
        cwd=root,
        timeout=100,
    )
    if done.returncode and b"ptrace" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.returncode == 0
    calls = log.read_text("utf-8", "replace")
    inside = calls.partition('"begin"')[2].partition('"end"')[0].splitlines()[1:]
    assert [line for line in inside if "write(2" not in line] == []
    assert "openat" in calls
